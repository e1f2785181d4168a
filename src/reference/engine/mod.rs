//! What the server does to its sessions, one act at a time, on the thread that owns the store.
//!
//! It owns the sessions' rows. It knows nothing of HTTP; what the policy says of an act it asks
//! the rules.

/// The statement that reads the session of a condition, with its columns in the order in which [`session_of`] reads
/// them.
macro_rules! session_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, website, cookie, ip, message_count, number, created, last_access, permanent, cookie_expires, \
             deleted FROM sessions WHERE ",
            $condition
        )
    };
}

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

pub(super) use visitor::{Caller, SetCookie, Visit};

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
    /// The last message's place in the order of arrival.
    last_message: i64,
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

/// What acts change of a session's row, but for its address, which has an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Changing {
    last_access: i64,
    cookie_expires: i64,
    permanent: bool,
    message_count: i64,
}

impl Session {
    fn changing(&self) -> Changing {
        let Life { last_access, cookie_expires, permanent, .. } = self.life;
        Changing { last_access, cookie_expires, permanent, message_count: self.message_count }
    }
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
        Self { connection, clock, rules, log, memory: Memory::default(), swept_tick: i64::MIN, last_message: 0 }
    }

    /// Does work that is stored as a whole or not at all.
    fn transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        self.begin()?;
        let done = work(self).inspect_err(|_| self.roll_back())?;
        self.commit().map(|()| done)
    }

    /// Begins a transaction.
    pub(super) fn begin(&mut self) -> rusqlite::Result<()> {
        self.execute("BEGIN IMMEDIATE", ()).map(drop)
    }

    /// Stores the transaction; where that fails, nothing of it.
    pub(super) fn commit(&mut self) -> rusqlite::Result<()> {
        self.execute("COMMIT", ()).map(drop).inspect_err(|_| self.roll_back())
    }

    /// Undoes the transaction. Some errors have done that already, and one that cannot be undone is never stored.
    pub(super) fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            let _ = self.execute("ROLLBACK", ());
        }
    }

    fn execute(&self, sql: &str, values: impl Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(values)
    }

    /// The session that a statement of [`session_where`] finds, if there is one.
    fn session_where(&self, sql: &str, values: impl Params) -> rusqlite::Result<Option<Session>> {
        self.connection.prepare_cached(sql)?.query_row(values, session_of).optional()
    }

    /// The session's messages since an instant, in the order in which they are listed.
    fn messages(&self, session: &Session, since_ms: i64) -> rusqlite::Result<Vec<Message>> {
        if session.message_count == 0 {
            return Ok(Vec::new());
        }
        let mut select =
            self.connection.prepare_cached("SELECT sender, text, at FROM messages WHERE session = ?1 ORDER BY seq")?;
        let rows = select.query_map([&session.id], message_of)?;
        let mut messages = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        messages.retain(|message| message.at >= since_ms);
        if self.rules.messages.newest_first {
            messages.reverse();
        }
        Ok(messages)
    }

    /// Stores a message as the session's next, that many times, and makes the session permanent where the message
    /// does that. The session's own row is left to [`Engine::update`].
    fn store_message(
        &mut self,
        session: &mut Session,
        message: NewMessage<'_>,
        times: i64,
        now_ms: i64,
    ) -> rusqlite::Result<Stored> {
        let number = session.message_count + 1;
        let NewMessage { sender, text, id } = message;
        for seq in number..number + times {
            self.insert_message(&session.id, (seq, sender.name(), text, now_ms, id))?;
        }
        let lasting = self.rules.session.permanent_by.contains(&sender);
        session.life.permanent |= lasting && !self.rules.message_loses_race(&session.life, now_ms);
        session.message_count = number + times.max(1) - 1;
        Ok(Stored { session: session.id.clone(), message: number })
    }

    /// Writes a message: its place in the session, who wrote it, what it says, when it arrived, and the client's id.
    fn insert_message(
        &mut self,
        session: &str,
        (seq, sender, text, at, client_id): (i64, &str, &str, i64, Option<&str>),
    ) -> rusqlite::Result<()> {
        self.last_message += 1;
        self.execute(
            "INSERT INTO messages (session, seq, number, sender, text, at, client_id) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (session, seq, self.last_message, sender, text, at, client_id),
        )
        .map(drop)
    }

    /// The number of the session's message that has this client's id.
    fn message_with_id(&self, session: &Session, id: Option<&str>) -> rusqlite::Result<Option<i64>> {
        let Some(id) = id.filter(|_| self.rules.messages.knows_repetitions && session.message_count > 0) else {
            return Ok(None);
        };
        let mut select =
            self.connection.prepare_cached("SELECT seq FROM messages WHERE session = ?1 AND client_id = ?2")?;
        select.query_row((&session.id, id), |row| row.get(0)).optional()
    }

    /// Restarts the session's idle term where the act counts as access. Its row is left to [`Engine::update`].
    fn note_access(&self, session: &mut Session, act: Act, now_ms: i64) {
        if self.rules.counts_as_access(act) {
            session.life.last_access = now_ms;
        }
    }

    /// Writes what an act has changed of a session, if anything: its access, its cookie's expiry, its permanence, the
    /// number of its messages.
    fn update(&self, before: &Changing, session: &Session) -> rusqlite::Result<()> {
        let after = session.changing();
        if after == *before {
            return Ok(());
        }
        let Changing { last_access, cookie_expires, permanent, message_count } = after;
        self.execute(
            "UPDATE sessions SET last_access = ?2, cookie_expires = ?3, permanent = ?4, message_count = ?5 \
             WHERE number = ?1",
            (session.life.number, last_access, cookie_expires, permanent, message_count),
        )
        .map(drop)
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
