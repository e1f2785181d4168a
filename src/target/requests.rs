//! From the file's requests and operations to ones that can be filled in, with their mistakes located.

use super::answer::Capture;
use super::build::{Builder, ClockRequests, Operation, Request};
use super::file::{CaptureSpec, ClockSpec, RawOperation, RawTarget, RequestSpec};
use super::outcome::OutcomeMap;
use super::place::Place;
use super::pointer::Pointer;
use super::reader::{CAPTURES, Reader};
use super::template::{Scope, Template};
use crate::diagnostic::Diagnostic;
use crate::scenario::Op;
use std::collections::BTreeMap;
use toml::Spanned;

impl Builder<'_> {
    fn template(&self, text: &Spanned<String>, place: Place) -> Result<Template, Diagnostic> {
        let scope = Scope { names: place.names(), secrets: &self.secrets, about: &self.nothing };
        Template::compile(text.get_ref(), &scope).map_err(|error| self.wrong(text, error))
    }

    pub(super) fn request(&self, raw: &RequestSpec, place: Place) -> Result<Request, Diagnostic> {
        self.parts(&raw.method, &raw.path, &raw.headers, raw.body.as_ref(), &raw.capture, place)
    }

    fn parts(
        &self,
        method: &Spanned<String>,
        path: &Spanned<String>,
        headers: &BTreeMap<String, Spanned<String>>,
        body: Option<&Spanned<String>>,
        captures: &BTreeMap<String, Spanned<CaptureSpec>>,
        place: Place,
    ) -> Result<Request, Diagnostic> {
        let verb = reqwest::Method::from_bytes(method.get_ref().to_ascii_uppercase().as_bytes())
            .map_err(|_| self.wrong(method, format!("`{}` is no HTTP method", method.get_ref())))?;
        if !path.get_ref().starts_with('/') {
            return Err(self.wrong(path, "the path must begin with `/`"));
        }
        let headers = headers.iter().map(|(name, value)| {
            let header = place.header(name, self.source.as_ref()).map_err(|error| self.wrong(value, error))?;
            Ok((header, self.template(value, place)?))
        });
        let captures = captures.iter().map(|(name, spec)| {
            let capture = Capture::compile(spec.get_ref()).map_err(|error| self.wrong(spec, error))?;
            Ok((name.clone(), capture))
        });
        Ok(Request {
            method: verb,
            path: self.template(path, place)?,
            headers: headers.collect::<Result<_, Diagnostic>>()?,
            body: body.map(|body| self.template(body, place)).transpose()?,
            captures: captures.collect::<Result<_, Diagnostic>>()?,
        })
    }

    pub(super) fn clock(&self, clock: &ClockSpec) -> Result<ClockRequests, Diagnostic> {
        let optional = |raw: Option<&RequestSpec>| raw.map(|raw| self.request(raw, Place::Jump)).transpose();
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
        let now = self.request(now, Place::Fixed)?;
        Ok(ClockRequests { now, advance: optional(advance)?, maintenance: optional(maintenance)? })
    }

    pub(super) fn operations(&self, raw: &RawTarget) -> Result<BTreeMap<Op, Operation>, Diagnostic> {
        let all = [
            (Op::Load, Some(&raw.visitor.load)),
            (Op::Browse, raw.visitor.browse.as_ref()),
            (Op::Send, raw.visitor.send.as_ref()),
            (Op::Read, raw.visitor.read.as_ref()),
            (Op::AgentInspect, raw.agent.inspect.as_ref()),
            (Op::AgentSend, raw.agent.send.as_ref()),
            (Op::AgentDelete, raw.agent.delete.as_ref()),
            (Op::AgentGreet, raw.agent.greet.as_ref()),
        ];
        let mut operations = BTreeMap::new();
        for (op, raw) in all.into_iter().filter_map(|(op, raw)| raw.map(|raw| (op, raw))) {
            operations.insert(op, self.operation(op, raw)?);
        }
        // A message that has a name of the client's can be sent once more under it.
        let scope = Scope { names: &[], secrets: &self.secrets, about: &self.nothing };
        let named = |send: &&Operation| send.request.names(&scope, |variables| variables.message_id = "another");
        if let Some(send) = operations.get(&Op::Send).filter(named).cloned() {
            operations.insert(Op::Resend, send);
        }
        Ok(operations)
    }

    fn operation(&self, op: Op, raw: &RawOperation) -> Result<Operation, Diagnostic> {
        let place = Place::of(op);
        let request = self.parts(&raw.method, &raw.path, &raw.headers, raw.body.as_ref(), &raw.capture, place)?;
        if let Some((name, spec)) = raw.capture.iter().find(|(name, _)| !CAPTURES.contains(&name.as_str())) {
            return Err(self
                .wrong(spec, format!("`{op}` captures `{name}`, which nothing uses"))
                .remedy("an operation can capture session, messages, address and fresh"));
        }
        if op == Op::Load && !request.captures.contains_key("session") {
            return Err(self.wrong(&raw.path, "`load` captures no `session`").remedy(
                "say where its answer holds the session's id: `capture = { session = { json = \"/session\" } }`",
            ));
        }
        let rules = raw.when.iter().map(|rule| {
            let pointer = Pointer::parse_plain(rule.json.get_ref()).map_err(|error| self.wrong(&rule.json, error))?;
            Ok((pointer, rule))
        });
        let outcomes = OutcomeMap::new(&raw.outcome, rules.collect::<Result<_, Diagnostic>>()?);
        let reader = Reader::new(&request.captures, outcomes);
        Ok(Operation { request, reader, creates: raw.creates || op == Op::Load })
    }
}
