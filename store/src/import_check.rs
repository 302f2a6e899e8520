//! Checking an export line by line, before anything of it is kept: depends on nothing but what is handed in.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};

use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::LogId;
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::backup_files::Named;
use crate::chain;
use crate::codec::{self, RECORD_MAX};
use crate::export::keys_of;
use crate::export_files::{LogFiles, MANIFEST, MANIFEST_MAX, Manifest};
use crate::hex;
use crate::index::LogIndex;

/// How a file of an export is come by, by its name.
pub type Files<'a> = &'a dyn Fn(&str) -> io::Result<Box<dyn Read>>;
/// What is shown of each record in order: its log and its bytes.
type Each<'a> = &'a mut dyn FnMut(LogId, &[u8]) -> Result<(), StoreError>;

/// An export in which every line is as it was written.
pub struct Checked {
    /// What it says of itself.
    pub(crate) manifest: Manifest,
    /// The keys that its records need.
    pub(crate) keys: HashSet<KeyId>,
}

impl Checked {
    /// Whose logs.
    pub const fn organisation(&self) -> OrganisationId {
        self.manifest.organisation
    }

    /// How many facts.
    pub fn facts(&self) -> u64 {
        self.manifest.logs.iter().map(|log| log.facts).sum()
    }
}

/// Reads an export through: every record, its place, its chain. `files` gives each file by its name.
///
/// # Errors
/// `Refused`, naming the first line that is not as it was written; `Unavailable`, when a file cannot be read.
pub fn check_export(files: Files<'_>) -> Result<Checked, StoreError> {
    check(files, &mut |_, _| Ok(()))
}

/// The same, showing every record to `each` as it goes.
///
/// # Errors
/// As [`check_export`], and whatever `each` says.
pub fn check(files: Files<'_>, each: Each<'_>) -> Result<Checked, StoreError> {
    let mut bytes = Vec::new();
    let manifest = opened(files, MANIFEST)?.take(MANIFEST_MAX as u64 + 1);
    let mut manifest = manifest;
    manifest
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(MANIFEST, &error))?;
    let manifest = Manifest::parse(&bytes)?;
    let mut keys = HashSet::new();
    for (log, of) in manifest.logs() {
        one_log(files, (log, of), &mut keys, each)?;
    }
    Ok(Checked { manifest, keys })
}

fn one_log(
    files: Files<'_>,
    (log, of): (LogId, &LogFiles),
    keys: &mut HashSet<KeyId>,
    each: Each<'_>,
) -> Result<(), StoreError> {
    let links = of
        .chains
        .as_ref()
        .expect("a manifest that was read names them");
    // First, so that a line that differs from its link is known to be the wrong one of the two.
    let mut all = Lines::of(files, links, LINK)?;
    while all.next()?.is_some() {}
    all.end()?;
    let mut links = Lines::of(files, links, LINK)?;
    let mut records = Lines::of(files, &of.records, RECORD_MAX)?;
    let (mut index, mut chain) = (LogIndex::new(log), chain::start(log));
    while let Some(record) = records.next()? {
        let line = records.number;
        let bad = |what: &str| place(&of.records.name, line, what);
        let (mut fact, body) =
            codec::decode(&record).ok_or_else(|| bad("is no record that can be read"))?;
        if fact.log.organisation != log.organisation {
            return Err(bad("is of another organisation"));
        }
        if fact.log != log {
            return Err(bad("is of another log"));
        }
        if !codec::is_canonical(&record, &fact, body.as_ref()) {
            return Err(bad("is not spelled as it is kept"));
        }
        index
            .check(&fact)
            .map_err(|what| bad(&format!("is not the next: {what}")))?;
        chain = chain::next(&chain, &record);
        if links.next()?.as_deref() != Some(hex::of(&chain).as_bytes()) {
            return Err(bad("was changed since it was written out"));
        }
        index.add(&fact).map_err(|what| bad(&what))?;
        index.close_block(chain, std::iter::empty());
        keys.extend(keys_of(&mut fact, body.as_ref()));
        each(log, &record)?;
    }
    let head = index.head();
    if (head.position, head.chain) != (of.facts, of.chain) {
        let what = "is where it ends, which is not where the manifest says";
        return Err(place(&of.records.name, head.position, what));
    }
    records.end()?;
    let more = links.next()?.is_some();
    if more {
        return Err(place(
            &of.records.name,
            head.position,
            "has no next one, but its chain has",
        ));
    }
    Ok(())
}

/// A line of a chain: 32 bytes in hex.
const LINK: usize = 64;

/// The lines of a file, none longer than it may be, with a fingerprint of all that was read.
struct Lines<'a> {
    file: BufReader<Box<dyn Read>>,
    of: &'a Named,
    max: usize,
    number: u64,
    bytes: u64,
    sum: Sha256,
}

impl<'a> Lines<'a> {
    fn of(files: Files<'_>, of: &'a Named, max: usize) -> Result<Self, StoreError> {
        Ok(Self {
            file: BufReader::new(opened(files, &of.name)?),
            of,
            max,
            number: 0,
            bytes: 0,
            sum: Sha256::new(),
        })
    }

    /// The next line, without its end.
    fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let (name, mut line) = (&self.of.name, Vec::new());
        let mut bounded = (&mut self.file).take(self.max as u64 + 1);
        bounded
            .read_until(b'\n', &mut line)
            .map_err(|error| unreadable(name, &error))?;
        if line.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += line.len() as u64;
        self.sum.update(&line);
        match line.pop() {
            Some(b'\n') => Ok(Some(line)),
            _ if line.len() == self.max => {
                Err(place(name, self.number, "is longer than one can be"))
            }
            _ => Err(place(name, self.number, "is cut off")),
        }
    }

    /// Was all of it as the manifest says?
    fn end(self) -> Result<(), StoreError> {
        let sum = hex::of(&self.sum.finalize());
        if (self.bytes, &sum) == (self.of.bytes, &self.of.sha256) {
            return Ok(());
        }
        let name = &self.of.name;
        Err(StoreError::Refused(format!(
            "this export cannot be taken in: {name} is not the file that manifest.json names; nothing was kept"
        )))
    }
}

fn opened(files: Files<'_>, name: &str) -> Result<Box<dyn Read>, StoreError> {
    files(name).map_err(|error| unreadable(name, &error))
}

fn unreadable(name: &str, error: &io::Error) -> StoreError {
    StoreError::Refused(format!(
        "this export cannot be taken in: {name} cannot be read: {error}"
    ))
}

fn place(name: &str, line: u64, what: &str) -> StoreError {
    StoreError::Refused(format!(
        "this export cannot be taken in: line {line} of {name} {what}; nothing was kept"
    ))
}
