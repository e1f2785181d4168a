//! What time it is for the target, and how the target is told: a test-clock endpoint, libfaketime's file, or nobody.
//!
//! Of the harness's rooms only this one and `measure` read the system's time. It judges nothing.

mod driver;
mod timebase;

pub use driver::{Asked, ClockError, Driver, Reading};
pub use timebase::Timebase;

use crate::instant::{Instant, Length};
use crate::plan::Profile;
use crate::policy::Term;
use crate::target::{ClockSpec, Target};

/// The machine's own time.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's time")]
pub fn machine_now() -> Instant {
    Instant(jiff::Timestamp::now().as_millisecond())
}

/// What the plan must know of a target's clock.
pub fn profile(target: &Target, t0: Instant, declared: Option<Length>) -> Profile {
    let span = |term: &Option<Term>, seconds| term.as_ref().map_or(Length::seconds(seconds), Term::longest);
    let (clock, stops, jumps, frozen, margin) = match &target.clock {
        ClockSpec::Endpoint { stops, margin, .. } => ("endpoint", stops.unwrap_or(2000), true, true, span(margin, 2)),
        ClockSpec::Faketime { stops, margin, .. } => ("faketime", stops.unwrap_or(60), true, false, span(margin, 15)),
        ClockSpec::Wall { margin, .. } => ("wall", 100_000, false, false, span(margin, 5)),
    };
    Profile {
        clock: clock.into(),
        stops,
        restarts: target.restart.is_some(),
        jumps,
        frozen,
        margin,
        horizon: target.horizon_after(t0),
        declared,
    }
}
