//! The mark: the number of the last commit, kept beside the journal, so that an end that was lost is missed.
//!
//! It is written after the commit was durable, and nobody waits for it: so it never names a commit that is not
//! there, and after a power cut it may be some moments old. Two places of 64 bytes take turns, each
//! `magic 8 · number 8 · incarnation 16 · crc 4` and zeros: whatever a crash does to one, the other stands.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;

use crate::folder;

/// Its name in a data folder.
pub const NAME: &str = "mark";
const MAGIC: &[u8; 8] = b"PIPSSMRK";
/// The length of one of the two places.
const PLACE: usize = 64;
/// How much of a place its checksum covers.
const SUMMED: usize = 32;

/// The mark of a folder that is written to.
pub struct Mark {
    path: PathBuf,
    incarnation: Uuid,
    file: OnceLock<File>,
    /// Was anything written since it was last made durable?
    new: AtomicBool,
    /// Was it said that it cannot be written?
    said: AtomicBool,
}

impl Mark {
    /// That of a folder.
    pub const fn new(path: PathBuf, incarnation: Uuid) -> Self {
        Self {
            path,
            incarnation,
            file: OnceLock::new(),
            new: AtomicBool::new(false),
            said: AtomicBool::new(false),
        }
    }

    /// Says that commit `number` is durable. A mark that cannot be written keeps nobody from working.
    pub fn reached(&self, number: u64) {
        let place = (number % 2) * PLACE as u64;
        let written = self.file().and_then(|file| {
            file.write_all_at(&encoded(number, self.incarnation), place)?;
            self.new.store(true, Ordering::Release);
            Ok(())
        });
        self.say(written);
    }

    /// Makes it durable, if it is not yet.
    pub fn settle(&self) {
        let Some(file) = self.file.get() else { return };
        if self.new.swap(false, Ordering::AcqRel) {
            self.say(file.sync_data());
        }
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = match folder::edit(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let made = folder::create(&self.path)?;
                folder::sync_dir(self.path.parent().unwrap_or(Path::new(".")))?;
                made
            }
            opened => opened?,
        };
        Ok(self.file.get_or_init(|| file))
    }

    fn say(&self, written: io::Result<()>) {
        match written {
            Ok(()) => self.said.store(false, Ordering::Release),
            Err(error) if !self.said.swap(true, Ordering::AcqRel) => tracing::warn!(
                "the mark of the last commit cannot be written ({error}): until it can, a lost end of the log \
                 may not be missed"
            ),
            Err(_) => {}
        }
    }
}

/// The last commit that a folder marked; `None` if nothing there says so of this incarnation.
pub fn read(path: &Path, incarnation: Uuid) -> Option<u64> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!("the mark of the last commit cannot be read: {error}");
            return None;
        }
    };
    let places = bytes.chunks_exact(PLACE).take(2);
    places.filter_map(|place| decoded(place, incarnation)).max()
}

fn encoded(number: u64, incarnation: Uuid) -> [u8; PLACE] {
    let mut out = [0; PLACE];
    out[..8].copy_from_slice(MAGIC);
    out[8..16].copy_from_slice(&number.to_be_bytes());
    out[16..SUMMED].copy_from_slice(incarnation.as_bytes());
    let crc = crc32fast::hash(&out[..SUMMED]);
    out[SUMMED..SUMMED + 4].copy_from_slice(&crc.to_be_bytes());
    out
}

fn decoded(place: &[u8], incarnation: Uuid) -> Option<u64> {
    let number = u64::from_be_bytes(place.get(8..16)?.try_into().ok()?);
    (place == encoded(number, incarnation)).then_some(number)
}
