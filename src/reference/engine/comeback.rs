//! The hooks of those defects by which a session that has ended comes back, or seems to.
//!
//! It owns what a broken server does with sessions that are over. In a sound server nothing comes back: nothing is
//! remembered, and nothing is found here.

use super::memory::{CachedList, Ended, MessageRow};
use super::visitor::Listed;
use super::{Caller, Engine, Session, Stored, ids};
use crate::reference::policy::{Afterlife, Deletion, Sender};

impl Engine {
    /// Remembers a temporary session that is over, before its rows are removed.
    pub(super) fn remember_ended(&mut self, session: &Session) -> rusqlite::Result<()> {
        if self.rules.session.afterlife != Afterlife::Nothing
            && let Some(at_ms) = self.rules.end_of(&session.life)
        {
            self.remember(session, at_ms)?;
        }
        Ok(())
    }

    /// Remembers a session that an agent deletes, before its rows are removed.
    pub(super) fn remember_deleted(&mut self, session: &Session, now_ms: i64) -> rusqlite::Result<()> {
        match self.rules.session.deletion {
            Deletion::UndoneByMessage => self.remember(session, now_ms)?,
            Deletion::RewrittenFromQueue(ms) => {
                let mut messages = self.message_rows(session)?;
                messages.retain(|message| message.sender == Sender::Visitor.name() && message.at > now_ms - ms);
                if let Some(newest) = messages.pop() {
                    let queued = Ended { session: session.clone(), messages: vec![newest], at_ms: now_ms };
                    self.memory.queued.push(queued);
                }
            }
            Deletion::CachedFor(_) => {
                let lists = self.memory.lists.values_mut();
                lists.filter(|list| list.session == session.id).for_each(|list| list.deleted = Some(now_ms));
            }
            _ => {}
        }
        Ok(())
    }

    /// The ended session that a load brings back.
    pub(super) fn back_on_load(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        let Afterlife::BackOnLoad(ms) = self.rules.session.afterlife else {
            return Ok(None);
        };
        self.bring_back(caller, now_ms, |ended| now_ms >= ended.at_ms.saturating_add(ms))
    }

    /// The ended session that a message brings back.
    pub(super) fn back_on_message(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Session>> {
        match (self.rules.session.afterlife, self.rules.session.deletion) {
            (Afterlife::BackOnMessage(ms), _) => {
                self.bring_back(caller, now_ms, |ended| now_ms < ended.at_ms.saturating_add(ms))
            }
            (_, Deletion::UndoneByMessage) => self.bring_back(caller, now_ms, |_| true),
            _ => Ok(None),
        }
    }

    /// What is told of a message that is dropped as it comes after its session's end.
    pub(super) fn told_of_lost(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<Option<Stored>> {
        if self.rules.session.afterlife != Afterlife::LosesMessages {
            return Ok(None);
        }
        self.remember_unswept(caller, now_ms)?;
        let was_here = key_of(caller).is_some_and(|key| self.memory.ended.contains_key(&key));
        Ok(was_here.then(|| Stored { session: ids::random(), message: 1 }))
    }

    /// Keeps what a reading has shown, for a reading after the session's deletion.
    pub(super) fn cache_list(&mut self, caller: &Caller, listed: &Listed) {
        if let (Deletion::CachedFor(_), Some(key)) = (self.rules.session.deletion, key_of(caller)) {
            let Listed { session, messages } = listed;
            let list = CachedList { session: session.clone(), messages: messages.clone(), deleted: None };
            self.memory.lists.insert(key, list);
        }
    }

    /// What the visitor was shown before an agent deleted the session.
    pub(super) fn cached_list(&self, caller: &Caller, now_ms: i64) -> Option<Listed> {
        let Deletion::CachedFor(ms) = self.rules.session.deletion else {
            return None;
        };
        let list = self.memory.lists.get(&key_of(caller)?)?;
        let good = list.deleted.is_some_and(|at| now_ms < at.saturating_add(ms));
        good.then(|| Listed { session: list.session.clone(), messages: list.messages.clone() })
    }

    /// Writes again what still stood in a queue when it was deleted.
    pub(super) fn write_queued(&mut self) -> rusqlite::Result<()> {
        for ended in std::mem::take(&mut self.memory.queued) {
            self.restore(&ended)?;
        }
        Ok(())
    }

    fn bring_back(
        &mut self,
        caller: &Caller,
        now_ms: i64,
        comes: impl Fn(&Ended) -> bool,
    ) -> rusqlite::Result<Option<Session>> {
        self.remember_unswept(caller, now_ms)?;
        let Some(key) = key_of(caller) else {
            return Ok(None);
        };
        let known = |ended: &Ended| comes(ended) && self.rules.honours_cookie(&ended.session.life, now_ms);
        if !self.memory.ended.get(&key).is_some_and(known) {
            return Ok(None);
        }
        let Some(ended) = self.memory.ended.remove(&key) else {
            return Ok(None);
        };
        self.restore(&ended)?;
        self.session_where(session_where!("id = ?1"), [&ended.session.id])
    }

    /// A session that is over is remembered also where no sweep has come by since.
    fn remember_unswept(&mut self, caller: &Caller, now_ms: i64) -> rusqlite::Result<()> {
        if self.rules.session.afterlife == Afterlife::Nothing {
            return Ok(());
        }
        let session = self.session_of_caller(caller)?;
        if let Some(session) = session.filter(|session| self.rules.is_over(&session.life, now_ms)) {
            self.remember_ended(&session)?;
            self.remove(&session)?;
        }
        Ok(())
    }

    fn remember(&mut self, session: &Session, at_ms: i64) -> rusqlite::Result<()> {
        let messages = self.message_rows(session)?;
        let key = (session.cookie.clone(), session.website.clone());
        self.memory.ended.insert(key, Ended { session: session.clone(), messages, at_ms });
        Ok(())
    }

    fn message_rows(&self, session: &Session) -> rusqlite::Result<Vec<MessageRow>> {
        let mut select = self
            .connection
            .prepare_cached("SELECT seq, sender, text, at, client_id FROM messages WHERE session = ?1 ORDER BY seq")?;
        let rows = select.query_map([&session.id], |row| {
            Ok(MessageRow {
                seq: row.get(0)?,
                sender: row.get(1)?,
                text: row.get(2)?,
                at: row.get(3)?,
                client_id: row.get(4)?,
            })
        })?;
        rows.collect()
    }

    fn restore(&mut self, ended: &Ended) -> rusqlite::Result<()> {
        self.insert_session(&ended.session)?;
        for message in &ended.messages {
            let MessageRow { seq, sender, text, at, client_id } = message;
            self.insert_message(&ended.session.id, (*seq, sender, text, *at, client_id.as_deref()))?;
        }
        Ok(())
    }
}

/// By what an ended session is remembered for those who hold its cookie.
fn key_of(caller: &Caller) -> Option<(String, String)> {
    Some((caller.cookie.clone()?, caller.website.to_owned()))
}
