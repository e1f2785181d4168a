//! How the model of one visitor takes in what an exchange shows.

use super::Rules;
use super::case::View;
use super::life::{Alive, Gone, Life};
use super::model::{Author, Deletion, Held, Message, Model, Session, fingerprint};
use crate::history::{Exchange, Identity, Outcome};
use crate::instant::{Instant, Interval, Length};
use crate::policy::AccessKind;
use crate::scenario::{Op, Origin, Which, With};

impl Model {
    /// The session that an exchange asks for.
    pub fn asked(&self, exchange: &Exchange) -> Option<&Session> {
        match exchange.of {
            Which::Current => self.current.as_ref(),
            Which::Previous => self.previous.as_deref(),
            Which::OtherWebsite => None,
            Which::Orphans => {
                let id = exchange.session.as_deref().map(fingerprint)?;
                self.orphans.iter().find(|orphan| orphan.id == id)
            }
        }
    }

    fn asked_mut(&mut self, exchange: &Exchange) -> Option<&mut Session> {
        match exchange.of {
            Which::Current => self.current.as_mut(),
            Which::Previous => self.previous.as_deref_mut(),
            Which::OtherWebsite => None,
            Which::Orphans => {
                let id = exchange.session.as_deref().map(fingerprint)?;
                self.orphans.iter_mut().find(|orphan| orphan.id == id)
            }
        }
    }

    /// Takes in what the visitor did before an exchange: who cleared its cookies is nobody from then on.
    pub fn prepare(&mut self, exchange: &Exchange) {
        let here = Some((exchange.stop, exchange.step));
        if exchange.how.cleared && self.cleared != here {
            self.cleared = here;
            if let Some(before) = self.current.take() {
                self.previous = Some(Box::new(before));
            }
            (self.held, self.access, self.maybe_access, self.late) = (None, None, None, None);
        }
    }

    /// Takes in what an exchange shows.
    pub fn learn(&mut self, rules: &Rules, exchange: &Exchange) {
        if exchange.of == Which::OtherWebsite {
            self.astray = true;
        }
        let visitors = exchange.op.is_visitors();
        let unsent = exchange.outcome == Outcome::Error && exchange.status == 0;
        let unanswered = matches!(exchange.outcome, Outcome::Unknown | Outcome::Error) && !unsent;
        self.unseen |= unanswered && visitors && may_make_a_session(rules, exchange.op);
        if self.astray && visitors {
            return;
        }
        if unsent || matches!(exchange.outcome, Outcome::Throttled | Outcome::Forbidden) {
            return;
        }
        if visitors && exchange.how.with != With::Own {
            return self.learn_from_a_stranger(exchange);
        }
        match exchange.op {
            Op::Load | Op::Browse | Op::Send | Op::Read | Op::Resend => self.learn_from_visitor(rules, exchange),
            Op::AgentInspect | Op::StoreInspect => self.learn_from_look(rules, exchange),
            Op::AgentSend => self.learn_from_agent_send(exchange, Author::Agent),
            Op::AgentGreet => self.learn_from_agent_send(exchange, Author::Greeting),
            Op::AgentDelete => self.learn_from_delete(exchange),
            Op::Restart => {}
        }
    }

    /// An identity of the visitor's that somebody else presents may count as an access to its session.
    fn learn_from_a_stranger(&mut self, exchange: &Exchange) {
        if !matches!(exchange.how.with, With::Expired | With::Previous) {
            return;
        }
        let until = if exchange.outcome == Outcome::Unknown { Instant::NEVER } else { exchange.at.hi };
        for session in self.current.iter_mut().chain(self.previous.as_deref_mut()) {
            session.may_have_been_accessed(until);
        }
    }

    fn learn_from_visitor(&mut self, rules: &Rules, exchange: &Exchange) {
        let kind = match exchange.op {
            Op::Load => AccessKind::Load,
            Op::Browse => AccessKind::PageView,
            Op::Send | Op::Resend => AccessKind::VisitorMessage,
            _ => AccessKind::Reading,
        };
        let (access, no_access) = (&rules.policy.session.access, &rules.policy.session.no_access);
        let is_access = access.contains(&kind);
        let may_be_access = is_access || !no_access.contains(&kind);
        match exchange.outcome {
            Outcome::Ok => self.learn_from_answer(rules, exchange, (is_access, may_be_access)),
            Outcome::Absent => self.learn_that_it_is_gone(rules, exchange),
            _ => self.learn_from_silence(exchange),
        }
        if let Some(identity) = &exchange.cookie {
            self.learn_identity(exchange, identity);
        }
        if matches!(exchange.outcome, Outcome::Ok | Outcome::Absent) {
            if is_access {
                self.access = Some(exchange.at);
            } else if may_be_access {
                self.maybe_access = self.maybe_access.max(Some(exchange.at.hi));
            }
        } else {
            self.maybe_access = Some(Instant::NEVER);
        }
    }

