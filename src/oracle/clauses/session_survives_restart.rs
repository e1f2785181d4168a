//! `session.survives-restart`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Alive, Capabilities, Case, Gone, Life, Reason, Rules, Seen, View};

/// §3.3b, §3.3c: after a restart of the server permanent sessions are there with their messages, and temporary ones keep their
/// deadline, on both sides of it.
pub struct SurvivesRestart;

impl Clause for SurvivesRestart {
    fn id(&self) -> &'static str {
        "session.survives-restart"
    }

    fn checks(&self) -> &'static str {
        "Where the server was restarted since the session's last website access, permanent sessions are there with their messages, and temporary ones on the right side of their deadline."
    }

    fn evidence(&self) -> &'static str {
        "Looks by agent and store, by the visitor only where the target has neither; of temporary sessions those within a few margins of the deadline."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.restart).then_some("target-declares-no-restart")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[
            Some(Life::Alive(Alive::FirstTerm)),
            Some(Life::Alive(Alive::AfterAccess)),
            Concern::PERMANENT,
            Concern::IDLE,
        ])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight?;
        // What the visitor is shown hangs on much else; where an inspector looks, it tells more of a restart.
        let inspected = case.rules.can.agent || case.rules.can.store;
        if case.exchange.restarts <= sight.session.restarts || (sight.view == View::Visitor && inspected) {
            return None;
        }
        let span = sight.idle_least.max(Length::ZERO);
        let view = sight.view.name();
        match (sight.life, sight.seen) {
            (Life::Alive(Alive::Permanent), Seen::Present) => {
                let missing = case.restored.as_ref().filter(|restored| !restored.missing.is_empty());
                Some(match missing {
                    Some(restored) => Judgement::fail(
                        "its messages, after a restart too",
                        format!("{}, by the {view}'s view", restored.fault()),
                    ),
                    None => Judgement::Pass { span },
                })
            }
            (Life::Alive(_), Seen::Absent) => {
                Some(Judgement::fail("the session, after a restart too", format!("none, by the {view}'s view")))
            }
            (Life::Alive(_), Seen::Present) => case.near_before_deadline(&sight).then_some(Judgement::Pass { span }),
            (Life::Gone(Gone::Idle), Seen::Present) if sight.view != View::Visitor && !case.rules.can.timers_follow => {
                Some(Judgement::Inconclusive(Reason::TimersNotMoved))
            }
            (Life::Gone(Gone::Idle), Seen::Present) => Some(Judgement::fail(
                "an end at its deadline, though the server was restarted meanwhile",
                format!("it is there {span} after the last access, by the {view}'s view"),
            )),
            (Life::Gone(Gone::Idle), Seen::Absent) => {
                case.near_after_deadline(&sight).then_some(Judgement::Pass { span })
            }
            _ => None,
        }
    }
}
