//! How long sessions live: seen and missed by their visitors, by how long they had idled.

use super::Rules;
use super::case::{Seen, Sight};
use crate::instant::{Interval, Length};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Sessions seen and missed, by the least time that they had idled, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Survival {
    /// The idle term, after which a temporary session ends.
    pub idle: Length,
    /// How late it may end.
    pub grace: Length,
    /// What the policy calls a day.
    pub day: Length,
    /// Of sessions without messages.
    pub temporary: BTreeMap<i64, Count>,
    /// Of sessions with messages.
    pub with_messages: BTreeMap<i64, Count>,
}

/// How often it was there, and how often gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// It was there.
    pub there: u64,
    /// It was gone.
    pub gone: u64,
}

impl Survival {
    /// Counts one session that its visitor saw or missed at `at`.
    pub(super) fn note(&mut self, rules: &Rules, sight: &Sight, at: &Interval) {
        let session = sight.session;
        (self.idle, self.grace, self.day) = (rules.terms.idle, rules.terms.grace, rules.terms.day);
        // Who has found it gone once finds it gone for ever.
        if session.seen_gone.is_some()
            || session.unclear
            || session.deletion != super::Deletion::No
            || sight.idle_least < Length::ZERO
        {
            return;
        }
        let idle =
            Length(sight.idle_least.0.max(at.least_since(&session.access).0.min(at.most_since(&session.access).0)));
        let permanent = session.is_permanent(rules);
        if !permanent && session.may_be_permanent(rules) {
            return;
        }
        let table = if permanent { &mut self.with_messages } else { &mut self.temporary };
        let count = table.entry(bucket(rules, idle).0).or_default();
        match sight.seen {
            Seen::Present => count.there += 1,
            Seen::Absent => count.gone += 1,
        }
    }

    /// Adds what another lane counted.
    pub(super) fn merge(&mut self, other: Self) {
        (self.idle, self.grace, self.day) =
            (self.idle.max(other.idle), self.grace.max(other.grace), self.day.max(other.day));
        for (mine, theirs) in [(&mut self.temporary, other.temporary), (&mut self.with_messages, other.with_messages)] {
            for (idle, count) in theirs {
                let sum = mine.entry(idle).or_default();
                sum.there += count.there;
                sum.gone += count.gone;
            }
        }
    }
}

/// Where a span is counted: finely about the deadline, coarsely elsewhere. The lower end names the place.
fn bucket(rules: &Rules, idle: Length) -> Length {
    let terms = &rules.terms;
    let near = terms.grace + terms.margin.times(5.0);
    let from_deadline = idle - terms.idle;
    let step = if from_deadline.0.abs() <= near.0 {
        // The deadline itself is the lower end of a place.
        let step = Length(terms.margin.0.max(near.0 / 12).max(1)).ceil_second();
        return terms.idle + Length(from_deadline.0.div_euclid(step.0) * step.0);
    } else if idle < terms.idle.times(3.0) {
        terms.idle.times(0.25)
    } else if idle < terms.day {
        terms.idle
    } else if idle < terms.day.times(60.0) {
        terms.day
    } else {
        terms.month
    };
    Length(idle.0.div_euclid(step.0.max(1)) * step.0)
}
