//! The log as it would be if some facts had never been recorded: in memory, for looking only.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use pipss_domain::history::Fact;
use pipss_domain::ids::{CommandId, OrganisationId};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{Log, LogId, Stream};
use serde::de::DeserializeOwned;

use crate::chain;
use crate::found::FoundBy;
use crate::prepare::numbered;
use crate::store::{Shared, SledStore, opened};
use crate::{Append, Appended, EventStore, Head, Repeat, StoreError};

const READ_AT_ONCE: usize = 1000;

/// One organisation's logs, copied out of a live store. Values stay sealed and are opened by the live
/// store's vault. Nothing is ever written.
pub struct Memory {
    live: Arc<Shared>,
    organisation: OrganisationId,
    logs: HashMap<LogId, Kept>,
    found: FoundBy,
}

/// One log, its positions and its streams' versions without gaps.
#[derive(Default)]
struct Kept {
    facts: Vec<Fact>,
    streams: HashMap<Stream, Vec<usize>>,
    commands: HashMap<CommandId, Range<usize>>,
}

impl Kept {
    /// Numbers a fact as if nothing but what is here had ever been recorded.
    fn push(&mut self, mut fact: Fact) {
        let at = self.facts.len();
        let stream = self.streams.entry(fact.stream).or_default();
        fact.position = at as u64 + 1;
        fact.version = stream.len() as u64 + 1;
        stream.push(at);
        self.commands.entry(fact.command).or_insert(at..at).end = at + 1;
        self.facts.push(fact);
    }
}

impl Memory {
    /// Copies what an organisation's logs hold now.
    ///
    /// # Errors
    /// `Unavailable` or `Corrupt`, when they cannot be read.
    pub fn of(live: &SledStore, organisation: OrganisationId) -> Result<Self, StoreError> {
        let mut memory = Self::empty(Arc::clone(live.shared()), organisation)?;
        for log in Log::ALL {
            let log = LogId { organisation, log };
            let until = live.head(log).position;
            let mut after = 0;
            while after < until {
                let limit = usize::try_from(until - after).unwrap_or(READ_AT_ONCE);
                let facts = live.log(log, after, limit.min(READ_AT_ONCE))?;
                after += facts.len() as u64;
                facts.into_iter().for_each(|fact| memory.push(fact));
            }
        }
        Ok(memory)
    }

    /// The same without the facts for which `keep` says no.
    ///
    /// # Errors
    /// `Unavailable`, when the machine gives no random key.
    pub fn only(&self, keep: impl Fn(&Fact) -> bool) -> Result<Self, StoreError> {
        let mut memory = Self::empty(Arc::clone(&self.live), self.organisation)?;
        for log in Log::ALL {
            let kept = self.facts(log).iter().filter(|fact| keep(fact));
            kept.for_each(|fact| memory.push(fact.clone()));
        }
        Ok(memory)
    }

    /// The same with one more fact at its end, which is nowhere else.
    #[must_use]
    pub fn and(mut self, fact: Fact) -> Self {
        self.push(fact);
        self
    }

    /// The facts of one log, in order.
    pub fn facts(&self, log: Log) -> &[Fact] {
        let log = LogId {
            organisation: self.organisation,
            log,
        };
        self.logs.get(&log).map_or(&[], |kept| &kept.facts)
    }

    /// What an append would leave, were it taken: numbered, its personal values known, kept nowhere.
    ///
    /// # Errors
    /// `Conflict`, `TooLarge`, `Invalid`, as an append.
    pub fn rehearse(&self, append: Append) -> Result<Vec<Fact>, StoreError> {
        let version = |stream: &Stream| {
            let kept = self.logs.get(&append.log);
            let stream = kept.and_then(|kept| kept.streams.get(stream));
            stream.map_or(0, Vec::len) as u64
        };
        let writes = append
            .writes
            .iter()
            .map(|write| (write.stream, write.expected));
        for (stream, expected) in writes.chain(append.guards.iter().copied()) {
            let actual = version(&stream);
            if actual != expected {
                return Err(StoreError::Conflict {
                    stream,
                    expected,
                    actual,
                });
            }
        }
        numbered(append)
    }

    fn empty(live: Arc<Shared>, organisation: OrganisationId) -> Result<Self, StoreError> {
        Ok(Self {
            live,
            organisation,
            logs: HashMap::new(),
            found: FoundBy::new()?,
        })
    }

    fn push(&mut self, mut fact: Fact) {
        self.found.note(&mut fact, &self.live.vault);
        self.logs.entry(fact.log).or_default().push(fact);
    }
}

impl EventStore for Memory {
    async fn append(&self, _: Append) -> Result<Appended, StoreError> {
        Err(StoreError::Unavailable(
            "a copy in memory is only looked at".into(),
        ))
    }

    fn stream(&self, log: LogId, stream: &Stream) -> Result<Vec<Fact>, StoreError> {
        let Some(kept) = self.logs.get(&log) else {
            return Ok(Vec::new());
        };
        let places = kept.streams.get(stream).into_iter().flatten();
        Ok(places.map(|at| kept.facts[*at].clone()).collect())
    }

    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        let facts = self.logs.get(&log).map_or(&[][..], |kept| &kept.facts);
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(facts.iter().skip(after).take(limit).cloned().collect())
    }

    /// The chain is that of an empty log: a copy is evidence of nothing.
    fn head(&self, log: LogId) -> Head {
        Head {
            position: self.logs.get(&log).map_or(0, |kept| kept.facts.len()) as u64,
            chain: chain::start(log),
        }
    }

    fn repeated(
        &self,
        log: LogId,
        command: CommandId,
        _: &[u8],
    ) -> Result<Option<Repeat>, StoreError> {
        let repeat = |kept: &Kept| {
            let range = kept.commands.get(&command)?.clone();
            Some(Repeat {
                facts: kept.facts[range].to_vec(),
                same_body: true,
            })
        };
        Ok(self.logs.get(&log).and_then(repeat))
    }

    fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError> {
        self.live.vault.command_id(organisation, parts)
    }

    fn open<T: DeserializeOwned + Clone>(&self, value: &Personal<T>) -> Personal<T> {
        opened(value, &self.live.vault)
    }

    fn find(&self, organisation: OrganisationId, plaintext: &[u8]) -> Vec<Stream> {
        self.found.find(organisation, plaintext, &self.live.vault)
    }
}
