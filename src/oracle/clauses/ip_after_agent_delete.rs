//! `ip.after-agent-delete`

use super::{Clause, Concern, Judgement};
use crate::oracle::{Capabilities, Case, Gone, Life, Rules, View};
use crate::policy::Rule;
use crate::scenario::Op;

/// §3.6: what becomes of the address when an agent deletes the session (setting `ip.after_agent_delete`): the legal
/// minimum of a year and the deletion pull both ways.
pub struct AfterAgentDelete;

impl Clause for AfterAgentDelete {
    fn id(&self) -> &'static str {
        "ip.after-agent-delete"
    }

    fn checks(&self) -> &'static str {
        "Whether rows of the store hold the visitor's address when an agent's deletion has had its grace."
    }

    fn evidence(&self) -> &'static str {
        "Looks into the store that counted the address before; visitors who came back since are left out."
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.ip.after_agent_delete == Rule::Unspecified).then_some("ip.after_agent_delete")
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        match can {
            can if !can.agent_delete => Some("target-has-no-agent-delete"),
            can if !can.told_address => Some("no-header-tells-addresses"),
            can if !can.store_rows => Some("no-inspector-counts-addresses"),
            _ => None,
        }
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::StoreInspect]).when(&[Concern::DELETED])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.life == Life::Gone(Gone::Deleted) && sight.view == View::Store)?;
        // A session that followed holds the address, and rightly so.
        let followed = case.model.may_have_more_sessions() || sight.session.address_rows.is_none_or(|rows| rows == 0);
        let rows = case.exchange.address_rows.filter(|_| !followed)?;
        let seen = if rows > 0 { "kept" } else { "removed" };
        Some(match (case.rules.policy.ip.after_agent_delete, rows > 0) {
            (Rule::Unspecified, _) => Judgement::Observed(seen),
            (Rule::Yes, true) | (Rule::No, false) => Judgement::pass(),
            (Rule::Yes, false) => Judgement::fail("the address, though an agent deleted the session", seen),
            (Rule::No, true) => Judgement::fail("no address of a session that an agent deleted", seen),
        })
    }
}
