//! The keys, only read: does what is sealed open where it stands?

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use pipss_domain::history::Fact;
use pipss_domain::ids::KeyId;
use pipss_domain::personal::Sealed;
use uuid::Uuid;

use crate::StoreError;
use crate::keyfile::{self, Bytes};
use crate::seal;
use crate::vault::Key;
use crate::wrapping;

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The key file.
    pub file: PathBuf,
    /// The key that wraps the others.
    pub wrapping: PathBuf,
}

/// The keys, read as often as it takes: a running program adds some.
pub struct Ring {
    at: Keys,
    store: Uuid,
    held: RwLock<HashMap<KeyId, Option<Key>>>,
}

/// What became of the sealed values of a fact.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opened {
    /// They opened.
    pub opened: u64,
    /// Their key was destroyed.
    pub erased: u64,
}

impl Ring {
    /// Reads the keys.
    ///
    /// # Errors
    /// `Corrupt`, when they cannot be read.
    pub fn read(at: &Keys, store: Uuid) -> Result<Self, StoreError> {
        Ok(Self {
            held: RwLock::new(all(at, store)?),
            at: at.clone(),
            store,
        })
    }

    /// How many keys there are, destroyed ones included, as of now.
    ///
    /// # Errors
    /// `Corrupt`, when they cannot be read.
    pub fn count(&self) -> Result<u64, StoreError> {
        Ok(all(&self.at, self.store)?.len() as u64)
    }

    /// Opens every sealed value of a fact, and forgets it at once.
    ///
    /// # Errors
    /// In words, when one does not open, or its key is missing.
    pub fn check(&self, fact: &mut Fact) -> Result<Opened, String> {
        let (mut found, mut wrong) = (Opened::default(), None);
        fact.event.personals(&mut |place, value| {
            let Some(sealed) = value.sealed_mut() else {
                wrong = Some(format!("`{}` is not sealed", place.path));
                return;
            };
            match self.opens(sealed) {
                Some(true) => found.opened += 1,
                None => found.erased += 1,
                Some(false) => {
                    wrong = Some(format!(
                        "what is sealed in `{}` does not open where it stands: it was sealed for another place, \
                         or its key is missing",
                        place.path
                    ));
                }
            }
        });
        wrong.map_or(Ok(found), Err)
    }

    /// Does it open? `None`, when its key was destroyed.
    fn opens(&self, sealed: &Sealed) -> Option<bool> {
        match self.key(sealed.key) {
            Some(Some(key)) => Some(seal::open_under(sealed, &key).is_some()),
            Some(None) => None,
            None => Some(false),
        }
    }

    fn key(&self, id: KeyId) -> Option<Option<Key>> {
        let held = || self.held.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = held().get(&id).cloned() {
            return Some(known);
        }
        // Perhaps it was made since.
        if let Ok(keys) = all(&self.at, self.store) {
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            for (id, key) in keys {
                held.entry(id).or_insert(key);
            }
        }
        held().get(&id).cloned()
    }
}

fn all(at: &Keys, store: Uuid) -> Result<HashMap<KeyId, Option<Key>>, StoreError> {
    // An erasure changes both files, one after the other.
    let mut last = pair(at, store);
    for _ in 0..5 {
        if last.is_ok() {
            break;
        }
        last = pair(at, store);
    }
    let keys = last?.into_iter();
    Ok(keys.map(|(id, key)| (id, key.map(Arc::new))).collect())
}

fn pair(at: &Keys, store: Uuid) -> Result<Vec<(KeyId, Option<Bytes>)>, StoreError> {
    let with = |wrapping: &Path| keyfile::read(&at.file, store, &wrapping::read(wrapping)?);
    // The key file may have been written anew, and its wrapping key not yet have taken its name.
    with(&at.wrapping).or_else(|error| with(&at.wrapping.with_extension("next")).map_err(|_| error))
}
