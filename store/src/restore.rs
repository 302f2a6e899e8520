//! Restoring: a backup becomes a data folder again, and what was erased since stays erased.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::backup::KEYS_DAYS;
use crate::backup_files::{self, Named, damaged};
use crate::backup_note::{Note, Reached};
use crate::folder::{self, io_error};
use crate::keyfile::{Found, KeyFile};
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
/// without which nobody opens it, comes last. If it fails, nothing is left of the new folder.
///
/// # Errors
/// `Refused`, with a plain sentence, naming a file that is damaged; `Corrupt`, naming the first bad place;
/// `Full` or `Unavailable`.
pub fn restore(restore: &Restore, now: DateTime<Utc>) -> Result<Restored, StoreError> {
    let (note, keys_note) = (Note::read(&restore.log)?, Note::read(&restore.keys)?);
    fits(&note, &keys_note, now)?;
    let lines = erasures(restore, note.store)?;
    let files = files(&restore.log, &note)?;
    keys_note.check_files(&restore.keys)?;
    let reached = Reached::default().read_on(&restore.log.join("journal"), note.store)?;
    if (reached.commits, reached.facts) != (note.commits, note.facts) {
        return Err(damaged(&restore.log, "does not hold what its note says"));
    }
    let (keys, erased) = keys(restore, note.store, &ledger::keys(&lines))?;
    if (keys.len() as u64) < reached.keys {
        return refused(
            "this copy of the keys is older than the log, and lacks some that it needs",
        );
    }
    let into = &restore.into.folder;
    if fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_some()) {
        return refused("the data folder is not empty");
    }
    let was_there = into.exists();
    let wrapping_key = restore.into.wrapping_key.clone();
    let provided = wrapping_key.as_ref().is_some_and(|path| path.exists());
    make(restore, (&note, &files), &lines, &keys).inspect_err(|_| {
        // Whatever is left, it has no store id: nothing opens it.
        let _ = fs::remove_dir_all(into);
        if was_there {
            let _ = folder::create_dir(into);
        }
        if let Some(path) = wrapping_key.filter(|_| !provided) {
            let _ = wrapping::discard(&path);
        }
    })?;
    let facts = reached.facts;
    Ok(Restored { facts, erased })
}

/// Do the two copies belong together?
fn fits(note: &Note, keys: &Note, now: DateTime<Utc>) -> Result<(), StoreError> {
    if note.store != keys.store {
        return refused("these keys are of another store than this log");
    }
    if note.incarnation != keys.incarnation {
        let why = "these keys are of another restored copy of the store than this log; \
                   take those that were copied with it";
        return refused(why);
    }
    if keys.is_expired(now) {
        return refused(&format!(
            "this copy of the keys is older than {KEYS_DAYS} days and must not be used any more"
        ));
    }
    Ok(())
}

/// The files of the journal, each as it was written.
fn files(log: &Path, note: &Note) -> Result<Vec<Named>, StoreError> {
    note.check_files(log)?;
    if note.format > 1 {
        let journal = note
            .files
            .iter()
            .filter(|file| file.name.starts_with("journal/"));
        return Ok(journal.cloned().collect());
    }
    // The first layout names no files. Its chains are recomputed all the same.
    let entries = fs::read_dir(log.join("journal"));
    let entries = entries.map_err(|error| io_error("reading the backup", &error))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .map(|name| Named::of(log, &format!("journal/{name}")))
        .collect()
}

fn make(
    restore: &Restore,
    (note, files): (&Note, &[Named]),
    lines: &[Line],
    keys: &[Found],
) -> Result<(), StoreError> {
    let into = &restore.into;
    folder::create_dir(&into.folder.join("journal"))?;
    for file in files {
        let from = restore.log.join(&file.name);
        let copied = backup_files::copy(&from, (&into.folder, &file.name), file.bytes)?;
        if copied != *file {
            return Err(damaged(&from, "was changed while it was read"));
        }
    }
    folder::sync_dir(&into.folder.join("journal"))
        .map_err(|error| io_error("restoring", &error))?;
    let wrapping_key = into.wrapping_key.clone();
    let wrapping_key = wrapping_key.unwrap_or_else(|| into.folder.join("wrapping.key"));
    wrapping::make(&wrapping_key)?;
    let fresh = wrapping::read(&wrapping_key)?;
    KeyFile::make(&into.folder.join("keys"), note.store, &fresh, keys)?;
    ledger::complete(&into.folder.join(ledger::NAME), &mut Vec::new(), lines)?;
    let id = fs::read(restore.log.join("store"));
    let id = id.map_err(|error| io_error("reading the store id", &error))?;
    folder::replace(&into.folder.join("store"), &folder::reborn(&id)?)?;
    let into = Options {
        purpose: folder::purpose(&id)?,
        ..into.clone()
    };
    // Reads every fact, recomputes every chain and makes the reading copy.
    SledStore::open(into, Box::new(|_| {})).map(drop)
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

/// The keys that come back, and how many do not.
fn keys(
    restore: &Restore,
    store: uuid::Uuid,
    gone: &HashSet<pipss_domain::ids::KeyId>,
) -> Result<(Vec<Found>, usize), StoreError> {
    let copied = wrapping::read(&restore.keys.join("wrapping.key"))?;
    let mut keys = keyfile::read(&restore.keys.join("keys"), store, &copied)?;
    let mut erased = 0;
    for (id, key) in &mut keys {
        if gone.contains(id) && key.take().is_some() {
            erased += 1;
        }
    }
    Ok((keys, erased))
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
