//! `cookie.valid-to-the-end`

use super::restore_between_pages::restored;
use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::case::near;
use crate::oracle::{Capabilities, Case, Rules};
use crate::scenario::Op;

/// §3.1, §3.2: a visitor who chatted and returns just before the *declared* end of its cookie is restored.
pub struct ValidToTheEnd;

impl Clause for ValidToTheEnd {
    fn id(&self) -> &'static str {
        "cookie.valid-to-the-end"
    }

    fn checks(&self) -> &'static str {
        "A visitor with messages who loads the chatbox within the last margins of the cookie's declared end gets its session back, whole."
    }

    fn evidence(&self) -> &'static str {
        "The visitor's own loads that still carried the cookie; nearer to the declared end than four of the clock's margins."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send || !can.messages).then_some("target-has-no-messages")
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.declared - rules.terms.margin
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load]).when(&[Concern::PERMANENT, Concern::UNCLEAR])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let held = case.model.held?;
        let end = held.end?;
        let near = end.lo - near(&case.rules.terms);
        let at = case.exchange.at;
        if !case.is_visitors_own() || case.exchange.op != Op::Load || at.lo < near || at.hi >= end.lo {
            return None;
        }
        restored(case, at.least_since(&held.set))
    }
}
