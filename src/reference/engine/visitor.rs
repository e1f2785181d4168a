//! What a visitor does: load, page view, message, reading.
//!
//! It owns how a cookie finds its session, and what each act gives the visitor. It never removes
//! a session that is over: that is the sweep's.

use std::net::IpAddr;

use serde::Serialize;

use super::{Engine, Message, NewMessage, Session, Stored};
use crate::reference::address;
use crate::reference::policy::{Act, Life, SECOND_MS, Sender};

/// Who asks, and where.
#[derive(Debug, Clone)]
pub(in crate::reference) struct Caller {
    /// The website that carries the chatbox.
    pub(in crate::reference) website: &'static str,
    /// The cookie's value, where one was sent.
    pub(in crate::reference) cookie: Option<String>,
    /// The visitor's address.
    pub(in crate::reference) address: IpAddr,
    /// What the browser calls itself: its `User-Agent`.
    pub(in crate::reference) browser: Option<String>,
    /// The tag of the list that the browser says it has: its `If-None-Match`.
    pub(in crate::reference) tag: Option<String>,
}

/// A cookie to be set.
#[derive(Debug, Clone)]
pub(in crate::reference) struct SetCookie {
    /// Its value.
    pub(in crate::reference) value: String,
    /// Its term in seconds; `None` where it ends with the browser.
    pub(in crate::reference) max_age_s: Option<i64>,
    /// The path of the requests that it is for.
    pub(in crate::reference) path: String,
}

/// What a visitor is given for an act.
#[derive(Debug)]
pub(in crate::reference) struct Visit<T> {
    /// The answer's content.
    pub(in crate::reference) body: T,
    /// The answer's cookie.
    pub(in crate::reference) cookie: Option<SetCookie>,
    /// The answer's tag.
    pub(in crate::reference) tag: Option<String>,
}

impl<T> Visit<T> {
    fn new(body: T, cookie: Option<SetCookie>) -> Self {
        Self { body, cookie, tag: None }
    }
}

/// A load's answer.
#[derive(Debug, Serialize)]
pub(in crate::reference) struct Loaded {
    session: String,
    /// Whether the session is new.
    pub(in crate::reference) fresh: bool,
    messages: Vec<Message>,
}

/// A page view's answer.
#[derive(Debug, Serialize)]
pub(in crate::reference) struct Viewed {
    session: String,
}

/// A reading's answer.
#[derive(Debug, Serialize)]
pub(in crate::reference) struct Listed {
    pub(super) session: String,
    pub(super) messages: Vec<Message>,
}

impl Engine {
    /// A load of the chatbox: the cookie's session, or a new one.
    pub(in crate::reference) fn load(&mut self, caller: &Caller, page: &str) -> rusqlite::Result<Visit<Loaded>> {
        let now_ms = self.clock.now_ms();
        match self.session_to_load(caller, now_ms)? {
            Some(mut session) if !self.rules.forgets(&session.life, now_ms) => {
                self.welcome_back(caller, page, &mut session, now_ms)
            }
            _ => self.welcome(caller, page, now_ms),
        }
    }

    /// A page view; `None` without a living session.
    pub(in crate::reference) fn view_page(
        &mut self,
        caller: &Caller,
        page: &str,
    ) -> rusqlite::Result<Option<Visit<Viewed>>> {
        let now_ms = self.clock.now_ms();
        let Some(mut session) = self.living_session(caller, now_ms)? else {
            return Ok(None);
        };
        let before = session.changing();
        let cookie = self.acknowledge(caller, &mut session, Act::Page, now_ms)?;
        self.update(&before, &session)?;
        self.trace_page(page, &session, now_ms)?;
        Ok(Some(Visit::new(Viewed { session: session.id }, cookie)))
    }

    /// A message of the visitor, with the client's id of it; `None` without a living session. A repetition is
    /// acknowledged like the first.
    pub(in crate::reference) fn send_message(
        &mut self,
        caller: &Caller,
        text: &str,
        id: Option<&str>,
    ) -> rusqlite::Result<Option<Visit<Stored>>> {
        let now_ms = self.clock.now_ms();
        let living = self.living_session(caller, now_ms)?;
        let Some(mut session) =
            living.map_or_else(|| self.back_on_message(caller, now_ms), |session| Ok(Some(session)))?
        else {
            return Ok(self.told_of_lost(caller, now_ms)?.map(|told| Visit::new(told, None)));
        };
        let before = session.changing();
        let cookie = self.acknowledge(caller, &mut session, Act::Message, now_ms)?;
        if let Some(message) = self.message_with_id(&session, id)? {
            self.update(&before, &session)?;
            return Ok(Some(Visit::new(Stored { session: session.id, message }, cookie)));
        }
        let times = self.times_to_store(&session)?;
        let message = NewMessage { sender: Sender::Visitor, text, id };
        let stored = self.store_message(&mut session, message, times, now_ms)?;
        self.update(&before, &session)?;
        Ok(Some(Visit::new(stored, cookie)))
    }

    /// A reading of the messages; `None` without a living session.
    pub(in crate::reference) fn read_messages(&mut self, caller: &Caller) -> rusqlite::Result<Option<Visit<Listed>>> {
        let now_ms = self.clock.now_ms();
        let Some(mut session) = self.living_session(caller, now_ms)? else {
            return Ok(self.cached_list(caller, now_ms).map(|list| Visit::new(list, None)));
        };
        let before = session.changing();
        let cookie = self.acknowledge(caller, &mut session, Act::Read, now_ms)?;
        self.update(&before, &session)?;
        let messages = self.messages_for_visitor(&session, now_ms)?;
        let tag = self.tag_of(&session.id);
        let body = Listed { session: session.id, messages };
        self.cache_list(caller, &body);
        Ok(Some(Visit { body, cookie, tag }))
    }

