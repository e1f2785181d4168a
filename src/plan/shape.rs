//! What the clock can do, and how a crowd is laid over the calendar for it.

use crate::instant::Length;
use serde::{Deserialize, Serialize};

/// What the plan must know of the target and its clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The clock's kind, as in the target file.
    pub clock: String,
    /// How many stops it can be asked for.
    pub stops: usize,
    /// Whether it can jump at all; a wall clock cannot.
    pub jumps: bool,
    /// Whether it stands still between jumps.
    pub frozen: bool,
    /// Whether the target can be restarted.
    #[serde(default)]
    pub restarts: bool,
    /// How near to a deadline it can probe.
    pub margin: Length,
    /// How far after T0 the run may go.
    pub horizon: Length,
    /// The cookie's term as the server declared it before the run.
    pub declared: Option<Length>,
}

/// How finely the crowd is laid over the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// In how many waves the visitors arrive.
    pub waves: u32,
    /// By which share of its length a natural pause may be stretched to share a stop.
    pub slack: f64,
    /// Whether the pauses within a natural visit are left out, so that it fits one stop.
    pub hurry: bool,
    /// Whether journeys that take many stops of their own are left out.
    #[serde(default)]
    pub lean: bool,
}

impl Shape {
    /// The finest shape that is tried.
    pub const FINEST: Self = Self::of(26, 0.05, false);

    const COARSER: [Self; 12] = [
        Self::of(26, 0.2, false),
        Self::of(26, 0.5, false),
        Self::of(13, 0.5, false),
        Self::of(13, 1.0, false),
        Self::of(6, 1.0, false),
        Self::of(3, 2.0, false),
        Self::of(13, 1.0, true),
        Self::of(6, 1.0, true),
        Self::of(3, 2.0, true),
        Self::of(2, 2.0, true),
        Self::of(1, 4.0, false),
        Self::of(1, 4.0, true),
    ];

    const fn of(waves: u32, slack: f64, hurry: bool) -> Self {
        Self { waves, slack, hurry, lean: false }
    }

    /// Whether journeys begin around the days that they name, which takes stops of their own.
    pub const fn has_occasions(&self) -> bool {
        self.waves > 2
    }

    /// The shapes in the order in which they are tried.
    pub fn from_fine_to_coarse(jumps: bool) -> impl Iterator<Item = Self> {
        let coarsest = Self::of(1, 40.0, true);
        let last = [coarsest, Self { lean: true, ..coarsest }];
        let all = std::iter::once(Self::FINEST).chain(Self::COARSER).chain(last);
        all.filter(move |shape| jumps || shape.waves == 1)
    }
}
