//! How far a run has come, on the error stream: a bar on a terminal, a line now and then elsewhere.

use crate::measure::monotonic;
use crate::run::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Shows progress.
pub(super) struct Meter {
    bar: Option<ProgressBar>,
    began: Instant,
    told: Option<Instant>,
}

const EVERY: Duration = Duration::from_secs(5);

/// So many visitors take seconds to plan.
const MANY: u32 = 200_000;

impl Meter {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5));
            let style = ProgressStyle::with_template("{bar:30} {percent}%  {msg}  {elapsed} gone");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, began: monotonic(), told: None }
    }

    /// Says what happens before the first stop, where that takes a while.
    pub(super) fn begin(&self, visitors: u32) {
        if visitors >= MANY {
            eprintln!("laying out the stops of {visitors} visitors");
        }
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        let now = monotonic();
        let (taken, all) = progress.steps;
        let message = || told(&progress, now - self.began);
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(taken);
            bar.set_message(message());
        } else if taken == all || self.told.is_none_or(|told| now - told >= EVERY) {
            self.told = Some(now);
            eprintln!("{}", message());
        }
        if let (true, Some(bar)) = (taken == all, &self.bar) {
            bar.finish_and_clear();
        }
    }
}

/// Where a run stands after `gone`: what remains is reckoned by steps, since stops are of very different sizes.
fn told(progress: &Progress, gone: Duration) -> String {
    let (stop, stops) = progress.stop;
    let (taken, all) = progress.steps;
    let seconds = gone.as_secs_f64().max(0.001);
    let rate = progress.exchanges as f64 / seconds;
    let left = seconds * (all - taken.min(all)) as f64 / taken.max(1) as f64;
    let now = progress.now.to_string();
    let date = now.split('.').next().unwrap_or(&now);
    format!(
        "{date}  stop {stop} of {stops}  {} requests and looks, {rate:.0}/s, {} to go",
        progress.exchanges,
        span(left)
    )
}

/// A length of real time, as people say it.
fn span(seconds: f64) -> String {
    match seconds {
        short if short < 99.5 => format!("{short:.0} s"),
        longer if longer < 5_970.0 => format!("{:.0} min", longer / 60.0),
        long => format!("{:.1} h", long / 3600.0),
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::Instant;

    #[test]
    fn what_remains_is_reckoned_by_steps_and_not_by_stops() {
        let progress =
            Progress { stop: (1, 200), steps: (500, 2_000), now: Instant(1_800_000_000_000), exchanges: 1_000 };
        assert_eq!(
            told(&progress, Duration::from_secs(10)),
            "2027-01-15T08:00:00Z  stop 1 of 200  1000 requests and looks, 100/s, 30 s to go"
        );
        let ended = Progress { steps: (2_000, 2_000), ..progress };
        assert!(told(&ended, Duration::from_secs(10)).ends_with("100/s, 0 s to go"));
        assert_eq!((span(600.0), span(36_000.0)), ("10 min".to_owned(), "10.0 h".to_owned()));
    }
}
