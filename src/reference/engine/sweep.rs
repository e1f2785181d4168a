//! The sweeper, and the moves of the test clock that make it run.
//!
//! It owns what leaves the store by the passing of time. It never waits: it is told when to look.

use serde::Serialize;

use super::{Engine, Session, session_of};
use crate::reference::clock::{Backwards, Mode};
use crate::reference::policy::{AddressKept, Deletion, Since, Sweep};
use crate::reference::{calendar, schema};

/// What the clock's routes answer.
#[derive(Debug, Serialize)]
pub(in crate::reference) struct ClockView {
    /// Milliseconds.
    now: i64,
    frozen: bool,
}

impl Engine {
    /// Runs the sweep of the last tick at or before now, unless that has run.
    pub(in crate::reference) fn sweep_if_due(&mut self) -> rusqlite::Result<()> {
        let tick = self.clock.now_ms().div_euclid(self.rules.session.sweep_period_ms);
        if tick <= self.swept_tick {
            return Ok(());
        }
        self.transaction(|engine| engine.sweep(tick * engine.rules.session.sweep_period_ms))?;
        self.swept_tick = tick;
        Ok(())
    }

    /// Jumps forward to an instant, freezes the clock there, and runs the timers that are due.
    pub(in crate::reference) fn advance_clock(&mut self, to_ms: i64) -> rusqlite::Result<Result<ClockView, Backwards>> {
        let before = match self.clock.freeze(to_ms) {
            Ok(before) => before,
            Err(backwards) => return Ok(Err(backwards)),
        };
        self.transaction(|engine| schema::save_clock(&engine.connection, engine.clock.mode()))
            .inspect_err(|_| self.clock.restore(before))?;
        self.sweep_if_due()?;
        Ok(Ok(self.view_clock()))
    }

    /// Lets the clock run from where it is.
    pub(in crate::reference) fn resume_clock(&mut self) -> rusqlite::Result<ClockView> {
        let before = self.clock.mode();
        self.clock.resume();
        self.transaction(|engine| schema::save_clock(&engine.connection, engine.clock.mode()))
            .inspect_err(|_| self.clock.restore(before))?;
        Ok(self.view_clock())
    }

    /// How the clock stands.
    pub(in crate::reference) fn view_clock(&self) -> ClockView {
        let frozen = matches!(self.clock.mode(), Mode::Frozen { .. });
        ClockView { now: self.clock.now_ms(), frozen }
    }

    fn sweep(&mut self, tick_ms: i64) -> rusqlite::Result<()> {
        match self.rules.session.sweep {
            Sweep::RemovesAfter(lag_ms) if !self.rules.sweeps_singly() => {
                self.remove_sessions_over(false, tick_ms - lag_ms)?;
                self.remove_sessions_over(true, tick_ms - lag_ms)?;
            }
            Sweep::RemovesAfter(_) | Sweep::StopsAtV6 => self.remove_singly(tick_ms)?,
            Sweep::Leaves => {}
        }
        self.purge_deleted(tick_ms)?;
        self.blank_addresses(tick_ms)?;
        self.write_queued()
    }

    fn remove_sessions_over(&self, permanent: bool, at_ms: i64) -> rusqlite::Result<()> {
        let Some(term) = self.rules.term(permanent) else {
            return Ok(());
        };
        let start = match term.since {
            Since::LastAccess => "last_access",
            Since::Creation => "created",
        };
        // The indexes are of the temporary ones or of the permanent ones, which a bound value would hide.
        let over =
            format!("FROM sessions WHERE permanent = {} AND {start} <= ?1 AND deleted IS NULL", i64::from(permanent));
        let values = [at_ms - term.ms];
        if self.rules.address.archives {
            self.execute(&format!("INSERT INTO archived_sessions SELECT id, ip, {start} {over}"), values)?;
        }
        if self.rules.session.deletion == Deletion::LeavesMessages {
            self.execute(&format!("DELETE FROM messages WHERE session IN (SELECT id {over})"), values)?;
        }
        self.execute(&format!("DELETE {over}"), values).map(drop)
    }

    /// Removes temporary sessions that are over one by one, in the order in which they were made.
    fn remove_singly(&mut self, at_ms: i64) -> rusqlite::Result<()> {
        for session in self.temporary_sessions()? {
            if !self.rules.is_over(&session.life, at_ms) {
                continue;
            }
            if self.rules.session.sweep == Sweep::StopsAtV6 && session.ip.contains(':') {
                break;
            }
            self.remember_ended(&session)?;
            self.remove(&session)?;
        }
        Ok(())
    }

    fn temporary_sessions(&self) -> rusqlite::Result<Vec<Session>> {
        let sql = session_where!("permanent = 0 ORDER BY number");
        self.connection.prepare_cached(sql)?.query_map((), session_of)?.collect()
    }

    /// Removes what agents deleted, where that did not happen at once.
    fn purge_deleted(&self, tick_ms: i64) -> rusqlite::Result<()> {
        match self.rules.session.deletion {
            Deletion::PurgedAfter(ms) | Deletion::ShownFor(ms) => {
                self.execute("DELETE FROM sessions WHERE deleted <= ?1", [tick_ms - ms]).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Blanks the addresses of permanent sessions, where they are not kept for ever.
    fn blank_addresses(&self, tick_ms: i64) -> rusqlite::Result<()> {
        let accessed_until = match self.rules.address.kept {
            AddressKept::AsSession => return Ok(()),
            AddressKept::AfterAccess(ms) => tick_ms - ms,
            AddressKept::UntilNewYear => calendar::year_start_ms(tick_ms) - 1,
        };
        self.execute(
            "UPDATE sessions SET ip = '' WHERE permanent = 1 AND last_access <= ?1 AND ip <> ''",
            [accessed_until],
        )
        .map(drop)
    }
}
