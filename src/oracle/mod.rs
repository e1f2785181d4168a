//! The oracle: a model of the policy for each visitor, folded over that visitor's history; clauses; verdicts.
//!
//! It imports neither tokio nor any client, reads no clock and no file: the same code judges a live run and re-judges
//! a stored one. What it does not know it does not condemn.

mod case;
mod clauses;
mod freeze;
mod identity;
mod ids;
mod learn;
mod life;
mod model;
mod notes;
mod restore;
mod survival;
mod tally;
mod verdict;

pub use case::{Case, Prints, Seen, Sight, View};
pub use clauses::{CLAUSES, Clause, Concern, FATES, Judgement, fate, find};
pub use freeze::Frame;
pub use ids::{IdSample, Structure};
pub use life::{Alive, Gone, Life, Open};
pub use model::{Author, Deletion, Model, Session, fingerprint};
pub use notes::{IdNote, NOTE_PARTS};
pub use survival::{Count, Survival};
pub use tally::{ClauseTally, Failure, Tally};
pub use verdict::{Bound, ClauseVerdict, Fate, Reason, Status, judge_all};

use crate::history::Exchange;
use crate::instant::Length;
use crate::policy::{Policy, Terms};
use crate::scenario::Op;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the target can show: a clause that needs more is not applicable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capabilities {
    /// Visitors can view pages.
    pub browse: bool,
    /// Visitors can send messages.
    pub send: bool,
    /// The chatbox can read the conversation.
    #[serde(default = "yes")]
    pub read: bool,
    /// The visitor's conversation can be read, by `read` or by what `load` answers.
    pub messages: bool,
    /// An agent can look at a session.
    pub agent: bool,
    /// An agent's look shows the address.
    pub agent_address: bool,
    /// An agent can delete a session.
    pub agent_delete: bool,
    /// The store can be looked at.
    pub store: bool,
    /// The store's inspector shows the session's address.
    pub store_address: bool,
    /// The store's inspector counts the rows that hold an address.
    pub store_rows: bool,
    /// There is more than one website.
    pub websites: bool,
    /// Requests other than load that make a session where there is none.
    pub reading_creates: bool,
    /// The website can greet a visitor by itself.
    #[serde(default)]
    pub agent_greet: bool,
    /// An agent can send a message.
    #[serde(default)]
    pub agent_send: bool,
    /// A message can be sent once more under the client's own name of it.
    #[serde(default)]
    pub resend: bool,
    /// The target can be restarted.
    #[serde(default)]
    pub restart: bool,
    /// A forged address can be told from the visitor's own.
    #[serde(default)]
    pub forging: bool,
    /// A visitor's address can be another one than before.
    #[serde(default)]
    pub moving: bool,
    /// The target is told each visitor's address; otherwise it sees the harness's own, which is no visitor's.
    #[serde(default = "yes")]
    pub told_address: bool,
    /// Log files are looked into.
    #[serde(default)]
    pub logs: bool,
    /// The target is spoken to by https.
    #[serde(default)]
    pub secure: bool,
    /// The session's id is the carrier's value: a new session may well have the old one's.
    #[serde(default)]
    pub carrier_is_session: bool,
    /// The target's due timers run when its clock is moved.
    pub timers_follow: bool,
}

/// What is assumed of runs that were stored before it was asked.
const fn yes() -> bool {
    true
}

impl Capabilities {
    /// The strongest of the views that it gives of sessions.
    pub const fn strongest_view(&self) -> View {
        match (self.store, self.agent) {
            (true, _) => View::Store,
            (false, true) => View::Agent,
            (false, false) => View::Visitor,
        }
    }

    /// The strongest of the views that show addresses or count them.
    pub const fn strongest_view_of_addresses(&self) -> View {
        if self.store_address || self.store_rows { View::Store } else { View::Agent }
    }

    /// Why no session shows the address of its visitor, where none does.
    pub const fn lacks_addresses(&self) -> Option<&'static str> {
        match self {
            can if !can.told_address => Some("no-header-tells-addresses"),
            can if !can.agent_address && !can.store_address => Some("no-inspector-shows-addresses"),
            _ => None,
        }
    }
}

/// What a run is judged under.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The policy.
    pub policy: Arc<Policy>,
    /// Its terms at this run's margin.
    pub terms: Terms,
    /// By how much a declared term may be off.
    pub tolerance: Length,
    /// What the target can show.
    pub can: Capabilities,
    /// How far the run could go.
    pub horizon: Length,
}

/// Judges exchanges, one visitor at a time.
pub struct Oracle {
    /// What is judged under.
    pub rules: Rules,
    clauses: Vec<&'static dyn Clause>,
    /// For each operation and each fate, the clauses to ask, by their places.
    asked: Vec<Box<[u8]>>,
}

impl std::fmt::Debug for Oracle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oracle").field("clauses", &self.clauses.len()).finish_non_exhaustive()
    }
}

impl Oracle {
    /// An oracle for the clauses named, or for all where none is.
    pub fn new(rules: Rules, only: &[String]) -> Self {
        let wanted = |clause: &&&'static dyn Clause| only.is_empty() || only.iter().any(|id| id == clause.id());
        let stated = |clause: &&&'static dyn Clause| rules.policy.clauses.contains_key(clause.id());
        let clauses: Vec<_> = CLAUSES.iter().filter(wanted).filter(stated).copied().collect();
        let asked = Op::ALL.iter().flat_map(|op| (0..FATES).map(|fate| concerned(&clauses, *op, fate))).collect();
        Self { rules, clauses, asked }
    }

    /// The clauses that it judges, in the registry's order.
    pub fn clauses(&self) -> &[&'static dyn Clause] {
        &self.clauses
    }

    /// An empty tally with a place for each clause.
    pub fn tally(&self) -> Tally {
        Tally::new(self.clauses.len())
    }

    /// Judges one exchange by what is known of its visitor, and then learns from it.
    pub fn fold(&self, model: &mut Model, exchange: &Exchange, tally: &mut Tally) {
        model.prepare(exchange);
        let case = Case::new(&self.rules, model, exchange);
        for &place in &self.asked[place_of(exchange.op) * FATES + fate(case.life())] {
            let place = usize::from(place);
            if let Some(judgement) = self.clauses[place].judge(&case) {
                tally.add(place, judgement, exchange, View::of(exchange.op));
            }
        }
        if let Some(sight) = case.sight.filter(|sight| sight.view == View::Visitor) {
            tally.note_survival(&self.rules, &sight, &exchange.at);
        }
        let prints = case.prints;
        tally.note_ids(model, exchange, prints);
        model.learn(&self.rules, exchange, prints);
    }
}

/// The clauses that an exchange concerns, by their places.
fn concerned(clauses: &[&'static dyn Clause], op: Op, fate: usize) -> Box<[u8]> {
    let asked = clauses.iter().zip(0..).filter(|(clause, _)| clause.concerns().includes(op, fate));
    asked.map(|(_, place)| place).collect()
}

/// The place of an operation in [`Op::ALL`].
const fn place_of(op: Op) -> usize {
    op as usize
}

#[cfg(test)]
mod tests;
