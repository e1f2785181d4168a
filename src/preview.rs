//! What a run would do: its stops, its crowd, its operations, and what the target cannot show.
//!
//! It plans as a run does and walks the plan. It sends no request, reads no clock, and opens no store.

use crate::diagnostic::Diagnostic;
use crate::instant::{Instant, Length};
use crate::oracle::{Fate, Oracle, Rules, Status, judge_all};
use crate::plan::{Plan, Shape};
use crate::policy::Policy;
use crate::scenario::{Journey, Op, Scenario, Step, Which};
use crate::target::Target;
use crate::{clock, plan};
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// What a run would be asked to do.
#[derive(Debug)]
pub struct Order<'a> {
    /// Who visits.
    pub scenario: Scenario,
    /// The policy.
    pub policy: Policy,
    /// How many visitors there are.
    pub visitors: u32,
    /// The seed.
    pub seed: u64,
    /// The clauses to judge; all where none is named.
    pub clauses: &'a [String],
}

/// A run before it begins.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The target's name.
    pub target: String,
    /// Where it would be asked.
    pub url: String,
    /// The clock's kind.
    pub clock: String,
    /// The seed.
    pub seed: u64,
    /// How many visitors there are.
    pub visitors: u32,
    /// The moments at which the clock stands still for a crowd.
    pub stops: StopsAhead,
    /// How the crowd is laid over the calendar.
    pub shape: Shape,
    /// The cookie's term that is planned with, in seconds: the target is not asked for its own.
    pub cookie_term_s: i64,
    /// What each cohort does.
    pub cohorts: Vec<CohortAhead>,
    /// All operations, by name.
    pub operations: BTreeMap<Op, u64>,
    /// Visitors whose journey breaks off because a step lies beyond the horizon.
    pub visitors_beyond_horizon: u64,
    /// Journeys that nobody takes, since the clock has too few stops for them.
    pub left_out: Vec<String>,
    /// The operations that the target lacks.
    pub lacks: Vec<Op>,
    /// The clauses that cannot be judged, and why.
    pub not_applicable: Vec<Unjudged>,
}

/// The stops of a run.
#[derive(Debug, Clone, Serialize)]
pub struct StopsAhead {
    /// How many there are.
    pub count: usize,
    /// How many the clock can be asked for.
    pub budget: usize,
    /// The first, where there is one.
    pub first: Option<String>,
    /// The last.
    pub last: Option<String>,
    /// How much of the target's time lies between T0 and the last, in seconds.
    pub span_s: i64,
}

/// What one cohort does.
#[derive(Debug, Clone, Serialize)]
pub struct CohortAhead {
    /// Its journey.
    pub journey: String,
    /// How many visitors it has.
    pub visitors: u64,
    /// How many steps they take together.
    pub steps: u64,
    /// What they do in these, by operation.
    pub operations: BTreeMap<Op, u64>,
}

/// A clause that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unjudged {
    /// The clause.
    pub clause: String,
    /// Why, for machines.
    pub reason: String,
    /// The same for people.
    pub detail: String,
}

impl Preview {
    /// Plans a run from `t0` and walks its stops.
    ///
    /// # Errors
    /// When the scenario does not fit the clock's budget of stops, or the crowd its blocks of addresses.
    pub fn new(target: &Target, order: Order<'_>, t0: Instant) -> Result<Self, Diagnostic> {
        let profile = clock::profile(target, t0, None);
        let Order { scenario, policy, visitors, seed, clauses } = order;
        target.room_for(visitors)?;
        let plan = Plan::new(Arc::new(scenario), &policy, profile, t0, seed, visitors)
            .map_err(|error: plan::OverBudget| Diagnostic::new(&target.path, error.to_string()))?;
        let lacks = lacking(target);
        let mut preview = Self {
            target: target.name.clone(),
            url: target.url.to_string(),
            clock: plan.profile.clock.clone(),
            seed,
            visitors,
            stops: StopsAhead { count: 0, budget: plan.profile.stops, first: None, last: None, span_s: 0 },
            shape: plan.shape,
            cookie_term_s: plan.terms.declared.0 / 1000,
            cohorts: Vec::new(),
            operations: BTreeMap::new(),
            visitors_beyond_horizon: 0,
            not_applicable: unjudged(target, policy, &plan, clauses),
            left_out: plan.left_out().into_iter().map(str::to_owned).collect(),
            lacks,
        };
        preview.walk(&plan, target);
        Ok(preview)
    }

