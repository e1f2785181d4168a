//! What follows from a target file: what the target can show, how far its time may go, what its templates name.

use super::build::{Operation, Target};
use super::file::{ClockSpec, Horizon, StoreSpec, TimersSpec};
use super::query::seems_to_show_address;
use super::source::Blocks;
use super::sqlite::SqliteInspector;
use super::template::{Scope, Template, Variables};
use crate::diagnostic::Diagnostic;
use crate::instant::{Instant, Length};
use crate::oracle::Capabilities;
use crate::policy::Term;
use crate::scenario::Op;
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::Spanned;

impl Target {
    /// What it can show. Which columns its store shows is known once that is open; until then the query's text must do.
    pub fn capabilities(&self, store: Option<&SqliteInspector>) -> Capabilities {
        let has = |op: Op| self.operations.contains_key(&op);
        let captures = |op: Op, name: &str| {
            self.operations.get(&op).is_some_and(|operation| operation.request.captures.contains_key(name))
        };
        let (store_address, store_rows) = match &self.store {
            Some(StoreSpec::Sqlite { session, address_rows, .. }) => {
                let seems = || seems_to_show_address(session.get_ref());
                (store.map_or_else(seems, SqliteInspector::shows_address), address_rows.is_some())
            }
            None => (false, false),
        };
        let load = self.operations.get(&Op::Load).and_then(|load| load.request.captures.get("session"));
        Capabilities {
            browse: has(Op::Browse),
            send: has(Op::Send),
            read: has(Op::Read),
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
            told_address: self.tells_address(),
            logs: !self.logs.is_empty(),
            secure: self.url.scheme() == "https",
            carrier_is_session: load.is_some_and(|capture| capture.is_cookie(self.carrier.name())),
            timers_follow: self.timers() != TimersSpec::NotMoved,
        }
    }

    /// Whether it is told a visitor's address with each of the visitor's requests; otherwise it sees the harness's own.
    pub fn tells_address(&self) -> bool {
        let mut visitors = self.operations.iter().filter(|(op, _)| op.is_visitors());
        self.source.is_some() || visitors.all(|(_, operation)| self.names_address(operation))
    }

    fn names_address(&self, operation: &Operation) -> bool {
        let nothing = BTreeMap::new();
        let scope = Scope { names: &[], secrets: &self.secrets, about: &nothing };
        operation.request.names(&scope, |variables| variables.address = "b")
    }

    /// Whether so many visitors can have addresses of their own.
    ///
    /// # Errors
    /// With the size that a block must have.
    pub fn room_for(&self, visitors: u32) -> Result<(), Diagnostic> {
        let blocks = self.blocks();
        let room = if self.tells_address() { blocks.room_for(visitors) } else { Ok(()) };
        room.map_err(|error| {
            Diagnostic::new(&self.path, error)
                .at(&self.text, self.text.find("[source]").map(|at| at..at))
                .remedy("give `[source]` a larger block, or take fewer visitors")
        })
    }

    /// The blocks that visitors' addresses are taken from.
    pub fn blocks(&self) -> Blocks {
        self.source.as_ref().map(|source| source.blocks).unwrap_or_default()
    }

    /// How its timers move.
    pub fn timers(&self) -> TimersSpec {
        match &self.clock {
            _ if self.clock_requests.maintenance.is_some() => TimersSpec::Follow,
            ClockSpec::Endpoint { timers, .. } | ClockSpec::Faketime { timers, .. } => timers.clone(),
            ClockSpec::Wall { .. } => TimersSpec::Follow,
        }
    }

