//! Notes on which visitor was given which session id, so that ids given to two visitors are found at the end.
//!
//! There are as many as sessions, so they are not kept here: whoever owns the tally takes them from it as they come,
//! puts them where it has room, and gives them back part by part, all that have one id in the same part.

use super::tally::Failure;
use crate::instant::Instant;

/// Into so many parts notes are sorted by their id.
pub const NOTE_PARTS: usize = 64;

/// That a visitor was shown a session id which it did not have before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdNote {
    /// The id's fingerprint.
    pub id: u64,
    /// The stop at which it was shown.
    pub stop: u32,
    /// The visitor.
    pub visitor: u32,
    /// The step of its journey.
    pub step: u16,
    /// When, in the target's time.
    pub at: Instant,
}

impl IdNote {
    /// How many bytes its stored form has.
    pub const BYTES: usize = 26;

    /// The part that it belongs to, below [`NOTE_PARTS`].
    pub const fn part(&self) -> usize {
        (self.id >> (u64::BITS - NOTE_PARTS.ilog2())) as usize
    }

    /// Its stored form.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..8].copy_from_slice(&self.id.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.at.0.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.stop.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.visitor.to_le_bytes());
        bytes[24..].copy_from_slice(&self.step.to_le_bytes());
        bytes
    }

    /// The note that has this stored form.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let number = |from: usize, length: usize| {
            let of = &bytes[from..from + length];
            of.iter().rev().fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
        };
        #[expect(clippy::cast_possible_truncation, reason = "as many bytes were read as it has")]
        Self {
            id: number(0, 8),
            at: Instant(number(8, 8).cast_signed()),
            stop: number(16, 4) as u32,
            visitor: number(20, 4) as u32,
            step: number(24, 2) as u16,
        }
    }
}

/// One failure for each visitor who was given a session id that another had been given before. One visitor's notes
/// stand in the order in which they were made.
pub(super) fn shared(notes: &mut Vec<IdNote>) -> impl Iterator<Item = Failure> {
    notes.sort_by_key(|note| (note.id, note.visitor));
    notes.dedup_by_key(|note| (note.id, note.visitor));
    notes.chunk_by_mut(|one, next| one.id == next.id).filter(|holders| holders.len() > 1).flat_map(|holders| {
        holders.sort_unstable();
        let owner = holders[0].visitor;
        holders[1..].iter().map(move |late| Failure {
            stop: late.stop,
            visitor: late.visitor,
            step: late.step,
            op: "load".into(),
            at: late.at,
            expected: "a session of the visitor's own".into(),
            seen: format!("the session id that visitor {owner} was given"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: u64, visitor: u32, stop: u32) -> IdNote {
        IdNote { id, visitor, stop, step: 3, at: Instant(i64::from(stop) * 1000) }
    }

    #[test]
    fn a_note_is_read_as_it_was_stored() {
        let note = IdNote { id: u64::MAX - 5, visitor: 70_000, stop: u32::MAX, step: 259, at: Instant(-2) };
        assert_eq!(IdNote::from_bytes(&note.to_bytes()), note);
        assert_eq!((note.part(), self::note(1, 0, 0).part()), (NOTE_PARTS - 1, 0));
    }

    #[test]
    fn whoever_came_first_is_the_owner_and_each_other_visitor_is_one_failure() {
        let mut notes = vec![note(5, 9, 4), note(6, 1, 1), note(5, 2, 3), note(5, 9, 1), note(5, 2, 8), note(5, 7, 2)];
        let found: Vec<_> = shared(&mut notes).map(|failure| (failure.visitor, failure.stop, failure.seen)).collect();
        let seen = || "the session id that visitor 7 was given".to_owned();
        assert_eq!(found, [(2, 3, seen()), (9, 4, seen())]);
        assert_eq!(shared(&mut vec![note(5, 1, 1), note(5, 1, 2), note(6, 2, 1)]).count(), 0);
    }
}
