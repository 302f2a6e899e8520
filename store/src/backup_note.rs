//! What a backup says of itself: every file in it with its length and fingerprint, and how far it reaches.
//!
//! The file `backup` is JSON, then a line with the SHA-256 of that JSON: a changed letter in it shows.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::{Log, LogId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::backup::KEYS_DAYS;
use crate::backup_files::{self, Named};
use crate::chain::{self, Link};
use crate::frame::Frame;
use crate::hex;
use crate::{StoreError, folder, journal};

/// The file that says what a backup is.
pub const NAME: &str = "backup";
/// The layout that is written. The one before it had neither a list of files nor a checksum.
pub const FORMAT: u32 = 2;

/// What a backup is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    /// The version of the layout.
    pub format: u32,
    /// The store.
    pub store: Uuid,
    /// Which of its incarnations; nil if a version wrote it that had none.
    #[serde(default)]
    pub incarnation: Uuid,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// The last commit in it.
    pub commits: u64,
    /// How many facts are in it.
    pub facts: u64,
    /// How many keys were in use at the last commit.
    #[serde(default)]
    pub keys: u64,
    /// How far its closed segments reach, so that the next backup need not read them again.
    #[serde(default)]
    pub closed: Reached,
    /// When all of it was last read, the parts included that it shares with earlier ones.
    #[serde(default)]
    pub read_whole_at: Option<DateTime<Utc>>,
    /// Its files.
    #[serde(default)]
    pub files: Vec<Named>,
}

/// How far a journal was read and found to be sound.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reached {
    /// The last segment.
    pub segment: u64,
    /// The last commit.
    pub commits: u64,
    /// The keys in use there.
    pub keys: u64,
    /// The facts up to there.
    pub facts: u64,
    /// The chain of each log.
    pub chains: Vec<Chain>,
}

/// The chain of one log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chain {
    organisation: OrganisationId,
    log: Log,
    #[serde(with = "hex")]
    chain: Link,
}

impl Note {
    /// What a folder of a backup says it is.
    ///
    /// # Errors
    /// `Refused`, when it is none, damaged, or of a newer version.
    pub fn read(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(NAME);
        let bytes = fs::read(&path)
            .map_err(|_| StoreError::Refused(format!("there is no backup at {}", dir.display())))?;
        Self::parse(&bytes).unwrap_or_else(|| {
            Err(backup_files::damaged(
                &path,
                "does not read as it was written",
            ))
        })
    }

    fn parse(bytes: &[u8]) -> Option<Result<Self, StoreError>> {
        let text = str::from_utf8(bytes).ok()?;
        let mut begins = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
        let format = begins.next()?.ok()?.get("format")?.as_u64()?;
        if format > FORMAT.into() {
            let why =
                "this backup was taken by a newer version of the program; restore it with that one";
            return Some(Err(StoreError::Refused(why.into())));
        }
        let json = match format {
            1 => text,
            _ => {
                let (json, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
                (sum == backup_files::fingerprint(json.as_bytes())).then_some(json)?
            }
        };
        serde_json::from_str(json).ok().map(Ok)
    }

    /// Writes it into a folder, durably.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn write(&self, dir: &Path) -> Result<(), StoreError> {
        let json = serde_json::to_string_pretty(self).expect("plain fields are plain JSON");
        let sum = backup_files::fingerprint(json.as_bytes());
        folder::replace(&dir.join(NAME), format!("{json}\n{sum}\n").as_bytes())
    }

    /// Checks that every file that it names is here as it was written.
    ///
    /// # Errors
    /// `Refused`, naming the first that is not.
    pub fn check_files(&self, dir: &Path) -> Result<(), StoreError> {
        self.files.iter().try_for_each(|file| file.check(dir))
    }

    /// The file of a name, if it has one.
    pub fn file(&self, name: &str) -> Option<&Named> {
        self.files.iter().find(|file| file.name == name)
    }

    /// Has a copy of the keys expired?
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        now - self.taken_at > TimeDelta::days(KEYS_DAYS)
    }
}

impl Reached {
    /// Reads a copy of a journal from here to its end, recomputing every chain.
    ///
    /// # Errors
    /// `Corrupt`, naming the first bad place.
    pub fn read_on(self, dir: &Path, store: Uuid) -> Result<Self, StoreError> {
        let mut chains: HashMap<LogId, Link> = self.links().collect();
        let mut facts = self.facts;
        let begin = (self.segment + 1, journal::End::at(self.commits, self.keys));
        let end = journal::read_on(dir, store, begin, &mut |frame| {
            facts += take_in(&frame, &mut chains)?;
            Ok(())
        })?;
        if end.torn {
            return Err(StoreError::Corrupt(end.place()));
        }
        Ok(Self {
            segment: journal::segments(dir)?,
            commits: end.number,
            keys: end.keys,
            facts,
            chains: chains.into_iter().map(Chain::of).collect(),
        })
    }

    fn links(&self) -> impl Iterator<Item = (LogId, Link)> {
        self.chains.iter().map(|link| {
            let (organisation, log) = (link.organisation, link.log);
            (LogId { organisation, log }, link.chain)
        })
    }
}

impl Chain {
    fn of((log, chain): (LogId, Link)) -> Self {
        Self {
            organisation: log.organisation,
            log: log.log,
            chain,
        }
    }
}

/// Takes a commit into the chains; answers how many facts it holds.
fn take_in(frame: &Frame, chains: &mut HashMap<LogId, Link>) -> Result<u64, StoreError> {
    let mut facts = 0;
    for block in &frame.blocks {
        let head = chains
            .entry(block.log)
            .or_insert_with(|| chain::start(block.log));
        for record in &block.records {
            *head = chain::next(head, record);
            facts += 1;
        }
        if *head != block.chain {
            let what = format!("the chain does not hold at commit {}", frame.number);
            return Err(StoreError::Corrupt(what));
        }
    }
    Ok(facts)
}
