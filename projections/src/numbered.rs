//! Things that are named often and by long names, each given a short number when it is first named.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};

/// The things, in the order in which they were first named. The same order gives the same numbers.
pub(crate) struct Numbered<T> {
    all: Vec<T>,
    of: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            of: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    /// The number of a thing, given to it now if it has none.
    pub fn number(&mut self, thing: T) -> u32 {
        if let Some(number) = self.known(&thing) {
            return number;
        }
        let number = u32::try_from(self.all.len()).expect("a log holds fewer facts than that");
        let (all, hasher) = (&mut self.all, &self.hasher);
        all.push(thing);
        self.of
            .insert_unique(hasher.hash_one(thing), number, |other| {
                hasher.hash_one(all[*other as usize])
            });
        number
    }

    /// The number of a thing that was named before.
    pub fn known(&self, thing: &T) -> Option<u32> {
        let same = |number: &u32| self.all[*number as usize] == *thing;
        self.of.find(self.hasher.hash_one(thing), same).copied()
    }

    /// The thing of a number that was given here.
    pub fn thing(&self, number: u32) -> T {
        self.all[number as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_keeps_its_number_and_a_number_its_thing() {
        let mut numbered = Numbered::default();
        let numbers: Vec<_> = (0..1000u64).map(|n| numbered.number(n * n)).collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<u32>>());
        assert_eq!(numbered.number(49), 7);
        assert_eq!(numbered.known(&50), None);
        assert_eq!(numbered.thing(7), 49);
    }
}
