//! Export: an organisation's logs as files that anybody can check, and apart from them its keys.
//!
//! Each new folder appears under its name when it is whole. The logs are taken as they stand at one instant;
//! what is written meanwhile is not in it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use pipss_domain::history::Fact;
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::{Log, LogId};
use serde::{Deserialize, Serialize};

use crate::backup_files::Named;
use crate::backup_place::told;
use crate::codec::{self, Body};
use crate::export_files::{
    FORMAT, KEYS_MANIFEST, KeysManifest, LogFiles, MANIFEST, Manifest, chains_name,
    organisation_key, records, write,
};
use crate::folder::{self, io_error};
use crate::frame::take_record;
use crate::hex;
use crate::keyfile::KeyFile;
use crate::store::Shared;
use crate::{Head, SledStore, StoreError, chain, export_open, wrapping};

/// What to write out, and where to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// Whose logs.
    pub organisation: OrganisationId,
    /// The folder to make for the logs: absent or empty.
    pub to: PathBuf,
    /// The folder to make for the keys, elsewhere. Without it personal values are written out in the clear,
    /// and nothing can be taken in again.
    pub keys: Option<PathBuf>,
}

/// What was written out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Exported {
    /// How many facts, their chains recomputed.
    pub facts: u64,
    /// How many keys, destroyed ones included; none where values stand in the clear.
    pub keys: usize,
}

impl SledStore {
    /// Writes out an organisation's logs, and apart from them its keys.
    ///
    /// # Errors
    /// `Refused`, with a plain sentence; `Corrupt`, when a chain does not hold.
    pub fn export(&self, asked: &Export, now: DateTime<Utc>) -> Result<Exported, StoreError> {
        let shared = self.shared();
        let heads = heads(shared, asked.organisation);
        if heads.iter().all(|head| head.position == 0) {
            return refused("there is no such organisation here");
        }
        let keys = asked.keys.as_deref();
        if keys.is_some_and(|keys| asked.to.starts_with(keys) || keys.starts_with(&asked.to)) {
            return refused("the keys must not be kept in the same folder as the log they open");
        }
        let to = New::begin(&asked.to)?;
        let mut seen = HashSet::from([organisation_key(asked.organisation)]);
        let manifest = logs(shared, asked, &heads, (&to.part, &mut seen), now);
        manifest
            .and_then(|manifest| write(&manifest, &to.part, MANIFEST))
            .map_err(|error| told(error, &asked.to))?;
        let mut count = 0;
        if let Some(keys) = keys {
            let new = New::begin(keys)?;
            count = copy_keys(shared, asked.organisation, (&new.part, &seen), now)
                .map_err(|error| told(error, keys))?;
            new.finish()?;
        }
        to.finish()?;
        let facts = heads.iter().map(|head| head.position).sum();
        Ok(Exported { facts, keys: count })
    }
}

fn heads(shared: &Shared, organisation: OrganisationId) -> [Head; 3] {
    let index = shared.index.read().unwrap_or_else(PoisonError::into_inner);
    Log::ALL.map(|log| {
        let log = LogId { organisation, log };
        let empty = Head {
            position: 0,
            chain: chain::start(log),
        };
        index.get(&log).map_or(empty, crate::index::LogIndex::head)
    })
}

fn logs(
    shared: &Shared,
    asked: &Export,
    heads: &[Head; 3],
    (to, seen): (&Path, &mut HashSet<KeyId>),
    now: DateTime<Utc>,
) -> Result<Manifest, StoreError> {
    let organisation = asked.organisation;
    let mut logs = Vec::new();
    for (log, head) in Log::ALL.into_iter().zip(heads) {
        let log = LogId { organisation, log };
        logs.push(one_log(
            shared,
            (log, head),
            (to, asked.keys.is_none()),
            seen,
        )?);
    }
    Ok(Manifest {
        format: FORMAT,
        store: shared.folder.store(),
        incarnation: shared.folder.incarnation(),
        purpose: shared.folder.purpose(),
        organisation,
        taken_at: now,
        open: asked.keys.is_none(),
        logs,
    })
}

fn one_log(
    shared: &Shared,
    (log, head): (LogId, &Head),
    (to, open): (&Path, bool),
    seen: &mut HashSet<KeyId>,
) -> Result<LogFiles, StoreError> {
    let writing = |error: io::Error| io_error("writing an export", &error);
    let (name, links) = (records(log.log), chains_name(log.log));
    let new = |name: &str| {
        folder::create(&to.join(name))
            .map(BufWriter::new)
            .map_err(writing)
    };
    let mut lines = new(&name)?;
    let mut chains = if open { None } else { Some(new(&links)?) };
    let mut chain = chain::start(log);
    each_record(shared, log, head.position, &mut |position, record| {
        chain = chain::next(&chain, record);
        let (mut fact, body) = codec::decode(record).ok_or_else(|| lost(log, position))?;
        let written = if open {
            export_open::line(record, &mut fact, &shared.vault)
                .ok_or_else(|| lost(log, position))?
        } else {
            seen.extend(keys_of(&mut fact, body.as_ref()));
            record.to_vec()
        };
        lines
            .write_all(&written)
            .and_then(|()| lines.write_all(b"\n"))
            .map_err(writing)?;
        let link = format!("{}\n", hex::of(&chain));
        chains
            .as_mut()
            .map_or(Ok(()), |file| file.write_all(link.as_bytes()))
            .map_err(writing)
    })?;
    if chain != head.chain {
        return Err(lost(log, head.position));
    }
    for file in [Some(lines), chains].into_iter().flatten() {
        let file: File = file
            .into_inner()
            .map_err(|error| writing(error.into_error()))?;
        file.sync_all().map_err(writing)?;
    }
    Ok(LogFiles {
        log: log.log,
        facts: head.position,
        chain,
        records: Named::of(to, &name)?,
        chains: if open {
            None
        } else {
            Some(Named::of(to, &links)?)
        },
    })
}

