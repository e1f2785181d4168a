//! The start of the engine on a store that another run has left.
//!
//! It owns what a restart changes: nothing, in a sound server.

use super::Engine;
use crate::reference::policy::{AddressKept, Deletion, Restart, Rules, Since, Term};

impl Engine {
    /// Takes up what the store holds.
    pub(in crate::reference) fn take_up(&mut self) -> rusqlite::Result<()> {
        if self.rules.session.deletion == Deletion::LeavesMessages {
            self.connection.pragma_update(None, "foreign_keys", false)?;
        }
        for sql in self.indexes_of_defects() {
            self.connection.execute_batch(sql)?;
        }
        let newest = "SELECT coalesce(max(number), 0) FROM messages";
        self.last_message = self.connection.query_row(newest, (), |row| row.get(0))?;
        let now_ms = self.clock.now_ms();
        match self.rules.session.restart {
            Restart::KeepsAll => {}
            Restart::LosesTimers => {
                let newest = "SELECT coalesce(max(number), 0) FROM sessions";
                self.rules.session.untimed_until = self.connection.query_row(newest, (), |row| row.get(0))?;
            }
            Restart::ResetsIdle => {
                self.execute("UPDATE sessions SET last_access = ?1 WHERE permanent = 0", [now_ms])?;
            }
            Restart::LosesTemporary => {
                self.execute("DELETE FROM sessions WHERE permanent = 0", ())?;
            }
            Restart::LosesLastMessage => {
                self.execute(
                    "DELETE FROM messages WHERE (session, seq) IN \
                     (SELECT session, max(seq) FROM messages GROUP BY session)",
                    (),
                )?;
            }
        }
        Ok(())
    }

    /// Indexes that a sound server has no use for.
    fn indexes_of_defects(&self) -> impl Iterator<Item = &'static str> {
        let Rules { session, messages, address, .. } = &self.rules;
        let since = |term: Option<Term>, since| term.is_some_and(|term| term.since == since);
        let ages = !matches!(address.kept, AddressKept::AsSession);
        [
            (
                since(session.temporary, Since::Creation),
                "CREATE INDEX IF NOT EXISTS temporary_by_creation ON sessions (created) WHERE permanent = 0",
            ),
            (
                since(session.permanent, Since::Creation),
                "CREATE INDEX IF NOT EXISTS permanent_by_creation ON sessions (created) WHERE permanent = 1",
            ),
            (
                since(session.permanent, Since::LastAccess) || ages,
                "CREATE INDEX IF NOT EXISTS permanent_by_access ON sessions (last_access) WHERE permanent = 1",
            ),
            (messages.leaks_every.is_some(), "CREATE INDEX IF NOT EXISTS messages_by_number ON messages (number)"),
        ]
        .into_iter()
        .filter_map(|(needed, sql)| needed.then_some(sql))
    }
}
