//! Small values as few bytes: flags in one word before what they speak of, numbers in LEB128, intervals by what was
//! written before them.

use super::Frame;
use crate::instant::{Instant, Interval};
use crate::packed::{MORE, put_number, put_signed, take_number, take_signed, unzigzag, zigzag};

/// So many different intervals of one model can be named by their place.
const MOST_NAMED: usize = 8;

/// The intervals that were written so far, by which the next are told.
#[derive(Debug)]
struct Row {
    /// When the last one that was written out began.
    last: Instant,
    /// How wide it was, in milliseconds.
    width: i64,
    named: [Interval; MOST_NAMED],
    count: usize,
    /// The last instant that stood alone.
    alone: Instant,
}

impl Row {
    fn new(t0: Instant) -> Self {
        Self { last: t0, width: 0, named: [Interval::default(); MOST_NAMED], count: 0, alone: t0 }
    }

    fn place(&self, interval: Interval) -> Option<usize> {
        self.named[..self.count].iter().position(|known| *known == interval)
    }

    fn add(&mut self, interval: Interval) {
        (self.last, self.width) = (interval.lo, interval.hi.0.wrapping_sub(interval.lo.0));
        if let Some(place) = self.named.get_mut(self.count) {
            *place = interval;
            self.count += 1;
        }
    }
}

/// How an interval or an instant is written, in the lowest bits of its first number.
mod form {
    /// Whole seconds from the one before, and as wide.
    pub(super) const SECONDS: u64 = 0;
    /// One that was written before.
    pub(super) const NAMED: u64 = 1;
    /// Milliseconds from the one before, and the width.
    pub(super) const EXACT: u64 = 2;
    /// How many bits that takes.
    pub(super) const BITS: u32 = 2;
}

/// A difference in whole seconds, where it is one and leaves room for the form.
fn whole_seconds(millis: i64) -> Option<u64> {
    let seconds = millis / 1000;
    (millis % 1000 == 0 && seconds.unsigned_abs() < 1 << 50).then(|| zigzag(seconds) << form::BITS)
}

/// Writes values.
#[derive(Debug)]
pub(super) struct Packer<'a> {
    pub(super) frame: Frame,
    out: &'a mut Vec<u8>,
    word: u64,
    bits: u32,
    row: Row,
}

impl<'a> Packer<'a> {
    pub(super) fn new(frame: Frame, out: &'a mut Vec<u8>) -> Self {
        Self { frame, out, word: 0, bits: 0, row: Row::new(frame.t0) }
    }

    /// Writes what belongs together, and before it its flags.
    pub(super) fn section(&mut self, write: impl FnOnce(&mut Self)) {
        (self.word, self.bits) = (0, 0);
        let start = self.out.len();
        write(self);
        let (mut word, end) = (self.word, self.out.len());
        let length = (u64::BITS - word.leading_zeros()).div_ceil(7).max(1) as usize;
        self.out.resize(end + length, 0);
        self.out.copy_within(start..end, start + length);
        for byte in &mut self.out[start..start + length] {
            *byte = word.to_le_bytes()[0] | MORE;
            word >>= 7;
        }
        self.out[start + length - 1] &= !MORE;
    }

    /// One flag. A section has 64 at the most; those that are seldom set come last.
    pub(super) fn flag(&mut self, is_set: bool) {
        self.choice(u64::from(is_set), 1);
    }

    /// A number of so many bits among the flags.
    pub(super) fn choice(&mut self, number: u64, bits: u32) {
        debug_assert!(number >> bits == 0 && self.bits + bits <= u64::BITS, "it fits");
        self.word |= number << self.bits;
        self.bits += bits;
    }

    pub(super) fn number(&mut self, number: u64) {
        put_number(self.out, number);
    }

    pub(super) fn signed(&mut self, number: i64) {
        put_signed(self.out, number);
    }

    /// A number of 64 bits that no smaller form is to be had of.
    pub(super) fn whole(&mut self, number: u64) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    /// An interval, by those that were written before it.
    pub(super) fn interval(&mut self, interval: Interval) {
        if let Some(place) = self.row.place(interval) {
            return self.number((place as u64) << form::BITS | form::NAMED);
        }
        let after = interval.lo.0.wrapping_sub(self.row.last.0);
        let width = interval.hi.0.wrapping_sub(interval.lo.0);
        match whole_seconds(after).filter(|_| width == self.row.width) {
            Some(seconds) => self.number(seconds | form::SECONDS),
            None => {
                self.number(form::EXACT);
                self.signed(after);
                self.signed(width);
            }
        }
        self.row.add(interval);
    }

