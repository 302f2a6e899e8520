//! The places of copies: made and held for one backup at a time, cleared of what expired or was left half made.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::backup_note::Note;
use crate::folder::{self, io_error};
use crate::{StoreError, wrapping};

/// How a copy is named: by its time.
pub const TIME: &str = "%Y%m%dT%H%M%S%.3fZ";

/// Where a copy lies until it is finished.
pub fn unfinished(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.part"))
}

/// Gives a finished copy its name.
///
/// # Errors
/// `Refused`, with a plain sentence.
pub fn put(part: &Path, whole: &Path) -> Result<(), StoreError> {
    fs::rename(part, whole)
        .and_then(|()| folder::sync_dir(whole.parent().unwrap_or(Path::new("."))))
        .map_err(|error| told(io_error("naming a backup", &error), whole))
}

/// A folder for copies, which nobody else uses meanwhile. Its own parent must be there: a disk that is not
/// mounted must not be mistaken for an empty one.
///
/// # Errors
/// `Refused`, with a plain sentence.
pub fn place(dir: &Path) -> Result<File, StoreError> {
    if dir
        .parent()
        .is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.is_dir())
    {
        return refused(&format!(
            "there is no folder {} to put a copy into: is its disk mounted?",
            dir.parent().unwrap_or(dir).display()
        ));
    }
    folder::create_dir(dir).map_err(|error| told(error, dir))?;
    let open = File::open(dir).map_err(|error| told(io_error("opening it", &error), dir))?;
    match open.try_lock() {
        Err(TryLockError::WouldBlock) => {
            refused(&format!("another copy is being made in {}", dir.display()))
        }
        // Some file systems have no locks for folders.
        _ => Ok(open),
    }
}

/// What went wrong, for whoever asked for a copy there.
pub fn told(error: StoreError, place: &Path) -> StoreError {
    let place = place.display();
    match error {
        StoreError::Full => StoreError::Refused(format!(
            "there is no space left for a copy in {place}; none was made"
        )),
        StoreError::Unavailable(why) => {
            StoreError::Refused(format!("no copy was made in {place}: {why}"))
        }
        other => other,
    }
}

/// Copies by the time in their names, oldest first.
pub fn finished(dir: &Path) -> Vec<PathBuf> {
    let is_time = |name: &str| NaiveDateTime::parse_from_str(name, TIME).is_ok();
    let mut found: Vec<_> = entries(dir)
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(is_time)
        })
        .collect();
    found.sort();
    found
}

fn entries(dir: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
}

/// Takes away what an interrupted backup left.
///
/// # Errors
/// `Refused`, with a plain sentence.
pub fn clear(dir: &Path) -> Result<(), StoreError> {
    let is_time = |path: &Path| {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        stem.is_some_and(|stem| NaiveDateTime::parse_from_str(stem, TIME).is_ok())
    };
    let left = entries(dir)
        .filter(|path| path.extension().is_some_and(|end| end == "part") && is_time(path));
    for left in left {
        take_away(&left).map_err(|error| told(io_error("clearing", &error), dir))?;
    }
    Ok(())
}

/// Takes away copies of the keys that expired.
///
/// # Errors
/// `Refused`, with a plain sentence.
pub fn expire(keys: &Path, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let expired = |dir: &PathBuf| Note::read(dir).is_ok_and(|note| note.is_expired(now));
    let old: Vec<_> = entries(keys).filter(expired).collect();
    old.iter()
        .try_for_each(|dir| take_away(dir))
        .map_err(|error| told(io_error("taking away an expired copy", &error), keys))?;
    Ok(old.len())
}

/// Takes away all but the latest `keep` copies of the same store.
///
/// # Errors
/// `Refused`, with a plain sentence.
pub fn prune(to: &Path, of: &Note, keep: usize) -> Result<usize, StoreError> {
    let same = |dir: &PathBuf| Note::read(dir).is_ok_and(|note| note.store == of.store);
    let all: Vec<_> = finished(to).into_iter().filter(same).collect();
    let old = &all[..all.len().saturating_sub(keep.max(1))];
    for dir in old {
        // Half of one must not look like one.
        let part = dir.with_extension("part");
        let gone = fs::rename(dir, &part).and_then(|()| take_away(&part));
        gone.map_err(|error| told(io_error("taking away an older copy", &error), to))?;
    }
    Ok(old.len())
}

/// Takes a copy away, overwriting the keys in it.
///
/// # Errors
/// Those of the file system.
pub fn take_away(dir: &Path) -> std::io::Result<()> {
    for name in ["wrapping.key", "keys"] {
        let path = dir.join(name);
        if path.exists() {
            wrapping::discard(&path)?;
        }
    }
    if dir.exists() {
        fs::remove_dir_all(dir)
    } else {
        Ok(())
    }
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
