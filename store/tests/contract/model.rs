//! The contract written down as simply as it can be: a store in memory, for tests only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, SubsecRound, Utc};
use pipss_domain::fields::{self, Kept, KeyScope};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CommandId, Id, KeyId, OrganisationId};
use pipss_domain::personal::{Personal, Sealed};
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Follow, Head, Repeat, StoreError};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::backing::{Backing, Trouble};

/// The most facts, and bytes of one fact, that it holds; as small as any store may set them.
const FACTS_MAX: usize = 4096;
const FACT_BYTES_MAX: usize = 256 << 10;

/// What is left when a model is closed.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    logs: HashMap<LogId, Pages>,
    /// Every personal value, under a key of its own.
    values: HashMap<KeyId, Vec<u8>>,
    /// Values that people are found by.
    found: Vec<(OrganisationId, Vec<u8>, Stream)>,
}

/// One log.
#[derive(Default)]
struct Pages {
    facts: Vec<Fact>,
    bodies: HashMap<CommandId, Option<Vec<u8>>>,
    chain: [u8; 32],
}

/// The store.
pub struct Model {
    shelf: Shelf,
    /// Held from the first look to the last word of an append: one after another.
    writing: Mutex<Writing>,
    trouble: Option<Trouble>,
}

struct Writing {
    follow: Follow,
    doubtful: Option<CommandId>,
}

impl Backing for Shelf {
    type Store = Model;

    fn open_in(
        &self,
        trouble: Option<Trouble>,
        mut follow: Follow,
    ) -> Option<Result<Model, StoreError>> {
        match trouble {
            Some(Trouble::Damaged) => return Some(Err(StoreError::Corrupt("it is".into()))),
            Some(Trouble::Taken) => return Some(Err(StoreError::Locked)),
            None | Some(Trouble::Full | Trouble::Failing) => {}
        }
        let logs = |state: &State| -> Vec<_> {
            state.logs.values().map(|log| log.facts.clone()).collect()
        };
        for facts in self.with(|state| logs(state)) {
            follow(&facts);
        }
        let writing = Writing {
            follow,
            doubtful: None,
        };
        Some(Ok(Model {
            shelf: self.clone(),
            writing: Mutex::new(writing),
            trouble,
        }))
    }
}

impl Shelf {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }
}

impl Pages {
    fn version(&self, stream: &Stream) -> u64 {
        self.stream(stream).count() as u64
    }

    fn stream(&self, stream: &Stream) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.stream == *stream)
    }

    fn repeat(&self, command: CommandId, body: Option<&[u8]>) -> Option<Repeat> {
        let kept = self.bodies.get(&command)?.as_deref();
        let facts = self.facts.iter().filter(|fact| fact.command == command);
        Some(Repeat {
            facts: facts.cloned().collect(),
            same_body: body.is_none() || kept.is_none() || body == kept,
        })
    }

    /// Why an append cannot be, if it cannot.
    fn conflict(&self, append: &Append) -> Option<StoreError> {
        let writes = append
            .writes
            .iter()
            .map(|write| (write.stream, write.expected));
        let mut expected = writes.chain(append.guards.iter().copied());
        let wrong = expected.find(|(stream, expected)| self.version(stream) != *expected)?;
        Some(StoreError::Conflict {
            stream: wrong.0,
            expected: wrong.1,
            actual: self.version(&wrong.0),
        })
    }
}

/// What makes no sense whatever the log holds.
fn nonsense(append: &Append) -> Result<(), StoreError> {
    let events = || append.writes.iter().flat_map(|write| &write.events);
    let streams = || append.writes.iter().map(|write| write.stream);
    if events().count() == 0 {
        return Err(StoreError::Invalid("nothing to keep"));
    }
    if (1..)
        .zip(streams())
        .any(|(after, one)| streams().skip(after).any(|more| more == one))
    {
        return Err(StoreError::Invalid("a stream stands twice"));
    }
    let long = events().any(|(_, event)| format!("{event:?}").len() > FACT_BYTES_MAX);
    if long || events().count() > FACTS_MAX {
        return Err(StoreError::TooLarge);
    }
    Ok(())
}

impl State {
    /// The facts of an append, numbered and sealed.
    fn numbered(&mut self, append: Append) -> Result<Vec<Fact>, StoreError> {
        let last = self.logs.get(&append.log).and_then(|log| log.facts.last());
        let (mut position, before) = last.map_or((0, DateTime::<Utc>::MIN_UTC), |fact| {
            (fact.position, fact.recorded_at)
        });
        let recorded_at = before.max(append.now.trunc_subsecs(6));
        let mut facts: Vec<Fact> = Vec::new();
        for write in append.writes {
            for (version, (occurred_at, event)) in (1..).zip(write.events) {
                position += 1;
                let mut fact = Fact {
                    log: append.log,
                    position,
                    stream: write.stream,
                    version: write.expected + version,
                    command: append.command,
                    number: facts.len() as u32,
                    occurred_at: occurred_at.trunc_subsecs(6),
                    recorded_at,
                    who: append.who,
                    policy: append.policy,
                    event,
                };
                self.seal(&mut fact)?;
                facts.push(fact);
            }
        }
        Ok(facts)
    }

