//! `cookie.renewed-on-load`

use super::cookie_lifetime::{term_fault, wanted};
use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::life::Life;
use crate::oracle::{Capabilities, Case, Rules};
use crate::scenario::Op;

/// How many renewals in a row must be seen.
const RENEWALS: u16 = 3;

/// §3.2: a load after a pause of the idle term or more renews the full term; shown over three renewals in a row.
pub struct RenewedOnLoad;

impl Clause for RenewedOnLoad {
    fn id(&self) -> &'static str {
        "cookie.renewed-on-load"
    }

    fn checks(&self) -> &'static str {
        "Each load that carries an identity, after a pause of the idle term or more, is answered with the cookie \
         for a full term."
    }

    fn evidence(&self) -> &'static str {
        "The answer to the load. The span is counted since the identity was first set, and only from the third \
         renewal in a row on, while the session is not over. No span is asked of a target to which visitors cannot \
         send messages."
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle
    }

    fn shows_no_span(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.send).then_some("without messages each session ends before the visitor returns, and its identity with it")
    }

    fn concerns(&self) -> Concern {
        Concern::of(&[Op::Load])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        case.model.return_pause(case.rules, case.exchange)?;
        if !case.is_answered_load() || !case.exchange.carried {
            return None;
        }
        let Some(cookie) = case.exchange.cookie.as_ref().filter(|cookie| !cookie.is_removal(&case.exchange.at)) else {
            return Some(Judgement::fail(wanted(case.rules), "an answer to a load on return that sets no cookie"));
        };
        if cookie.beside {
            let seen = "a second cookie of another path or domain, beside the first, whose term goes on as it was";
            return Some(Judgement::fail(wanted(case.rules), seen));
        }
        if let Some(fault) = term_fault(case.rules, case, cookie) {
            return Some(Judgement::fail(wanted(case.rules), fault));
        }
        let row =
            case.model.held.filter(|held| held.renewals + 1 >= RENEWALS && !matches!(case.life(), Some(Life::Gone(_))));
        let span = row.map_or(Length::ZERO, |held| case.exchange.at.least_since(&held.first));
        Some(Judgement::Pass { span })
    }
}
