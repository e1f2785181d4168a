//! Telling a target the time, and hearing from it what time it takes it to be.

use super::{Timebase, machine_now};
use crate::history::Source;
use crate::instant::{Instant, Interval, Length};
use crate::measure::monotonic;
use crate::target::{Answer, Captured, ClockSpec, Request, Target, TimersSpec, Variables};
use crate::visitor::jar::http_date;
use std::cell::Cell;
use std::time::Duration;

/// What was asked of the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To read its clock.
    Now,
    /// To move it.
    Advance,
    /// To make due timers run.
    Maintenance,
    /// To be restarted, by the declared command.
    Restart,
}

/// A clock that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClockError {
    /// The target did not answer, or not in a way that can be understood.
    Target(Asked, String),
    /// The harness could not tell it the time.
    Harness(String),
}

impl std::fmt::Display for ClockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(Asked::Now, what) => write!(f, "the target's clock cannot be read: {what}"),
            Self::Target(Asked::Advance, what) => write!(f, "the target's clock cannot be moved: `advance`: {what}"),
            Self::Target(Asked::Maintenance, what) => {
                write!(f, "the target's timers cannot be made to run: `maintenance`: {what}")
            }
            Self::Target(Asked::Restart, what) => write!(f, "the target was not restarted: {what}"),
            Self::Harness(what) => write!(f, "the target's clock cannot be set: {what}"),
        }
    }
}

impl std::error::Error for ClockError {}

/// What the target takes the time to be.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Who said what.
    pub sources: Vec<Source>,
    /// The time to reckon from.
    pub timebase: Timebase,
}

/// Tells one target the time.
#[derive(Debug)]
pub struct Driver {
    target: Target,
    client: reqwest::Client,
    settle: Duration,
    /// A Date header that was waited for once and did not come along.
    date_apart: Cell<bool>,
}

/// How far a Date header may be from the time that is attested beside it, and still be taken for the same clock's.
const DATE_APART: Length = Length::seconds(3);

impl Driver {
    /// A driver of this target's clock.
    pub fn new(target: &Target, client: reqwest::Client) -> Self {
        let settle = match &target.clock {
            ClockSpec::Faketime { settle, .. } => settle.as_ref().map_or(5000, |term| term.longest().0),
            ClockSpec::Endpoint { .. } | ClockSpec::Wall { .. } => 2000,
        };
        Self {
            target: target.clone(),
            client,
            settle: Duration::from_millis(u64::try_from(settle).unwrap_or(0)),
            date_apart: Cell::new(false),
        }
    }

    /// Whether the target's time stands still between jumps.
    pub fn is_frozen(&self) -> bool {
        matches!(self.target.clock, ClockSpec::Endpoint { .. })
    }

