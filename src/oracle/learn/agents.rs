//! How the model of one visitor takes in what agents do and what is seen in the store.

use super::super::Rules;
use super::super::case::View;
use super::super::life::Life;
use super::super::model::{Author, Deletion, Message, Model};
use crate::history::{Exchange, Outcome};
use crate::instant::Instant;
use crate::scenario::{Op, Which};

impl Model {
    pub(super) fn learn_from_look(&mut self, rules: &Rules, exchange: &Exchange) {
        let by_agent = exchange.op == Op::AgentInspect;
        let Some(session) = self.asked_mut(exchange) else { return };
        let view = if by_agent { View::Agent } else { View::Store };
        if exchange.outcome == Outcome::Absent {
            session.missed[view as usize] |= matches!(session.life(rules, view, &exchange.at), Life::Gone(_));
        }
        if exchange.outcome != Outcome::Ok {
            return;
        }
        let own = exchange.addresses.iter().flatten().any(crate::history::Stored::is_own);
        if by_agent {
            session.agent_saw = true;
            session.agent_saw_address |= own;
        } else {
            session.store_saw = true;
            session.store_saw_address |= own;
            session.address_rows = session.address_rows.or(exchange.address_rows);
            session.session_rows = session.session_rows.or(exchange.session_rows);
            session.log_lines = session.log_lines.or(exchange.log_lines);
        }
    }

    pub(super) fn learn_from_agent_send(&mut self, rules: &Rules, exchange: &Exchange, by: Author) {
        let Some(session) = self.asked_mut(exchange) else { return };
        let Some(number) = exchange.message else { return };
        let message =
            |certain| Message { number, by, certain, times: 1, placed: certain && !exchange.how.raced, again: false };
        match exchange.outcome {
            Outcome::Ok => {
                let lives = matches!(session.life(rules, View::Visitor, &exchange.at), Life::Alive(_));
                session.take(message(lives || !exchange.how.raced));
            }
            Outcome::Absent => {}
            _ => session.doubt(Some(message(false))),
        }
    }

    pub(super) fn learn_from_delete(&mut self, rules: &Rules, exchange: &Exchange) {
        if exchange.outcome != Outcome::Absent && exchange.of == Which::Current {
            // What was to be read next may have been deleted with the rest.
            self.late = None;
        }
        let Some(session) = self.asked_mut(exchange) else { return };
        match exchange.outcome {
            Outcome::Ok => {
                let twice = session.deletion == Deletion::Maybe;
                session.deletion = Deletion::Certain(exchange.at);
                // A message that was under way at once with it may have come after it, into another session; and so may
                // one that was sent once more and is under way still.
                session
                    .messages
                    .iter_mut()
                    .for_each(|message| message.certain &= (message.placed || !exchange.how.raced) && !message.again);
                // What is still under way may begin a session under the same id.
                let under_way = twice || exchange.how.raced || session.maybe_access == Some(Instant::NEVER);
                session.unclear |= rules.can.carrier_is_session && under_way;
            }
            Outcome::Absent => {}
            _ => {
                session.deletion = Deletion::Maybe;
                session.doubt(None);
            }
        }
    }
}
