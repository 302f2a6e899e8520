//! Where the facts of each stream stand: most streams hold one fact, and there are about half as many as facts.

use std::hash::BuildHasher;
use std::slice;

use hashbrown::HashTable;
use pipss_domain::ids::PersonId;
use pipss_domain::stream::Stream;
use uuid::Uuid;

use crate::index::ById;

/// Marks a slot whose stream holds several facts.
const SEVERAL: u32 = 1 << 31;
/// The first name of a stream of letters; below it each kind of stream has a name of its own.
const LETTERS: u32 = 32;

/// The positions of each stream's facts, 25 bytes a stream of one fact and half as much again for room.
#[derive(Default)]
pub struct Streams {
    slots: HashTable<Slot>,
    hasher: foldhash::fast::RandomState,
    /// Those for whom letters are, numbered: a letter's stream has two ids, of which few differ.
    people: ById<PersonId, u32>,
    /// The positions of streams that hold several facts, in the order of their versions.
    several: Vec<Vec<u32>>,
}

/// One stream.
struct Slot {
    id: Uuid,
    /// What kind it is or for whom, and whether it holds several facts.
    name: u32,
    /// The position of its one fact, or its place among those that hold several.
    at: u32,
}

impl Slot {
    const fn name(&self) -> u32 {
        self.name & !SEVERAL
    }

    const fn holds_several(&self) -> bool {
        self.name & SEVERAL != 0
    }
}

impl Streams {
    /// The positions of a stream's facts, in the order of its versions.
    pub fn positions(&self, stream: &Stream) -> &[u32] {
        let Some((id, name)) = self.named(stream) else {
            return &[];
        };
        match self.slots.find(self.hash(id, name), same(id, name)) {
            Some(slot) if slot.holds_several() => &self.several[slot.at as usize],
            Some(slot) => slice::from_ref(&slot.at),
            None => &[],
        }
    }

    /// Adds the position of the next fact of a stream.
    pub fn add(&mut self, stream: &Stream, position: u32) {
        let (id, name) = self.name(stream);
        let hash = self.hash(id, name);
        let Some(slot) = self.slots.find_mut(hash, same(id, name)) else {
            let slot = Slot {
                id,
                name,
                at: position,
            };
            let hasher = &self.hasher;
            let again = |slot: &Slot| hasher.hash_one((slot.id, slot.name()));
            self.slots.insert_unique(hash, slot, again);
            return;
        };
        if slot.holds_several() {
            self.several[slot.at as usize].push(position);
        } else {
            let place = u32::try_from(self.several.len()).expect("there are fewer than facts");
            self.several.push(vec![slot.at, position]);
            (slot.at, slot.name) = (place, slot.name | SEVERAL);
        }
    }

    /// How many bytes it takes in memory, by the space that its tables reserved.
    pub fn bytes(&self) -> usize {
        let positions: usize = self.several.iter().map(Vec::capacity).sum();
        self.slots.allocation_size()
            + self.people.capacity() * 8 / 7 * (size_of::<(PersonId, u32)>() + 1)
            + self.several.capacity() * size_of::<Vec<u32>>()
            + positions * size_of::<u32>()
    }

    fn hash(&self, id: Uuid, name: u32) -> u64 {
        self.hasher.hash_one((id, name))
    }

    /// What a stream is called here; nothing if it is of a letter to somebody who never had one.
    fn named(&self, stream: &Stream) -> Option<(Uuid, u32)> {
        match stream {
            Stream::Letter(cause, to) => Some((cause.uuid(), LETTERS + *self.people.get(to)?)),
            other => Some(of_one_id(other)),
        }
    }

    fn name(&mut self, stream: &Stream) -> (Uuid, u32) {
        let Stream::Letter(cause, to) = stream else {
            return of_one_id(stream);
        };
        let next = u32::try_from(self.people.len()).expect("there are fewer people than facts");
        let number = *self.people.entry(*to).or_insert(next);
        (cause.uuid(), LETTERS + number)
    }
}

const fn same(id: Uuid, name: u32) -> impl Fn(&Slot) -> bool {
    move |slot| slot.name() == name && slot.id.as_u128() == id.as_u128()
}

fn of_one_id(stream: &Stream) -> (Uuid, u32) {
    match stream {
        Stream::Policy => (Uuid::nil(), 0),
        Stream::Unit(id) => (id.uuid(), 1),
        Stream::Person(id) => (id.uuid(), 2),
        Stream::Grants(id) => (id.uuid(), 3),
        Stream::Diary(id) => (id.uuid(), 4),
        Stream::Case(id) => (id.uuid(), 5),
        Stream::Bars(id) => (id.uuid(), 6),
        Stream::Restricted(id) => (id.uuid(), 7),
        Stream::Support(id) => (id.uuid(), 8),
        Stream::Supervision(id) => (id.uuid(), 9),
        Stream::Disclosure(id) => (id.uuid(), 10),
        Stream::Retention => (Uuid::nil(), 11),
        Stream::Feedback(id) => (id.uuid(), 12),
        Stream::Glass(id) => (id.uuid(), 13),
        Stream::Reading(id) => (id.uuid(), 14),
        Stream::Group(id) => (id.uuid(), 15),
        Stream::Letter(cause, _) => (cause.uuid(), LETTERS),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use pipss_domain::ids::Id;

    use super::*;

    fn stream(n: u32) -> Stream {
        let id = |n: u32| Uuid::from_u128(u128::from(n));
        // The same ids again and again, in every kind; each pair of them once.
        let (a, b) = (id(n / 20 % 40), id(n / 800 * 4 + n % 4));
        match n % 20 {
            0 => Stream::Policy,
            1 => Stream::Retention,
            2 => Stream::Unit(Id::new(a)),
            3 => Stream::Person(Id::new(a)),
            4 => Stream::Grants(Id::new(a)),
            5 => Stream::Diary(Id::new(a)),
            6 => Stream::Case(Id::new(a)),
            7 => Stream::Bars(Id::new(a)),
            8 => Stream::Restricted(Id::new(a)),
            9 => Stream::Support(Id::new(a)),
            10 => Stream::Supervision(Id::new(a)),
            11 => Stream::Disclosure(Id::new(a)),
            12 => Stream::Feedback(Id::new(a)),
            13 => Stream::Glass(Id::new(a)),
            14 => Stream::Reading(Id::new(a)),
            15 => Stream::Group(Id::new(a)),
            _ => Stream::Letter(Id::new(a), Id::new(b)),
        }
    }

    #[test]
    fn every_stream_keeps_its_own_positions_in_their_order() {
        let (mut streams, mut model) = (Streams::default(), HashMap::new());
        for position in 1..3000u32 {
            // Some streams are met once, some often.
            let stream = stream(position.wrapping_mul(2_654_435_761) % 4000);
            streams.add(&stream, position);
            model.entry(stream).or_insert_with(Vec::new).push(position);
        }
        assert!(model.values().any(|positions| positions.len() == 1));
        for n in 0..4000 {
            let known = model.get(&stream(n)).map_or(&[][..], Vec::as_slice);
            assert_eq!(streams.positions(&stream(n)), known, "{}", stream(n));
        }
    }

    #[test]
    fn a_letter_to_somebody_who_never_had_one_is_not_there() {
        let mut streams = Streams::default();
        let (cause, to) = (Uuid::from_u128(1), Uuid::from_u128(2));
        streams.add(&Stream::Letter(Id::new(cause), Id::new(to)), 7);
        let other = Stream::Letter(Id::new(cause), Id::new(cause));
        assert!(streams.positions(&other).is_empty());
    }
}
