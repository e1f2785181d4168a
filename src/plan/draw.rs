//! Random draws that depend on (seed, visitor, place) alone, and on nothing that was drawn before.

use crate::instant::Length;
use crate::scenario::Spread;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_distr::{Distribution, Pareto, Weibull};

/// The draws of one run.
#[derive(Debug, Clone)]
pub struct Draws {
    stream: ChaCha8Rng,
}

impl Draws {
    /// The draws that belong to a seed.
    pub fn new(seed: u64) -> Self {
        Self { stream: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The draw of a visitor at a place: the same however often it is asked for.
    pub fn at(&mut self, visitor: u32, place: u64) -> u64 {
        self.stream.set_stream(u64::from(visitor));
        self.stream.set_word_pos(u128::from(place) * 2);
        self.stream.next_u64()
    }

    /// The draw as a share, at least 0 and less than 1.
    pub fn share(&mut self, visitor: u32, place: u64) -> f64 {
        (self.at(visitor, place) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The draw as a number below `bound`, which is not 0.
    pub fn below(&mut self, visitor: u32, place: u64, bound: u64) -> u64 {
        let wide = u128::from(self.at(visitor, place)) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A length between `near` and `far`, spread as people's dwells and returns are; what lies beyond `far` is `far`.
    pub fn spread(&mut self, visitor: u32, place: u64, spread: Spread, (near, far): (Length, Length)) -> Length {
        let mut own = ChaCha8Rng::seed_from_u64(self.at(visitor, place));
        let wide = (far - near).0.max(1) as f64;
        let drawn = match spread {
            Spread::Weibull(shape) => Weibull::new(wide / 5.0, shape).map_or(0.0, |weibull| weibull.sample(&mut own)),
            Spread::Pareto(shape) => {
                let least = (near.0.max(1)) as f64;
                Pareto::new(least, shape).map_or(0.0, |pareto| pareto.sample(&mut own) - least)
            }
        };
        near + Length(1).times(drawn.clamp(0.0, wide))
    }
}