    fn seal(&mut self, fact: &mut Fact) -> Result<(), StoreError> {
        let (organisation, stream, kind) = (fact.log.organisation, fact.stream, fact.event.kind());
        let mut wrong = None;
        fact.event.personals(&mut |place, value| {
            let row = fields::row(kind, place.path).map(|row| row.kept);
            let (Some(json), Some(Kept::Sealed { key, found_by, .. })) = (value.known_json(), row)
            else {
                wrong = Some(StoreError::Invalid("a value is not known"));
                return;
            };
            if matches!(key, KeyScope::Person) && !matches!(stream, Stream::Person(_)) {
                wrong = Some(StoreError::Invalid("a value stands in a foreign stream"));
            }
            if found_by {
                self.found.push((organisation, json.clone(), stream));
            }
            let key = Id::new(Uuid::from_u128(self.values.len() as u128));
            self.values.insert(key, json);
            value.seal(Sealed {
                key,
                bytes: Vec::new(),
                fact: Arc::from([]),
                place,
            });
        });
        wrong.map_or(Ok(()), Err)
    }

    fn keep(&mut self, facts: &[Fact], body: Option<Vec<u8>>) {
        for fact in facts {
            let log = self.logs.entry(fact.log).or_default();
            let link = Sha256::new().chain_update(log.chain);
            log.chain = link.chain_update(format!("{fact:?}")).finalize().into();
            log.facts.push(fact.clone());
            log.bodies.insert(fact.command, body.clone());
        }
    }
}

impl Model {
    fn log_of<T>(&self, log: LogId, work: impl FnOnce(&Pages) -> T) -> T {
        self.shelf
            .with(|state| work(state.logs.entry(log).or_default()))
    }

    fn keep(&self, append: Append) -> Result<Appended, StoreError> {
        let mut writing = self.writing.lock().unwrap();
        let (log, command, body) = (append.log, append.command, append.body.clone());
        let repeat = self.log_of(log, |log| log.repeat(command, body.as_deref()));
        if let Some(repeat) = repeat {
            return Ok(Appended::Repeated(repeat));
        }
        nonsense(&append)?;
        if let Some(conflict) = self.log_of(log, |log| log.conflict(&append)) {
            return Err(conflict);
        }
        match (self.trouble, writing.doubtful) {
            (Some(Trouble::Full), _) => return Err(StoreError::Full),
            (Some(Trouble::Failing), None) => {
                writing.doubtful = Some(command);
                return Err(StoreError::Indeterminate);
            }
            (_, Some(doubtful)) if doubtful == command => return Err(StoreError::Indeterminate),
            (_, Some(_)) => return Err(StoreError::Unavailable("the disk failed".into())),
            _ => {}
        }
        let facts = self.shelf.with(|state| {
            let facts = state.numbered(append)?;
            state.keep(&facts, body);
            Ok(facts)
        })?;
        (writing.follow)(&facts);
        Ok(Appended::New(facts))
    }
}

impl EventStore for Model {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.keep(append)
    }

    fn stream(&self, log: LogId, stream: &Stream) -> Result<Vec<Fact>, StoreError> {
        Ok(self.log_of(log, |log| log.stream(stream).cloned().collect()))
    }

    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        let after = usize::try_from(after).unwrap();
        Ok(self.log_of(log, |log| {
            log.facts.iter().skip(after).take(limit).cloned().collect()
        }))
    }

    fn head(&self, log: LogId) -> Head {
        let start: [u8; 32] = Sha256::digest(format!("{log:?}")).into();
        self.log_of(log, |log| Head {
            position: log.facts.len() as u64,
            chain: if log.facts.is_empty() {
                start
            } else {
                log.chain
            },
        })
    }

    fn repeated(
        &self,
        log: LogId,
        command: CommandId,
        body: &[u8],
    ) -> Result<Option<Repeat>, StoreError> {
        Ok(self.log_of(log, |log| log.repeat(command, Some(body))))
    }

    fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError> {
        let hash: [u8; 32] = Sha256::digest(format!("{organisation} {parts:?}")).into();
        let first = *hash.first_chunk().unwrap();
        Ok(CommandId::new(
            uuid::Builder::from_custom_bytes(first).into_uuid(),
        ))
    }

    fn open<T: DeserializeOwned + Clone>(&self, value: &Personal<T>) -> Personal<T> {
        let Personal::Sealed(sealed) = value else {
            return value.clone();
        };
        let json = self
            .shelf
            .with(|state| state.values.get(&sealed.key).cloned());
        json.map_or(Personal::Erased, |json| Personal::from_json(&json))
    }

    fn find(&self, organisation: OrganisationId, plaintext: &[u8]) -> Vec<Stream> {
        self.shelf.with(|state| {
            let found = state.found.iter();
            let found = found.filter(|(of, value, _)| *of == organisation && value == plaintext);
            let mut streams: Vec<_> = found.map(|(_, _, stream)| *stream).collect();
            streams.sort();
            streams.dedup();
            streams
        })
    }
}

/// Does a fact hold a personal value in the clear?
pub fn in_the_clear(event: &Event) -> bool {
    let mut clear = false;
    event
        .clone()
        .personals(&mut |_, value| clear |= value.known_json().is_some());
    clear
}
