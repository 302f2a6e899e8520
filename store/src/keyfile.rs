//! The key file: every key, wrapped under one that can be kept apart, added to and never reordered.
//!
//! `magic 8 · format 4 · crc 4`, then slots of 88 bytes: `key id 16 · nonce 24 · wrapped key 48`.
//! The first slot carries the store's own id, which proves that the wrapping key fits. A destroyed
//! key keeps its slot, wrapping zeros; free slots are zeros. To destroy one the whole file is written anew
//! under another wrapping key (see `wrapping.rs`).

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as Cipher, XChaCha20Poly1305, XNonce};
use pipss_domain::ids::KeyId;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::folder::{self, io_error, newer};
use crate::seal::{prefixed, random};
use crate::wrapping;

const MAGIC: &[u8; 8] = b"PIPSSKEY";
const FORMAT: u32 = 1;
const PRELUDE: usize = 16;
const SLOT: usize = 88;
/// Space is reserved for this many keys at a time, so that a full disk shows before anything is written.
const AHEAD: u64 = 1024;

/// The bytes of a key.
pub type Bytes = Zeroizing<[u8; 32]>;

/// Every key of a key file that is only read.
///
/// # Errors
/// `Corrupt`, when it is missing, does not begin as one, or the wrapping key does not fit.
pub fn read(path: &Path, store: Uuid, wrapping: &Bytes) -> Result<Vec<Found>, StoreError> {
    read_slots(check_prelude(&read_bytes(path)?)?, store, &cipher(wrapping))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, StoreError> {
    std::fs::read(path)
        .map_err(|error| StoreError::Corrupt(format!("the key file cannot be read: {error}")))
}

/// The open key file.
pub struct KeyFile {
    path: PathBuf,
    file: File,
    store: Uuid,
    /// Where the wrapping key is kept.
    wrapping_key: PathBuf,
    wrapping: XChaCha20Poly1305,
    /// How many keys it holds, destroyed ones included.
    count: u64,
    broken: bool,
}

/// A key as it is found at start: `None` if it was destroyed.
pub type Found = (KeyId, Option<Bytes>);

impl KeyFile {
    /// Makes a key file that holds these keys; one without its bytes counts as destroyed.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn make(
        path: &Path,
        store: Uuid,
        wrapping: &Bytes,
        keys: &[Found],
    ) -> Result<(), StoreError> {
        folder::replace(path, &whole(&cipher(wrapping), store, keys)?)
    }

    /// Opens a key file and gives every key in it.
    ///
    /// # Errors
    /// `Corrupt`, when it is missing, does not begin as one, or the wrapping key does not fit.
    pub fn open(
        path: &Path,
        store: Uuid,
        wrapping_key: &Path,
    ) -> Result<(Self, Vec<Found>), StoreError> {
        let bytes = read_bytes(path)?;
        let slots = check_prelude(&bytes)?;
        wrapping::settle(wrapping_key, |key| {
            read_slots(slots, store, &cipher(key)).is_ok()
        })?;
        let wrapping = cipher(&wrapping::read(wrapping_key)?);
        let keys = read_slots(slots, store, &wrapping)?;
        let file = folder::edit(path).map_err(|error| io_error("opening the key file", &error))?;
        let open = Self {
            path: path.to_owned(),
            file,
            store,
            wrapping_key: wrapping_key.to_owned(),
            wrapping,
            count: keys.len() as u64,
            broken: false,
        };
        Ok((open, keys))
    }

    /// How many keys it holds.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Writes again what follows the first `needed` keys and clears what was torn there: what an
    /// earlier process could not sync may look whole and not be on the disk.
    ///
    /// # Errors
    /// `Corrupt`, when fewer keys than `needed` are here: facts were sealed under the lost ones.
    pub fn settle(&self, needed: u64) -> Result<(), StoreError> {
        if self.count < needed {
            return Err(StoreError::Corrupt(format!(
                "key {} of the key file does not verify, and {needed} were in use",
                self.count + 1
            )));
        }
        let settle = || {
            let from = offset(needed);
            let mut tail = vec![0; (offset(self.count) - from) as usize];
            self.file.read_exact_at(&mut tail, from)?;
            let end = self.file.metadata()?.len().max(offset(self.count));
            tail.resize((end - from) as usize, 0);
            self.file.write_all_at(&tail, from)?;
            self.file.sync_data()
        };
        settle().map_err(|error| io_error("settling the key file", &error))
    }

    /// Adds keys, durably.
    ///
    /// # Errors
    /// `Full`; `Unavailable` after a failed write or sync, and then until restart.
    pub fn add(&mut self, keys: &[(KeyId, &Bytes)]) -> Result<(), StoreError> {
        self.usable()?;
        let mut slots = Vec::with_capacity(keys.len() * SLOT);
        for (id, key) in keys {
            slots.extend(wrap(&self.wrapping, self.store, *id, key)?);
        }
        let after = self.count + keys.len() as u64;
        folder::reserve(&self.file, offset(after))?;
        let written = self
            .file
            .write_all_at(&slots, offset(self.count))
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            self.broken = true;
            return Err(StoreError::Unavailable(format!(
                "saving a key failed: {error}"
            )));
        }
        self.count = after;
        Ok(())
    }

    /// Reserves space for keys to come, so that some can still be added when the disk is full.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; then there is room for fewer.
    pub fn reserve(&self) -> Result<(), StoreError> {
        let ahead = (self.count + AHEAD / 2).next_multiple_of(AHEAD);
        folder::reserve(&self.file, offset(ahead))
    }

    /// Destroys keys: the file is written anew without them, under a new wrapping key, and takes the
    /// place of the old one; then the old wrapping key is overwritten. A key that is not here is noted
    /// as destroyed, so that nobody makes it later.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; then they may or may not be gone.
    pub fn destroy(&mut self, gone: &HashSet<KeyId>) -> Result<(), StoreError> {
        self.usable()?;
        let mut keys = self.read()?;
        wrapping::settle(&self.wrapping_key, |key| {
            self.begins()
                .is_ok_and(|bytes| read_slots(&bytes, self.store, &cipher(key)).is_ok())
        })?;
        for (id, key) in &mut keys {
            if gone.contains(id) {
                *key = None;
            }
        }
        let here: HashSet<KeyId> = keys.iter().map(|(id, _)| *id).collect();
        let mut missing: Vec<_> = gone.difference(&here).map(|id| (*id, None)).collect();
        missing.sort_by_key(|(id, _)| *id);
        keys.extend(missing);
        let fresh = cipher(&wrapping::begin(&self.wrapping_key)?);
        let bytes = whole(&fresh, self.store, &keys)?;
        // From here on an error leaves it open which of the two files stands: restart to find out.
        self.broken = true;
        folder::replace(&self.path, &bytes)?;
        self.file = folder::edit(&self.path)
            .map_err(|error| io_error("opening the new key file", &error))?;
        (self.wrapping, self.count, self.broken) = (fresh, keys.len() as u64, false);
        // Asked again at the next commit.
        let _ = self.reserve();
        wrapping::finish(&self.wrapping_key)
    }

    /// Every key as it stands in the file.
    ///
    /// # Errors
    /// `Unavailable`, when it cannot be read.
    pub fn read(&self) -> Result<Vec<Found>, StoreError> {
        let mut bytes = vec![0; offset(self.count) as usize];
        self.file
            .read_exact_at(&mut bytes, 0)
            .map_err(|error| io_error("reading the key file", &error))?;
        read_slots(&bytes[PRELUDE..], self.store, &self.wrapping)
    }

    /// The slot with the proof.
    fn begins(&self) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; SLOT];
        self.file
            .read_exact_at(&mut bytes, PRELUDE as u64)
            .map_err(|error| io_error("reading the key file", &error))?;
        Ok(bytes)
    }

    fn usable(&self) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::Unavailable(
                "the key file failed earlier; nothing can be sealed until restart".into(),
            ));
        }
        Ok(())
    }
}

