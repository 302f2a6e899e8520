//! A store that breaks exactly one promise, so that each check is seen to fail where it should.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use chrono::TimeDelta;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CommandId, OrganisationId};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Follow, Head, Repeat, StoreError};
use serde::de::DeserializeOwned;

use crate::backing::{Backing, Trouble};
use crate::common::{id, person_recorded};
use crate::model::{Model, Shelf};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    SkipsAPosition,
    SkipsAVersion,
    LosesUpdates,
    LiesAboutTheVersion,
    KeepsHalf,
    TakesAStreamTwice,
    IgnoresGuards,
    FollowsTheClock,
    ForgetsCommands,
    ForgetsBodies,
    DoesItTwice,
    InventsIds,
    LosesTheLast,
    ShowsAGap,
    RunsAhead,
    FollowsTwice,
    FollowsLate,
    FollowsTooSoon,
    MixesOrganisations,
    MixesLogs,
    ShowsNames,
    FindsNobody,
    CallsItUnavailable,
    CallsItInvalid,
    SavesAndDeniesIt,
    OpensDamage,
    OpensTwice,
    ClimbsTheFence,
}

/// Each fault with the promise that it breaks.
pub const FAULTS: [(Fault, &str); 28] = {
    use Fault::*;
    [
        (SkipsAPosition, "gapless"),
        (SkipsAVersion, "gapless"),
        (LosesUpdates, "one winner"),
        (LiesAboutTheVersion, "one winner"),
        (KeepsHalf, "all or nothing"),
        (TakesAStreamTwice, "all or nothing"),
        (IgnoresGuards, "guards"),
        (FollowsTheClock, "time"),
        (ForgetsCommands, "repeats"),
        (ForgetsBodies, "bodies"),
        (DoesItTwice, "one effect"),
        (InventsIds, "command ids"),
        (LosesTheLast, "kept"),
        (ShowsAGap, "no gap seen"),
        (RunsAhead, "no gap seen"),
        (FollowsTwice, "follow"),
        (FollowsLate, "follow"),
        (FollowsTooSoon, "commit first"),
        (MixesOrganisations, "apart"),
        (MixesLogs, "apart"),
        (ShowsNames, "sealed"),
        (FindsNobody, "sealed"),
        (CallsItUnavailable, "refusals"),
        (CallsItInvalid, "trouble"),
        (SavesAndDeniesIt, "trouble"),
        (OpensDamage, "trouble"),
        (OpensTwice, "trouble"),
        (ClimbsTheFence, "trouble"),
    ]
};

/// The model with a fault.
pub struct Faulty {
    shelf: Shelf,
    fault: Fault,
    opened: AtomicU64,
}

impl Faulty {
    pub fn with(fault: Fault) -> Self {
        Self {
            shelf: Shelf::default(),
            fault,
            opened: AtomicU64::new(0),
        }
    }
}

/// What is opened of it.
pub struct FaultyStore {
    model: Model,
    fault: Fault,
    reopened: bool,
    denies: bool,
    /// Has anything been appended since it was opened?
    written_to: AtomicBool,
    count: AtomicU64,
    following: Arc<AtomicBool>,
}

impl Backing for Faulty {
    type Store = FaultyStore;

    fn open_in(
        &self,
        trouble: Option<Trouble>,
        mut follow: Follow,
    ) -> Option<Result<FaultyStore, StoreError>> {
        let fault = self.fault;
        let following = Arc::<AtomicBool>::default();
        let (soon, mut late) = (Arc::clone(&following), Vec::new());
        let follow: Follow = Box::new(move |facts| match fault {
            Fault::FollowsTwice => (0..2).for_each(|_| follow(facts)),
            Fault::FollowsLate => {
                let before = std::mem::replace(&mut late, facts.to_vec());
                follow(&before);
            }
            _ => {
                soon.store(true, Ordering::SeqCst);
                follow(facts);
                soon.store(false, Ordering::SeqCst);
            }
        });
        let bring = match (fault, trouble) {
            (Fault::OpensDamage, Some(Trouble::Damaged))
            | (Fault::OpensTwice, Some(Trouble::Taken))
            | (Fault::ClimbsTheFence, Some(Trouble::Replaced))
            | (Fault::SavesAndDeniesIt, Some(Trouble::Full)) => None,
            (_, trouble) => trouble,
        };
        Some(self.shelf.open_in(bring, follow)?.map(|model| FaultyStore {
            model,
            fault,
            reopened: self.opened.fetch_add(1, Ordering::SeqCst) > 0,
            denies: trouble == Some(Trouble::Full),
            written_to: AtomicBool::new(false),
            count: AtomicU64::new(0),
            following,
        }))
    }
}

