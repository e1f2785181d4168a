//! `ip.forged`

use super::{Clause, Concern, Judgement};
use crate::history::Stored;
use crate::oracle::{Capabilities, Case, View};

/// §3.5a: an address that the visitor makes up in a header is not stored, where the target says which hop it trusts
/// (OWASP ASVS 4.1.3).
pub struct Forged;

impl Clause for Forged {
    fn id(&self) -> &'static str {
        "ip.forged"
    }

    fn checks(&self) -> &'static str {
        "The address in the session is not the one that the visitor wrote into the trusted proxy's header itself."
    }

    fn evidence(&self) -> &'static str {
        "Looks by agent and store at sessions of visitors who forge, where the target file says which hop is believed."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        if can.forging { can.lacks_addresses() } else { Some("target-declares-no-trusted-hop") }
    }

    fn concerns(&self) -> Concern {
        Concern::OTHERS
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.session.forged && sight.view != View::Visitor)?;
        let found = case.exchange.addresses.as_ref().filter(|found| !found.is_empty())?;
        Some(if found.contains(&Stored::Forged) {
            Judgement::fail(
                "the address that the trusted hop tells",
                format!("the one that the visitor made up, by the {}'s view", sight.view.name()),
            )
        } else {
            Judgement::pass()
        })
    }
}
