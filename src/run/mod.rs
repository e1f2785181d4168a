//! A run from its first request to its result: survey, plan, stops, lanes, verdicts.
//!
//! It decides the order of these and nothing else; each is done in its own room.

mod conductor;
mod crew;
mod survey;

use self::conductor::{Conductor, End};
use self::crew::{Crew, dismiss, run_tag};
use crate::clock::{self, ClockError, Driver};
use crate::diagnostic::Diagnostic;
use crate::instant::Instant;
use crate::lanes;
use crate::measure::monotonic;
use crate::oracle::{Fate, Oracle, Rules, judge_all};
use crate::plan::Plan;
use crate::policy::Policy;
use crate::record::Folder;
use crate::report::{self, Facts, Figures, RunResult, Story};
use crate::scenario::Scenario;
use crate::target::{Connect, Logs, Restart, Target};
use crate::visitor::address::Addresses;
use crate::visitor::text::Texts;
use std::sync::Arc;

/// What a run is asked to do.
#[derive(Debug)]
pub struct Order {
    /// The target.
    pub target: Target,
    /// Who visits.
    pub scenario: Scenario,
    /// The policy.
    pub policy: Policy,
    /// How many visitors there are.
    pub visitors: u32,
    /// The seed.
    pub seed: u64,
    /// The clauses to judge; all where none is named.
    pub clauses: Vec<String>,
    /// How many lanes there are.
    pub lanes: u32,
    /// Whether warnings count.
    pub strict: bool,
    /// TLS, with the roots that are trusted.
    pub tls: rustls::ClientConfig,
    /// Where the record goes.
    pub folder: Folder,
    /// The command that began the run, to reproduce a failure with.
    pub command: String,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Error {
    /// The user's input is wrong: exit 4.
    Input(Diagnostic),
    /// The scenario does not fit the clock: exit 4.
    Plan(String),
    /// The target does not answer at all: exit 2.
    Unavailable(String),
    /// The harness could not do its work: exit 5.
    Harness(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input(diagnostic) => diagnostic.fmt(f),
            Self::Plan(what) => f.write_str(what),
            Self::Unavailable(what) => write!(f, "target-unavailable: {what}"),
            Self::Harness(what) => write!(f, "the harness failed: {what}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Input(diagnostic)
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// The stop's number, from 1, and how many there are.
    pub stop: (u32, u32),
    /// The visitors' steps so far, and how many there are: each is a request or several.
    pub steps: (u64, u64),
    /// The target's time.
    pub now: Instant,
    /// Exchanges so far.
    pub exchanges: u64,
}

/// Becomes true when the user wants a run to stop.
pub type Ended = tokio::sync::watch::Receiver<bool>;

/// Runs an order to its end: what it came to, and the stories of its failures. `told` hears of each stop; `ended` says
/// when the user wants it to stop.
///
/// # Errors
/// When there is no result to give.
pub async fn run(
    order: Order,
    told: &mut dyn FnMut(Progress),
    ended: &Ended,
) -> Result<(RunResult, Vec<Story>), Error> {
    let client = lanes::agent_client(order.tls.clone()).map_err(Error::Harness)?;
    order.target.room_for(order.visitors)?;
    connections_for(&order)?;
    let driver = Driver::new(&order.target, client.clone());
    let about = survey::about(&order.target, &client).await?;
    let can = survey::capabilities(&order.target, &about)?;
    Logs::open(&order.target, &about)?;
    let restart = Restart::new(&order.target, &about)?;
    let (t0, reading) = driver.start().await.map_err(clock_error)?;
    let policy = Arc::new(order.policy);
    let declared = survey::declared_term(&order.target, &client, &policy, &reading.timebase).await;
    let profile = clock::profile(&order.target, t0, declared);
    let scenario = Arc::new(order.scenario);
    let plan = Plan::new(Arc::clone(&scenario), &policy, profile, t0, order.seed, order.visitors);
    let plan = Arc::new(plan.map_err(|error| Error::Plan(error.to_string()))?);
    let rules = Rules {
        terms: plan.terms,
        tolerance: policy.cookie_tolerance(),
        can,
        horizon: plan.profile.horizon,
        policy: Arc::clone(&policy),
    };
    let oracle = Arc::new(Oracle::new(rules, &order.clauses));
    let facts =
        Facts::new(&plan, &order.target, can, &order.clauses, order.lanes, order.strict, order.command, about.clone());
    let target = Arc::new(order.target);
    let record = order.folder.open(&facts, &policy.text, &scenario.text, &target.text, t0).map_err(Error::Input)?;
    let unseen = Fate { interrupted: true, ..Fate::default() };
    let coverage = report::coverage(&policy);
    let verdicts = judge_all(&oracle, &oracle.tally(), unseen);
    order.folder.announce(&RunResult::nothing_yet(facts.clone(), verdicts, coverage.clone()))?;
    let tag = run_tag(&facts);
    let crew = Crew {
        target: Arc::clone(&target),
        plan: Arc::clone(&plan),
        oracle: Arc::clone(&oracle),
        texts: Texts::new(tag),
        addresses: Addresses::new(target.blocks(), tag),
        tls: Arc::new(order.tls),
        about,
        folder: order.folder.path().to_owned(),
    };
    let lanes = (0..order.lanes)
        .map(|lane| crew.hire((lane, order.lanes), record.recorder(lane + 1)))
        .collect::<Result<Vec<_>, _>>()?;
    let began = monotonic();
    let conductor = Conductor::new(driver, restart, lanes, record.recorder(0), plan.profile.margin);
    let End { lanes, mut fate, mut remarks, acting, stops, peak } = conductor.walk(&plan, told, ended).await;
    if !plan.left_out().is_empty() {
        let left_out = plan.left_out().join(", ");
        remarks.push(format!("the clock has too few stops for these journeys, which nobody took: {left_out}"));
    }
    let (tally, measurements) = dismiss(lanes, &oracle, &mut fate, &mut remarks);
    remarks.extend(measurements.troubles());
    let lasted = monotonic() - began;
    let verdicts = judge_all(&oracle, &tally, fate);
    let summary = record.close().unwrap_or_else(|error| {
        fate.harness_failed = true;
        remarks.push(format!("the history could not be written whole: {error}"));
        Default::default()
    });
    let figures = Figures::new(&measurements, peak, stops, lasted, acting, plan.span(), summary);
    let result = RunResult::new(facts, fate, remarks, figures, verdicts, coverage).with_survival(tally.survival);
    let log = measurements.interval_log(lasted).map_err(Error::Harness)?;
    let stories = order.folder.close(&result, &log).map_err(|error| Error::Harness(error.to_string()))?;
    Ok((result, stories))
}

/// That there can be as many connections at once as the lanes, or the visitors, may have.
fn connections_for(order: &Order) -> Result<(), Diagnostic> {
    let wanted = match order.target.connect {
        Connect::PerVisitor => u64::from(order.visitors),
        Connect::Shared | Connect::PerVisit => u64::from(order.lanes) * order.target.connections as u64,
    };
    match lanes::refusal(wanted, lanes::most_connections()) {
        Some(told) => Err(Diagnostic::new(&order.target.path, told)
            .remedy("take fewer visitors, lanes or connections, let visitors share them, or raise `ulimit -n`")),
        None => Ok(()),
    }
}

fn clock_error(error: ClockError) -> Error {
    match error {
        ClockError::Target(..) => Error::Unavailable(error.to_string()),
        ClockError::Harness(_) => Error::Harness(error.to_string()),
    }
}
