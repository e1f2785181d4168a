//! The stops of a plan: all of them in order for everybody, or one after the other for a lane's share.

use super::Plan;
use super::walk::Walk;
use crate::instant::{Instant, Length};
use crate::scenario::Op;

/// A step that a visitor takes at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The visitor's number.
    pub visitor: u32,
    /// The step of its journey, from 0.
    pub step: u16,
    /// Whether it probes a deadline and so must be taken at just this time.
    pub exact: bool,
    /// Whether the visitor's journey ends with it.
    pub last: bool,
}

/// A moment of virtual time, and how many steps are due in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// When it is, in seconds after T0.
    pub second: u32,
    /// How many steps are due.
    pub due: u32,
    /// Whether the target is restarted before anybody acts.
    pub restart: bool,
}

/// A moment of virtual time and the crowd that acts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its number, from 0.
    pub index: u32,
    /// When it is.
    pub at: Instant,
    /// Whether the target is restarted before anybody acts.
    pub restart: bool,
    /// Who acts: probes of deadlines first, one visitor's steps together and in order.
    pub due: Vec<Due>,
}

/// Walks a plan's stops in order.
#[derive(Debug)]
pub struct Stops<'a> {
    plan: &'a Plan,
    walk: Walk,
    crowd: Vec<u32>,
    index: u32,
}

impl<'a> Stops<'a> {
    /// The stops that the first `visitors` of a plan need.
    pub(super) fn new(plan: &'a Plan, visitors: u32) -> Self {
        Self { plan, walk: Walk::new(plan, (0, 1), visitors, true), crowd: Vec::new(), index: 0 }
    }

    /// How many steps lay beyond the horizon, of those walked so far.
    pub fn beyond(&self) -> u64 {
        self.walk.beyond
    }

    /// The next stop's time and size; `due` is filled with what is due.
    pub(super) fn next_into(&mut self, due: &mut Vec<Due>) -> Option<Head> {
        due.clear();
        let second = self.walk.pop_next(&mut self.crowd)?;
        self.walk.line_up(&mut self.crowd);
        self.crowd.drain(..).for_each(|index| self.walk.act(self.plan, second, index, due));
        let restart = self.plan.can_restart && due.iter().any(|due| self.plan.step(due).ops.contains(&Op::Restart));
        Some(Head { second, due: u32::try_from(due.len()).unwrap_or(u32::MAX), restart })
    }
}

impl Iterator for Stops<'_> {
    type Item = Stop;

    fn next(&mut self) -> Option<Stop> {
        let mut due = Vec::new();
        let head = self.next_into(&mut due)?;
        let index = self.index;
        self.index += 1;
        Some(Stop { index, at: self.plan.at(&head), restart: head.restart, due })
    }
}

/// A lane's share of a plan: its own visitors, walked along the stops that the whole plan has.
#[derive(Debug)]
pub struct Share {
    walk: Walk,
    second: u32,
    /// Who has not acted yet at this stop, the first one last.
    crowd: Vec<u32>,
}

impl Share {
    /// The share of lane `place.0` of `place.1`.
    pub(super) fn new(plan: &Plan, place: (u32, u32)) -> Self {
        Self { walk: Walk::new(plan, place, plan.visitors, false), second: 0, crowd: Vec::new() }
    }

    /// Goes on to a stop. Stops are asked for in order, and none is left out.
    pub fn open(&mut self, head: &Head) {
        self.second = head.second;
        self.crowd.clear();
        self.walk.pop(head.second, &mut self.crowd);
        self.walk.line_up(&mut self.crowd);
        self.crowd.reverse();
    }

    /// What the next visitor does at this stop, in place of what `due` held; false where there is none.
    pub fn next_into(&mut self, plan: &Plan, due: &mut Vec<Due>) -> bool {
        due.clear();
        let Some(index) = self.crowd.pop() else { return false };
        self.walk.act(plan, self.second, index, due);
        true
    }
}

impl Plan {
    /// When a stop is.
    pub fn at(&self, head: &Head) -> Instant {
        self.t0 + Length::seconds(i64::from(head.second))
    }
}
