//! One lane: a thread with its own runtime, its own visitors and connections, that carries out one crowd after another.

use super::act::Moment;
use super::conn::{Connection, Dial};
use super::traveller::Traveller;
use crate::clock::Timebase;
use crate::history::{Event, Exchange, Outcome};
use crate::measure::{Gauge, Measurements};
use crate::oracle::{Oracle, Tally};
use crate::plan::{Due, Plan};
use crate::spill::IdSpill;
use crate::target::{Logs, SqliteInspector, Target};
use crate::visitor::address::Addresses;
use crate::visitor::browser::CarrierRules;
use crate::visitor::text::Texts;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// So many failures in a row, without one answer between, and the target is taken to be gone.
const BREAKER: u32 = 120;

/// By how much one failure brings the breaker nearer: a time-out costs whole seconds, an error none.
const UNKNOWN_WEIGHT: u32 = 4;

/// Takes down what happened.
pub trait Sink: Send {
    /// Takes down one event.
    fn record(&mut self, event: &Event);
    /// Hands on what was taken down so far.
    fn flush(&mut self);
}

/// What a lane is made of.
pub struct LaneSetup {
    /// Which lane it is, and of how many.
    pub place: (u32, u32),
    /// The target.
    pub target: Arc<Target>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// What judges.
    pub oracle: Arc<Oracle>,
    /// The visitors' texts.
    pub texts: Texts,
    /// The visitors' addresses.
    pub addresses: Addresses,
    /// Where connections lead.
    pub dial: Arc<Dial>,
    /// The agents' client.
    pub client: reqwest::Client,
    /// What the target said about itself.
    pub about: BTreeMap<String, String>,
    /// How many requests are under way.
    pub gauge: Arc<Gauge>,
    /// Where the history goes.
    pub sink: Box<dyn Sink>,
    /// Where notes on session ids go.
    pub ids: IdSpill,
}

impl std::fmt::Debug for LaneSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LaneSetup").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A stop's share for one lane.
#[derive(Debug)]
pub struct Crowd {
    /// The stop's number.
    pub stop: u32,
    /// How often the target has been restarted by now.
    pub restarts: u16,
    /// The target's time.
    pub timebase: Timebase,
    /// Who acts.
    pub due: Vec<Due>,
    /// Told when all have.
    pub done: oneshot::Sender<StopReport>,
}

/// What became of a crowd.
#[derive(Debug, Clone, Default)]
pub struct StopReport {
    /// Exchanges so far, over all stops.
    pub exchanges: u64,
    /// The target stopped answering.
    pub tripped: bool,
    /// How the last request failed, where one did.
    pub last_failure: Option<Box<str>>,
}

/// What a lane hands over at its end.
#[derive(Debug)]
pub struct Finished {
    /// What its clauses found.
    pub tally: Tally,
    /// What it measured.
    pub measurements: Measurements,
    /// What it noted on session ids.
    pub ids: IdSpill,
}

/// A lane that is running.
#[derive(Debug)]
pub struct Lane {
    /// Takes the next crowd.
    pub crowds: mpsc::UnboundedSender<Crowd>,
    thread: std::thread::JoinHandle<Result<Finished, String>>,
}

impl Lane {
    /// Starts a lane's thread.
    ///
    /// # Errors
    /// When the machine has no thread for it.
    pub fn start(setup: LaneSetup) -> std::io::Result<Self> {
        let (crowds, inbox) = mpsc::unbounded_channel();
        let thread =
            std::thread::Builder::new().name(format!("lane-{}", setup.place.0)).spawn(move || run(setup, inbox))?;
        Ok(Self { crowds, thread })
    }

    /// Ends the lane and takes what it found.
    ///
    /// # Errors
    /// When the lane could not do its work: a failure of the harness.
    pub fn finish(self) -> Result<Finished, String> {
        drop(self.crowds);
        self.thread.join().map_err(|_| "a lane panicked".to_owned())?
    }
}

fn run(setup: LaneSetup, inbox: mpsc::UnboundedReceiver<Crowd>) -> Result<Finished, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, serve(setup, inbox))
}

async fn serve(setup: LaneSetup, mut inbox: mpsc::UnboundedReceiver<Crowd>) -> Result<Finished, String> {
    let inspector = SqliteInspector::open(&setup.target, &setup.about).map_err(|error| error.to_string())?;
    let logs = Logs::open(&setup.target, &setup.about).map_err(|error| error.to_string())?;
    let timeout = Duration::from_millis(u64::try_from(setup.target.timeout.0).unwrap_or(10_000));
    let mut connections: Vec<Connection> =
        (0..setup.target.connections).map(|_| Connection::new(Arc::clone(&setup.dial), timeout)).collect();
    let desk = Rc::new(Desk::new(setup, inspector, logs, timeout));
    let mut restarts = 0;
    while let Some(crowd) = inbox.recv().await {
        desk.take_in(&crowd);
        if restarts != crowd.restarts {
            restarts = crowd.restarts;
            connections.iter_mut().for_each(Connection::close);
        }
        let workers = connections.drain(..).map(|connection| {
            let desk = Rc::clone(&desk);
            let moment = Moment { stop: crowd.stop, restarts, timebase: crowd.timebase };
            tokio::task::spawn_local(async move { desk.work(connection, moment).await })
        });
        let workers: Vec<_> = workers.collect();
        for worker in workers {
            connections.push(worker.await.map_err(|error| format!("a lane's worker failed: {error}"))?);
        }
        if !desk.setup.plan.profile.frozen {
            connections.iter_mut().for_each(Connection::close);
        }
        let report = desk.report();
        // The run may have ended meanwhile; then nobody wants to know.
        let _ = crowd.done.send(report);
    }
    let mut state = desk.state.borrow_mut();
    state.sink.flush();
    let (tally, measurements) = (std::mem::take(&mut state.tally), std::mem::take(&mut state.measurements));
    Ok(Finished { tally, measurements, ids: std::mem::take(&mut state.ids) })
}

