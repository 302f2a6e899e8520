//! Sled: serves what the journal decided. It follows, never leads, and can always be made again.
//!
//! Values are inserted one by one, not as a batch of sled's: a batch waits for the disk, a tenth of a
//! millisecond each. A crash may leave the last frame in part, which its number shows.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use pipss_domain::stream::LogId;
use sled::Db;

use crate::folder;
use crate::frame::Frame;
use crate::values::{self, PREFIX, Prefix, entries, key};

/// Reads come from here or from the system's own cache; more makes none of them faster.
const CACHE_BYTES: u64 = 8 << 20;
/// So many values, of up to 4 KiB, are kept in memory at most where it no longer gives what it has.
const LACKING_MAX: usize = 16 << 10;
/// Why sled cannot be trusted or used, in words for the operator.
pub type Doubt = String;

/// The copy that serves reads.
pub struct Follower {
    path: PathBuf,
    open: RwLock<Option<Opened>>,
    /// Something failed: it lacks what was committed since, until it is mended.
    behind: AtomicBool,
    /// The values it lacks, so that they can be read all the same.
    lacking: RwLock<HashMap<Vec<u8>, Vec<u8>>>,
}

struct Opened {
    db: Db,
    /// Its file, because sled's own flush does not wait for the disk.
    file: File,
}

impl Follower {
    /// Opens what is there, or makes an empty one.
    pub fn open(path: PathBuf) -> Self {
        let open = open(&path).inspect_err(|doubt| {
            tracing::warn!("the reading copy (sled) cannot be opened: {doubt}");
        });
        Self {
            path,
            behind: AtomicBool::new(open.is_err()),
            open: RwLock::new(open.ok()),
            lacking: RwLock::default(),
        }
    }

    /// How many bytes it takes on the disk.
    pub fn bytes(&self) -> u64 {
        fs::metadata(self.path.join("db")).map_or(0, |file| file.len())
    }

