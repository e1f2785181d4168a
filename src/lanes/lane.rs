//! One lane: a thread with its own runtime, its own visitors and connections, that carries out one crowd after another.

use super::act::Moment;
use super::ask::{Places, Words};
use super::setup::{Crowd, Finished, LaneSetup, Sink, StopReport};
use super::store::Store;
use super::traveller::Traveller;
use super::wire::{Connection, Failed, Worker};
use crate::history::{Exchange, Known, Outcome};
use crate::measure::{Gauge, Measurements};
use crate::oracle::Tally;
use crate::plan::{Due, Share};
use crate::spill::IdSpill;
use crate::target::{Connect, Logs, SqliteInspector};
use crate::visitor::browser::CarrierRules;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// So many failures in a row, without one answer between, and the target is taken to be gone.
const BREAKER: u32 = 120;

/// By how much one failure brings the breaker nearer: a time-out costs whole seconds, an error none.
const UNKNOWN_WEIGHT: u32 = 4;

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
    let mut connections: Vec<Worker> =
        (0..setup.target.connections).map(|_| Worker::new(Arc::clone(&setup.dial), timeout)).collect();
    let desk = Rc::new(Desk::new(setup, inspector, logs, timeout));
    let mut restarts = 0;
    while let Some(crowd) = inbox.recv().await {
        desk.state.borrow_mut().share.open(&crowd.head);
        if restarts != crowd.restarts {
            restarts = crowd.restarts;
            desk.close_all(&mut connections);
        }
        // Most stops are small, and who has nothing to do costs as much as one who has.
        let idle = connections.len().saturating_sub(crowd.head.due as usize);
        let workers = connections.drain(idle..).map(|connection| {
            let desk = Rc::clone(&desk);
            let moment = Moment { stop: crowd.stop, restarts, timebase: crowd.timebase };
            tokio::task::spawn_local(async move { desk.work(connection, moment).await })
        });
        let workers: Vec<_> = workers.collect();
        for worker in workers {
            connections.push(worker.await.map_err(|error| format!("a lane's worker failed: {error}"))?);
        }
        if !desk.setup.plan.profile.frozen {
            desk.close_all(&mut connections);
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
    pub(super) words: RefCell<Words>,
    /// How many requests are under way.
    pub(super) gauge: Gauge,
    pub(super) places: RefCell<Places>,
    state: RefCell<State>,
}

struct State {
    travellers: Store,
    /// The connections that visitors keep, by visitor.
    kept: HashMap<u32, Connection>,
    share: Share,
    tally: Tally,
    measurements: Measurements,
    sink: Box<dyn Sink>,
    ids: IdSpill,
    exchanges: u64,
    failures_in_a_row: u32,
    last_failure: Option<Box<str>>,
    tripped: bool,
    exhausted: bool,
}

/// A sink that takes nothing, left behind when the real one has moved to its place.
struct Nowhere;

impl Sink for Nowhere {
    fn record(&mut self, _: &mut Known, _: &Exchange) {}
    fn flush(&mut self) {}
}

impl Desk {
    fn new(mut setup: LaneSetup, inspector: Option<SqliteInspector>, logs: Logs, timeout: Duration) -> Self {
        let share = setup.plan.visitors.div_ceil(setup.place.1) as usize;
        let state = State {
            travellers: Store::new(share, setup.plan.t0),
            kept: HashMap::new(),
            share: setup.plan.share(setup.place),
            tally: setup.oracle.tally(),
            measurements: Measurements::default(),
            sink: std::mem::replace(&mut setup.sink, Box::new(Nowhere)),
            ids: std::mem::take(&mut setup.ids),
            exchanges: 0,
            failures_in_a_row: 0,
            last_failure: None,
            tripped: false,
            exhausted: false,
        };
        let carrier = CarrierRules::new(setup.target.carrier.name(), &setup.target.url);
        let (places, words) = (RefCell::default(), RefCell::default());
        let (logs, gauge) = (RefCell::new(logs), Gauge::default());
        Self { setup, inspector, logs, carrier, timeout, words, gauge, places, state: RefCell::new(state) }
    }

    async fn work(&self, mut worker: Worker, moment: Moment) -> Worker {
        let mut group = Vec::new();
        while self.next_group(&mut group) {
            let visitor = group[0].visitor;
            let place = visitor / self.setup.place.1;
            self.take_kept(visitor, &mut worker);
            let mut traveller = self.state.borrow_mut().travellers.take(place);
            let mut ended = false;
            for due in &group {
                self.take_step(&mut worker, &mut traveller, due, &moment).await;
                ended |= due.last;
            }
            self.give_back(visitor, &mut worker, ended);
            if !ended {
                let keeps_previous = self.setup.plan.journey(visitor).asks_for_previous();
                self.state.borrow_mut().travellers.put(place, &traveller, keeps_previous);
            }
        }
        worker
    }

    /// Gives the worker the connection that a visitor keeps for itself, where visitors do.
    fn take_kept(&self, visitor: u32, worker: &mut Worker) {
        if self.setup.target.connect == Connect::PerVisitor
            && let Some(kept) = self.state.borrow_mut().kept.remove(&visitor)
        {
            worker.connection = kept;
        }
    }

    /// What becomes of a connection at the end of a visit.
    fn give_back(&self, visitor: u32, worker: &mut Worker, ended: bool) {
        match self.setup.target.connect {
            Connect::Shared => {}
            Connect::PerVisitor if !ended => {
                let fresh = worker.connection.another();
                let mut kept = std::mem::replace(&mut worker.connection, fresh);
                kept.rest();
                self.state.borrow_mut().kept.insert(visitor, kept);
            }
            Connect::PerVisit | Connect::PerVisitor => worker.close(),
        }
    }

    fn close_all(&self, workers: &mut [Worker]) {
        workers.iter_mut().for_each(Worker::close);
        self.state.borrow_mut().kept.clear();
    }

    /// The steps of the next visitor that nobody attends to yet; false where there is none.
    fn next_group(&self, group: &mut Vec<Due>) -> bool {
        let state = &mut *self.state.borrow_mut();
        !state.tripped && state.share.next_into(&self.setup.plan, group)
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
        state.sink.record(&mut traveller.known, &exchange);
    }

    /// Ends the lane's work where this machine, and not the target, cannot go on.
    pub(super) fn note_exhaustion(&self, failed: &Failed) {
        let state = &mut *self.state.borrow_mut();
        state.exhausted |= matches!(failed, Failed::Exhausted(_));
        state.tripped |= state.exhausted;
    }

    /// Whether the target has stopped answering.
    pub(super) fn is_tripped(&self) -> bool {
        self.state.borrow().tripped
    }

    fn report(&self) -> StopReport {
        let mut state = self.state.borrow_mut();
        state.sink.flush();
        StopReport {
            exchanges: state.exchanges,
            peak: self.gauge.take_peak(),
            tripped: state.tripped,
            exhausted: state.exhausted,
            last_failure: state.last_failure.clone(),
        }
    }
}
