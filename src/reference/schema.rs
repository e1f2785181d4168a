//! The store's file: its tables, its settings, and the clock that it remembers.
//!
//! It owns opening and preparing the file. It never reads a session.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};

use super::clock::Mode;
use super::error::Error;

/// The version of the tables, kept in SQLite's `user_version`.
const VERSION: i64 = 3;

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements that stay prepared.
const CACHED_STATEMENTS: usize = 64;

/// Deleted content is overwritten, so that what is removed does not linger in free pages. Random
/// keys touch pages all over the file, so that checkpoints are cheaper the fewer they are: one each
/// 10,000 pages, which is 40 MB of log. The store outlives the process, however that ends; a crash of the whole machine
/// it need not outlive, and nothing waits for the disk.
const SETTINGS: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA cache_size = -65536;
PRAGMA wal_autocheckpoint = 10000;
";

/// What an act touches is what it costs: a session's messages lie together, and of the sessions only the temporary
/// ones are ordered by their access.
const TABLES: &str = "
CREATE TABLE sessions (
    number         INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL,
    website        TEXT    NOT NULL,
    cookie         TEXT    NOT NULL,
    cookie_expires INTEGER NOT NULL,
    ip             TEXT    NOT NULL,
    created        INTEGER NOT NULL,
    last_access    INTEGER NOT NULL,
    permanent      INTEGER NOT NULL,
    message_count  INTEGER NOT NULL,
    deleted        INTEGER
);
CREATE UNIQUE INDEX sessions_by_id ON sessions (id);
CREATE UNIQUE INDEX sessions_by_cookie ON sessions (cookie, website);
CREATE INDEX temporary_by_access ON sessions (last_access) WHERE permanent = 0;
CREATE TABLE messages (
    session   TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    seq       INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    sender    TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    client_id TEXT,
    PRIMARY KEY (session, seq)
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
";

/// Tables beside the sessions, as deployments have them. A sound server leaves them empty; what a defect
/// writes there is what a look at the sessions alone would miss.
const SIDE_TABLES: &str = "
CREATE TABLE visits (ip TEXT, session TEXT, at INTEGER);
CREATE INDEX visits_by_ip ON visits (ip);
CREATE TABLE archived_sessions (id TEXT, ip TEXT, ended INTEGER);
CREATE INDEX archived_sessions_by_ip ON archived_sessions (ip);
CREATE TABLE page_views (session TEXT, url TEXT, at INTEGER);
CREATE INDEX page_views_by_session ON page_views (session);
CREATE TABLE address_history (ip TEXT, session TEXT, at INTEGER);
CREATE INDEX address_history_by_ip ON address_history (ip);
CREATE INDEX address_history_by_session ON address_history (session);
CREATE INDEX sessions_by_ip ON sessions (ip);
";

const OFFSET_KEY: &str = "clock_running_offset_ms";
const FROZEN_KEY: &str = "clock_frozen_at_ms";

/// Opens the store, and makes its tables where they are missing.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let (connection, found) = connect(path).map_err(|source| Error::Store { path: path.to_owned(), source })?;
    if found != 0 && found != VERSION {
        return Err(Error::Schema { path: path.to_owned(), found });
    }
    prepare(&connection, found == 0).map_err(|source| Error::Store { path: path.to_owned(), source })?;
    Ok(connection)
}

fn connect(path: &Path) -> rusqlite::Result<(Connection, i64)> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // A statement is planned once, and not again for other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let version = connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    Ok((connection, version))
}

fn prepare(connection: &Connection, new: bool) -> rusqlite::Result<()> {
    connection.execute_batch(SETTINGS)?;
    if new {
        let all = format!("BEGIN; {TABLES} {SIDE_TABLES} PRAGMA user_version = {VERSION}; COMMIT;");
        connection.execute_batch(&all)?;
    }
    Ok(())
}

/// The clock that the store remembers; the system's time where it remembers none.
pub(super) fn load_clock(connection: &Connection) -> rusqlite::Result<Mode> {
    let mut value = connection.prepare("SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1")?;
    let mut get = |key: &str| value.query_row([key], |row| row.get::<_, i64>(0)).optional();
    if let Some(at_ms) = get(FROZEN_KEY)? {
        return Ok(Mode::Frozen { at_ms });
    }
    Ok(Mode::Running { offset_ms: get(OFFSET_KEY)?.unwrap_or(0) })
}

/// Makes the store remember how the clock goes.
pub(super) fn save_clock(connection: &Connection, mode: Mode) -> rusqlite::Result<()> {
    let (key, value) = match mode {
        Mode::Running { offset_ms } => (OFFSET_KEY, offset_ms),
        Mode::Frozen { at_ms } => (FROZEN_KEY, at_ms),
    };
    connection.prepare_cached("DELETE FROM meta WHERE key IN (?1, ?2)")?.execute([OFFSET_KEY, FROZEN_KEY])?;
    connection.prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2)")?.execute((key, value.to_string()))?;
    Ok(())
}
