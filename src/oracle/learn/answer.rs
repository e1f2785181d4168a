//! How the model of one visitor takes in an answer to a request of the visitor's own: whether a session begins with it,
//! whether it reached the one that is known, and where a message stands.

use super::super::Rules;
use super::super::case::{Prints, View, near};
use super::super::life::{Alive, Life};
use super::super::model::{Deletion, Message, Model, Session};
use crate::history::{Exchange, Said};
use crate::instant::{Instant, Length};
use crate::scenario::{Op, Origin};

/// What an answer means.
struct Answer {
    /// What the policy said of the session before it.
    life: Option<Life>,
    /// A session begins with it.
    begins: bool,
    /// It reached the session that is known.
    reached: bool,
    /// It came shortly before that session's deadline.
    near_end: bool,
    /// The pause before it, where it is a load on return.
    returned_after: Option<Length>,
    /// The message that it acknowledges.
    sent: Option<u16>,
    /// It is a website access.
    is_access: bool,
    /// It is one, or the policy does not say.
    may_be_access: bool,
}

impl Answer {
    /// Whether the session had to be there before it.
    fn found_alive(&self) -> bool {
        matches!(self.life, Some(Life::Alive(_)))
    }
}

impl Model {
    /// Takes in what an answered request of the visitor's own shows; `counts` says whether it is a website access, and
    /// whether it may be one.
    pub(super) fn learn_from_answer(
        &mut self,
        rules: &Rules,
        exchange: &Exchange,
        prints: Prints,
        counts: (bool, bool),
    ) {
        let answer = self.understand(rules, exchange, prints, counts);
        let reuses = rules.can.carrier_is_session && matches!(exchange.op, Op::Load | Op::Send | Op::Resend);
        if let (true, Some(Life::Open(_)), Some(session)) = (reuses && !answer.begins, answer.life, &mut self.current) {
            // It may be another one under the old one's id.
            session.messages.iter_mut().for_each(|message| message.certain = false);
        }
        if let (true, Some(id)) = (answer.begins, prints.session) {
            self.begin(rules, id, exchange, prints);
        }
        if exchange.how.raced && reuses && !answer.found_alive() {
            // What was under way at once with it may have come before, or after.
            self.lose_sight();
        }
        if exchange.op == Op::Load && (!exchange.carried || exchange.how.raced) {
            // It is no more to be read by whoever has a new identity.
            self.late = None;
        }
        if exchange.op == Op::Resend {
            self.doubt_previous(rules, answer.sent);
        }
        if answer.sent.is_some() && !answer.reached && prints.session.is_none() {
            return self.learn_of_unplaced_message(exchange, answer.sent);
        }
        if let (Some(number), Some(Life::Gone(_))) = (answer.sent, answer.life) {
            // The next reading tells whether it is there.
            self.strays |= exchange.how.raced;
            self.late = Some(number).filter(|_| !exchange.how.raced);
        } else {
            self.settle_late(exchange);
        }
        if let Some(session) = &mut self.current {
            session.learn_from_answer(rules, exchange, &answer);
        }
    }

    /// What an answer means, by what was known before it.
    fn understand(
        &mut self,
        rules: &Rules,
        exchange: &Exchange,
        prints: Prints,
        (is_access, may_be_access): (bool, bool),
    ) -> Answer {
        let shown = prints.session;
        let life = self.current.as_ref().map(|session| session.life(rules, View::Visitor, &exchange.at));
        let begins = self.begins(rules, exchange, shown, life);
        let returned_after = self.return_pause(rules, exchange).filter(|_| !begins);
        // A page is shown to anybody: that it was answered does not say that it reached a session which may be over.
        let made_here = exchange.how.raced && self.race_of_current(exchange).is_some();
        let reached = begins
            || (exchange.carried && matches!(life, Some(Life::Alive(_))) && !made_here)
            || (shown.is_some() && shown == self.current.as_ref().map(|session| session.id));
        let near_end = self.current.as_ref().is_some_and(|session| {
            let terms = &rules.terms;
            let first = exchange.at.most_since(&session.access) >= terms.idle - near(terms);
            first && matches!(life, Some(Life::Alive(Alive::FirstTerm | Alive::AfterAccess)))
        });
        let sent = exchange.message.filter(|_| matches!(exchange.op, Op::Send | Op::Resend));
        Answer { life, begins, reached, near_end, returned_after, sent, is_access, may_be_access }
    }

    /// A message that was sent once more stands in this session too now, and perhaps no more in the one before.
    fn doubt_previous(&mut self, rules: &Rules, sent: Option<u16>) {
        let Some(before) = &mut self.previous else { return };
        before.settled |= before.is_permanent(rules);
        let again = before.messages.iter_mut().filter(|message| Some(message.number) == sent);
        again.for_each(|message| message.certain = false);
    }

