//! From the harness's monotonic clock to the target's time.

use crate::instant::{Instant, Interval, Length};

/// The target's time as it was last attested, and how to reckon on from there.
#[derive(Debug, Clone, Copy)]
pub struct Timebase {
    /// Whether the target's time stands still.
    pub frozen: bool,
    /// The target's time as attested, widened by the resolution of what attested it.
    pub attested: Interval,
    /// Between these two the attestation was asked for and given.
    pub asked: (std::time::Instant, std::time::Instant),
    /// Whether the Date header goes by this time too; a front's own does not, and then nothing is measured against it.
    pub date_follows: bool,
}

impl Timebase {
    /// The target's time of something that was sent and answered at these instants.
    pub fn interval(&self, sent: std::time::Instant, answered: std::time::Instant) -> Interval {
        if self.frozen {
            return self.attested;
        }
        let lo = self.attested.lo + since(sent, self.asked.1);
        let hi = self.attested.hi + since(answered, self.asked.0);
        Interval::new(lo.min(hi), hi)
    }

    /// The target's time at this instant, as near as it is known.
    pub fn at(&self, instant: std::time::Instant) -> Instant {
        self.interval(instant, instant).lo
    }
}

fn since(later: std::time::Instant, earlier: std::time::Instant) -> Length {
    let millis = |span: std::time::Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 8);
    match later.checked_duration_since(earlier) {
        Some(span) => Length(millis(span)),
        None => Length(-millis(earlier.duration_since(later)) - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_running_clock_widens_what_it_cannot_know_and_a_frozen_one_does_not() {
        let start = crate::measure::monotonic();
        let after = |millis| start + Duration::from_millis(millis);
        let attested = Interval::new(Instant(5000), Instant(5999));
        let mut base = Timebase { frozen: false, attested, asked: (start, after(20)), date_follows: true };
        assert_eq!(base.interval(after(100), after(150)), Interval::new(Instant(5080), Instant(6149)));
        base.frozen = true;
        assert_eq!(base.interval(after(100), after(150)), attested);
    }
}
