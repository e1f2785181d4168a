//! The days around which calendars go wrong: changes of the clocks, leap days, ends of months.
//!
//! Days of the civil calendar are reckoned from T0 alone; no clock and no time-zone database is read.

use crate::instant::{Instant, Length};
use crate::scenario::Occasion;
use jiff::civil::{Date, Weekday, date};

/// How many occasions of a kind are taken, from the first after T0 on.
const MOST: usize = 6;

/// When journeys that begin around such days begin, each an instant after `t0`; `idle` is the idle term.
pub fn beginnings(occasion: Occasion, t0: Instant, idle: Length) -> Vec<Instant> {
    let Some(today) = day_of(t0) else { return Vec::new() };
    let half = idle.times(0.5);
    let mut all: Vec<Instant> = match occasion {
        Occasion::ClockChange => years(today, 4).flat_map(clock_changes).map(|change| change - half).collect(),
        Occasion::LeapDay => {
            let leap_days = years(today, 9).filter_map(|year| Date::new(year, 2, 29).ok()).map(midnight);
            leap_days.flat_map(|begin| [begin - half, begin + half, begin + Length::days(1) - half]).collect()
        }
        Occasion::MonthEnd => {
            let firsts = years(today, 2).flat_map(|year| (1..=12).map(move |month| date(year, month, 1)));
            firsts.map(|first| midnight(first) - half).collect()
        }
    };
    all.retain(|begin| *begin > t0);
    all.sort_unstable();
    all.truncate(MOST);
    all
}

fn day_of(instant: Instant) -> Option<Date> {
    let stamp = jiff::Timestamp::from_millisecond(instant.0).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(stamp).date())
}

/// This year and the next ones, as far as the calendar reaches.
fn years(today: Date, count: i16) -> impl Iterator<Item = i16> {
    (today.year()..today.year().saturating_add(count)).filter(|year| *year < 9_990)
}

fn midnight(day: Date) -> Instant {
    let since = day.at(0, 0, 0, 0).duration_since(date(1970, 1, 1).at(0, 0, 0, 0));
    Instant(since.as_secs().saturating_mul(1000))
}

/// The four changes of a year: Europe's two at 01:00 UTC, and those of New York at 07:00 and 06:00 UTC.
fn clock_changes(year: i16) -> Vec<Instant> {
    let sunday = |month, nth| date(year, month, 1).nth_weekday_of_month(nth, Weekday::Sunday).ok();
    [(sunday(3, -1), 1), (sunday(10, -1), 1), (sunday(3, 2), 7), (sunday(11, 1), 6)]
        .into_iter()
        .filter_map(|(day, hour)| Some(midnight(day?) + Length::seconds(hour * 3600)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(occasion: Occasion, t0: &str) -> Vec<String> {
        let t0 = Instant(t0.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        beginnings(occasion, t0, Length::seconds(1800)).iter().map(Instant::to_string).collect()
    }

    #[test]
    fn journeys_begin_half_an_idle_term_before_the_clocks_are_changed() {
        let found = found(Occasion::ClockChange, "2026-11-25T00:00:00Z");
        assert_eq!(found[..3], ["2027-03-14T06:45:00Z", "2027-03-28T00:45:00Z", "2027-10-31T00:45:00Z"]);
    }

    #[test]
    fn leap_days_and_ends_of_months_are_found_from_t0_on() {
        let leap = found(Occasion::LeapDay, "2026-11-25T00:00:00Z");
        assert_eq!(leap[..3], ["2028-02-28T23:45:00Z", "2028-02-29T00:15:00Z", "2028-02-29T23:45:00Z"]);
        let ends = found(Occasion::MonthEnd, "2026-11-30T23:50:00Z");
        assert_eq!(ends[..2], ["2026-12-31T23:45:00Z", "2027-01-31T23:45:00Z"], "this month's end is too near");
    }
}