    /// How far after T0 its time may go. Where nobody moves the clock, a run that may only last so long goes no further.
    pub fn horizon_after(&self, t0: Instant) -> Length {
        let declared = self.horizon.as_ref().map(|horizon| match horizon {
            Horizon::After(term) => term.shortest(),
            Horizon::At(_, millis) => Length((millis - t0.0).max(0)),
        });
        let longest_run = match &self.clock {
            ClockSpec::Wall { longest_run, .. } => longest_run.as_ref().map(Term::shortest),
            ClockSpec::Endpoint { .. } | ClockSpec::Faketime { .. } => None,
        };
        let usual = match &self.clock {
            ClockSpec::Wall { .. } => Length::seconds(45 * 60),
            ClockSpec::Endpoint { .. } | ClockSpec::Faketime { .. } => Length::days(366 * 15),
        };
        declared.into_iter().chain(longest_run).min().unwrap_or(usual)
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

    /// The same of a text in which there is seldom one.
    pub fn cleaned<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        let is_clean = self.secrets.values().all(|value| value.len() < 4 || !text.contains(value.as_str()));
        if is_clean { text } else { Cow::Owned(self.redacted(&text)) }
    }

    /// Variables with this target's secrets, to fill a template in with.
    pub fn variables(&self) -> Variables<'_> {
        Variables { secret: Some(&self.secrets), page: "/", ..Variables::default() }
    }

    /// A text of the file filled in with what the target said about itself.
    ///
    /// # Errors
    /// When it names something that has no value.
    pub fn filled(&self, text: &Spanned<String>, about: &BTreeMap<String, String>) -> Result<String, Diagnostic> {
        let scope = Scope { names: &[], secrets: &self.secrets, about };
        let variables = Variables { about: Some(about), ..self.variables() };
        Template::compile(text.get_ref(), &scope)
            .and_then(|template| template.render(&variables).map(std::borrow::Cow::into_owned))
            .map_err(|error| {
                Diagnostic::new(&self.path, error)
                    .at(&self.text, Some(text.span()))
                    .remedy("see what the answer to `[about]` holds; the reference server tells more with --test-clock")
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::instant::{Instant, Length};
    use crate::target::{REFERENCE, Target, build};
    use std::path::Path;

    fn target(text: &str) -> Target {
        build(Path::new("target.toml"), text, None).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn without_a_header_an_address_is_told_only_if_every_request_of_a_visitor_names_it() {
        let source = REFERENCE.find("[source]").unwrap()..REFERENCE.find("[carrier]").unwrap();
        let bare = REFERENCE.replace(&REFERENCE[source], "");
        assert!(target(REFERENCE).capabilities(None).told_address);
        assert!(!target(&bare).capabilities(None).told_address);
        let json = "content-type = \"application/json\" }";
        let named = bare.replace(json, &format!("x-real-ip = \"{{{{ address }}}}\", {json}"));
        assert!(!target(&named).capabilities(None).told_address, "`read` does not name it");
        let read = "[visitor.read]\nmethod = \"GET\"";
        let named = named.replace(read, &format!("{read}\nheaders = {{ x-real-ip = \"{{{{ address }}}}\" }}"));
        assert!(target(&named).capabilities(None).told_address);
    }

    #[test]
    fn in_wall_time_the_shorter_of_horizon_and_longest_run_counts() {
        let clock = REFERENCE.find("[clock.endpoint]").unwrap()..REFERENCE.find("# Asked once").unwrap();
        let endpoint = &REFERENCE[clock];
        let wall = |more: &str, horizon: &str| {
            let clock = format!("[clock.wall]\nnow = {{ method = \"GET\", path = \"/now\" }}\n{more}\n");
            let text = REFERENCE.replace(endpoint, &clock);
            target(&format!("{horizon}\n{text}")).horizon_after(Instant(0))
        };
        assert_eq!(wall("", ""), Length::seconds(45 * 60));
        assert_eq!(wall("longest_run = '10 s'", "horizon = '1 year'"), Length::seconds(10));
        assert_eq!(wall("longest_run = '10 hours'", "horizon = '1 minute'"), Length::seconds(60));
        assert_eq!(wall("", "horizon = '1 hour'"), Length::seconds(3600));
    }
}
