//! Random courses of appends, reads and restarts: a store answers each step as the model does.

use std::collections::HashMap;
use std::thread;

use pipss_domain::history::{Event, Fact};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Repeat, StoreError, Write};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::backing::{Backing, OnSled, wait};
use crate::common::*;
use crate::faulty::{Fault, Faulty};
use crate::model::{Model, Shelf, in_the_clear};

/// The most steps of one course.
const STEPS: usize = 40;
/// The streams of a log that are written to.
const STREAMS: u8 = 6;

/// One step. Streams, logs and commands are few, so that they meet.
#[derive(Clone, Debug)]
enum Step {
    Append(Wish),
    /// The same writes under several commands at once.
    Race(Wish, u8),
    Stream(u8, u8),
    Log(u8, u8, u8),
    Head(u8),
    Repeated(u8, u8, u8),
    Find(u8, u8),
    Reopen,
}

/// An append, its versions told as how far they are from the true ones.
#[derive(Clone, Debug)]
struct Wish {
    log: u8,
    command: u8,
    body: Option<u8>,
    clock: i32,
    writes: Vec<(u8, i8, u8)>,
    guards: Vec<(u8, i8)>,
}

fn version_off() -> impl Strategy<Value = i8> {
    prop_oneof![12 => Just(0i8), 1 => Just(-1i8), 1 => Just(1i8)]
}

fn wish() -> impl Strategy<Value = Wish> {
    let writes = vec((0..STREAMS, version_off(), 0..4u8), 1..4);
    let guards = vec((0..STREAMS + 2, version_off()), 0..3);
    let body = proptest::option::of(0..2u8);
    (0..4u8, 0..60u8, body, -1000..1000i32, writes, guards).prop_map(
        |(log, command, body, clock, writes, guards)| Wish {
            log,
            command,
            body,
            clock,
            writes,
            guards,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => wish().prop_map(Step::Append),
        2 => (wish(), 2..6u8).prop_map(|(wish, racers)| Step::Race(wish, racers)),
        2 => (0..4u8, 0..STREAMS).prop_map(|(log, stream)| Step::Stream(log, stream)),
        2 => (0..4u8, 0..30u8, 0..9u8).prop_map(|(log, after, limit)| Step::Log(log, after, limit)),
        1 => (0..4u8).prop_map(Step::Head),
        2 => (0..4u8, 0..60u8, 0..2u8).prop_map(|(log, of, body)| Step::Repeated(log, of, body)),
        1 => (0..2u8, 0..4u8).prop_map(|(of, name)| Step::Find(of, name)),
        1 => Just(Step::Reopen),
    ]
}

fn log_of(n: u8) -> LogId {
    LogId {
        organisation: id(u64::from(n / 2) + 1),
        log: [Log::Main, Log::Access][usize::from(n % 2)],
    }
}

fn stream_of(n: u8) -> Stream {
    [unit, case, person][usize::from(n % 3)](u64::from(n))
}

fn event_of(stream: u8, name: u8) -> Event {
    let name = format!("name {name}");
    match stream_of(stream) {
        Stream::Unit(_) => unit_opened(&name),
        Stream::Case(_) => offer_planned(&name),
        _ => person_recorded(&name, &name),
    }
}

/// A wish as an append, by what the log holds now.
fn append_by(wish: &Wish, model: &Model, command: u64) -> Append {
    let log = log_of(wish.log);
    let off = |stream: u8, off: i8| {
        let facts = model.stream(log, &stream_of(stream)).unwrap();
        (facts.len() as u64).saturating_add_signed(off.into())
    };
    let writes = wish.writes.iter().map(|(stream, by, count)| Write {
        stream: stream_of(*stream),
        expected: off(*stream, *by),
        events: (0..*count)
            .map(|n| (at(n.into()), event_of(*stream, n)))
            .collect(),
    });
    Append {
        now: at(wish.clock.into()),
        body: wish.body.map(|body| vec![body]),
        guards: wish
            .guards
            .iter()
            .map(|(of, by)| (stream_of(*of), off(*of, *by)))
            .collect(),
        ..append_of(log, command, writes.collect())
    }
}

/// A fact as anyone can compare it: with its personal values opened, whatever they were sealed with.
fn told(store: &impl EventStore, fact: &Fact) -> String {
    assert!(!in_the_clear(&fact.event), "a value in the clear");
    fn open<T>(store: &impl EventStore, value: &Option<Personal<T>>) -> String
    where
        T: serde::de::DeserializeOwned + Clone + std::fmt::Debug,
    {
        let opened = value.as_ref().map(|value| store.open(value));
        format!("{:?}", opened.as_ref().and_then(Personal::known))
    }
    let opened = match &fact.event {
        Event::OfferPlanned(of) => open(store, &of.aim),
        Event::PersonRecorded(of) => {
            let sign_in = open(store, &of.sign_in);
            [open(store, &of.name), open(store, &of.email), sign_in].concat()
        }
        _ => String::new(),
    };
    format!("{fact:?} {opened}")
}

fn facts(store: &impl EventStore, facts: &[Fact]) -> Vec<String> {
    facts.iter().map(|fact| told(store, fact)).collect()
}

fn repeat(store: &impl EventStore, repeat: Repeat) -> String {
    format!("{:?} {}", facts(store, &repeat.facts), repeat.same_body)
}

/// An answer to an append as anyone can compare it: words are each store's own.
fn answer(store: &impl EventStore, answer: Result<Appended, StoreError>) -> String {
    match answer {
        Ok(Appended::New(kept)) => format!("new {:?}", facts(store, &kept)),
        Ok(Appended::Repeated(again)) => format!("repeated {}", repeat(store, again)),
        Err(StoreError::Invalid(_)) => "invalid".into(),
        Err(error) => format!("{error:?}"),
    }
}

/// A store beside the model.
struct Pair<'a, B: Backing> {
    backing: &'a B,
    store: Option<B::Store>,
    model: Model,
    shelf: Shelf,
    /// The chain of the one for each chain of the other.
    chains: HashMap<[u8; 32], [u8; 32]>,
}

