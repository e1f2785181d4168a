//! The clauses: one file each, one line each in the registry, its words in the policy file.

mod concern;
mod cookie_attributes;
mod cookie_lifetime;
mod cookie_no_structure;
mod cookie_nothing_else;
mod cookie_opaque;
mod cookie_renewed_on_load;
mod cookie_renewed_only_on_load;
mod cookie_replayed_after_expiry;
mod cookie_set_on_load;
mod cookie_valid_to_the_end;
mod ip_after_agent_delete;
mod ip_agent_only_conversation;
mod ip_forged;
mod ip_kept_for_chatters;
mod ip_on_change;
mod ip_removed_with_session;
mod ip_stored;
mod restore_acknowledged;
mod restore_after_address_change;
mod restore_after_days;
mod restore_between_pages;
mod session_access_restarts_idle;
mod session_agent_delete;
mod session_agent_message;
mod session_destroyed_after_idle;
mod session_isolated;
mod session_last_second_message;
mod session_late_message;
mod session_no_resurrection;
mod session_not_destroyed_early;
mod session_permanent_with_messages;
mod session_single;
mod session_single_after_end;
mod session_survives_restart;
mod session_unknown_identity;

pub use concern::{Concern, FATES, fate};

use super::case::{Case, View};
use super::tally::{ClauseTally, Tally};
use super::verdict::Reason;
use super::{Capabilities, Rules};
use crate::instant::Length;

/// Every clause, in the order of reports.
pub const CLAUSES: &[&dyn Clause] = &[
    &cookie_set_on_load::SetOnLoad,
    &cookie_lifetime::Lifetime,
    &cookie_renewed_on_load::RenewedOnLoad,
    &cookie_renewed_only_on_load::RenewedOnlyOnLoad,
    &cookie_valid_to_the_end::ValidToTheEnd,
    &cookie_replayed_after_expiry::ReplayedAfterExpiry,
    &cookie_nothing_else::NothingElse,
    &cookie_opaque::Opaque,
    &cookie_no_structure::NoStructure,
    &cookie_attributes::Attributes,
    &restore_between_pages::BetweenPages,
    &restore_after_days::AfterDays,
    &restore_acknowledged::Acknowledged,
    &restore_after_address_change::AfterAddressChange,
    &session_isolated::Isolated,
    &session_single::Single,
    &session_single_after_end::SingleAfterEnd,
    &session_unknown_identity::UnknownIdentity,
    &session_not_destroyed_early::NotDestroyedEarly,
    &session_destroyed_after_idle::DestroyedAfterIdle,
    &session_access_restarts_idle::AccessRestartsIdle,
    &session_no_resurrection::NoResurrection,
    &session_late_message::Late,
    &session_permanent_with_messages::PermanentWithMessages,
    &session_last_second_message::LastSecondMessage,
    &session_agent_message::AgentMessage,
    &session_agent_delete::AgentDelete,
    &session_survives_restart::SurvivesRestart,
    &ip_stored::Stored,
    &ip_forged::Forged,
    &ip_on_change::OnChange,
    &ip_removed_with_session::RemovedWithSession,
    &ip_kept_for_chatters::KeptForChatters,
    &ip_agent_only_conversation::AgentOnlyConversation,
    &ip_after_agent_delete::AfterAgentDelete,
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
    /// The policy leaves it open: what was seen is counted, and nothing is judged.
    Observed(&'static str),
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

    /// The view on which it must rest, where it is about removal: the strongest that can show what is removed.
    fn rests_on(&self, can: &Capabilities) -> Option<View> {
        let _ = can;
        None
    }

    /// Why this target cannot show the span that the policy file asks for, where it cannot: the clause is judged
    /// without it then.
    fn shows_no_span(&self, can: &Capabilities) -> Option<&'static str> {
        let _ = can;
        None
    }

    /// The clause that must have been seen kept for this one to mean anything: its positive control.
    fn control(&self) -> Option<&'static str> {
        None
    }

    /// The setting by which the policy leaves it open, where it does: then it observes and judges nothing.
    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        let _ = rules;
        None
    }

    /// What it finds at the end in what was counted over all visitors.
    fn conclude(&self, tally: &Tally) -> ClauseTally {
        let _ = tally;
        ClauseTally::default()
    }

    /// The exchanges of which it may find anything: it is not asked about others.
    fn concerns(&self) -> Concern {
        Concern::ALL
    }

    /// What it finds in an exchange; `None` where the exchange says nothing of it.
    fn judge(&self, case: &Case) -> Option<Judgement>;
}
