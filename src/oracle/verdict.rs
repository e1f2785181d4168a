//! From counts to verdicts: `fail` before `inconclusive` before `not exercised` before `pass`.

use super::case::View;
use super::clauses::Clause;
use super::tally::{ByView, ClauseTally, Failure, Tally};
use super::{Oracle, Rules};
use crate::instant::Length;
use crate::policy::{ClauseText, Level};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a clause came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was broken.
    Fail,
    /// What was seen does not decide it.
    Inconclusive,
    /// Too little was seen.
    NotExercised,
    /// It was kept.
    Pass,
    /// The target cannot show it, or the policy leaves it open.
    NotApplicable,
}

impl Status {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::NotExercised => "not exercised",
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// Why a clause did not pass, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was broken at least once.
    Broken,
    /// The target's clock did not move as it was told.
    ClockNotControlled,
    /// The target's timers do not run when its clock is moved.
    TimersNotMoved,
    /// The target stopped answering.
    TargetUnavailable,
    /// Too many requests without an answer leave too many worlds open.
    TooManyWorlds,
    /// Fewer observations than the policy file asks for.
    TooFewObservations,
    /// Nothing was seen over as long a span as the policy file asks for.
    SpanTooShort,
    /// The strongest inspector saw too little.
    StrongestViewTooFew,
    /// The run was stopped before its end.
    Interrupted,
    /// The run or the target's horizon ends before it could be seen.
    BeyondHorizon,
    /// The target has no such capability.
    TargetLacks,
    /// A setting of the policy leaves it open.
    SettingUnspecified,
    /// What was seen lies too near to a deadline to tell on which side.
    AtDeadline,
    /// What would show that the target can break it was never seen: its positive control.
    NoPositiveControl,
}

impl Reason {
    /// Its name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::ClockNotControlled => "clock-not-controlled",
            Self::TimersNotMoved => "timers-not-moved",
            Self::TargetUnavailable => "target-unavailable",
            Self::TooManyWorlds => "too-many-worlds",
            Self::TooFewObservations => "too-few-observations",
            Self::SpanTooShort => "span-too-short",
            Self::StrongestViewTooFew => "strongest-view-too-few",
            Self::Interrupted => "interrupted",
            Self::BeyondHorizon => "beyond-horizon",
            Self::TargetLacks => "target-lacks",
            Self::SettingUnspecified => "setting-unspecified",
            Self::AtDeadline => "at-deadline",
            Self::NoPositiveControl => "no-positive-control",
        }
    }
}

/// What befell the run as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fate {
    /// The clock was not controlled.
    pub clock_lost: bool,
    /// The target stopped answering.
    pub unavailable: bool,
    /// The run was stopped, or its history ends early.
    pub interrupted: bool,
    /// The harness could not do its work.
    #[serde(default)]
    pub harness_failed: bool,
}

/// The verdict on one clause, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseVerdict {
    /// The clause's id.
    pub id: String,
    /// What it came to.
    pub status: Status,
    /// Why it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The same for people, with figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How much it weighs.
    pub level: Level,
    /// Where the policy says it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What is judged.
    pub text: String,
    /// What it rests on.
    pub basis: String,
    /// Observations in which it was kept.
    pub passed: u64,
    /// Observations in which it was broken.
    pub failed: u64,
    /// Observations that do not decide.
    pub inconclusive: BTreeMap<Reason, u64>,
    /// What was seen where nothing is judged.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub observed: BTreeMap<String, u64>,
    /// How many it takes.
    pub min_observations: u64,
    /// At how many stops it was observed.
    pub stops: u64,
    /// The longest span over which it was seen kept, in seconds.
    pub longest_span_s: i64,
    /// Kept, by who saw it.
    pub passed_by_view: BTreeMap<View, u64>,
    /// Broken, by who saw it.
    pub failed_by_view: BTreeMap<View, u64>,
    /// With no failure in n observations: the share of failures that is ruled out with 95 % confidence, 3/n.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_95: Option<Bound>,
    /// The first failures.
    pub failures: Vec<Failure>,
}

/// A share, kept as a text so that it is written the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bound(pub String);

impl Bound {
    /// The same in percent, rounded up.
    pub fn percent(&self) -> String {
        let share: f64 = self.0.parse().unwrap_or(1.0);
        format!("{:.2} %", (share * 10_000.0).ceil() / 100.0)
    }
}

/// The verdicts of all clauses that an oracle judges.
pub fn judge_all(oracle: &Oracle, tally: &Tally, fate: Fate) -> Vec<ClauseVerdict> {
    let judged = || oracle.clauses().iter().zip(&tally.clauses);
    let kept: Vec<&str> = judged().filter(|(_, counted)| counted.passed > 0).map(|(clause, _)| clause.id()).collect();
    judged()
        .map(|(clause, counted)| {
            let mut counted = counted.clone();
            counted.merge(clause.conclude(tally));
            let mut verdict = verdict(&oracle.rules, *clause, counted, fate);
            ask_for_control(&mut verdict, oracle, *clause, &kept);
            verdict
        })
        .collect()
}