impl FaultyStore {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn is_written_to(&self) -> bool {
        self.written_to.load(Ordering::SeqCst)
    }

    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::SeqCst)
    }

    /// The log that is looked into instead.
    fn log_for(&self, log: LogId) -> LogId {
        match self.fault {
            Fault::MixesOrganisations => LogId {
                organisation: id(1),
                ..log
            },
            Fault::MixesLogs => LogId {
                log: Log::Main,
                ..log
            },
            _ => log,
        }
    }

    /// Facts as they are shown.
    fn shown(&self, mut facts: Vec<Fact>) -> Vec<Fact> {
        let last = facts.len().saturating_sub(1);
        match self.fault {
            Fault::LosesTheLast if self.reopened => facts.truncate(last),
            Fault::FollowsTooSoon if self.following.load(Ordering::SeqCst) => facts.truncate(last),
            Fault::ShowsAGap if self.is_written_to() && facts.len() > 2 => {
                drop(facts.remove(last - 1))
            }
            _ => {}
        }
        for fact in &mut facts {
            match (self.fault, &fact.event) {
                (Fault::SkipsAPosition, _) if fact.position > 300 => fact.position += 1,
                (Fault::SkipsAVersion, _) if fact.version > 30 => fact.version += 1,
                (Fault::FollowsTheClock, _) if fact.position == 4 => {
                    fact.recorded_at -= TimeDelta::days(3650);
                }
                (Fault::ShowsNames, Event::PersonRecorded(_)) => {
                    fact.event = person_recorded("Ada", "ada");
                }
                _ => {}
            }
        }
        facts
    }

    /// An append as it is passed on.
    fn bent(&self, mut append: Append) -> Append {
        let version = |stream: &Stream| {
            let facts = self.model.stream(append.log, stream).unwrap();
            facts.len() as u64
        };
        match self.fault {
            Fault::IgnoresGuards => append.guards.clear(),
            Fault::LosesUpdates => {
                for write in &mut append.writes {
                    write.expected = version(&write.stream);
                }
            }
            Fault::DoesItTwice => {
                append.command = id(append.command.uuid().as_u128() as u64 + self.next())
            }
            Fault::ForgetsCommands if self.reopened => append.command = id(7_000_000 + self.next()),
            Fault::TakesAStreamTwice => {
                append
                    .writes
                    .dedup_by(|one, other| one.stream == other.stream);
            }
            _ => {}
        }
        append
    }

    async fn keep(&self, append: Append) -> Result<Appended, StoreError> {
        if self.is(Fault::KeepsHalf) && append.writes.len() > 1 {
            return self.one_by_one(append).await;
        }
        let answer = self.model.append(self.bent(append)).await;
        match (self.fault, answer) {
            (
                Fault::LiesAboutTheVersion,
                Err(StoreError::Conflict {
                    stream,
                    expected,
                    actual,
                }),
            ) => Err(StoreError::Conflict {
                stream,
                expected,
                actual: actual + 1,
            }),
            (Fault::CallsItUnavailable, Err(StoreError::TooLarge)) => {
                Err(StoreError::Unavailable("later".into()))
            }
            (Fault::CallsItInvalid, Err(StoreError::Indeterminate)) => {
                Err(StoreError::Invalid("no"))
            }
            (Fault::SavesAndDeniesIt, Ok(Appended::New(_))) if self.denies => Err(StoreError::Full),
            (Fault::ForgetsBodies, Ok(Appended::Repeated(repeat))) => {
                Ok(Appended::Repeated(Repeat {
                    same_body: true,
                    ..repeat
                }))
            }
            (_, answer) => answer,
        }
    }

    async fn one_by_one(&self, append: Append) -> Result<Appended, StoreError> {
        let mut facts = Vec::new();
        for (n, write) in append.writes.into_iter().enumerate() {
            let one = Append {
                command: id(8_000_000 + n as u64 + self.next()),
                body: append.body.clone(),
                guards: append.guards.clone(),
                writes: vec![write],
                ..append
            };
            if let Appended::New(kept) = self.model.append(one).await? {
                facts.extend(kept);
            }
        }
        Ok(Appended::New(facts))
    }
}

impl EventStore for FaultyStore {
    async fn append(&self, append: Append) -> Result<Appended, StoreError> {
        self.written_to.store(true, Ordering::SeqCst);
        self.keep(append).await
    }

    fn stream(&self, log: LogId, stream: &Stream) -> Result<Vec<Fact>, StoreError> {
        Ok(self.shown(self.model.stream(self.log_for(log), stream)?))
    }

    fn log(&self, log: LogId, after: u64, limit: usize) -> Result<Vec<Fact>, StoreError> {
        Ok(self.shown(self.model.log(self.log_for(log), after, limit)?))
    }

    fn head(&self, log: LogId) -> Head {
        let mut head = self.model.head(self.log_for(log));
        if self.is(Fault::RunsAhead) && self.is_written_to() {
            head.position += 1000;
        }
        head
    }

    fn repeated(
        &self,
        log: LogId,
        command: CommandId,
        body: &[u8],
    ) -> Result<Option<Repeat>, StoreError> {
        self.model.repeated(self.log_for(log), command, body)
    }

    fn command_id(
        &self,
        organisation: OrganisationId,
        parts: &[&[u8]],
    ) -> Result<CommandId, StoreError> {
        if self.is(Fault::InventsIds) {
            return Ok(id(self.next()));
        }
        self.model.command_id(organisation, parts)
    }

    fn open<T: DeserializeOwned + Clone>(&self, value: &Personal<T>) -> Personal<T> {
        self.model.open(value)
    }

    fn find(&self, organisation: OrganisationId, plaintext: &[u8]) -> Vec<Stream> {
        if self.is(Fault::FindsNobody) {
            return Vec::new();
        }
        self.model.find(organisation, plaintext)
    }
}
