//! `restore.after-address-change`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Capabilities, Case, Life, Seen};
use crate::scenario::Origin;

/// §3.1: a visitor whose address changed keeps the session (setting `ip.on_change`: the change never costs it).
pub struct AfterAddressChange;

impl Clause for AfterAddressChange {
    fn id(&self) -> &'static str {
        "restore.after-address-change"
    }

    fn checks(&self) -> &'static str {
        "A visitor whose address has changed is shown its living session, with its messages."
    }

    fn evidence(&self) -> &'static str {
        "The visitor's own requests from a second address, and from the first one afterwards."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        (!can.moving).then_some("no-header-tells-addresses")
    }

    fn concerns(&self) -> Concern {
        Concern::VISITORS.when(&Concern::ALIVE)
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|_| case.is_visitors_own())?;
        let away = case.exchange.how.from == Origin::Away;
        // Either it has just moved, or it has moved back.
        if !(away || sight.session.moved) || !matches!(sight.life, Life::Alive(_)) {
            return None;
        }
        let expected = "the session with its messages, from another address too";
        let whole = case.restored.as_ref().is_none_or(|restored| restored.is_whole());
        Some(match sight.seen {
            Seen::Absent => Judgement::fail(expected, "another session, or none"),
            Seen::Present if !whole => {
                Judgement::fail(expected, case.restored.as_ref().map_or_else(String::new, |restored| restored.fault()))
            }
            Seen::Present => Judgement::Pass { span: sight.idle_least.max(Length::ZERO) },
        })
    }
}
