//! The plan: from (scenario, policy, clock profile, T0, seed) to an ordered list of stops and the steps due at each.
//!
//! It is pure: it reads no clock, does no I/O and never learns what a server answered. Each visitor's draws are a
//! function of (seed, visitor number, place in the journey) alone, so that any number of lanes or shards sees the
//! same visitors.

mod draw;
mod shape;
mod stops;
mod window;

pub use draw::Draws;
pub use shape::{Profile, Shape};
pub use stops::{Due, Stop, Stops};

use crate::instant::{Instant, Length};
use crate::policy::{Policy, Terms};
use crate::scenario::{Journey, Scenario, Step};
use sha2::{Digest, Sha256};
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
    /// Over how long visitors arrive.
    arrivals: Length,
    /// One round of the cohorts' deal.
    deal: Arc<[u16]>,
    /// Tells this plan from any other.
    pub digest: String,
}

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
        let mut plan = Self {
            arrivals: scenario.arrivals.eval(&terms),
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
        plan.shape = plan.fitting_shape()?;
        plan.digest = plan.digest_with(policy);
        Ok(plan)
    }

    /// The stops in order of time; walking them again gives the same ones.
    pub fn stops(&self) -> Stops<'_> {
        Stops::new(self)
    }

    /// What this visitor does.
    pub fn journey(&self, visitor: u32) -> &Journey {
        let cohort = self.deal[visitor as usize % self.deal.len()];
        &self.scenario.cohorts[usize::from(cohort)].journey
    }

    /// The step that is due.
    pub fn step(&self, due: &Due) -> &Step {
        &self.journey(due.visitor).steps[usize::from(due.step)]
    }

    /// The first shape, from fine to coarse, whose stops keep within the budget.
    fn fitting_shape(&self) -> Result<Shape, OverBudget> {
        let budget = self.profile.stops;
        let mut fewest = usize::MAX;
        for shape in Shape::from_fine_to_coarse(self.profile.jumps) {
            let trial = Self { shape, ..self.clone() };
            let stops = trial.stops().take(budget.saturating_mul(4).saturating_add(1)).count();
            if stops <= budget {
                return Ok(shape);
            }
            fewest = fewest.min(stops);
        }
        Err(OverBudget { stops: fewest, budget })
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
mod tests;
