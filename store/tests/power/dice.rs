//! Chance that can be thrown again: the same seed gives the same throws.

/// SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to one less than `end`.
    pub const fn below(&mut self, end: usize) -> usize {
        (self.throw() % end as u64) as usize
    }

    pub const fn coin(&mut self) -> bool {
        self.throw() & 1 == 0
    }
}
