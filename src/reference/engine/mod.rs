//! What the server does to its sessions, one act at a time, on the thread that owns the store.
//!
//! It owns the sessions' rows. It knows nothing of HTTP; what the policy says of an act it asks
//! the rules.

mod agent;
mod faults;
mod sweep;
mod visitor;

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::Serialize;

use super::clock::Clock;
use super::policy::{Act, Life, Rules};

pub(super) use agent::AgentView;
pub(super) use visitor::{Caller, SetCookie, Visit};

/// The columns of a session, in the order in which [`session_of`] reads them.
const COLUMNS: &str =
    "id, website, cookie, ip, message_count, created, last_access, permanent, cookie_expires, deleted";

/// The owner of the store.
#[derive(Debug)]
pub(super) struct Engine {
    connection: Connection,
    clock: Arc<Clock>,
    rules: Rules,
    /// New loads since the start: one defect counts them.
    new_loads: u64,
    /// Lists shown to visitors since the start: one defect counts them.
    readings: u64,
    /// The sweeper's last tick, in sweep periods since the Unix epoch.
    swept_tick: i64,
}

/// A session's row.
#[derive(Debug)]
struct Session {
    id: String,
    website: String,
    cookie: String,
    ip: String,
    message_count: i64,
    life: Life,
}

/// One message, as visitors and agents see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    from: String,
    text: String,
    /// When it arrived, in milliseconds.
    at: i64,
}

/// A message's place in its session.
#[derive(Debug, Serialize)]
pub(super) struct Stored {
    session: String,
    message: i64,
}

impl Engine {
    /// An engine on an opened store.
    pub(super) fn new(connection: Connection, clock: Arc<Clock>, rules: Rules) -> Self {
        Self { connection, clock, rules, new_loads: 0, readings: 0, swept_tick: i64::MIN }
    }

    /// Does work that is stored as a whole or not at all.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.execute("BEGIN IMMEDIATE", ())?;
        let done = work(self).and_then(|done| self.execute("COMMIT", ()).map(|_| done));
        if done.is_err() && !self.connection.is_autocommit() {
            self.execute("ROLLBACK", ())?;
        }
        done
    }

    fn execute(&self, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(values)
    }

    /// The session that a condition names, if there is one.
    fn session_where(&self, condition: &str, values: impl Params) -> rusqlite::Result<Option<Session>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions WHERE {condition}");
        self.connection.prepare_cached(&sql)?.query_row(values, session_of).optional()
    }

    /// The session's messages since an instant, in the order in which they are listed.
    fn messages(&self, session: &Session, since_ms: i64) -> rusqlite::Result<Vec<Message>> {
        if session.message_count == 0 {
            return Ok(Vec::new());
        }
        let mut select = self
            .connection
            .prepare_cached("SELECT sender, text, at FROM messages WHERE session = ?1 AND at >= ?2 ORDER BY seq")?;
        let rows = select.query_map((&session.id, since_ms), message_of)?;
        let mut messages = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        if self.rules.newest_first {
            messages.reverse();
        }
        Ok(messages)
    }

    /// Stores a message as the session's next, that many times, and makes the session permanent.
    fn store_message(
        &self,
        session: &Session,
        sender: &str,
        text: &str,
        times: i64,
        now_ms: i64,
    ) -> rusqlite::Result<Stored> {
        let number = session.message_count + 1;
        for seq in number..number + times {
            self.execute(
                "INSERT INTO messages (session, seq, sender, text, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                (&session.id, seq, sender, text, now_ms),
            )?;
        }
        self.execute(
            "UPDATE sessions SET message_count = ?2, permanent = permanent OR ?3 WHERE id = ?1",
            (&session.id, number + times.max(1) - 1, self.rules.message_makes_permanent),
        )?;
        Ok(Stored { session: session.id.clone(), message: number })
    }

    /// Restarts the session's idle term where the act counts as access.
    fn note_access(&self, session: &Session, act: Act, now_ms: i64) -> rusqlite::Result<()> {
        if self.rules.counts_as_access(act) {
            self.execute("UPDATE sessions SET last_access = ?2 WHERE id = ?1", (&session.id, now_ms))?;
        }
        Ok(())
    }

    fn remove(&self, session: &Session) -> rusqlite::Result<()> {
        self.execute("DELETE FROM sessions WHERE id = ?1", [&session.id]).map(drop)
    }
}

fn session_of(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get(0)?,
        website: row.get(1)?,
        cookie: row.get(2)?,
        ip: row.get(3)?,
        message_count: row.get(4)?,
        life: Life {
            created: row.get(5)?,
            last_access: row.get(6)?,
            permanent: row.get(7)?,
            cookie_expires: row.get(8)?,
            deleted: row.get(9)?,
        },
    })
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message { from: row.get(0)?, text: row.get(1)?, at: row.get(2)? })
}
