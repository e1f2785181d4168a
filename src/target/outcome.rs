//! How an answer maps to an outcome.

use super::file::{BodyRule, OutcomeWord};
use super::pointer::Pointer;
use crate::history::Outcome;
use serde_json::Value;
use std::collections::BTreeMap;

/// How an answer maps to an outcome.
#[derive(Debug, Clone)]
pub struct OutcomeMap {
    statuses: BTreeMap<u16, Outcome>,
    rules: Vec<(Pointer, Option<Value>, Outcome)>,
}

impl OutcomeMap {
    /// The map that a target file describes; each rule's pointer is read already.
    pub fn new(statuses: &BTreeMap<OutcomeWord, Vec<u16>>, rules: Vec<(Pointer, &BodyRule)>) -> Self {
        let statuses =
            statuses.iter().flat_map(|(word, list)| list.iter().map(|status| (*status, outcome(*word)))).collect();
        let rules =
            rules.into_iter().map(|(pointer, rule)| (pointer, rule.is.clone(), outcome(rule.outcome))).collect();
        Self { statuses, rules }
    }

    /// The places that its rules look at, and the values that they name.
    pub(super) fn rules(&self) -> Vec<(Pointer, Option<Value>)> {
        self.rules.iter().map(|(pointer, wanted, _)| (pointer.clone(), wanted.clone())).collect()
    }

    /// Whether nothing but the body could make an answer of this status a success.
    pub(super) fn is_failure(&self, status: u16) -> bool {
        self.rules.is_empty() && self.of(status, |_| false) != Outcome::Ok
    }

    /// The outcome of an answer; `holds` tells whether what a rule names stands in its body.
    pub(super) fn of(&self, status: u16, holds: impl Fn(usize) -> bool) -> Outcome {
        let by_body = self.rules.iter().enumerate().find(|(number, _)| holds(*number)).map(|(_, rule)| rule);
        if let Some((_, _, outcome)) = by_body {
            return *outcome;
        }
        self.statuses.get(&status).copied().unwrap_or(match status {
            200..=299 => Outcome::Ok,
            404 | 410 => Outcome::Absent,
            401 | 403 => Outcome::Forbidden,
            429 => Outcome::Throttled,
            _ => Outcome::Error,
        })
    }
}

fn outcome(word: OutcomeWord) -> Outcome {
    match word {
        OutcomeWord::Ok => Outcome::Ok,
        OutcomeWord::Absent => Outcome::Absent,
        OutcomeWord::Forbidden => Outcome::Forbidden,
        OutcomeWord::Throttled => Outcome::Throttled,
        OutcomeWord::Error => Outcome::Error,
    }
}
