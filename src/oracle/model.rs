//! What is known of one visitor: its identity, its sessions, and the worlds that a time-out leaves open.
//!
//! A request without an answer may have been applied, may be applied later, or never. The model keeps these worlds
//! folded: a message that may be there, an access that may have been, a deletion that may have happened. With more
//! than three such doubts (eight worlds) the session is `unclear`, and nothing more is judged by it.

use super::Rules;
use super::case::View;
use super::life::{Alive, Gone, Life};
use crate::history::{Exchange, Identity, Outcome, Said};
use crate::instant::{Instant, Interval, Length};
use crate::policy::{AccessKind, Permanence};
use crate::scenario::{Op, Which};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Doubts beyond this many make a session unclear: two to the power of three is eight worlds.
const MOST_DOUBTS: usize = 3;

/// A short form of a server-made id or value, to compare it by.
pub fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What is known of one visitor.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// The identity that the server gave.
    pub held: Option<Held>,
    /// The session that the visitor has now.
    pub current: Option<Session>,
    /// The session that it had before.
    pub previous: Option<Box<Session>>,
    /// The last website access, of whatever session.
    pub access: Option<Interval>,
    /// A later instant at which there may have been one.
    pub maybe_access: Option<Instant>,
    /// The visitor turned to another website with the same browser: its identity here is no longer known.
    pub astray: bool,
}

/// An identity as the server declared it.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// Its value's fingerprint.
    pub value: u64,
    /// When it was last set.
    pub set: Interval,
    /// Its declared end, or `None` where it ends with the browser.
    pub end: Option<Interval>,
    /// When the unbroken row of renewals began.
    pub first: Interval,
    /// How many renewals that row has.
    pub renewals: u16,
}

/// A message in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// Its number in the visitor's conversation.
    pub number: u16,
    /// Whether an agent sent it.
    pub by_agent: bool,
    /// Whether it is known to be stored.
    pub certain: bool,
    /// How often it stands there: once, unless a failure was seen and reported.
    pub times: u8,
}

/// Whether an agent deleted a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// No.
    No,
    /// It was asked for, and there was no answer.
    Maybe,
    /// Yes, in this interval.
    Certain(Interval),
}

/// What is known of one session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id's fingerprint.
    pub id: u64,
    /// When it began.
    pub created: Interval,
    /// The last certain website access.
    pub access: Interval,
    /// The website access before that.
    pub accessed_before: Option<Interval>,
    /// A later instant at which there may have been an access.
    pub maybe_access: Option<Instant>,
    /// The least pause before the load that began this visit, where that load was a return.
    pub returned_after: Option<Length>,
    /// Its messages in the order in which they were sent.
    pub messages: Vec<Message>,
    /// Whether an agent deleted it.
    pub deletion: Deletion,
    /// The visitor was told that it is gone.
    pub seen_gone: Option<Gone>,
    /// The visitor was told that it is gone when it must be there: reported once, and not judged by that view again.
    pub lost: bool,
    /// Too little is known to judge by it.
    pub unclear: bool,
    /// An agent saw it.
    pub agent_saw: bool,
    /// The store showed it.
    pub store_saw: bool,
    /// An agent saw the visitor's address in it.
    pub agent_saw_address: bool,
    /// The store showed the visitor's address in it.
    pub store_saw_address: bool,
    /// In how many rows of the store the address stood when it was first looked at.
    pub address_rows: Option<u32>,
}

impl Session {
    fn new(id: u64, at: Interval) -> Self {
        Self {
            id,
            created: at,
            access: at,
            accessed_before: None,
            maybe_access: None,
            returned_after: None,
            messages: Vec::new(),
            deletion: Deletion::No,
            seen_gone: None,
            lost: false,
            unclear: false,
            agent_saw: false,
            store_saw: false,
            agent_saw_address: false,
            store_saw_address: false,
            address_rows: None,
        }
    }

