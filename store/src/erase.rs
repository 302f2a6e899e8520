//! Erasing: written down first, then the keys destroyed; and done again wherever a copy is opened.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use pipss_domain::ids::KeyId;
use uuid::Uuid;

use crate::backup::{self, BackedUp, Backup};
use crate::ledger::{self, Ledger};
use crate::seal::random;
use crate::vault::Vault;
use crate::{SledStore, StoreError};

impl SledStore {
    /// Destroys keys for ever: what was sealed under them reads as erased from now on. Written down first,
    /// in the data folder and off the machine, so that it is done again wherever a copy is opened.
    ///
    /// # Errors
    /// `Fenced`, `Full` or `Unavailable`: nothing was done. `Indeterminate` or `Corrupt`: they may or may
    /// not be gone, and it is to be asked again.
    pub fn erase(
        &self,
        erasure: Uuid,
        at: DateTime<Utc>,
        keys: &[KeyId],
    ) -> Result<(), StoreError> {
        self.shared().folder.fence().holds()?;
        self.shared().ledger.add(erasure, at, keys)?;
        let gone = keys.iter().copied().collect();
        self.shared().found.forget(&gone);
        // It is written down: whatever fails now, the next start does it.
        self.shared().vault.destroy(&gone).map_err(ledger::in_doubt)
    }

    /// Copies the log and, apart from it, the keys; see `backup.rs`.
    ///
    /// # Errors
    /// `Fenced`; `Refused`, with a plain sentence; or `Corrupt`.
    pub fn backup(
        &self,
        to: &Path,
        keys: &Path,
        now: DateTime<Utc>,
    ) -> Result<BackedUp, StoreError> {
        let asked = Backup {
            to: to.into(),
            keys: keys.into(),
            whole: false,
            keep: None,
        };
        self.back_up(&asked, now)
    }

    /// The same as asked.
    ///
    /// # Errors
    /// As [`SledStore::backup`].
    pub fn back_up(&self, asked: &Backup, now: DateTime<Utc>) -> Result<BackedUp, StoreError> {
        self.shared().folder.fence().holds()?;
        backup::take(self.shared(), asked, now)
    }
}

/// Destroys what a copy, or a crash between the list and the keys, brought back; and lists what was
/// destroyed, where the list lost it.
///
/// # Errors
/// `Full`, `Unavailable` or `Corrupt`.
pub fn again(vault: &Vault, ledger: &Ledger) -> Result<(), StoreError> {
    let mut gone = ledger.gather()?;
    let unlisted: Vec<_> = vault.destroyed().difference(&gone).copied().collect();
    if !unlisted.is_empty() {
        // Without them a restored copy would bring back what they sealed.
        tracing::warn!(
            "{} destroyed keys are missing in the list of erasures, and are written down again",
            unlisted.len()
        );
        let erasure = uuid::Builder::from_random_bytes(*random::<16>()?).into_uuid();
        ledger.add(erasure, SystemTime::now().into(), &unlisted)?;
    }
    gone.retain(|key| !vault.is_destroyed(*key));
    if gone.is_empty() {
        return Ok(());
    }
    tracing::warn!(
        "{} keys of the list of erasures are destroyed again",
        gone.len()
    );
    vault.destroy(&gone)
}
