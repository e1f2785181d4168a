//! `session.destroyed-after-idle`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Gone, Life, Open, Reason, Rules, Seen, View};

/// §3.3c: a temporary session is gone when the idle term and the grace have passed since the last website access, from
/// the visitor's view, the agent's and the store (settings `session.idle`, `session.grace`).
///
/// Only what was missed within a few margins of the deadline, by one who had seen it before, counts as kept.
pub struct DestroyedAfterIdle;

impl Clause for DestroyedAfterIdle {
    fn id(&self) -> &'static str {
        "session.destroyed-after-idle"
    }

    fn checks(&self) -> &'static str {
        "A temporary session is gone once the idle term and the grace have passed since its last access."
    }

    fn evidence(&self) -> &'static str {
        "What the visitor, an agent and the store see, and enough of it by the strongest of them. A session that \
         is there breaks it whenever that is; one that is missing counts as kept by a view that had shown it \
         before, within four margins after the grace. Where the target's timers do not move, a session that an \
         agent or the store still sees decides nothing."
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn rests_on(&self, can: &Capabilities) -> Option<View> {
        Some(can.strongest_view())
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Concern::IDLE, Some(Life::Open(Open::InGrace)), Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight?;
        match sight.life {
            Life::Gone(Gone::Idle) => {}
            Life::Open(Open::InGrace) => return Some(Judgement::Inconclusive(Reason::AtDeadline)),
            Life::Open(Open::TooManyWorlds) => return Some(Judgement::Inconclusive(Reason::TooManyWorlds)),
            _ => return None,
        }
        let seen_before = match sight.view {
            View::Visitor => sight.session.seen_gone.is_none(),
            View::Agent => sight.session.agent_saw,
            View::Store => sight.session.store_saw,
        };
        match sight.seen {
            // What a visitor is shown is decided when it asks; what lies in the store may wait for a timer.
            Seen::Present if sight.view != View::Visitor && !case.rules.can.timers_follow => {
                Some(Judgement::Inconclusive(Reason::TimersNotMoved))
            }
            Seen::Present => Some(Judgement::fail(
                format!("no session {} after the last access", case.rules.terms.idle + case.rules.terms.grace),
                format!("it is there at least {} after it, by the {}'s view", sight.idle_least, sight.view.name()),
            )),
            Seen::Absent if rows_left(case) > 0 && !case.rules.can.timers_follow => {
                Some(Judgement::Inconclusive(Reason::TimersNotMoved))
            }
            Seen::Absent if rows_left(case) > 0 => Some(Judgement::fail(
                format!(
                    "nothing of the session {} after the last access",
                    case.rules.terms.idle + case.rules.terms.grace
                ),
                format!("its id in {} rows of the store", rows_left(case)),
            )),
            Seen::Absent if seen_before && case.near_after_deadline(&sight) => {
                Some(Judgement::Pass { span: sight.idle_least })
            }
            Seen::Absent => None,
        }
    }
}

/// In how many rows the id of a session stands that has none of its own any more.
pub(super) fn rows_left(case: &Case) -> u32 {
    case.exchange.session_rows.unwrap_or(0)
}