    /// An interval that lies a term after another one: of no use to tell others by.
    pub(super) fn term(&mut self, from: Interval, interval: Interval) {
        let after = interval.lo.0.wrapping_sub(from.lo.0);
        let till = interval.hi.0.wrapping_sub(from.hi.0);
        match whole_seconds(after).filter(|_| till == after) {
            Some(seconds) => self.number(seconds | form::SECONDS),
            None => {
                self.number(form::EXACT);
                self.signed(after);
                self.signed(till);
            }
        }
    }

    /// An instant that stands alone: mostly none, or never, or the same as the one before it.
    pub(super) fn maybe_instant(&mut self, instant: Option<Instant>) {
        let kind = match instant {
            None => 0,
            Some(Instant::NEVER) => 1,
            Some(instant) if instant == self.row.alone => 2,
            Some(_) => 3,
        };
        self.choice(kind, 2);
        if let Some(instant) = instant.filter(|_| kind == 3) {
            self.term(Interval { lo: self.row.last, hi: self.row.last }, Interval { lo: instant, hi: instant });
            self.row.alone = instant;
        }
    }
}

/// Reads what a [`Packer`] wrote. Whatever cannot be read is `None`.
#[derive(Debug)]
pub(super) struct Unpacker<'a> {
    pub(super) frame: Frame,
    bytes: &'a [u8],
    word: u64,
    row: Row,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(frame: Frame, bytes: &'a [u8]) -> Self {
        Self { frame, bytes, word: 0, row: Row::new(frame.t0) }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Begins a section: reads its flags.
    pub(super) fn section(&mut self) -> Option<()> {
        self.word = self.number()?;
        Some(())
    }

    pub(super) fn flag(&mut self) -> bool {
        self.choice(1) == 1
    }

    pub(super) fn choice(&mut self, bits: u32) -> u64 {
        let number = self.word & ((1 << bits) - 1);
        self.word >>= bits;
        number
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        take_number(&mut self.bytes)
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        take_signed(&mut self.bytes)
    }

    pub(super) fn whole(&mut self) -> Option<u64> {
        let (bytes, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    /// A number that is no greater than its type can hold.
    pub(super) fn small<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.number()?).ok()
    }

    pub(super) fn interval(&mut self) -> Option<Interval> {
        let number = self.number()?;
        let (after, width) = match number & ((1 << form::BITS) - 1) {
            form::NAMED => {
                let named = &self.row.named[..self.row.count];
                return usize::try_from(number >> form::BITS).ok().and_then(|place| named.get(place)).copied();
            }
            form::SECONDS => (unzigzag(number >> form::BITS).wrapping_mul(1000), self.row.width),
            _ => (self.signed()?, self.signed()?),
        };
        let lo = self.row.last.0.wrapping_add(after);
        let interval = Interval { lo: Instant(lo), hi: Instant(lo.wrapping_add(width)) };
        self.row.add(interval);
        Some(interval)
    }

    pub(super) fn term(&mut self, from: Interval) -> Option<Interval> {
        let number = self.number()?;
        let (after, till) = match number & ((1 << form::BITS) - 1) {
            form::SECONDS => {
                let after = unzigzag(number >> form::BITS).wrapping_mul(1000);
                (after, after)
            }
            _ => (self.signed()?, self.signed()?),
        };
        let moved = |instant: Instant, by: i64| Instant(instant.0.wrapping_add(by));
        Some(Interval { lo: moved(from.lo, after), hi: moved(from.hi, till) })
    }

    pub(super) fn maybe_instant(&mut self) -> Option<Option<Instant>> {
        match self.choice(2) {
            0 => Some(None),
            1 => Some(Some(Instant::NEVER)),
            2 => Some(Some(self.row.alone)),
            _ => {
                let last = self.row.last;
                self.row.alone = self.term(Interval { lo: last, hi: last })?.lo;
                Some(Some(self.row.alone))
            }
        }
    }
}
