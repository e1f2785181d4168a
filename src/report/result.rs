//! What a run came to: its facts, its figures, its verdicts.

use super::coverage::Coverage;
use super::exit::{Exit, exit_of};
use crate::history::Summary;
use crate::instant::{Instant, Length};
use crate::measure::{Measurements, OperationRow};
use crate::oracle::{Capabilities, ClauseVerdict, Fate, Status, Survival};
use crate::plan::{Plan, Profile, Shape};
use crate::policy::Level;
use crate::target::{Connect, Target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What decides a run, settled before its first step: with the policy, the scenario and the history, all that a
/// second judge needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// The program's version.
    pub version: String,
    /// The target's name.
    pub target: String,
    /// Where it answered.
    pub url: String,
    /// What it said about itself.
    pub about: BTreeMap<String, String>,
    /// Where the run's time starts.
    pub t0: Instant,
    /// The same, for people.
    pub t0_text: String,
    /// The seed.
    pub seed: u64,
    /// How many visitors there were.
    pub visitors: u32,
    /// How many lanes.
    pub lanes: u32,
    /// Whose a connection was.
    #[serde(default)]
    pub connect: Connect,
    /// What the clock could do.
    pub profile: Profile,
    /// How the crowd was laid over the calendar.
    pub shape: Shape,
    /// Tells the plan from any other.
    pub plan_digest: String,
    /// What the target could show.
    pub can: Capabilities,
    /// The clauses that were asked for; all where none is named.
    pub clauses: Vec<String>,
    /// Whether warnings count.
    pub strict: bool,
    /// The command that began the run.
    pub command: String,
}

