//! From the file to something that runs: templates compiled, captures compiled, secrets resolved, mistakes located.

use super::answer::{Capture, OutcomeMap};
use super::file::{
    CarrierSpec, ClockSpec, Horizon, RawOperation, RawTarget, RequestSpec, RestartSpec, SourceSpec, StoreSpec, Text,
    TimersSpec,
};
use super::template::{Template, Variables};
use crate::diagnostic::{Diagnostic, read_text};
use crate::instant::{Instant, Length};
use crate::oracle::Capabilities;
use crate::scenario::Op;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use url::Url;

/// A target that can be visited.
#[derive(Debug, Clone)]
pub struct Target {
    /// What a person calls it.
    pub name: String,
    /// Where it answers.
    pub url: Url,
    /// Its websites.
    pub websites: Vec<String>,
    /// How far its time may go.
    pub horizon: Option<Horizon>,
    /// How long an answer may take.
    pub timeout: Length,
    /// Connections of each lane.
    pub connections: usize,
    /// Where a visitor's address is told.
    pub source: Option<SourceSpec>,
    /// What binds a visitor to its session.
    pub carrier: CarrierSpec,
    /// Its clock.
    pub clock: ClockSpec,
    /// What is asked of its clock.
    pub clock_requests: ClockRequests,
    /// What is asked before the run.
    pub about: Option<Request>,
    /// The operations that it has.
    pub operations: BTreeMap<Op, Operation>,
    /// How its store is looked at.
    pub store: Option<StoreSpec>,
    /// The log files that are looked into.
    pub logs: Vec<Spanned<String>>,
    /// How it is restarted.
    pub restart: Option<RestartSpec>,
    /// Whether a message is told by a name of the client's, so that a repetition can be told from a second one.
    pub resends: bool,
    /// Secrets by name. Never written anywhere.
    pub secrets: BTreeMap<String, String>,
    /// The whole file as the run's folder keeps it: secrets are names of variables.
    pub text: String,
    /// The file, for messages.
    pub path: PathBuf,
}

/// A request that can be filled in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its method.
    pub method: reqwest::Method,
    /// Its path.
    pub path: Template,
    /// Its headers, in lower case.
    pub headers: Vec<(http::HeaderName, Template)>,
    /// Its body.
    pub body: Option<Template>,
    /// What is taken from its answer.
    pub captures: BTreeMap<String, Capture>,
}

/// What is asked of a clock.
#[derive(Debug, Clone)]
pub struct ClockRequests {
    /// Reads it.
    pub now: Request,
    /// Moves it, where it can be told the time.
    pub advance: Option<Request>,
    /// Makes due timers run after a jump, where they do not by themselves.
    pub maintenance: Option<Request>,
}

/// An operation of visitors or agents.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The request.
    pub request: Request,
    /// How an answer maps to an outcome.
    pub outcomes: OutcomeMap,
    /// Whether it makes a session where there is none.
    pub creates: bool,
}

/// Reads a target file; `url` overrides the file's.
///
/// # Errors
/// With the file, the line and the remedy.
pub fn load(path: &Path, url: Option<&str>) -> Result<Target, Diagnostic> {
    build(path, &read_text(path)?, url)
}

/// Reads a target from its text.
///
/// # Errors
/// With the file, the line and the remedy.
pub fn build(path: &Path, text: &str, url: Option<&str>) -> Result<Target, Diagnostic> {
    let raw: RawTarget = toml::from_str(text).map_err(|error| Diagnostic::from_toml(path, text, &error))?;
    let builder = Builder { path, text, secrets: secrets(path, text, &raw.secrets)? };
    let clock_requests = builder.clock(&raw.clock)?;
    let operations = builder.operations(&raw)?;
    if raw.websites.is_empty() {
        return Err(Diagnostic::new(path, "names no website").remedy("write `websites = [\"NAME\"]`"));
    }
    if raw.restart.as_ref().is_some_and(|restart| restart.command.is_empty()) {
        return Err(Diagnostic::new(path, "`restart.command` is empty")
            .at(text, text.find("[restart]").map(|at| at..at))
            .remedy("write the command and its words, such as `[\"systemctl\", \"restart\", \"chat\"]`"));
    }
    let about = raw.about.as_ref().map(|about| builder.request(about)).transpose()?;
    Ok(Target {
        url: builder.url(&raw.url, url)?,
        name: raw.name,
        websites: raw.websites,
        horizon: raw.horizon,
        timeout: raw.timeout.map_or(Length::seconds(10), |term| term.longest()),
        connections: usize::from(raw.connections.unwrap_or(32).clamp(1, 4096)),
        source: raw.source,
        carrier: raw.carrier,
        clock: raw.clock,
        clock_requests,
        about,
        operations,
        resends: raw.visitor.send.as_ref().is_some_and(names_message),
        store: raw.store,
        logs: raw.logs,
        restart: raw.restart,
        secrets: builder.secrets,
        text: text.to_owned(),
        path: path.to_owned(),
    })
}

