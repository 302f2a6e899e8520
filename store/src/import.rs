//! Import: an exported organisation is taken into a data folder that does not have it, whole or not at all.
//!
//! Nothing may run in the folder. Every line is checked before anything is written; then the journal is made
//! again beside itself, sharing its closed segments, with the new commits at its end, read through, and put in
//! the place of the old one in a single step of the file system.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::LogId;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::backup::KEYS_DAYS;
use crate::backup_files;
use crate::backup_note::Reached;
use crate::chain::{self, Link};
use crate::committer::frame_max;
use crate::export_files::{FORMAT, KEYS_MANIFEST, KeysManifest, organisation_key, read};
use crate::folder::{self, io_error};
use crate::frame::{BLOCK_HEADER, Block, Frame, HEADER};
use crate::import_check::{Checked, check};
use crate::journal::{self, Journal};
use crate::keyfile::{self, Found};
use crate::store::Shared;
use crate::{EventStore, Options, SledStore, StoreError, ledger, segment, wrapping};

/// What to take in, and where.
pub struct Import {
    /// The folder of the logs.
    pub from: PathBuf,
    /// The folder of their keys.
    pub keys: PathBuf,
    /// The list of erasures of the store that it came from. `None` only if whoever imports said so.
    pub erasures: Option<PathBuf>,
    /// The data folder; made if it is not there.
    pub into: Options,
}

/// What was taken in.
#[derive(Clone, Copy, Debug)]
pub struct Imported {
    /// Whose.
    pub organisation: OrganisationId,
    /// How many facts, in chains that are equal to those that were written out.
    pub facts: u64,
    /// How many of its keys were destroyed since it was written out, and did not come along.
    pub erased: usize,
}

/// Takes in an organisation.
///
/// # Errors
/// `Refused`, naming the line or file that is not right, or why it does not fit here: nothing was kept then;
/// `Locked`; `Corrupt`; `Full` or `Unavailable`.
pub fn import(asked: &Import, now: DateTime<Utc>) -> Result<Imported, StoreError> {
    let from = asked.from.clone();
    let files = move |name: &str| File::open(from.join(name)).map(|f| Box::new(f) as Box<dyn Read>);
    let checked = check(&files, &mut |_, _| Ok(()))?;
    let (keys, erased) = keys(asked, &checked, now)?;
    let into = Options {
        purpose: checked.manifest.purpose,
        ..asked.into.clone()
    };
    let store = SledStore::open(into.clone(), Box::new(|_| {}))?;
    for (log, _) in checked.manifest.logs() {
        if store.head(log).position > 0 {
            return refused("this data folder has that organisation already; nothing was changed");
        }
    }
    // Its writer ends; its folder stays ours.
    let shared = Arc::clone(store.shared());
    drop(store);
    room(&shared, &checked, into.floor_bytes)?;
    shared.vault.take_in(&keys)?;
    let beside = shared.folder.path("journal.next");
    let made = grown(&shared, (&beside, into.segment_bytes), &files, &checked);
    made.and_then(|()| put(&shared, &beside)).inspect_err(|_| {
        let _ = fs::remove_dir_all(&beside);
    })?;
    drop(shared);
    let store = SledStore::open(into, Box::new(|_| {}))?;
    for (log, of) in checked.manifest.logs() {
        if store.head(log).chain != of.chain {
            let what = format!(
                "the chain of log {} is not the one taken in",
                chain::name(log.log)
            );
            return Err(StoreError::Corrupt(what));
        }
    }
    Ok(Imported {
        organisation: checked.organisation(),
        facts: checked.facts(),
        erased,
    })
}

/// The keys that come along, and how many do not because they were destroyed since.
fn keys(
    asked: &Import,
    checked: &Checked,
    now: DateTime<Utc>,
) -> Result<(Vec<Found>, usize), StoreError> {
    let manifest = fs::read(asked.keys.join(KEYS_MANIFEST));
    let manifest = manifest.map_err(|error| {
        StoreError::Refused(format!(
            "there are no keys at {}: {error}",
            asked.keys.display()
        ))
    })?;
    let manifest: KeysManifest = read(&manifest, KEYS_MANIFEST)?;
    let of = &checked.manifest;
    if (manifest.format, manifest.store, manifest.organisation)
        != (FORMAT, of.store, of.organisation)
    {
        return refused("these keys are not of this organisation in that store");
    }
    if now - manifest.taken_at > TimeDelta::days(KEYS_DAYS) {
        return refused(&format!(
            "this copy of the keys is older than {KEYS_DAYS} days and must not be used any more"
        ));
    }
    manifest
        .files
        .iter()
        .try_for_each(|file| file.check(&asked.keys))?;
    let wrapping = wrapping::read(&asked.keys.join("wrapping.key"))?;
    let mut keys = keyfile::read(&asked.keys.join("keys"), of.store, &wrapping)?;
    let here: HashSet<KeyId> = keys.iter().map(|(id, _)| *id).collect();
    if let Some(lacking) = checked.keys.difference(&here).next() {
        return refused(&format!(
            "the key {lacking}, which a record needs, is not among these keys"
        ));
    }
    let own = organisation_key(of.organisation);
    if here
        .iter()
        .any(|id| *id != own && !checked.keys.contains(id))
    {
        return refused("there are keys among these that no record of the organisation needs");
    }
    let gone = erasures(asked, of.store)?;
    let mut erased = 0;
    for (id, key) in &mut keys {
        if gone.contains(id) && key.take().is_some() {
            erased += 1;
        }
    }
    Ok((keys, erased))
}

