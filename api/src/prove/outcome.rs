//! What a proof comes to: figures, differences, and which planted leaks were caught.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use pipss_store::{Head, StoreError};

use super::difference::Difference;
use super::leak::Leak;

/// What was found.
#[derive(Debug)]
pub struct Outcome {
    /// Managers who were answered.
    pub managers: usize,
    /// Routes they tried.
    pub routes: usize,
    /// Answers and letters that were compared.
    pub answers: u64,
    /// How each route answered, in any case: a route that only ever refuses would prove little.
    pub seen: BTreeMap<String, BTreeSet<u16>>,
    /// Private facts that are recorded.
    pub private: usize,
    /// Bytes that differ.
    pub bytes: u64,
    /// The first differences.
    pub differences: Vec<Difference>,
    /// Each leak that was planted, and where it was caught.
    pub planted: Vec<(Leak, Option<Difference>)>,
    /// How far the log reached that was looked at.
    pub head: Head,
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Did nothing differ, and was every planted leak caught?
    pub fn holds(&self) -> bool {
        self.bytes == 0
            && self.differences.is_empty()
            && self.planted.iter().all(|(_, caught)| caught.is_some())
    }
}

/// Why nothing could be proved.
#[derive(Debug)]
pub enum Unproven {
    /// Nobody said what to ask here.
    Route(String),
    /// Nobody manages anything yet.
    NoManagers,
    /// Whoever asked no longer waits.
    Stopped,
    /// The log cannot be read.
    Store(StoreError),
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Route(route) => write!(
                f,
                "the proof does not know what to ask of {route}; it must be taught first"
            ),
            Self::NoManagers => f.write_str("nobody manages a unit yet: there is nothing to prove"),
            Self::Stopped => f.write_str("it was stopped before the end"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Unproven {}

impl From<StoreError> for Unproven {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
