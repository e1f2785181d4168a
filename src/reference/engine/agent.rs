//! What a website's agent does: look at a session, answer in it, delete it.
//!
//! It owns the agent's view. Nothing that an agent does is a website access.

use serde::Serialize;

use super::{Engine, Message, NewMessage, Session, Stored};
use crate::reference::policy::{Act, Deletion, Sender};

/// A session as agents see it.
#[derive(Debug, Serialize)]
pub(in crate::reference) struct AgentView {
    session: String,
    website: String,
    ip: String,
    /// Milliseconds.
    created: i64,
    /// Milliseconds.
    last_access: i64,
    permanent: bool,
    messages: Vec<Message>,
}

impl Engine {
    /// The session as it is; `None` where there is none.
    pub(in crate::reference) fn look(&mut self, id: &str) -> rusqlite::Result<Option<AgentView>> {
        let now_ms = self.clock.now_ms();
        let Some(session) = self.session_for_agent(id, now_ms)? else {
            return Ok(None);
        };
        if !session.life.permanent {
            let mut looked_at = session.clone();
            self.note_access(&mut looked_at, Act::AgentLook, now_ms);
            self.update(&session.changing(), &looked_at)?;
        }
        let messages = self.messages(&session, i64::MIN)?;
        Ok(Some(AgentView {
            session: session.id,
            website: session.website,
            ip: session.ip,
            created: session.life.created,
            last_access: session.life.last_access,
            permanent: session.life.permanent,
            messages,
        }))
    }

    /// A message of the agent; `None` where there is no session.
    pub(in crate::reference) fn answer(&mut self, id: &str, text: &str) -> rusqlite::Result<Option<Stored>> {
        self.write_to(id, NewMessage { sender: Sender::Agent, text, id: None })
    }

    /// An automated greeting; `None` where there is no session.
    pub(in crate::reference) fn greet(&mut self, id: &str, text: &str) -> rusqlite::Result<Option<Stored>> {
        self.write_to(id, NewMessage { sender: Sender::Greeting, text, id: None })
    }

    fn write_to(&mut self, id: &str, message: NewMessage<'_>) -> rusqlite::Result<Option<Stored>> {
        let now_ms = self.clock.now_ms();
        let Some(mut session) = self.session_for_agent(id, now_ms)? else {
            return Ok(None);
        };
        let before = session.changing();
        let times = i64::from(!self.loses_next(&session));
        let stored = self.store_message(&mut session, message, times, now_ms)?;
        self.update(&before, &session)?;
        Ok(Some(stored))
    }

    /// Deletes the session; false where there is none.
    pub(in crate::reference) fn delete(&mut self, id: &str) -> rusqlite::Result<bool> {
        let now_ms = self.clock.now_ms();
        let Some(session) = self.session_for_agent(id, now_ms)? else {
            return Ok(false);
        };
        self.remember_deleted(&session, now_ms)?;
        match self.rules.session.deletion {
            Deletion::AtOnce
            | Deletion::UndoneByMessage
            | Deletion::RewrittenFromQueue(_)
            | Deletion::CachedFor(_)
            | Deletion::LeavesMessages => self.remove(&session)?,
            Deletion::Hides | Deletion::PurgedAfter(_) | Deletion::ShownFor(_) | Deletion::UndoneAfter(_) => {
                self.execute("UPDATE sessions SET deleted = ?2 WHERE id = ?1", (&session.id, now_ms))?;
            }
        }
        Ok(true)
    }

    fn session_for_agent(&self, id: &str, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        let session = self.session_where(session_where!("id = ?1"), [id])?;
        Ok(session.filter(|session| self.rules.shown_to_agent(&session.life, now_ms)))
    }
}
