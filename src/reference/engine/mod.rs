//! What the server does to its sessions, one act at a time, on the thread that owns the store.
//!
//! It owns the sessions' rows. It knows nothing of HTTP; what the policy says of an act it asks
//! the rules.

mod agent;
mod comeback;
mod faults;
mod ids;
mod memory;
mod start;
mod sweep;
mod trace;
mod visitor;

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, Row};
use serde::Serialize;

use super::clock::Clock;
use super::policy::{Act, Life, Rules, Sender};

use memory::Memory;

pub(super) use agent::AgentView;
pub(super) use visitor::{Caller, SetCookie, Visit};

/// The columns of a session, in the order in which [`session_of`] reads them.
const COLUMNS: &str =
    "id, website, cookie, ip, message_count, number, created, last_access, permanent, cookie_expires, deleted";

/// The owner of the store.
#[derive(Debug)]
pub(super) struct Engine {
    connection: Connection,
    clock: Arc<Clock>,
    rules: Rules,
    /// The access log's file.
    log: PathBuf,
    /// What defects remember since the start.
    memory: Memory,
    /// The sweeper's last tick, in sweep periods since the Unix epoch.
    swept_tick: i64,
}

/// A session's row.
#[derive(Debug, Clone)]
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

/// A message to be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewMessage<'a> {
    /// Who wrote it.
    pub(super) sender: Sender,
    /// What it says.
    pub(super) text: &'a str,
    /// The id that the client gave it: a repetition has the same.
    pub(super) id: Option<&'a str>,
}

impl Engine {
    /// An engine on an opened store, with the file of its access log.
    pub(super) fn new(connection: Connection, clock: Arc<Clock>, rules: Rules, log: PathBuf) -> Self {
        Self { connection, clock, rules, log, memory: Memory::default(), swept_tick: i64::MIN }
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
        if self.rules.messages.newest_first {
            messages.reverse();
        }
        Ok(messages)
    }

    /// Stores a message as the session's next, that many times, and makes the session permanent where the message
    /// does that.
    fn store_message(
        &self,
        session: &Session,
        message: NewMessage<'_>,
        times: i64,
        now_ms: i64,
    ) -> rusqlite::Result<Stored> {
        let number = session.message_count + 1;
        let NewMessage { sender, text, id } = message;
        for seq in number..number + times {
            self.execute(
                "INSERT INTO messages (session, seq, sender, text, at, client_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (&session.id, seq, sender.name(), text, now_ms, id),
            )?;
        }
        let lasting = self.rules.session.permanent_by.contains(&sender);
        self.execute(
            "UPDATE sessions SET message_count = ?2, permanent = permanent OR ?3 WHERE id = ?1",
            (&session.id, number + times.max(1) - 1, lasting && !self.rules.message_loses_race(&session.life, now_ms)),
        )?;
        Ok(Stored { session: session.id.clone(), message: number })
    }

    /// The number of the session's message that has this client's id.
    fn message_with_id(&self, session: &Session, id: Option<&str>) -> rusqlite::Result<Option<i64>> {
        let Some(id) = id.filter(|_| self.rules.messages.knows_repetitions) else {
            return Ok(None);
        };
        let mut select =
            self.connection.prepare_cached("SELECT seq FROM messages WHERE session = ?1 AND client_id = ?2")?;
        select.query_row((&session.id, id), |row| row.get(0)).optional()
    }

    /// Restarts the session's idle term where the act counts as access.
    fn note_access(&self, session: &Session, act: Act, now_ms: i64) -> rusqlite::Result<()> {
        if self.rules.counts_as_access(act) {
            self.execute("UPDATE sessions SET last_access = ?2 WHERE id = ?1", (&session.id, now_ms))?;
        }
        Ok(())
    }

    fn insert_session(&self, session: &Session) -> rusqlite::Result<()> {
        let Life { created, last_access, permanent, cookie_expires, .. } = session.life;
        self.execute(
            "INSERT INTO sessions (id, website, cookie, cookie_expires, ip, created, last_access, \
             permanent, message_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                &session.id,
                &session.website,
                &session.cookie,
                cookie_expires,
                &session.ip,
                created,
                last_access,
                permanent,
                session.message_count,
            ),
        )
        .map(drop)
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
            number: row.get(5)?,
            created: row.get(6)?,
            last_access: row.get(7)?,
            permanent: row.get(8)?,
            cookie_expires: row.get(9)?,
            deleted: row.get(10)?,
        },
    })
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message { from: row.get(0)?, text: row.get(1)?, at: row.get(2)? })
}
