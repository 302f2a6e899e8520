//! Making checkpoints while the store runs, and taking them off the machine as they are made.
//!
//! One thread makes them and keeps them in the data folder. Each place outside has a thread of its own that
//! follows that list: a place that hangs or cannot be reached holds up nothing but itself, is tried again, and
//! is then brought up to date.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::key::{self, SigningKey};
use super::list;
use super::{Checkpoint, LogHead, Signed};
use crate::codec::kept;
use crate::store::Shared;
use crate::{SledStore, StoreError};

/// How often the maker looks whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long the end of the program waits for a place outside.
const PATIENCE: Duration = Duration::from_secs(5);

/// When checkpoints are made, and where they go.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Files off this machine, to which each is added as it is made.
    pub places: Vec<PathBuf>,
    /// Where the signing key is kept, if not in the data folder; made if missing.
    pub key: Option<PathBuf>,
    /// Whatever is new waits no longer than this; a place that failed is tried again as often.
    pub every: Duration,
    /// Nor do this many facts wait.
    pub facts: u64,
}

impl Keeping {
    /// A minute, or 10,000 facts.
    pub const fn new(places: Vec<PathBuf>, key: Option<PathBuf>) -> Self {
        Self {
            places,
            key,
            every: Duration::from_secs(60),
            facts: 10_000,
        }
    }
}

/// The last checkpoint, as somebody may write it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its number.
    pub number: u64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// Where the last one can be seen.
#[derive(Clone, Debug, Default)]
pub struct Watched(Arc<RwLock<Option<Latest>>>);

impl Watched {
    /// The last one that is in the data folder.
    pub fn latest(&self) -> Option<Latest> {
        let latest = self.0.read();
        latest.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is(&self, latest: Option<Latest>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = latest;
    }
}

/// Makes checkpoints for as long as it lives, and a last one at its end.
pub struct Checkpoints {
    ask: Option<Sender<Sender<()>>>,
    maker: Option<JoinHandle<()>>,
    latest: Watched,
    public_key: String,
}

impl SledStore {
    /// Begins to make checkpoints: the first one now, if anything is new.
    ///
    /// # Errors
    /// `Refused`, when the signing key is damaged; `Full` or `Unavailable`, when none can be made.
    pub fn keep_checkpoints(&self, keeping: Keeping) -> Result<Checkpoints, StoreError> {
        let shared = Arc::clone(self.shared());
        let path = keeping.key.clone();
        let key = SigningKey::keep(&path.unwrap_or_else(|| shared.folder.path(key::NAME)))?;
        let public_key = key.public_key();
        let latest = Watched::default();
        let list = shared.folder.path(list::NAME);
        let id = (shared.folder.store(), shared.folder.incarnation());
        let mut maker = Maker {
            last: newest(&list, id),
            shared,
            key,
            list,
            id,
            latest: latest.clone(),
            carriers: Vec::new(),
            made: Instant::now(),
            keeping,
        };
        maker.set_out()?;
        // Before anything else is written: what this folder took over from a backup can then be told from what
        // it wrote itself.
        maker.tell();
        maker.make();
        let (ask, asked) = mpsc::channel();
        let maker = named("checkpoints", move || maker.run(&asked))?;
        Ok(Checkpoints {
            ask: Some(ask),
            maker: Some(maker),
            latest,
            public_key,
        })
    }
}

impl Checkpoints {
    /// Makes one now, if anything is new; returns when it is in the data folder.
    pub fn now(&self) {
        let (done, wait) = mpsc::channel();
        if self.ask.as_ref().is_some_and(|ask| ask.send(done).is_ok()) {
            let _ = wait.recv();
        }
    }

    /// Where the last one can be seen.
    pub fn watched(&self) -> Watched {
        self.latest.clone()
    }

    /// What others check them with, in hexadecimal: to be written down elsewhere.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }
}

impl Drop for Checkpoints {
    /// Makes a last one, and gives the places outside a moment to take it.
    fn drop(&mut self) {
        drop(self.ask.take());
        if let Some(maker) = self.maker.take() {
            let _ = maker.join();
        }
    }
}

struct Maker {
    shared: Arc<Shared>,
    key: SigningKey,
    list: PathBuf,
    id: (Uuid, Uuid),
    last: Option<Signed>,
    latest: Watched,
    /// One for each place: a word that something is new, and where its end is told.
    carriers: Vec<(Sender<()>, Receiver<()>)>,
    /// When the last one was made, or tried.
    made: Instant,
    keeping: Keeping,
}

impl Maker {
    /// One thread for each place.
    fn set_out(&mut self) -> Result<(), StoreError> {
        for place in self.keeping.places.clone() {
            let (new, heard) = mpsc::channel();
            let (ending, ended) = mpsc::channel();
            let carrier = Carrier {
                place,
                list: self.list.clone(),
                id: self.id,
                every: self.keeping.every,
                carried: None,
            };
            // Nobody waits for it for ever: its place may hang.
            named("checkpoints out", move || {
                carrier.run(&heard);
                let _ = ending.send(());
            })?;
            self.carriers.push((new, ended));
        }
        Ok(())
    }

