//! `ip.removed-with-session`

use super::{Clause, Concern, Judgement};
use crate::history::Stored;
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Gone, Life, Reason, Rules, Seen, View};
use crate::scenario::Which;

/// §3.5b: the address goes with the temporary session, from the store too (settings `session.grace`, `ip.residue`).
///
/// The store counts the rows that hold the address, whatever became of the session's own row; without a store the
/// agent's view must do. Only one who saw the address before can say that it is gone.
pub struct RemovedWithSession;

impl Clause for RemovedWithSession {
    fn id(&self) -> &'static str {
        "ip.removed-with-session"
    }

    fn checks(&self) -> &'static str {
        "Once a temporary session is over and the grace has passed, the visitor's address is gone with it."
    }

    fn evidence(&self) -> &'static str {
        "The store's count of rows that hold the address, whatever became of the session's own row; without such \
         a count, the session's row or the agent's answer; enough of it by the strongest view that shows addresses. Only a view that \
         had shown the address before can miss it. In the count of rows, visitors who may have \
         another session are left out. Where the target's timers do not move, an address that is still there decides nothing."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        can.lacks_addresses().filter(|_| !can.told_address || !can.store_rows)
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle + rules.terms.grace
    }

    fn rests_on(&self, can: &Capabilities) -> Option<View> {
        Some(can.strongest_view_of_addresses())
    }

    fn concerns(&self) -> Concern {
        Concern::OTHERS.when(&[Concern::IDLE])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.life == Life::Gone(Gone::Idle))?;
        let judged = match sight.view {
            View::Visitor => None,
            View::Agent => in_answer(case, sight.session.agent_saw_address),
            View::Store => match case.exchange.address_rows {
                Some(rows) => in_rows(case, rows),
                None => in_answer(case, sight.session.store_saw_address),
            },
        };
        match judged {
            // It may wait for a timer that was not moved.
            Some(Judgement::Fail { .. }) if !case.rules.can.timers_follow => {
                Some(Judgement::Inconclusive(Reason::TimersNotMoved))
            }
            judged => judged,
        }
    }
}

fn wanted(case: &Case) -> String {
    format!("no trace of the address {} after the last access", case.rules.terms.idle + case.rules.terms.grace)
}

/// What the session's own answer shows of the address.
fn in_answer(case: &Case, seen_before: bool) -> Option<Judgement> {
    let sight = case.sight?;
    let shows = case.exchange.addresses.as_ref().is_some_and(|found| found.iter().any(Stored::is_own));
    if shows && sight.seen == Seen::Present {
        let seen = format!("the ended session still shows it, by the {}'s view", sight.view.name());
        return Some(Judgement::fail(wanted(case), seen));
    }
    seen_before.then_some(Judgement::Pass { span: sight.idle_least })
}

/// In how many rows the address still stands.
fn in_rows(case: &Case, rows: u32) -> Option<Judgement> {
    let sight = case.sight?;
    let lines = case.exchange.log_lines.unwrap_or(0);
    // Another session of the same visitor holds the same address, and rightly so, be it one that nobody was shown.
    let may_stand = case.model.may_have_more_sessions() && rows.max(lines) > 0;
    if case.exchange.of != Which::Current || case.model.has_more_sessions() || may_stand {
        return None;
    }
    match (rows, sight.session.address_rows) {
        (0, Some(1..)) if lines > 0 => {
            Some(Judgement::fail(wanted(case), format!("{lines} lines of the declared log files hold it")))
        }
        (0, Some(1..)) => Some(Judgement::Pass { span: sight.idle_least }),
        (0, _) => None,
        (rows, _) => Some(Judgement::fail(wanted(case), format!("{rows} rows of the store hold it"))),
    }
}
