//! The list of what was erased: which keys were destroyed and when, in the data folder and off the machine.
//!
//! It holds nothing about anybody. A line is written, in both places, before the keys are destroyed; a
//! folder that is opened, or restored from an older backup, destroys the keys of every line first.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use pipss_domain::ids::KeyId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;
use crate::folder::{io_error, sync_dir};

/// The name of the list in a data folder and in a backup.
pub const NAME: &str = "erasures";

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Of which store.
    pub store: Uuid,
    /// Which erasure: a random id.
    pub erasure: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The keys that were destroyed.
    pub keys: Vec<KeyId>,
}

/// The two places.
#[derive(Clone, Debug)]
pub struct Ledger {
    own: PathBuf,
    outside: Option<PathBuf>,
    store: Uuid,
}

impl Ledger {
    /// The list of a store.
    pub const fn new(own: PathBuf, outside: Option<PathBuf>, store: Uuid) -> Self {
        Self {
            own,
            outside,
            store,
        }
    }

    /// Every key that was to be destroyed, by either list; each is brought up to the other.
    ///
    /// # Errors
    /// `Corrupt`, when a list is damaged; `Full` or `Unavailable` when our own cannot be kept. One off the
    /// machine that cannot be reached is said in the log: nothing is erased until it can.
    pub fn gather(&self) -> Result<HashSet<KeyId>, StoreError> {
        let mut lines = read(&self.own, self.store)?;
        if let Some(outside) = &self.outside {
            match read(outside, self.store) {
                Ok(theirs) => {
                    complete(&self.own, &mut lines, &theirs)?;
                    let mut known = theirs;
                    if let Err(error) = complete(outside, &mut known, &lines) {
                        tracing::warn!("the list of erasures off the machine is behind: {error}");
                    }
                }
                Err(error @ StoreError::Corrupt(_)) => return Err(error),
                Err(error) => {
                    tracing::warn!("the list of erasures off the machine is not there: {error}");
                }
            }
        }
        Ok(keys(&lines))
    }

    /// Writes down an erasure in both places, durably; one that stands there already is left as it is.
    ///
    /// # Errors
    /// `Corrupt`, `Full` or `Unavailable`: it is not written down. `Indeterminate`: it may be, and is then
    /// carried out at the next start.
    pub fn add(&self, erasure: Uuid, at: DateTime<Utc>, keys: &[KeyId]) -> Result<(), StoreError> {
        let line = Line {
            store: self.store,
            erasure,
            at,
            keys: keys.to_vec(),
        };
        let mut stands = false;
        for path in self.outside.iter().chain([&self.own]) {
            let added = read(path, self.store)
                .and_then(|mut known| complete(path, &mut known, std::slice::from_ref(&line)));
            // What stands in one of them is carried out at the next start.
            added.map_err(|error| if stands { in_doubt(error) } else { error })?;
            stands = true;
        }
        Ok(())
    }
}

/// The keys of all lines.
pub fn keys(lines: &[Line]) -> HashSet<KeyId> {
    lines.iter().flat_map(|line| line.keys.clone()).collect()
}

/// Reads a list; what a crash left unfinished at its end was never acted upon.
///
/// # Errors
/// `Corrupt`, when a line is damaged or of another store; `Unavailable` when it cannot be read.
pub fn read(path: &Path, store: Uuid) -> Result<Vec<Line>, StoreError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error("reading the list of erasures", &error)),
    };
    let mut lines = Vec::new();
    for (n, text) in finished(&bytes).enumerate() {
        let line = parse(text).filter(|line| line.store == store);
        let place = || format!("line {} of the list of erasures is not ours", n + 1);
        lines.push(line.ok_or_else(|| StoreError::Corrupt(place()))?);
    }
    Ok(lines)
}

/// Adds to a list what it lacks, durably.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn complete(path: &Path, known: &mut Vec<Line>, more: &[Line]) -> Result<(), StoreError> {
    let here: HashSet<_> = known
        .iter()
        .map(|line| (line.erasure, &line.keys))
        .collect();
    let lacking: Vec<_> = more
        .iter()
        .filter(|line| !here.contains(&(line.erasure, &line.keys)))
        .cloned()
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    append(path, &lacking)?;
    known.extend(lacking);
    Ok(())
}

fn append(path: &Path, lines: &[Line]) -> Result<(), StoreError> {
    let failed = |error| io_error("writing the list of erasures", &error);
    let mut file = open(path).map_err(failed)?;
    let text: String = lines.iter().map(printed).collect();
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_data())
        .and_then(|()| settle_name(&file, path));
    written.map_err(|error| in_doubt(failed(error)))
}

/// Opens a list to add to it; an unfinished line makes way.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let have = whole(&fs::read(path)?);
    file.set_len(have as u64)?;
    Ok(file)
}

/// What failed after something of it may have reached the disk.
pub fn in_doubt(error: StoreError) -> StoreError {
    match error {
        StoreError::Full | StoreError::Unavailable(_) => StoreError::Indeterminate,
        other => other,
    }
}

/// A file that was just made is found again only once its folder knows it.
fn settle_name(file: &File, path: &Path) -> io::Result<()> {
    file.sync_all()?;
    sync_dir(path.parent().unwrap_or(Path::new(".")))
}

fn finished(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes[..whole(bytes)].split(|byte| *byte == b'\n');
    lines.filter(|line| !line.is_empty())
}

/// The length of the finished lines.
fn whole(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1)
}

fn printed(line: &Line) -> String {
    let json = serde_json::to_string(line).expect("plain fields are plain JSON");
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
}

fn parse(text: &[u8]) -> Option<Line> {
    let (sum, json) = str::from_utf8(text).ok()?.split_once(' ')?;
    let right = sum == format!("{:08x}", crc32fast::hash(json.as_bytes()));
    right.then(|| serde_json::from_str(json).ok()).flatten()
}
