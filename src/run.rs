//! A run from its first request to its result: survey, plan, stops, lanes, verdicts.
//!
//! It decides the order of these and nothing else; each is done in its own room.

use crate::clock::{self, ClockError, Driver, Reading};
use crate::diagnostic::Diagnostic;
use crate::history::{Attestation, Event, Recorder};
use crate::instant::{Instant, Length};
use crate::lanes::{self, Crowd, Dial, Lane, LaneSetup, Sink, StopReport};
use crate::measure::{Gauge, Measurements, monotonic};
use crate::oracle::{Fate, Oracle, Rules, Tally, judge_all};
use crate::plan::{Plan, Stop};
use crate::policy::Policy;
use crate::record::{Folder, span_of};
use crate::report::{Facts, Figures, RunResult};
use crate::scenario::{Op, Scenario};
use crate::target::{Captured, SqliteInspector, Target};
use crate::visitor::address::Addresses;
use crate::visitor::text::Texts;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

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
    /// The target's time.
    pub now: Instant,
    /// Exchanges so far.
    pub exchanges: u64,
}

/// Runs an order to its end. `told` hears of each stop; `ended` says when the user wants it to stop.
///
/// # Errors
/// When there is no result to give.
pub async fn run(order: Order, told: &mut dyn FnMut(Progress), ended: &dyn Fn() -> bool) -> Result<RunResult, Error> {
    let client = lanes::agent_client(order.tls.clone()).map_err(Error::Harness)?;
    let driver = Driver::new(&order.target, client.clone()).map_err(clock_error)?;
    let about = survey(&order.target, &client).await?;
    SqliteInspector::open(&order.target, &about)?;
    let reading = driver.read().await.map_err(clock_error)?;
    let t0 = clock::machine_now().max(reading.timebase.attested.hi).ceil_second();
    let profile = clock::profile(&order.target, t0, None);
    let scenario = Arc::new(order.scenario);
    let plan = Plan::new(Arc::clone(&scenario), &order.policy, profile, t0, order.seed, order.visitors);
    let plan = Arc::new(plan.map_err(|error| Error::Plan(error.to_string()))?);
    let policy = Arc::new(order.policy);
    let can = order.target.capabilities();
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
    let tag = run_tag(&facts);
    let addresses = Addresses::new(target.source.as_ref(), tag)
        .map_err(|error| Error::Input(Diagnostic::new(&target.path, error)))?;
    let gauge = Arc::new(Gauge::default());
    let mut journal = record.recorder(0);
    let crew = Crew {
        target: Arc::clone(&target),
        plan: Arc::clone(&plan),
        oracle: Arc::clone(&oracle),
        texts: Texts::new(tag),
        addresses,
        tls: Arc::new(order.tls),
        about,
        gauge: Arc::clone(&gauge),
    };
    let lanes = (0..order.lanes)
        .map(|lane| crew.hire((lane, order.lanes), record.recorder(lane + 1)))
        .collect::<Result<Vec<_>, _>>()?;
    let began = monotonic();
    let mut conductor = Conductor {
        driver,
        lanes,
        journal: &mut journal,
        fate: Fate::default(),
        exchanges: 0,
        acting: Duration::ZERO,
        stops: 0,
    };
    let all = u32::try_from(plan.stops().count()).unwrap_or(u32::MAX);
    for stop in plan.stops() {
        if ended() {
            conductor.fate.interrupted = true;
            break;
        }
        let at = stop.at;
        if !conductor.hold(stop).await? {
            break;
        }
        told(Progress { stop: (conductor.stops, all), now: at, exchanges: conductor.exchanges });
    }
    let (fate, acting, stops) = (conductor.fate, conductor.acting, conductor.stops);
    let (tally, measurements) = dismiss(conductor.lanes, &oracle)?;
    let lasted = monotonic() - began;
    let verdicts = judge_all(&oracle, &tally, fate);
    let summary = {
        drop(journal);
        record.close(!fate.interrupted)
    }
    .map_err(|error| Error::Harness(format!("the history: {error}")))?;
    let figures = Figures::new(&measurements, &gauge, (stops, all), lasted, acting, span_of(&plan), summary);
    let result = RunResult::new(facts, fate, figures, verdicts);
    let log = measurements.interval_log(lasted).map_err(Error::Harness)?;
    order.folder.close(&result, &log).map_err(Error::Input)?;
    Ok(result)
}

/// Asks the target about itself, where it has an answer.
async fn survey(target: &Target, client: &reqwest::Client) -> Result<BTreeMap<String, String>, Error> {
    let Some(about) = &target.about else { return Ok(BTreeMap::new()) };
    let answer = lanes::agent_ask(client, &target.url, about, &target.variables(), Duration::from_secs(10)).await;
    let answer = answer.map_err(|error| Error::Unavailable(format!("{} does not answer: {error}", target.url)))?;
    let json = serde_json::from_slice(&answer.body).ok();
    let taken = about.captures.iter().filter_map(|(name, capture)| match capture.take(&answer, json.as_ref()) {
        Captured::One(text) => Some((name.clone(), text)),
        Captured::Nothing | Captured::Many(_) => None,
    });
    Ok(taken.collect())
}