    fn run(mut self, asked: &Receiver<Sender<()>>) {
        loop {
            match asked.recv_timeout(LOOK_EVERY) {
                Ok(done) => {
                    self.make();
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) if self.is_due() => self.make(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.shared.mark.settle();
        }
        self.make();
        let until = Instant::now() + PATIENCE;
        for (new, ended) in std::mem::take(&mut self.carriers) {
            drop(new);
            let _ = ended.recv_timeout(until.saturating_duration_since(Instant::now()));
        }
    }

    fn is_due(&self) -> bool {
        let new =
            facts(&self.heads()) - self.last.as_ref().map_or(0, |l| facts(&l.checkpoint.logs));
        new >= i128::from(self.keeping.facts) || self.made.elapsed() >= self.keeping.every
    }

    /// Every log that holds anything, as all of them stand at one moment.
    fn heads(&self) -> Vec<LogHead> {
        let index = self.shared.index.read();
        let index = index.unwrap_or_else(PoisonError::into_inner);
        let mut logs: Vec<_> = index.iter().map(|(log, of)| (*log, of.head())).collect();
        drop(index);
        logs.retain(|(_, head)| head.position > 0);
        logs.sort_by_key(|(log, _)| *log);
        let each = logs.into_iter();
        each.map(|(log, head)| LogHead::of(log, head)).collect()
    }

    fn make(&mut self) {
        self.made = Instant::now();
        let heads = self.heads();
        let before = self.last.as_ref().map(|last| &last.checkpoint.logs[..]);
        if before.unwrap_or_default() == heads {
            return;
        }
        // Where the folder was, another may lie by now.
        if self.shared.folder.fence().holds().is_err() {
            return;
        }
        let now = kept(SystemTime::now().into());
        let checkpoint = Checkpoint::after(self.last.as_ref(), self.id, now, heads);
        let signed = Signed::by(&self.key, checkpoint);
        if let Err(error) = list::append(&self.list, std::slice::from_ref(&signed.line)) {
            tracing::error!("a checkpoint could not be kept, and is tried again: {error}");
            return;
        }
        // So that whatever carries the program's own log away carries it too.
        tracing::info!(target: "checkpoint", "{}", signed.line);
        self.last = Some(signed);
        self.tell();
        for (new, _) in &self.carriers {
            let _ = new.send(());
        }
    }

    fn tell(&self) {
        let latest = self.last.as_ref().map(|last| Latest {
            number: last.checkpoint.number,
            made_at: last.checkpoint.made_at,
            hash: last.hash(),
        });
        self.latest.is(latest);
    }
}

/// Follows the list in the data folder to one place outside.
struct Carrier {
    place: PathBuf,
    list: PathBuf,
    id: (Uuid, Uuid),
    every: Duration,
    /// How far the list in the folder was carried, and how long the one outside was then.
    carried: Option<(u64, u64)>,
}

impl Carrier {
    fn run(mut self, new: &Receiver<()>) {
        loop {
            let done = self.carry();
            if let Err(error) = &done {
                self.carried = None;
                tracing::error!(
                    "checkpoints cannot leave the machine: {} cannot be written ({error}); it is tried again, \
                     and until then nobody outside can tell whether the log was changed",
                    self.place.display()
                );
            }
            let heard = if done.is_ok() {
                new.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                new.recv_timeout(self.every)
            };
            if heard == Err(RecvTimeoutError::Disconnected) {
                let _ = self.carry();
                return;
            }
        }
    }

    fn carry(&mut self) -> std::io::Result<()> {
        let there = self.place.metadata().map_or(0, |file| file.len());
        let (lines, end) = match self.carried {
            Some((from, left)) if left == there => list::read_from(&self.list, from)?,
            _ => self.lacking()?,
        };
        let length = if lines.is_empty() && self.place.exists() {
            there
        } else {
            list::append(&self.place, &lines)?
        };
        self.carried = Some((end, length));
        Ok(())
    }

    /// What the list outside lacks of ours. What it holds of this very folder and we do not is said aloud.
    fn lacking(&self) -> std::io::Result<(Vec<String>, u64)> {
        let theirs = list::read(&self.place)?;
        let (mut ours, end) = list::read_from(&self.list, 0)?;
        let held: HashSet<&str> = ours.iter().map(String::as_str).collect();
        let strange = |line: &&String| !held.contains(line.as_str()) && is_of(line, self.id);
        if let Some(more) = theirs
            .iter()
            .filter(strange)
            .find_map(|line| Signed::read(line))
        {
            tracing::error!(
                "{} holds checkpoint {} of this store, which the data folder does not know: was an older copy of \
                 the folder put in place? Run pipss verify",
                self.place.display(),
                more.checkpoint.number
            );
        }
        let there: HashSet<&String> = theirs.iter().collect();
        ours.retain(|line| !there.contains(line));
        Ok((ours, end))
    }
}

fn is_of(line: &str, id: (Uuid, Uuid)) -> bool {
    Signed::read(line).is_some_and(|s| (s.checkpoint.store, s.checkpoint.incarnation) == id)
}

/// The newest checkpoint of this incarnation in a list. Whatever cannot be read there is for `pipss verify`.
pub fn newest(list: &Path, id: (Uuid, Uuid)) -> Option<Signed> {
    let mut damaged = false;
    let mut ours = |line: &String| {
        let signed = Signed::read(line);
        damaged |= signed.is_none();
        signed.filter(|s| (s.checkpoint.store, s.checkpoint.incarnation) == id)
    };
    let last = list::last(list).unwrap_or_default();
    let found = last.iter().rev().find_map(&mut ours);
    // Nearly always among the last ones. The list of years is read only if not.
    let found = found.or_else(|| {
        let all = list::read(list).unwrap_or_default();
        all.iter().rev().find_map(ours)
    });
    if damaged {
        tracing::error!("the list of checkpoints in the data folder is damaged; run pipss verify");
    }
    found
}

fn facts(heads: &[LogHead]) -> i128 {
    heads.iter().map(|head| i128::from(head.position)).sum()
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let builder = thread::Builder::new().name(name.into());
    builder
        .spawn(work)
        .map_err(|error| StoreError::Unavailable(format!("no thread for checkpoints: {error}")))
}