fn secrets(path: &Path, text: &str, raw: &BTreeMap<String, Text>) -> Result<BTreeMap<String, String>, Diagnostic> {
    raw.iter()
        .map(|(name, source)| {
            let (variable, default) = match source {
                Text::Plain(variable) => (variable, None),
                Text::Env { env, default } => (env, default.clone()),
            };
            let value = std::env::var(variable).ok().or(default).ok_or_else(|| {
                Diagnostic::new(path, format!("the secret `{name}` is not set"))
                    .at(text, text.find(variable.as_str()).map(|at| at..at))
                    .remedy(format!("set the environment variable {variable}"))
            })?;
            Ok((name.clone(), value))
        })
        .collect()
}

/// Whether an operation names the client's own name of the message.
fn names_message(send: &RawOperation) -> bool {
    let texts = send.body.iter().chain(send.headers.values()).chain([&send.path]);
    texts.into_iter().any(|text| text.get_ref().contains("message_id"))
}

struct Builder<'a> {
    path: &'a Path,
    text: &'a str,
    secrets: BTreeMap<String, String>,
}

impl Builder<'_> {
    fn wrong<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.path, message).at(self.text, Some(at.span()))
    }

    fn url(&self, own: &Spanned<String>, given: Option<&str>) -> Result<Url, Diagnostic> {
        let text = given.unwrap_or(own.get_ref());
        let wrong = |why: String| match given {
            Some(_) => Diagnostic::new("--url", why),
            None => self.wrong(own, why),
        };
        let url = Url::parse(text).map_err(|error| {
            wrong(format!("`{text}` is no URL: {error}")).remedy("write one such as `http://127.0.0.1:8080`")
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong(format!("`{text}` is neither http nor https"))
                .remedy("write one such as `https://chat.staging.example`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("the URL holds a user's name or password, which would be written down".into())
                .remedy("send them in a header, as a secret from the environment: `authorization = \"Basic {{ secret.NAME }}\"`"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            return Err(wrong(format!("the URL has a path, `{}`", url.path()))
                .remedy("give scheme, host and port alone, and put the path before those of the operations"));
        }
        Ok(url)
    }

    fn template(&self, text: &Spanned<String>) -> Result<Template, Diagnostic> {
        Template::compile(text.get_ref(), &self.secrets, &BTreeMap::new()).map_err(|error| self.wrong(text, error))
    }

    fn request(&self, raw: &RequestSpec) -> Result<Request, Diagnostic> {
        self.parts(&raw.method, &raw.path, &raw.headers, raw.body.as_ref(), &raw.capture)
    }

    fn parts(
        &self,
        method: &Spanned<String>,
        path: &Spanned<String>,
        headers: &BTreeMap<String, Spanned<String>>,
        body: Option<&Spanned<String>>,
        captures: &BTreeMap<String, Spanned<super::CaptureSpec>>,
    ) -> Result<Request, Diagnostic> {
        let verb = reqwest::Method::from_bytes(method.get_ref().as_bytes()).map_err(|_| {
            self.wrong(method, format!("`{}` is no HTTP method", method.get_ref()))
                .remedy("write one such as `GET` or `POST`")
        })?;
        if !path.get_ref().starts_with('/') {
            return Err(self.wrong(path, "the path must begin with `/`"));
        }
        let headers = headers.iter().map(|(name, value)| {
            let parsed = http::HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| self.wrong(value, format!("`{name}` is no header's name")))?;
            Ok((parsed, self.template(value)?))
        });
        let captures = captures.iter().map(|(name, spec)| {
            let capture = Capture::compile(spec.get_ref()).map_err(|error| self.wrong(spec, error))?;
            Ok((name.clone(), capture))
        });
        Ok(Request {
            method: verb,
            path: self.template(path)?,
            headers: headers.collect::<Result<_, Diagnostic>>()?,
            body: body.map(|body| self.template(body)).transpose()?,
            captures: captures.collect::<Result<_, Diagnostic>>()?,
        })
    }

    fn clock(&self, clock: &ClockSpec) -> Result<ClockRequests, Diagnostic> {
        let optional = |raw: Option<&RequestSpec>| raw.map(|raw| self.request(raw)).transpose();
        let (now, advance, maintenance) = match clock {
            ClockSpec::Endpoint { now, advance, maintenance, .. } => {
                if !now.capture.contains_key("now") {
                    return Err(self
                        .wrong(&now.path, "the clock's `now` captures no `now`")
                        .remedy("write `capture = { now = { json = \"/now\" } }`"));
                }
                (now, Some(advance.as_ref()), maintenance.as_deref())
            }
            ClockSpec::Faketime { now, maintenance, .. } => (now, None, maintenance.as_deref()),
            ClockSpec::Wall { now, .. } => (now, None, None),
        };
        Ok(ClockRequests { now: self.request(now)?, advance: optional(advance)?, maintenance: optional(maintenance)? })
    }

    fn operations(&self, raw: &RawTarget) -> Result<BTreeMap<Op, Operation>, Diagnostic> {
        let all = [
            (Op::Load, Some(&raw.visitor.load)),
            (Op::Browse, raw.visitor.browse.as_ref()),
            (Op::Send, raw.visitor.send.as_ref()),
            (Op::Read, raw.visitor.read.as_ref()),
            (Op::AgentInspect, raw.agent.inspect.as_ref()),
            (Op::AgentSend, raw.agent.send.as_ref()),
            (Op::AgentDelete, raw.agent.delete.as_ref()),
            (Op::AgentGreet, raw.agent.greet.as_ref()),
            (Op::Resend, raw.visitor.send.as_ref().filter(|send| names_message(send))),
        ];
        let mut operations = BTreeMap::new();
        for (op, raw) in all.into_iter().filter_map(|(op, raw)| raw.map(|raw| (op, raw))) {
            operations.insert(op, self.operation(op, raw)?);
        }
        Ok(operations)
    }

    fn operation(&self, op: Op, raw: &RawOperation) -> Result<Operation, Diagnostic> {
        let request = self.parts(&raw.method, &raw.path, &raw.headers, raw.body.as_ref(), &raw.capture)?;
        const KNOWN: [&str; 4] = ["session", "messages", "address", "fresh"];
        if let Some((name, spec)) = raw.capture.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
            return Err(self
                .wrong(spec, format!("`{op}` captures `{name}`, which nothing uses"))
                .remedy("an operation can capture session, messages, address and fresh"));
        }
        if op == Op::Load && !request.captures.contains_key("session") {
            return Err(self.wrong(&raw.path, "`load` captures no `session`").remedy(
                "say where its answer holds the session's id: `capture = { session = { json = \"/session\" } }`",
            ));
        }
        let outcomes = OutcomeMap::new(&raw.outcome, &raw.when).map_err(|error| self.wrong(&raw.path, error))?;
        Ok(Operation { request, outcomes, creates: raw.creates || op == Op::Load })
    }
}