impl<B: Backing> Pair<'_, B>
where
    B::Store: Sync,
{
    fn store(&self) -> &B::Store {
        self.store.as_ref().expect("it is open between steps")
    }

    /// What the store and the model say to one step.
    fn take(&mut self, step: &Step) -> (String, String) {
        let (store, model) = (self.store(), &self.model);
        match step {
            Step::Append(wish) => {
                let append = || append_by(wish, &self.model, wish.command.into());
                let said = wait(store.append(append()));
                (
                    answer(store, said),
                    answer(model, wait(model.append(append()))),
                )
            }
            Step::Race(wish, racers) => self.race(wish, *racers),
            Step::Stream(log, stream) => {
                let (log, stream) = (log_of(*log), stream_of(*stream));
                let one = facts(store, &store.stream(log, &stream).unwrap());
                (
                    one.concat(),
                    facts(model, &model.stream(log, &stream).unwrap()).concat(),
                )
            }
            Step::Log(log, after, limit) => {
                let (log, after, limit) = (log_of(*log), u64::from(*after), usize::from(*limit));
                let one = facts(store, &store.log(log, after, limit).unwrap());
                (
                    one.concat(),
                    facts(model, &model.log(log, after, limit).unwrap()).concat(),
                )
            }
            Step::Head(log) => self.heads(log_of(*log)),
            Step::Repeated(log, of, body) => {
                let (log, of) = (log_of(*log), command((*of).into()));
                let one = store.repeated(log, of, &[*body]).unwrap();
                let other = model.repeated(log, of, &[*body]).unwrap();
                let one = one.map(|again| repeat(store, again));
                let other = other.map(|again| repeat(model, again));
                (format!("{one:?}"), format!("{other:?}"))
            }
            Step::Find(of, name) => {
                let address = format!("\"name {name}@example.org\"");
                let find = |mut streams: Vec<Stream>| {
                    streams.sort();
                    format!("{streams:?}")
                };
                let of = id(u64::from(*of) + 1);
                (
                    find(store.find(of, address.as_bytes())),
                    find(model.find(of, address.as_bytes())),
                )
            }
            Step::Reopen => {
                drop(self.store.take());
                self.store = Some(self.backing.open());
                self.model = self.shelf.open();
                (String::new(), String::new())
            }
        }
    }

    /// Whoever won goes first in the model; then the others must be answered there as they were here.
    fn race(&self, wish: &Wish, racers: u8) -> (String, String) {
        let (store, model) = (self.store(), &self.model);
        let number = |n: u8| 1000 + u64::from(n) + 10 * u64::from(wish.command);
        let appends = || (0..racers).map(|n| append_by(wish, &self.model, number(n)));
        let mut answers: Vec<_> = thread::scope(|threads| {
            let racing: Vec<_> = appends()
                .map(|append| threads.spawn(move || wait(store.append(append))))
                .collect();
            let answers = racing.into_iter().map(|racer| racer.join().unwrap());
            answers.zip(appends()).collect()
        });
        answers.sort_by_key(|(answer, _)| !matches!(answer, Ok(Appended::New(_))));
        answers
            .into_iter()
            .fold((String::new(), String::new()), |all, (said, append)| {
                let other = answer(model, wait(model.append(append)));
                (all.0 + &answer(store, said), all.1 + &other)
            })
    }

    fn heads(&mut self, log: LogId) -> (String, String) {
        let (one, other) = (self.store().head(log), self.model.head(log));
        let known = *self.chains.entry(other.chain).or_insert(one.chain);
        let tell = |position, chain| format!("{position} {chain:?}");
        (tell(one.position, one.chain), tell(other.position, known))
    }
}

