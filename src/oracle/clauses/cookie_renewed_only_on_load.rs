//! `cookie.renewed-only-on-load`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Life, Rules};
use crate::policy::{OtherRequests, RenewedBy};
use crate::scenario::Op;

/// §3.2: nothing but a load extends the term (settings `cookie.renewed_by`, `cookie.other_requests`).
pub struct RenewedOnlyOnLoad;

impl Clause for RenewedOnlyOnLoad {
    fn id(&self) -> &'static str {
        "cookie.renewed-only-on-load"
    }

    fn checks(&self) -> &'static str {
        "Page views, messages and readings that the policy does not list as renewing leave the cookie's end where \
         the last load put it, or move it by no more than rounding."
    }

    fn evidence(&self) -> &'static str {
        "Answers to the visitor's own requests that carried the identity, later after it was set than rounding \
         could hide. A new identity where the session may be over is no renewal."
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.browse && !can.send && !can.read).then_some("target-has-no-request-but-load")
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Browse, Op::Send, Op::Read])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let (exchange, held) = (case.exchange, case.model.held?);
        let renews = match exchange.op {
            Op::Browse => RenewedBy::PageView,
            Op::Send => RenewedBy::VisitorMessage,
            Op::Read => RenewedBy::Reading,
            _ => return None,
        };
        let cookies = &case.rules.policy.cookie;
        if cookies.other_requests == OtherRequests::Unspecified || cookies.renewed_by.contains(&renews) {
            return None;
        }
        let answered = matches!(exchange.outcome, crate::history::Outcome::Ok | crate::history::Outcome::Absent);
        // A session that may be over may get a new identity, which is no renewal.
        let lives = matches!(case.life(), Some(Life::Alive(_)));
        if !case.is_visitors_own() || !exchange.carried || !answered {
            return None;
        }
        let (end, slack) = (held.end?, slack(case.rules));
        // What a lost answer renewed, this one may well repeat.
        if held.maybe_renewed || exchange.at.least_since(&held.set) <= slack {
            return None;
        }
        let Some(cookie) = &exchange.cookie else { return Some(Judgement::pass()) };
        // A late message may begin a session under the old value, whose term is full.
        let may_begin = exchange.op == Op::Send || case.rules.can.reading_creates;
        if !lives && (may_begin || case.prints.carrier != Some(held.value)) {
            return None;
        }
        let Some((least, _)) = cookie.term_s(&exchange.at) else {
            return Some(Judgement::pass());
        };
        let extended = exchange.at.lo + Length::seconds(least) - end.hi;
        Some(if extended > slack {
            Judgement::fail(
                "a cookie whose end stays where the last load put it",
                format!("{} moves its end by {extended}", exchange.op),
            )
        } else {
            Judgement::pass()
        })
    }
}

/// An end that moves by no more than this was repeated, and rounded.
fn slack(rules: &Rules) -> Length {
    Length::seconds(2).max(rules.tolerance)
}
