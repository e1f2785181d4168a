//! The walk over the calendar: from one crowd to the next, each visitor's next step found when its last is laid.

use super::Plan;
use super::draw::Draws;
use super::window::{Window, whole_seconds};
use crate::instant::{Instant, Length};
use crate::policy::Anchor;
use crate::scenario::{Count, Op, Step, Which, With};
use crate::timeline::Timeline;

/// A step that a visitor takes at a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The visitor's number.
    pub visitor: u32,
    /// The step of its journey, from 0.
    pub step: u16,
    /// Whether it probes a deadline and so must be taken at just this time.
    pub exact: bool,
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
    /// Who acts: probes of deadlines first, one visitor's steps in order.
    pub due: Vec<Due>,
}

/// Where a visitor is in its journey; seconds are counted from T0.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    step: u16,
    round: u16,
    rounds: u16,
    exact: bool,
    start: u32,
    previous: u32,
    access: u32,
    load: u32,
}

/// Walks a plan's stops in order.
#[derive(Debug)]
pub struct Stops<'a> {
    plan: &'a Plan,
    draws: Draws,
    places: Vec<Place>,
    timeline: Timeline,
    index: u32,
    /// How many steps lay beyond the horizon.
    pub beyond: u64,
}

/// Places of draws: which question of which step and round is answered.
#[derive(Clone, Copy)]
enum Ask {
    Rounds,
    Chance,
    When,
}

/// The place of the draw of a visitor's wave, which no step's question has.
const ARRIVAL: u64 = 0;

