//! Dice that fall the same way on every machine: SplitMix64, from a seed.
//!
//! Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014). The state grows by a constant, and what
//! is rolled is a mix of it, so a stream is its seed and nothing else.
//!
//! Deliberately not here: what is decided by them.

use std::time::Duration;

/// The golden ratio of 2⁶⁴, by which the state grows.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Dice.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Those of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A number below `sides`; 0 where there are none.
    pub fn below(&mut self, sides: usize) -> usize {
        let sides = u64::try_from(sides).unwrap_or(u64::MAX);
        usize::try_from(self.any().checked_rem(sides).unwrap_or(0)).unwrap_or(0)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.any() % (most.saturating_sub(least) + 1)
    }

    /// True once in `sides` times.
    pub fn once_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    /// One of these, of which there must be one.
    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A time between these seconds, in quarters of a second.
    pub fn seconds(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(250 * self.between(4 * least, 4 * most))
    }
}

/// The seed of a case: the first is the seed itself, so that any case can be played again alone. Files have room for
/// 63 bits.
pub const fn seed_of(seed: u64, case: u64) -> u64 {
    if case == 0 { seed } else { mix(seed ^ mix(case.wrapping_mul(GAMMA))) >> 1 }
}

const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_fall_as_published() {
        // The first rolls of seed 1234567, as listed with the reference implementation of SplitMix64.
        let mut dice = Dice::new(1_234_567);
        let rolls: Vec<u64> = (0..3).map(|_| dice.any()).collect();
        assert_eq!(rolls, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn rolls_stay_inside() {
        let mut dice = Dice::new(7);
        for _ in 0..1000 {
            assert!(dice.below(6) < 6 && (2..=4).contains(&dice.between(2, 4)));
            assert!((1..=2).contains(&dice.seconds(1, 2).as_secs()));
        }
        assert_eq!(dice.below(0), 0, "nothing to choose from");
    }

    #[test]
    fn the_first_case_is_the_seed() {
        assert_eq!(seed_of(42, 0), 42);
        let seeds: std::collections::BTreeSet<u64> = (0..10_000).map(|case| seed_of(42, case)).collect();
        assert_eq!(seeds.len(), 10_000, "every case is another one");
    }
}
