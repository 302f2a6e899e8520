//! The proof that a manager cannot see who asked: two worlds, one without what is private, that answer
//! every manager with the same bytes.
//!
//! World A is everything that is recorded; world B is what would be if nothing private to that manager
//! had ever been (domain/src/private.rs says what that is). Both are asked everything a manager can ask,
//! through the real routes, with the same clock, the same random ids and the same keys, and every byte
//! is compared. Then mistakes are planted, and each must be caught.

mod asks;
mod difference;
mod known;
mod leak;
mod samples;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::facts::{ReferralAcknowledged, ReplyRoute};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, CommandId, OneToOneId, OrganisationId, PersonId, SupervisionId};
use pipss_domain::private::{Around, Part, Private};
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{Backend, EventStore, Head, Memory, StoreError};
use uuid::Uuid;

pub use difference::Difference;
pub use leak::Leak;

use crate::actor::Actor;
use crate::app::App;
use crate::letters::MailOwed;
use asks::Routes;
use known::{Known, known, managers};
use world::{Answer, Ask, Making, World, without};

/// Writes a mail as the bytes that would leave.
pub type Compose<'a> = &'a (dyn Fn(&MailOwed, DateTime<Utc>) -> Vec<u8> + Sync);
/// Is told how many of how many managers were compared; answers whether to go on.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Differences that are named; more are only counted.
const NAMED_MAX: usize = 20;
/// Pages of one list that are turned.
const PAGES_MAX: usize = 50;
/// Managers whose answers a planted leak is looked for in.
const LOOKED_AT_MAX: usize = 8;

/// What was found.
#[derive(Debug)]
pub struct Outcome {
    /// Managers who were answered.
    pub managers: usize,
    /// Routes they tried.
    pub routes: usize,
    /// Answers and letters that were compared.
    pub answers: u64,
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

/// What a comparison has come to.
#[derive(Default)]
struct Tally {
    answers: u64,
    bytes: u64,
    differences: Vec<Difference>,
}

impl Tally {
    fn compare(&mut self, manager: PersonId, route: &str, a: &Answer, b: &Answer) {
        self.answers += 1;
        let Some((bytes, place)) = difference::between(a, b) else {
            return;
        };
        self.bytes += bytes;
        if self.differences.len() < NAMED_MAX {
            self.differences.push(Difference {
                manager,
                route: route.into(),
                place,
            });
        }
    }

    fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.bytes += other.bytes;
        let room = NAMED_MAX - self.differences.len();
        self.differences
            .extend(other.differences.into_iter().take(room));
    }
}

/// Proves it for one organisation, on what it has recorded so far. Takes a thread of its own.
///
/// # Errors
/// Why nothing could be proved. That something differs is an outcome, not an error.
pub fn privacy(
    live: &App,
    organisation: OrganisationId,
    compose: Compose<'_>,
    progress: Progress<'_>,
) -> Result<Outcome, Unproven> {
    let began = Instant::now();
    let Backend::Sled(store) = &live.store else {
        return Err(StoreError::Invalid("a copy is not proved").into());
    };
    let now = live.clock().now();
    let head = store.head(LogId::main(organisation));
    let all = Memory::of(store, organisation)?;
    let making = Making {
        organisation,
        now,
        compose,
        leak: None,
    };
    let mut proof = Proof::of(all, making)?;
    let total = proof.managers();
    let tally = proof.compare_all(&|done| progress(done, total))?;
    let planted = Leak::ALL
        .into_iter()
        .map(|leak| Ok((leak, proof.caught(leak)?)));
    let planted = planted.collect::<Result<_, Unproven>>()?;
    Ok(Outcome {
        managers: total,
        routes: proof.routes.len(),
        answers: tally.answers,
        private: proof.facts(),
        bytes: tally.bytes,
        differences: tally.differences,
        planted,
        head,
        at: now,
        took: began.elapsed(),
    })
}

/// Everything that is needed to compare.
struct Proof<'a> {
    all: Memory,
    private: Private,
    /// Managers by what they are part of: those of one group share a world.
    groups: BTreeMap<BTreeSet<Stream>, Vec<PersonId>>,
    routes: Routes,
    making: Making<'a>,
}

