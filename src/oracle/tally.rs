//! The running count of what clauses found: small, and the same whether it is kept by one lane or merged from many.

use super::Rules;
use super::case::{Prints, Sight, View};
use super::clauses::Judgement;
use super::ids::IdSample;
use super::model::Model;
use super::notes::{IdNote, shared};
use super::survival::Survival;
use super::verdict::Reason;
use crate::history::Exchange;
use crate::instant::{Instant, Interval, Length};
use crate::scenario::{Which, With};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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

/// The stops at which something was seen. Most come after the one that came last.
#[derive(Debug, Clone, Default)]
pub struct Stops {
    seen: BTreeSet<u32>,
    last: Option<u32>,
}

impl PartialEq for Stops {
    fn eq(&self, other: &Self) -> bool {
        self.seen == other.seen
    }
}

impl Eq for Stops {}

impl Stops {
    fn insert(&mut self, stop: u32) {
        if self.last != Some(stop) {
            self.seen.insert(stop);
            self.last = Some(stop);
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.seen.len() as u64
    }
}

/// A count for each view, in their order.
pub type ByView = [u64; View::ALL.len()];

/// What one clause found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClauseTally {
    /// Observations in which it was kept.
    pub passed: u64,
    /// Observations in which it was broken.
    pub failed: u64,
    /// Observations that do not decide, by reason.
    pub inconclusive: BTreeMap<Reason, u64>,
    /// What was seen where nothing is judged.
    pub observed: BTreeMap<&'static str, u64>,
    /// Kept, by who saw it.
    pub passed_by_view: ByView,
    /// Broken, by who saw it.
    pub failed_by_view: ByView,
    /// The longest span over which it was seen kept.
    pub longest: Length,
    /// The stops at which it was observed: who share a stop share its fate.
    pub stops: Stops,
    /// The first failures.
    pub failures: Vec<Failure>,
}

impl ClauseTally {
    /// Adds what was counted elsewhere.
    pub(super) fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        for (reason, count) in other.inconclusive {
            *self.inconclusive.entry(reason).or_default() += count;
        }
        for (what, count) in other.observed {
            *self.observed.entry(what).or_default() += count;
        }
        for view in 0..View::ALL.len() {
            self.passed_by_view[view] += other.passed_by_view[view];
            self.failed_by_view[view] += other.failed_by_view[view];
        }
        self.longest = self.longest.max(other.longest);
        self.stops.seen.extend(other.stops.seen);
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
        self.failed_by_view[view as usize] += 1;
        self.stops.insert(failure.stop);
        self.failures.push(failure);
        if self.failures.len() > 2 * MOST_FAILURES {
            self.keep_first_failures();
        }
    }
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
    /// Session ids that visitors were shown, and that nobody took from here yet.
    notes: Vec<IdNote>,
    /// Ids that more than one visitor was given, among those that were compared.
    shared: ClauseTally,
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
                clause.passed_by_view[view as usize] += 1;
                clause.longest = clause.longest.max(span);
                clause.stops.insert(exchange.stop);
            }
            Judgement::Fail { expected, seen } => clause.fail(view, failure(exchange, expected, seen)),
            Judgement::Inconclusive(reason) => *clause.inconclusive.entry(reason).or_default() += 1,
            Judgement::Observed(what) => *clause.observed.entry(what).or_default() += 1,
        }
    }

    /// Counts a session that was seen or missed, by how long it had idled.
    pub fn note_survival(&mut self, rules: &Rules, sight: &Sight, at: &Interval) {
        self.survival.note(rules, sight, at);
    }

    /// Notes whose a session id is, by what was known of the visitor before, and keeps a sample of new ids.
    pub fn note_ids(&mut self, model: &Model, exchange: &Exchange, prints: Prints) {
        self.ids.note(exchange);
        let (Some(id), true) = (prints.session, exchange.op.is_visitors()) else { return };
        // Who presents an identity that is not its own is not its owner.
        if exchange.of == Which::OtherWebsite || exchange.how.with != With::Own {
            return;
        }
        // A session that it has, or had, was noted when it got it.
        if model.current.iter().chain(model.previous.as_deref()).any(|session| session.id == id) {
            return;
        }
        let Exchange { stop, visitor, step, .. } = *exchange;
        self.notes.push(IdNote { id, stop, visitor, step, at: exchange.at.lo });
    }

    /// Gives what was noted on session ids since the last time. They are to be given back to
    /// [`Tally::compare_ids`] in parts.
    pub fn take_notes(&mut self) -> impl Iterator<Item = IdNote> {
        self.notes.drain(..)
    }

    /// Compares notes, all that there are of each id among them, and counts ids that more than one visitor was given.
    pub fn compare_ids(&mut self, notes: &mut Vec<IdNote>) {
        shared(notes).for_each(|failure| self.shared.fail(View::Visitor, failure));
    }

    /// One failure for each visitor who was given a session id that another had been given before. Notes that nobody
    /// took are compared among themselves.
    pub fn shared_ids(&self) -> ClauseTally {
        let mut found = self.shared.clone();
        shared(&mut self.notes.clone()).for_each(|failure| found.fail(View::Visitor, failure));
        found.keep_first_failures();
        found
    }

    /// Adds what another lane counted.
    pub fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.clauses.iter_mut().zip(other.clauses) {
            mine.merge(theirs);
        }
        self.survival.merge(other.survival);
        self.ids.merge(other.ids);
        self.notes.extend(other.notes);
        self.shared.merge(other.shared);
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
