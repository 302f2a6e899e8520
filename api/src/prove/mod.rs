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
mod outcome;
mod pair;
mod samples;
mod values;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::Router;
use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::{ReferralAcknowledged, ReplyRoute};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, CommandId, OneToOneId, OrganisationId, PersonId, SupervisionId};
use pipss_domain::private::{Around, Part, Private, Standing};
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{Backend, EventStore, Memory, StoreError};
use uuid::Uuid;

pub use difference::Difference;
pub use leak::Leak;
pub use outcome::{Outcome, Unproven};

use crate::actor::Actor;
use crate::app::App;
use crate::letters::MailOwed;
use asks::Routes;
use known::managers;
use pair::{Pair, Tally, waited};
use world::{Ask, Making, World, without};

/// Writes a mail as the bytes that would leave.
pub type Compose<'a> = &'a (dyn Fn(&MailOwed, DateTime<Utc>) -> Vec<u8> + Sync);
/// What people obtain besides the JSON interface.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// Letters.
    pub compose: Compose<'a>,
    /// Pages over a copy of the running system, whoever asks being said by this process.
    pub pages: &'a (dyn Fn(Arc<App>) -> Router + Sync),
    /// Which pages there are.
    pub every_page: &'a [PageRoute],
}

/// A page, as it is to be asked.
#[derive(Clone, Copy, Debug)]
pub struct PageRoute {
    /// Its path, as in `/cases/{case}`.
    pub path: &'static str,
    /// What its query can hold.
    pub query: &'static [&'static str],
    /// Is a form sent to it?
    pub sent: bool,
}

/// Is told how many of how many managers were compared; answers whether to go on.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// Managers whose answers a planted leak is looked for in.
const LOOKED_AT_MAX: usize = 8;

/// Proves it for one organisation, on what it has recorded so far, and plants these leaks. Runs on threads of its own
/// and returns when they have ended.
///
/// # Errors
/// Why nothing could be proved. That something differs is an outcome, not an error.
pub fn privacy(
    live: &App,
    organisation: OrganisationId,
    outside: Outside<'_>,
    leaks: &[Leak],
    progress: Progress<'_>,
) -> Result<Outcome, Unproven> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| proved(live, organisation, outside, leaks, progress));
        thread.join().expect("proving never panics")
    })
}

fn proved(
    live: &App,
    organisation: OrganisationId,
    outside: Outside<'_>,
    leaks: &[Leak],
    progress: Progress<'_>,
) -> Result<Outcome, Unproven> {
    let began = Instant::now();
    let Backend::Sled(store) = &live.store else {
        return Err(StoreError::Invalid("a copy is not proved").into());
    };
    // A demonstration's clock may have been ahead of the machine's.
    let now = live.clock().now().max(live.last_recorded(organisation)?);
    let all = Memory::of(store, organisation)?;
    let head = all.head(LogId::main(organisation));
    let making = Making {
        organisation,
        now,
        outside,
        leak: None,
    };
    let mut proof = Proof::of(all, making)?;
    let total = proof.managers();
    let tally = proof.compare_all(&|done| progress(done, total))?;
    let planted = leaks.iter().map(|leak| Ok((*leak, proof.caught(*leak)?)));
    let planted = planted.collect::<Result<_, Unproven>>()?;
    Ok(Outcome {
        managers: total,
        routes: proof.routes.len(),
        seen: tally.seen,
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
    /// Managers by what they are part of, and whether they are leads: those of one group share a world.
    groups: BTreeMap<(BTreeSet<Stream>, bool), Vec<PersonId>>,
    routes: Routes,
    /// World A, for everyone.
    everything: World,
    making: Making<'a>,
}

impl<'a> Proof<'a> {
    fn of(all: Memory, making: Making<'a>) -> Result<Self, Unproven> {
        let mut private = Private::default();
        all.facts(Log::Main).for_each(|fact| private.evolve(&fact));
        let everything = World::of(all.only(|_| true)?, &making);
        let description = Ask {
            route: "GET /api/v1/openapi.json".into(),
            method: "GET",
            uri: "/api/v1/openapi.json".into(),
            if_match: None,
            after: None,
            body: None,
        };
        let managers = managers(&everything);
        let first = *managers.first().ok_or(Unproven::NoManagers)?;
        let described = waited(everything.ask(first, &description))?;
        let pages = making.outside.every_page;
        let routes = Routes::described(&described.body, pages, making.now)?;
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for manager in managers {
            let exempt = exempt(&everything, &private, manager);
            let lead = leads(&everything, manager);
            groups.entry((exempt, lead)).or_default().push(manager);
        }
        Ok(Self {
            all,
            private,
            groups,
            routes,
            everything,
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
        let mut tally = Tally::default();
        let done = AtomicUsize::new(0);
        for ((exempt, lead), managers) in &self.groups {
            let b = without(&self.all, &self.private, exempt, *lead)?;
            let pair = Pair {
                a: &self.everything,
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
        all.facts(Log::Main).for_each(|fact| private.evolve(&fact));
        let a = World::of(all.only(|_| true)?, &making);
        // Whoever is part of nothing comes first. What others are part of stays in both worlds: seeing
        // it is no leak.
        for ((exempt, lead), managers) in self.groups.iter().take(2) {
            let streams = private.streams();
            let hidden = streams.filter(|(stream, _)| !exempt.contains(stream));
            let hidden: Vec<_> = hidden.map(|(s, part)| (*s, part.clone())).collect();
            let pair = Pair {
                a: &a,
                b: &World::of(without(&all, &private, exempt, *lead)?, &making),
                private: &hidden,
                routes: &self.routes,
            };
            for manager in managers.iter().take(LOOKED_AT_MAX) {
                let tally = waited(pair.compare_until(*manager, true))?;
                if let Some(difference) = tally.differences.into_iter().next() {
                    return Ok(Some(difference));
                }
            }
        }
        Ok(None)
    }
}

fn exempt(world: &World, private: &Private, manager: PersonId) -> BTreeSet<Stream> {
    let program = Actor::program(world.organisation);
    world.app.view(&program, |view| {
        let around = Around {
            directory: &view.views.directory,
            today: day_in_london(view.now),
            one_to_one: &|id, person| {
                view.views
                    .one_to_ones
                    .get(id)
                    .map_or_else(Standing::default, |one| Standing {
                        asked: view.asked_for(one, person),
                        kept: !view.may_know(one, person),
                    })
            },
        };
        let team_of = |case| view.views.cases.get(case).map(|case| case.team());
        private.exempt(manager, &around, team_of)
    })
}

/// Is this manager a lead today? Leads see when a facilitator is busy (docs/privacy.md).
fn leads(world: &World, manager: PersonId) -> bool {
    let program = Actor::program(world.organisation);
    world.app.view(&program, |view| {
        let today = day_in_london(view.now);
        view.views.directory.holds(manager, Role::Lead, today)
    })
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