impl<'a> Stops<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut stops = Self {
            plan,
            draws: Draws::new(plan.seed),
            places: vec![Place::default(); plan.visitors as usize],
            timeline: Timeline::with_capacity(plan.visitors as usize),
            index: 0,
            beyond: 0,
        };
        for visitor in 0..plan.visitors {
            stops.arrive(visitor);
        }
        stops
    }

    fn arrive(&mut self, visitor: u32) {
        if self.plan.shape.lean && self.plan.journey(visitor).costly {
            return;
        }
        let second = self.arrival(visitor);
        let rounds = self.rounds(visitor, &Place::default(), &self.plan.journey(visitor).steps[0]);
        let place = &mut self.places[visitor as usize];
        place.rounds = rounds.max(1);
        place.exact = true;
        self.enqueue(visitor, Window::exactly(second));
    }

    /// When a visitor arrives: with its wave, or on one of the days around which its journey begins.
    fn arrival(&mut self, visitor: u32) -> u32 {
        let days = self.plan.journey(visitor).on.and_then(|occasion| self.plan.occasions.get(&occasion));
        if let Some(days) = days.filter(|days| !days.is_empty()) {
            let drawn = self.draws.below(visitor, ARRIVAL, days.len() as u64);
            return days[usize::try_from(drawn).unwrap_or(0)];
        }
        let waves = u64::from(self.plan.shape.waves);
        let wave = self.draws.below(visitor, ARRIVAL, waves);
        let second = u64::from(whole_seconds(self.plan.arrivals)) * wave / waves;
        u32::try_from(second).unwrap_or(u32::MAX)
    }

    fn enqueue(&mut self, visitor: u32, window: Window) {
        let last = whole_seconds(self.plan.profile.horizon);
        if window.latest > last {
            self.beyond += 1;
        } else {
            self.timeline.insert(visitor, window.earliest, window.latest);
        }
    }

    /// Notes that the visitor takes its step at `second`, and lays the next.
    fn take(&mut self, visitor: u32, second: u32) -> Due {
        let journey = self.plan.journey(visitor);
        let place = &mut self.places[visitor as usize];
        let step = &journey.steps[usize::from(place.step)];
        let due = Due { visitor, step: place.step, exact: place.exact };
        if place.step == 0 {
            place.start = second;
        }
        place.previous = second;
        let own = step.with == With::Own && step.of != Which::OtherWebsite;
        if own && step.ops.contains(&Op::Load) {
            place.load = second;
        }
        if own && step.ops.iter().any(|op| matches!(op, Op::Load | Op::Browse | Op::Send)) {
            place.access = second;
        }
        place.round += 1;
        self.lay_next(visitor);
        due
    }

    /// Finds the visitor's next step that it takes at all, and queues it.
    fn lay_next(&mut self, visitor: u32) {
        let journey = self.plan.journey(visitor);
        loop {
            let mut place = self.places[visitor as usize];
            if place.round >= place.rounds {
                place.step += 1;
                place.round = 0;
                let Some(step) = journey.steps.get(usize::from(place.step)) else { return };
                place.rounds = self.rounds(visitor, &place, step);
                self.places[visitor as usize] = place;
                continue;
            }
            let step = &journey.steps[usize::from(place.step)];
            let taken = step.chance >= 1.0 || self.draws.share(visitor, salt(&place, Ask::Chance)) < step.chance;
            if !taken {
                self.places[visitor as usize].round += 1;
                continue;
            }
            let (window, exact) = self.window(visitor, &place, step);
            self.places[visitor as usize].exact = exact;
            return self.enqueue(visitor, window);
        }
    }

    fn rounds(&mut self, visitor: u32, place: &Place, step: &Step) -> u16 {
        match step.repeat {
            Count::Exactly(count) => count,
            Count::Between([from, to]) => {
                let span = u64::from(to - from) + 1;
                from + u16::try_from(self.draws.below(visitor, salt(place, Ask::Rounds), span)).unwrap_or(0)
            }
            Count::Geometric { more, most } => {
                let share = self.draws.share(visitor, salt(place, Ask::Rounds));
                // How often in a row "one more" comes up, from one even draw.
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=most")]
                let count = ((1.0 - share).ln() / more.ln()).clamp(0.0, f64::from(most)) as u16;
                count
            }
        }
    }

    fn window(&mut self, visitor: u32, place: &Place, step: &Step) -> (Window, bool) {
        let terms = &self.plan.terms;
        let Some(when) = &step.at else {
            return (Window::exactly(place.previous), true);
        };
        let anchor = match when.anchor {
            Anchor::Previous => place.previous,
            Anchor::Access => place.access,
            Anchor::Load => place.load,
            Anchor::Start => place.start,
        };
        let after = |length: Length| anchor.saturating_add(whole_seconds(length)).max(place.previous);
        match (when.eval(terms), step.points) {
            ((at, None), _) => (Window::exactly(after(at)), true),
            ((from, Some(to)), Some(points)) => {
                let point = self.draws.below(visitor, salt(place, Ask::When), u64::from(points));
                let share = point as f64 / f64::from(points - 1);
                (Window::exactly(after(from + (to - from).times(share))), true)
            }
            ((from, Some(to)), None) => {
                let pause = match step.spread {
                    Some(spread) => self.draws.spread(visitor, salt(place, Ask::When), spread, (from, to)),
                    None => from + (to - from).times(self.draws.share(visitor, salt(place, Ask::When))),
                };
                let shape = self.plan.shape;
                let hurried = if shape.hurry && pause < terms.idle { Length::ZERO } else { pause };
                let slack = whole_seconds(pause.times(shape.slack));
                (Window::stretched(after(hurried), slack, place.access, place.load, terms), false)
            }
        }
    }
}

fn salt(place: &Place, ask: Ask) -> u64 {
    (u64::from(place.step) << 20 | u64::from(place.round) << 4) + 8 + ask as u64
}

impl Iterator for Stops<'_> {
    type Item = Stop;

    fn next(&mut self) -> Option<Stop> {
        let second = self.timeline.next_second()?;
        let mut due = Vec::new();
        while let Some(visitor) = self.timeline.pop_open(second) {
            due.push(self.take(visitor, second));
        }
        // One visitor's steps stay in order: the sort is stable and keyed by the visitor's first step here.
        let mut probes: Vec<u32> = due.iter().filter(|step| step.exact).map(|step| step.visitor).collect();
        probes.sort_unstable();
        due.sort_by_key(|step| probes.binary_search(&step.visitor).is_err());
        let index = self.index;
        self.index += 1;
        let at = self.plan.t0 + Length::seconds(i64::from(second));
        let restart = self.plan.can_restart && due.iter().any(|due| self.plan.step(due).ops.contains(&Op::Restart));
        Some(Stop { index, at, restart, due })
    }
}
