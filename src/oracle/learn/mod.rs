//! How the model of one visitor takes in what an exchange shows.

mod agents;
mod answer;

use super::Rules;
use super::case::{Prints, View};
use super::life::{Alive, Gone, Life};
use super::model::{Author, Deletion, Model, Session, fingerprint};
use crate::history::{Exchange, Outcome};
use crate::instant::{Instant, Interval, Length};
use crate::policy::AccessKind;
use crate::scenario::{Op, Which, With};

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
}

/// Whether a visitor's request makes a session where there is none.
fn may_make_a_session(rules: &Rules, op: Op) -> bool {
    op == Op::Load || rules.can.reading_creates || (rules.can.carrier_is_session && matches!(op, Op::Send | Op::Resend))
}