    fn learn_from_answer(&mut self, rules: &Rules, exchange: &Exchange, (is_access, may_be_access): (bool, bool)) {
        let shown = exchange.session.as_deref().map(fingerprint);
        let life = self.current.as_ref().map(|session| session.life(rules, View::Visitor, &exchange.at));
        let begins = self.begins(rules, exchange, shown, life);
        let returned_after = self.return_pause(rules, exchange).filter(|_| !begins);
        let near_end = self.current.as_ref().is_some_and(|session| {
            let terms = &rules.terms;
            let first = exchange.at.most_since(&session.access) >= terms.idle - terms.margin.times(4.0);
            first && matches!(life, Some(Life::Alive(Alive::FirstTerm | Alive::AfterAccess)))
        });
        if let (true, Some(id)) = (begins, shown) {
            self.begin(id, exchange);
        }
        let sent = exchange.message.filter(|_| matches!(exchange.op, Op::Send | Op::Resend));
        // Answers that race may come in another order than what they answer was done in: it may have been stored before
        // the end.
        let sent = sent.filter(|_| !(exchange.how.raced && matches!(life, Some(Life::Gone(_)))));
        if sent.is_some() && shown.is_none() && !matches!(life, Some(Life::Alive(_))) {
            // It was acknowledged, and nobody knows in which session it stands.
            self.late = sent;
            return self.lose_sight();
        }
        if let (Some(number), Some(Life::Gone(_))) = (sent, life) {
            // The next reading tells whether it is there.
            self.late = Some(number);
        } else {
            self.settle_late(exchange);
        }
        let Some(session) = &mut self.current else { return };
        if exchange.op == Op::Load {
            session.returned_after = returned_after;
        }
        if is_access {
            session.accessed(exchange.at, exchange.restarts);
        } else if may_be_access {
            session.may_have_been_accessed(exchange.at.hi);
        }
        session.moved |= exchange.how.from == Origin::Away;
        session.forged |= exchange.how.from == Origin::Forger;
        if let Some(number) = sent {
            session.last_second |= near_end && !session.may_be_permanent(rules);
            session.take(Message { number, by: Author::Visitor, certain: true, times: 1 });
        }
        if let Some(said) = exchange.said.as_ref().filter(|_| !exchange.how.raced) {
            session.resync(rules, said);
        }
    }

