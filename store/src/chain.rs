//! The chain of a log: a fingerprint of every fact up to a position, so that nothing is altered unseen.

use pipss_domain::stream::{Log, LogId};
use sha2::{Digest, Sha256};

/// A fingerprint of a log up to one of its facts.
pub type Link = [u8; 32];

/// The chain of a log before its first fact: tells one organisation and log from every other.
pub fn start(log: LogId) -> Link {
    Sha256::new()
        .chain_update(b"pipss log 1\0")
        .chain_update(log.organisation.uuid().as_bytes())
        .chain_update(name(log.log))
        .finalize()
        .into()
}

/// The chain after one more record.
pub fn next(head: &Link, record: &[u8]) -> Link {
    Sha256::new()
        .chain_update(head)
        .chain_update(record)
        .finalize()
        .into()
}

/// The name of a log, as records spell it.
pub const fn name(log: Log) -> &'static str {
    match log {
        Log::Main => "main",
        Log::Access => "access",
        Log::Feedback => "feedback",
    }
}

/// The code of a log in keys and frames: its place in [`Log::ALL`].
pub const fn code(log: Log) -> u8 {
    match log {
        Log::Main => 0,
        Log::Access => 1,
        Log::Feedback => 2,
    }
}
