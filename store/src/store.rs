//! The store on one machine: the journal decides, sled serves, the vault opens.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use pipss_domain::history::Fact;
use pipss_domain::ids::{CommandId, OrganisationId};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;

use crate::body;
use crate::chain;
use crate::codec::{self, Body};
use crate::committer::{Committer, Job, frame_max};
use crate::erase;
use crate::folder::{self, Folder, Purpose};
use crate::found::FoundBy;
use crate::frame::{HEADER, take_record};
use crate::index::Index;
use crate::journal::{self, Committed, Journal};
use crate::ledger::{self, Ledger};
use crate::mark::{self, Mark};
use crate::pages;
use crate::prepare::prepare;
use crate::progress::Progress;
use crate::replay;
use crate::sled::Follower;
use crate::vault::Vault;
use crate::{Append, Appended, EventStore, Head, Repeat, StoreError, seal, segment};

/// Appends that may wait before others must wait to be taken in.
const QUEUE: usize = 4096;
/// What an empty reading copy takes, with some to spare, in bytes.
const SLED_BYTES: u64 = 4 << 20;
/// The smallest journal segment, in bytes.
const SEGMENT_MIN: u64 = 4096;

/// Is shown every committed fact exactly once, each log in order: first, while the store opens, all
/// that are there, then each before its append is acknowledged.
pub type Follow = Box<dyn FnMut(&[Fact]) + Send>;

/// Where a store is kept, and within which bounds.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; made if it is not there.
    pub folder: PathBuf,
    /// The size of a journal segment, in bytes: what is reserved ahead, and the least unit of a backup.
    pub segment_bytes: u64,
    /// Nothing is written while the disk has less than this free, in bytes.
    pub floor_bytes: u64,
    /// What the folder is for.
    pub purpose: Purpose,
    /// Where the key that wraps all others is kept, if not in the folder: 32 bytes, made if missing in
    /// a new store.
    pub wrapping_key: Option<PathBuf>,
    /// Where the list of erasures is kept a second time, off the machine.
    pub erasures: Option<PathBuf>,
    /// Who is told how far opening has come.
    pub progress: Progress,
}

impl Options {
    /// The usual bounds.
    pub fn new(folder: impl Into<PathBuf>, purpose: Purpose) -> Self {
        Self {
            folder: folder.into(),
            segment_bytes: 16 << 20,
            floor_bytes: 64 << 20,
            purpose,
            wrapping_key: None,
            erasures: None,
            progress: Progress::default(),
        }
    }
}

/// A store in a folder of this machine.
pub struct SledStore {
    shared: Arc<Shared>,
    queue: Option<mpsc::Sender<Job>>,
    committer: Option<JoinHandle<()>>,
    append_max: usize,
}

/// What the committer and the readers share.
pub struct Shared {
    /// The data folder, held for as long as anything here lives.
    pub folder: Folder,
    /// The keys.
    pub vault: Vault,
    /// Finding people by sealed values.
    pub found: FoundBy,
    /// Where everything stands.
    pub index: RwLock<Index>,
    /// The copy that serves reads.
    pub sled: Follower,
    /// What was erased.
    pub ledger: Ledger,
    /// Which commit was the last.
    pub mark: Mark,
    /// Held while a commit is written; says which was the last.
    pub writing: Mutex<Committed>,
    /// Held while a backup is taken.
    pub backing_up: Mutex<()>,
}

