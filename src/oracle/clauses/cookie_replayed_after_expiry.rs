//! `cookie.replayed-after-expiry`

use super::{Clause, Concern, Judgement};
use crate::history::Outcome;
use crate::oracle::{Case, Rules};
use crate::policy::Rule;
use crate::scenario::{Op, With};

/// §3.2: what a cookie gets that has expired and is sent all the same (setting `cookie.replayed_after_expiry`).
pub struct ReplayedAfterExpiry;

impl Clause for ReplayedAfterExpiry {
    fn id(&self) -> &'static str {
        "cookie.replayed-after-expiry"
    }

    fn checks(&self) -> &'static str {
        "What a load gets that presents a cookie after its declared end, as no browser would."
    }

    fn evidence(&self) -> &'static str {
        "Loads with the last cookie that the browser held, once its declared end has passed."
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.cookie.replayed_after_expiry == Rule::Unspecified).then_some("cookie.replayed_after_expiry")
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let exchange = case.exchange;
        if exchange.how.with != With::Expired || exchange.op != Op::Load {
            return None;
        }
        let (session, end) = (case.model.current.as_ref()?, case.model.held?.end?);
        if exchange.at.lo <= end.hi {
            return None;
        }
        let honoured = case.shows(session);
        let seen = match exchange.outcome {
            Outcome::Ok if honoured => "the old session",
            Outcome::Ok => "a new session",
            Outcome::Absent | Outcome::Forbidden => "refused",
            _ => return None,
        };
        Some(match (case.rules.policy.cookie.replayed_after_expiry, honoured) {
            (Rule::Unspecified, _) => Judgement::Observed(seen),
            (Rule::Yes, true) | (Rule::No, false) => Judgement::pass(),
            (Rule::Yes, false) => Judgement::fail("the session, though its cookie has expired", seen),
            (Rule::No, true) => Judgement::fail("nothing for a cookie that has expired", seen),
        })
    }
}
