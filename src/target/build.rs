//! From the file to something that runs: templates compiled, captures compiled, secrets resolved, mistakes located.

use super::answer::Capture;
use super::file::{CarrierSpec, ClockSpec, Connect, Horizon, RawTarget, RestartSpec, StoreSpec, Text};
use super::place::Place;
use super::query;
use super::reader::Reader;
use super::source::Source;
use super::template::{Scope, Template, Variables};
use crate::diagnostic::{Diagnostic, read_text};
use crate::instant::Length;
use crate::scenario::Op;
use std::collections::{BTreeMap, BTreeSet};
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
    /// Whose a connection is.
    pub connect: Connect,
    /// Where a visitor's address is told.
    pub source: Option<Source>,
    /// What binds a visitor to its session.
    pub carrier: CarrierSpec,
    /// Its clock.
    pub clock: ClockSpec,
    /// What is asked of its clock.
    pub clock_requests: ClockRequests,
    /// The file that tells libfaketime the time, where there is one.
    pub clock_file: Option<PathBuf>,
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

impl Request {
    /// Whether its path, a header or its body hangs on what `change` changes.
    pub fn names(&self, scope: &Scope, change: impl Fn(&mut Variables)) -> bool {
        let mut parts = self.headers.iter().map(|(_, value)| value).chain(&self.body).chain([&self.path]);
        parts.any(|template| template.hangs_on(scope, &change))
    }
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
    /// What its answers show.
    pub reader: Reader,
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
    let builder = Builder::new(path, text, &raw)?;
    let clock_requests = builder.clock(&raw.clock)?;
    let operations = builder.operations(&raw)?;
    let about = raw.about.as_ref().map(|about| builder.request(about, Place::Fixed)).transpose()?;
    builder.websites(&raw.websites, &operations)?;
    builder.files(&raw)?;
    Ok(Target {
        url: builder.url(&raw.url, url)?,
        connections: builder.connections(raw.connections.as_ref())?,
        connect: raw.connect,
        clock_file: builder.clock_file(&raw.clock)?,
        name: raw.name,
        websites: raw.websites,
        horizon: raw.horizon,
        timeout: raw.timeout.map_or(Length::seconds(10), |term| term.longest()),
        source: builder.source,
        carrier: raw.carrier,
        clock: raw.clock,
        clock_requests,
        about,
        resends: operations.contains_key(&Op::Resend),
        operations,
        store: raw.store,
        logs: raw.logs,
        restart: raw.restart,
        secrets: builder.secrets,
        text: text.to_owned(),
        path: path.to_owned(),
    })
}

/// Turns the file's words into a target, and locates mistakes in it.
pub(super) struct Builder<'a> {
    path: &'a Path,
    text: &'a str,
    pub(super) source: Option<Source>,
    pub(super) secrets: BTreeMap<String, String>,
    /// What `[about]` captures, with a text in the place of what it will find.
    about: BTreeMap<String, String>,
    pub(super) nothing: BTreeMap<String, String>,
}

impl<'a> Builder<'a> {
    fn new(path: &'a Path, text: &'a str, raw: &RawTarget) -> Result<Self, Diagnostic> {
        let about = raw.about.iter().flat_map(|about| about.capture.keys());
        let mut builder = Self {
            path,
            text,
            source: None,
            secrets: BTreeMap::new(),
            about: about.map(|name| (name.clone(), "0".to_owned())).collect(),
            nothing: BTreeMap::new(),
        };
        for (name, source) in &raw.secrets {
            let value = builder.read(source).map_err(|variable| {
                builder
                    .near(format!("the secret `{name}` is not set"), &variable)
                    .remedy(format!("set the environment variable {variable}"))
            })?;
            builder.secrets.insert(name.clone(), value);
        }
        let source = raw.source.as_ref().map(|spec| {
            Source::compile(spec.get_ref()).map_err(|error| builder.wrong(spec, format!("in `[source]`: {error}")))
        });
        builder.source = source.transpose()?;
        Ok(builder)
    }

    /// The value of an environment variable, or the default; or else the variable's name.
    fn read(&self, text: &Text) -> Result<String, String> {
        let (variable, default) = match text {
            Text::Plain(variable) => (variable, None),
            Text::Env { env, default } => (env, default.clone()),
        };
        std::env::var(variable).ok().or(default).ok_or_else(|| variable.clone())
    }

