//! Lanes with nobody at the other end: everything of a run is on but for the sockets.

pub mod accounts;
mod chatbox;

use accounts::Spent;
use loiter::clock::Timebase;
use loiter::history::{Exchange, HistoryWriter, Known, Recorder};
use loiter::instant::{Instant, Interval, Length};
use loiter::lanes::{self, Crowd, Dial, Lane, LaneSetup, Sink};
use loiter::measure::{Measurements, monotonic};
use loiter::oracle::{Fate, Oracle, Rules, Status, judge_all};
use loiter::plan::{Head, Plan, Profile};
use loiter::policy::{self, BUILT_IN_NAME};
use loiter::scenario;
use loiter::spill::IdSpill;
use loiter::target::{self, REFERENCE, Target};
use loiter::visitor::address::Addresses;
use loiter::visitor::text::Texts;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Where these runs' time starts.
const T0: Instant = Instant(1_800_000_000_000);

/// How many connections all lanes have together.
const CONNECTIONS: u32 = 64;

/// Tells these runs' texts and addresses from others.
const RUN: u32 = 0x1F2E_3D4C;

/// As `benches/peers/visits.toml`, but that visitors come over days: there is more than one stop.
const SCENARIO: &str = r#"
name = "visits without pauses"
visitors = 10000
seed = 1
arrivals = "20 day"
cohort = [{ journey = "visit", share = 1 }]

[[journey]]
id = "visit"
about = "loads the chatbox and views 20 pages right after it"
[[journey.step]]
do = ["load"]
[[journey.step]]
at = "0 s"
repeat = 20
do = ["browse"]
"#;

/// What a run came to.
pub struct Sample {
    /// Requests.
    pub requests: u64,
    /// From the first crowd to the last report.
    pub lasted: Duration,
    /// What the lanes' threads spent.
    pub lanes: Spent,
    /// What the history's thread spent.
    pub history: Spent,
}

/// What all runs have in common.
pub struct Stage {
    plan: Arc<Plan>,
    oracle: Arc<Oracle>,
    folder: TempDir,
    runs: u32,
}

impl Stage {
    /// A stage for so many visitors.
    pub fn new(visitors: u32) -> Self {
        let policy = Arc::new(policy::load(Path::new(BUILT_IN_NAME)).expect("the built-in policy is sound"));
        let scenario = Arc::new(scenario::parse(Path::new("lanes.toml"), SCENARIO).expect("a sound scenario"));
        let profile = Profile {
            clock: "endpoint".into(),
            stops: 2000,
            jumps: true,
            frozen: true,
            restarts: false,
            margin: Length::seconds(2),
            horizon: Length::days(400),
            declared: None,
        };
        let plan = Plan::new(scenario, &policy, profile, T0, 1, visitors).expect("there are stops enough");
        let rules = Rules {
            terms: plan.terms,
            tolerance: policy.cookie_tolerance(),
            can: target(1).capabilities(None),
            horizon: plan.profile.horizon,
            policy,
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { plan: Arc::new(plan), oracle: Arc::new(Oracle::new(rules, &[])), folder, runs: 0 }
    }

    /// How many stops a run has.
    pub fn stops(&self) -> usize {
        self.plan.heads.len()
    }

    /// Takes so many lanes through all stops. No clause may fail, and no request.
    pub fn run(&mut self, count: u32) -> Sample {
        self.runs += 1;
        let file = self.folder.path().join(format!("history-{}", self.runs));
        let writer = HistoryWriter::create(&file).expect("a file for the history");
        let target = Arc::new(target(count));
        let hire = |lane| {
            let recorder = Recorder::new(lane + 1, T0, writer.sender());
            Lane::start(self.setup((lane, count), &target, recorder)).expect("a thread for the lane")
        };
        let lanes: Vec<Lane> = (0..count).map(hire).collect();
        let began = monotonic();
        let requests = (0..).zip(self.plan.heads.iter()).fold(0, |_, (stop, head)| self.hold(&lanes, stop, head));
        let lasted = monotonic() - began;
        let (of_lanes, history) = (accounts::of_threads("lane-"), accounts::of_threads("history"));
        self.look_at(lanes);
        writer.finish().expect("the history is written whole");
        std::fs::remove_file(&file).expect("the history is there");
        Sample { requests, lasted, lanes: of_lanes, history }
    }

    fn setup(&self, place: (u32, u32), target: &Arc<Target>, recorder: Recorder) -> LaneSetup {
        let tls = lanes::client_config(None, false).expect("TLS can be set up");
        LaneSetup {
            place,
            target: Arc::clone(target),
            plan: Arc::clone(&self.plan),
            oracle: Arc::clone(&self.oracle),
            texts: Texts::new(RUN),
            addresses: Addresses::new(target.blocks(), RUN),
            dial: Arc::new(Dial::null(chatbox::of_lane(place.0))),
            client: lanes::agent_client(tls).expect("TLS can be set up"),
            about: BTreeMap::new(),
            sink: Box::new(Notes(recorder)),
            ids: IdSpill::new(self.folder.path()),
        }
    }

    /// Holds a stop, and gives the requests until then.
    fn hold(&self, lanes: &[Lane], stop: u32, &head: &Head) -> u64 {
        let at = self.plan.at(&head);
        let now = monotonic();
        let timebase =
            Timebase { frozen: true, attested: Interval::new(at, at), asked: (now, now), date_follows: false };
        let waits: Vec<_> = lanes
            .iter()
            .map(|lane| {
                let (done, wait) = oneshot::channel();
                lane.crowds.send(Crowd { stop, head, restarts: 0, timebase, done }).expect("the lane lives");
                wait
            })
            .collect();
        waits.into_iter().map(|wait| wait.blocking_recv().expect("the lane lives").exchanges).sum()
    }

    /// Ends the lanes. That every request was answered and no clause fails is what makes their figures worth something.
    fn look_at(&self, lanes: Vec<Lane>) {
        let (mut tally, mut measured) = (self.oracle.tally(), Measurements::default());
        for lane in lanes {
            let finished = lane.finish().expect("the lane did its work");
            tally.merge(finished.tally);
            measured.merge(&finished.measurements);
        }
        for row in measured.rows() {
            assert!(row.outcomes.keys().all(|outcome| outcome == "ok"), "{row:?}: {:?}", measured.troubles());
        }
        let verdicts = judge_all(&self.oracle, &tally, Fate::default());
        let failed = verdicts.iter().find(|verdict| verdict.status == Status::Fail);
        assert!(failed.is_none(), "the chatbox keeps the policy, and {failed:?}");
    }
}

/// A lane's way into the history, as in a run.
struct Notes(Recorder);

impl Sink for Notes {
    fn record(&mut self, known: &mut Known, exchange: &Exchange) {
        self.0.record(known, exchange);
    }

    fn flush(&mut self) {
        self.0.flush();
    }
}

/// The reference server's target file without what needs the server: store, logs, restart.
fn target(lanes: u32) -> Target {
    let (text, _) = REFERENCE.split_once("[restart]").expect("the file ends with the restart and the store");
    let text = text.replacen("logs = [", "connections = 32 # logs = [", 1);
    let mut target = target::build(Path::new("reference.toml"), &text, None).expect("a sound target file");
    target.connections = (CONNECTIONS / lanes).max(1) as usize;
    target
}
