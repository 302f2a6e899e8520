//! What checking a log found, in words and for machines.

use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::{Log, LogId};
use serde::Serialize;
use uuid::Uuid;

use crate::chain;
use crate::checkpoint::LogHead;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Bytes of the journal are not what was written.
    Damaged,
    /// A commit is missing, doubled or out of its order.
    Order,
    /// A fact is not the one that may stand there: its position, version, command, time or shape.
    Fact,
    /// The chain does not hold.
    Chain,
    /// A sealed value does not open where it stands, or its key is missing.
    Sealed,
    /// The reading copy says otherwise than the journal.
    ReadingCopy,
    /// A checkpoint says otherwise than the log: it was changed or written anew.
    Changed,
    /// A checkpoint reaches further than the log: it was cut off, or an older copy put in its place.
    CutOff,
    /// Another folder that was made from the same backup went on as well.
    Fork,
    /// A line of a list is no checkpoint, or is not signed with the key that was given.
    Signature,
}

/// One thing that is wrong, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bad {
    /// What.
    pub kind: Kind,
    /// The same in words.
    pub what: String,
    /// Whose log.
    pub organisation: Option<OrganisationId>,
    /// Which of the three.
    pub log: Option<Log>,
    /// The first bad position.
    pub position: Option<u64>,
    /// If it lies somewhere between, the last position at which it can lie.
    pub up_to: Option<u64>,
    /// The segment of the journal in which it stands, or should.
    pub segment: Option<u64>,
    /// From this byte of it.
    pub byte: Option<u64>,
}

/// Where something stands in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The segment.
    pub segment: u64,
    /// The byte in it.
    pub byte: usize,
}

impl Bad {
    /// Something wrong that has no place yet.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            organisation: None,
            log: None,
            position: None,
            up_to: None,
            segment: None,
            byte: None,
        }
    }

    /// At this place of the journal.
    pub fn at(mut self, place: Place) -> Self {
        self.segment = Some(place.segment);
        self.byte = Some(place.byte as u64);
        self
    }

    /// At this position of a log.
    pub fn of(mut self, log: LogId, position: u64) -> Self {
        self.organisation = Some(log.organisation);
        self.log = Some(log.log);
        self.position = Some(position);
        self
    }

    /// Somewhere from there to here.
    pub const fn up_to(mut self, position: u64) -> Self {
        self.up_to = Some(position);
        self
    }

    /// Where it is, for people.
    pub fn place(&self) -> String {
        let mut parts = Vec::new();
        if let (Some(position), Some(log), Some(organisation)) =
            (self.position, self.log, self.organisation)
        {
            let positions = match self.up_to.filter(|last| *last > position) {
                Some(last) => format!("positions {position} to {last}"),
                None => format!("position {position}"),
            };
            let name = chain::name(log);
            parts.push(format!(
                "{positions} of log {name} of organisation {organisation}"
            ));
        }
        if let (Some(segment), Some(byte)) = (self.segment, self.byte) {
            parts.push(format!("journal segment {segment} from byte {byte}"));
        }
        parts.join(", ")
    }
}

/// A checkpoint that speaks of facts which this history does not hold, as there are after a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotHere {
    /// The incarnation that made it.
    pub incarnation: Uuid,
    /// Its number there.
    pub number: u64,
    /// The logs, as far as they reached beyond this history.
    pub logs: Vec<LogHead>,
}

/// How far the log is the one that a checkpoint signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignedUpTo {
    /// The log, up to the last position at which a checkpoint and the log agree.
    pub head: LogHead,
    /// The checkpoint's number.
    pub number: u64,
    /// Did it come from a list that was given, or only from the data folder?
    pub outside: bool,
}

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Does all that was asked hold?
    pub holds: bool,
    /// The store.
    pub store: Uuid,
    /// Which of the folders that were made from one another.
    pub incarnation: Uuid,
    /// Was a program using the folder meanwhile?
    pub in_use: bool,
    /// How many commits were read and are sound.
    pub commits: u64,
    /// How many facts.
    pub facts: u64,
    /// Sealed values that opened where they stand.
    pub opened: u64,
    /// Sealed values whose key was destroyed.
    pub erased: u64,
    /// How many checkpoints were compared.
    pub checkpoints: usize,
    /// How far each log was found sound.
    pub logs: Vec<LogHead>,
    /// How far each is the one that was signed.
    pub signed: Vec<SignedUpTo>,
    /// The keys that signed, in hexadecimal.
    pub keys: Vec<String>,
    /// What is wrong, the first in the journal first.
    pub bad: Vec<Bad>,
    /// Checkpoints of before a restore that this history does not hold.
    pub not_here: Vec<NotHere>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<String>,
    /// What cannot be told, and what it would take.
    pub cannot_be_told: Vec<String>,
}
