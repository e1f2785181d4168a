//! The policy as this server keeps it: one value of [`Rules`], asked at every hook.
//!
//! It owns the policy's numbers and the decisions that follow from them. It never touches the
//! store, HTTP or the clock: the instant is always passed in. A defect is a change of one rule.

mod address;
mod cookie;
mod identity;
mod messages;
mod session;

use super::calendar;
use super::defects::Defect;

pub(super) use address::{AddressForm, AddressKept, AddressRules, HeaderEntry, Trace};
pub(super) use cookie::{CookieRules, Renewal};
pub(super) use identity::{IdentityRules, Ids};
pub(super) use messages::{MessageRules, SecondMessage, Sender};
pub(super) use session::{Afterlife, Deletion, Restart, SessionRules, Since, Sweep, Term};

/// One second, in milliseconds.
pub(super) const SECOND_MS: i64 = 1_000;
/// One minute, in milliseconds.
pub(super) const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One day, in milliseconds.
pub(super) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// One day, in seconds: the unit of a cookie's `Max-Age`.
pub(super) const DAY_S: i64 = 24 * 60 * 60;

/// What a visitor or an agent does to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// A load of the chatbox after a pause of the idle term or more.
    Return,
    /// A load of the chatbox within the same visit.
    Reload,
    /// A page view without a load.
    Page,
    /// A message of the visitor.
    Message,
    /// The visitor's client reads the messages.
    Read,
    /// An agent looks at the session.
    AgentLook,
}

/// The instants of a session on which the rules decide, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// Its place in the order of creation.
    pub(super) number: i64,
    /// When it was made.
    pub(super) created: i64,
    /// Its last website access.
    pub(super) last_access: i64,
    /// Whether it is permanent.
    pub(super) permanent: bool,
    /// When its cookie expires.
    pub(super) cookie_expires: i64,
    /// When an agent deleted it, where its row outlived that.
    pub(super) deleted: Option<i64>,
}

/// Every rule the server keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Those about the cookie.
    pub(super) cookie: CookieRules,
    /// Those about how visitors are known again.
    pub(super) identity: IdentityRules,
    /// Those about sessions.
    pub(super) session: SessionRules,
    /// Those about messages.
    pub(super) messages: MessageRules,
    /// Those about addresses.
    pub(super) address: AddressRules,
}

impl Rules {
    /// The rules of a sound server.
    pub(super) const fn sound() -> Self {
        Self {
            cookie: CookieRules::sound(),
            identity: IdentityRules::sound(),
            session: SessionRules::sound(),
            messages: MessageRules::sound(),
            address: AddressRules::sound(),
        }
    }

    /// The sound rules, or those that a defect makes of them.
    pub(super) fn broken_by(defect: Option<Defect>) -> Self {
        let mut rules = Self::sound();
        if let Some(defect) = defect {
            defect.apply(&mut rules);
        }
        rules
    }

    /// The same rules with another idle term, for a staging that cannot wait half an hour: what follows from the idle
    /// term shrinks with it, a defect's too.
    pub(super) fn scaled_to(mut self, idle_ms: i64) -> Self {
        self.cookie.return_pause_ms = session::scaled(self.cookie.return_pause_ms, idle_ms);
        self.session.scale_to(idle_ms);
        self
    }

    /// The same rules with a sweeper that looks that often.
    pub(super) fn swept_every(mut self, period_ms: i64) -> Self {
        self.session.sweep_period_ms = period_ms;
        self
    }

    /// The term of a temporary or a permanent session.
    pub(super) fn term(&self, permanent: bool) -> Option<Term> {
        if permanent { self.session.permanent } else { self.session.temporary }
    }

    /// When a session ends; `None` where it never does.
    pub(super) fn end_of(&self, life: &Life) -> Option<i64> {
        let timed = life.permanent || life.number > self.session.untimed_until;
        let term = self.term(life.permanent).filter(|_| timed)?;
        let start = match term.since {
            Since::LastAccess => life.last_access,
            Since::Creation => life.created,
        };
        Some(self.on_the_wall(start).saturating_add(term.ms))
    }