/// A clause that passed without its positive control says nothing.
fn ask_for_control(verdict: &mut ClauseVerdict, oracle: &Oracle, clause: &dyn Clause, kept: &[&str]) {
    let judged = |id: &str| oracle.clauses().iter().any(|clause| clause.id() == id);
    let missed = clause.control().filter(|id| judged(id) && !kept.contains(id));
    if let (Some(control), Status::Pass) = (missed, verdict.status) {
        verdict.status = Status::Inconclusive;
        verdict.reason = Some(Reason::NoPositiveControl);
        verdict.detail = Some(format!("{control} was never seen kept"));
    }
}

fn verdict(rules: &Rules, clause: &dyn Clause, counted: ClauseTally, fate: Fate) -> ClauseVerdict {
    let text = &rules.policy.clauses[clause.id()];
    let (status, reason, detail) = decide(rules, clause, text, &counted, fate);
    let clean = counted.failed == 0 && counted.passed > 0;
    ClauseVerdict {
        id: clause.id().into(),
        status,
        reason,
        detail,
        level: text.level,
        reference: text.reference.clone(),
        text: text.text.clone(),
        basis: text.basis(),
        passed: counted.passed,
        failed: counted.failed,
        inconclusive: counted.inconclusive,
        observed: counted.observed.into_iter().map(|(what, count)| (what.into(), count)).collect(),
        min_observations: text.min_observations,
        stops: counted.stops.count(),
        longest_span_s: counted.longest.0 / 1000,
        passed_by_view: by_view(&counted.passed_by_view),
        failed_by_view: by_view(&counted.failed_by_view),
        bound_95: clean.then(|| Bound(format!("{:.5}", (3.0 / counted.passed as f64).min(1.0)))),
        failures: counted.failures,
    }
}

/// The views that counted anything.
fn by_view(counts: &ByView) -> BTreeMap<View, u64> {
    View::ALL.into_iter().zip(*counts).filter(|(_, count)| *count > 0).collect()
}

type Decision = (Status, Option<Reason>, Option<String>);

fn decide(rules: &Rules, clause: &dyn Clause, text: &ClauseText, counted: &ClauseTally, fate: Fate) -> Decision {
    if let Some(lack) = clause.lacks(&rules.can) {
        return (Status::NotApplicable, Some(Reason::TargetLacks), Some(lack.into()));
    }
    if let Some(setting) = clause.left_open(rules) {
        return (Status::NotApplicable, Some(Reason::SettingUnspecified), Some(format!("{setting} is unspecified")));
    }
    if counted.failed > 0 && !(fate.clock_lost && clause.hangs_on_time()) {
        return (Status::Fail, Some(Reason::Broken), None);
    }
    let unshown = text.min_span.as_ref().and_then(|_| clause.shows_no_span(&rules.can));
    let least_span = text.min_span.as_ref().filter(|_| unshown.is_none());
    let least_span = least_span.map_or(Length::ZERO, |span| span.eval(&rules.terms));
    let needed = least_span.max(clause.shortest_run(rules));
    if needed > rules.horizon {
        let detail = format!("it needs a run of {needed}, and this one's horizon is {}", rules.horizon);
        return (Status::NotApplicable, Some(Reason::BeyondHorizon), Some(detail));
    }
    if fate.clock_lost && clause.hangs_on_time() {
        return (Status::Inconclusive, Some(Reason::ClockNotControlled), None);
    }
    match shortfall(rules, clause, text, counted, least_span) {
        None => (Status::Pass, None, unshown.map(|why| format!("no span was asked for: {why}"))),
        Some((reason, detail)) => explain_shortfall(counted, fate, reason, detail),
    }
}

/// What keeps a clause without failures from passing.
fn shortfall(
    rules: &Rules,
    clause: &dyn Clause,
    text: &ClauseText,
    counted: &ClauseTally,
    least_span: Length,
) -> Option<(Reason, String)> {
    let least = text.min_observations.max(1);
    if counted.passed < least {
        let detail = format!("{} observations of {least}", counted.passed);
        return Some((Reason::TooFewObservations, detail));
    }
    if counted.longest < least_span {
        let detail = format!("the longest span seen is {}, and {least_span} is asked for", counted.longest);
        return Some((Reason::SpanTooShort, detail));
    }
    let strongest = clause.rests_on(&rules.can)?;
    let seen = counted.passed_by_view[strongest as usize];
    let needed = least.min(20);
    (seen < needed).then(|| {
        let detail = format!("{seen} observations of {needed} by the {}, the strongest inspector", strongest.name());
        (Reason::StrongestViewTooFew, detail)
    })
}

/// A shortfall with a known cause is inconclusive; without one the clause was not exercised.
fn explain_shortfall(counted: &ClauseTally, fate: Fate, reason: Reason, detail: String) -> Decision {
    let cause = if fate.unavailable {
        Some(Reason::TargetUnavailable)
    } else if fate.interrupted || fate.harness_failed {
        Some(Reason::Interrupted)
    } else {
        counted.inconclusive.iter().max_by_key(|(_, count)| **count).map(|(reason, _)| *reason)
    };
    match cause {
        Some(cause) => (Status::Inconclusive, Some(cause), Some(detail)),
        None => (Status::NotExercised, Some(reason), Some(detail)),
    }
}
