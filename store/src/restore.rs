//! Restoring: a backup becomes a data folder again, and what was erased since stays erased.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::backup::{self, KEYS_DAYS};
use crate::folder;
use crate::keyfile::KeyFile;
use crate::ledger::{self, Line};
use crate::{Options, SledStore, StoreError, keyfile, wrapping};

/// What to restore, and where to.
pub struct Restore {
    /// The copy of the log.
    pub log: PathBuf,
    /// The copy of the keys.
    pub keys: PathBuf,
    /// The list of erasures that is kept off the machine. `None` only if whoever restores said so.
    pub ledger: Option<PathBuf>,
    /// The data folder to make: absent or empty.
    pub into: Options,
}

/// What was restored.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// How many facts, each checked.
    pub facts: u64,
    /// How many keys of the copy were destroyed since, and did not come back.
    pub erased: usize,
}

/// Restores. The keys that were destroyed since are never written into the new folder; its store id,
/// without which nobody opens it, comes last.
///
/// # Errors
/// `Refused`, with a plain sentence; `Corrupt`, naming the first bad place; `Full` or `Unavailable`.
pub fn restore(restore: &Restore, now: DateTime<Utc>) -> Result<Restored, StoreError> {
    let note = backup::note(&restore.log)?;
    let keys_note = backup::note(&restore.keys)?;
    if note.store != keys_note.store {
        return refused("these keys are of another store than this log");
    }
    if backup::is_expired(&keys_note, now) {
        return refused(&format!(
            "this copy of the keys is older than {KEYS_DAYS} days and must not be used any more"
        ));
    }
    let lines = erasures(restore, note.store)?;
    let (_, facts) = backup::verify(&restore.log.join("journal"), note.store)?;
    let into = &restore.into.folder;
    folder::create_dir(into)?;
    if fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
        return refused("the data folder is not empty");
    }
    backup::copy_files(&restore.log.join("journal"), &into.join("journal"))?;
    let erased = restore_keys(restore, note.store, &ledger::keys(&lines))?;
    ledger::complete(&into.join(ledger::NAME), &mut Vec::new(), &lines)?;
    let id = fs::read(restore.log.join("store"));
    let id = id.map_err(|error| folder::io_error("reading the store id", &error))?;
    folder::replace(&into.join("store"), &folder::reborn(&id)?)?;
    let into = Options {
        purpose: folder::purpose(&id)?,
        ..restore.into.clone()
    };
    // Reads every fact, recomputes every chain and makes the reading copy.
    drop(SledStore::open(into, Box::new(|_| {}))?);
    Ok(Restored { facts, erased })
}

/// The erasures to be done again.
fn erasures(restore: &Restore, store: uuid::Uuid) -> Result<Vec<Line>, StoreError> {
    let own = ledger::read(&restore.log.join(ledger::NAME), store)?;
    let Some(path) = &restore.ledger else {
        return Ok(own);
    };
    if !path.exists() {
        return refused(&format!(
            "there is no list of erasures at {}",
            path.display()
        ));
    }
    let lines = ledger::read(path, store)?;
    let known: HashSet<_> = lines.iter().map(|line| line.erasure).collect();
    if own.iter().any(|line| !known.contains(&line.erasure)) {
        return refused(
            "this list of erasures lacks some that the backup knows of: it is not the one",
        );
    }
    Ok(lines)
}

fn restore_keys(
    restore: &Restore,
    store: uuid::Uuid,
    gone: &HashSet<pipss_domain::ids::KeyId>,
) -> Result<usize, StoreError> {
    let copied = wrapping::read(&restore.keys.join("wrapping.key"))?;
    let mut keys = keyfile::read(&restore.keys.join("keys"), store, &copied)?;
    let mut erased = 0;
    for (id, key) in &mut keys {
        if gone.contains(id) && key.take().is_some() {
            erased += 1;
        }
    }
    let into = &restore.into;
    let wrapping_key = into.wrapping_key.clone();
    let wrapping_key = wrapping_key.unwrap_or_else(|| into.folder.join("wrapping.key"));
    wrapping::make(&wrapping_key)?;
    let fresh = wrapping::read(&wrapping_key)?;
    KeyFile::make(&into.folder.join("keys"), store, &fresh, &keys)?;
    Ok(erased)
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