    /// A mistake at the first place where the file has these words.
    fn near(&self, message: impl Into<String>, words: &str) -> Diagnostic {
        Diagnostic::new(self.path, message).at(self.text, self.text.find(words).map(|at| at..at))
    }

    pub(super) fn wrong<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> Diagnostic {
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
        let beyond = [("path", url.path().trim_matches('/')), ("query", url.query().unwrap_or_default())];
        let fragment = ("fragment", url.fragment().unwrap_or_default());
        if let Some((what, text)) = beyond.into_iter().chain([fragment]).find(|(_, text)| !text.is_empty()) {
            return Err(wrong(format!("the URL has a {what}, `{text}`"))
                .remedy("give scheme, host and port alone; path and query belong to the operations"));
        }
        Ok(url)
    }

    fn clock_file(&self, clock: &ClockSpec) -> Result<Option<PathBuf>, Diagnostic> {
        match clock {
            ClockSpec::Faketime { file: Text::Plain(path), .. } => Ok(Some(path.into())),
            ClockSpec::Faketime { file, .. } => {
                let path = self.read(file).map_err(|variable| {
                    self.near(format!("the clock's `file` is not known: {variable} is not set"), &variable)
                        .remedy(format!("set {variable} to the file that FAKETIME_TIMESTAMP_FILE names for the server"))
                })?;
                Ok(Some(path.into()))
            }
            ClockSpec::Endpoint { .. } | ClockSpec::Wall { .. } => Ok(None),
        }
    }

    fn connections(&self, raw: Option<&Spanned<u16>>) -> Result<usize, Diagnostic> {
        match raw {
            None => Ok(32),
            Some(count) if (1..=4096).contains(count.get_ref()) => Ok(usize::from(*count.get_ref())),
            Some(count) => {
                Err(self.wrong(count, format!("`connections` is {}; it must be 1 to 4096", count.get_ref())))
            }
        }
    }

    /// Visitors are dealt out to the websites, so that the server must be told which it is.
    fn websites(&self, names: &[String], operations: &BTreeMap<Op, Operation>) -> Result<(), Diagnostic> {
        if names.is_empty() {
            return Err(Diagnostic::new(self.path, "names no website").remedy("write `websites = [\"NAME\"]`"));
        }
        if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
            return Err(self.near("a website is named twice", "websites").remedy("give each website one name"));
        }
        let scope = Scope { names: &[], secrets: &self.secrets, about: &self.nothing };
        let mut visitors = operations.iter().filter(|(op, _)| op.is_visitors());
        let told =
            visitors.any(|(_, operation)| operation.request.names(&scope, |variables| variables.website = "another"));
        if names.len() > 1 && !told {
            return Err(self
                .near(format!("there are {} websites, and no visitor's operation names one", names.len()), "websites")
                .remedy("write `{{ website }}` in the path, a header or the body, or name one website alone"));
        }
        Ok(())
    }

    /// What is filled in when the target has said what it is: paths of files, words of a command; and the queries.
    fn files(&self, raw: &RawTarget) -> Result<(), Diagnostic> {
        let Some(StoreSpec::Sqlite { path, session, messages, address_rows, session_rows }) = &raw.store else {
            return self.texts(raw.logs.iter(), raw);
        };
        let queries = [Some(session), messages.as_ref(), address_rows.as_ref(), session_rows.as_ref()];
        for query in queries.into_iter().flatten() {
            if let Some(mistake) = query::mistake(query.get_ref()) {
                return Err(self.wrong(query, mistake));
            }
        }
        self.texts(raw.logs.iter().chain([path]), raw)
    }

    fn texts<'b>(
        &self,
        paths: impl Iterator<Item = &'b Spanned<String>>,
        raw: &'b RawTarget,
    ) -> Result<(), Diagnostic> {
        let words = raw.restart.iter().flat_map(|restart| &restart.command);
        let scope = Scope { names: &[], secrets: &self.secrets, about: &self.about };
        for text in paths.chain(words) {
            Template::compile(text.get_ref(), &scope).map_err(|error| self.wrong(text, error))?;
        }
        if raw.restart.as_ref().is_some_and(|restart| restart.command.is_empty()) {
            return Err(self
                .near("`restart.command` is empty", "command")
                .remedy("write the command and its words, such as `[\"systemctl\", \"restart\", \"chat\"]`"));
        }
        Ok(())
    }
}
