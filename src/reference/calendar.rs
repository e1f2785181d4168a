//! Civil dates: the turn of the year, and what clocks on the walls of Central Europe show.
//!
//! It owns the arithmetic that some defects need. A sound server computes with instants alone.

use super::policy::{DAY_MS, MINUTE_MS};

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// When the UTC year began in which an instant lies, in milliseconds.
pub(super) fn year_start_ms(ms: i64) -> i64 {
    first_of(year_of(ms), 1) * DAY_MS
}

/// The local time of Central Europe at an instant, as if it were UTC: an hour ahead of it, and two from the last
/// Sunday of March to the last of October, 01:00 UTC.
pub(super) fn local_ms(ms: i64) -> i64 {
    let year = year_of(ms);
    let [spring, autumn] = [4, 11].map(|next_month| last_sunday_before(first_of(year, next_month)) * DAY_MS + HOUR_MS);
    let hours = if (spring..autumn).contains(&ms) { 2 } else { 1 };
    ms + hours * HOUR_MS
}

/// The last Sunday before a day. Day 0, 1 January 1970, was a Thursday, so that day 3 was a Sunday.
fn last_sunday_before(day: i64) -> i64 {
    day - 1 - (day - 1 - 3).rem_euclid(7)
}

/// The year in which an instant lies.
fn year_of(ms: i64) -> i64 {
    let day = ms.div_euclid(DAY_MS);
    // Less than a year off either way: 146,097 days are 400 years.
    let guess = 1970 + day * 400 / 146_097;
    (guess - 1..=guess + 1).rev().find(|year| first_of(*year, 1) <= day).unwrap_or(guess)
}

/// The day on which a month of a year begins, in days since the Unix epoch.
fn first_of(year: i64, month: i64) -> i64 {
    // Years are counted from March, so that the day of a leap year is their last.
    let (year, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_before_month = (153 * months + 2) / 5;
    // 1 March of the year 0 was 719,468 days before the Unix epoch.
    year * 365 + leap_days + days_before_month - 719_468
}

#[cfg(test)]
mod tests {
    use super::{local_ms, year_start_ms};

    fn utc(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn years_begin_where_the_calendar_says() {
        for (at, start) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2026-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z"),
            ("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2028-12-31T12:00:00Z", "2028-01-01T00:00:00Z"),
            ("2100-03-01T12:00:00Z", "2100-01-01T00:00:00Z"),
            ("9998-12-31T00:00:00Z", "9998-01-01T00:00:00Z"),
        ] {
            assert_eq!(year_start_ms(utc(at)), utc(start), "{at}");
        }
    }

    #[test]
    fn clocks_change_on_the_last_sundays_of_march_and_october() {
        for (at, shown) in [
            ("2026-01-15T12:00:00Z", "2026-01-15T13:00:00Z"),
            ("2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z"),
            ("2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
            ("2026-07-15T12:00:00Z", "2026-07-15T14:00:00Z"),
            ("2026-10-25T00:59:59Z", "2026-10-25T02:59:59Z"),
            ("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
            ("2027-03-28T01:00:00Z", "2027-03-28T03:00:00Z"),
            ("2100-10-31T01:00:00Z", "2100-10-31T02:00:00Z"),
        ] {
            assert_eq!(local_ms(utc(at)), utc(shown), "{at}");
        }
    }
}
