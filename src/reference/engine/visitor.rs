//! What a visitor does: load, page view, message, reading.
//!
//! It owns how a cookie finds its session, and what each act gives the visitor. It never removes
//! a session that is over: that is the sweep's.

use std::net::IpAddr;

use serde::Serialize;

use super::{Engine, Message, Session, Stored};
use crate::reference::address;
use crate::reference::policy::{Act, Life, SECOND_MS};

/// Who asks, and where.
#[derive(Debug, Clone)]
pub(in crate::reference) struct Caller {
    /// The website that carries the chatbox.
    pub(in crate::reference) website: &'static str,
    /// The cookie's value, where one was sent.
    pub(in crate::reference) cookie: Option<String>,
    /// The visitor's address.
    pub(in crate::reference) address: IpAddr,
}

/// A cookie to be set.
#[derive(Debug)]
pub(in crate::reference) struct SetCookie {
    /// Its value.
    pub(in crate::reference) value: String,
    /// Its term in seconds; `None` where it ends with the browser.
    pub(in crate::reference) max_age_s: Option<i64>,
}

/// What a visitor is given for an act.
#[derive(Debug)]
pub(in crate::reference) struct Visit<T> {
    /// The answer's content.
    pub(in crate::reference) body: T,
    /// The answer's cookie.
    pub(in crate::reference) cookie: Option<SetCookie>,
}

/// A load's answer.
#[derive(Debug, Serialize)]
pub(in crate::reference) struct Loaded {
    session: String,
    fresh: bool,
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
    session: String,
    messages: Vec<Message>,
}

impl Engine {
    /// A load of the chatbox: the cookie's session, or a new one.
    pub(in crate::reference) fn load(&mut self, caller: &Caller) -> rusqlite::Result<Visit<Loaded>> {
        let now_ms = self.clock.now_ms();
        match self.session_to_load(caller, now_ms)? {
            Some(session) if !self.rules.forgets(&session.life, now_ms) => self.welcome_back(caller, &session, now_ms),
            _ => self.welcome(caller, now_ms),
        }
    }

    /// A page view; `None` without a living session.
    pub(in crate::reference) fn view_page(&mut self, caller: &Caller) -> rusqlite::Result<Option<Visit<Viewed>>> {
        let now_ms = self.clock.now_ms();
        let Some(session) = self.living_session(caller, now_ms)? else {
            return Ok(None);
        };
        let cookie = self.acknowledge(&session, Act::Page, now_ms)?;
        Ok(Some(Visit { body: Viewed { session: session.id }, cookie }))
    }

    /// A message of the visitor; `None` without a living session.
    pub(in crate::reference) fn send_message(
        &mut self,
        caller: &Caller,
        text: &str,
    ) -> rusqlite::Result<Option<Visit<Stored>>> {
        let now_ms = self.clock.now_ms();
        let Some(session) = self.living_session(caller, now_ms)? else {
            return Ok(None);
        };
        let cookie = self.acknowledge(&session, Act::Message, now_ms)?;
        let times = self.times_to_store(&session)?;
        let body = self.store_message(&session, "visitor", text, times, now_ms)?;
        Ok(Some(Visit { body, cookie }))
    }

    /// A reading of the messages; `None` without a living session.
    pub(in crate::reference) fn read_messages(&mut self, caller: &Caller) -> rusqlite::Result<Option<Visit<Listed>>> {
        let now_ms = self.clock.now_ms();
        let Some(session) = self.living_session(caller, now_ms)? else {
            return Ok(None);
        };
        let cookie = self.acknowledge(&session, Act::Read, now_ms)?;
        let messages = self.messages_for_visitor(&session, now_ms)?;
        Ok(Some(Visit { body: Listed { session: session.id, messages }, cookie }))
    }

