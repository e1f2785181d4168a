//! What a lane is given and what it gives back.

use super::wire::Dial;
use crate::clock::Timebase;
use crate::history::{Exchange, Known};
use crate::measure::Measurements;
use crate::oracle::{Oracle, Tally};
use crate::plan::{Head, Plan};
use crate::spill::IdSpill;
use crate::target::Target;
use crate::visitor::address::Addresses;
use crate::visitor::text::Texts;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Takes down what happened.
pub trait Sink: Send {
    /// Takes down one exchange; `known` is what the history knows of its visitor.
    fn record(&mut self, known: &mut Known, exchange: &Exchange);
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

/// A stop that a lane is to hold: who acts in it is the lane's own share of the plan.
#[derive(Debug)]
pub struct Crowd {
    /// The stop's number.
    pub stop: u32,
    /// When the plan has it, and how much is due in it.
    pub head: Head,
    /// How often the target has been restarted by now.
    pub restarts: u16,
    /// The target's time.
    pub timebase: Timebase,
    /// Told when all have.
    pub done: oneshot::Sender<StopReport>,
}

/// What became of a crowd.
#[derive(Debug, Clone, Default)]
pub struct StopReport {
    /// Exchanges so far, over all stops.
    pub exchanges: u64,
    /// The most requests that were under way at once in this stop.
    pub peak: u32,
    /// The target stopped answering.
    pub tripped: bool,
    /// This machine has no file or port left for another connection.
    pub exhausted: bool,
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
