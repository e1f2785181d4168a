//! `cookie.opaque`

use super::{Clause, Judgement};
use crate::oracle::{Case, Rules};
use crate::policy::Rule;
use crate::scenario::Op;

/// §1.3, §3.4a: ids and cookies hold neither the visitor's address nor a plain hash or encoding of it (setting
/// `ip.in_identity`).
pub struct Opaque;

impl Clause for Opaque {
    fn id(&self) -> &'static str {
        "cookie.opaque"
    }

    fn checks(&self) -> &'static str {
        "No cookie value and no session id holds the visitor's address: as it is, as a number, in hexadecimal or base64, or as an unsalted MD5, SHA-1, SHA-256 or SHA-512 hash."
    }

    fn evidence(&self) -> &'static str {
        "Every new identity that an answer gives, beside the addresses of the visitor that it was given to; a keyed hash cannot be told from chance."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.ip.in_identity == Rule::Unspecified).then_some("ip.in_identity")
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let exchange = case.exchange;
        if case.rules.policy.ip.in_identity != Rule::No {
            return None;
        }
        if let Some(what) = &exchange.reveals {
            return Some(Judgement::fail(
                "an id that tells nothing of the visitor",
                format!("an id that holds {what}"),
            ));
        }
        let given = exchange.cookie.is_some() || exchange.session.is_some();
        (exchange.op == Op::Load && !exchange.carried && given).then(Judgement::pass)
    }
}