impl<'a> Proof<'a> {
    fn of(all: Memory, making: Making<'a>) -> Result<Self, Unproven> {
        let mut private = Private::default();
        let facts = all.facts(Log::Main).iter();
        facts.for_each(|fact| private.evolve(fact));
        let world = World::of(all.only(|_| true)?, &making);
        let description = Ask {
            route: "GET /api/v1/openapi.json".into(),
            method: "GET",
            uri: "/api/v1/openapi.json".into(),
            if_match: None,
            after: None,
            body: None,
        };
        let managers = managers(&world);
        let first = *managers.first().ok_or(Unproven::NoManagers)?;
        let described = waited(world.ask(first, &description))?;
        let routes = Routes::described(&described.body, making.now)?;
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for manager in managers {
            let exempt = exempt(&world, &private, manager);
            groups.entry(exempt).or_default().push(manager);
        }
        Ok(Self {
            all,
            private,
            groups,
            routes,
            making,
        })
    }

    fn managers(&self) -> usize {
        self.groups.values().map(Vec::len).sum()
    }

    fn facts(&self) -> usize {
        let parts = self.private.streams().map(|(_, part)| part.recorded.len());
        parts.sum()
    }

    fn compare_all(&mut self, told: &(dyn Fn(usize) -> bool + Sync)) -> Result<Tally, Unproven> {
        let a = World::of(self.all.only(|_| true)?, &self.making);
        let mut tally = Tally::default();
        let done = AtomicUsize::new(0);
        for (exempt, managers) in &self.groups {
            let b = without(&self.all, &self.private, exempt)?;
            let pair = Pair {
                a: &a,
                b: &World::of(b, &self.making),
                private: &self.not_exempt(exempt),
                routes: &self.routes,
            };
            let told = || told(done.fetch_add(1, Ordering::Relaxed) + 1);
            tally.add(pair.compare_each(managers, &told)?);
        }
        Ok(tally)
    }

    fn not_exempt(&self, exempt: &BTreeSet<Stream>) -> Vec<(Stream, Part)> {
        let streams = self.private.streams();
        let private = streams.filter(|(stream, _)| !exempt.contains(stream));
        private
            .map(|(stream, part)| (*stream, part.clone()))
            .collect()
    }

    /// Plants a leak in both worlds and looks for it. So that it can be caught where nothing private is
    /// recorded yet, something is made up for the time, in memory only.
    fn caught(&self, leak: Leak) -> Result<Option<Difference>, Unproven> {
        let making = Making {
            leak: Some(leak),
            ..self.making
        };
        let made_up = made_up(making.organisation, making.now);
        let all = made_up
            .into_iter()
            .try_fold(self.all.only(|_| true)?, |all, fact| {
                Ok::<_, StoreError>(all.and(fact))
            })?;
        let mut private = Private::default();
        all.facts(Log::Main)
            .iter()
            .for_each(|fact| private.evolve(fact));
        let everything: Vec<_> = private.streams().map(|(s, p)| (*s, p.clone())).collect();
        let b = without(&all, &private, &BTreeSet::new())?;
        let pair = Pair {
            a: &World::of(all, &making),
            b: &World::of(b, &making),
            private: &everything,
            routes: &self.routes,
        };
        // Whoever is part of nothing comes first: the set that is smallest.
        for manager in self.groups.values().flatten().take(LOOKED_AT_MAX) {
            let tally = waited(pair.compare(*manager))?;
            if let Some(difference) = tally.differences.into_iter().next() {
                return Ok(Some(difference));
            }
        }
        Ok(None)
    }
}

/// Two worlds to compare.
struct Pair<'w> {
    a: &'w World,
    b: &'w World,
    private: &'w [(Stream, Part)],
    routes: &'w Routes,
}

