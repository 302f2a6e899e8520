//! What is known of every log without reading it: how far it reaches, and where everything stands.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use pipss_domain::history::Fact;
use pipss_domain::ids::CommandId;
use pipss_domain::stream::{LogId, Stream};

use crate::Head;
use crate::chain::{self, Link};
use crate::index_streams::Streams;

/// The most facts one log can hold: positions are kept in four bytes, 20 to 75 bytes an event in all.
pub const LOG_MAX: u64 = u32::MAX as u64;

/// The index of every log.
pub type Index = HashMap<LogId, LogIndex>;

impl crate::SledStore {
    /// How many bytes the indexes of all logs take in memory.
    pub fn index_bytes(&self) -> usize {
        let index = &self.shared().index;
        let index = index.read().unwrap_or_else(PoisonError::into_inner);
        index.values().map(LogIndex::bytes).sum()
    }
}

/// A table by ids, which are random already: a quick hash, seeded all the same, is enough.
pub type ById<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The index of one log.
pub struct LogIndex {
    head: Head,
    recorded_at: DateTime<Utc>,
    /// The positions of each stream.
    streams: Streams,
    /// The position of the first fact of each command; the others follow it.
    commands: ById<CommandId, u32>,
    /// The first position of each block of records, as sled keeps them.
    starts: Vec<u32>,
    /// The last fact, to see whether the next belongs to the same command.
    last: (CommandId, u32),
}

impl LogIndex {
    /// An empty log.
    pub fn new(log: LogId) -> Self {
        Self {
            head: Head {
                position: 0,
                chain: chain::start(log),
            },
            recorded_at: DateTime::<Utc>::MIN_UTC,
            streams: Streams::default(),
            commands: ById::default(),
            starts: Vec::new(),
            last: (CommandId::new(uuid::Uuid::nil()), u32::MAX),
        }
    }

    /// How far it reaches.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// When its last fact was recorded.
    pub const fn recorded_at(&self) -> DateTime<Utc> {
        self.recorded_at
    }

    /// The version of a stream; 0 if there is none.
    pub fn version(&self, stream: &Stream) -> u64 {
        self.positions(stream).len() as u64
    }

    /// The positions of a stream's facts.
    pub fn positions(&self, stream: &Stream) -> &[u32] {
        self.streams.positions(stream)
    }

    /// The position of a command's first fact.
    pub fn command(&self, command: CommandId) -> Option<u64> {
        self.commands.get(&command).map(|at| u64::from(*at))
    }

    /// The block that holds a position, as the positions it spans.
    pub fn block(&self, position: u64) -> Range<u64> {
        let after = self
            .starts
            .partition_point(|start| u64::from(*start) <= position);
        let first = self.starts[..after].last().copied().unwrap_or(0);
        let end = self
            .starts
            .get(after)
            .copied()
            .map_or(self.head.position + 1, u64::from);
        u64::from(first)..end
    }

    /// How many bytes it takes in memory, by the space that its tables reserved.
    pub fn bytes(&self) -> usize {
        /// A table's entries take their own size and a byte, one in eight of them free.
        const fn table<K, V>(capacity: usize) -> usize {
            capacity * 8 / 7 * (size_of::<(K, V)>() + 1)
        }
        self.streams.bytes()
            + table::<CommandId, u32>(self.commands.capacity())
            + self.starts.capacity() * size_of::<u32>()
    }

    /// Takes in the next fact of the log.
    ///
    /// # Errors
    /// In words, when it is not the next: only a damaged log has such a one.
    pub fn add(&mut self, fact: &Fact) -> Result<(), String> {
        self.check(fact)?;
        let position = u32::try_from(fact.position).map_err(|_| "the log is too long")?;
        self.head.position = fact.position;
        self.recorded_at = fact.recorded_at;
        self.last = (fact.command, fact.number);
        if fact.number == 0 {
            self.commands.insert(fact.command, position);
        }
        self.streams.add(&fact.stream, position);
        Ok(())
    }

    /// Takes in the chain after the facts that were added, and where their blocks begin.
    pub fn close_block(&mut self, chain: Link, starts: impl Iterator<Item = u64>) {
        self.head.chain = chain;
        self.starts
            .extend(starts.filter_map(|start| u32::try_from(start).ok()));
    }

    /// Is it the next fact of the log?
    ///
    /// # Errors
    /// In words, when it is not.
    pub fn check(&self, fact: &Fact) -> Result<(), String> {
        if fact.position != self.head.position + 1 {
            return Err(format!("position {} is out of place", fact.position));
        }
        if fact.version != self.version(&fact.stream) + 1 {
            return Err(format!("version {} is out of place", fact.version));
        }
        if fact.recorded_at < self.recorded_at {
            return Err("it was recorded before the fact before it".into());
        }
        let next = match fact.number {
            0 => !self.commands.contains_key(&fact.command),
            n => self.last == (fact.command, n - 1),
        };
        next.then_some(())
            .ok_or_else(|| "its number under its command is out of place".into())
    }
}
