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
    /// The chain of each log that was copied whole.
    chains: HashMap<LogId, [u8; 32]>,
    found: FoundBy,
}

/// One log, its positions and its streams' versions without gaps. Copies of a copy share their facts.
#[derive(Default)]
struct Kept {
    /// Each with its version here; its position is its place.
    facts: Vec<(u64, Arc<Fact>)>,
    streams: HashMap<Stream, Vec<usize>>,
    commands: HashMap<CommandId, Range<usize>>,
}

impl Kept {
    /// Numbers a fact as if nothing but what is here had ever been recorded.
    fn push(&mut self, fact: Arc<Fact>) {
        let at = self.facts.len();
        let stream = self.streams.entry(fact.stream).or_default();
        stream.push(at);
        self.commands.entry(fact.command).or_insert(at..at).end = at + 1;
        self.facts.push((stream.len() as u64, fact));
    }

    fn fact(&self, at: usize) -> Fact {
        let (version, fact) = &self.facts[at];
        Fact {
            position: at as u64 + 1,
            version: *version,
            ..Fact::clone(fact)
        }
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
            let Head { position, chain } = live.head(log);
            let (until, mut after) = (position, 0);
            while after < until {
                let limit = usize::try_from(until - after).unwrap_or(READ_AT_ONCE);
                let facts = live.log(log, after, limit.min(READ_AT_ONCE))?;
                after += facts.len() as u64;
                facts
                    .into_iter()
                    .for_each(|fact| memory.push(Arc::new(fact)));
            }
            memory.chains.insert(log, chain);
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
            let kept = self.logs.get(&self.log_id(log));
            let facts = kept.into_iter().flat_map(|kept| &kept.facts);
            let facts = facts.filter(|(_, fact)| keep(fact));
            facts.for_each(|(_, fact)| memory.push(Arc::clone(fact)));
        }
        Ok(memory)
    }

    /// The same with one more fact at its end, which is nowhere else.
    #[must_use]
    pub fn and(mut self, fact: Fact) -> Self {
        self.chains.clear();
        self.push(Arc::new(fact));
        self
    }

    /// The facts of one log, in order.
    pub fn facts(&self, log: Log) -> impl Iterator<Item = Fact> {
        let kept = self.logs.get(&self.log_id(log));
        kept.into_iter()
            .flat_map(|kept| (0..kept.facts.len()).map(|at| kept.fact(at)))
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
            chains: HashMap::new(),
            found: FoundBy::new()?,
        })
    }

    fn log_id(&self, log: Log) -> LogId {
        LogId {
            organisation: self.organisation,
            log,
        }
    }

    fn push(&mut self, fact: Arc<Fact>) {
        self.found.note_of(&fact, &self.live.vault);
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
        Ok(places.map(|at| kept.fact(*at)).collect())
    }

    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        let Some(kept) = self.logs.get(&log) else {
            return Ok(Vec::new());
        };
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let places = (0..kept.facts.len()).skip(after).take(limit);
        Ok(places.map(|at| kept.fact(at)).collect())
    }

    /// Where anything was left out the chain is that of an empty log: it is evidence of nothing.
    fn head(&self, log: LogId) -> Head {
        Head {
            position: self.logs.get(&log).map_or(0, |kept| kept.facts.len()) as u64,
            chain: self
                .chains
                .get(&log)
                .copied()
                .unwrap_or_else(|| chain::start(log)),
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
                facts: range.map(|at| kept.fact(at)).collect(),
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