impl Pair<'_> {
    /// On every core.
    fn compare_each(
        &self,
        managers: &[PersonId],
        told: &(dyn Fn() -> bool + Sync),
    ) -> Result<Tally, Unproven> {
        let next = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let tally = Mutex::new(Tally::default());
        let work = || {
            while !stopped.load(Ordering::Relaxed) {
                let Some(manager) = managers.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return Ok(());
                };
                let found = waited(self.compare(*manager))?;
                tally
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .add(found);
                if !told() {
                    stopped.store(true, Ordering::Relaxed);
                }
            }
            Err(Unproven::Stopped)
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = cores.min(2).min(managers.len());
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let ended = threads.into_iter().map(|thread| thread.join());
            let mut ended = ended.map(|end| end.expect("comparing never panics"));
            ended.try_for_each(|end| end)
        })?;
        Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything one manager can obtain.
    async fn compare(&self, manager: PersonId) -> Tally {
        let mut tally = Tally::default();
        for ask in self.routes.asks(&self.known(manager)) {
            let mut ask = ask;
            for page in 0..PAGES_MAX {
                let a = self.a.ask(manager, &ask).await;
                let b = self.b.ask(manager, &ask).await;
                tally.compare(manager, &ask.route, &a, &b);
                match next_page(&a).filter(|_| ask.method == "GET" && page + 1 < PAGES_MAX) {
                    Some(next) => ask.uri = turned(&ask.uri, &next),
                    None => break,
                }
            }
        }
        let (a, b) = (self.a.letters(manager), self.b.letters(manager));
        let nothing = Answer::nothing();
        for n in 0..a.len().max(b.len()) {
            let (a, b) = (a.get(n).unwrap_or(&nothing), b.get(n).unwrap_or(&nothing));
            tally.compare(manager, "a letter", a, b);
        }
        tally
    }

    /// What they can name in the world without what is private; what they could read besides, in the
    /// other, is then asked for as well.
    fn known(&self, manager: PersonId) -> Known {
        let mut here = known(self.b, manager, self.private);
        let there = known(self.a, manager, self.private);
        let known: BTreeSet<_> = here.cases.iter().map(|case| case.id.clone()).collect();
        let more = there
            .cases
            .into_iter()
            .filter(|case| !known.contains(&case.id));
        here.cases.extend(more);
        here.instants = there.instants;
        here
    }
}

fn exempt(world: &World, private: &Private, manager: PersonId) -> BTreeSet<Stream> {
    let program = Actor::program(world.organisation);
    world.app.view(&program, |view| {
        let around = Around {
            directory: &view.views.directory,
            today: day_in_london(view.now),
        };
        let team_of = |case| view.views.cases.get(case).map(|case| case.team());
        private.exempt(manager, &around, team_of)
    })
}

fn next_page(answer: &Answer) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    json["next"].as_str().map(str::to_owned)
}

/// The same list from there on.
fn turned(uri: &str, next: &str) -> String {
    let before = uri.split("after=").next().unwrap_or(uri);
    let joined = match before {
        before if before.ends_with(['?', '&']) => "",
        before if before.contains('?') => "&",
        _ => "?",
    };
    format!("{before}{joined}after={next}")
}

/// Runs to its end on this thread: nothing in it waits for a network or a disk.
fn waited<T>(work: impl Future<Output = T>) -> Result<T, Unproven> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(runtime.block_on(work))
}

/// One fact in a private stream of each kind, which nobody recorded.
fn made_up(organisation: OrganisationId, now: DateTime<Utc>) -> Vec<Fact> {
    let id = |name: &[u8]| Uuid::new_v5(&organisation.uuid(), name);
    let streams = [
        Stream::Support(OneToOneId::new(id(b"made up, asked"))),
        Stream::Supervision(SupervisionId::new(id(b"made up, supervision"))),
        Stream::Restricted(CaseId::new(id(b"made up, danger"))),
    ];
    let fact = |stream: Stream| Fact {
        log: LogId::main(organisation),
        position: 0,
        stream,
        version: 0,
        command: CommandId::new(id(stream.to_string().as_bytes())),
        number: 0,
        occurred_at: now,
        recorded_at: now,
        who: Who::Program,
        policy: 1,
        event: Event::ReferralAcknowledged(ReferralAcknowledged {
            by: ReplyRoute::Telephone,
        }),
    };
    streams.into_iter().map(fact).collect()
}