    /// Whether an answer shows that a session begins with it.
    fn begins(&mut self, rules: &Rules, exchange: &Exchange, shown: Option<u64>, life: Option<Life>) -> bool {
        let over = life.is_none_or(|life| matches!(life, Life::Gone(_)));
        let known = self.current.as_ref().map(|session| session.id);
        let makes = exchange.op == Op::Load || (exchange.op == Op::Send && rules.can.carrier_is_session);
        let begins = match (shown, known) {
            (Some(shown), Some(known)) => shown != known || (over && makes),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if begins && exchange.how.raced && !over && self.race_of_current(exchange).is_none() {
            // Two sessions where one identity lives: which of them it will be is not known.
            self.lose_sight();
            return false;
        }
        begins
    }

    fn race_of_current(&self, exchange: &Exchange) -> Option<&Session> {
        self.current.as_ref().filter(|session| session.race == Some((exchange.stop, exchange.step)))
    }

    fn lose_sight(&mut self) {
        if let Some(session) = &mut self.current {
            session.unclear = true;
        }
    }

    /// A message whose place was not known stands where it is read; one reading settles that.
    fn settle_late(&mut self, exchange: &Exchange) {
        if exchange.said.is_none() || exchange.how.raced {
            return;
        }
        let Some(number) = self.late.take() else { return };
        let read = exchange.said.iter().flatten().any(|text| *text == crate::history::Said::Own(number));
        if let (true, Some(session)) = (read, &mut self.current) {
            session.take(Message { number, by: Author::Visitor, certain: true, times: 1 });
        }
    }

    /// The least pause since the last website access, where this exchange is a load after the idle term or more.
    pub fn return_pause(&self, rules: &Rules, exchange: &Exchange) -> Option<Length> {
        let (least, _) = self.pause(&exchange.at)?;
        (exchange.op == Op::Load && least >= rules.terms.idle).then_some(least)
    }

    /// The least and the most that can have passed since the last website access.
    pub fn pause(&self, at: &Interval) -> Option<(Length, Length)> {
        let access = self.access?;
        let last = self.maybe_access.map_or(access.hi, |maybe| maybe.max(access.hi));
        Some((at.lo - last, at.hi - access.lo))
    }

    fn begin(&mut self, id: u64, exchange: &Exchange) {
        let mut session = Session::new(id, exchange.at);
        session.restarts = exchange.restarts;
        session.race = (exchange.how.raced && exchange.op == Op::Load).then_some((exchange.stop, exchange.step));
        let sibling = self.race_of_current(exchange).is_some();
        match self.current.replace(session) {
            Some(before) if sibling => self.orphans.push(before),
            Some(before) => self.previous = Some(Box::new(before)),
            None => {}
        }
    }

    fn learn_that_it_is_gone(&mut self, rules: &Rules, exchange: &Exchange) {
        let Some(session) = &mut self.current else { return };
        if !exchange.carried || exchange.how.raced {
            return;
        }
        let gone = match session.life(rules, View::Visitor, &exchange.at) {
            Life::Gone(gone) => gone,
            Life::Alive(Alive::Permanent) => {
                session.lost = true;
                return;
            }
            _ if session.deletion == Deletion::No => Gone::Idle,
            _ => Gone::Deleted,
        };
        session.seen_gone = Some(gone);
        session.missed[View::Visitor as usize] = true;
    }

    fn learn_from_silence(&mut self, exchange: &Exchange) {
        let Some(session) = &mut self.current else { return };
        let known = |number| session.messages.iter().any(|message| message.number == number);
        let message = exchange.message.filter(|number| !known(*number));
        let message = message.map(|number| Message { number, by: Author::Visitor, certain: false, times: 1 });
        session.may_have_been_accessed(Instant::NEVER);
        session.doubt(message);
    }

    fn learn_identity(&mut self, exchange: &Exchange, identity: &Identity) {
        if identity.is_removal(&exchange.at) {
            self.held = None;
            return;
        }
        let end = identity.term_s(&exchange.at).map(|(least, most)| {
            Interval::new(exchange.at.lo + Length::seconds(least), exchange.at.hi + Length::seconds(most))
        });
        let same_session = self.current.as_ref().is_some_and(|session| session.created != exchange.at);
        let fresh =
            Held { value: fingerprint(&identity.value), set: exchange.at, end, first: exchange.at, renewals: 0 };
        self.held = Some(match self.held {
            Some(held) if exchange.carried && same_session => {
                let renewal = u16::from(exchange.op == Op::Load && exchange.at != held.set);
                Held { first: held.first, renewals: held.renewals + renewal, ..fresh }
            }
            _ => fresh,
        });
    }

    fn learn_from_look(&mut self, rules: &Rules, exchange: &Exchange) {
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

    fn learn_from_agent_send(&mut self, exchange: &Exchange, by: Author) {
        let Some(session) = self.asked_mut(exchange) else { return };
        let Some(number) = exchange.message else { return };
        let message = |certain| Message { number, by, certain, times: 1 };
        match exchange.outcome {
            Outcome::Ok => session.take(message(true)),
            Outcome::Absent => {}
            _ => session.doubt(Some(message(false))),
        }
    }

    fn learn_from_delete(&mut self, exchange: &Exchange) {
        let Some(session) = self.asked_mut(exchange) else { return };
        match exchange.outcome {
            Outcome::Ok => session.deletion = Deletion::Certain(exchange.at),
            Outcome::Absent => {}
            _ => {
                session.deletion = Deletion::Maybe;
                session.doubt(None);
            }
        }
    }
}

/// Whether a visitor's request makes a session where there is none.
fn may_make_a_session(rules: &Rules, op: Op) -> bool {
    op == Op::Load || rules.can.reading_creates || (rules.can.carrier_is_session && matches!(op, Op::Send | Op::Resend))
}