    /// Does it lack what was committed, or can it not be read?
    pub fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Acquire)
    }

    /// The number of the last frame of which it holds anything; 0 if none.
    ///
    /// # Errors
    /// A doubt, when it cannot be read.
    pub fn last_frame(&self) -> Result<u64, Doubt> {
        let logs = self.with(|sled| logs(&sled.db))?;
        Ok(logs
            .into_iter()
            .map(|(_, number)| number)
            .max()
            .unwrap_or(0))
    }

    /// Adds the records of a frame; those it has are put in their place again.
    ///
    /// # Errors
    /// A doubt; it is then behind until mended.
    pub fn apply(&self, frame: &Frame) -> Result<(), Doubt> {
        let insert = |sled: &Opened| {
            for (key, plain) in entries(frame) {
                let value = values::packed(frame.number, &plain);
                sled.db.insert(key, value).map_err(doubt)?;
            }
            Ok(())
        };
        self.with(insert).inspect_err(|_| {
            let mut lacking = self.lacking.write().unwrap_or_else(PoisonError::into_inner);
            lacking.extend(entries(frame));
            self.behind.store(true, Ordering::Release);
        })
    }

    /// Puts the records of the block that begins at a position in place of `bytes`, each as `length · bytes`.
    ///
    /// # Errors
    /// A doubt, when it is not there.
    pub fn block(&self, log: LogId, first: u64, bytes: &mut Vec<u8>) -> Result<(), Doubt> {
        self.with(|sled| {
            bytes.clear();
            for part in 0u16.. {
                let key = key(log, first, part);
                if let Some(plain) = self.lacked(&key) {
                    bytes.extend_from_slice(&plain);
                } else {
                    let value = sled.db.get(key).map_err(doubt)?;
                    let value = value.ok_or("a block is missing")?;
                    values::unpack(&value, bytes).ok_or("a block cannot be read")?;
                }
                let length = bytes
                    .first_chunk()
                    .map_or(0, |head| u32::from_be_bytes(*head));
                if bytes.len() >= 4 + length as usize {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Keeps in memory what it should hold of a frame and does not give any more.
    pub fn fill_in(&self, frame: &Frame) {
        self.behind.store(true, Ordering::Release);
        let gives = |(key, value): &(Vec<u8>, Vec<u8>)| {
            let held = self.with(|sled| sled.db.get(key).map_err(doubt));
            held.is_ok_and(|held| held.is_some_and(|held| held == value))
        };
        let lacks: Vec<_> = entries(frame).filter(|one| !gives(one)).collect();
        let mut lacking = self.lacking.write().unwrap_or_else(PoisonError::into_inner);
        let room = LACKING_MAX.saturating_sub(lacking.len());
        lacking.extend(lacks.into_iter().take(room));
    }

    fn lacked(&self, key: &[u8]) -> Option<Vec<u8>> {
        let lacking = || self.lacking.read().unwrap_or_else(PoisonError::into_inner);
        self.is_behind()
            .then(|| lacking().get(key).cloned())
            .flatten()
    }

    /// Makes durable what it holds, so that less is to be caught up after a crash.
    ///
    /// # Errors
    /// A doubt; it is then behind until mended.
    pub fn checkpoint(&self) -> Result<(), Doubt> {
        self.with(|sled| {
            sled.db.flush().map_err(doubt)?;
            sled.file.sync_data().map_err(doubt)
        })
        .inspect_err(|_| self.behind.store(true, Ordering::Release))
    }

    /// Opens it again as it is; what it lacks is then to be applied.
    ///
    /// # Errors
    /// A doubt, when it does not open.
    pub fn reopen(&self) -> Result<(), Doubt> {
        self.replace(|| open(&self.path))
    }

    /// Puts it aside, where somebody can look at it, and opens an empty one. Of those put aside the
    /// latest is kept.
    ///
    /// # Errors
    /// A doubt, when even that fails.
    pub fn set_aside(&self) -> Result<(), Doubt> {
        self.replace(|| {
            set_aside(&self.path).map_err(doubt)?;
            open(&self.path)
        })
    }

    /// Everything that was committed is applied again.
    pub fn caught_up(&self) {
        self.lacking
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.behind.store(false, Ordering::Release);
    }

    /// A way to compare it with the journal, frame by frame.
    ///
    /// # Errors
    /// A doubt, when it cannot be read.
    pub fn checker(&self) -> Result<Checker, Doubt> {
        self.with(|sled| {
            Ok(Checker {
                db: sled.db.clone(),
                logs: HashMap::new(),
            })
        })
    }

    fn replace(&self, with: impl FnOnce() -> Result<Opened, Doubt>) -> Result<(), Doubt> {
        self.behind.store(true, Ordering::Release);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        close(open.take());
        *open = Some(with()?);
        Ok(())
    }

    /// Does something with the open sled. It may panic on a damaged file, which is a doubt like others.
    fn with<T>(&self, work: impl FnOnce(&Opened) -> Result<T, Doubt>) -> Result<T, Doubt> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let sled = open.as_ref().ok_or("it is not open")?;
        guarded(|| work(sled))
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        close(open.take());
    }
}

/// Walks through sled beside the journal.
pub struct Checker {
    db: Db,
    logs: HashMap<Prefix, ::sled::Iter>,
}

impl Checker {
    /// Compares one frame. Does sled hold all of it?
    ///
    /// # Errors
    /// A doubt, when it holds something else in its place.
    pub fn holds(&mut self, frame: &Frame) -> Result<bool, Doubt> {
        guarded(|| {
            for (key, plain) in entries(frame) {
                let log = key[..PREFIX].try_into().expect("a key begins with its log");
                let Some(held) = self.log(log).next().transpose().map_err(doubt)? else {
                    return Ok(false);
                };
                if held.0 != key || !values::holds(&held.1, frame.number, &plain) {
                    return Err(format!("frame {} stands in it differently", frame.number));
                }
            }
            Ok(true)
        })
    }

    /// Checks that it holds nothing else.
    ///
    /// # Errors
    /// A doubt, when it does.
    pub fn finish(mut self) -> Result<(), Doubt> {
        guarded(|| {
            let more = self.logs.values_mut().any(|held| held.next().is_some());
            let strange = logs(&self.db)?
                .iter()
                .any(|(log, _)| !self.logs.contains_key(log));
            if more || strange {
                return Err("it holds more than the journal".into());
            }
            Ok(())
        })
    }

    fn log(&mut self, prefix: Prefix) -> &mut ::sled::Iter {
        let db = &self.db;
        self.logs
            .entry(prefix)
            .or_insert_with(|| db.scan_prefix(prefix))
    }
}

/// Every log it holds, with the number of the last frame that added to it.
fn logs(db: &Db) -> Result<Vec<(Prefix, u64)>, Doubt> {
    let mut logs = Vec::new();
    let mut last = db.last().map_err(doubt)?;
    while let Some((key, value)) = last {
        let prefix = *key.first_chunk().ok_or("it holds a key that is not ours")?;
        let number = value
            .first_chunk()
            .ok_or("it holds a value that is not ours")?;
        logs.push((prefix, u64::from_be_bytes(*number)));
        last = db.get_lt(prefix).map_err(doubt)?;
    }
    Ok(logs)
}

fn open(path: &Path) -> Result<Opened, Doubt> {
    let new = !path.join("db").exists();
    folder::create_dir(path).map_err(doubt)?;
    if fs::read_dir(path.join("blobs")).is_ok_and(|mut blobs| blobs.next().is_some()) {
        return Err("it holds values outside its own file".into());
    }
    let config = ::sled::Config::new()
        .path(path)
        .cache_capacity(CACHE_BYTES)
        .use_compression(false)
        .flush_every_ms(None);
    // Also closing it again, where it cannot be made durable, may panic.
    guarded(|| {
        let db = config.open().map_err(doubt)?;
        let file = File::open(path.join("db")).map_err(doubt)?;
        if new {
            // Sled syncs none of what it makes at first.
            make_durable(path, &file).map_err(doubt)?;
        }
        Ok(Opened { db, file })
    })
}

/// A broken sled may panic even while it is closed.
fn close(open: Option<Opened>) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(open)));
}

fn make_durable(path: &Path, file: &File) -> io::Result<()> {
    File::open(path.join("conf"))?.sync_all()?;
    file.sync_all()?;
    folder::sync_dir(path)?;
    path.parent().map_or(Ok(()), folder::sync_dir)
}

fn set_aside(path: &Path) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    for entry in fs::read_dir(parent)?.filter_map(Result::ok) {
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(b"sled.aside-")
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    if path.exists() {
        fs::rename(path, parent.join(format!("sled.aside-{}", now.as_millis())))?;
    }
    folder::sync_dir(parent)
}

fn guarded<T>(work: impl FnOnce() -> Result<T, Doubt>) -> Result<T, Doubt> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("it panicked".into()))
}

fn doubt(error: impl std::fmt::Display) -> Doubt {
    error.to_string()
}
