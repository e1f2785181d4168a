//! The plan: from (scenario, policy, clock profile, T0, seed) to an ordered list of stops and the steps due at each.
//!
//! It is pure: it reads no clock, does no I/O and never learns what a server answered. Each visitor's draws are a
//! function of (seed, visitor number, place in the journey) alone, so that any number of lanes or shards sees the
//! same visitors.

mod calendar;
mod draw;
mod shape;
mod stops;
mod walk;
mod window;

pub use draw::Draws;
pub use shape::{Profile, Shape};
pub use stops::{Due, Head, Share, Stop, Stops};

use crate::instant::{Instant, Length};
use crate::policy::{Policy, Terms};
use crate::scenario::{Journey, Occasion, Scenario, Step};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that decides a run's stops and steps.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Who visits.
    pub scenario: Arc<Scenario>,
    /// The policy's terms at this run's margin.
    pub terms: Terms,
    /// What the clock can do.
    pub profile: Profile,
    /// Where the run's time starts.
    pub t0: Instant,
    /// Where every draw comes from.
    pub seed: u64,
    /// How many visitors there are.
    pub visitors: u32,
    /// How the crowd is laid over the calendar, chosen so that the stops keep within the clock's budget.
    pub shape: Shape,
    /// Every stop in order.
    pub heads: Arc<[Head]>,
    /// Over how long visitors arrive.
    arrivals: Length,
    /// When journeys begin that begin around certain days, in seconds after T0.
    occasions: Arc<BTreeMap<Occasion, Vec<u32>>>,
    /// Whether the target can be restarted.
    can_restart: bool,
    /// One round of the cohorts' deal.
    deal: Arc<[u16]>,
    /// Tells this plan from any other.
    pub digest: String,
}

/// So many visitors tell whether a shape is too fine.
const SAMPLE: u32 = 20_000;

/// A plan that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverBudget {
    /// The fewest stops that the scenario needs.
    pub stops: usize,
    /// The stops that the clock's budget allows.
    pub budget: usize,
}

impl std::fmt::Display for OverBudget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the scenario needs {} clock stops at the least, and the target's clock has a budget of {}; \
             take journeys out of it, or raise `clock.stops` in the target file",
            self.stops, self.budget
        )
    }
}

impl std::error::Error for OverBudget {}

impl Plan {
    /// Lays the scenario over the calendar within the clock's budget of stops.
    ///
    /// # Errors
    /// When even the coarsest layout needs more stops than the budget has.
    pub fn new(
        scenario: Arc<Scenario>,
        policy: &Policy,
        profile: Profile,
        t0: Instant,
        seed: u64,
        visitors: u32,
    ) -> Result<Self, OverBudget> {
        let terms = policy.terms(profile.margin, profile.declared);
        let sum = scenario.cohorts.iter().map(|cohort| cohort.share).sum();
        let plan = Self {
            arrivals: scenario.arrivals.eval(&terms),
            heads: Arc::default(),
            occasions: Arc::default(),
            can_restart: profile.restarts,
            deal: scenario.deal(sum).into(),
            digest: String::new(),
            shape: Shape::FINEST,
            scenario,
            terms,
            profile,
            t0,
            seed,
            visitors,
        };
        let mut plan = plan.fitted()?;
        plan.digest = plan.digest_with(policy);
        Ok(plan)
    }

    /// The stops in order of time; walking them again gives the same ones.
    pub fn stops(&self) -> Stops<'_> {
        Stops::new(self, self.visitors)
    }

    /// What one of several lanes walks: its own visitors along these stops.
    pub fn share(&self, place: (u32, u32)) -> Share {
        Share::new(self, place)
    }

    /// How many steps are due, over all stops.
    pub fn steps(&self) -> u64 {
        self.heads.iter().map(|head| u64::from(head.due)).sum()
    }

    /// How much of the target's time the stops span.
    pub fn span(&self) -> Length {
        self.heads.last().map_or(Length::ZERO, |head| Length::seconds(i64::from(head.second)))
    }

    /// What this visitor does.
    pub fn journey(&self, visitor: u32) -> &Journey {
        let cohort = self.deal[visitor as usize % self.deal.len()];
        &self.scenario.cohorts[usize::from(cohort)].journey
    }

    /// The visitor whose address and browser's name this one has: another only where two live in one household.
    pub fn household_of(&self, visitor: u32) -> u32 {
        let round = u32::try_from(self.deal.len()).unwrap_or(u32::MAX);
        let is_second = self.journey(visitor).household && (visitor / round) % 2 == 1;
        if is_second { visitor - round } else { visitor }
    }

    /// The journeys that nobody takes, since the clock's stops are too few.
    pub fn left_out(&self) -> Vec<&str> {
        let all = self.scenario.cohorts.iter().map(|cohort| &cohort.journey);
        all.filter(|journey| self.shape.lean && journey.costly).map(|journey| journey.id.as_str()).collect()
    }

    /// The step that is due.
    pub fn step(&self, due: &Due) -> &Step {
        &self.journey(due.visitor).steps[usize::from(due.step)]
    }

    /// The same plan in another shape. Where there are few stops to spend, nobody waits for a certain day.
    fn shaped(&self, shape: Shape) -> Self {
        let mut occasions = BTreeMap::new();
        if shape.has_occasions() {
            for occasion in self.scenario.cohorts.iter().filter_map(|cohort| cohort.journey.on) {
                let begins = calendar::beginnings(occasion, self.t0, self.terms.idle);
                let seconds = begins.iter().map(|begin| window::whole_seconds(*begin - self.t0)).collect();
                occasions.insert(occasion, seconds);
            }
        }
        Self { shape, occasions: occasions.into(), ..self.clone() }
    }

    /// The first shape, from fine to coarse, whose stops keep within the budget. That a shape needs too many is told by
    /// a part of the visitors already, and a walk over all of them is long.
    fn fitted(&self) -> Result<Self, OverBudget> {
        let budget = self.profile.stops;
        let mut fewest = usize::MAX;
        for shape in Shape::from_fine_to_coarse(self.profile.jumps) {
            let mut trial = self.shaped(shape);
            let parts =
                [SAMPLE, self.visitors].into_iter().filter(|part| *part == self.visitors || *part < self.visitors / 2);
            let mut heads = Vec::new();
            let fits = parts.into_iter().all(|part| {
                heads = trial.walked(part, budget.saturating_mul(4).saturating_add(1));
                heads.len() <= budget
            });
            if fits {
                trial.heads = heads.into();
                return Ok(trial);
            }
            fewest = fewest.min(heads.len());
        }
        Err(OverBudget { stops: fewest, budget })
    }

    /// The stops that the first so many visitors need, `most` at the most.
    fn walked(&self, visitors: u32, most: usize) -> Vec<Head> {
        let mut stops = Stops::new(self, visitors);
        let mut due = Vec::new();
        std::iter::from_fn(|| stops.next_into(&mut due)).take(most).collect()
    }

    fn digest_with(&self, policy: &Policy) -> String {
        let facts = format!(
            "{}\n{}\n{:?}\n{:?}\n{}\n{}\n{}",
            self.scenario.text, policy.text, self.profile, self.shape, self.t0.0, self.seed, self.visitors
        );
        crate::history::hex(&Sha256::digest(facts.as_bytes()))
    }
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