    fn walk(&mut self, plan: &Plan, target: &Target) {
        let deal = plan.scenario.deal(plan.scenario.cohorts.iter().map(|cohort| cohort.share).sum());
        let cohort_of = |visitor: u32| usize::from(deal[visitor as usize % deal.len()]);
        self.cohorts = plan.scenario.cohorts.iter().map(|cohort| CohortAhead::new(&cohort.journey.id)).collect();
        for visitor in 0..plan.visitors {
            self.cohorts[cohort_of(visitor)].visitors += 1;
        }
        let mut stops = plan.stops();
        for stop in stops.by_ref() {
            self.stops.count += 1;
            self.stops.first.get_or_insert_with(|| stop.at.to_string());
            self.stops.last = Some(stop.at.to_string());
            self.stops.span_s = (stop.at - plan.t0).0 / 1000;
            for due in &stop.due {
                let cohort = &mut self.cohorts[cohort_of(due.visitor)];
                cohort.steps += 1;
                let step = plan.step(due);
                let times = if step.of == Which::Orphans { most_orphans(plan.journey(due.visitor)) } else { 1 };
                for op in done(step, target, &self.lacks) {
                    *cohort.operations.entry(op).or_default() += times;
                    *self.operations.entry(op).or_default() += times;
                }
            }
        }
        self.visitors_beyond_horizon = stops.beyond();
    }

    /// The same for a terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let _ = self.heading(&mut out);
        let _ = writeln!(out, "\n{}\n", self.table());
        let _ = self.notes(&mut out);
        out
    }

    fn heading(&self, out: &mut String) -> std::fmt::Result {
        let (stops, shape) = (&self.stops, self.shape);
        writeln!(
            out,
            "{} at {}, seed {}, {} visitors: no request is sent",
            self.target, self.url, self.seed, self.visitors
        )?;
        let ends = stops.first.as_ref().zip(stops.last.as_ref());
        let ends = ends.map(|(first, last)| format!(" from {first} to {last}")).unwrap_or_default();
        writeln!(
            out,
            "{} stops of the {} clock, whose budget is {},{ends}: {} of virtual time",
            stops.count,
            self.clock,
            stops.budget,
            Length::seconds(stops.span_s)
        )?;
        writeln!(
            out,
            "visitors arrive in {} waves, natural pauses are stretched by up to {:.0} % to share a stop{}",
            shape.waves,
            shape.slack * 100.0,
            if shape.hurry { ", and pauses within a visit are left out" } else { "" }
        )?;
        let term = Length::seconds(self.cookie_term_s);
        writeln!(out, "planned with a cookie's term of {term}; a run asks the target for its own first")
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_MARKDOWN);
        table.set_header(["cohort", "visitors", "steps", "operations"]);
        let row = |name: &str, visitors: u64, steps: u64, operations: &BTreeMap<Op, u64>| {
            let operations: Vec<String> = operations.iter().map(|(op, count)| format!("{op} {count}")).collect();
            [name.to_owned(), visitors.to_string(), steps.to_string(), operations.join(", ")]
        };
        for cohort in &self.cohorts {
            table.add_row(row(&cohort.journey, cohort.visitors, cohort.steps, &cohort.operations));
        }
        let steps = self.cohorts.iter().map(|cohort| cohort.steps).sum();
        table.add_row(row("all", u64::from(self.visitors), steps, &self.operations));
        for column in 1..=2 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    fn notes(&self, out: &mut String) -> std::fmt::Result {
        let all: u64 = self.operations.values().sum();
        writeln!(out, "{all} operations at the most: what a visitor was never given is not asked for")?;
        if !self.left_out.is_empty() {
            writeln!(out, "the clock has too few stops for {}: nobody takes them", self.left_out.join(", "))?;
        }
        if self.visitors_beyond_horizon > 0 {
            writeln!(out, "{} visitors have a step beyond the horizon, and end there", self.visitors_beyond_horizon)?;
        }
        if !self.lacks.is_empty() {
            let names: Vec<&str> = self.lacks.iter().map(|op| op.name()).collect();
            writeln!(out, "the target has no {}", names.join(", "))?;
        }
        self.not_applicable.iter().try_for_each(|unjudged| {
            writeln!(out, "{} will be not applicable ({}: {})", unjudged.clause, unjudged.reason, unjudged.detail)
        })
    }
}

impl CohortAhead {
    fn new(journey: &str) -> Self {
        Self { journey: journey.to_owned(), visitors: 0, steps: 0, operations: BTreeMap::new() }
    }
}

fn lacking(target: &Target) -> Vec<Op> {
    let has = |op: &Op| match op {
        Op::StoreInspect => target.store.is_some(),
        Op::Restart => target.restart.is_some(),
        op => target.operations.contains_key(op),
    };
    Op::ALL.into_iter().filter(|op| !has(op)).collect()
}

/// How many sessions simultaneous loads can leave beside the one that is kept.
fn most_orphans(journey: &Journey) -> u64 {
    let loads = |step: &&Step| step.ops.iter().filter(|op| **op == Op::Load).count() as u64;
    journey.steps.iter().filter(|step| step.together).map(|step| loads(&step)).sum::<u64>().saturating_sub(1)
}

