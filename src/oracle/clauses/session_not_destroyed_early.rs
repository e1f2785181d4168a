//! `session.not-destroyed-early`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Alive, Case, Life, Open, Reason, Rules, Seen};

/// §3.3c: a temporary session is there until the idle term has passed since the last website access.
///
/// Only what was seen within a few margins of the deadline counts as kept.
pub struct NotDestroyedEarly;

impl Clause for NotDestroyedEarly {
    fn id(&self) -> &'static str {
        "session.not-destroyed-early"
    }

    fn checks(&self) -> &'static str {
        "A temporary session is there until the idle term has passed since it began and since its last access."
    }

    fn evidence(&self) -> &'static str {
        "What the visitor, an agent or the store sees. A session that is missing breaks it whenever that is; one \
         that is there counts as kept within four margins of the deadline only. What was seen on the deadline \
         itself decides nothing."
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Some(Life::Alive(Alive::FirstTerm)), Some(Life::Open(Open::AtDeadline)), Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight?;
        match sight.life {
            Life::Alive(Alive::FirstTerm) => {}
            Life::Open(Open::AtDeadline) => return Some(Judgement::Inconclusive(Reason::AtDeadline)),
            Life::Open(Open::TooManyWorlds) => return Some(Judgement::Inconclusive(Reason::TooManyWorlds)),
            _ => return None,
        }
        match sight.seen {
            Seen::Absent => {
                let most = case.exchange.at.most_since(&sight.session.access);
                Some(Judgement::fail(
                    format!("the session, until {} after the last access", case.rules.terms.idle),
                    format!("none at most {most} after it, by the {}'s view", sight.view.name()),
                ))
            }
            Seen::Present if case.near_before_deadline(&sight) => Some(Judgement::Pass { span: sight.idle_least }),
            Seen::Present => None,
        }
    }
}
