//! Whether a conversation was read as it was sent: every message, in order, once each.

use super::model::{Message, is_as_sent};
use crate::history::Said;

/// What a reading shows beside what is stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// How many messages are known to be stored.
    pub expected: usize,
    /// Those that were not read.
    pub missing: Vec<u16>,
    /// Those that were read more often than they were sent.
    pub doubled: Vec<u16>,
    /// Those whose text was changed.
    pub altered: Vec<u16>,
    /// Whether those that were read stand in another order than they were sent.
    pub disordered: bool,
}

impl Restored {
    /// Compares what was read with what is stored. A message that may be stored may be there or not.
    pub fn compare(stored: &[Message], said: &[Said]) -> Self {
        if is_as_sent(stored, said) {
            return Self { expected: stored.len(), ..Self::default() };
        }
        let numbers: Vec<u16> = said
            .iter()
            .filter_map(|text| match text {
                Said::Own(number) | Said::Altered { number, .. } => Some(*number),
                Said::Foreign { .. } | Said::Plain(_) => None,
            })
            .collect();
        let mut restored =
            Self { expected: stored.iter().filter(|message| message.certain).count(), ..Self::default() };
        let mut places = Vec::new();
        for message in stored {
            let times = numbers.iter().filter(|number| **number == message.number).count();
            if times == 0 && message.certain {
                restored.missing.push(message.number);
            } else if times > usize::from(message.times) {
                restored.doubled.push(message.number);
            }
            // A message that was applied late, or at once with others, can stand anywhere.
            if message.certain && message.placed {
                places.extend(numbers.iter().position(|number| *number == message.number));
            }
        }
        restored.disordered = !places.is_sorted();
        restored.altered = said
            .iter()
            .filter_map(|text| match text {
                Said::Altered { number, .. } => Some(*number),
                _ => None,
            })
            .collect();
        restored
    }

    /// Whether everything is there, in order, once each.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.doubled.is_empty() && self.altered.is_empty() && !self.disordered
    }

    /// What is wrong with it, in words.
    pub fn fault(&self) -> String {
        let list = |numbers: &[u16]| numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let mut faults = Vec::new();
        for (numbers, what) in [(&self.missing, "missing"), (&self.doubled, "there twice"), (&self.altered, "altered")]
        {
            if !numbers.is_empty() {
                faults.push(format!("message {} {what}", list(numbers)));
            }
        }
        if self.disordered {
            faults.push("messages out of order".into());
        }
        faults.join("; ")
    }
}