/// What of a step is done at this target.
fn done<'a>(step: &'a Step, target: &'a Target, lacks: &'a [Op]) -> impl Iterator<Item = Op> + 'a {
    let nowhere = step.of == Which::OtherWebsite && target.websites.len() < 2;
    step.ops.iter().copied().filter(move |op| {
        let lost = nowhere && op.is_visitors();
        !lost && !lacks.contains(op)
    })
}

/// The clauses that are not applicable whatever is seen: what the oracle says of a run in which nothing was.
fn unjudged(target: &Target, policy: Policy, plan: &Plan, only: &[String]) -> Vec<Unjudged> {
    let rules = Rules {
        terms: plan.terms,
        tolerance: policy.cookie_tolerance(),
        can: target.capabilities(None),
        horizon: plan.profile.horizon,
        policy: Arc::new(policy),
    };
    let oracle = Oracle::new(rules, only);
    let verdicts = judge_all(&oracle, &oracle.tally(), Fate::default());
    let lacking = verdicts.into_iter().filter(|verdict| verdict.status == Status::NotApplicable);
    lacking
        .map(|verdict| Unjudged {
            clause: verdict.id,
            reason: verdict.reason.map_or("", |reason| reason.name()).to_owned(),
            detail: verdict.detail.unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::BUILT_IN_NAME;
    use crate::target::{self, REFERENCE};
    use crate::{policy, scenario};
    use std::path::Path;

    fn preview(target: &str, scenario: &str) -> Result<Preview, Diagnostic> {
        let target = target::build(Path::new("target.toml"), target, None).unwrap();
        let scenario = scenario::parse(Path::new("scenario.toml"), scenario).unwrap();
        let policy = policy::load(Path::new(BUILT_IN_NAME)).unwrap();
        let order = Order { scenario, policy, visitors: 300, seed: 1, clauses: &[] };
        Preview::new(&target, order, Instant(1_800_000_000_000))
    }

    const TWO: &str = "name='two'\nvisitors=300\narrivals='1 day'\n\
                       cohort=[{ journey='bounce', share=2 }, { journey='agent-deletes', share=1 }]\n";

    fn bare() -> String {
        let mut table: toml::Table = toml::from_str(REFERENCE).unwrap();
        table.remove("agent");
        table.remove("store");
        table.remove("restart");
        table.remove("logs");
        toml::to_string(&table).unwrap()
    }

    #[test]
    fn a_preview_counts_who_does_what_how_often() {
        let preview = preview(REFERENCE, TWO).unwrap();
        let [bounce, deletes] = preview.cohorts.as_slice() else { panic!("two cohorts") };
        assert_eq!((bounce.visitors, bounce.steps, deletes.visitors, deletes.steps), (200, 400, 100, 300));
        assert_eq!(bounce.operations[&Op::StoreInspect], 400);
        assert_eq!((deletes.operations[&Op::AgentDelete], preview.operations[&Op::Load]), (100, 200 + 3 * 100));
        assert!(
            (172_800..259_200).contains(&preview.stops.span_s),
            "2 days after the last arrival: {:?}",
            preview.stops
        );
        assert!(preview.lacks.is_empty(), "{:?}", preview.lacks);
        assert!(preview.not_applicable.iter().all(|unjudged| unjudged.reason == "setting-unspecified"));
        let text = preview.text();
        assert!(text.contains("no request is sent") && text.contains("| bounce"), "{text}");
    }

    #[test]
    fn what_a_target_lacks_is_told_with_the_clauses_that_need_it() {
        let preview = preview(&bare(), TWO).unwrap();
        let lacks = [Op::AgentInspect, Op::AgentSend, Op::AgentDelete, Op::StoreInspect, Op::AgentGreet, Op::Restart];
        assert_eq!(preview.lacks, lacks);
        assert!(preview.operations.keys().all(|op| op.is_visitors()));
        let clauses: Vec<&str> = preview.not_applicable.iter().map(|unjudged| unjudged.clause.as_str()).collect();
        for clause in ["session.agent-delete", "ip.stored", "ip.removed-with-session", "ip.kept-for-chatters"] {
            assert!(clauses.contains(&clause), "{clause} is among {clauses:?}");
        }
        assert!(!clauses.contains(&"session.destroyed-after-idle"), "the visitor's own view is there");
        assert!(preview.text().contains("session.agent-delete will be not applicable (target-lacks: target-has-no"));
    }

    #[test]
    fn a_scenario_that_does_not_fit_the_clock_is_refused() {
        let text = REFERENCE.replace("[clock.endpoint]", "[clock.endpoint]\nstops = 2");
        let said = preview(&text, TWO).unwrap_err().to_string();
        assert!(said.contains("clock stops at the least"), "{said}");
    }
}