    /// The session of a load's cookie, after what a load alone does to sessions that have ended.
    fn session_to_load(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        if let Some(session) = self.back_on_load(caller, now_ms)? {
            return Ok(Some(session));
        }
        let Some(mut session) = self.session_of_caller(caller)? else {
            return self.session_of_browser(caller, now_ms);
        };
        if self.rules.undeletes(&session.life, now_ms) {
            self.execute("UPDATE sessions SET deleted = NULL WHERE id = ?1", [&session.id])?;
            session.life.deleted = None;
        }
        if self.rules.session.removed_on_return && self.rules.is_over(&session.life, now_ms) {
            self.remove(&session)?;
            return Ok(None);
        }
        Ok(Some(session).filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    fn living_session(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        let session = self.session_of_caller(caller)?;
        Ok(session.filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    /// The session that holds the caller's cookie, living or not.
    pub(super) fn session_of_caller(&self, caller: &Caller) -> rusqlite::Result<Option<Session>> {
        let Some(cookie) = &caller.cookie else {
            return self.session_of_tag(caller);
        };
        let session = if self.rules.identity.is_the_websites {
            self.session_where(session_where!("cookie = ?1 AND website = ?2"), (cookie, caller.website))?
        } else {
            self.session_where(session_where!("cookie = ?1"), [cookie])?
        };
        let anywhere = !self.rules.identity.bound_to_address;
        let here = |session: &Session| session.ip == address::stored(&self.rules, caller.address);
        Ok(session.filter(|session| anywhere || here(session)))
    }

    fn welcome_back(
        &mut self,
        caller: &Caller,
        page: &str,
        session: &mut Session,
        now_ms: i64,
    ) -> rusqlite::Result<Visit<Loaded>> {
        let kind = self.rules.load_kind(&session.life, now_ms);
        let before = session.changing();
        let cookie = self.acknowledge(caller, session, kind, now_ms)?;
        self.update(&before, session)?;
        self.trace_load(caller, page, session, now_ms)?;
        let messages = self.messages_for_visitor(session, now_ms)?;
        let body = Loaded { session: session.id.clone(), fresh: false, messages };
        Ok(Visit::new(body, cookie))
    }

    fn welcome(&mut self, caller: &Caller, page: &str, now_ms: i64) -> rusqlite::Result<Visit<Loaded>> {
        self.memory.new_loads += 1;
        if let Some(mut session) = self.session_to_share(caller, now_ms)? {
            let mut visit = self.welcome_back(caller, page, &mut session, now_ms)?;
            visit.cookie = self.cookie_until(&session, self.rules.first_expiry(now_ms), now_ms);
            visit.body.fresh = true;
            return Ok(visit);
        }
        let session = self.create_session(caller, now_ms)?;
        self.trace_load(caller, page, &session, now_ms)?;
        let own = self.cookie_until(&session, session.life.cookie_expires, now_ms);
        let cookie = self.cookie_or_replayed(caller, own);
        let body = Loaded { session: session.id, fresh: true, messages: Vec::new() };
        Ok(Visit::new(body, cookie))
    }

    fn create_session(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Session> {
        let (id, cookie) = self.new_ids(caller, now_ms)?;
        let mut session = Session {
            id,
            website: caller.website.to_owned(),
            cookie,
            ip: address::stored(&self.rules, caller.address),
            message_count: 0,
            life: Life {
                number: 0,
                created: now_ms,
                last_access: now_ms,
                permanent: false,
                cookie_expires: self.rules.first_expiry(now_ms),
                deleted: None,
            },
        };
        self.insert_session(&session)?;
        session.life.number = self.connection.last_insert_rowid();
        Ok(session)
    }

    /// Notes access and address, and renews the cookie where the act does that. Whoever was found without a cookie
    /// is given it. What of it stands in the session's row is left to [`Engine::update`], but for the address.
    fn acknowledge(
        &self,
        caller: &Caller,
        session: &mut Session,
        act: Act,
        now_ms: i64,
    ) -> rusqlite::Result<Option<SetCookie>> {
        let renewed = self.rules.renewed_expiry(act, &session.life, now_ms);
        if act != Act::Message || !self.rules.message_loses_race(&session.life, now_ms) {
            self.note_access(session, act, now_ms);
        }
        self.note_address(caller, session, act, now_ms)?;
        let Some(expires) = renewed else {
            let given = caller.cookie.is_none();
            let cookie = given.then(|| self.cookie_until(session, session.life.cookie_expires, now_ms));
            return Ok(cookie.flatten());
        };
        session.life.cookie_expires = expires;
        let mut cookie = self.cookie_until(session, expires, now_ms);
        if let Some(cookie) = cookie.as_mut().filter(|_| !self.rules.cookie.renewed_on_same_path) {
            cookie.path = format!("/v1/{}/load", session.website);
        }
        Ok(cookie)
    }

    fn cookie_until(&self, session: &Session, expires: i64, now_ms: i64) -> Option<SetCookie> {
        let max_age_s = self.rules.cookie.sends_max_age.then(|| (expires - now_ms) / SECOND_MS);
        let value = session.cookie.clone();
        self.rules.cookie.is_set.then(|| SetCookie { value, max_age_s, path: "/".to_owned() })
    }

    fn messages_for_visitor(&mut self, session: &Session, now_ms: i64) -> rusqlite::Result<Vec<Message>> {
        let since_ms = self.rules.messages.history_ms.map_or(i64::MIN, |history| now_ms - history);
        let mut messages = self.messages(session, since_ms)?;
        if let Some(most) = self.rules.messages.history_max {
            messages.drain(..messages.len().saturating_sub(most));
        }
        messages.extend(self.message_to_leak(session)?);
        Ok(messages)
    }
}