    fn counts(rules: &Rules, message: &Message) -> bool {
        let by = if message.by_agent { Permanence::AgentMessage } else { Permanence::VisitorMessage };
        rules.policy.session.permanent_when.contains(&by)
    }

    /// Whether a message that is known to be stored makes it permanent (§3.3b).
    pub fn is_permanent(&self, rules: &Rules) -> bool {
        self.messages.iter().any(|message| message.certain && Self::counts(rules, message))
    }

    /// Whether something that may be stored may make it permanent.
    ///
    /// Uses that the policy leaves open (`session.permanent_when`) count here: nothing is judged by them.
    pub fn may_be_permanent(&self) -> bool {
        !self.messages.is_empty()
    }

    /// Whether the visitor wrote in it.
    pub fn visitor_spoke(&self) -> bool {
        self.messages.iter().any(|message| !message.by_agent && message.certain)
    }

    fn accessed(&mut self, at: Interval) {
        if at.lo > self.access.lo {
            self.accessed_before = Some(self.access);
        }
        self.access = at;
    }

    fn may_have_been_accessed(&mut self, until: Instant) {
        self.maybe_access = Some(self.maybe_access.map_or(until, |known| known.max(until)));
    }

    fn doubt(&mut self, message: Option<Message>) {
        self.messages.extend(message);
        let doubts = self.messages.iter().filter(|message| !message.certain).count()
            + usize::from(self.maybe_access == Some(Instant::NEVER))
            + usize::from(self.deletion == Deletion::Maybe);
        self.unclear |= doubts > MOST_DOUBTS;
    }

    /// Takes what was read for what is stored, so that one failure is reported once and not again by every clause.
    fn resync(&mut self, said: &[Said]) {
        let times = |number: u16| {
            let count = said
                .iter()
                .filter(|text| matches!(text, Said::Own(own) | Said::Altered { number: own, .. } if *own == number))
                .count();
            u8::try_from(count).unwrap_or(u8::MAX)
        };
        for message in &mut self.messages {
            let seen = times(message.number);
            message.certain |= seen > 0;
            message.times = seen.max(1);
        }
        self.messages.retain(|message| !message.certain || times(message.number) > 0);
    }
}

impl Model {
    /// The session that an exchange asks for.
    pub fn asked(&self, of: Which) -> Option<&Session> {
        match of {
            Which::Current => self.current.as_ref(),
            Which::Previous => self.previous.as_deref(),
            Which::OtherWebsite => None,
        }
    }

    fn asked_mut(&mut self, of: Which) -> Option<&mut Session> {
        match of {
            Which::Current => self.current.as_mut(),
            Which::Previous => self.previous.as_deref_mut(),
            Which::OtherWebsite => None,
        }
    }

    /// Takes in what an exchange shows.
    pub fn learn(&mut self, rules: &Rules, exchange: &Exchange) {
        if exchange.of == Which::OtherWebsite {
            self.astray = true;
        }
        if self.astray && exchange.op.is_visitors() {
            return;
        }
        let unsent = exchange.outcome == Outcome::Error && exchange.status == 0;
        if unsent || matches!(exchange.outcome, Outcome::Throttled | Outcome::Forbidden) {
            return;
        }
        match exchange.op {
            Op::Load | Op::Browse | Op::Send | Op::Read => self.learn_from_visitor(rules, exchange),
            Op::AgentInspect | Op::StoreInspect => self.learn_from_look(exchange),
            Op::AgentSend => self.learn_from_agent_send(exchange),
            Op::AgentDelete => self.learn_from_delete(exchange),
        }
    }

