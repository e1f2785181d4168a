//! Instants and lengths of the target's time, the vocabulary of every room. Nothing here reads a clock.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{Add, Sub};

/// An instant of the target's time, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// A length of time in milliseconds; it may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Length(pub i64);

impl Length {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// So many whole days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self::seconds(days.saturating_mul(86_400))
    }

    /// This length times `factor`, rounded to whole milliseconds.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, which is what an overlong span wants")]
        let scaled = (self.0 as f64 * factor).round() as i64;
        Self(scaled)
    }

    /// The first whole number of seconds that is not shorter.
    #[must_use]
    pub fn ceil_second(self) -> Self {
        Self(-((-self.0).div_euclid(1000)) * 1000)
    }

    /// Seconds, with their fraction.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }
}

impl Instant {
    /// The far end of time: an effect that may still come at any moment.
    pub const NEVER: Self = Self(i64::MAX / 4);

    /// The first whole second at or after this instant.
    #[must_use]
    pub fn ceil_second(self) -> Self {
        Self(-((-self.0).div_euclid(1000)) * 1000)
    }
}

impl Add<Length> for Instant {
    type Output = Self;
    fn add(self, length: Length) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Length> for Instant {
    type Output = Self;
    fn sub(self, length: Length) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

impl Sub for Instant {
    type Output = Length;
    fn sub(self, other: Self) -> Length {
        Length(self.0.saturating_sub(other.0))
    }
}

impl Add for Length {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Length {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, mut rest) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let millis = rest % 1000;
        rest /= 1000;
        let parts = [(rest / 86_400, "d"), (rest / 3600 % 24, "h"), (rest / 60 % 60, "min")];
        let mut text = String::new();
        for (count, unit) in parts.iter().filter(|(count, _)| *count > 0) {
            text.push_str(&format!("{count} {unit} "));
        }
        match (rest % 60, millis) {
            (0, 0) if !text.is_empty() => {}
            (seconds, 0) => text.push_str(&format!("{seconds} s")),
            (seconds, millis) => text.push_str(&format!("{seconds}.{millis:03} s")),
        }
        write!(f, "{sign}{}", text.trim_end())
    }
}

/// When something happened, as far as it is known: not before `lo`, not after `hi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Interval {
    /// The earliest that it can have been.
    pub lo: Instant,
    /// The latest that it can have been.
    pub hi: Instant,
}

impl Interval {
    /// From `lo` to `hi`.
    pub fn new(lo: Instant, hi: Instant) -> Self {
        debug_assert!(lo <= hi, "an interval runs forward");
        Self { lo, hi }
    }

    /// The least time that can lie between `earlier` and this; negative when they may overlap.
    pub fn least_since(&self, earlier: &Self) -> Length {
        self.lo - earlier.hi
    }

    /// The most time that can lie between `earlier` and this.
    pub fn most_since(&self, earlier: &Self) -> Length {
        self.hi - earlier.lo
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_reads_as_a_person_would_say_it() {
        assert_eq!(Length::seconds(1798).to_string(), "29 min 58 s");
        assert_eq!(Length::days(182).to_string(), "182 d");
        assert_eq!(Length(-1500).to_string(), "-1.500 s");
        assert_eq!(Length::ZERO.to_string(), "0 s");
    }

    #[test]
    fn whole_seconds_are_rounded_up() {
        assert_eq!(Instant(1001).ceil_second(), Instant(2000));
        assert_eq!(Instant(2000).ceil_second(), Instant(2000));
        assert_eq!(Instant(-1).ceil_second(), Instant(0));
    }
}
