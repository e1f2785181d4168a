//! How the model of one visitor takes in the identity that an answer gives.

use super::Rules;
use super::case::Prints;
use super::model::{Held, Model};
use crate::history::{Exchange, Identity};
use crate::instant::{Interval, Length};
use crate::scenario::Op;

impl Model {
    /// Takes in an identity, and since when its full term runs.
    pub(super) fn learn_identity(&mut self, rules: &Rules, exchange: &Exchange, prints: Prints, identity: &Identity) {
        if identity.is_removal(&exchange.at) {
            self.held = None;
            return;
        }
        let (Some(value), shown) = (prints.carrier, prints.session) else { return };
        let other = self.held.is_some_and(|held| held.value != value)
            && (shown.is_none() || shown != self.current.as_ref().map(|session| session.id));
        if exchange.how.raced && other {
            // Of several that were set at once the last one counts, and whose session that is was not told.
            self.strays = true;
            self.lose_sight();
        }
        if let Some(session) = &mut self.current {
            session.identity = Some(value);
        }
        let end = identity.term_s(&exchange.at).map(|(least, most)| {
            Interval::new(exchange.at.lo + Length::seconds(least), exchange.at.hi + Length::seconds(most))
        });
        let same_session = self.current.as_ref().is_some_and(|session| session.created != exchange.at);
        let at = exchange.at;
        let fresh = Held { value, set: at, full: at, end, first: at, renewals: 0, maybe_renewed: false };
        let known = self.held.filter(|held| held.value == fresh.value);
        // An answer may repeat the cookie with what is left of its term: then the term began before.
        // A load on return begins a full one, whatever it declares.
        let returns = !exchange.how.raced && self.return_pause(rules, exchange).is_some();
        let full = match known.filter(|_| !returns).map(|held| (held, later_end(&held, &fresh))) {
            Some((held, later)) if exchange.how.raced && later < Length(-2000) => {
                if held.first.lo < held.full.lo {
                    held.first
                } else {
                    held.full
                }
            }
            Some((held, _)) if held.maybe_renewed || exchange.op != Op::Load => held.full,
            Some((held, later)) if later <= Length::seconds(2) => held.full,
            _ => fresh.full,
        };
        let maybe_renewed = known.is_some_and(|held| held.maybe_renewed || exchange.how.raced);
        let fresh = Held { full, maybe_renewed, ..fresh };
        self.held = Some(match self.held {
            Some(held) if exchange.carried && same_session => {
                let renewal = u16::from(exchange.op == Op::Load && exchange.at != held.set);
                Held { first: held.first, renewals: held.renewals + renewal, ..fresh }
            }
            _ => fresh,
        });
    }
}

/// By how much, at the least, the declared end moved.
fn later_end(before: &Held, after: &Held) -> Length {
    match (before.end, after.end) {
        (Some(before), Some(after)) => after.lo - before.hi,
        _ => Length(i64::MAX),
    }
}
