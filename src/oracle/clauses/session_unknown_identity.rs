//! `session.unknown-identity`

use super::{Clause, Concern, Judgement};
use crate::history::Outcome;
use crate::oracle::{Case, Rules};
use crate::policy::Rule;
use crate::scenario::{Op, With};

/// §1.7, by OWASP ASVS 7.2.4: an identity that the server never issued gets one of the server's own making (setting
/// `cookie.unknown`).
///
/// That it gets nobody's content is session.isolated's.
pub struct UnknownIdentity;

impl Clause for UnknownIdentity {
    fn id(&self) -> &'static str {
        "session.unknown-identity"
    }

    fn checks(&self) -> &'static str {
        "A load with a made-up identity, or with one that differs from a real one by a letter, is refused or given an identity of the server's own making."
    }

    fn evidence(&self) -> &'static str {
        "Loads by somebody who presents such an identity, each from a visitor's journey."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.cookie.unknown == Rule::Unspecified).then_some("cookie.unknown")
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let exchange = case.exchange;
        let made_up = matches!(exchange.how.with, With::Forged | With::Altered);
        if !made_up || exchange.op != Op::Load || case.rules.policy.cookie.unknown != Rule::Yes {
            return None;
        }
        let refused = matches!(exchange.outcome, Outcome::Absent | Outcome::Forbidden)
            || (exchange.outcome == Outcome::Error && (400..500).contains(&exchange.status));
        if refused {
            return Some(Judgement::pass());
        }
        if exchange.outcome != Outcome::Ok {
            return None;
        }
        let sent = exchange.sent.as_deref();
        let given = exchange.cookie.as_ref().map(|cookie| &*cookie.value);
        let adopted = given.is_none() || given == sent || exchange.session.as_deref() == sent;
        Some(if adopted {
            Judgement::fail(
                "an identity of the server's own making for one that it never issued",
                "a session under the identity that was made up",
            )
        } else {
            Judgement::pass()
        })
    }
}
