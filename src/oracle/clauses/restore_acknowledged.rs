//! `restore.acknowledged`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Alive, Capabilities, Case, Life, Open, Reason, Rules};

/// §3.1, §3.3b: a message that the server acknowledged is there ever after, once, whoever looks.
pub struct Acknowledged;

impl Clause for Acknowledged {
    fn id(&self) -> &'static str {
        "restore.acknowledged"
    }

    fn checks(&self) -> &'static str {
        "Every message that was acknowledged is in the conversation, and no message is there twice."
    }

    fn evidence(&self) -> &'static str {
        "Every reading of a permanent session by the visitor, an agent or the store; messages without an answer may be there or not."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send || !can.messages).then_some("target-has-no-messages")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Concern::PERMANENT, Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight?;
        match sight.life {
            Life::Alive(Alive::Permanent) => {}
            Life::Open(Open::TooManyWorlds) => return Some(Judgement::Inconclusive(Reason::TooManyWorlds)),
            _ => return None,
        }
        let restored = case.restored.as_ref().filter(|restored| restored.expected > 0)?;
        Some(if restored.missing.is_empty() && restored.doubled.is_empty() {
            Judgement::Pass { span: sight.idle_least.max(Length::ZERO) }
        } else {
            Judgement::fail(
                format!("{} acknowledged messages, once each", restored.expected),
                format!("{}, by the {}'s view", restored.fault(), sight.view.name()),
            )
        })
    }
}
