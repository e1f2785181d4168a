//! Owns the reading of dates as cookies and HTTP headers write them.
//!
//! Never reads a clock and never knows a time zone: every date is taken as UTC, as RFC 6265bis
//! section 5.1.1 demands, whatever zone its text names.

/// Parses a cookie date by RFC 6265bis section 5.1.1, into Unix seconds.
///
/// The algorithm is lenient about order, separators and surplus words. `None` when day, month, year
/// or time of day is missing or out of range, or when there is no such day (30 February).
#[must_use]
pub fn cookie_date(text: &[u8]) -> Option<i64> {
    let mut found = Found::default();
    for token in text.split(|&byte| is_delimiter(byte)) {
        found.take(token);
    }
    found.unix_seconds()
}

/// Parses the value of an HTTP `Date` header, into Unix seconds.
///
/// The cookie-date algorithm reads all three forms that HTTP allows (IMF-fixdate, RFC 850, asctime), and
/// more; `None` under the same conditions as [`cookie_date`].
#[must_use]
pub fn http_date(text: &[u8]) -> Option<i64> {
    cookie_date(text)
}

/// What the tokens read so far have given; the first token that fits a part fills it for good.
#[derive(Default)]
struct Found {
    time_s: Option<TimeOfDay>,
    day: Option<u32>,
    month: Option<u32>,
    year: Option<u32>,
}

struct TimeOfDay {
    hour: u32,
    minute: u32,
    second: u32,
}

impl Found {
    fn take(&mut self, token: &[u8]) {
        if fill(&mut self.time_s, || time_of_day(token))
            || fill(&mut self.day, || number(token, 1, 2))
            || fill(&mut self.month, || month(token))
        {
            return;
        }
        fill(&mut self.year, || number(token, 2, 4));
    }

    fn unix_seconds(self) -> Option<i64> {
        let TimeOfDay { hour, minute, second } = self.time_s?;
        let (day, month) = (self.day?, self.month?);
        let year = match self.year? {
            year @ 70..=99 => year + 1900,
            year @ 0..=69 => year + 2000,
            year => year,
        };
        let in_range = year >= 1601
            && (1..=days_in_month(year, month)).contains(&day)
            && hour <= 23
            && minute <= 59
            && second <= 59;
        let seconds = i64::from(hour * 3600 + minute * 60 + second);
        in_range.then(|| days_since_epoch(year, month, day) * 86_400 + seconds)
    }
}

/// Fills an empty slot; true when this token did.
fn fill<T>(slot: &mut Option<T>, read: impl FnOnce() -> Option<T>) -> bool {
    if slot.is_some() {
        return false;
    }
    *slot = read();
    slot.is_some()
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, 0x09 | 0x20..=0x2F | 0x3B..=0x40 | 0x5B..=0x60 | 0x7B..=0x7E)
}

/// The run of digits that opens `text`, when it is `min` to `max` long, and what follows it.
fn leading_digits(text: &[u8], min: usize, max: usize) -> Option<(u32, &[u8])> {
    let len = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(min..=max).contains(&len) {
        return None;
    }
    let (digits, rest) = text.split_at(len);
    let value = digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some((value, rest))
}

fn number(token: &[u8], min: usize, max: usize) -> Option<u32> {
    leading_digits(token, min, max).map(|(value, _)| value)
}

fn time_of_day(token: &[u8]) -> Option<TimeOfDay> {
    let (hour, rest) = leading_digits(token, 1, 2)?;
    let (minute, rest) = leading_digits(rest.strip_prefix(b":")?, 1, 2)?;
    let second = number(rest.strip_prefix(b":")?, 1, 2)?;
    Some(TimeOfDay { hour, minute, second })
}

/// 1 to 12, by the first three letters.
fn month(token: &[u8]) -> Option<u32> {
    const MONTHS: &[u8; 36] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let head = token.get(..3)?;
    (1..).zip(MONTHS.chunks(3)).find_map(|(month, name)| head.eq_ignore_ascii_case(name).then_some(month))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that the
/// leap day comes last.
fn days_since_epoch(year: u32, month: u32, day: u32) -> i64 {
    let years = i64::from(if month <= 2 { year - 1 } else { year });
    let months_since_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * months_since_march + 2) / 5 + i64::from(day) - 1;
    years * 365 + years / 4 - years / 100 + years / 400 + day_of_year - 719_468
}