fn erasures(asked: &Import, store: uuid::Uuid) -> Result<HashSet<KeyId>, StoreError> {
    match &asked.erasures {
        Some(path) if !path.exists() => refused(&format!(
            "there is no list of erasures at {}",
            path.display()
        )),
        Some(path) => Ok(ledger::keys(&ledger::read(path, store)?)),
        None => Ok(HashSet::new()),
    }
}

/// Is there space for it, in the journal and in the reading copy?
fn room(shared: &Shared, checked: &Checked, floor: u64) -> Result<(), StoreError> {
    let bytes: u64 = checked
        .manifest
        .logs
        .iter()
        .map(|log| log.records.bytes)
        .sum();
    let free = folder::free_bytes(&shared.folder.path("journal"))?;
    let needed = bytes.saturating_mul(4).saturating_add(floor);
    if free < needed {
        return refused(&format!(
            "{needed} bytes should be free where the data folder is, and {free} are; nothing was changed"
        ));
    }
    Ok(())
}

/// Makes the journal again with the new commits at its end, and reads it through.
fn grown(
    shared: &Shared,
    (beside, segment_bytes): (&Path, u64),
    files: &dyn Fn(&str) -> std::io::Result<Box<dyn Read>>,
    checked: &Checked,
) -> Result<(), StoreError> {
    let (store, failed) = (shared.folder.store(), |e| {
        io_error("making the journal again", &e)
    });
    if beside.exists() {
        // An earlier import was interrupted; this has no name that anything is read from.
        fs::remove_dir_all(beside).map_err(failed)?;
    }
    folder::create_dir(beside)?;
    let (end, from) = (*shared.hold_writing(), shared.folder.path("journal"));
    for number in 1..end.segment {
        fs::hard_link(segment::path(&from, number), segment::path(beside, number))
            .map_err(failed)?;
    }
    let head = segment::path(Path::new(""), end.segment);
    let head = head.to_str().expect("the name of a segment is digits");
    backup_files::copy(&from.join(head), (beside, head), end.bytes)?;
    let before = Reached::default().read_on(beside, store)?;
    let read = journal::read(beside, store, &mut |_| Ok(()))?;
    let mut writer = Writer {
        journal: Journal::resume(beside, store, segment_bytes, &read)?,
        keys: shared.vault.count(),
        max: frame_max(segment_bytes) - HEADER - BLOCK_HEADER,
        block: None,
        bytes: 0,
        chain: Link::default(),
        position: 0,
        buffer: Vec::new(),
    };
    let again = check(files, &mut |log, record| writer.add(log, record))?;
    writer.write()?;
    drop(writer);
    let after = Reached::default().read_on(beside, store)?;
    if again.manifest != checked.manifest || after.facts != before.facts + checked.facts() {
        return refused("the export was changed while it was read; nothing was kept");
    }
    Ok(())
}

/// Puts the new journal in the place of the old one, in one step.
fn put(shared: &Shared, beside: &Path) -> Result<(), StoreError> {
    let journal = shared.folder.path("journal");
    folder::sync_dir(beside)
        .and_then(|()| {
            Ok(renameat_with(
                CWD,
                beside,
                CWD,
                &journal,
                RenameFlags::EXCHANGE,
            )?)
        })
        .and_then(|()| folder::sync_dir(&shared.folder.path("")))
        .map_err(|error| io_error("putting the new journal in its place", &error))?;
    // What is left of the old one is in nobody's way.
    let _ = fs::remove_dir_all(beside);
    Ok(())
}

/// Gathers records into commits.
struct Writer {
    journal: Journal,
    keys: u64,
    max: usize,
    block: Option<Block>,
    bytes: usize,
    chain: Link,
    position: u64,
    buffer: Vec<u8>,
}

impl Writer {
    fn add(&mut self, log: LogId, record: &[u8]) -> Result<(), StoreError> {
        let other = self.block.as_ref().is_some_and(|block| block.log != log);
        if other || self.bytes + 4 + record.len() > self.max {
            self.write()?;
        }
        if other || self.position == 0 {
            (self.position, self.chain) = (0, chain::start(log));
        }
        self.position += 1;
        self.bytes += 4 + record.len();
        self.chain = chain::next(&self.chain, record);
        let block = self.block.get_or_insert_with(|| Block {
            log,
            first: self.position,
            chain: self.chain,
            records: Vec::new(),
        });
        block.chain = self.chain;
        block.records.push(record.to_vec());
        Ok(())
    }

    fn write(&mut self) -> Result<(), StoreError> {
        let Some(block) = self.block.take() else {
            return Ok(());
        };
        self.bytes = 0;
        let frame = Frame {
            number: self.journal.next_number(),
            keys: self.keys,
            blocks: vec![block],
        };
        self.journal.make_room(frame.length(), true)?;
        frame.encode(&mut self.buffer);
        let written = self.journal.write(&self.buffer);
        written.map_err(|error| io_error("writing the new journal", &error))
    }
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
