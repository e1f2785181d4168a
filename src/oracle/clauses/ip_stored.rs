//! `ip.stored`

use super::{Clause, Concern, Judgement};
use crate::history::{Outcome, Stored as Found};
use crate::oracle::{Capabilities, Case, Life};

/// §3.5a: the address stored in the session is the visitor's own, IPv4 or IPv6 (setting `ip.on_change`).
///
/// Judged while the session's first term lasts; whether the address stays is `ip.kept-for-chatters`.
pub struct Stored;

impl Clause for Stored {
    fn id(&self) -> &'static str {
        "ip.stored"
    }

    fn checks(&self) -> &'static str {
        "The address that a session holds is the visitor's own, IPv4 or IPv6; none, or any other, breaks it."
    }

    fn evidence(&self) -> &'static str {
        "Looks by an agent or into the store that show the session's addresses, less than the idle term after it \
         began."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        can.lacks_addresses()
    }

    fn concerns(&self) -> Concern {
        // A visitor too may be told the address that is kept.
        Concern::ALL.when(&Concern::ALIVE)
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| matches!(sight.life, Life::Alive(_)))?;
        let found = case.exchange.addresses.as_ref().filter(|_| case.exchange.outcome == Outcome::Ok)?;
        if case.exchange.at.most_since(&sight.session.created) >= case.rules.terms.idle {
            return None;
        }
        let other = found.iter().find_map(|address| match address {
            // What an address is that the visitor made up is the business of ip.forged.
            Found::Own | Found::Away | Found::Forged => None,
            Found::Other(text) => Some(text),
        });
        let expected = "the visitor's own address in its session";
        Some(match other {
            Some(text) => Judgement::fail(expected, format!("`{text}`, by the {}'s view", sight.view.name())),
            None if found.is_empty() => {
                Judgement::fail(expected, format!("no address, by the {}'s view", sight.view.name()))
            }
            None => Judgement::pass(),
        })
    }
}