fn cipher(wrapping: &Bytes) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Cipher::from_slice(wrapping.as_slice()))
}

/// A key file with these keys.
fn whole(wrapping: &XChaCha20Poly1305, store: Uuid, keys: &[Found]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = prelude().to_vec();
    bytes.extend(wrap(wrapping, store, KeyId::new(store), &*random()?)?);
    for (id, key) in keys {
        let key = key.as_deref().unwrap_or(&[0; 32]);
        bytes.extend(wrap(wrapping, store, *id, key)?);
    }
    Ok(bytes)
}

fn prelude() -> [u8; PRELUDE] {
    let mut out = [0; PRELUDE];
    out[..8].copy_from_slice(MAGIC);
    out[8..12].copy_from_slice(&FORMAT.to_be_bytes());
    let crc = crc32fast::hash(&out[..12]);
    out[12..].copy_from_slice(&crc.to_be_bytes());
    out
}

fn check_prelude(bytes: &[u8]) -> Result<&[u8], StoreError> {
    let damaged = || StoreError::Corrupt("the key file does not begin as one".into());
    let (head, slots) = bytes.split_first_chunk::<PRELUDE>().ok_or_else(damaged)?;
    if *head == prelude() {
        return Ok(slots);
    }
    let whole = crc32fast::hash(&head[..12]).to_be_bytes() == head[12..];
    if whole && head.starts_with(MAGIC) {
        return Err(newer());
    }
    Err(damaged())
}

