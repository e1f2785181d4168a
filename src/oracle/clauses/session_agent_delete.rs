//! `session.agent-delete`

use super::session_destroyed_after_idle::rows_left;
use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Deletion, Gone, Life, Seen, View};

/// §3.3b: a session that an agent deletes is gone for the visitor at once, from the store within `session.delete_grace`,
/// and is never restored.
pub struct AgentDelete;

impl Clause for AgentDelete {
    fn id(&self) -> &'static str {
        "session.agent-delete"
    }

    fn checks(&self) -> &'static str {
        "A session that an agent deleted is gone for the visitor at once, for agents and in the store once the \
         deletion's grace has passed, and never comes back."
    }

    fn evidence(&self) -> &'static str {
        "What the visitor, an agent and the store see after a deletion that was answered, and enough of it by the \
         strongest of them. The span is the time since the deletion."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.agent_delete).then_some("target-has-no-agent-delete")
    }

    fn rests_on(&self, can: &Capabilities) -> Option<View> {
        Some(can.strongest_view())
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Concern::DELETED])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.life == Life::Gone(Gone::Deleted))?;
        let Deletion::Certain(deleted) = sight.session.deletion else { return None };
        let since = case.exchange.at.least_since(&deleted).max(Length::ZERO);
        Some(match sight.seen {
            Seen::Absent if rows_left(case) > 0 => Judgement::fail(
                "nothing of a session that an agent deleted",
                format!("its id in {} rows of the store {since} after the deletion", rows_left(case)),
            ),
            Seen::Absent => Judgement::Pass { span: since },
            Seen::Present => Judgement::fail(
                "nothing of a session that an agent deleted",
                format!("it is there {since} after the deletion, by the {}'s view", sight.view.name()),
            ),
        })
    }
}