impl Target {
    /// What it can show.
    pub fn capabilities(&self) -> Capabilities {
        let has = |op: Op| self.operations.contains_key(&op);
        let captures = |op: Op, name: &str| {
            self.operations.get(&op).is_some_and(|operation| operation.request.captures.contains_key(name))
        };
        let (store_address, store_rows) = match &self.store {
            Some(StoreSpec::Sqlite { session, address_rows, .. }) => {
                (session.get_ref().contains("address"), address_rows.is_some())
            }
            None => (false, false),
        };
        let load = self.operations.get(&Op::Load).and_then(|load| load.request.captures.get("session"));
        Capabilities {
            browse: has(Op::Browse),
            send: has(Op::Send),
            messages: captures(Op::Load, "messages") || captures(Op::Read, "messages"),
            agent: has(Op::AgentInspect),
            agent_address: captures(Op::AgentInspect, "address"),
            agent_delete: has(Op::AgentDelete),
            store: self.store.is_some(),
            store_address,
            store_rows,
            websites: self.websites.len() > 1,
            reading_creates: self.operations.iter().any(|(op, operation)| *op != Op::Load && operation.creates),
            agent_greet: has(Op::AgentGreet),
            agent_send: has(Op::AgentSend),
            resend: has(Op::Resend),
            restart: self.restart.is_some(),
            forging: self.source.as_ref().is_some_and(|source| source.hop.is_some()),
            moving: self.source.is_some(),
            logs: !self.logs.is_empty(),
            secure: self.url.scheme() == "https",
            carrier_is_session: load.is_some_and(|capture| capture.is_cookie(self.carrier.name())),
            timers_follow: self.timers() != TimersSpec::NotMoved,
        }
    }

    /// How its timers move.
    pub fn timers(&self) -> TimersSpec {
        match &self.clock {
            _ if self.clock_requests.maintenance.is_some() => TimersSpec::Follow,
            ClockSpec::Endpoint { timers, .. } | ClockSpec::Faketime { timers, .. } => timers.clone(),
            ClockSpec::Wall { .. } => TimersSpec::Follow,
        }
    }

    /// How far after T0 its time may go.
    pub fn horizon_after(&self, t0: Instant) -> Length {
        match (&self.horizon, &self.clock) {
            (Some(Horizon::After(term)), _) => term.shortest(),
            (Some(Horizon::At(_, millis)), _) => Length((millis - t0.0).max(0)),
            (None, ClockSpec::Wall { longest_run, .. }) => {
                longest_run.as_ref().map_or(Length::seconds(45 * 60), crate::policy::Term::shortest)
            }
            (None, _) => Length::days(366 * 15),
        }
    }

    /// The header that tells an address, where the target trusts one.
    pub fn source_header<'a>(&'a self, address: &'a str) -> Option<(&'a str, &'a str)> {
        self.source.as_ref().map(|source| (source.header.as_str(), address))
    }

    /// A text of the target's, with this target's secrets taken out of it: a server may echo what it was sent.
    pub fn redacted(&self, text: &str) -> String {
        let secrets = self.secrets.iter().filter(|(_, value)| value.len() >= 4);
        secrets.fold(text.to_owned(), |text, (name, value)| text.replace(value.as_str(), &format!("[secret {name}]")))
    }

    /// Variables with this target's secrets, to fill a template in with.
    pub fn variables(&self) -> Variables<'_> {
        Variables { secret: Some(&self.secrets), page: "/", ..Variables::default() }
    }
}
