//! `cookie.set-on-load`

use super::{Clause, Concern, Judgement};
use crate::oracle::Case;
use crate::scenario::Op;

/// §3.1: loading the chatbox gives the visitor an identity.
pub struct SetOnLoad;

impl Clause for SetOnLoad {
    fn id(&self) -> &'static str {
        "cookie.set-on-load"
    }

    fn checks(&self) -> &'static str {
        "Each answered load of a visitor who sent no identity sets one."
    }

    fn evidence(&self) -> &'static str {
        "The answer to the load. A cookie that is set only to be removed does not count."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        if !case.is_answered_load() || case.exchange.carried {
            return None;
        }
        let given = case.exchange.cookie.as_ref().is_some_and(|cookie| !cookie.is_removal(&case.exchange.at));
        Some(if given {
            Judgement::pass()
        } else {
            Judgement::fail("an identity for a visitor who has none", "an answer that sets none")
        })
    }
}
