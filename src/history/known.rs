//! What both ends of a history know of a visitor: by it the next of its exchanges are written short, and read back.

use super::event::{Exchange, Outcome, Said};

/// What the exchanges so far told of a visitor: its last two session ids, and the numbers of the messages that it sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The current session's id, and behind it the one before.
    ids: Option<Box<str>>,
    /// How many bytes of them are the current one's.
    split: u32,
    has_previous: bool,
    /// Messages were sent with the numbers from 1 to this.
    in_order: u16,
    /// And behind these with whatever came out of order.
    rest: Option<Box<Rest>>,
}

/// Numbers out of order, in a place of their own: hardly any visitor has some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rest(Vec<u16>);

impl Known {
    /// What [`Self::current`], [`Self::previous`] and [`Self::sent`] gave, put together again. Without a current id
    /// there is none before it.
    pub fn new(current: Option<&str>, previous: Option<&str>, sent: impl IntoIterator<Item = u16>) -> Self {
        let mut known = Self::default();
        for id in [current.and(previous), current].into_iter().flatten() {
            known.meet(id);
        }
        sent.into_iter().for_each(|number| known.push(number));
        known
    }

    /// The id of its session.
    pub fn current(&self) -> Option<&str> {
        self.ids.as_deref()?.get(..self.split as usize)
    }

    /// The id of the session that it had before.
    pub fn previous(&self) -> Option<&str> {
        if self.has_previous { self.ids.as_deref()?.get(self.split as usize..) } else { None }
    }

    /// The numbers of the messages that it sent, in the order in which it sent them.
    pub fn sent(&self) -> impl Iterator<Item = u16> {
        let rest = self.rest.iter().flat_map(|rest| &rest.0).copied();
        (1..=self.in_order).chain(rest)
    }

    /// How many messages it sent.
    pub fn count(&self) -> usize {
        usize::from(self.in_order) + self.rest.as_ref().map_or(0, |rest| rest.0.len())
    }

    /// Where the numbers are 1, 2, 3 and so on, as nearly always, the last of them; 0 where there are none.
    pub fn in_order(&self) -> Option<u16> {
        self.rest.is_none().then_some(self.in_order)
    }

    /// Whether these are all the messages that it sent, in their order.
    pub(super) fn is_all(&self, said: &[Said]) -> bool {
        said.len() == self.count() && said.iter().zip(self.sent()).all(|(said, number)| *said == Said::Own(number))
    }

    /// Takes in an exchange that was written or read.
    pub(super) fn learn(&mut self, exchange: &Exchange) {
        if let Some(id) = &exchange.session {
            self.meet(id);
        }
        if let (Outcome::Ok, Some(number)) = (exchange.outcome, exchange.message) {
            self.push(number);
        }
    }

    fn meet(&mut self, id: &str) {
        let current = self.current();
        if current == Some(id) {
            return;
        }
        let (has_previous, ids) = (current.is_some(), [id, current.unwrap_or_default()].concat());
        (self.has_previous, self.ids) = (has_previous, Some(ids.into_boxed_str()));
        self.split = u32::try_from(id.len()).unwrap_or(u32::MAX);
    }

    fn push(&mut self, number: u16) {
        match &mut self.rest {
            None if self.in_order.checked_add(1) == Some(number) => self.in_order = number,
            rest => rest.get_or_insert_default().0.push(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_order_are_kept_as_they_came() {
        for numbers in [&[1, 2, 3][..], &[], &[2, 3], &[1, 1, 2], &[1, 2, 4, 3], &[0], &[65535]] {
            let known = Known::new(None, None, numbers.iter().copied());
            assert_eq!(known.sent().collect::<Vec<_>>(), numbers);
            assert_eq!(known.count(), numbers.len());
            assert_eq!(known.in_order().is_some(), numbers.iter().copied().eq(1..=known.in_order));
        }
    }

    #[test]
    fn the_last_two_ids_are_known_whatever_their_lengths() {
        let mut known = Known::default();
        assert_eq!((known.current(), known.previous()), (None, None));
        let mut before = None;
        for id in ["a", "long-one", "", "ü", "ü", "z"] {
            known.meet(id);
            assert_eq!(known.current(), Some(id));
            assert_eq!(known.previous(), if id == "ü" { Some("") } else { before });
            assert_eq!(known, Known::new(known.current(), known.previous(), []));
            before = Some(id);
        }
        assert!(size_of::<Known>() <= 32);
    }
}
