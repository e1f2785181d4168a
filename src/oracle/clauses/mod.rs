//! The clauses: one file each, one line each in the registry, its words in the policy file.

mod cookie_lifetime;
mod cookie_renewed_on_load;
mod cookie_renewed_only_on_load;
mod cookie_set_on_load;
mod ip_kept_for_chatters;
mod ip_removed_with_session;
mod ip_stored;
mod restore_after_days;
mod restore_between_pages;
mod session_access_restarts_idle;
mod session_agent_delete;
mod session_destroyed_after_idle;
mod session_isolated;
mod session_not_destroyed_early;
mod session_permanent_with_messages;

use super::case::Case;
use super::verdict::Reason;
use super::{Capabilities, Rules};
use crate::instant::Length;

/// Every clause, in the order of reports.
pub const CLAUSES: &[&dyn Clause] = &[
    &cookie_set_on_load::SetOnLoad,
    &cookie_lifetime::Lifetime,
    &cookie_renewed_on_load::RenewedOnLoad,
    &cookie_renewed_only_on_load::RenewedOnlyOnLoad,
    &restore_between_pages::BetweenPages,
    &restore_after_days::AfterDays,
    &session_isolated::Isolated,
    &session_not_destroyed_early::NotDestroyedEarly,
    &session_destroyed_after_idle::DestroyedAfterIdle,
    &session_access_restarts_idle::AccessRestartsIdle,
    &session_permanent_with_messages::PermanentWithMessages,
    &session_agent_delete::AgentDelete,
    &ip_stored::Stored,
    &ip_removed_with_session::RemovedWithSession,
    &ip_kept_for_chatters::KeptForChatters,
];

/// The clause with this id.
pub fn find(id: &str) -> Option<&'static dyn Clause> {
    CLAUSES.iter().find(|clause| clause.id() == id).copied()
}

/// What a clause finds in one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It was kept, as seen over this span.
    Pass {
        /// How long the thing that was kept had lasted.
        span: Length,
    },
    /// It was broken.
    Fail {
        /// What the policy wants.
        expected: String,
        /// What was seen.
        seen: String,
    },
    /// The exchange belongs to it and does not decide it.
    Inconclusive(Reason),
}

impl Judgement {
    /// Kept, where the span does not matter.
    pub fn pass() -> Self {
        Self::Pass { span: Length::ZERO }
    }

    /// Broken.
    pub fn fail(expected: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::Fail { expected: expected.into(), seen: seen.into() }
    }
}

/// One statement of the policy that can be judged.
pub trait Clause: Sync {
    /// Its stable id.
    fn id(&self) -> &'static str;

    /// What it checks, in a sentence or two for people.
    fn checks(&self) -> &'static str;

    /// Which evidence counts: what is looked at, through whose eyes, and what is left out.
    fn evidence(&self) -> &'static str;

    /// What the target lacks for it to be judged at all.
    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        let _ = can;
        None
    }

    /// The shortest run that can exercise it.
    fn shortest_run(&self, rules: &Rules) -> Length {
        let _ = rules;
        Length::ZERO
    }

    /// Whether it hangs on the target's clock having moved as it was told.
    fn hangs_on_time(&self) -> bool {
        true
    }

    /// Whether it is about removal, and so rests on the strongest view that the target offers.
    fn is_removal(&self) -> bool {
        false
    }

    /// The clause that must have been seen kept for this one to mean anything: its positive control.
    fn control(&self) -> Option<&'static str> {
        None
    }

    /// What it finds in an exchange; `None` where the exchange says nothing of it.
    fn judge(&self, case: &Case) -> Option<Judgement>;
}