    /// Asks the target for its time.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn read(&self) -> Result<Reading, ClockError> {
        let before = monotonic();
        let answer = self.ask(Asked::Now, &self.target.clock_requests.now, Instant(0)).await?;
        self.reading(&answer, (before, monotonic()), &self.target.clock_requests.now)
    }

    /// Finds the instant at which a run's time starts: not before the machine's now, nor the target's, in whole
    /// seconds. A clock that can stand still is stopped there, since until then it runs.
    ///
    /// # Errors
    /// When the target does not answer.
    pub async fn start(&self) -> Result<(Instant, Reading), ClockError> {
        let mut attempts = 5;
        loop {
            let reading = self.read().await?;
            let t0 = machine_now().max(reading.timebase.attested.hi + Length::seconds(1)).ceil_second();
            if !self.is_frozen() {
                return Ok((t0, reading));
            }
            attempts -= 1;
            match self.jump(t0).await {
                Ok(reading) => return Ok((t0, reading)),
                Err(error) if attempts == 0 => return Err(error),
                // Its time may have passed T0 meanwhile.
                Err(_) => {}
            }
        }
    }

    /// Takes the target's time to `to`, and hears from it whether it is there.
    ///
    /// # Errors
    /// When it does not answer, or cannot be told. A clock that does not move is no error: the reading shows it.
    pub async fn jump(&self, to: Instant) -> Result<Reading, ClockError> {
        let reading = self.move_to(to).await?;
        if let Some(maintenance) = &self.target.clock_requests.maintenance {
            self.ask(Asked::Maintenance, maintenance, to).await?;
        }
        if let TimersSpec::Within(term) = self.target.timers() {
            let millis = u64::try_from(term.longest().0).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        Ok(reading)
    }

    /// What a capture of `[about]` is now; nothing while the target does not answer.
    pub async fn about(&self, name: &str) -> Option<String> {
        let about = self.target.about.as_ref()?;
        let answer = self.ask_once(Asked::Restart, about, Instant(0)).await.ok()?;
        let json = serde_json::from_slice(&answer.body).ok();
        match about.captures.get(name)?.take(&answer, json.as_ref()) {
            Captured::One(text) => Some(text.into_owned()),
            Captured::Nothing | Captured::Missing | Captured::Many(_) => None,
        }
    }

    async fn move_to(&self, to: Instant) -> Result<Reading, ClockError> {
        match &self.target.clock {
            ClockSpec::Endpoint { .. } => {
                if let Some(advance) = &self.target.clock_requests.advance {
                    self.ask(Asked::Advance, advance, to).await?;
                }
                self.read().await
            }
            ClockSpec::Faketime { .. } => {
                self.write_offset(to)?;
                self.settled(to).await
            }
            ClockSpec::Wall { .. } => self.wait_until(to).await,
        }
    }

    /// libfaketime wants whole seconds, and the file replaced in one piece.
    fn write_offset(&self, to: Instant) -> Result<(), ClockError> {
        let Some(file) = &self.target.clock_file else { return Ok(()) };
        let seconds = (to - machine_now()).0.div_euclid(1000) + 1;
        let next = file.with_extension("loiter-next");
        let told = |error: std::io::Error| ClockError::Harness(format!("{}: {error}", file.display()));
        std::fs::write(&next, format!("{seconds:+}\n")).map_err(told)?;
        std::fs::rename(&next, file).map_err(told)
    }

    /// Reads until the clock has arrived and the Date header with it, or the settle time is over.
    async fn settled(&self, to: Instant) -> Result<Reading, ClockError> {
        let end = monotonic() + self.settle;
        loop {
            let reading = self.read().await?;
            let arrived = reading.timebase.attested.hi >= to;
            let settled = arrived && (reading.timebase.date_follows || self.date_apart.get());
            if settled || monotonic() >= end {
                self.date_apart.set(arrived && !reading.timebase.date_follows);
                return Ok(reading);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn wait_until(&self, to: Instant) -> Result<Reading, ClockError> {
        loop {
            let reading = self.read().await?;
            let wait = to - reading.timebase.at(monotonic());
            if wait <= Length::ZERO {
                return Ok(reading);
            }
            let millis = u64::try_from(wait.0).unwrap_or(0).min(30_000);
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
    }

    /// Asks, and asks again where that fails: to read a clock, or to move it to where it is, does no harm twice.
    async fn ask(&self, asked: Asked, request: &Request, to: Instant) -> Result<Answer, ClockError> {
        let mut ended = self.ask_once(asked, request, to).await;
        for pause_ms in [50, 500] {
            if ended.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            ended = self.ask_once(asked, request, to).await;
        }
        ended
    }

    async fn ask_once(&self, asked: Asked, request: &Request, to: Instant) -> Result<Answer, ClockError> {
        let variables = Variables { to_ms: to.0, to_s: to.0.div_euclid(1000), ..self.target.variables() };
        let answer =
            crate::lanes::agent_ask(&self.client, &self.target.url, request, &variables, Duration::from_secs(60)).await;
        match answer {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(answer),
            Ok(answer) => {
                let path = path_of(request, &variables);
                let told = format!("status {} to {} {path}", answer.status, request.method);
                Err(ClockError::Target(asked, self.target.redacted(&told)))
            }
            Err(error) => Err(ClockError::Target(asked, self.target.redacted(&error))),
        }
    }

    fn reading(
        &self,
        answer: &Answer,
        asked: (std::time::Instant, std::time::Instant),
        request: &Request,
    ) -> Result<Reading, ClockError> {
        let unclear = |what: String| ClockError::Target(Asked::Now, what);
        let mut sources = Vec::new();
        let name = if self.is_frozen() { "clock" } else { "application" };
        if let Some(capture) = request.captures.get("now") {
            let json = serde_json::from_slice(&answer.body).ok();
            let Captured::One(text) = capture.take(answer, json.as_ref()) else {
                return Err(unclear("its answer holds no `now` where the target file says".into()));
            };
            let now = parsed(&text).ok_or_else(|| unclear(format!("its `now`, `{text}`, is no time")))?;
            sources.push(Source { name: name.into(), now });
        }
        if let Some(seconds) = answer.headers.get("date").and_then(http_date) {
            // Whole seconds, and some servers keep it for one more.
            let now = Interval::new(Instant(seconds * 1000), Instant(seconds * 1000 + 1999));
            sources.push(Source { name: "date".into(), now });
        }
        let best = sources.first().ok_or_else(|| unclear("its answer holds neither `now` nor a Date".into()))?;
        let date = sources.iter().find(|source| source.name == "date");
        let date_follows =
            date.is_some_and(|date| date.now.lo - best.now.hi <= DATE_APART && best.now.lo - date.now.hi <= DATE_APART);
        let timebase = Timebase { frozen: self.is_frozen(), attested: best.now, asked, date_follows };
        Ok(Reading { sources, timebase })
    }
}

fn path_of(request: &Request, variables: &Variables) -> String {
    request.path.render(variables).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

/// The latest time that a clock can tell: the start of the year 9000, which leaves a run its years.
const LATEST_MS: i64 = 221_845_392_000_000;

/// A time as milliseconds, as seconds, or as RFC 3339, with the width that this leaves open. What no calendar holds is
/// none.
fn parsed(text: &str) -> Option<Interval> {
    let (lo, width) = match text.parse::<i64>() {
        Ok(number) if number > 100_000_000_000 => (number, 0),
        Ok(number) => (number.checked_mul(1000)?, 999),
        Err(_) => (text.parse::<jiff::Timestamp>().ok()?.as_millisecond(), 0),
    };
    (0..=LATEST_MS).contains(&lo).then(|| Interval::new(Instant(lo), Instant(lo + width)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_milliseconds_seconds_or_rfc_3339_and_nothing_that_no_calendar_holds() {
        let second = Interval::new(Instant(1_795_632_000_000), Instant(1_795_632_000_999));
        let instant = Interval::new(second.lo, second.lo);
        assert_eq!(parsed("1795632000"), Some(second));
        assert_eq!(parsed("1795632000000"), Some(instant));
        assert_eq!(parsed("2026-11-25T18:40:00Z"), Some(instant));
        for text in
            ["", "noon", "1e308", "-1", "9223372036854775807", "-9223372036854775808", "-009999-01-02T00:00:00Z"]
        {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
