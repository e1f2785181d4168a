//! Who visits, how often, and what they do: populations and journeys as a person writes them.
//!
//! It holds no expectations (those are the policy's), and no time but the policy's own terms.

mod file;
mod journey;

pub use file::{BUILT_IN, BUILT_IN_JOURNEYS, Cohort, RawScenario, Scenario, load, parse};
pub use journey::{Count, Journey, Occasion, Op, Origin, Spread, Step, Which, With};

#[cfg(test)]
mod tests;
