//! The timeline: the queue of (window, visitor) that a run jumps along, from event to event.
//!
//! It never ticks, and it holds no task and no timer for anyone: a visitor that waits is two entries of 12 bytes.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A queue of visitors by the window in which each is due; a visitor is in it at most once.
///
/// The next stop is the earliest end of a window, and everyone whose window is open by then joins it: the fewest
/// stops that serve all windows known so far.
#[derive(Debug, Default)]
pub struct Timeline {
    by_latest: BinaryHeap<Reverse<(u32, u32)>>,
    by_earliest: BinaryHeap<Reverse<(u32, u32)>>,
    /// The end of the window in which each visitor is due; `None` where it is not queued.
    latest: Vec<Option<u32>>,
}

impl Timeline {
    /// An empty queue for visitors numbered below `visitors`.
    pub fn with_capacity(visitors: usize) -> Self {
        Self { latest: vec![None; visitors], ..Self::default() }
    }

    /// Queues a visitor for some second from `earliest` to `latest`.
    pub fn insert(&mut self, visitor: u32, earliest: u32, latest: u32) {
        debug_assert!(self.latest[visitor as usize].is_none(), "a visitor waits for one thing at a time");
        self.latest[visitor as usize] = Some(latest);
        self.by_latest.push(Reverse((latest, visitor)));
        self.by_earliest.push(Reverse((earliest, visitor)));
    }

    /// The second of the next stop: no window ends before it.
    pub fn next_second(&mut self) -> Option<u32> {
        while let Some(&Reverse((latest, visitor))) = self.by_latest.peek() {
            if self.latest[visitor as usize] == Some(latest) {
                return Some(latest);
            }
            self.by_latest.pop();
        }
        None
    }

    /// Takes out a visitor whose window is open at `second`: the one whose window opened first, then the lowest number.
    pub fn pop_open(&mut self, second: u32) -> Option<u32> {
        let &Reverse((earliest, visitor)) = self.by_earliest.peek()?;
        if earliest > second {
            return None;
        }
        self.by_earliest.pop();
        self.latest[visitor as usize] = None;
        Some(visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(windows: &[(u32, u32)]) -> Vec<(u32, Vec<u32>)> {
        let mut timeline = Timeline::with_capacity(windows.len());
        for (visitor, &(earliest, latest)) in (0..).zip(windows) {
            timeline.insert(visitor, earliest, latest);
        }
        let mut stops = Vec::new();
        while let Some(second) = timeline.next_second() {
            stops.push((second, std::iter::from_fn(|| timeline.pop_open(second)).collect()));
        }
        stops
    }

    #[test]
    fn open_windows_share_the_stop_of_the_one_that_ends_first() {
        assert_eq!(walk(&[(0, 10), (5, 7), (8, 20), (7, 7)]), [(7, vec![0, 1, 3]), (20, vec![2])]);
    }

    #[test]
    fn a_visitor_can_be_queued_again_for_the_same_second() {
        let mut timeline = Timeline::with_capacity(1);
        timeline.insert(0, 3, 3);
        assert_eq!((timeline.next_second(), timeline.pop_open(3)), (Some(3), Some(0)));
        timeline.insert(0, 3, 3);
        assert_eq!((timeline.next_second(), timeline.pop_open(3)), (Some(3), Some(0)));
        assert_eq!((timeline.next_second(), timeline.pop_open(3)), (None, None));
    }
}
