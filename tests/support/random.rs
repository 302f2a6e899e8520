//! Random numbers that can be had again: the seed is printed, and `PIPSS_SEED` sets it.

use std::hash::{BuildHasher, Hasher, RandomState};

/// SplitMix64.
pub struct Random(u64);

impl Random {
    /// A fresh seed, unless one is set; printed, so that a failure says how to repeat it.
    pub fn printed() -> Self {
        let set = std::env::var("PIPSS_SEED").ok();
        let seed = set.map_or_else(
            || RandomState::new().build_hasher().finish(),
            |seed| seed.parse().unwrap(),
        );
        println!("PIPSS_SEED={seed}");
        Self(seed)
    }

    /// Other random numbers, which these decide.
    pub fn another(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }

    /// One of some; there must be one.
    pub fn one_of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        let place = self.below(list.len() as u64);
        &list[usize::try_from(place).expect("a place in a list")]
    }

    /// A number from 0 up to but without `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
