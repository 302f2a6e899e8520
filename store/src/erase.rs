//! Erasing: written down first, then the keys destroyed; and done again wherever a copy is opened.

use std::path::Path;

use chrono::{DateTime, Utc};
use pipss_domain::ids::KeyId;
use uuid::Uuid;

use crate::backup::{self, BackedUp, Backup};
use crate::ledger::Ledger;
use crate::vault::Vault;
use crate::{SledStore, StoreError};

impl SledStore {
    /// Destroys keys for ever: what was sealed under them reads as erased from now on. Written down first,
    /// in the data folder and off the machine, so that it is done again wherever a copy is opened.
    ///
    /// # Errors
    /// `Fenced`: nothing was done. `Full`, `Unavailable` or `Corrupt`; then they may or may not be gone,
    /// and it is to be asked again.
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
        self.shared().vault.destroy(&gone)
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

/// Destroys what a copy, or a crash between the list and the keys, brought back.
///
/// # Errors
/// `Full`, `Unavailable` or `Corrupt`.
pub fn again(vault: &Vault, ledger: &Ledger) -> Result<(), StoreError> {
    let mut gone = ledger.gather()?;
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