/// What a lane's workers share. A borrow of it never lasts over an await.
pub(super) struct Desk {
    pub(super) setup: LaneSetup,
    pub(super) inspector: Option<SqliteInspector>,
    pub(super) logs: RefCell<Logs>,
    pub(super) carrier: CarrierRules,
    pub(super) timeout: Duration,
    state: RefCell<State>,
}

struct State {
    travellers: Vec<Option<Box<Traveller>>>,
    queue: VecDeque<Vec<Due>>,
    tally: Tally,
    measurements: Measurements,
    sink: Box<dyn Sink>,
    ids: IdSpill,
    exchanges: u64,
    failures_in_a_row: u32,
    last_failure: Option<Box<str>>,
    tripped: bool,
}

/// A sink that takes nothing, left behind when the real one has moved to its place.
struct Nowhere;

impl Sink for Nowhere {
    fn record(&mut self, _: &Event) {}
    fn flush(&mut self) {}
}

impl Desk {
    fn new(mut setup: LaneSetup, inspector: Option<SqliteInspector>, logs: Logs, timeout: Duration) -> Self {
        let share = setup.plan.visitors.div_ceil(setup.place.1) as usize;
        let state = State {
            travellers: std::iter::repeat_with(|| None).take(share).collect(),
            queue: VecDeque::new(),
            tally: setup.oracle.tally(),
            measurements: Measurements::default(),
            sink: std::mem::replace(&mut setup.sink, Box::new(Nowhere)),
            ids: std::mem::take(&mut setup.ids),
            exchanges: 0,
            failures_in_a_row: 0,
            last_failure: None,
            tripped: false,
        };
        let carrier = CarrierRules::new(setup.target.carrier.name(), &setup.target.url);
        Self { setup, inspector, logs: RefCell::new(logs), carrier, timeout, state: RefCell::new(state) }
    }

    /// Queues a crowd, one visitor's steps together and in order.
    fn take_in(&self, crowd: &Crowd) {
        let mut groups: Vec<Vec<Due>> = Vec::new();
        let mut places: BTreeMap<u32, usize> = BTreeMap::new();
        for due in &crowd.due {
            let place = *places.entry(due.visitor).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(*due);
        }
        self.state.borrow_mut().queue = groups.into();
    }

    async fn work(&self, mut connection: Connection, moment: Moment) -> Connection {
        loop {
            let Some(group) = self.next_group() else { return connection };
            let place = (group[0].visitor / self.setup.place.1) as usize;
            let taken = self.state.borrow_mut().travellers[place].take();
            let mut traveller = taken.unwrap_or_default();
            for due in &group {
                self.take_step(&mut connection, &mut traveller, due, &moment).await;
            }
            self.state.borrow_mut().travellers[place] = Some(traveller);
        }
    }

    fn next_group(&self) -> Option<Vec<Due>> {
        let mut state = self.state.borrow_mut();
        if state.tripped {
            state.queue.clear();
        }
        state.queue.pop_front()
    }

    /// Records an exchange, judges it, and counts it.
    pub(super) fn close_exchange(&self, traveller: &mut Traveller, exchange: Exchange, service: Duration) {
        let state = &mut *self.state.borrow_mut();
        state.exchanges += 1;
        state.measurements.note(&exchange, service);
        state.failures_in_a_row = match exchange.outcome {
            Outcome::Unknown => state.failures_in_a_row + UNKNOWN_WEIGHT,
            Outcome::Error => state.failures_in_a_row + 1,
            _ => 0,
        };
        state.tripped |= state.failures_in_a_row >= BREAKER;
        if matches!(exchange.outcome, Outcome::Unknown | Outcome::Error) {
            state.last_failure.clone_from(&exchange.note);
        }
        self.setup.oracle.fold(&mut traveller.model, &exchange, &mut state.tally);
        state.ids.take(state.tally.take_notes());
        state.sink.record(&Event::Exchange(exchange));
    }

    /// Whether the target has stopped answering.
    pub(super) fn is_tripped(&self) -> bool {
        self.state.borrow().tripped
    }

    fn report(&self) -> StopReport {
        let mut state = self.state.borrow_mut();
        state.sink.flush();
        StopReport { exchanges: state.exchanges, tripped: state.tripped, last_failure: state.last_failure.clone() }
    }
}
