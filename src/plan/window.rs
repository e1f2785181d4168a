//! When a step may happen: the window in which it shares a stop with others, never across a deadline or its margin.

use crate::instant::Length;
use crate::policy::Terms;

/// A span of whole seconds after T0 in which a step may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The earliest second.
    pub earliest: u32,
    /// The latest second.
    pub latest: u32,
}

impl Window {
    /// This second and no other.
    pub fn exactly(second: u32) -> Self {
        Self { earliest: second, latest: second }
    }

    /// From `earliest`, stretched by `slack` seconds, and clear of the deadlines that the visitor has: `access` and
    /// `load` are the seconds of the last website access and of the last load.
    pub fn stretched(earliest: u32, slack: u32, access: u32, load: u32, terms: &Terms) -> Self {
        let mut window = Self { earliest, latest: earliest.saturating_add(slack) };
        window.keep_clear(access, terms.idle - terms.margin, terms.idle + terms.grace + terms.margin);
        window.keep_clear(load, terms.cookie - terms.margin, terms.cookie_longest + terms.margin);
        window
    }

    /// Moves the window out of the open span (`from`, `to`) after `anchor`.
    fn keep_clear(&mut self, anchor: u32, from: Length, to: Length) {
        let from = anchor.saturating_add(whole_seconds(from));
        let to = anchor.saturating_add(whole_seconds(to).saturating_add(1));
        if self.earliest > from && self.earliest < to {
            self.earliest = to;
            self.latest = self.latest.max(to);
        } else if self.earliest <= from && self.latest > from {
            self.latest = from;
        }
    }
}

/// A length in whole seconds, rounded, and none where it is negative.
pub fn whole_seconds(length: Length) -> u32 {
    u32::try_from((length.0 + 500).div_euclid(1000).max(0)).unwrap_or(u32::MAX)
}
