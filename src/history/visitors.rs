//! Something for each visitor, found by the visitor's number.

use std::collections::BTreeMap;

/// So many places stand in a row from the beginning, if anything does.
const LEAST: usize = 1 << 16;

/// For each visitor that was seen there may be so many places in the row.
const PLACES_EACH: usize = 16;

/// Something for each visitor. Those whose numbers are small for the count of them stand in a row; a history can name
/// visitor 4,000,000,000, and that one stands aside.
#[derive(Debug)]
pub struct Visitors<T> {
    row: Vec<T>,
    aside: BTreeMap<u32, T>,
    seen: usize,
}

impl<T> Default for Visitors<T> {
    fn default() -> Self {
        Self { row: Vec::new(), aside: BTreeMap::new(), seen: 0 }
    }
}

impl<T: Default> Visitors<T> {
    /// A visitor's own, made where there is none yet.
    pub fn of(&mut self, visitor: u32) -> &mut T {
        let place = visitor as usize;
        if place >= self.row.len() {
            if place >= LEAST + self.seen.saturating_mul(PLACES_EACH) {
                self.seen += usize::from(!self.aside.contains_key(&visitor));
                return self.aside.entry(visitor).or_default();
            }
            self.seen += 1;
            self.lengthen(place + 1);
        }
        &mut self.row[place]
    }

    fn lengthen(&mut self, places: usize) {
        self.row.resize_with(places, T::default);
        while let Some(first) = self.aside.first_entry().filter(|first| (*first.key() as usize) < places) {
            let place = *first.key() as usize;
            self.row[place] = first.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_visitor_keeps_its_own_wherever_it_stands(
            numbers in proptest::collection::vec(prop_oneof![0..9_u32, 60_000..70_000_u32, any::<u32>()], 0..200)
        ) {
            let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
            let mut visitors = Visitors::<u32>::default();
            for number in numbers {
                *visitors.of(number) += 1;
                *counts.entry(number).or_insert(0) += 1;
            }
            prop_assert!(visitors.row.len() <= LEAST + 200 * PLACES_EACH);
            for (number, count) in counts {
                prop_assert_eq!(*visitors.of(number), count);
            }
        }
    }
}