impl SledStore {
    /// Opens a store, or makes a new one, and shows `follow` every fact in it.
    ///
    /// # Errors
    /// `Locked`; `Refused` (other purpose, newer format); `Corrupt`, naming the first bad place, also
    /// if something is missing that was there; `Full`; `Unavailable`.
    pub fn open(mut options: Options, mut follow: Follow) -> Result<Self, StoreError> {
        options.segment_bytes = options.segment_bytes.max(SEGMENT_MIN);
        let new = (2 * options.segment_bytes + SLED_BYTES).saturating_add(options.floor_bytes);
        folder::room_for_new(&options.folder, new)?;
        let mut folder = Folder::open(&options.folder, options.purpose)?;
        let wrapping = options
            .wrapping_key
            .unwrap_or_else(|| folder.path("wrapping.key"));
        let (keys, log) = (folder.path("keys"), folder.path("journal"));
        if folder.is_new() {
            Vault::make(&keys, &wrapping, folder.store())?;
            journal::make(&log, folder.store(), options.segment_bytes)?;
            folder.made()?;
        }
        segment::check_format(&log, folder.store())?;
        let vault = Vault::open(&keys, &wrapping, folder.store())?;
        let (own, outside) = (folder.path(ledger::NAME), options.erasures.clone());
        let ledger = Ledger::new(own, outside, folder.store());
        erase::again(&vault, &ledger)?;
        let mut shared = Shared {
            vault,
            ledger,
            mark: Mark::new(folder.path(mark::NAME), folder.incarnation()),
            writing: Mutex::default(),
            backing_up: Mutex::default(),
            found: FoundBy::new()?,
            index: RwLock::default(),
            sled: Follower::open(folder.path("sled")),
            folder,
        };
        let end = replay::replay(&mut shared, &mut follow, &options.progress)?;
        let journal = Journal::resume(&log, shared.folder.store(), options.segment_bytes, &end)?;
        *shared.hold_writing() = journal.committed();
        shared.mark.reached(end.number);
        shared.mark.settle();
        let bounds = (options.segment_bytes, options.floor_bytes);
        Self::start(shared, journal, follow, bounds)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    fn start(
        shared: Shared,
        journal: Journal,
        follow: Follow,
        bounds: (u64, u64),
    ) -> Result<Self, StoreError> {
        let shared = Arc::new(shared);
        let (queue, jobs) = mpsc::channel(QUEUE);
        let committer = Committer::new(Arc::clone(&shared), journal, follow, jobs, bounds);
        let committer = std::thread::Builder::new()
            .name("committer".into())
            .spawn(move || committer.run())
            .map_err(|error| {
                StoreError::Unavailable(format!("no thread to write with: {error}"))
            })?;
        Ok(Self {
            shared,
            queue: Some(queue),
            committer: Some(committer),
            append_max: frame_max(bounds.0) - HEADER,
        })
    }

    fn repeat(
        &self,
        log: LogId,
        command: CommandId,
        body: Option<&[u8]>,
    ) -> Result<Option<Repeat>, StoreError> {
        let Some(first) = self.indexed(|index| index.get(&log)?.command(command)) else {
            return Ok(None);
        };
        let (mut facts, mut kept) = (Vec::new(), None);
        self.read_from(log, first, &mut |fact, body| {
            let same = fact.command == command;
            if same {
                kept = kept.take().or(body);
                facts.push(fact);
            }
            same
        })?;
        let same_body = body.is_none_or(|body| body::same(body, kept.as_ref(), &self.shared.vault));
        Ok(Some(Repeat { facts, same_body }))
    }

    /// Reads a log from a position on, until `each` has enough.
    fn read_from(
        &self,
        log: LogId,
        mut position: u64,
        each: &mut dyn FnMut(Fact, Option<Body>) -> bool,
    ) -> Result<(), StoreError> {
        let block = |position| {
            self.indexed(|index| {
                let log = index.get(&log)?;
                (1..=log.head().position)
                    .contains(&position)
                    .then(|| log.block(position))
            })
        };
        let mut packed = Vec::new();
        while let Some(range) = block(position) {
            self.block(log, range.start, &mut packed)?;
            for record in records(&packed).skip((position - range.start) as usize) {
                let (fact, body) = decoded(log, position, record)?;
                position += 1;
                if !each(fact, body) {
                    return Ok(());
                }
            }
            if position < range.end {
                return Err(lost(log, position));
            }
        }
        Ok(())
    }

    /// Puts the records of the block that begins at a position in place of `bytes`, each as `length · bytes`.
    pub(crate) fn block(
        &self,
        log: LogId,
        first: u64,
        bytes: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let sled = &self.shared.sled;
        // A broken one does not even give all that it holds: then the journal does.
        let block = match sled.block(log, first, bytes) {
            Ok(()) => Ok(()),
            Err(_) => replay::fill_in(&self.shared).and_then(|()| sled.block(log, first, bytes)),
        };
        let unmended = |doubt| format!("the reading copy is being mended ({doubt})");
        block.map_err(|doubt| StoreError::Unavailable(unmended(doubt)))
    }

    /// Looks something up in the indexes.
    pub(crate) fn indexed<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(
            &self
                .shared
                .index
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl EventStore for SledStore {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        let (log, command, body) = (append.log, append.command, append.body.clone());
        if let Some(repeat) = self.repeat(log, command, body.as_deref())? {
            return Ok(Appended::Repeated(repeat));
        }
        let (job, answered) = prepare(append, &self.shared.vault)?;
        if job.length() > self.append_max {
            return Err(StoreError::TooLarge);
        }
        let stopped = || StoreError::Unavailable("the store has stopped".into());
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(job).await.map_err(|_| stopped())?;
        // Taken in and never answered: the committer died in the middle of it.
        match answered.await.map_err(|_| StoreError::Indeterminate)?? {
            Some(facts) => Ok(Appended::New(facts)),
            None => self
                .repeat(log, command, body.as_deref())?
                .map(Appended::Repeated)
                .ok_or(StoreError::Indeterminate),
        }
    }

    fn stream(&self, log: LogId, stream: &Stream) -> Result<Vec<Fact>, StoreError> {
        let mut blocks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        self.indexed(|index| {
            let Some(index) = index.get(&log) else { return };
            for position in index.positions(stream).iter().map(|at| u64::from(*at)) {
                blocks
                    .entry(index.block(position).start)
                    .or_default()
                    .push(position);
            }
        });
        let (mut facts, mut packed) = (Vec::new(), Vec::new());
        for (first, positions) in blocks {
            self.block(log, first, &mut packed)?;
            let mut records = (first..).zip(records(&packed));
            for position in positions {
                let (_, record) = records
                    .find(|(at, _)| *at == position)
                    .ok_or_else(|| lost(log, position))?;
                facts.push(decoded(log, position, record)?.0);
            }
        }
        Ok(facts)
    }

    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        let first = after.saturating_add(1);
        let last = after.saturating_add(limit as u64);
        pages::read(self, log, &(first..=last))
    }

    fn head(&self, log: LogId) -> Head {
        let empty = || Head {
            position: 0,
            chain: chain::start(log),
        };
        self.indexed(|index| {
            index
                .get(&log)
                .map_or_else(empty, crate::index::LogIndex::head)
        })
    }

    fn repeated(
        &self,
        log: LogId,
        command: CommandId,
        body: &[u8],
    ) -> Result<Option<Repeat>, StoreError> {
        self.repeat(log, command, Some(body))
    }

    fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError> {
        self.shared.vault.command_id(organisation, parts)
    }

    fn open<T: DeserializeOwned + Clone>(&self, value: &Personal<T>) -> Personal<T> {
        opened(value, &self.shared.vault)
    }

    fn find(&self, organisation: OrganisationId, plaintext: &[u8]) -> Vec<Stream> {
        self.shared
            .found
            .find(organisation, plaintext, &self.shared.vault)
    }
}

impl Drop for SledStore {
    /// Lets the committer finish what it was given and leave sled durable.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(committer) = self.committer.take() {
            let _ = committer.join();
        }
    }
}

/// A value opened with the keys of a vault.
pub(crate) fn opened<T: DeserializeOwned + Clone>(
    value: &Personal<T>,
    vault: &Vault,
) -> Personal<T> {
    match value {
        Personal::Sealed(sealed) => {
            seal::open(sealed, vault).map_or(Personal::Erased, |plain| Personal::from_json(&plain))
        }
        Personal::Known(_) | Personal::Erased => value.clone(),
    }
}

fn records(mut packed: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || take_record(&mut packed))
}

fn decoded(log: LogId, position: u64, record: &[u8]) -> Result<(Fact, Option<Body>), StoreError> {
    codec::decode(record)
        .filter(|(fact, _)| fact.log == log && fact.position == position)
        .ok_or_else(|| lost(log, position))
}

/// Says which position cannot be read.
pub(crate) fn lost(log: LogId, position: u64) -> StoreError {
    let (name, organisation) = (chain::name(log.log), log.organisation);
    StoreError::Corrupt(format!(
        "position {position} of log {name} of organisation {organisation} cannot be read"
    ))
}