    /// Whether a session has reached its end at `now_ms`.
    pub(super) fn is_over(&self, life: &Life, now_ms: i64) -> bool {
        self.end_of(life).is_some_and(|end| self.on_the_wall(now_ms) >= end)
    }

    /// An instant as ends are computed with it.
    fn on_the_wall(&self, ms: i64) -> i64 {
        if self.session.in_local_time { calendar::local_ms(ms) } else { ms }
    }

    /// Whether the visitor who holds its cookie is given the session.
    pub(super) fn shown_to_visitor(&self, life: &Life, now_ms: i64) -> bool {
        let there = match (life.deleted, self.session.deletion) {
            (None, _) => true,
            (Some(at), Deletion::ShownFor(ms)) => now_ms < at.saturating_add(ms),
            (Some(_), _) => false,
        };
        there && self.honours_cookie(life, now_ms) && !self.is_over(life, now_ms)
    }

    /// Whether the session's cookie is good at `now_ms`.
    pub(super) fn honours_cookie(&self, life: &Life, now_ms: i64) -> bool {
        now_ms < life.cookie_expires - self.cookie.refused_before_end_ms
    }

    /// Whether an agent is given the session.
    pub(super) fn shown_to_agent(&self, life: &Life, now_ms: i64) -> bool {
        life.deleted.is_none() && !self.is_over(life, now_ms)
    }

    /// Whether a load at `now_ms` undoes an agent's deletion.
    pub(super) fn undeletes(&self, life: &Life, now_ms: i64) -> bool {
        match (life.deleted, self.session.deletion) {
            (Some(at), Deletion::UndoneAfter(ms)) => now_ms >= at.saturating_add(ms),
            _ => false,
        }
    }

    /// Whether a load is a return or a reload.
    pub(super) fn load_kind(&self, life: &Life, now_ms: i64) -> Act {
        if now_ms - life.last_access >= self.cookie.return_pause_ms { Act::Return } else { Act::Reload }
    }

    /// Whether the visitor is taken for somebody new although the session lives.
    pub(super) fn forgets(&self, life: &Life, now_ms: i64) -> bool {
        self.identity.forgotten_after_ms.is_some_and(|pause| now_ms - life.last_access >= pause)
    }

    /// Whether an act restarts the session's idle term.
    pub(super) fn counts_as_access(&self, act: Act) -> bool {
        self.session.accesses.contains(&act)
    }

    /// Whether a message at `now_ms` comes too shortly before the session's end to change it.
    pub(super) fn message_loses_race(&self, life: &Life, now_ms: i64) -> bool {
        let race_ms = self.session.message_race_ms;
        race_ms > 0 && !life.permanent && self.end_of(life).is_some_and(|end| now_ms >= end - race_ms)
    }

    /// Whether the sweeper must look at each session by itself.
    pub(super) fn sweeps_singly(&self) -> bool {
        let session = &self.session;
        session.in_local_time
            || session.sweep == Sweep::StopsAtV6
            || session.afterlife != Afterlife::Nothing
            || session.restart == Restart::LosesTimers
    }

    /// When a new cookie expires, in milliseconds.
    pub(super) fn first_expiry(&self, now_ms: i64) -> i64 {
        now_ms + self.cookie.term_s * SECOND_MS
    }

    /// When the cookie expires after an act that renews it; `None` where the act does not.
    pub(super) fn renewed_expiry(&self, act: Act, life: &Life, now_ms: i64) -> Option<i64> {
        self.cookie.renewed_by.contains(&act).then(|| match self.cookie.renewal {
            Renewal::FullTerm => self.first_expiry(now_ms),
            Renewal::Term(seconds) => now_ms + seconds * SECOND_MS,
            Renewal::SameExpiry => life.cookie_expires,
            Renewal::CappedAfterCreation(ms) => self.first_expiry(now_ms).min(life.created.saturating_add(ms)),
        })
    }
}
