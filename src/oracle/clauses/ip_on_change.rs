//! `ip.on-change`

use super::{Clause, Concern, Judgement};
use crate::history::Stored;
use crate::oracle::{Capabilities, Case, Life, Rules, View};
use crate::policy::Rule;

/// §3.5a: which address is stored of a visitor whose address has changed (setting `ip.on_change`: any of its own).
pub struct OnChange;

impl Clause for OnChange {
    fn id(&self) -> &'static str {
        "ip.on-change"
    }

    fn checks(&self) -> &'static str {
        "The address in the session of a visitor who has moved is one of its own."
    }

    fn evidence(&self) -> &'static str {
        "Looks by agent and store at living sessions after a request from the second address."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn left_open(&self, rules: &Rules) -> Option<&'static str> {
        (rules.policy.ip.on_change == Rule::Unspecified).then_some("ip.on_change")
    }

    fn lacks(&self, can: &Capabilities) -> Option<&'static str> {
        if can.moving { can.lacks_addresses() } else { Some("no-header-tells-addresses") }
    }

    fn concerns(&self) -> Concern {
        Concern::OTHERS.when(&Concern::ALIVE)
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let moved = |session: &crate::oracle::Session| session.moved;
        let sight = case.sight.filter(|sight| moved(sight.session) && sight.view != View::Visitor)?;
        // Whether the address stays of a visitor who never wrote is the business of ip.agent-only-conversation.
        let written = !sight.session.messages.is_empty();
        let since = if written { &sight.session.created } else { &sight.session.access };
        let over = case.exchange.at.most_since(since) >= case.rules.terms.idle;
        if over && !sight.session.visitor_spoke() {
            return None;
        }
        let found = case.exchange.addresses.as_ref().filter(|_| matches!(sight.life, Life::Alive(_)))?;
        let seen = match (found.contains(&Stored::Own), found.contains(&Stored::Away)) {
            (true, true) => "both",
            (true, false) => "the first one",
            (false, true) => "the later one",
            (false, false) => "neither",
        };
        Some(match (case.rules.policy.ip.on_change, seen) {
            (Rule::Unspecified, _) => Judgement::Observed(seen),
            (Rule::Yes, "neither") => Judgement::fail("an address of the visitor's own", seen),
            (Rule::Yes, _) => Judgement::pass(),
            (Rule::No, "the later one") => Judgement::pass(),
            (Rule::No, _) => Judgement::fail("the visitor's present address and no other", seen),
        })
    }
}
