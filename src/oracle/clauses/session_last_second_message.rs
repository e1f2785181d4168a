//! `session.last-second-message`

use super::session_permanent_with_messages::outlives;
use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Rules};

/// §3.3b: a message just before the deadline makes the session permanent.
pub struct LastSecondMessage;

impl Clause for LastSecondMessage {
    fn id(&self) -> &'static str {
        "session.last-second-message"
    }

    fn checks(&self) -> &'static str {
        "A session whose first message came within the last margins before its deadline is there when a temporary one would be gone."
    }

    fn evidence(&self) -> &'static str {
        "Looks by visitor, agent and store after the idle term and the grace since the message."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send).then_some("target-has-no-messages")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle.times(2.0) + rules.terms.grace
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Concern::PERMANENT])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.session.last_second)?;
        outlives(case, &sight, "a session that a message just before its deadline made permanent")
    }
}
