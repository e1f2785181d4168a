//! The hooks of those defects that need the store: sharing, leaking, doubling, losing, logging.
//!
//! It owns what a broken server does there. A sound server does nothing here.

use super::{Caller, Engine, Message, Session};
use crate::reference::address;
use crate::reference::policy::SecondMessage;

impl Engine {
    /// Which session a new load is handed instead of one of its own.
    pub(super) fn session_to_share(&self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        if !self.rules.shares_every.is_some_and(|every| self.new_loads.is_multiple_of(every)) {
            return Ok(None);
        }
        let latest = self.session_where("website = ?1 ORDER BY number DESC LIMIT 1", [caller.website])?;
        Ok(latest.filter(|session| self.rules.shown_to_visitor(&session.life, now_ms)))
    }

    /// Whose message a list of this session also shows.
    pub(super) fn message_to_leak(&mut self, session: &Session) -> rusqlite::Result<Option<Message>> {
        self.readings += 1;
        if !self.rules.leaks_every.is_some_and(|every| self.readings.is_multiple_of(every)) {
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
        if self.rules.second_message == SecondMessage::Once {
            return Ok(1);
        }
        let mut count = self.connection.prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE sender = 'visitor') \
             FROM messages WHERE session = ?1",
        )?;
        let (stored, sent) =
            count.query_row([&session.id], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        let none_lost = stored == session.message_count;
        Ok(match self.rules.second_message {
            SecondMessage::Twice if sent == 1 => 2,
            SecondMessage::Never if sent == 1 && none_lost => 0,
            _ => 1,
        })
    }

    /// Writes a load down in a table of its own.
    pub(super) fn log_visit(&self, caller: &Caller, session: &Session, now_ms: i64) -> rusqlite::Result<()> {
        if self.rules.logs_visits {
            self.execute(
                "INSERT INTO visits (ip, session, at) VALUES (?1, ?2, ?3)",
                (address::stored(&self.rules, caller.address), &session.id, now_ms),
            )?;
        }
        Ok(())
    }
}
