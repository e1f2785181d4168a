//! The hooks of those defects that need the store: sharing, leaking, doubling, losing, and finding without a cookie.
//!
//! It owns what a broken server does there. A sound server does nothing here.

use super::{Caller, Engine, Message, Session, SetCookie, ids};
use crate::reference::address;
use crate::reference::policy::SecondMessage;

impl Engine {
    /// Which session a new load is handed instead of one of its own.
    pub(super) fn session_to_share(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        if !self.rules.identity.shared_every.is_some_and(|every| self.memory.new_loads.is_multiple_of(every)) {
            return Ok(None);
        }
        let latest =
            self.session_where(session_where!("website = ?1 ORDER BY number DESC LIMIT 1"), [caller.website])?;
        Ok(latest.filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    /// Whose message a list of this session also shows.
    pub(super) fn message_to_leak(&mut self, session: &Session) -> rusqlite::Result<Option<Message>> {
        self.memory.readings += 1;
        if !self.rules.messages.leaks_every.is_some_and(|every| self.memory.readings.is_multiple_of(every)) {
            return Ok(None);
        }
        let mut select = self.connection.prepare_cached(
            "SELECT sender, text, at FROM messages WHERE session <> ?1 \
             ORDER BY number DESC LIMIT 1",
        )?;
        select.query_map([&session.id], super::message_of)?.next().transpose()
    }

    /// How many times a message of the visitor is stored.
    pub(super) fn times_to_store(&self, session: &Session) -> rusqlite::Result<i64> {
        if self.loses_next(session) {
            return Ok(0);
        }
        if self.rules.messages.second == SecondMessage::Once {
            return Ok(1);
        }
        let mut count = self.connection.prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE sender = 'visitor') \
             FROM messages WHERE session = ?1",
        )?;
        let (stored, sent) =
            count.query_row([&session.id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        let none_lost = stored == session.message_count;
        Ok(match self.rules.messages.second {
            SecondMessage::Twice if sent == 1 => 2,
            SecondMessage::Never if sent == 1 && none_lost => 0,
            _ => 1,
        })
    }

    /// Whether the session's next message is not stored.
    pub(super) fn loses_next(&self, session: &Session) -> bool {
        self.rules.messages.lost_number == Some(session.message_count + 1)
    }

    /// The cookie of the new load before this one where that is sent again, and otherwise this one's own.
    pub(super) fn cookie_or_replayed(&mut self, caller: &Caller, own: Option<SetCookie>) -> Option<SetCookie> {
        let (Some(every), Some(cookie)) = (self.rules.cookie.replayed_every, &own) else {
            return own;
        };
        let before = self.memory.last_cookies.insert(caller.website, cookie.clone());
        before.filter(|_| self.memory.new_loads.is_multiple_of(every)).or(own)
    }

    /// The tag of a session's lists, which finds it again.
    pub(super) fn tag_of(&mut self, session: &str) -> Option<String> {
        self.rules.identity.found_by_etag.then(|| {
            let digest = ids::digest_of(session);
            let tag = format!("\"{}\"", &digest[..32]);
            self.memory.tags.insert(tag.clone(), session.to_owned());
            tag
        })
    }

    /// The session whose tag was sent without a cookie.
    pub(super) fn session_of_tag(&self, caller: &Caller) -> rusqlite::Result<Option<Session>> {
        let sent = caller.tag.as_ref().filter(|_| self.rules.identity.found_by_etag);
        match sent.and_then(|tag| self.memory.tags.get(tag)) {
            Some(id) => self.session_where(session_where!("id = ?1 AND website = ?2"), (id, caller.website)),
            None => Ok(None),
        }
    }

    /// The living session of a load's address and browser, where no cookie was sent.
    pub(super) fn session_of_browser(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        let key = self.browser_of(caller).filter(|_| caller.cookie.is_none());
        let Some(id) = key.and_then(|key| self.memory.browsers.get(&key)) else {
            return Ok(None);
        };
        let session = self.session_where(session_where!("id = ?1"), [id])?;
        Ok(session.filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    /// Remembers with which address and browser a load came.
    pub(super) fn remember_browser(&mut self, caller: &Caller, session: &Session) {
        if let Some(key) = self.browser_of(caller) {
            self.memory.browsers.insert(key, session.id.clone());
        }
    }

    /// Website, address and browser of somebody who is known by them.
    fn browser_of(&self, caller: &Caller) -> Option<(String, String, String)> {
        let browser = caller.browser.clone().filter(|_| self.rules.identity.found_by_address)?;
        Some((caller.website.to_owned(), address::stored(&self.rules, caller.address), browser))
    }
}
