//! `session.agent-message`

use super::session_permanent_with_messages::outlives;
use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Rules};
use crate::policy::{Permanence, Rule};

/// §3.3b, §3.4b: a conversation that a human agent starts makes the session permanent too (setting
/// `session.permanent_when`; of an automated greeting, `session.greeting`).
pub struct AgentMessage;

impl Clause for AgentMessage {
    fn id(&self) -> &'static str {
        "session.agent-message"
    }

    fn checks(&self) -> &'static str {
        "A session with an agent's messages and none of the visitor's is there when a temporary one would be gone."
    }

    fn evidence(&self) -> &'static str {
        "Looks after the idle term and the grace since the last website access; an automated greeting counts only where session.greeting says so."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.agent_send && !can.agent_greet).then_some("no-agent-sends-messages")
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        let session = &rules.policy.session;
        if rules.can.agent_send {
            let listed = session.permanent_when.contains(&Permanence::AgentMessage);
            (!listed && session.greeting == Rule::Unspecified).then_some("session.permanent_when")
        } else {
            (session.greeting == Rule::Unspecified).then_some("session.greeting")
        }
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Concern::PERMANENT])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| !sight.session.visitor_spoke())?;
        outlives(case, &sight, "a session that an agent's message made permanent")
    }
}
