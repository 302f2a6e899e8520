//! A backup: a copy of the log that shares with earlier ones what never changes, and apart from it the keys.
//!
//! `DIR/<time>/` holds the journal up to one commit, the store's id, the list of erasures and a note of what
//! it is; `KEYS/<time>/` holds the keys, wrapped anew, with the key that wraps them. Restoring needs both.
//! Closed segments are shared with the backup before by a second name (hard link): each folder is whole, and
//! taking one away harms no other. A copy of the keys is refused after 35 days and taken away by the next
//! backup: what was erased meanwhile is then gone from every copy.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::backup_files::{self, Named};
use crate::backup_note::{FORMAT, Note, Reached};
use crate::backup_place::{
    TIME, clear, expire, finished, place, prune, put, take_away, told, unfinished,
};
use crate::folder::{self, io_error};
use crate::journal::Committed;
use crate::keyfile::{Found, KeyFile};
use crate::store::Shared;
use crate::{StoreError, ledger, segment, wrapping};

/// A copy of the keys is good for so many days.
pub const KEYS_DAYS: i64 = 35;
/// After so many days all of a backup is read again, also what it shares with earlier ones.
const WHOLE_DAYS: i64 = 7;

/// What to take, and where to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Where copies of the log go.
    pub to: PathBuf,
    /// Where copies of the keys go: neither within the other.
    pub keys: PathBuf,
    /// Read all of it, also what it shares with earlier ones. Done every seven days in any case.
    #[serde(default)]
    pub whole: bool,
    /// Afterwards keep so many copies of the log, at least one, and take away the older ones.
    #[serde(default)]
    pub keep: Option<usize>,
}

/// What a backup did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BackedUp {
    /// The copy of the log.
    pub log: PathBuf,
    /// The copy of the keys.
    pub keys: PathBuf,
    /// How many facts are in it.
    pub facts: u64,
    /// How many bytes of the journal were copied, read back and their chains recomputed.
    pub copied_bytes: u64,
    /// How many segments it shares with the one before.
    pub shared: usize,
    /// Were those read as well?
    pub whole: bool,
    /// Segments that had changed in the earlier copies, and were copied anew.
    pub renewed: Vec<String>,
    /// How many expired copies of the keys were taken away.
    pub expired: usize,
    /// How many older copies of the log were taken away.
    pub pruned: usize,
}

/// Copies what is new in the log to a new folder, and the keys to another, reads back what it wrote, and takes
/// away copies of the keys that expired.
///
/// # Errors
/// `Refused`, with a plain sentence; `Corrupt`, when the copy does not verify.
pub fn take(shared: &Shared, asked: &Backup, now: DateTime<Utc>) -> Result<BackedUp, StoreError> {
    let Backup { to, keys, .. } = asked;
    if to.starts_with(keys) || keys.starts_with(to) {
        return refused("the keys must not be kept in the same folder as the log they open");
    }
    let Ok(_one_at_a_time) = shared.backing_up.try_lock() else {
        return refused("another backup is being taken");
    };
    let name = now.format(TIME).to_string();
    let (part, key_part) = (unfinished(to, &name), unfinished(keys, &name));
    let _ours = [place(to)?, place(keys)?];
    clear(to)?;
    clear(keys)?;
    let expired = expire(keys, now)?;
    let taken = write(shared, asked, (&part, &key_part), now);
    let (note, mut taken) = taken.inspect_err(|_| {
        // What cannot be taken away now is by the next backup; it never looks like one.
        let _ = (take_away(&part), take_away(&key_part));
    })?;
    (taken.log, taken.keys) = (to.join(&name), keys.join(&name));
    // The keys first: without them the log would be of no use.
    put(&key_part, &taken.keys).and_then(|()| put(&part, &taken.log))?;
    taken.expired = expired;
    taken.pruned = asked.keep.map_or(Ok(0), |keep| prune(to, &note, keep))?;
    Ok(taken)
}

fn write(
    shared: &Shared,
    asked: &Backup,
    (part, key_part): (&Path, &Path),
    now: DateTime<Utc>,
) -> Result<(Note, BackedUp), StoreError> {
    // All that is held up: no commit is written while this is looked at. Nothing before it ever changes.
    let end: Committed = *shared.hold_writing();
    let earlier = latest(&asked.to, shared);
    let due = |note: &Note| {
        note.read_whole_at
            .is_none_or(|at| now - at >= TimeDelta::days(WHOLE_DAYS))
    };
    let whole = asked.whole || earlier.as_ref().is_none_or(|(_, note)| due(note));
    let mut copy = Copy {
        from: shared.folder.path("journal"),
        to: part,
        earlier,
        files: Vec::new(),
        new_bytes: 0,
        shared: 0,
        renewed: Vec::new(),
    };
    let failed = |error| told(error, &asked.to);
    let (closed, reached) = copy.journal(shared, &end, whole).map_err(failed)?;
    copy.rest(shared).map_err(failed)?;
    let read_before = copy
        .earlier
        .as_ref()
        .and_then(|(_, note)| note.read_whole_at);
    let note = Note {
        format: FORMAT,
        store: shared.folder.store(),
        incarnation: shared.folder.incarnation(),
        taken_at: now,
        commits: reached.commits,
        facts: reached.facts,
        keys: reached.keys,
        closed,
        read_whole_at: if whole { Some(now) } else { read_before },
        files: copy.files,
    };
    note.write(part).map_err(failed)?;
    // Taken after the log: every key that it needs is there, unless it was destroyed.
    copy_keys(key_part, &shared.vault.every_key()?, &note)
        .map_err(|error| told(error, &asked.keys))?;
    let taken = BackedUp {
        log: PathBuf::new(),
        keys: PathBuf::new(),
        facts: note.facts,
        copied_bytes: copy.new_bytes,
        shared: copy.shared,
        whole,
        renewed: copy.renewed,
        expired: 0,
        pruned: 0,
    };
    Ok((note, taken))
}

