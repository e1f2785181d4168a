//! `cookie.nothing-else`

use super::{Clause, Judgement};
use crate::history::Outcome;
use crate::oracle::Case;
use crate::scenario::Op;

/// §3.4a: nothing but the declared carrier tells who a visitor is: no other cookie, no entity tag, no address.
///
/// Who has cleared its cookies, or whose cookie has ended, and comes again from the same address with the same
/// browser is nobody. Cookies of the infrastructure are declared in the target file.
pub struct NothingElse;

impl Clause for NothingElse {
    fn id(&self) -> &'static str {
        "cookie.nothing-else"
    }

    fn checks(&self) -> &'static str {
        "An answer sets no cookie that the target file does not declare; and a visitor who comes without a cookie, from the same address with the same browser and cache, is not known."
    }

    fn evidence(&self) -> &'static str {
        "Every answer's cookies; and loads and readings of visitors who cleared their cookies, or whose cookie had ended."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let exchange = case.exchange;
        if !exchange.strange.is_empty() {
            let names = exchange.strange.join("`, `");
            return Some(Judgement::fail("no cookie but the declared ones", format!("the cookie `{names}`")));
        }
        if !case.is_visitors_own() || exchange.carried || !matches!(exchange.outcome, Outcome::Ok | Outcome::Absent) {
            return None;
        }
        let known = || case.model.current.iter().chain(case.model.previous.as_deref());
        // A page is shown to anybody; and a server that was never asked to make a cookie is not told by one.
        if known().next().is_none() || exchange.op == Op::Browse {
            return None;
        }
        let cached = exchange.status == 304 && known().any(|session| !session.messages.is_empty());
        Some(if cached || known().any(|session| case.shows(session)) {
            let by = if cached { "its cache" } else { "something else" };
            Judgement::fail(
                "a visitor without a cookie is nobody who was here before",
                format!("the session that it had before, known by {by}"),
            )
        } else {
            Judgement::pass()
        })
    }
}
