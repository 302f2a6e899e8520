//! A checkpoint: how far every log reached at one moment, signed, so that a copy of it kept elsewhere tells
//! whether the log was changed since.
//!
//! One line of JSON, `{"checkpoint":{…},"public_key":"…","signature":"…"}`, in hexadecimal. What is signed
//! (Ed25519) is [`PURPOSE`] and then the text of the inner object, byte for byte as it stands in the line.
//! The hash of a checkpoint is the SHA-256 of its line, without the line feed.

pub mod keep;
pub mod key;
pub mod list;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use chrono::{DateTime, Utc};
use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::{Log, LogId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Head, chain, hex};
use key::SigningKey;

/// What is signed begins so: a signature under something else is no checkpoint.
const PURPOSE: &[u8] = b"pipss checkpoint 1\n";
const FORMAT: u32 = 1;

/// What is signed. The fields stand in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The version of the layout.
    pub format: u32,
    /// 1, 2, 3 … within an incarnation.
    pub number: u64,
    /// The hash of the checkpoint before it, in the same incarnation.
    pub previous: Option<String>,
    /// The store.
    pub store: Uuid,
    /// Which of the folders that were made, one from another, out of backups.
    pub incarnation: Uuid,
    /// When, by the clock of the machine; never before the one before it.
    pub made_at: DateTime<Utc>,
    /// Every log that holds anything.
    pub logs: Vec<LogHead>,
}

/// How far a log reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    /// Whose log.
    pub organisation: OrganisationId,
    /// Which of the three.
    pub log: Log,
    /// The position of its last fact.
    pub position: u64,
    /// The chain up to there, in hexadecimal.
    pub chain: String,
}

/// A checkpoint whose signature fits the key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// As it is handed on.
    pub line: String,
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The key, in hexadecimal.
    pub public_key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    checkpoint: &'a RawValue,
    public_key: &'a str,
    signature: &'a str,
}

impl LogHead {
    /// The head of a log, for people and machines.
    pub fn of(log: LogId, head: Head) -> Self {
        Self {
            organisation: log.organisation,
            log: log.log,
            position: head.position,
            chain: hex::of(&head.chain),
        }
    }

    /// The name of the log: `main`, `access` or `feedback`.
    pub const fn name(&self) -> &'static str {
        chain::name(self.log)
    }

    /// Which log.
    pub const fn id(&self) -> LogId {
        LogId {
            organisation: self.organisation,
            log: self.log,
        }
    }
}

impl Checkpoint {
    /// The checkpoint after `last`, of the same incarnation of the same store.
    pub fn after(
        last: Option<&Signed>,
        (store, incarnation): (Uuid, Uuid),
        now: DateTime<Utc>,
        logs: Vec<LogHead>,
    ) -> Self {
        let before = last.map(|last| &last.checkpoint);
        Self {
            format: FORMAT,
            number: before.map_or(1, |before| before.number + 1),
            previous: last.map(Signed::hash),
            store,
            incarnation,
            made_at: before.map_or(now, |before| now.max(before.made_at)),
            logs,
        }
    }
}

impl Signed {
    /// Signs a checkpoint.
    pub fn by(key: &SigningKey, checkpoint: Checkpoint) -> Self {
        let inner = serde_json::value::to_raw_value(&checkpoint).expect("plain fields are JSON");
        let public_key = key.public_key();
        let signature = hex::of(&key.sign(&signed(&inner)));
        let line = serde_json::to_string(&Line {
            checkpoint: &inner,
            public_key: &public_key,
            signature: &signature,
        });
        Self {
            line: line.expect("plain fields are JSON"),
            checkpoint,
            public_key,
        }
    }

    /// Reads a line. `None` if it is no checkpoint, or its signature does not fit the key in it.
    pub fn read(line: &str) -> Option<Self> {
        let parts: Line<'_> = serde_json::from_str(line).ok()?;
        let (key, signature) = (hex::bytes(parts.public_key)?, hex::bytes(parts.signature)?);
        let message = signed(parts.checkpoint);
        UnparsedPublicKey::new(&ED25519, key)
            .verify(&message, &signature)
            .ok()?;
        let checkpoint: Checkpoint = serde_json::from_str(parts.checkpoint.get()).ok()?;
        (checkpoint.format == FORMAT).then(|| Self {
            line: line.to_owned(),
            checkpoint,
            public_key: parts.public_key.to_owned(),
        })
    }

    /// Its hash, in hexadecimal: what the next one names, and what can be written down.
    pub fn hash(&self) -> String {
        hex::of(&Sha256::digest(&self.line))
    }
}

fn signed(inner: &RawValue) -> Vec<u8> {
    [PURPOSE, inner.get().as_bytes()].concat()
}