impl Facts {
    /// The facts of a run that is about to begin.
    #[expect(clippy::too_many_arguments, reason = "each is a fact of its own")]
    pub fn new(
        plan: &Plan,
        target: &Target,
        can: Capabilities,
        clauses: &[String],
        lanes: u32,
        strict: bool,
        command: String,
        about: BTreeMap<String, String>,
    ) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            target: target.name.clone(),
            url: target.url.to_string(),
            about,
            t0: plan.t0,
            t0_text: plan.t0.to_string(),
            seed: plan.seed,
            visitors: plan.visitors,
            lanes,
            connect: target.connect,
            profile: plan.profile.clone(),
            shape: plan.shape,
            plan_digest: plan.digest.clone(),
            can,
            clauses: clauses.to_vec(),
            strict,
            command,
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
pub struct Figures {
    /// Exchanges with the target, looks into the store not counted.
    pub requests: u64,
    /// Looks into the store.
    pub looks: u64,
    /// Stops that were held, and that were planned.
    pub stops: (u32, u32),
    /// How much of the target's time the run spans.
    pub span: Length,
    /// How long it took, in seconds.
    pub lasted_s: f64,
    /// How long visitors were acting, in seconds; the rest went to the clock.
    pub acting_s: f64,
    /// Requests a second while visitors were acting.
    pub per_second: f64,
    /// The most requests that were under way at once: the lanes' peaks in one stop, added up.
    pub in_flight_peak: u32,
    /// The mean while visitors were acting.
    pub in_flight_mean: f64,
    /// Figures by operation.
    pub operations: Vec<OperationRow>,
    /// The history: bytes and blocks on disk, and the digest that seals it.
    pub history: Summary,
}

impl Figures {
    /// The figures of a run that has ended.
    pub fn new(
        measured: &Measurements,
        in_flight_peak: u32,
        stops: (u32, u32),
        lasted: Duration,
        acting: Duration,
        span: Length,
        history: Summary,
    ) -> Self {
        let operations = measured.rows();
        let looks = operations.iter().filter(|row| row.id == "store-inspect").map(|row| row.count).sum();
        let requests = operations.iter().map(|row| row.count).sum::<u64>() - looks;
        let acting_s = acting.as_secs_f64();
        let rate = |amount: f64| if acting_s > 0.0 { amount / acting_s } else { 0.0 };
        Self {
            requests,
            looks,
            stops,
            span,
            lasted_s: lasted.as_secs_f64(),
            acting_s,
            per_second: rate(requests as f64),
            in_flight_peak,
            in_flight_mean: rate(measured.busy().as_secs_f64()),
            operations,
            history,
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunResult {
    /// The exit code.
    pub exit: u8,
    /// The verdict in one sentence.
    pub sentence: String,
    /// What decided the run.
    pub facts: Facts,
    /// What befell it.
    pub fate: Fate,
    /// The same in words: what kept the run from its end, or from deciding.
    #[serde(default)]
    pub remarks: Vec<String>,
    /// What was measured.
    pub figures: Figures,
    /// The verdicts, in the registry's order.
    pub clauses: Vec<ClauseVerdict>,
    /// The policy's statements, and the clauses that judge each.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// Sessions seen and missed by their visitors, by how long they had idled.
    #[serde(default)]
    pub survival: Survival,
}

impl RunResult {
    /// The result of a run.
    pub fn new(
        facts: Facts,
        fate: Fate,
        remarks: Vec<String>,
        figures: Figures,
        clauses: Vec<ClauseVerdict>,
        coverage: Vec<Coverage>,
    ) -> Self {
        let exit = exit_of(&clauses, fate, facts.strict);
        let sentence = sentence(exit, fate, &clauses);
        let survival = Survival::default();
        Self { exit: exit.code(), sentence, facts, fate, remarks, figures, clauses, coverage, survival }
    }

    /// The same with how long sessions lived.
    #[must_use]
    pub fn with_survival(self, survival: Survival) -> Self {
        Self { survival, ..self }
    }
}

impl RunResult {
    /// What there is to say of a run before its first step: these verdicts on nothing.
    pub fn nothing_yet(facts: Facts, clauses: Vec<ClauseVerdict>, coverage: Vec<Coverage>) -> Self {
        let fate = Fate { interrupted: true, ..Fate::default() };
        let remark = "written before the run began: `loiter judge` on this folder judges what the run left";
        Self::new(facts, fate, vec![remark.into()], Figures::default(), clauses, coverage)
    }
}

fn sentence(exit: Exit, fate: Fate, clauses: &[ClauseVerdict]) -> String {
    let of = |level: Option<Level>, status: Status| -> Vec<&str> {
        let wanted =
            |clause: &&ClauseVerdict| clause.status == status && level.is_none_or(|level| clause.level == level);
        clauses.iter().filter(wanted).map(|clause| clause.id.as_str()).collect()
    };
    let all = clauses.len();
    let failed = of(None, Status::Fail);
    match exit {
        Exit::ClauseFailed => {
            format!("not conformant: {} of {all} clauses failed ({})", failed.len(), failed.join(", "))
        }
        Exit::Conformant => {
            let passed = of(None, Status::Pass).len();
            let left = match of(None, Status::NotApplicable).len() {
                0 => String::new(),
                left => format!(", {left} not applicable"),
            };
            let warned = match failed.as_slice() {
                [] => ", none failed".to_owned(),
                ids => format!("; failed below the level of must, which is a warning: {}", ids.join(", ")),
            };
            format!("conformant: {passed} of {all} clauses passed{left}{warned}")
        }
        Exit::HarnessFailed => "the harness failed, which says nothing of the target".into(),
        _ if fate.unavailable => "inconclusive: the target stopped answering (target-unavailable)".into(),
        _ if fate.interrupted => "inconclusive: the run was stopped before its end (interrupted)".into(),
        _ => too_little(&of(Some(Level::Must), Status::Inconclusive), &of(Some(Level::Must), Status::NotExercised)),
    }
}

/// What a run that decided too little says of it, with the remedy.
fn too_little(undecided: &[&str], unexercised: &[&str]) -> String {
    let mut parts = Vec::new();
    if !undecided.is_empty() {
        parts.push(format!("what was seen does not decide {}", undecided.join(", ")));
    }
    match unexercised {
        [] => {}
        few if few.len() <= 6 => parts.push(format!("too little was seen of {}", few.join(", "))),
        many => {
            parts.push(format!("too little was seen of {} clauses of level must; take more visitors", many.len()));
        }
    }
    format!("inconclusive: {}", parts.join("; "))
}
