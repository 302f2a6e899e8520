//! What an export consists of: a manifest, and for each log its records and the chain after each, line by line.
//!
//! docs/export.md describes every file for whoever has no program of ours.

use std::path::Path;

use chrono::{DateTime, Utc};
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::{Log, LogId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;
use crate::backup_files::Named;
use crate::chain::{self, Link};
use crate::folder::{self, Purpose};
use crate::hex;

/// The layout that is written.
pub const FORMAT: u32 = 1;
/// The name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The name of the manifest of the keys, in a folder of its own.
pub const KEYS_MANIFEST: &str = "keys.json";
/// A manifest is no longer than this, in bytes.
pub const MANIFEST_MAX: usize = 64 << 10;

/// What an export is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the layout.
    pub format: u32,
    /// The store it was taken from.
    pub store: Uuid,
    /// Which of its incarnations.
    pub incarnation: Uuid,
    /// Real or a demonstration.
    pub purpose: Purpose,
    /// Whose logs.
    pub organisation: OrganisationId,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// Do personal values stand in it in the clear? Such a one is for reading, and is not taken in.
    pub open: bool,
    /// The three logs, in the order main, access, feedback.
    pub logs: Vec<LogFiles>,
}

/// The files of one log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogFiles {
    /// Which log.
    pub log: Log,
    /// How many facts.
    pub facts: u64,
    /// The chain after the last.
    #[serde(with = "hex")]
    pub chain: Link,
    /// The records, one a line.
    pub records: Named,
    /// The chain after each, one a line; none where values stand in the clear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chains: Option<Named>,
}

/// What a copy of an organisation's keys says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysManifest {
    /// The version of the layout.
    pub format: u32,
    /// The store: the keys are wrapped for it.
    pub store: Uuid,
    /// Whose keys.
    pub organisation: OrganisationId,
    /// When they were copied: they are good for 35 days.
    pub taken_at: DateTime<Utc>,
    /// The key file and the key that wraps it.
    pub files: Vec<Named>,
}

impl Manifest {
    /// Reads a manifest and checks that it is one that can be taken in.
    ///
    /// # Errors
    /// `Refused`, with a plain sentence.
    pub fn parse(bytes: &[u8]) -> Result<Self, StoreError> {
        let manifest: Self = read(bytes, MANIFEST)?;
        if manifest.open {
            return refused("this export holds values in the clear: it is for reading only");
        }
        let right = |(log, files): (Log, &LogFiles)| {
            let chains = files.chains.as_ref().map(|chains| chains.name.clone());
            files.log == log
                && files.records.name == records(log)
                && chains == Some(chains_name(log))
        };
        let all = manifest.logs.len() == Log::ALL.len();
        if !all || !Log::ALL.into_iter().zip(&manifest.logs).all(right) {
            return refused("manifest.json does not name the three logs and their files");
        }
        Ok(manifest)
    }

    /// The logs with their files.
    pub fn logs(&self) -> impl Iterator<Item = (LogId, &LogFiles)> {
        let organisation = self.organisation;
        self.logs.iter().map(move |files| {
            let log = files.log;
            (LogId { organisation, log }, files)
        })
    }
}

/// Reads a manifest of either kind.
///
/// # Errors
/// `Refused`, when it is none or of a newer version.
pub fn read<T: for<'de> Deserialize<'de>>(bytes: &[u8], name: &str) -> Result<T, StoreError> {
    let value: Option<serde_json::Value> = Some(bytes)
        .filter(|bytes| bytes.len() <= MANIFEST_MAX)
        .and_then(|bytes| serde_json::from_slice(bytes).ok());
    let format = value
        .as_ref()
        .and_then(|value| value.get("format")?.as_u64());
    match (value, format) {
        (Some(_), Some(format)) if format > FORMAT.into() => {
            refused("this export was written by a newer version of the program")
        }
        (Some(value), Some(_)) => serde_json::from_value(value)
            .map_err(|_| StoreError::Refused(format!("{name} does not read as one"))),
        _ => refused(&format!("{name} does not read as one")),
    }
}

/// Writes a manifest of either kind, durably.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn write(manifest: &impl Serialize, dir: &Path, name: &str) -> Result<(), StoreError> {
    let json = serde_json::to_vec_pretty(manifest).expect("plain fields are plain JSON");
    folder::replace(&dir.join(name), &[&json, b"\n".as_slice()].concat())
}

/// The name of the file of a log's records.
pub fn records(log: Log) -> String {
    format!("{}.jsonl", chain::name(log))
}

/// The name of the file of a log's chain.
pub fn chains_name(log: Log) -> String {
    format!("{}.chain", chain::name(log))
}

/// The id of the key that makes an organisation's command ids.
pub fn organisation_key(organisation: OrganisationId) -> KeyId {
    KeyId::new(Uuid::new_v5(&organisation.uuid(), b"organisation key"))
}

fn refused<T>(why: &str) -> Result<T, StoreError> {
    Err(StoreError::Refused(why.into()))
}
