//! How the model of one visitor takes in what an exchange shows.

use super::Rules;
use super::case::{Prints, View, near};
use super::life::{Alive, Gone, Life};
use super::model::{Author, Deletion, Message, Model, Session, fingerprint};
use crate::history::{Exchange, Outcome};
use crate::instant::{Instant, Interval, Length};
use crate::policy::AccessKind;
use crate::scenario::{Op, Origin, Which, With};

impl Model {
    /// The session that an exchange asks for.
    pub fn asked(&self, exchange: &Exchange) -> Option<&Session> {
        match exchange.of {
            Which::Current => self.current.as_ref(),
            Which::Previous => self.previous.as_deref().filter(|before| self.is_told_apart(before)),
            Which::OtherWebsite => None,
            Which::Orphans => {
                let id = exchange.session.as_deref().map(fingerprint)?;
                self.orphans.iter().find(|orphan| orphan.id == id)
            }
        }
    }

    /// Whether the session before is the one that agents and the store are asked for: of several that began at once it
    /// is not known which came last, and one whose id is used again is not asked for.
    fn is_told_apart(&self, before: &Session) -> bool {
        self.orphans.is_empty() && self.current.as_ref().is_none_or(|session| session.id != before.id)
    }

    fn asked_mut(&mut self, exchange: &Exchange) -> Option<&mut Session> {
        if exchange.how.raced && exchange.of == Which::Current && self.race_of_current(exchange).is_some() {
            // An agent who acted at once with what made this session was asked for the one before.
            self.lose_sight();
            self.lose_sight_of_previous();
            return None;
        }
        match exchange.of {
            Which::Current => self.current.as_mut(),
            Which::Previous if !self.previous.as_ref().is_some_and(|before| self.is_told_apart(before)) => None,
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
    pub fn learn(&mut self, rules: &Rules, exchange: &Exchange, prints: Prints) {
        if exchange.of == Which::OtherWebsite {
            self.astray = true;
        }
        let visitors = exchange.op.is_visitors();
        let unsent = exchange.outcome == Outcome::Error && exchange.status == 0;
        let unanswered = matches!(exchange.outcome, Outcome::Unknown | Outcome::Error) && !unsent;
        self.strays |= unanswered && visitors && may_make_a_session(rules, exchange.op);
        if self.astray && visitors {
            return;
        }
        if unsent || matches!(exchange.outcome, Outcome::Throttled | Outcome::Forbidden) {
            return;
        }
        if visitors && exchange.how.with != With::Own {
            return self.learn_from_a_stranger(rules, exchange);
        }
        match exchange.op {
            Op::Load | Op::Browse | Op::Send | Op::Read | Op::Resend => {
                self.learn_from_visitor(rules, exchange, prints)
            }
            Op::AgentInspect | Op::StoreInspect => self.learn_from_look(rules, exchange),
            Op::AgentSend => self.learn_from_agent_send(rules, exchange, Author::Agent),
            Op::AgentGreet => self.learn_from_agent_send(rules, exchange, Author::Greeting),
            Op::AgentDelete => self.learn_from_delete(rules, exchange),
            Op::Restart => {}
        }
    }

    /// An identity of the visitor's that somebody else presents may count as an access to its session, and what is sent
    /// with it may stand there.
    fn learn_from_a_stranger(&mut self, rules: &Rules, exchange: &Exchange) {
        self.strays = true;
        if !matches!(exchange.how.with, With::Expired | With::Previous) {
            return;
        }
        let until = if exchange.outcome == Outcome::Unknown { Instant::NEVER } else { exchange.at.hi };
        for session in self.current.iter_mut().chain(self.previous.as_deref_mut()).chain(&mut self.orphans) {
            let lives = matches!(session.life(rules, View::Visitor, &exchange.at), Life::Alive(_));
            session.unclear |= rules.can.carrier_is_session && !lives;
            session.may_have_been_accessed(until);
            session.may_have_stored(rules, exchange.message, lives);
        }
        let lives = |session: &Session| matches!(session.life(rules, View::Visitor, &exchange.at), Life::Alive(_));
        if exchange.how.with == With::Expired && !self.current.as_ref().is_some_and(lives) {
            // The identity may have been given another session.
            self.lose_sight();
        }
        if let Some(held) = &mut self.held {
            held.maybe_renewed = true;
        }
        // For the server it was the visitor who came.
        self.maybe_access = self.maybe_access.max(Some(until));
    }

    fn learn_from_visitor(&mut self, rules: &Rules, exchange: &Exchange, prints: Prints) {
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
            Outcome::Ok => self.learn_from_answer(rules, exchange, prints, (is_access, may_be_access)),
            Outcome::Absent => self.learn_that_it_is_gone(rules, exchange),
            _ => self.learn_from_silence(rules, exchange, prints),
        }
        if let Some(identity) = &exchange.cookie {
            self.learn_identity(rules, exchange, prints, identity);
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

    fn learn_from_answer(
        &mut self,
        rules: &Rules,
        exchange: &Exchange,
        prints: Prints,
        (is_access, may_be_access): (bool, bool),
    ) {
        let shown = prints.session;
        let life = self.current.as_ref().map(|session| session.life(rules, View::Visitor, &exchange.at));
        let begins = self.begins(rules, exchange, shown, life);
        let returned_after = self.return_pause(rules, exchange).filter(|_| !begins);
        // A page is shown to anybody: that it was answered does not say that it reached a session which may be over.
        let made_here = exchange.how.raced && self.race_of_current(exchange).is_some();
        let reached = begins
            || (exchange.carried && matches!(life, Some(Life::Alive(_))) && !made_here)
            || (shown.is_some() && shown == self.current.as_ref().map(|session| session.id));
        let reuses = rules.can.carrier_is_session && matches!(exchange.op, Op::Load | Op::Send | Op::Resend);
        if let (true, Some(Life::Open(_)), Some(session)) = (reuses && !begins, life, &mut self.current) {
            // It may be another one under the old one's id.
            session.messages.iter_mut().for_each(|message| message.certain = false);
        }
        let near_end = self.current.as_ref().is_some_and(|session| {
            let terms = &rules.terms;
            let first = exchange.at.most_since(&session.access) >= terms.idle - near(terms);
            first && matches!(life, Some(Life::Alive(Alive::FirstTerm | Alive::AfterAccess)))
        });
        if let (true, Some(id)) = (begins, shown) {
            self.begin(rules, id, exchange, prints);
        }
        if exchange.how.raced && reuses && !matches!(life, Some(Life::Alive(_))) {
            // What was under way at once with it may have come before, or after.
            self.lose_sight();
        }
        if exchange.op == Op::Load && (!exchange.carried || exchange.how.raced) {
            // It is no more to be read by whoever has a new identity.
            self.late = None;
        }
        let sent = exchange.message.filter(|_| matches!(exchange.op, Op::Send | Op::Resend));
        if let (Op::Resend, Some(before)) = (exchange.op, &mut self.previous) {
            // It stands in this session too now.
            before.settled |= before.is_permanent(rules);
            let again = before.messages.iter_mut().filter(|message| Some(message.number) == sent);
            again.for_each(|message| message.certain = false);
        }
        if sent.is_some() && !reached && shown.is_none() {
            // It was acknowledged, and nobody knows in which session it stands.
            self.strays |= exchange.how.raced;
            if let Some(session) = &mut self.current {
                session.messages.extend(sent.map(Message::unsure));
            }
            let deleting = self.current.as_ref().is_some_and(|session| session.deletion == Deletion::Maybe);
            self.late = sent.filter(|_| !exchange.how.raced && !deleting);
            return self.lose_sight();
        }
        if let (Some(number), Some(Life::Gone(_))) = (sent, life) {
            // The next reading tells whether it is there.
            self.strays |= exchange.how.raced;
            self.late = Some(number).filter(|_| !exchange.how.raced);
        } else {
            self.settle_late(exchange);
        }
        let Some(session) = &mut self.current else { return };
        if exchange.op == Op::Load && exchange.how.raced && reached && !matches!(life, Some(Life::Alive(_))) {
            // One of those at once may have begun it.
            session.race = Some((exchange.stop, exchange.step));
        }
        if exchange.op == Op::Load {
            session.returned_after = returned_after;
        }
        if is_access && reached {
            session.accessed(exchange.at, exchange.restarts);
        } else if exchange.carried && (is_access || may_be_access) {
            session.may_have_been_accessed(exchange.at.hi);
        }
        session.moved |= exchange.how.from == Origin::Away;
        session.forged |= exchange.how.from == Origin::Forger;
        if let Some(number) = sent {
            session.last_second |= near_end && !session.may_be_permanent(rules);
            let placed = !exchange.how.raced;
            session.take(Message { certain: true, placed, ..Message::unsure(number) });
        }
        if let Some(said) = exchange.said.as_ref().filter(|_| !exchange.how.raced && reached) {
            session.resync(rules, said);
        }
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

    fn race_of_current(&self, exchange: &Exchange) -> Option<&Session> {
        self.current.as_ref().filter(|session| session.race == Some((exchange.stop, exchange.step)))
    }

    pub(super) fn lose_sight(&mut self) {
        if let Some(session) = &mut self.current {
            session.unclear = true;
        }
    }

    fn lose_sight_of_previous(&mut self) {
        if let Some(session) = &mut self.previous {
            session.unclear = true;
        }
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
        let read = exchange.said.iter().flatten().any(|text| *text == crate::history::Said::Own(number));
        if let (true, Some(session)) = (read, &mut self.current) {
            let placed = session.messages.iter().any(|known| known.number == number && known.placed);
            session.take(Message { certain: true, placed, ..Message::unsure(number) });
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

    fn learn_from_silence(&mut self, rules: &Rules, exchange: &Exchange, prints: Prints) {
        if let Some(held) = &mut self.held {
            held.maybe_renewed = true;
        }
        let other = |value| self.held.is_none_or(|held| held.value != value);
        if prints.carrier.is_some_and(other) {
            // The browser holds an identity now whose session was not told.
            self.late = None;
            self.lose_sight();
        }
        let Some(session) = &mut self.current else {
            self.strays = true;
            return;
        };
        let lives = matches!(session.life(rules, View::Visitor, &exchange.at), Life::Alive(_));
        // Where ids are reused, it may have begun a session under the ended one's.
        session.unclear |= rules.can.carrier_is_session && !lives;
        session.may_have_been_accessed(Instant::NEVER);
        session.may_have_stored(rules, exchange.message, lives);
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

    fn learn_from_agent_send(&mut self, rules: &Rules, exchange: &Exchange, by: Author) {
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

    fn learn_from_delete(&mut self, rules: &Rules, exchange: &Exchange) {
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

/// Whether a visitor's request makes a session where there is none.
fn may_make_a_session(rules: &Rules, op: Op) -> bool {
    op == Op::Load || rules.can.reading_creates || (rules.can.carrier_is_session && matches!(op, Op::Send | Op::Resend))
}