    fn learn_from_visitor(&mut self, rules: &Rules, exchange: &Exchange) {
        let kind = match exchange.op {
            Op::Load => AccessKind::Load,
            Op::Browse => AccessKind::PageView,
            Op::Send => AccessKind::VisitorMessage,
            _ => AccessKind::Reading,
        };
        let is_access = rules.policy.session.access.contains(&kind);
        match exchange.outcome {
            Outcome::Ok => self.learn_from_answer(rules, exchange, is_access),
            Outcome::Absent => self.learn_that_it_is_gone(rules, exchange),
            _ => self.learn_from_silence(exchange),
        }
        if let Some(identity) = &exchange.cookie {
            self.learn_identity(exchange, identity);
        }
        if matches!(exchange.outcome, Outcome::Ok | Outcome::Absent) {
            if is_access {
                self.access = Some(exchange.at);
            } else {
                self.maybe_access = self.maybe_access.max(Some(exchange.at.hi));
            }
        } else {
            self.maybe_access = Some(Instant::NEVER);
        }
    }

    fn learn_from_answer(&mut self, rules: &Rules, exchange: &Exchange, is_access: bool) {
        let shown = exchange.session.as_deref().map(fingerprint);
        let known = self.current.as_ref().map(|session| session.id);
        let over = self
            .current
            .as_ref()
            .is_none_or(|session| matches!(session.life(rules, View::Visitor, &exchange.at), Life::Gone(_)));
        let begins = match (shown, known) {
            (Some(shown), Some(known)) => shown != known || (over && exchange.op == Op::Load),
            (Some(_), None) => true,
            (None, _) => false,
        };
        let returned_after = self.return_pause(rules, exchange).filter(|_| !begins);
        if let (true, Some(id)) = (begins, shown) {
            self.begin(id, exchange);
        }
        let Some(session) = &mut self.current else { return };
        session.unclear |= !begins && over && exchange.op == Op::Send && shown.is_none();
        if exchange.op == Op::Load {
            session.returned_after = returned_after;
        }
        if is_access {
            session.accessed(exchange.at);
        } else {
            session.may_have_been_accessed(exchange.at.hi);
        }
        if let (Op::Send, Some(number)) = (exchange.op, exchange.message) {
            session.messages.push(Message { number, by_agent: false, certain: true, times: 1 });
        }
        if let Some(said) = &exchange.said {
            session.resync(said);
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
        if let Some(before) = self.current.replace(Session::new(id, exchange.at)) {
            self.previous = Some(Box::new(before));
        }
    }

    fn learn_that_it_is_gone(&mut self, rules: &Rules, exchange: &Exchange) {
        let Some(session) = &mut self.current else { return };
        if !exchange.carried {
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
    }

    fn learn_from_silence(&mut self, exchange: &Exchange) {
        let Some(session) = &mut self.current else { return };
        let message = exchange.message.map(|number| Message { number, by_agent: false, certain: false, times: 1 });
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

    fn learn_from_look(&mut self, exchange: &Exchange) {
        let by_agent = exchange.op == Op::AgentInspect;
        let Some(session) = self.asked_mut(exchange.of) else { return };
        if exchange.outcome != Outcome::Ok {
            return;
        }
        let own = exchange.addresses.as_ref().is_some_and(|found| found.contains(&crate::history::Stored::Own));
        if by_agent {
            session.agent_saw = true;
            session.agent_saw_address |= own;
        } else {
            session.store_saw = true;
            session.store_saw_address |= own;
            session.address_rows = session.address_rows.or(exchange.address_rows);
        }
    }

    fn learn_from_agent_send(&mut self, exchange: &Exchange) {
        let Some(session) = self.asked_mut(exchange.of) else { return };
        let Some(number) = exchange.message else { return };
        let message = |certain| Message { number, by_agent: true, certain, times: 1 };
        match exchange.outcome {
            Outcome::Ok => session.messages.push(message(true)),
            Outcome::Absent => {}
            _ => session.doubt(Some(message(false))),
        }
    }

    fn learn_from_delete(&mut self, exchange: &Exchange) {
        let Some(session) = self.asked_mut(exchange.of) else { return };
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
