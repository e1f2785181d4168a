//! The messages of a session as few bytes: mostly they are the visitor's, in a row, and all there.

use super::packed::{Packer, Unpacker};
use crate::oracle::model::{Author, Message};

/// A message of the visitor's that is there as it was sent.
const fn usual(number: u16) -> Message {
    Message { certain: true, placed: true, ..Message::unsure(number) }
}

/// Messages: none, the visitor's first alone, a row of the visitor's, or any.
pub(super) fn pack(to: &mut Packer, messages: &[Message]) {
    let first = messages.first().map_or(0, |message| message.number);
    let in_row = |(place, message): (usize, &Message)| {
        usize::from(message.number) == usize::from(first) + place && *message == usual(message.number)
    };
    let is_row = messages.iter().enumerate().all(in_row);
    match (messages.len(), is_row) {
        (0, _) => to.choice(0, 2),
        (1, true) if first == 1 => to.choice(1, 2),
        (length, true) => {
            to.choice(2, 2);
            to.number(length as u64);
            to.number(first.into());
        }
        (length, false) => {
            to.choice(3, 2);
            to.number(length as u64);
            let mut next = first;
            to.number(first.into());
            messages.iter().for_each(|message| pack_message(to, message, &mut next));
        }
    }
}

/// One message, by how its number differs from the next in a row.
fn pack_message(to: &mut Packer, message: &Message, next: &mut u16) {
    let marks = [message.certain, message.placed, message.again, message.times != 1];
    let marks = marks.iter().rev().fold(0, |word, mark| word << 1 | u64::from(*mark));
    let off = message.number.wrapping_sub(*next);
    to.number(u64::from(off) << 6 | (message.by as u64) << 4 | marks);
    if message.times != 1 {
        to.number(message.times.into());
    }
    *next = message.number.wrapping_add(1);
}

pub(super) fn unpack(from: &mut Unpacker, messages: &mut Vec<Message>) -> Option<()> {
    messages.clear();
    match from.choice(2) {
        0 => {}
        1 => messages.push(usual(1)),
        2 => {
            let (length, first): (u16, u16) = (from.small()?, from.small()?);
            messages.extend((first..=u16::MAX).take(length.into()).map(usual));
        }
        _ => {
            let (length, mut next) = (from.number()?, from.small()?);
            for _ in 0..length {
                messages.push(unpack_message(from, &mut next)?);
            }
        }
    }
    Some(())
}

fn unpack_message(from: &mut Unpacker, next: &mut u16) -> Option<Message> {
    let word: u32 = from.small()?;
    let mark = |place: u32| word >> place & 1 == 1;
    let by = match word >> 4 & 3 {
        0 => Author::Visitor,
        1 => Author::Agent,
        _ => Author::Greeting,
    };
    let number = next.wrapping_add(u16::try_from(word >> 6).ok()?);
    let times = if mark(3) { from.small()? } else { 1 };
    *next = number.wrapping_add(1);
    Some(Message { number, by, certain: mark(0), placed: mark(1), again: mark(2), times })
}
