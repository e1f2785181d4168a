//! What is written down of a visit: the visitor's newest address, and nothing else in a sound server.
//!
//! It owns every place to which an address or a page can go. It never removes anything from there.

use std::fs::OpenOptions;
use std::io::Write;

use jiff::Timestamp;

use super::{Caller, Engine, Session};
use crate::reference::address;
use crate::reference::policy::{Act, Trace};

impl Engine {
    /// Stores the visitor's address with the session, in place of the one it had.
    pub(super) fn note_address(
        &self,
        caller: &Caller,
        session: &Session,
        act: Act,
        now_ms: i64,
    ) -> rusqlite::Result<()> {
        let address = address::stored(&self.rules, caller.address);
        if act == Act::Read || address == session.ip {
            return Ok(());
        }
        if self.rules.address.trace == Trace::OldAddresses {
            self.execute(
                "INSERT INTO address_history (ip, session, at) VALUES (?1, ?2, ?3)",
                (&session.ip, &session.id, now_ms),
            )?;
        }
        self.execute("UPDATE sessions SET ip = ?2 WHERE number = ?1", (session.life.number, address)).map(drop)
    }

    /// Writes a load down where a defect has a place for it.
    pub(super) fn trace_load(
        &mut self,
        caller: &Caller,
        page: &str,
        session: &Session,
        now_ms: i64,
    ) -> rusqlite::Result<()> {
        self.remember_browser(caller, session);
        match self.rules.address.trace {
            Trace::Nothing | Trace::OldAddresses => Ok(()),
            Trace::Pages => self.trace_page(page, session, now_ms),
            Trace::Visits => self
                .execute(
                    "INSERT INTO visits (ip, session, at) VALUES (?1, ?2, ?3)",
                    (address::stored(&self.rules, caller.address), &session.id, now_ms),
                )
                .map(drop),
            Trace::AccessLog => {
                self.log_load(caller, session, now_ms);
                Ok(())
            }
        }
    }

    /// Writes a page down where a defect has a place for it.
    pub(super) fn trace_page(&self, page: &str, session: &Session, now_ms: i64) -> rusqlite::Result<()> {
        if self.rules.address.trace == Trace::Pages {
            self.execute("INSERT INTO page_views (session, url, at) VALUES (?1, ?2, ?3)", (&session.id, page, now_ms))?;
        }
        Ok(())
    }

    fn log_load(&self, caller: &Caller, session: &Session, now_ms: i64) {
        let at = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        let line = format!("{at} {} load {}\n", caller.address, session.id);
        let file = OpenOptions::new().create(true).append(true).open(&self.log);
        // A log that cannot be written is no reason to refuse a visitor.
        drop(file.and_then(|mut file| file.write_all(line.as_bytes())));
    }
}