/// Reads keys up to the first slot that does not verify. Whether that is the end or damage, only the
/// journal can tell: it says how many keys were in use.
fn read_slots(
    bytes: &[u8],
    store: Uuid,
    wrapping: &XChaCha20Poly1305,
) -> Result<Vec<Found>, StoreError> {
    let mut slots = bytes.chunks_exact(SLOT);
    slots
        .next()
        .and_then(|proof| unwrap(wrapping, store, proof))
        .filter(|(id, _)| *id == KeyId::new(store))
        .ok_or_else(|| StoreError::Corrupt("the wrapping key does not fit the key file".into()))?;
    Ok(slots
        .map_while(|slot| unwrap(wrapping, store, slot))
        .collect())
}

fn wrap(
    wrapping: &XChaCha20Poly1305,
    store: Uuid,
    id: KeyId,
    key: &[u8; 32],
) -> Result<Vec<u8>, StoreError> {
    let nonce = random::<24>()?;
    let aad = &prefixed(&[b"pipss key 1", store.as_bytes(), id.uuid().as_bytes()]);
    let wrapped = wrapping
        .encrypt(
            XNonce::from_slice(nonce.as_slice()),
            Payload { msg: key, aad },
        )
        .expect("32 bytes are not too many to encrypt");
    Ok([id.uuid().as_bytes(), nonce.as_slice(), &wrapped].concat())
}

fn unwrap(wrapping: &XChaCha20Poly1305, store: Uuid, slot: &[u8]) -> Option<Found> {
    // Free slots are by far the most common ones that do not verify.
    if slot.iter().all(|byte| *byte == 0) {
        return None;
    }
    let id = id_of(slot);
    let aad = &prefixed(&[b"pipss key 1", store.as_bytes(), id.uuid().as_bytes()]);
    let (nonce, msg) = slot[16..].split_at(24);
    let plain = wrapping
        .decrypt(XNonce::from_slice(nonce), Payload { msg, aad })
        .map(Zeroizing::new)
        .ok()?;
    let mut key = Bytes::default();
    key.copy_from_slice(&plain);
    let destroyed = key.iter().all(|byte| *byte == 0);
    Some((id, (!destroyed).then_some(key)))
}

fn id_of(slot: &[u8]) -> KeyId {
    let id = slot[..16]
        .try_into()
        .expect("a slot begins with 16 bytes of id");
    KeyId::new(Uuid::from_bytes(id))
}

/// Where the slot after `keys` keys begins.
const fn offset(keys: u64) -> u64 {
    PRELUDE as u64 + (keys + 1) * SLOT as u64
}