/// A copy of the log that is being made.
struct Copy<'a> {
    from: PathBuf,
    to: &'a Path,
    /// The backup before, of the same incarnation.
    earlier: Option<(PathBuf, Note)>,
    files: Vec<Named>,
    new_bytes: u64,
    shared: usize,
    renewed: Vec<String>,
}

impl Copy<'_> {
    /// The journal up to a commit. Answers how far its closed segments reach, and all of it.
    fn journal(
        &mut self,
        shared: &Shared,
        end: &Committed,
        whole: bool,
    ) -> Result<(Reached, Reached), StoreError> {
        let (store, journal) = (shared.folder.store(), self.to.join("journal"));
        folder::create_dir(&journal)?;
        for number in 1..end.segment {
            self.closed(number, whole)?;
        }
        let before = self.earlier.as_ref().filter(|_| !whole);
        let mut closed = before.map_or_else(Reached::default, |(_, note)| note.closed.clone());
        if closed.segment + 1 < end.segment {
            closed = closed.read_on(&journal, store)?;
        }
        self.copy(end.segment, end.bytes)?;
        let reached = closed.clone().read_on(&journal, store)?;
        if reached.commits != end.number {
            let what = format!("the copy ends at commit {}", reached.commits);
            return Err(StoreError::Corrupt(what));
        }
        Ok((closed, reached))
    }

    /// A segment that never changes any more: shared if the backup before has it, and has it well.
    fn closed(&mut self, number: u64, whole: bool) -> Result<(), StoreError> {
        if let Some((dir, note)) = &self.earlier
            && number <= note.closed.segment
            && let Some(file) = note.file(&name(number))
        {
            let sound = !whole || file.check(dir).is_ok();
            if sound && backup_files::share((dir, self.to), file).is_ok() {
                self.files.push(file.clone());
                self.shared += 1;
                return Ok(());
            }
            if !sound {
                self.renewed
                    .push(dir.join(&file.name).display().to_string());
            }
        }
        let path = segment::path(&self.from, number);
        let length =
            fs::metadata(&path).map_err(|error| io_error("measuring a segment", &error))?;
        self.copy(number, length.len())
    }

    fn copy(&mut self, number: u64, bytes: u64) -> Result<(), StoreError> {
        let from = segment::path(&self.from, number);
        let copied = backup_files::copy(&from, (self.to, &name(number)), bytes)?;
        self.files.push(copied);
        self.new_bytes += bytes;
        Ok(())
    }

    /// The store's id and the list of erasures.
    fn rest(&mut self, shared: &Shared) -> Result<(), StoreError> {
        let id = shared.folder.path("store");
        let length =
            fs::metadata(&id).map_err(|error| io_error("measuring the store id", &error))?;
        self.files
            .push(backup_files::copy(&id, (self.to, "store"), length.len())?);
        let erasures = ledger::read(&shared.folder.path(ledger::NAME), shared.folder.store())?;
        if !erasures.is_empty() {
            ledger::complete(&self.to.join(ledger::NAME), &mut Vec::new(), &erasures)?;
            self.files.push(Named::of(self.to, ledger::NAME)?);
        }
        [self.to.join("journal").as_path(), self.to]
            .into_iter()
            .try_for_each(folder::sync_dir)
            .map_err(|error| io_error("copying", &error))
    }
}

fn copy_keys(to: &Path, keys: &[Found], of: &Note) -> Result<(), StoreError> {
    folder::create_dir(to)?;
    let wrapping_key = to.join("wrapping.key");
    wrapping::make(&wrapping_key)?;
    let wrapping = wrapping::read(&wrapping_key)?;
    KeyFile::make(&to.join("keys"), of.store, &wrapping, keys)?;
    let names = ["wrapping.key", "keys"];
    let files = names.map(|name| Named::of(to, name)).into_iter();
    let note = Note {
        files: files.collect::<Result<_, _>>()?,
        closed: Reached::default(),
        read_whole_at: None,
        ..of.clone()
    };
    note.write(to)
}

/// Where segment `number` lies in a copy.
fn name(number: u64) -> String {
    segment::path(Path::new("journal"), number)
        .display()
        .to_string()
}

/// The latest backup there of this incarnation, if it can be built upon: not if the machine was set back to
/// an earlier state since, and went on from there, for then even closed segments are others.
fn latest(to: &Path, shared: &Shared) -> Option<(PathBuf, Note)> {
    let (store, incarnation) = (shared.folder.store(), shared.folder.incarnation());
    let notes = finished(to).into_iter().rev();
    let (note, dir) = notes
        .filter_map(|dir| Some((Note::read(&dir).ok()?, dir)))
        .find(|(note, _)| {
            (note.store, note.incarnation, note.format) == (store, incarnation, FORMAT)
        })?;
    let last = name(note.closed.segment);
    let same = note.file(&last).is_some_and(|file| {
        Named::of(&shared.folder.path(""), &last).is_ok_and(|own| own == *file)
    });
    (same || note.closed.segment == 0).then_some((dir, note))
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
