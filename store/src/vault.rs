//! The vault: the keys that this process holds, so that a value can be sealed, opened or made unreadable.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use hmac::{Hmac, Mac};
use pipss_domain::ids::{CommandId, KeyId, OrganisationId};
use sha2::Sha256;
use uuid::Uuid;

use crate::StoreError;
use crate::keyfile::{Bytes, Found, KeyFile};
use crate::ring::Ring;
use crate::seal::{Needed, prefixed, random};
use crate::wrapping;

/// A key, shared by those who use it.
pub type Key = Arc<Bytes>;

/// Every key of the store.
pub struct Vault {
    keys: RwLock<Keys>,
    file: Mutex<KeyFile>,
}

#[derive(Default)]
struct Keys {
    /// On the disk, or destroyed.
    held: Ring,
    /// Handed to someone who is about to append: others must seal under the same one.
    promised: HashMap<KeyId, Key>,
}

impl Vault {
    /// Makes the wrapping key, unless someone provided one, and an empty key file.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn make(file: &Path, wrapping: &Path, store: Uuid) -> Result<(), StoreError> {
        wrapping::make(wrapping)?;
        KeyFile::make(file, store, &wrapping::read(wrapping)?, &[])
    }

    /// Opens the key file with its wrapping key.
    ///
    /// # Errors
    /// `Corrupt`, when either is missing or damaged.
    pub fn open(file: &Path, wrapping: &Path, store: Uuid) -> Result<Self, StoreError> {
        let (file, found) = KeyFile::open(file, store, wrapping)?;
        let mut held = Ring::default();
        found
            .iter()
            .for_each(|(id, key)| held.insert(*id, key.as_ref()));
        Ok(Self {
            keys: RwLock::new(Keys {
                held,
                promised: HashMap::new(),
            }),
            file: Mutex::new(file),
        })
    }

    /// Checks that the first `needed` keys are here, and clears what a crash left after them.
    ///
    /// # Errors
    /// `Corrupt`, when keys are missing.
    pub fn settle(&self, needed: u64) -> Result<(), StoreError> {
        self.file().settle(needed)
    }

    /// A key that is on the disk and not destroyed.
    pub fn key(&self, id: KeyId) -> Option<Key> {
        self.read(|keys| keys.held.get(id).flatten())
    }

    /// The key of that id, or a new one for one fact alone.
    ///
    /// # Errors
    /// `Erased`, when it was destroyed.
    pub fn key_or_new(&self, id: KeyId) -> Result<Key, StoreError> {
        match self.read(|keys| keys.held.get(id)) {
            Some(held) => held.ok_or(DESTROYED),
            None => Ok(Arc::new(random()?)),
        }
    }

    /// The key of that id, or a new one that everybody who asks from now on is given as well.
    ///
    /// # Errors
    /// `Erased`, when it was destroyed.
    pub fn promise(&self, id: KeyId) -> Result<Key, StoreError> {
        if let Some(held) = self.read(|keys| keys.held.get(id)) {
            return held.ok_or(DESTROYED);
        }
        let fresh = Arc::new(random()?);
        self.write(|keys| match keys.held.get(id) {
            Some(held) => held.ok_or(DESTROYED),
            None => Ok(Arc::clone(keys.promised.entry(id).or_insert(fresh))),
        })
    }

    /// Makes keys durable before anything that was sealed under them, and says how many there are.
    ///
    /// # Errors
    /// `Full` or `Unavailable`: nothing may then be written that needs them.
    pub fn keep<'a>(&self, keys: impl Iterator<Item = &'a Needed>) -> Result<u64, StoreError> {
        let mut file = self.file();
        let mut fresh: HashMap<KeyId, &Key> = HashMap::new();
        self.read(|known| {
            fresh.extend(
                keys.filter(|(id, _)| !known.held.contains(*id))
                    .map(|(id, key)| (*id, key)),
            );
        });
        if !fresh.is_empty() {
            let slots: Vec<_> = fresh.iter().map(|(id, key)| (*id, &***key)).collect();
            file.add(&slots)?;
            self.write(|known| {
                for (id, key) in fresh {
                    known.promised.remove(&id);
                    known.held.insert(id, Some(key));
                }
            });
        }
        Ok(file.count())
    }

    /// Reserves space for keys to come.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; then there is room for fewer.
    pub fn reserve(&self) -> Result<(), StoreError> {
        self.file().reserve()
    }

    /// Destroys keys for ever: what was sealed under them cannot be read by anyone. Also those that were
    /// only promised, and those that nobody has made yet.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; then they are not used any more, but may still be on the disk.
    pub fn destroy(&self, gone: &HashSet<KeyId>) -> Result<(), StoreError> {
        let mut file = self.file();
        self.write(|keys| {
            for id in gone {
                keys.promised.remove(id);
                keys.held.insert(*id, None);
            }
        });
        file.destroy(gone)
    }

    /// Every key as it stands on the disk, for a copy that is kept apart.
    ///
    /// # Errors
    /// `Unavailable`, when it cannot be read.
    pub fn every_key(&self) -> Result<Vec<Found>, StoreError> {
        self.file().read()
    }

    /// Every key that was destroyed.
    pub fn destroyed(&self) -> HashSet<KeyId> {
        self.read(|keys| keys.held.destroyed().collect())
    }

    /// Takes in keys of another store, durably, destroyed ones as destroyed; those that are here stay as they
    /// are.
    ///
    /// # Errors
    /// `Refused`, when another key has the id of one of them; `Full` or `Unavailable`.
    pub fn take_in(&self, found: &[Found]) -> Result<(), StoreError> {
        let mut file = self.file();
        let differs = |(id, key): &Found| match (self.key(*id), key) {
            (Some(held), Some(key)) => *held != *key,
            _ => false,
        };
        if found.iter().any(differs) {
            let why = "this data folder has other keys of that organisation already";
            return Err(StoreError::Refused(why.into()));
        }
        let mut fresh = Vec::new();
        self.read(|keys| {
            fresh.extend(found.iter().filter(|(id, _)| !keys.held.contains(*id)));
        });
        let destroyed = Bytes::default();
        let slots: Vec<_> = fresh
            .iter()
            .map(|(id, key)| (*id, key.as_ref().unwrap_or(&destroyed)))
            .collect();
        file.add(&slots)?;
        self.write(|keys| {
            for (id, key) in fresh {
                keys.held.insert(*id, key.as_ref());
            }
        });
        Ok(())
    }

    /// How many keys there are, destroyed ones included.
    pub fn count(&self) -> u64 {
        self.file().count()
    }

    /// Was this key destroyed?
    pub fn is_destroyed(&self, id: KeyId) -> bool {
        self.read(|keys| keys.held.get(id) == Some(None))
    }

    /// The id of a command: an HMAC of its parts under the organisation's key.
    ///
    /// # Errors
    /// `Full` or `Unavailable`, when the key had to be made and could not be kept.
    pub fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError> {
        let (_, key) = self.organisation_key(organisation)?;
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_slice())
            .expect("an HMAC takes keys of any length");
        mac.update(&prefixed(parts));
        let full = mac.finalize().into_bytes();
        let first = full.first_chunk::<16>().expect("SHA-256 has 32 bytes");
        let id = uuid::Builder::from_custom_bytes(*first).into_uuid();
        Ok(CommandId::new(id))
    }

    /// The key of an organisation that is never rotated, made durably when first needed.
    ///
    /// # Errors
    /// `Full` or `Unavailable`, when it cannot be kept.
    pub fn organisation_key(&self, organisation: OrganisationId) -> Result<Needed, StoreError> {
        let id = KeyId::new(Uuid::new_v5(&organisation.uuid(), b"organisation key"));
        if let Some(key) = self.key(id) {
            return Ok((id, key));
        }
        let promised = (id, self.promise(id)?);
        self.keep([&promised].into_iter())?;
        Ok(promised)
    }

    fn read<T>(&self, with: impl FnOnce(&Keys) -> T) -> T {
        with(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, with: impl FnOnce(&mut Keys) -> T) -> T {
        with(&mut self.keys.write().unwrap_or_else(PoisonError::into_inner))
    }

    fn file(&self) -> MutexGuard<'_, KeyFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const DESTROYED: StoreError = StoreError::Erased;
