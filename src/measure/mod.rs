//! How long answers took, how many were under way at once: HDR histograms and gauges. It judges nothing.

use crate::history::{Exchange, Outcome};
use crate::scenario::Op;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

/// The longest service time that is told apart, in microseconds.
const LONGEST_US: u64 = 120_000_000;

/// So many different notes are told apart of each operation in a lane.
const MOST_NOTES: usize = 32;

/// The harness's own monotonic clock.
#[expect(clippy::disallowed_methods, reason = "measuring is this room's work")]
pub fn monotonic() -> Instant {
    Instant::now()
}

/// How many requests of one lane are under way. Lanes share none: a count that all of them write to would cost each
/// request a walk from core to core.
#[derive(Debug, Default)]
pub struct Gauge {
    now: Cell<u32>,
    peak: Cell<u32>,
}

impl Gauge {
    /// One more.
    pub fn enter(&self) {
        self.now.set(self.now.get() + 1);
        self.peak.set(self.peak.get().max(self.now.get()));
    }

    /// One less.
    pub fn leave(&self) {
        self.now.set(self.now.get().saturating_sub(1));
    }

    /// The most that there were at once since this was last asked.
    pub fn take_peak(&self) -> u32 {
        self.peak.replace(self.now.get())
    }
}

/// What one lane measured of one operation.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Service times in microseconds, from send to the last byte.
    pub service_us: Histogram<u64>,
    /// How its exchanges ended.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Why they ended in `error`, as far as these are few enough to be told apart.
    pub notes: BTreeMap<Box<str>, u64>,
}

impl Measured {
    fn note(&mut self, note: &str) {
        if let Some(known) = self.notes.get_mut(note) {
            *known += 1;
        } else if self.notes.len() < MOST_NOTES {
            self.notes.insert(note.into(), 1);
        }
    }

    /// What most of the errors were, in words.
    fn trouble(&self, op: Op) -> Option<String> {
        let (note, most) = self.notes.iter().max_by_key(|(_, count)| **count)?;
        let all = self.outcomes.get(&Outcome::Error).copied().unwrap_or(0);
        Some(format!("{op}: {all} ended in error, {most} of them for this: {note}"))
    }
}

/// What was measured, by operation.
#[derive(Debug, Clone, Default)]
pub struct Measurements {
    ops: BTreeMap<Op, Measured>,
}

impl Measurements {
    /// Notes an exchange.
    pub fn note(&mut self, exchange: &Exchange, service: Duration) {
        let outcome = exchange.outcome;
        let Some(measured) = self.of(exchange.op) else { return };
        if let (Outcome::Error, Some(note)) = (outcome, &exchange.note) {
            measured.note(note);
        }
        let micros = u64::try_from(service.as_micros()).unwrap_or(LONGEST_US);
        measured.service_us.saturating_record(micros.max(1));
        *measured.outcomes.entry(outcome).or_default() += 1;
    }

    fn of(&mut self, op: Op) -> Option<&mut Measured> {
        match self.ops.entry(op) {
            Entry::Occupied(measured) => Some(measured.into_mut()),
            Entry::Vacant(place) => {
                let service_us = Histogram::new_with_bounds(1, LONGEST_US, 3).ok()?;
                Some(place.insert(Measured { service_us, outcomes: BTreeMap::new(), notes: BTreeMap::new() }))
            }
        }
    }

    /// Adds what another lane measured.
    pub fn merge(&mut self, other: &Self) {
        for (op, theirs) in &other.ops {
            let Some(mine) = self.of(*op) else { continue };
            // Both have the same bounds, so that nothing can be out of range.
            let _ = mine.service_us.add(&theirs.service_us);
            for (outcome, count) in &theirs.outcomes {
                *mine.outcomes.entry(*outcome).or_default() += count;
            }
            for (note, count) in &theirs.notes {
                *mine.notes.entry(note.clone()).or_default() += count;
            }
        }
    }

    /// A remark for each operation of which some ended in `error`: how many, and why most of them did.
    pub fn troubles(&self) -> Vec<String> {
        self.ops.iter().filter_map(|(op, measured)| measured.trouble(*op)).collect()
    }

    /// The sum of all service times.
    pub fn busy(&self) -> Duration {
        let micros: f64 =
            self.ops.values().map(|measured| measured.service_us.mean() * measured.service_us.len() as f64).sum();
        Duration::from_secs_f64(micros / 1e6)
    }

    /// One row for each operation.
    pub fn rows(&self) -> Vec<OperationRow> {
        self.ops.iter().map(|(op, measured)| OperationRow::new(*op, measured)).collect()
    }

    /// HdrHistogram's interval log, one interval for each operation.
    ///
    /// # Errors
    /// A text that says what could not be written.
    pub fn interval_log(&self, lasted: Duration) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let mut serializer = V2DeflateSerializer::new();
        let mut log = IntervalLogWriterBuilder::new()
            .add_comment("service times in microseconds, one interval for each operation")
            .begin_log_with(&mut bytes, &mut serializer)
            .map_err(|error| error.to_string())?;
        for (op, measured) in &self.ops {
            log.write_histogram(&measured.service_us, Duration::ZERO, lasted, Tag::new(op.name()))
                .map_err(|error| format!("{error:?}"))?;
        }
        Ok(bytes)
    }
}

/// The figures of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRow {
    /// The operation.
    pub id: String,
    /// How often it was done.
    pub count: u64,
    /// How it ended, by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Median service time, in microseconds.
    pub p50_us: u64,
    /// 90th percentile.
    pub p90_us: u64,
    /// 99th percentile.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

impl OperationRow {
    fn new(op: Op, measured: &Measured) -> Self {
        let at = |quantile| measured.service_us.value_at_quantile(quantile);
        Self {
            id: op.name().into(),
            count: measured.service_us.len(),
            outcomes: measured.outcomes.iter().map(|(outcome, count)| (outcome.name().to_owned(), *count)).collect(),
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            max_us: measured.service_us.max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauge_tells_the_peak_since_it_was_last_asked() {
        let gauge = Gauge::default();
        (0..3).for_each(|_| gauge.enter());
        (0..2).for_each(|_| gauge.leave());
        assert_eq!((gauge.take_peak(), gauge.take_peak()), (3, 1));
        gauge.leave();
        assert_eq!((gauge.take_peak(), gauge.take_peak()), (1, 0));
    }

    #[test]
    fn the_most_frequent_note_of_an_operation_is_told_over_all_lanes() {
        let failed = |note: &str| Exchange { note: Some(note.into()), ..Exchange::blank(Op::Load) };
        let mut lanes = [Measurements::default(), Measurements::default()];
        let (first, second) = lanes.split_at_mut(1);
        first[0].note(&failed("status 500"), Duration::ZERO);
        for _ in 0..2 {
            second[0].note(&failed("its answer holds no session where the target file says"), Duration::ZERO);
        }
        second[0].note(&Exchange { outcome: Outcome::Ok, ..Exchange::blank(Op::Read) }, Duration::ZERO);
        for number in 0..100 {
            first[0].note(&failed(&format!("strange {number}")), Duration::ZERO);
        }
        first[0].merge(&second[0]);
        let told = first[0].troubles();
        let expected = "load: 103 ended in error, 2 of them for this: its answer holds no session";
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
    }
}
