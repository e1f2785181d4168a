//! `restore.after-days`

use super::restore_between_pages::{is_reading_after_load, restored, shortest_return};
use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Deletion, Rules};
use crate::scenario::Op;

/// §3.1, §3.3b: a visitor who comes back within the cookie's term finds the session and all its messages.
pub struct AfterDays;

impl Clause for AfterDays {
    fn id(&self) -> &'static str {
        "restore.after-days"
    }

    fn checks(&self) -> &'static str {
        "A visitor who comes back after the idle term or more finds the same session and all its messages, in \
         order, once each; the browser has not lost the cookie within the policy's term."
    }

    fn evidence(&self) -> &'static str {
        "The visitor's view: the first request after the pause, or the reading right after its load. The span is \
         the pause. Sessions that an agent deleted are left out."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send || !can.messages).then_some("target-has-no-messages")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        shortest_return(rules)
    }

    fn concerns(&self) -> Concern {
        Concern::VISITORS.when(&[None, Concern::PERMANENT, Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        if !case.is_visitors_own() {
            return None;
        }
        if case.exchange.op == Op::Load && !case.exchange.carried {
            return lost_too_soon(case);
        }
        let pause = match case.model.pause(&case.exchange.at) {
            Some((least, _)) if least >= case.rules.terms.idle => least,
            _ => case.sight?.session.returned_after.filter(|_| is_reading_after_load(case))?,
        };
        restored(case, pause)
    }
}

/// A visitor who comes back within the policy's term, and whose browser was told to forget the cookie before that.
fn lost_too_soon(case: &Case) -> Option<Judgement> {
    let session = case.model.current.as_ref()?;
    let held = case.model.held?;
    let promised = held.full.lo + case.rules.policy.cookie.lifetime.shortest - case.rules.tolerance;
    let kept = session.is_permanent(case.rules) && session.deletion == Deletion::No && session.seen_gone.is_none();
    if !kept || session.unclear || case.exchange.at.hi >= promised {
        return None;
    }
    let pause = case.exchange.at.least_since(&held.full);
    (pause >= case.rules.terms.idle).then(|| {
        Judgement::fail(
            "the session and its messages, within the term that the policy promises",
            format!("after {pause} the cookie that was to bring it back had ended already"),
        )
    })
}