    /// The session of a load's cookie, after what a load alone does to sessions that have ended.
    fn session_to_load(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        let Some(mut session) = self.session_of_cookie(caller)? else {
            return Ok(None);
        };
        if self.rules.undeletes(&session.life, now_ms) {
            self.execute("UPDATE sessions SET deleted = NULL WHERE id = ?1", [&session.id])?;
            session.life.deleted = None;
        }
        if self.rules.removed_on_return && self.rules.is_over(&session.life, now_ms) {
            self.remove(&session)?;
            return Ok(None);
        }
        Ok(Some(session).filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    fn living_session(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        let session = self.session_of_cookie(caller)?;
        Ok(session.filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    /// The session that holds the cookie, living or not.
    fn session_of_cookie(&self, caller: &Caller) -> rusqlite::Result<Option<Session>> {
        let Some(cookie) = &caller.cookie else {
            return Ok(None);
        };
        if self.rules.cookie_is_the_websites {
            self.session_where("cookie = ?1 AND website = ?2", (cookie, caller.website))
        } else {
            self.session_where("cookie = ?1", [cookie])
        }
    }

    fn welcome_back(&mut self, caller: &Caller, session: &Session, now_ms: i64) -> rusqlite::Result<Visit<Loaded>> {
        let kind = self.rules.load_kind(&session.life, now_ms);
        let cookie = self.acknowledge(session, kind, now_ms)?;
        self.log_visit(caller, session, now_ms)?;
        let messages = self.messages_for_visitor(session, now_ms)?;
        let body = Loaded { session: session.id.clone(), fresh: false, messages };
        Ok(Visit { body, cookie })
    }

    fn welcome(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Visit<Loaded>> {
        self.new_loads += 1;
        if let Some(session) = self.session_to_share(caller, now_ms)? {
            let mut visit = self.welcome_back(caller, &session, now_ms)?;
            visit.cookie = self.cookie_until(&session, self.rules.first_expiry(now_ms), now_ms);
            visit.body.fresh = true;
            return Ok(visit);
        }
        let session = self.create_session(caller, now_ms)?;
        self.log_visit(caller, &session, now_ms)?;
        let cookie = self.cookie_until(&session, session.life.cookie_expires, now_ms);
        let body = Loaded { session: session.id, fresh: true, messages: Vec::new() };
        Ok(Visit { body, cookie })
    }

    fn create_session(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Session> {
        let session = Session {
            id: random_id(),
            website: caller.website.to_owned(),
            cookie: random_id(),
            ip: address::stored(&self.rules, caller.address),
            message_count: 0,
            life: Life {
                created: now_ms,
                last_access: now_ms,
                permanent: false,
                cookie_expires: self.rules.first_expiry(now_ms),
                deleted: None,
            },
        };
        self.execute(
            "INSERT INTO sessions (id, website, cookie, cookie_expires, ip, created, last_access, \
             permanent, message_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 0, 0)",
            (&session.id, &session.website, &session.cookie, session.life.cookie_expires, &session.ip, now_ms),
        )?;
        Ok(session)
    }

    /// Notes the access, and renews the cookie where the act does that.
    fn acknowledge(&self, session: &Session, act: Act, now_ms: i64) -> rusqlite::Result<Option<SetCookie>> {
        self.note_access(session, act, now_ms)?;
        let Some(expires) = self.rules.renewed_expiry(act, &session.life, now_ms) else {
            return Ok(None);
        };
        self.execute("UPDATE sessions SET cookie_expires = ?2 WHERE id = ?1", (&session.id, expires))?;
        Ok(self.cookie_until(session, expires, now_ms))
    }

    fn cookie_until(&self, session: &Session, expires: i64, now_ms: i64) -> Option<SetCookie> {
        let max_age_s = self.rules.sends_max_age.then(|| (expires - now_ms) / SECOND_MS);
        self.rules.sets_cookies.then(|| SetCookie { value: session.cookie.clone(), max_age_s })
    }

    fn messages_for_visitor(&mut self, session: &Session, now_ms: i64) -> rusqlite::Result<Vec<Message>> {
        let since_ms = self.rules.history_ms.map_or(i64::MIN, |history| now_ms - history);
        let mut messages = self.messages(session, since_ms)?;
        messages.extend(self.message_to_leak(session)?);
        Ok(messages)
    }
}

/// 128 random bits, in hexadecimal.
fn random_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}
