//! Every key in memory, packed: each text has one of its own, so there are a third as many as facts.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use pipss_domain::ids::KeyId;
use zeroize::Zeroize;

use crate::keyfile::Bytes;
use crate::vault::Key;

/// Keys are laid out so many at a time, and never moved: a copy left behind would not be wiped.
const TOGETHER: usize = 1024;
/// Stands for the place of a key that was destroyed.
const DESTROYED: u32 = u32::MAX;

/// Keys by their ids, 53 bytes each and some room; wiped when they are destroyed, and when it is dropped.
#[derive(Default)]
pub struct Ring {
    slots: HashTable<Slot>,
    hasher: foldhash::fast::RandomState,
    /// Lists that are made at their full size.
    keys: Vec<Vec<Bytes>>,
}

struct Slot {
    id: KeyId,
    /// The place of its bytes.
    at: u32,
}

impl Ring {
    /// A key: `Some(None)` if it was destroyed.
    pub fn get(&self, id: KeyId) -> Option<Option<Key>> {
        let slot = self
            .slots
            .find(self.hasher.hash_one(id), |slot| slot.id == id)?;
        let (list, n) = place(slot.at);
        let key = || Key::new(self.keys[list][n].clone());
        Some((slot.at != DESTROYED).then(key))
    }

    /// Was there ever such a key?
    pub fn contains(&self, id: KeyId) -> bool {
        let hash = self.hasher.hash_one(id);
        self.slots.find(hash, |slot| slot.id == id).is_some()
    }

    /// Takes in a key, in place of what was there under its id; without its bytes it is destroyed.
    pub fn insert(&mut self, id: KeyId, key: Option<&Bytes>) {
        let at = key.map_or(DESTROYED, |key| self.put(key));
        let hash = self.hasher.hash_one(id);
        if let Some(slot) = self.slots.find_mut(hash, |slot| slot.id == id) {
            let before = std::mem::replace(&mut slot.at, at);
            self.wipe(before);
            return;
        }
        let hasher = &self.hasher;
        let again = |slot: &Slot| hasher.hash_one(slot.id);
        self.slots.insert_unique(hash, Slot { id, at }, again);
    }

    /// The ids of the keys that were destroyed.
    pub fn destroyed(&self) -> impl Iterator<Item = KeyId> {
        let destroyed = self.slots.iter().filter(|slot| slot.at == DESTROYED);
        destroyed.map(|slot| slot.id)
    }

    fn put(&mut self, key: &Bytes) -> u32 {
        if self.keys.last().is_none_or(|list| list.len() == TOGETHER) {
            self.keys.push(Vec::with_capacity(TOGETHER));
        }
        let list = self.keys.len() - 1;
        let n = self.keys[list].len();
        self.keys[list].push(Bytes::default());
        self.keys[list][n].copy_from_slice(key.as_slice());
        u32::try_from(list * TOGETHER + n).expect("there are fewer keys than that")
    }

    fn wipe(&mut self, at: u32) {
        if at != DESTROYED {
            let (list, n) = place(at);
            self.keys[list][n].zeroize();
        }
    }
}

const fn place(at: u32) -> (usize, usize) {
    (at as usize / TOGETHER, at as usize % TOGETHER)
}

#[cfg(test)]
mod tests {
    use pipss_domain::ids::Id;
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> KeyId {
        Id::new(Uuid::from_u128(n))
    }

    fn key(n: u16) -> Bytes {
        let mut key = Bytes::default();
        key[..2].copy_from_slice(&n.to_be_bytes());
        key[31] = 1;
        key
    }

    fn ring(keys: u16) -> Ring {
        let mut ring = Ring::default();
        (0..keys).for_each(|n| ring.insert(id(n.into()), Some(&key(n))));
        ring
    }

    #[test]
    fn each_id_has_its_own_key() {
        let ring = ring(5000);
        for n in 0..5000 {
            assert_eq!(*ring.get(id(n.into())).unwrap().unwrap(), key(n));
        }
        assert!(ring.get(id(5000)).is_none() && !ring.contains(id(5000)));
        assert_eq!(ring.destroyed().count(), 0);
    }

    #[test]
    fn a_key_that_was_destroyed_is_wiped_and_stays_known() {
        let mut ring = ring(3000);
        let (list, n) = place(
            ring.slots
                .find(ring.hasher.hash_one(id(7)), |s| s.id == id(7))
                .unwrap()
                .at,
        );
        assert_eq!(ring.keys[list][n], key(7));
        ring.insert(id(7), None);
        assert_eq!(ring.keys[list][n], Bytes::default());
        assert!(ring.contains(id(7)) && ring.get(id(7)) == Some(None));
        ring.insert(id(9999), None);
        let mut destroyed: Vec<_> = ring.destroyed().collect();
        destroyed.sort();
        assert_eq!(destroyed, [id(7), id(9999)]);
        assert_eq!(*ring.get(id(8)).unwrap().unwrap(), key(8));
    }

    #[test]
    fn keys_are_never_moved() {
        let mut ring = ring(1);
        let before = ring.keys[0].as_ptr();
        (1..5000).for_each(|n| ring.insert(id(n.into()), Some(&key(n))));
        assert_eq!(ring.keys[0].as_ptr(), before);
    }
}
