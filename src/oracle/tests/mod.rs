//! The clauses against histories written out by hand: what a visitor sent and saw, and what it means.

mod addresses;
mod cookies;
mod freeze;
mod random;
mod registry;
mod restores;
mod sessions;
mod unjust;
mod verdicts;
mod worlds;

use super::*;
use crate::history::{Exchange, Identity, Outcome, Said, Stored};
use crate::instant::{Instant, Interval};
use crate::policy::{self, BUILT_IN_NAME};
use crate::scenario::{Op, Which};
use std::path::Path;

/// Seconds in a minute and in a day.
const MIN: i64 = 60;
const DAY: i64 = 86_400;

/// What is declared for six months in these histories.
const TERM: i64 = 15_768_000;

/// A target that can show everything, at a margin of 2 s.
fn rules() -> Rules {
    let policy = policy::load(Path::new(BUILT_IN_NAME)).expect("the built-in policy is sound");
    let can = Capabilities {
        browse: true,
        send: true,
        read: true,
        messages: true,
        agent: true,
        agent_address: true,
        agent_delete: true,
        store: true,
        store_address: true,
        store_rows: true,
        websites: true,
        timers_follow: true,
        agent_greet: true,
        agent_send: true,
        resend: true,
        restart: true,
        forging: true,
        moving: true,
        told_address: true,
        logs: true,
        secure: false,
        carrier_is_session: false,
        reading_creates: false,
    };
    Rules {
        terms: policy.terms(Length::seconds(2), None),
        tolerance: policy.cookie_tolerance(),
        can,
        horizon: Length::days(366 * 15),
        policy: policy.into(),
    }
}

/// One visitor's history, written down line by line.
#[derive(Clone)]
struct Tale {
    rules: Rules,
    visitor: u32,
    now: Interval,
    stop: u32,
    told: Vec<Exchange>,
}

/// What a clause found in a tale: kept, broken, open.
type Found = (u64, u64, u64);

fn tale() -> Tale {
    Tale { rules: rules(), visitor: 7, now: Interval::default(), stop: 0, told: Vec::new() }
}

impl Tale {
    /// From here on it is so many seconds after the beginning.
    fn at(self, second: i64) -> Self {
        self.between(second, second)
    }

    /// From here on it is some time between these two seconds.
    fn between(mut self, from: i64, to: i64) -> Self {
        self.now = Interval::new(Instant(from * 1000), Instant(to * 1000));
        self.stop += 1;
        self
    }

    /// Does something, and gets the outcome.
    fn does(mut self, op: Op, outcome: Outcome) -> Self {
        self.told.push(Exchange {
            visitor: self.visitor,
            stop: self.stop,
            step: u16::try_from(self.told.len()).unwrap_or(0),
            at: self.now,
            outcome,
            status: if outcome == Outcome::Unknown { 0 } else { 200 },
            carried: op.is_visitors() && !self.told.is_empty(),
            ..Exchange::blank(op)
        });
        self
    }

    /// Changes the last line.
    fn so(mut self, change: impl FnOnce(&mut Exchange)) -> Self {
        change(self.told.last_mut().expect("a line"));
        self
    }

    fn ok(self, op: Op) -> Self {
        self.does(op, Outcome::Ok)
    }

    /// A load that shows this session, and makes it if it is the first line.
    fn load(self, session: &str) -> Self {
        let first = self.told.is_empty();
        self.ok(Op::Load).so(|line| {
            line.session = Some(session.into());
            line.fresh = Some(first);
            line.said = Some(Vec::new());
        })
    }

    /// The line's answer sets the cookie for so many seconds.
    fn sets(self, value: &str, seconds: i64) -> Self {
        self.so(|line| line.cookie = Some(cookie(value, Some(seconds))))
    }

    /// A first load with its cookie.
    fn arrives(self) -> Self {
        self.load("s1").sets("c1", TERM)
    }

    /// The visitor sends its next message.
    fn sends(self, number: u16) -> Self {
        self.ok(Op::Send).so(|line| line.message = Some(number))
    }

    /// An agent sends the next message.
    fn agent_sends(self, number: u16) -> Self {
        self.ok(Op::AgentSend).so(|line| line.message = Some(number))
    }

    /// The last line's answer holds these messages of the visitor's own.
    fn with(self, numbers: &[u16]) -> Self {
        self.so(|line| line.said = Some(numbers.iter().map(|number| Said::Own(*number)).collect()))
    }

    /// The visitor reads these messages of the session.
    fn reads(self, session: &str, numbers: &[u16]) -> Self {
        self.ok(Op::Read).so(|line| line.session = Some(session.into())).with(numbers)
    }

    /// Somebody looks for the session and finds it, with the visitor's address.
    fn seen_by(self, op: Op) -> Self {
        self.ok(op).so(|line| {
            line.addresses = Some(vec![Stored::Own]);
            line.address_rows = (op == Op::StoreInspect).then_some(1);
        })
    }

    /// Somebody looks for the session and finds nothing.
    fn missed_by(self, op: Op) -> Self {
        self.does(op, Outcome::Absent).so(|line| {
            line.address_rows = (op == Op::StoreInspect).then_some(0);
        })
    }

    /// The last line asks for the session before.
    fn of_previous(self) -> Self {
        self.so(|line| line.of = Which::Previous)
    }

    fn tally(&self, only: &[&str]) -> (Oracle, Tally) {
        let only: Vec<String> = only.iter().map(|id| (*id).to_owned()).collect();
        let oracle = Oracle::new(self.rules.clone(), &only);
        let (mut tally, mut model) = (oracle.tally(), Model::default());
        self.told.iter().for_each(|line| oracle.fold(&mut model, line, &mut tally));
        (oracle, tally)
    }

    /// What the clause found.
    fn finds(&self, clause: &str) -> Found {
        let (oracle, tally) = self.tally(&[clause]);
        assert_eq!(oracle.clauses().len(), 1, "there is a clause {clause}");
        let counted = &tally.clauses[0];
        (counted.passed, counted.failed, counted.inconclusive.values().sum())
    }

    /// The clauses that found a failure.
    fn broken(&self) -> Vec<&'static str> {
        let (oracle, tally) = self.tally(&[]);
        let found = oracle.clauses().iter().zip(&tally.clauses).filter(|(_, counted)| counted.failed > 0);
        found.map(|(clause, _)| clause.id()).collect()
    }
}

fn cookie(value: &str, max_age_s: Option<i64>) -> Identity {
    Identity { value: value.into(), max_age_s, expires_s: None, date_s: None, beside: false, attributes: None }
}
