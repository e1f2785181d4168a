//! The start of the engine on a store that another run has left.
//!
//! It owns what a restart changes: nothing, in a sound server.

use super::Engine;
use crate::reference::policy::{Deletion, Restart};

impl Engine {
    /// Takes up what the store holds.
    pub(in crate::reference) fn take_up(&mut self) -> rusqlite::Result<()> {
        if self.rules.session.deletion == Deletion::LeavesMessages {
            self.connection.pragma_update(None, "foreign_keys", false)?;
        }
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
                    "DELETE FROM messages WHERE number IN (SELECT max(number) FROM messages GROUP BY session)",
                    (),
                )?;
            }
        }
        Ok(())
    }
}
