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

impl Meter {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5));
            let style = ProgressStyle::with_template("{bar:30} stop {pos}/{len}  {msg}  {elapsed} gone, {eta} to go");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, began: monotonic(), told: None }
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        let now = monotonic();
        let seconds = (now - self.began).as_secs_f64().max(0.001);
        let rate = progress.exchanges as f64 / seconds;
        let (stop, all) = progress.stop;
        let message = format!("{}  {} exchanges, {rate:.0}/s", progress.now, progress.exchanges);
        if let Some(bar) = &self.bar {
            bar.set_length(u64::from(all));
            bar.set_position(u64::from(stop));
            bar.set_message(message);
        } else if stop == all || self.told.is_none_or(|told| now - told >= EVERY) {
            self.told = Some(now);
            eprintln!("stop {stop} of {all}: {message}");
        }
        if stop == all
            && let Some(bar) = &self.bar
        {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
