//! One walker for all visitors of a share: where each is in its journey, and when it is due next.

use super::draw::Draws;
use super::window::{Window, whole_seconds};
use super::{Due, Plan};
use crate::instant::Length;
use crate::policy::Anchor;
use crate::scenario::{Count, Op, Step, Which, With};
use crate::timeline::Timeline;

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

/// The visitors of one share: those whose number is `share.0` modulo `share.1`.
#[derive(Debug)]
pub(super) struct Walk {
    share: (u32, u32),
    draws: Draws,
    places: Vec<Place>,
    timeline: Timeline,
    /// When the window ends in which each is due; empty where nobody asks.
    latest: Vec<u32>,
    /// How many steps lay beyond the horizon.
    pub(super) beyond: u64,
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

impl Walk {
    /// The visitors of a share among the first `visitors` of a plan, before anybody has arrived.
    pub(super) fn new(plan: &Plan, share: (u32, u32), visitors: u32, keeps_ends: bool) -> Self {
        let count = (u64::from(visitors) + u64::from(share.1 - 1 - share.0)) / u64::from(share.1);
        let count = usize::try_from(count).unwrap_or(0);
        let mut walk = Self {
            share,
            draws: Draws::new(plan.seed),
            places: vec![Place::default(); count],
            timeline: Timeline::with_capacity(count),
            latest: if keeps_ends { vec![0; count] } else { Vec::new() },
            beyond: 0,
        };
        for index in (0..).take(count) {
            walk.arrive(plan, index);
        }
        walk
    }

    /// Takes out whom it is time for at `second`.
    pub(super) fn pop(&mut self, second: u32, crowd: &mut Vec<u32>) {
        crowd.extend(std::iter::from_fn(|| self.timeline.pop(second)).map(|(_, index)| index));
    }

    /// Takes out all whose window is open at the first end of a window, and gives that end: the fewest stops that serve
    /// all windows known so far.
    pub(super) fn pop_next(&mut self, crowd: &mut Vec<u32>) -> Option<u32> {
        let mut end = u32::MAX;
        while let Some((_, index)) = self.timeline.pop(end) {
            end = end.min(self.latest[index as usize]);
            crowd.push(index);
        }
        (!crowd.is_empty()).then_some(end)
    }

    /// Puts a crowd in the order in which it acts: probes of deadlines first.
    pub(super) fn line_up(&self, crowd: &mut [u32]) {
        crowd.sort_unstable_by_key(|&index| (!self.places[index as usize].exact, index));
    }

    /// Notes that one of a crowd acts at `second`, and appends what it does, in order.
    pub(super) fn act(&mut self, plan: &Plan, second: u32, index: u32, due: &mut Vec<Due>) {
        while let Some(window) = self.take(plan, index, second, due) {
            if window.earliest > second {
                return self.enqueue(index, window);
            }
        }
    }

    fn enqueue(&mut self, index: u32, window: Window) {
        if let Some(latest) = self.latest.get_mut(index as usize) {
            *latest = window.latest;
        }
        self.timeline.insert(index, window.earliest);
    }

    fn arrive(&mut self, plan: &Plan, index: u32) {
        let visitor = index * self.share.1 + self.share.0;
        let journey = plan.journey(visitor);
        if plan.shape.lean && journey.costly {
            return;
        }
        let second = self.arrival(plan, visitor);
        let rounds = self.rounds(visitor, &Place::default(), &journey.steps[0]);
        let place = &mut self.places[index as usize];
        place.rounds = rounds.max(1);
        place.exact = true;
        if second > whole_seconds(plan.profile.horizon) {
            self.beyond += 1;
        } else {
            self.enqueue(index, Window::exactly(second));
        }
    }

    /// When a visitor arrives: with its wave, or on one of the days around which its journey begins.
    fn arrival(&mut self, plan: &Plan, visitor: u32) -> u32 {
        let days = plan.journey(visitor).on.and_then(|occasion| plan.occasions.get(&occasion));
        if let Some(days) = days.filter(|days| !days.is_empty()) {
            let drawn = self.draws.below(visitor, ARRIVAL, days.len() as u64);
            return days[usize::try_from(drawn).unwrap_or(0)];
        }
        let waves = u64::from(plan.shape.waves);
        let wave = self.draws.below(visitor, ARRIVAL, waves);
        let second = u64::from(whole_seconds(plan.arrivals)) * wave / waves;
        u32::try_from(second).unwrap_or(u32::MAX)
    }

    /// Notes that the visitor takes its step at `second`, and gives the window of the next; `None` where there is none.
    fn take(&mut self, plan: &Plan, index: u32, second: u32, due: &mut Vec<Due>) -> Option<Window> {
        let visitor = index * self.share.1 + self.share.0;
        let place = &mut self.places[index as usize];
        let step = &plan.journey(visitor).steps[usize::from(place.step)];
        let mut taken = Due { visitor, step: place.step, exact: place.exact, last: false };
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
        let next = self.lay_next(plan, index, visitor);
        taken.last = next.is_none();
        due.push(taken);
        next
    }

    /// Finds the visitor's next step that it takes at all, and its window.
    fn lay_next(&mut self, plan: &Plan, index: u32, visitor: u32) -> Option<Window> {
        let journey = plan.journey(visitor);
        let mut place = self.places[index as usize];
        let window = loop {
            if place.round >= place.rounds {
                place.step += 1;
                place.round = 0;
                place.rounds = self.rounds(visitor, &place, journey.steps.get(usize::from(place.step))?);
                continue;
            }
            let step = &journey.steps[usize::from(place.step)];
            if step.chance >= 1.0 || self.draws.share(visitor, salt(&place, Ask::Chance)) < step.chance {
                let (window, exact) = self.window(plan, visitor, &place, step);
                place.exact = exact;
                break window;
            }
            place.round += 1;
        };
        self.places[index as usize] = place;
        if window.latest > whole_seconds(plan.profile.horizon) {
            self.beyond += 1;
            return None;
        }
        Some(window)
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

    fn window(&mut self, plan: &Plan, visitor: u32, place: &Place, step: &Step) -> (Window, bool) {
        let terms = &plan.terms;
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
                let shape = plan.shape;
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