/// Goes through a course, comparing every answer; then everything once more.
fn goes<B: Backing>(backing: &B, steps: &[Step]) -> Result<(), TestCaseError>
where
    B::Store: Sync,
{
    let shelf = Shelf::default();
    let mut pair = Pair {
        backing,
        store: Some(backing.open()),
        model: shelf.open(),
        shelf,
        chains: HashMap::new(),
    };
    let looks = (0..4).flat_map(|log| [Step::Head(log), Step::Log(log, 0, u8::MAX)]);
    let end = std::iter::once(Step::Reopen).chain(looks);
    for (n, step) in steps.iter().cloned().chain(end).enumerate() {
        let (said, other) = pair.take(&step);
        if said != other {
            let why = format!("step {n}, {step:?}: it says {said}, the model {other}");
            return Err(TestCaseError::fail(why));
        }
    }
    Ok(())
}

/// So many random courses, from a seed; what was wrong, if anything was, as short as it can be told.
fn courses<B: Backing>(make: impl Fn() -> B, (seed, cases): (u64, u32)) -> Result<(), String>
where
    B::Store: Sync,
{
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Config::default()
    };
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, chance);
    let course = vec(step(), 1..=STEPS);
    runner
        .run(&course, |steps| goes(&make(), &steps))
        .map_err(|wrong| wrong.to_string())
}

#[test]
fn whatever_is_done_the_store_on_sled_answers_as_the_model_does() {
    let seed = seed();
    // The drill goes more of them.
    let cases = std::env::var("PIPSS_STORIES").map_or(64, |cases| cases.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    courses(OnSled::new, (seed, cases)).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    println!("{cases} random courses of up to {STEPS} steps: 0 answers unlike the model's");
}

#[test]
fn a_store_that_answers_otherwise_is_found_by_a_random_course() {
    for fault in [
        Fault::KeepsHalf,
        Fault::IgnoresGuards,
        Fault::LosesUpdates,
        Fault::ForgetsCommands,
        Fault::ForgetsBodies,
        Fault::LosesTheLast,
        Fault::MixesLogs,
        Fault::MixesOrganisations,
    ] {
        let found = courses(|| Faulty::with(fault), (1, 256));
        assert!(found.is_err(), "{fault:?} was not found");
    }
}
