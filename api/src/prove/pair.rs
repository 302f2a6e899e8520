//! Two worlds, asked the same by the same managers, and compared byte by byte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use pipss_domain::ids::PersonId;
use pipss_domain::private::Part;
use pipss_domain::stream::Stream;
use pipss_store::StoreError;

use super::asks::Routes;
use super::difference::{self, Difference};
use super::known::{Known, known};
use super::outcome::Unproven;
use super::world::{Answer, World};

/// Differences that are named; more are only counted.
const NAMED_MAX: usize = 20;
/// Pages of one list that are turned.
const PAGES_MAX: usize = 50;

/// Two worlds to compare.
pub(crate) struct Pair<'w> {
    pub a: &'w World,
    pub b: &'w World,
    pub private: &'w [(Stream, Part)],
    pub routes: &'w Routes,
}

impl Pair<'_> {
    /// On every core.
    pub fn compare_each(
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
        // Half the machine is left to those who work with it.
        let workers = (cores / 2).max(2).min(cores).min(managers.len());
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let ended = threads.into_iter().map(|thread| thread.join());
            let mut ended = ended.map(|end| end.expect("comparing never panics"));
            ended.try_for_each(|end| end)
        })?;
        Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything one manager can obtain.
    pub async fn compare(&self, manager: PersonId) -> Tally {
        self.compare_until(manager, false).await
    }

    /// The same; or only until the first difference.
    pub async fn compare_until(&self, manager: PersonId, first: bool) -> Tally {
        let mut tally = Tally::default();
        for ask in self.routes.asks(&self.known(manager)) {
            let mut ask = ask;
            for page in 0..PAGES_MAX {
                let a = self.a.ask(manager, &ask).await;
                let b = self.b.ask(manager, &ask).await;
                tally.compare(manager, &ask.route, &a, &b);
                if first && !tally.differences.is_empty() {
                    return tally;
                }
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

/// What a comparison has come to.
#[derive(Default)]
pub(crate) struct Tally {
    pub answers: u64,
    pub bytes: u64,
    pub differences: Vec<Difference>,
    pub seen: BTreeMap<String, BTreeSet<u16>>,
}

impl Tally {
    fn compare(&mut self, manager: PersonId, route: &str, a: &Answer, b: &Answer) {
        self.answers += 1;
        let seen = self.seen.entry(route.to_owned()).or_default();
        seen.insert(b.status.as_u16());
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

    pub fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.bytes += other.bytes;
        for (route, statuses) in other.seen {
            self.seen.entry(route).or_default().extend(statuses);
        }
        let room = NAMED_MAX - self.differences.len();
        self.differences
            .extend(other.differences.into_iter().take(room));
    }
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
pub(crate) fn waited<T>(work: impl Future<Output = T>) -> Result<T, Unproven> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(runtime.block_on(work))
}
