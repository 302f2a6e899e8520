//! A backup: a copy of the log, and apart from it a copy of the keys that expires.
//!
//! `DIR/<time>/` holds the journal, the store's id, the list of erasures and a note of what it is;
//! `KEYS/<time>/` holds the keys, wrapped anew, with the key that wraps them. Restoring needs both.
//! A copy of the keys is refused after 35 days and taken away by the next backup: what was erased
//! meanwhile is then gone from every copy.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::folder::{self, io_error};
use crate::frame::Frame;
use crate::keyfile::{Found, KeyFile};
use crate::store::Shared;
use crate::{StoreError, chain, journal, ledger, wrapping};

/// A copy of the keys is good for so many days.
pub const KEYS_DAYS: i64 = 35;
/// The file that says what a backup is.
const NOTE: &str = "backup";

/// What a backup is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    /// The version of the layout.
    pub format: u32,
    /// The store.
    pub store: Uuid,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// The last commit in it.
    pub commits: u64,
    /// How many facts are in it.
    pub facts: u64,
}

/// What a backup did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackedUp {
    /// The copy of the log.
    pub log: PathBuf,
    /// The copy of the keys.
    pub keys: PathBuf,
    /// How many facts are in it, each read back and its chain recomputed.
    pub facts: u64,
    /// How many expired copies of the keys were taken away.
    pub expired: usize,
}

/// Copies the log to a new folder in `to` and the keys to one in `keys`, reads the copy back, and takes
/// away copies of the keys that expired.
///
/// # Errors
/// `Refused`, when the two lie beside one another; `Corrupt`, when the copy does not verify; `Full` or
/// `Unavailable`.
pub fn take(
    shared: &Shared,
    (to, keys): (&Path, &Path),
    now: DateTime<Utc>,
) -> Result<BackedUp, StoreError> {
    if to.starts_with(keys) || keys.starts_with(to) {
        let why = "the keys must not be kept in the same folder as the log they open";
        return Err(StoreError::Refused(why.into()));
    }
    folder::create_dir(to)?;
    folder::create_dir(keys)?;
    let expired = expire(keys, now)?;
    let name = now.format("%Y%m%dT%H%M%S%.3fZ").to_string();
    let (log, unfinished) = (to.join(&name), to.join(format!("{name}.part")));
    let note = copy_log(shared, &unfinished, now)?;
    let kept = keys.join(&name);
    let part = keys.join(format!("{name}.part"));
    // Taken after the log: every key that it needs is there, unless it was destroyed.
    copy_keys(&part, &shared.vault.every_key()?, &note)?;
    for (from, to) in [(&part, &kept), (&unfinished, &log)] {
        fs::rename(from, to)
            .and_then(|()| folder::sync_dir(to.parent().unwrap_or(Path::new("."))))
            .map_err(|error| io_error("naming a backup", &error))?;
    }
    Ok(BackedUp {
        log,
        keys: kept,
        facts: note.facts,
        expired,
    })
}

/// What a folder of a backup says it is.
///
/// # Errors
/// `Refused`, when it is none or of a newer version.
pub fn note(dir: &Path) -> Result<Note, StoreError> {
    let none = || StoreError::Refused(format!("there is no backup at {}", dir.display()));
    let bytes = fs::read(dir.join(NOTE)).map_err(|_| none())?;
    let note: Note = serde_json::from_slice(&bytes).map_err(|_| none())?;
    if note.format > 1 {
        return Err(folder::newer());
    }
    Ok(note)
}

/// Has a copy of the keys expired?
pub fn is_expired(note: &Note, now: DateTime<Utc>) -> bool {
    now - note.taken_at > TimeDelta::days(KEYS_DAYS)
}

/// Reads a journal through and recomputes every chain. Answers the last commit and how many facts.
///
/// # Errors
/// `Corrupt`, naming the first bad place.
pub fn verify(dir: &Path, store: Uuid) -> Result<(u64, u64), StoreError> {
    let mut heads = std::collections::HashMap::new();
    let mut facts = 0;
    let end = journal::read(dir, store, &mut |frame: Frame| {
        for block in &frame.blocks {
            let head = heads
                .entry(block.log)
                .or_insert_with(|| chain::start(block.log));
            for record in &block.records {
                *head = chain::next(head, record);
                facts += 1;
            }
            if *head != block.chain {
                let what = format!("the chain does not hold at commit {}", frame.number);
                return Err(StoreError::Corrupt(what));
            }
        }
        Ok(())
    })?;
    Ok((end.number, facts))
}

fn copy_log(shared: &Shared, to: &Path, now: DateTime<Utc>) -> Result<Note, StoreError> {
    folder::create_dir(to)?;
    let (from, journal) = (shared.folder.path("journal"), to.join("journal"));
    {
        let _between_two_commits = shared.hold_writing();
        copy_files(&from, &journal)?;
    }
    let store = shared.folder.store();
    let (commits, facts) = verify(&journal, store)?;
    copy(&shared.folder.path("store"), &to.join("store"))?;
    let erasures = ledger::read(&shared.folder.path(ledger::NAME), store)?;
    ledger::complete(&to.join(ledger::NAME), &mut Vec::new(), &erasures)?;
    let note = Note {
        format: 1,
        store,
        taken_at: now,
        commits,
        facts,
    };
    write_note(to, &note)?;
    Ok(note)
}

fn copy_keys(to: &Path, keys: &[Found], note: &Note) -> Result<(), StoreError> {
    folder::create_dir(to)?;
    let wrapping_key = to.join("wrapping.key");
    wrapping::make(&wrapping_key)?;
    KeyFile::make(
        &to.join("keys"),
        note.store,
        &wrapping::read(&wrapping_key)?,
        keys,
    )?;
    write_note(to, note)
}

fn write_note(to: &Path, note: &Note) -> Result<(), StoreError> {
    let json = serde_json::to_vec_pretty(note).expect("plain fields are plain JSON");
    folder::replace(&to.join(NOTE), &json)
}

/// Copies the files of a folder, durably.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn copy_files(from: &Path, to: &Path) -> Result<(), StoreError> {
    folder::create_dir(to)?;
    let entries = fs::read_dir(from).map_err(|error| io_error("reading a folder", &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| io_error("reading a folder", &error))?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    folder::sync_dir(to).map_err(|error| io_error("copying", &error))
}

/// Copies one file, durably.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::copy(from, to)
        .and_then(|_| fs::File::open(to)?.sync_all())
        .map_err(|error| io_error(&format!("copying {}", from.display()), &error))
}

/// Takes away copies of the keys that expired, and what an interrupted backup left.
fn expire(keys: &Path, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let entries = fs::read_dir(keys).map_err(|error| io_error("reading a folder", &error))?;
    let mut expired = 0;
    for dir in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let unfinished = dir.extension().is_some_and(|end| end == "part");
        let old = note(&dir).is_ok_and(|note| is_expired(&note, now));
        if unfinished || old {
            take_away(&dir).map_err(|error| io_error("taking away an expired copy", &error))?;
            expired += usize::from(old);
        }
    }
    Ok(expired)
}

fn take_away(dir: &Path) -> std::io::Result<()> {
    for name in ["wrapping.key", "keys"] {
        let path = dir.join(name);
        if path.exists() {
            wrapping::discard(&path)?;
        }
    }
    fs::remove_dir_all(dir)
}
