//! Takes target and lanes from stop to stop, and notes what kept them from it.

use super::{Ended, Progress};
use crate::clock::{Asked, ClockError, Driver, Reading};
use crate::history::{Attestation, Recorder};
use crate::instant::{Instant, Length};
use crate::lanes::{Crowd, Lane, StopReport};
use crate::measure::monotonic;
use crate::oracle::Fate;
use crate::plan::{Head, Plan};
use crate::target::Restart;
use std::time::Duration;
use tokio::sync::oneshot;

/// How many remarks are kept of one kind of trouble.
const MOST_REMARKS: usize = 3;

/// The stop that is to be held.
#[derive(Clone, Copy)]
struct Stop {
    index: u32,
    head: Head,
    at: Instant,
}

/// Takes target and lanes from stop to stop.
pub(super) struct Conductor {
    driver: Driver,
    restart: Option<Restart>,
    restarts: u16,
    lanes: Vec<Lane>,
    journal: Recorder,
    margin: Length,
    fate: Fate,
    remarks: Vec<String>,
    astray: usize,
    slow: usize,
    date_apart: bool,
    exchanges: u64,
    acting: Duration,
    held: u32,
    peak: u32,
}

/// What a walk over all stops leaves behind.
pub(super) struct End {
    /// The lanes, with what they counted.
    pub(super) lanes: Vec<Lane>,
    /// What befell the run.
    pub(super) fate: Fate,
    /// The same in words.
    pub(super) remarks: Vec<String>,
    /// How long visitors were acting.
    pub(super) acting: Duration,
    /// How many stops were held, and how many there are.
    pub(super) stops: (u32, u32),
    /// The most requests that were under way at once: the lanes' peaks in one stop together.
    pub(super) peak: u32,
}

impl Conductor {
    /// A conductor who has not begun.
    pub(super) fn new(
        driver: Driver,
        restart: Option<Restart>,
        lanes: Vec<Lane>,
        journal: Recorder,
        margin: Length,
    ) -> Self {
        Self {
            driver,
            restart,
            restarts: 0,
            lanes,
            journal,
            margin,
            fate: Fate::default(),
            remarks: Vec::new(),
            astray: 0,
            slow: 0,
            date_apart: false,
            exchanges: 0,
            acting: Duration::ZERO,
            held: 0,
            peak: 0,
        }
    }

    /// Walks a plan's stops until its end, the target's, or the user's.
    pub(super) async fn walk(mut self, plan: &Plan, told: &mut dyn FnMut(Progress), ended: &Ended) -> End {
        let all = u32::try_from(plan.heads.len()).unwrap_or(u32::MAX);
        let steps = plan.steps();
        let mut taken = 0;
        for (index, &head) in (0..).zip(plan.heads.iter()) {
            let stop = Stop { index, head, at: plan.at(&head) };
            if !*ended.borrow() && !self.hold(stop, ended).await {
                break;
            }
            if self.held <= index {
                self.fate.interrupted = true;
                self.remarks.push(format!("the run was stopped before stop {} of {all}", index + 1));
                break;
            }
            taken += u64::from(head.due);
            let now = stop.at;
            told(Progress { stop: (self.held, all), steps: (taken, steps), now, exchanges: self.exchanges });
        }
        let Self { lanes, fate, remarks, acting, held, peak, .. } = self;
        End { lanes, fate, remarks, acting, stops: (held, all), peak }
    }

    /// Holds one stop, unless the user ends the run before anybody acts; says whether the target lets the run go on.
    async fn hold(&mut self, stop: Stop, ended: &Ended) -> bool {
        let jumped = tokio::select! {
            jumped = Self::move_on(&self.driver, self.restart.as_ref().filter(|_| stop.head.restart), stop) => jumped,
            () = until(ended) => return true,
        };
        let reading = match jumped {
            Ok(reading) => reading,
            Err(error) => {
                self.fate.unavailable |= matches!(error, ClockError::Target(..));
                self.fate.harness_failed |= matches!(error, ClockError::Harness(_));
                self.remarks.push(format!("the run ended at stop {}: {error}", stop.index + 1));
                return false;
            }
        };
        self.restarts += u16::from(stop.head.restart && self.restart.is_some());
        self.attest(stop, &reading);
        let began = monotonic();
        let reports = self.act(stop, &reading).await;
        self.note_pace(stop, monotonic() - began);
        self.held = stop.index + 1;
        self.exchanges = reports.iter().map(|report| report.exchanges).sum();
        self.peak = self.peak.max(reports.iter().map(|report| report.peak).sum());
        let first = reports.iter().find(|report| report.exhausted);
        if let Some(report) = first.or_else(|| reports.iter().find(|report| report.tripped)) {
            self.fate.harness_failed |= report.exhausted;
            self.fate.unavailable |= !report.exhausted;
            let last = report.last_failure.as_deref().unwrap_or("no answer");
            let why = if report.exhausted { "this machine cannot go on" } else { "request after request failed" };
            self.remarks.push(format!("the run ended at stop {}: {why}, the last with: {last}", stop.index + 1));
        }
        !self.fate.unavailable && !self.fate.harness_failed
    }

