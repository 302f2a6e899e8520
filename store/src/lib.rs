//! The log: where every fact is kept for ever, in order, and given back exactly as it was.
//!
//! # The contract
//!
//! * **Acknowledged means durable.** When [`EventStore::append`] answers `Ok`, the facts survive the
//!   plug being pulled. What is not yet durable is shown to nobody.
//! * **All or nothing.** The facts of one append stand side by side in one log, or none of them does.
//!   A guard is a stream that must not have moved, though nothing is written to it.
//! * **Positions** of a log are 1, 2, 3 … without gaps, in the order in which facts become visible;
//!   **versions** of a stream likewise. `recorded_at` never runs backwards within a log, so an
//!   instant is a prefix of it.
//! * **A command has one effect, for ever.** A second append under the same command id answers what
//!   the first one did, also after years and restarts.
//! * **Nothing about a person is written in the clear.** Personal values are sealed before they leave
//!   the caller's thread; facts hold them sealed from then on; [`EventStore::open`] shows one for one
//!   answer.
//! * **An error says what is true.** [`StoreError::Indeterminate`] is the only one after which facts
//!   may or may not have been kept.

mod backend;
mod backup;
mod backup_files;
mod backup_note;
mod backup_place;
mod body;
mod chain;
mod checkpoint;
mod codec;
mod committer;
mod erase;
mod export;
mod export_files;
mod export_open;
mod fence;
mod folder;
mod found;
mod frame;
pub mod hex;
#[cfg(test)]
mod fuzz {
    mod tests;
}
mod import;
mod import_check;
mod index;
mod index_streams;
mod journal;
mod keyfile;
mod known;
mod ledger;
mod mark;
mod memory;
mod owner;
mod pages;
mod plan;
mod prepare;
mod progress;
mod reading;
mod replay;
mod restore;
mod ring;
mod room;
mod seal;
mod segment;
mod sled;
mod spelling;
mod store;
mod store_id;
mod values;
mod vault;
mod verify;
mod wrapping;

use std::fmt;
use std::future::Future;

use chrono::{DateTime, Utc};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CommandId, OrganisationId};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use serde::de::DeserializeOwned;

pub use backend::Backend;
pub use backup::{BackedUp, Backup, KEYS_DAYS};
pub use checkpoint::keep::{Checkpoints, Keeping, Latest, Watched};
pub use checkpoint::key::public_key;
pub use export::{Export, Exported};
pub use folder::Purpose;
pub use import::{Import, Imported, import};
pub use import_check::{Checked, check_export};
pub use memory::Memory;
pub use progress::{Progress, Stage};
pub use restore::{Restore, Restored, restore};
pub use seal::month_key;
pub use store::{Follow, Options, SledStore};
pub use verify::report::{Bad, Kind, Report};
pub use verify::{Keys, Verify, verify};

/// A log that keeps its promises; see the contract above.
pub trait EventStore: Send + Sync + 'static {
    /// Keeps the facts of one command. Durable when it returns `Ok`.
    ///
    /// # Errors
    /// Any [`StoreError`]; only after `Indeterminate` may the facts have been kept all the same.
    fn append(&self, append: Append) -> impl Future<Output = Result<Appended, StoreError>> + Send;

    /// A whole stream in the order of its versions; empty if there is none.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`, when it cannot be read.
    fn stream(&self, log: LogId, stream: &Stream) -> Result<Vec<Fact>, StoreError>;

    /// At most `limit` facts of a log, from the one after position `after`.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`, when they cannot be read.
    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError>;

    /// How far a log reaches.
    fn head(&self, log: LogId) -> Head;

    /// What a command did, if it was already kept; `body` is compared with the one it came with.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`, when it cannot be read.
    fn repeated(
        &self,
        log: LogId,
        command: CommandId,
        body: &[u8],
    ) -> Result<Option<Repeat>, StoreError>;

    /// The id of a command: always the same for the same parts within one organisation, and telling
    /// nothing about them. The organisation's key is made, durably, when first needed.
    ///
    /// # Errors
    /// `Full` or `Unavailable`, when that first key cannot be kept.
    fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError>;

    /// Opens a sealed value: known, or erased if its key is gone or it was sealed for another place.
    fn open<T: DeserializeOwned + Clone>(&self, value: &Personal<T>) -> Personal<T>;

    /// The streams in which a value stands, or once stood, in a field that people are found by.
    /// `plaintext` is the JSON of the value. Whoever asks compares with what holds now.
    fn find(&self, organisation: OrganisationId, plaintext: &[u8]) -> Vec<Stream>;
}