    /// A message was acknowledged, and nobody knows in which session it stands.
    fn learn_of_unplaced_message(&mut self, exchange: &Exchange, sent: Option<u16>) {
        self.strays |= exchange.how.raced;
        if let Some(session) = &mut self.current {
            session.messages.extend(sent.map(Message::unsure));
        }
        let deleting = self.current.as_ref().is_some_and(|session| session.deletion == Deletion::Maybe);
        self.late = sent.filter(|_| !exchange.how.raced && !deleting);
        self.lose_sight();
    }

    /// Whether an answer shows that a session begins with it.
    fn begins(&mut self, rules: &Rules, exchange: &Exchange, shown: Option<u64>, life: Option<Life>) -> bool {
        let over = life.is_none_or(|life| matches!(life, Life::Gone(_)));
        let known = self.current.as_ref().map(|session| session.id);
        let makes =
            exchange.op == Op::Load || (matches!(exchange.op, Op::Send | Op::Resend) && rules.can.carrier_is_session);
        let begins = match (shown, known) {
            (Some(shown), Some(known)) => shown != known || (over && makes),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if begins && exchange.how.raced && exchange.carried && !over && self.race_of_current(exchange).is_none() {
            // Two sessions where one identity lives: which of them it will be is not known.
            self.strays = true;
            self.lose_sight();
            self.lose_sight_of_previous();
            return false;
        }
        begins
    }

    /// A message whose place was not known stands where it is read; one reading settles that.
    fn settle_late(&mut self, exchange: &Exchange) {
        if exchange.said.is_none() || exchange.how.raced {
            return;
        }
        if exchange.session.is_none() && self.current.as_ref().is_none_or(|session| session.unclear) {
            // In which session it was read is not known either.
            return;
        }
        let Some(number) = self.late.take() else { return };
        let read = exchange.said.iter().flatten().any(|text| *text == Said::Own(number));
        if let (true, Some(session)) = (read, &mut self.current) {
            let placed = session.messages.iter().any(|known| known.number == number && known.placed);
            session.take(Message { certain: true, placed, ..Message::unsure(number) });
        }
    }

    fn begin(&mut self, rules: &Rules, id: u64, exchange: &Exchange, prints: Prints) {
        let mut session = Session::new(id, exchange.at);
        if exchange.carried && exchange.fresh != Some(true) {
            // It may have begun before, with a request whose answer got lost or went to somebody else.
            session.unclear = self.strays || exchange.fresh == Some(false);
        }
        let same_id = self.current.as_ref().is_some_and(|before| before.id == id);
        if exchange.carried && (exchange.fresh != Some(true) || same_id) {
            let lost = self.current.iter().flat_map(|before| &before.messages).filter(|message| !message.certain);
            session.messages.extend(lost);
        }
        let same = |value| self.held.is_some_and(|held| held.value == value);
        let reused = exchange.carried && prints.carrier.is_none_or(same);
        if let Some(before) = self.current.as_ref().filter(|_| reused) {
            // What is still under way with the old identity may reach it.
            session.maybe_access = before.maybe_access.filter(|until| *until == Instant::NEVER);
            session.unclear |= (before.deletion == Deletion::Maybe || before.unclear) && before.id == id;
        }
        // One that is merely read began and was last accessed nobody knows when.
        session.unclear |= exchange.op == Op::Read && !rules.can.reading_creates;
        session.restarts = exchange.restarts;
        session.race = exchange.how.raced.then_some((exchange.stop, exchange.step));
        // What was acknowledged before, in a place that is not known yet, may stand here.
        let late = self.late.filter(|_| exchange.carried);
        let late = late.filter(|number| session.messages.iter().all(|message| message.number != *number));
        session.doubt(late.map(Message::unsure));
        let sibling = self.race_of_current(exchange).is_some();
        match self.current.replace(session) {
            Some(before) if sibling => self.orphans.push(before),
            Some(before) => self.previous = Some(Box::new(before)),
            None => {}
        }
    }
}

impl Session {
    fn learn_from_answer(&mut self, rules: &Rules, exchange: &Exchange, answer: &Answer) {
        if exchange.op == Op::Load && exchange.how.raced && answer.reached && !answer.found_alive() {
            // One of those at once may have begun it.
            self.race = Some((exchange.stop, exchange.step));
        }
        if exchange.op == Op::Load {
            self.returned_after = answer.returned_after;
        }
        if answer.is_access && answer.reached {
            self.accessed(exchange.at, exchange.restarts);
        } else if exchange.carried && (answer.is_access || answer.may_be_access) {
            self.may_have_been_accessed(exchange.at.hi);
        }
        self.moved |= exchange.how.from == Origin::Away;
        self.forged |= exchange.how.from == Origin::Forger;
        if let Some(number) = answer.sent {
            self.last_second |= answer.near_end && !self.may_be_permanent(rules);
            let placed = !exchange.how.raced;
            self.take(Message { certain: true, placed, ..Message::unsure(number) });
        }
        if let Some(said) = exchange.said.as_ref().filter(|_| !exchange.how.raced && answer.reached) {
            self.resync(rules, said);
        }
    }
}