    /// Takes the target to a stop's time, and restarts it there where that is wanted: its time must outlive it.
    async fn move_on(driver: &Driver, restart: Option<&Restart>, stop: Stop) -> Result<Reading, ClockError> {
        let reading = driver.jump(stop.at).await?;
        let Some(restart) = restart else { return Ok(reading) };
        let before = match &restart.marker {
            Some(marker) => driver.about(marker).await,
            None => None,
        };
        let failed = |error| ClockError::Target(Asked::Restart, error);
        restart.bring_down().await.map_err(failed)?;
        let end = monotonic() + restart.settle;
        while let Some(marker) = &restart.marker {
            let now = driver.about(marker).await;
            if now.is_some() && now != before {
                break;
            }
            if monotonic() >= end {
                return Err(failed(format!("`{marker}` of its `[about]` stayed as it was")));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        loop {
            match driver.jump(stop.at).await {
                Err(_) if monotonic() < end => {}
                ended => return ended,
            }
        }
    }

    /// Where time runs on, a crowd that takes longer than the margin leaves probes undecided.
    fn note_pace(&mut self, stop: Stop, acted: Duration) {
        self.acting += acted;
        let most = Duration::from_millis(u64::try_from(self.margin.0).unwrap_or(0));
        if self.driver.is_frozen() || acted <= most {
            return;
        }
        self.slow += 1;
        if self.slow <= MOST_REMARKS {
            self.remarks.push(format!(
                "stop {} took {:.0} s, more than the clock's margin of {}: some probes of deadlines decide nothing; take fewer visitors",
                stop.index + 1,
                acted.as_secs_f64(),
                self.margin
            ));
        }
    }

    /// Notes what the target takes the time to be, and whether that is what it was told.
    fn attest(&mut self, stop: Stop, reading: &Reading) {
        let running = !self.driver.is_frozen();
        let most = if running { Length::seconds(60) } else { Length::seconds(1) };
        let now = reading.timebase.attested;
        let moved = now.hi >= stop.at && (running || now.lo <= stop.at + most);
        if !moved {
            self.fate.clock_lost = true;
            self.astray += 1;
            if self.astray <= MOST_REMARKS {
                let (number, at) = (stop.index + 1, stop.at);
                self.remarks.push(format!("stop {number}: the clock was to be at {at}, and is at {}", now.hi));
            }
        }
        if !reading.timebase.date_follows && reading.sources.len() > 1 && !self.date_apart {
            self.date_apart = true;
            self.remarks.push(
                "the Date header does not go by the target's clock: terms by Expires are measured against the clock itself"
                    .into(),
            );
        }
        let sources = reading.sources.clone();
        let attestation = Attestation { stop: stop.index, asked: stop.at, sources, moved };
        self.journal.attest(&attestation);
        self.journal.flush();
    }

    async fn act(&mut self, stop: Stop, reading: &Reading) -> Vec<StopReport> {
        let count = self.lanes.len();
        let mut waits = Vec::with_capacity(count);
        for lane in &self.lanes {
            let (done, wait) = oneshot::channel();
            let (stop, head) = (stop.index, stop.head);
            let crowd = Crowd { stop, head, restarts: self.restarts, timebase: reading.timebase, done };
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

/// Resolves when the user wants the run to stop.
async fn until(ended: &Ended) {
    if ended.clone().wait_for(|ended| *ended).await.is_err() {
        // Nobody is left who could want it.
        std::future::pending().await
    }
}