fn clock_error(error: ClockError) -> Error {
    match error {
        ClockError::Target(_) => Error::Unavailable(error.to_string()),
        ClockError::Harness(_) => Error::Harness(error.to_string()),
    }
}

/// Tells this run's texts and addresses from those of any other.
pub fn run_tag(facts: &Facts) -> u32 {
    let digest = Sha256::digest(format!("{} {} {}", facts.plan_digest, facts.t0.0, facts.seed));
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

/// What every lane is made of.
struct Crew {
    target: Arc<Target>,
    plan: Arc<Plan>,
    oracle: Arc<Oracle>,
    texts: Texts,
    addresses: Addresses,
    tls: Arc<rustls::ClientConfig>,
    about: BTreeMap<String, String>,
    gauge: Arc<Gauge>,
}

impl Crew {
    fn hire(&self, place: (u32, u32), recorder: Recorder) -> Result<Lane, Error> {
        let dial = Dial::new(&self.target.url, Arc::clone(&self.tls))
            .map_err(|error| Error::Input(Diagnostic::new(&self.target.path, error)))?;
        let setup = LaneSetup {
            place,
            target: Arc::clone(&self.target),
            plan: Arc::clone(&self.plan),
            oracle: Arc::clone(&self.oracle),
            texts: self.texts.clone(),
            addresses: self.addresses.clone(),
            dial: Arc::new(dial),
            client: lanes::agent_client((*self.tls).clone()).map_err(Error::Harness)?,
            about: self.about.clone(),
            gauge: Arc::clone(&self.gauge),
            sink: Box::new(Notes(recorder)),
        };
        Lane::start(setup).map_err(|error| Error::Harness(error.to_string()))
    }
}

/// A lane's way into the history.
struct Notes(Recorder);

impl Sink for Notes {
    fn record(&mut self, event: &Event) {
        self.0.record(event);
    }

    fn flush(&mut self) {
        self.0.flush();
    }
}

/// Takes target and lanes from stop to stop.
struct Conductor<'a> {
    driver: Driver,
    lanes: Vec<Lane>,
    journal: &'a mut Recorder,
    fate: Fate,
    exchanges: u64,
    acting: Duration,
    stops: u32,
}

impl Conductor<'_> {
    /// Holds one stop; says whether the run goes on.
    async fn hold(&mut self, stop: Stop) -> Result<bool, Error> {
        let reading = match self.driver.jump(stop.at).await {
            Ok(reading) => reading,
            Err(ClockError::Harness(what)) => return Err(Error::Harness(what)),
            Err(error @ ClockError::Target(_)) => {
                eprintln!("the run ends at stop {}: {error}", stop.index);
                self.fate.unavailable = true;
                return Ok(false);
            }
        };
        self.attest(&stop, &reading);
        let began = monotonic();
        let reports = self.act(&stop, &reading).await;
        self.acting += monotonic() - began;
        self.stops = stop.index + 1;
        self.exchanges = reports.iter().map(|report| report.exchanges).sum();
        self.fate.unavailable |= reports.iter().any(|report| report.tripped);
        Ok(!self.fate.unavailable)
    }

    /// Notes what the target takes the time to be, and whether that is what it was told.
    fn attest(&mut self, stop: &Stop, reading: &Reading) {
        let most = if self.driver.is_frozen() { Length::seconds(1) } else { Length::seconds(60) };
        let there = |now: &crate::instant::Interval| now.hi >= stop.at && now.lo <= stop.at + most;
        let running = !self.driver.is_frozen();
        let moved = reading.sources.iter().all(|source| there(&source.now) || (running && source.now.hi >= stop.at));
        self.fate.clock_lost |= !moved;
        let attestation = Attestation { stop: stop.index, asked: stop.at, sources: reading.sources.clone(), moved };
        self.journal.record(&Event::Attestation(attestation));
        self.journal.flush();
    }

    async fn act(&mut self, stop: &Stop, reading: &Reading) -> Vec<StopReport> {
        let count = self.lanes.len();
        let mut waits = Vec::with_capacity(count);
        for (lane, index) in self.lanes.iter().zip(0_u32..) {
            let mine = |visitor: u32| visitor as usize % count == index as usize;
            let due = stop.due.iter().filter(|due| mine(due.visitor)).copied().collect();
            let (done, wait) = oneshot::channel();
            let crowd = Crowd { stop: stop.index, timebase: reading.timebase, due, done };
            if lane.crowds.send(crowd).is_ok() {
                waits.push(wait);
            }
        }
        let mut reports = Vec::with_capacity(count);
        for wait in waits {
            reports.extend(wait.await.ok());
        }
        reports
    }
}

fn dismiss(lanes: Vec<Lane>, oracle: &Oracle) -> Result<(Tally, Measurements), Error> {
    let mut tally = oracle.tally();
    let mut measurements = Measurements::default();
    for lane in lanes {
        let finished = lane.finish().map_err(Error::Harness)?;
        tally.merge(finished.tally);
        measurements.merge(&finished.measurements);
    }
    Ok((tally, measurements))
}

/// The operations that a target lacks, by name.
pub fn lacking(target: &Target) -> Vec<&'static str> {
    let has = |op: &Op| target.operations.contains_key(op) || (*op == Op::StoreInspect && target.store.is_some());
    Op::ALL.iter().filter(|op| !has(op)).map(|op| op.name()).collect()
}