/// The facts of one command, on their way in.
pub struct Append {
    /// The log they all belong to.
    pub log: LogId,
    /// The command: its facts are numbered under it, and a repeat is recognised by it.
    pub command: CommandId,
    /// Who did it.
    pub who: Who,
    /// The policy version it was decided under.
    pub policy: u32,
    /// The time of the clock; recorded unless the log is already ahead of it.
    pub now: DateTime<Utc>,
    /// What was asked for, in one spelling, so that a repeat with another body is noticed.
    pub body: Option<Vec<u8>>,
    /// What to write, in order.
    pub writes: Vec<Write>,
    /// Streams that must still be at these versions (0: must not exist), though nothing is written.
    pub guards: Vec<(Stream, u64)>,
}

/// What is written to one stream.
pub struct Write {
    /// The stream.
    pub stream: Stream,
    /// Its version before; 0 if it must not exist.
    pub expected: u64,
    /// What happened, and when; personal values known.
    pub events: Vec<(DateTime<Utc>, Event)>,
}

/// What became of an append.
#[derive(Debug)]
pub enum Appended {
    /// The facts, as they were kept.
    New(Vec<Fact>),
    /// The command had been kept before.
    Repeated(Repeat),
}

/// What a command did when it was first kept.
#[derive(Debug)]
pub struct Repeat {
    /// Its facts.
    pub facts: Vec<Fact>,
    /// Did it come with the same body? Also true when that can no longer be told.
    pub same_body: bool,
}

/// How far a log reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The position of the last fact; 0 if there is none.
    pub position: u64,
    /// The chain up to it: SHA-256 over the one before and the record.
    pub chain: [u8; 32],
}

/// Why something was not kept or could not be read. Never holds personal data.
///
/// What a backend can answer (a repeat is no error but an answer: [`Appended::Repeated`]):
///
/// | kind | sled | a copy in memory | PostgreSQL, once it is there |
/// |---|---|---|---|
/// | `Conflict`, `TooLarge`, `Invalid` | yes | only to a rehearsal | yes |
/// | `Erased` | yes | no | yes |
/// | `Full` | below its floor of free space | no | when the database says so |
/// | `Indeterminate` | the journal's write or sync failed | no | the answer to a commit was lost |
/// | `Unavailable` | after that, until restart; while the reading copy is mended | to every append | yes |
/// | `Corrupt` | at opening, and when a record cannot be read | as the store it was copied from | yes |
/// | `Locked`, `Refused` | at opening | no | at opening |
/// | `Fenced` | another folder was put in its place | no | another node took over |
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// A stream was not at the version the decision was based on; nothing was saved.
    Conflict {
        /// Which stream.
        stream: Stream,
        /// The version the decision was based on.
        expected: u64,
        /// The version it is at.
        actual: u64,
    },
    /// More than one append may hold; nothing was saved.
    TooLarge,
    /// What it belongs to was erased: its key is gone; nothing was saved.
    Erased,
    /// The disk is below its floor; nothing was saved.
    Full,
    /// The disk failed while saving: it may or may not have been kept. No more writes until restart.
    Indeterminate,
    /// The data folder was moved, deleted or replaced while it was open; nothing was saved. No more writes
    /// until restart.
    Fenced,
    /// Not now; nothing was saved.
    Unavailable(String),
    /// What is kept is damaged; the text names the first bad place.
    Corrupt(String),
    /// Another process holds the folder.
    Locked,
    /// The folder is not one this program may open as asked.
    Refused(String),
    /// The program asked for something that makes no sense; nothing was saved.
    Invalid(&'static str),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict {
                stream,
                expected,
                actual,
            } => write!(
                f,
                "{stream} is at version {actual}, not {expected}; nothing was saved"
            ),
            Self::TooLarge => {
                f.write_str("this is more than can be kept at once; nothing was saved")
            }
            Self::Erased => f.write_str("what this belongs to was erased; nothing was saved"),
            Self::Full => f.write_str("the disk is nearly full; nothing was saved"),
            Self::Indeterminate => f.write_str(
                "the disk failed while saving: we cannot tell whether it was saved; \
                 send the same again after the restart",
            ),
            Self::Fenced => f.write_str(
                "this data folder was moved or replaced while it was open; nothing was saved, and \
                 nothing more is written until restart",
            ),
            Self::Unavailable(why) => write!(f, "{why}; nothing was saved"),
            Self::Corrupt(what) => {
                write!(f, "the log is damaged: {what}; restore it from a backup")
            }
            Self::Locked => f.write_str("another process is using this data folder"),
            Self::Refused(why) => f.write_str(why),
            Self::Invalid(why) => write!(f, "the program made a mistake: {why}; nothing was saved"),
        }
    }
}

impl std::error::Error for StoreError {}
