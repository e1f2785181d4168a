//! The reference server: a small chatbox server that keeps the written policy, and the named
//! defects with which it can be broken on purpose.
//!
//! It owns the whole server: HTTP interface, sessions, cookies, store, sweeper and test clock.
//! It imports nothing of the harness and states the policy's numbers itself, so that a mistake of
//! the harness cannot hide in both. It judges nothing and, unless a defect does, keeps no log.
//!
//! # HTTP interface
//!
//! All bodies are JSON, all instants are milliseconds since the Unix epoch by the server's clock,
//! and every answer's `Date` is that clock's. The websites are `site-a` and `site-b`.
//!
//! | request | answer |
//! |---|---|
//! | `POST /v1/{website}/load` `{"page"}` | 200 `{"session","fresh","messages":[{"from","text","at"}]}`, and a cookie for a new identity or a return |
//! | `POST /v1/{website}/page` `{"page"}` | 200 `{"session"}`, or 404 |
//! | `POST /v1/{website}/messages` `{"text"}`, and `"id"` if the client likes | 201 `{"session","message"}`, or 404 |
//! | `GET /v1/{website}/messages` | 200 `{"session","messages"}`, or 404 |
//! | `GET /agent/sessions/{id}` | 200 `{"session","website","ip","created","last_access","permanent","messages"}`, or 404 |
//! | `POST /agent/sessions/{id}/messages` `{"text"}` | 201 `{"session","message"}`, or 404 |
//! | `POST /agent/sessions/{id}/greeting` `{"text"}` | 201 `{"session","message"}`, or 404 |
//! | `DELETE /agent/sessions/{id}` | 204, or 404 |
//! | `GET /healthz` | 200 `{"now","version"}`, and with a test clock `"store"` and `"log"` (its files), `"pid"`, `"run"` (another one after each start), `"requests"` (answered before) and `"cpu_us"` (the process's, where the system tells) |
//! | `GET /test/clock` | 200 `{"now","frozen"}` |
//! | `POST /test/clock/advance` `{"to"}` | 200 `{"now"}` once the due timers have run and are committed, or 409 |
//! | `POST /test/clock/resume` | 200 `{"now","frozen"}` |
//!
//! A load, a page view and a visitor's message are website accesses, and each stores the address
//! that it came from in place of the one before; reading, and whatever an agent does, is none. A
//! message of the visitor or of an agent makes the session permanent; a greeting is automated and
//! does not. A message with the `"id"` of another of its session is that one sent again: it is
//! acknowledged and not stored (an id has 64 characters at most). Agents send `Authorization: Bearer <token>` (401 otherwise). The clock's
//! routes exist only with [`Config::test_clock`]. A page is read and forgotten: the cookie is not
//! for tracking.
//!
//! # Restart
//!
//! `loiter reference` restarts itself on SIGHUP: open requests are finished, the store is closed,
//! and the same process runs the program anew on the same port. What was in memory is lost; the
//! store and the clock that it remembers come back as they were.
//!
//! # Store
//!
//! One SQLite file in WAL mode, which other processes may open read-only. Whatever was answered stands there: requests
//! that arrive at the same moment share a transaction, and none is answered before that is committed. The file outlives
//! the process, not a crash of the whole machine.
//!
//! ```sql
//! CREATE TABLE sessions (
//!     number         INTEGER PRIMARY KEY, -- order of creation; never leaves the server
//!     id             TEXT    NOT NULL,    -- 32 hexadecimal digits; what agents name
//!     website        TEXT    NOT NULL,    -- site-a or site-b
//!     cookie         TEXT    NOT NULL,    -- 32 hexadecimal digits; what the visitor holds
//!     cookie_expires INTEGER NOT NULL,    -- ms; from then on the cookie is unknown
//!     ip             TEXT    NOT NULL,    -- the last access's address, canonical text
//!     created        INTEGER NOT NULL,    -- ms
//!     last_access    INTEGER NOT NULL,    -- ms; last website access
//!     permanent      INTEGER NOT NULL,    -- 1 once it contains a message that is no greeting
//!     message_count  INTEGER NOT NULL,    -- messages accepted so far
//!     deleted        INTEGER              -- NULL in a sound server; ms of a soft deletion
//! );
//! CREATE TABLE messages (
//!     session   TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
//!     seq       INTEGER NOT NULL,         -- 1, 2, .. within the session
//!     number    INTEGER NOT NULL,         -- order of arrival over all sessions
//!     sender    TEXT    NOT NULL,         -- visitor, agent or greeting
//!     text      TEXT    NOT NULL,
//!     at        INTEGER NOT NULL,         -- ms
//!     client_id TEXT,                     -- the client's id of it
//!     PRIMARY KEY (session, seq)
//! ) WITHOUT ROWID;
//! CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
//! ```
//!
//! `meta` holds `clock_running_offset_ms` or `clock_frozen_at_ms`, so that a moved test clock
//! survives a restart. Four side tables stay empty unless a defect writes there: `visits (ip, session, at)`,
//! `archived_sessions (id, ip, ended)`, `page_views (session, url, at)` and `address_history (ip, session, at)`. The
//! access log, beside the store and with the extension `log`, does not exist unless a defect writes it.

mod address;
mod calendar;
mod clock;
mod defects;
mod engine;
mod error;
mod http;
mod policy;
mod schema;
mod server;
mod store;
#[cfg(test)]
mod tests;
mod usage;

pub use defects::{Defect, UnknownDefect};
pub use error::Error;
pub use server::{Config, serve};
pub use usage::Usage;
