//! The timeline: the queue of (second, visitor) that a run jumps along, from event to event.
//!
//! It never ticks, and it holds no task and no timer for anyone: a visitor that waits is eight bytes, a second and the
//! number of the next visitor in the same place. It is a monotone queue: what is put in lies never before what was taken
//! out. With one bit to a level it is a radix heap, with several a hierarchical wheel; a visitor moves down at most one
//! level after the other, whatever the others do.

/// Nobody: the end of a list.
const NOBODY: u32 = u32::MAX;

/// The queue that runs use: a wheel of 64 places to a level.
pub type Timeline = Queue<6>;

/// A radix heap, to measure the wheel against.
pub type RadixHeap = Queue<1>;

/// A monotone queue of visitors by the second in which each is due; a visitor is in it at most once.
#[derive(Debug)]
pub struct Queue<const BITS: u32> {
    /// The first visitor of each place, level after level.
    heads: Vec<u32>,
    /// Which places of each level are taken, one bit each.
    taken: Vec<u64>,
    /// The next visitor in the same place, for each visitor.
    next: Vec<u32>,
    /// When each visitor is due.
    due: Vec<u32>,
    /// No visitor in the queue is due before this second.
    now: u32,
}

impl<const BITS: u32> Queue<BITS> {
    const PLACES: u32 = 1 << BITS;
    const LEVELS: u32 = u32::BITS.div_ceil(BITS);

    /// An empty queue for visitors numbered below `visitors`.
    pub fn with_capacity(visitors: usize) -> Self {
        Self {
            heads: vec![NOBODY; (Self::LEVELS * Self::PLACES) as usize],
            taken: vec![0; Self::LEVELS as usize],
            next: vec![NOBODY; visitors],
            due: vec![0; visitors],
            now: 0,
        }
    }

    /// Queues a visitor for a second that is not before the last one taken out.
    pub fn insert(&mut self, visitor: u32, second: u32) {
        debug_assert!(second >= self.now, "time moves forward");
        self.due[visitor as usize] = second;
        let level = match (second ^ self.now).checked_ilog2() {
            None => 0,
            Some(bit) => bit / BITS,
        };
        let place = (second >> (level * BITS)) & (Self::PLACES - 1);
        let head = &mut self.heads[(level * Self::PLACES + place) as usize];
        self.next[visitor as usize] = *head;
        *head = visitor;
        self.taken[level as usize] |= 1 << place;
    }

    /// Takes out a visitor that is due first, and when, if that is at `second` or before. Who is due at the same second
    /// comes in no particular order.
    pub fn pop(&mut self, second: u32) -> Option<(u32, u32)> {
        loop {
            let level = (0..Self::LEVELS).find(|&level| self.taken[level as usize] != 0)?;
            let place = self.taken[level as usize].trailing_zeros();
            let first = self.first_second(level, place);
            if first > second {
                return None;
            }
            // Not before now: the place in which now lies began earlier.
            self.now = first.max(self.now);
            let head = (level * Self::PLACES + place) as usize;
            let visitor = self.heads[head];
            if level == 0 {
                self.heads[head] = self.next[visitor as usize];
                if self.heads[head] == NOBODY {
                    self.taken[0] &= !(1 << place);
                }
                return Some((self.due[visitor as usize], visitor));
            }
            self.taken[level as usize] &= !(1 << place);
            self.heads[head] = NOBODY;
            self.spread(visitor);
        }
    }

    /// The first second of a place.
    fn first_second(&self, level: u32, place: u32) -> u32 {
        let below = level * BITS;
        let above = (below + BITS).min(u32::BITS);
        let kept = if above == u32::BITS { 0 } else { self.now >> above << above };
        kept | place << below
    }

    /// Puts all visitors of a list that begins with `visitor` into the levels below.
    fn spread(&mut self, mut visitor: u32) {
        while visitor != NOBODY {
            let next = self.next[visitor as usize];
            self.insert(visitor, self.due[visitor as usize]);
            visitor = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Does the same with the queue and with an ordered set: `steps` are delays of new visitors and lengths of jumps.
    fn agrees<const BITS: u32>(steps: &[(u32, u32)]) {
        let mut queue = Queue::<BITS>::with_capacity(steps.len());
        let mut set = BTreeSet::new();
        let mut now = 0_u32;
        for (visitor, &(delay, jump)) in (0_u32..).zip(steps) {
            queue.insert(visitor, now.saturating_add(delay));
            set.insert((now.saturating_add(delay), visitor));
            now = now.saturating_add(jump);
            let due: BTreeSet<_> = std::iter::from_fn(|| queue.pop(now)).collect();
            let rest = set.split_off(&(now.saturating_add(1), 0));
            assert_eq!(due, set, "at {now}");
            set = if now == u32::MAX { BTreeSet::new() } else { rest };
        }
        let all: BTreeSet<_> = std::iter::from_fn(|| queue.pop(u32::MAX)).collect();
        assert_eq!(all, set);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn the_wheel_and_the_radix_heap_keep_the_order_of_time(
            steps in proptest::collection::vec((0..5_u32, 0..6_u32, 0..32_u32, 0..32_u32), 1..200)
        ) {
            let scaled: Vec<_> = steps.iter().map(|&(delay, jump, far, wide)| (delay << far, jump << wide >> 8)).collect();
            agrees::<6>(&scaled);
            agrees::<1>(&scaled);
        }
    }

    #[test]
    fn visitors_come_out_in_the_order_of_time_and_not_before() {
        let mut timeline = Timeline::with_capacity(4);
        for (visitor, second) in [(0, 7), (1, 70_000), (2, 7), (3, u32::MAX)] {
            timeline.insert(visitor, second);
        }
        assert_eq!(timeline.pop(6), None);
        let mut first = [timeline.pop(7), timeline.pop(7)];
        first.sort_unstable();
        assert_eq!(first, [Some((7, 0)), Some((7, 2))]);
        assert_eq!(timeline.pop(69_999), None);
        timeline.insert(0, 69_999);
        assert_eq!((timeline.pop(70_000), timeline.pop(70_000)), (Some((69_999, 0)), Some((70_000, 1))));
        assert_eq!((timeline.pop(u32::MAX), timeline.pop(u32::MAX)), (Some((u32::MAX, 3)), None));
    }

    #[test]
    fn a_visitor_can_be_queued_again_for_the_same_second() {
        let mut timeline = Timeline::with_capacity(1);
        timeline.insert(0, 3);
        assert_eq!(timeline.pop(3), Some((3, 0)));
        timeline.insert(0, 3);
        assert_eq!((timeline.pop(3), timeline.pop(3)), (Some((3, 0)), None));
    }
}
