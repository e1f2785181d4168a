//! `session.isolated`

use super::{Clause, Judgement};
use crate::history::{Exchange, Outcome, Said};
use crate::oracle::{Case, ClauseTally, Tally};
use crate::scenario::{Which, With};

/// §3.3a, §1.7: nobody ever receives another visitor's or another website's session or messages.
///
/// Every text names its visitor, so isolation is judged where it is read; ids given to two visitors are found when the
/// lanes' notes are compared.
pub struct Isolated;

impl Clause for Isolated {
    fn id(&self) -> &'static str {
        "session.isolated"
    }

    fn checks(&self) -> &'static str {
        "No conversation shows a message of another visitor, no session id is given to two visitors, and nothing \
         of a session is shown on another website."
    }

    fn evidence(&self) -> &'static str {
        "Every text that a visitor, an agent or the store is shown, since each names its visitor; the ids of all \
         visitors of the run; requests to another website with the same browser, where the target has one."
    }

    fn hangs_on_time(&self) -> bool {
        false
    }

    fn conclude(&self, tally: &Tally) -> ClauseTally {
        tally.shared_ids()
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let exchange = case.exchange;
        if let Some(foreign) = foreign(exchange) {
            return Some(Judgement::fail("nothing of anybody else's", foreign));
        }
        if exchange.of == Which::OtherWebsite {
            return on_another_website(case);
        }
        if matches!(exchange.how.with, With::Forged | With::Altered) {
            return for_made_up_identity(case);
        }
        let read_own = exchange.said.as_ref().is_some_and(|said| !said.is_empty());
        read_own.then(Judgement::pass)
    }
}

/// A message that belongs to another visitor or another website, in words.
fn foreign(exchange: &Exchange) -> Option<String> {
    exchange.said.iter().flatten().find_map(|text| match text {
        Said::Foreign { visitor, number, .. } => Some(format!("message {number} of visitor {visitor}")),
        _ => None,
    })
}

fn on_another_website(case: &Case) -> Option<Judgement> {
    let exchange = case.exchange;
    if !matches!(exchange.outcome, Outcome::Ok | Outcome::Absent | Outcome::Forbidden) {
        return None;
    }
    let home = case.model.current.as_ref()?;
    let wanted = "nothing of the visitor's session on its own website";
    if case.prints.session == Some(home.id) {
        return Some(Judgement::fail(wanted, "that session, shown on another website"));
    }
    let own = exchange.said.iter().flatten().any(|text| matches!(text, Said::Own(_) | Said::Altered { .. }));
    Some(if own { Judgement::fail(wanted, "its messages, shown on another website") } else { Judgement::pass() })
}

/// An identity that the server never issued gets nobody's session and nobody's messages.
fn for_made_up_identity(case: &Case) -> Option<Judgement> {
    if !matches!(case.exchange.outcome, Outcome::Ok | Outcome::Absent | Outcome::Forbidden) {
        return None;
    }
    let session = case.model.current.as_ref()?;
    Some(if case.shows(session) {
        Judgement::fail("nothing for an identity that the server never issued", "the session of the visitor beside it")
    } else {
        Judgement::pass()
    })
}
