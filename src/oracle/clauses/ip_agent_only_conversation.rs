//! `ip.agent-only-conversation`

use super::{Clause, Concern, Judgement};
use crate::history::Stored;
use crate::oracle::{Alive, Capabilities, Case, Life, Rules, View};
use crate::policy::Rule;

/// §3.5b, §3.6a: whether the address is kept of a visitor who never answered an agent (setting
/// `ip.agent_only_conversation`): the two statements pull both ways.
pub struct AgentOnlyConversation;

impl Clause for AgentOnlyConversation {
    fn id(&self) -> &'static str {
        "ip.agent-only-conversation"
    }

    fn checks(&self) -> &'static str {
        "Whether the address is there after the idle term and the grace in a session with an agent's messages alone."
    }

    fn evidence(&self) -> &'static str {
        "Looks by agent and store at such sessions."
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.ip.agent_only_conversation == Rule::Unspecified).then_some("ip.agent_only_conversation")
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        if can.agent_send { can.lacks_addresses() } else { Some("no-agent-sends-messages") }
    }

    fn concerns(&self) -> Concern {
        Concern::OTHERS.when(&[Concern::PERMANENT])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let alone = |session: &crate::oracle::Session| session.is_agents_alone();
        let sight = case.sight.filter(|sight| sight.life == Life::Alive(Alive::Permanent) && alone(sight.session))?;
        let terms = &case.rules.terms;
        if sight.view == View::Visitor || sight.idle_least <= terms.idle + terms.grace {
            return None;
        }
        let kept = case.exchange.addresses.as_ref()?.iter().any(Stored::is_own);
        let seen = if kept { "kept" } else { "removed" };
        Some(match (case.rules.policy.ip.agent_only_conversation, kept) {
            (Rule::Unspecified, _) => Judgement::Observed(seen),
            (Rule::Yes, true) | (Rule::No, false) => Judgement::Pass { span: sight.idle_least },
            (Rule::Yes, false) => Judgement::fail("the address of a visitor whom an agent wrote to", seen),
            (Rule::No, true) => Judgement::fail("no address of a visitor who never wrote", seen),
        })
    }
}
