//! The running count of what clauses found: small, and the same whether it is kept by one lane or merged from many.

use super::Rules;
use super::case::{Sight, View};
use super::clauses::Judgement;
use super::ids::IdSample;
use super::model::fingerprint;
use super::survival::Survival;
use super::verdict::Reason;
use crate::history::Exchange;
use crate::instant::{Instant, Interval, Length};
use crate::scenario::{Which, With};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many failures of a clause are kept whole.
const MOST_FAILURES: usize = 5;

/// One failure: who, when, what was expected and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failure {
    /// The stop at which it was seen.
    pub stop: u32,
    /// The visitor.
    pub visitor: u32,
    /// The step of its journey.
    pub step: u16,
    /// What was done.
    pub op: String,
    /// When, in the target's time.
    pub at: Instant,
    /// What the policy wants.
    pub expected: String,
    /// What was seen.
    pub seen: String,
}

/// What one clause found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClauseTally {
    /// Observations in which it was kept.
    pub passed: u64,
    /// Observations in which it was broken.
    pub failed: u64,
    /// Observations that do not decide, by reason.
    pub inconclusive: BTreeMap<Reason, u64>,
    /// What was seen where nothing is judged.
    pub observed: BTreeMap<String, u64>,
    /// Kept, by who saw it.
    pub passed_by_view: BTreeMap<View, u64>,
    /// Broken, by who saw it.
    pub failed_by_view: BTreeMap<View, u64>,
    /// The longest span over which it was seen kept.
    pub longest: Length,
    /// The stops at which it was observed: who share a stop share its fate.
    pub stops: BTreeSet<u32>,
    /// The first failures.
    pub failures: Vec<Failure>,
}

impl ClauseTally {
    fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        for (reason, count) in other.inconclusive {
            *self.inconclusive.entry(reason).or_default() += count;
        }
        for (what, count) in other.observed {
            *self.observed.entry(what).or_default() += count;
        }
        for (view, count) in other.passed_by_view {
            *self.passed_by_view.entry(view).or_default() += count;
        }
        for (view, count) in other.failed_by_view {
            *self.failed_by_view.entry(view).or_default() += count;
        }
        self.longest = self.longest.max(other.longest);
        self.stops.extend(other.stops);
        self.failures.extend(other.failures);
        self.keep_first_failures();
    }

    /// Keeps the first failures whole, whichever lane saw them.
    pub fn keep_first_failures(&mut self) {
        self.failures.sort();
        self.failures.truncate(MOST_FAILURES);
    }

    /// Notes a failure, whether or not it is among the first that are kept whole.
    pub fn fail(&mut self, view: View, failure: Failure) {
        self.failed += 1;
        *self.failed_by_view.entry(view).or_default() += 1;
        self.stops.insert(failure.stop);
        self.failures.push(failure);
        if self.failures.len() > 2 * MOST_FAILURES {
            self.keep_first_failures();
        }
    }
}

/// Where a visitor was first seen with a session id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FirstSeen {
    stop: u32,
    visitor: u32,
    step: u16,
    at: Instant,
}

/// What all clauses found, in the oracle's order.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// One count for each clause.
    pub clauses: Vec<ClauseTally>,
    /// How long sessions lived.
    pub survival: Survival,
    /// A sample of new ids.
    pub ids: IdSample,
    /// Whose each session id is, by fingerprint.
    owners: HashMap<u64, FirstSeen>,
    /// Further visitors who were given an id that has an owner already.
    sharers: BTreeMap<(u64, u32), FirstSeen>,
}

impl Tally {
    /// An empty count for so many clauses.
    pub fn new(clauses: usize) -> Self {
        Self { clauses: vec![ClauseTally::default(); clauses], ..Self::default() }
    }

    /// Counts what a clause found in an exchange.
    pub fn add(&mut self, place: usize, judgement: Judgement, exchange: &Exchange, view: View) {
        let clause = &mut self.clauses[place];
        match judgement {
            Judgement::Pass { span } => {
                clause.passed += 1;
                *clause.passed_by_view.entry(view).or_default() += 1;
                clause.longest = clause.longest.max(span);
                clause.stops.insert(exchange.stop);
            }
            Judgement::Fail { expected, seen } => clause.fail(view, failure(exchange, expected, seen)),
            Judgement::Inconclusive(reason) => *clause.inconclusive.entry(reason).or_default() += 1,
            Judgement::Observed(what) => *clause.observed.entry(what.into()).or_default() += 1,
        }
    }

    /// Counts a session that was seen or missed, by how long it had idled.
    pub fn note_survival(&mut self, rules: &Rules, sight: &Sight, at: &Interval) {
        self.survival.note(rules, sight, at);
    }

    /// Notes whose a session id is, and keeps a sample of new ids.
    pub fn note_ids(&mut self, exchange: &Exchange) {
        self.ids.note(exchange);
        let (Some(id), true) = (&exchange.session, exchange.op.is_visitors()) else { return };
        // Who presents an identity that is not its own is not its owner.
        if exchange.of == Which::OtherWebsite || exchange.how.with != With::Own {
            return;
        }
        let seen =
            FirstSeen { stop: exchange.stop, visitor: exchange.visitor, step: exchange.step, at: exchange.at.lo };
        self.note_owner(fingerprint(id), seen);
    }

    fn note_owner(&mut self, id: u64, seen: FirstSeen) {
        let owner = self.owners.entry(id).or_insert(seen);
        if owner.visitor != seen.visitor {
            self.sharers.entry((id, seen.visitor)).or_insert(seen);
        }
    }

    /// Adds what another lane counted.
    pub fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.clauses.iter_mut().zip(other.clauses) {
            mine.merge(theirs);
        }
        self.survival.merge(other.survival);
        self.ids.merge(other.ids);
        for (id, seen) in other.owners {
            self.note_owner(id, seen);
        }
        for ((id, _), seen) in other.sharers {
            self.note_owner(id, seen);
        }
    }

    /// One failure for each visitor who was given a session id that another had been given before.
    pub fn shared_sessions(&self) -> Vec<Failure> {
        let mut holders: BTreeMap<u64, Vec<FirstSeen>> = BTreeMap::new();
        for ((id, _), seen) in &self.sharers {
            holders.entry(*id).or_insert_with(|| vec![self.owners[id]]).push(*seen);
        }
        let mut failures = Vec::new();
        for mut seen in holders.into_values() {
            seen.sort_unstable();
            let owner = seen[0].visitor;
            failures.extend(seen[1..].iter().map(|late| Failure {
                stop: late.stop,
                visitor: late.visitor,
                step: late.step,
                op: "load".into(),
                at: late.at,
                expected: "a session of the visitor's own".into(),
                seen: format!("the session id that visitor {owner} was given"),
            }));
        }
        failures.sort();
        failures
    }
}

fn failure(exchange: &Exchange, expected: String, seen: String) -> Failure {
    Failure {
        stop: exchange.stop,
        visitor: exchange.visitor,
        step: exchange.step,
        op: exchange.op.name().into(),
        at: exchange.at.lo,
        expected,
        seen,
    }
}
