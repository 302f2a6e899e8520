//! Chance for the demonstration: the same seed always gives the same story.

/// A source of numbers that look random and are not.
pub struct Dice(u64);

impl Dice {
    /// The numbers that follow from a seed and a name.
    pub fn of(seed: u64, name: &str) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    /// The next number (SplitMix64, after Steele, Lea and Flood 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to, and without, the bound; the bound is at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    /// A number within a range, both ends included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = usize::try_from(to - from).unwrap_or(0) + 1;
        from + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Does one time in so many come up?
    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

/// Cards drawn without putting them back until all are gone: shares and medians come out right even
/// over a hundred draws, where dice would stray.
pub struct Deck<T: 'static> {
    cards: &'static [T],
    left: Vec<T>,
}

impl<T: Copy> Deck<T> {
    /// A full deck.
    pub const fn of(cards: &'static [T]) -> Self {
        Self {
            cards,
            left: Vec::new(),
        }
    }

    /// The next card.
    pub fn draw(&mut self, dice: &mut Dice) -> T {
        if self.left.is_empty() {
            self.left = self.cards.to_vec();
        }
        self.left.swap_remove(dice.below(self.left.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_name_give_the_same_numbers_and_another_name_gives_others() {
        let numbers = |seed, name| {
            let mut dice = Dice::of(seed, name);
            (0..50).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7, "a"), numbers(7, "a"));
        assert_ne!(numbers(7, "a"), numbers(7, "b"));
        assert_ne!(numbers(7, "a"), numbers(8, "a"));
    }

    #[test]
    fn a_deck_gives_every_card_once_before_any_comes_again() {
        let mut dice = Dice::of(1, "deck");
        let mut deck = Deck::of(&[1, 2, 3, 4, 5]);
        for _ in 0..3 {
            let mut round: Vec<_> = (0..5).map(|_| deck.draw(&mut dice)).collect();
            round.sort_unstable();
            assert_eq!(round, [1, 2, 3, 4, 5]);
        }
    }
}
