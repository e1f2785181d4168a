//! The server's clock: system time with an offset, or frozen at an instant.
//!
//! It owns what time it is, and is the only file of the server that reads the system's time. It
//! never stores anything and runs no timers: whoever moves it does both.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use http::HeaderValue;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// The latest instant that can be asked for, in milliseconds: the start of the year 9999.
pub(super) const LATEST_MS: i64 = 253_370_764_800_000;

/// How the clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// With the system's time, that many milliseconds ahead of it.
    Running {
        /// May be negative.
        offset_ms: i64,
    },
    /// Not at all.
    Frozen {
        /// The instant at which it stands, in milliseconds.
        at_ms: i64,
    },
}

/// An instant before the clock's now was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backwards {
    /// The clock's now, in milliseconds.
    pub(super) now_ms: i64,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    /// What was told last: a running clock never tells less, whatever the system's time does.
    told_ms: i64,
}

/// The one clock of a server.
#[derive(Debug)]
pub(super) struct Clock {
    state: Mutex<State>,
    date: Mutex<(i64, HeaderValue)>,
}

impl Clock {
    /// A clock that goes as told.
    pub(super) fn new(mode: Mode) -> Self {
        Self {
            state: Mutex::new(State { mode, told_ms: i64::MIN }),
            date: Mutex::new((i64::MIN, HeaderValue::from_static(""))),
        }
    }

    /// The clock's now, in milliseconds since the Unix epoch.
    pub(super) fn now_ms(&self) -> i64 {
        tell(&mut self.state())
    }

    /// How it goes.
    pub(super) fn mode(&self) -> Mode {
        self.state().mode
    }

    /// Freezes it at `to_ms`, and says how it went before.
    pub(super) fn freeze(&self, to_ms: i64) -> Result<Mode, Backwards> {
        let mut state = self.state();
        let now_ms = tell(&mut state);
        if to_ms < now_ms {
            return Err(Backwards { now_ms });
        }
        state.told_ms = to_ms;
        Ok(std::mem::replace(&mut state.mode, Mode::Frozen { at_ms: to_ms }))
    }

    /// Lets it run from where it is.
    pub(super) fn resume(&self) {
        let mut state = self.state();
        if let Mode::Frozen { at_ms } = state.mode {
            state.mode = Mode::Running { offset_ms: at_ms - system_ms() };
        }
    }

    /// Takes a move back that could not be stored.
    pub(super) fn restore(&self, mode: Mode) {
        let mut state = self.state();
        *state = State { mode, told_ms: i64::MIN };
    }

    /// Now as the value of a `Date` header, in whole seconds.
    pub(super) fn date(&self) -> HeaderValue {
        let second = self.now_ms().div_euclid(1_000);
        let mut date = lock(&self.date);
        if date.0 != second {
            *date = (second, imf_fixdate(second));
        }
        date.1.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn tell(state: &mut State) -> i64 {
    let now_ms = match state.mode {
        Mode::Running { offset_ms } => system_ms() + offset_ms,
        Mode::Frozen { at_ms } => at_ms,
    };
    state.told_ms = state.told_ms.max(now_ms);
    state.told_ms
}

#[expect(clippy::disallowed_methods, reason = "the one place where the server reads the system's time")]
fn system_ms() -> i64 {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(LATEST_MS).min(LATEST_MS),
        Err(_) => 0,
    }
}

fn imf_fixdate(second: i64) -> HeaderValue {
    Timestamp::from_second(second)
        .and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at))
        .ok()
        .and_then(|text| HeaderValue::try_from(text).ok())
        .unwrap_or_else(|| HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
}

/// A panic while the lock was held leaves plain values behind, which are still good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