/// What is shown of each record: its position and its bytes.
type Each<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<(), StoreError>;

/// The records of a log from the first to a position, as they were kept.
fn each_record(shared: &Shared, log: LogId, until: u64, each: Each<'_>) -> Result<(), StoreError> {
    let mut position = 1;
    while position <= until {
        let block = {
            let index = shared.index.read().unwrap_or_else(PoisonError::into_inner);
            index
                .get(&log)
                .map(|log| log.block(position))
                .ok_or_else(|| lost(log, position))?
        };
        let mut packed = Vec::new();
        let read = shared.sled.block(log, block.start, &mut packed);
        read.map_err(|doubt| {
            StoreError::Unavailable(format!("the reading copy is being mended ({doubt})"))
        })?;
        let mut rest = packed.as_slice();
        while position <= until
            && let Some(record) = take_record(&mut rest)
        {
            each(position, record)?;
            position += 1;
        }
        if position < block.end.min(until + 1) {
            return Err(lost(log, position));
        }
    }
    Ok(())
}

/// Every key that a fact needs.
pub fn keys_of(fact: &mut Fact, body: Option<&Body>) -> Vec<KeyId> {
    let mut keys = body.map(|body| body.keys.clone()).unwrap_or_default();
    fact.event
        .personals(&mut |_, value| keys.extend(value.sealed_mut().map(|sealed| sealed.key)));
    keys
}

/// Copies those of the keys that are the organisation's. Taken after the logs: each that they need is there.
fn copy_keys(
    shared: &Shared,
    organisation: OrganisationId,
    (to, seen): (&Path, &HashSet<KeyId>),
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut keys = shared.vault.every_key()?;
    keys.retain(|(id, _)| seen.contains(id));
    let wrapping_key = to.join("wrapping.key");
    wrapping::make(&wrapping_key)?;
    let store = shared.folder.store();
    KeyFile::make(
        &to.join("keys"),
        store,
        &wrapping::read(&wrapping_key)?,
        &keys,
    )?;
    let files = ["wrapping.key", "keys"]
        .map(|name| Named::of(to, name))
        .into_iter();
    let manifest = KeysManifest {
        format: FORMAT,
        store,
        organisation,
        taken_at: now,
        files: files.collect::<Result<_, _>>()?,
    };
    write(&manifest, to, KEYS_MANIFEST)?;
    Ok(keys.len())
}

/// A folder that is being made beside its name, and taken away again unless it is finished.
struct New {
    part: PathBuf,
    whole: PathBuf,
}

impl New {
    fn begin(whole: &Path) -> Result<Self, StoreError> {
        let parent = whole
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        if parent.is_some_and(|parent| !parent.is_dir()) {
            return refused(&format!(
                "there is no folder to make {} in: is its disk mounted?",
                whole.display()
            ));
        }
        let empty = fs::read_dir(whole).map_or(!whole.exists(), |mut found| found.next().is_none());
        let part = PathBuf::from(format!("{}.part", whole.display()));
        if !empty || part.exists() {
            let taken = if empty { &part } else { whole };
            return refused(&format!(
                "{} is there already: say a new folder",
                taken.display()
            ));
        }
        folder::create_dir(&part).map_err(|error| told(error, whole))?;
        let whole = whole.to_owned();
        Ok(Self { part, whole })
    }

    fn finish(self) -> Result<(), StoreError> {
        let parent = self.whole.parent().unwrap_or(Path::new("."));
        folder::sync_dir(&self.part)
            .and_then(|()| fs::rename(&self.part, &self.whole))
            .and_then(|()| folder::sync_dir(parent))
            .map_err(|error| told(io_error("naming it", &error), &self.whole))
    }
}

impl Drop for New {
    /// A finished one has another name by now.
    fn drop(&mut self) {
        for secret in ["wrapping.key", "keys"] {
            let _ = wrapping::discard(&self.part.join(secret));
        }
        let _ = fs::remove_dir_all(&self.part);
    }
}

fn lost(log: LogId, position: u64) -> StoreError {
    let (name, organisation) = (chain::name(log.log), log.organisation);
    StoreError::Corrupt(format!(
        "position {position} of log {name} of organisation {organisation}"
    ))
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
