//! What the server itself costs: requests, and the processor's time.
//!
//! It owns the count and the reading of the system's accounts. It judges neither.

use std::sync::atomic::{AtomicU64, Ordering};

/// A tick of the system's accounts, in microseconds: Linux gives them to programs in hundredths of a second.
const TICK_US: u64 = 10_000;

/// Where user and system time stand, counted from behind the program's name.
const USER_FIELD: usize = 11;

/// Requests that this process has answered: the system keeps its accounts by the process as well.
static ANSWERED: AtomicU64 = AtomicU64::new(0);

/// What the servers of this process have cost so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were answered.
    pub requests: u64,
    /// The processor's time of the whole process, user's and system's, in microseconds; `None` where the system does
    /// not tell.
    pub cpu_us: Option<u64>,
}

impl Usage {
    /// What it is now.
    pub fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").ok();
        Self { requests: ANSWERED.load(Ordering::Relaxed), cpu_us: stat.as_deref().and_then(cpu_us) }
    }

    /// Microseconds of the processor's time a request; `None` where there was none, or the system does not tell.
    pub fn cpu_us_per_request(&self) -> Option<u64> {
        self.cpu_us?.checked_div(self.requests)
    }

    /// Goes on counting from so many requests, which the same process has answered before it restarted itself.
    pub fn count_from(requests: u64) {
        ANSWERED.fetch_add(requests, Ordering::Relaxed);
    }

    /// Counts a request.
    pub(super) fn count_one() {
        ANSWERED.fetch_add(1, Ordering::Relaxed);
    }
}

/// User and system time of a line of `/proc/PID/stat`. The program's name, in brackets, may hold spaces and brackets.
fn cpu_us(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(USER_FIELD).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some((times.next()?? + times.next()??) * TICK_US)
}

#[cfg(test)]
mod tests {
    use super::{Usage, cpu_us};

    #[test]
    fn user_and_system_time_are_read_behind_the_program_s_name() {
        let line = "4711 (a b) c) S 1 4711 4711 0 -1 4194560 5 6 7 8 123 45 0 0 20 0 3 0 99 100 200\n";
        assert_eq!(cpu_us(line), Some(1_680_000));
        assert_eq!(cpu_us("4711 (loiter) S 1"), None);
        assert_eq!(cpu_us(""), None);
    }

    #[test]
    fn a_server_that_has_answered_nothing_tells_no_cost_of_a_request() {
        assert_eq!(Usage { requests: 0, cpu_us: Some(10_000) }.cpu_us_per_request(), None);
        assert_eq!(Usage { requests: 4, cpu_us: None }.cpu_us_per_request(), None);
        assert_eq!(Usage { requests: 1_000, cpu_us: Some(12_900) }.cpu_us_per_request(), Some(12));
    }
}
