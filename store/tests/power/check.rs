//! Looks at our store after a cut: is everything there that was acknowledged, once, right and readable, and
//! nothing else; and does it go on?

use std::collections::{HashMap, HashSet};
use std::path::Path;

use pipss_domain::directory_facts::PersonRecorded;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::CommandId;
use pipss_domain::personal::Personal;
use pipss_store::{Appended, EventStore, SledStore};
use serde::de::DeserializeOwned;

use super::common::{Seen, command, everything, main_log, opened_aim};
use super::writer::{self, append, expected, number, numbers};

/// What was said before the cut.
struct Said {
    kept: Vec<u64>,
    erasing: HashSet<u64>,
    erased: HashSet<u64>,
}

/// Prints each fault, and `checked` at the end. Whoever never prints that could not open it.
pub fn check(folder: &Path, lines: &[String], phase: u64) {
    // Says which way the store came back, for whoever counts.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let said = Said::of(lines);
    let more = [number(phase, 0, 0), number(phase, 1, 0)];
    let mut here = Vec::new();
    for round in 0..2 {
        let seen = Seen::default();
        let sink = std::sync::Arc::clone(&seen);
        let follow = Box::new(move |facts: &[Fact]| sink.lock().unwrap().extend_from_slice(facts));
        let store = match writer::open(folder, follow) {
            Ok(store) => store,
            Err(error) => return println!("it does not open: {error}"),
        };
        let facts = everything(&store, main_log());
        fault(*seen.lock().unwrap() != facts, || {
            "wrong: what was followed is not what is kept".into()
        });
        fault(round == 1 && facts != here, || {
            "wrong: opened again it holds something else".into()
        });
        in_order(&store, &facts);
        complete(&store, &facts, &said, &more[..round]);
        let last = said.kept.iter().rfind(|n| holds(&facts, **n));
        runtime.block_on(goes_on(&store, last.copied(), more[round]));
        here = everything(&store, main_log());
    }
    println!("checked");
}

impl Said {
    fn of(lines: &[String]) -> Self {
        let numbers = |word: &str| {
            let of = |line: &String| line.strip_prefix(word)?.trim().parse().ok();
            lines.iter().filter_map(of).collect::<Vec<u64>>()
        };
        Self {
            kept: numbers("kept "),
            erasing: numbers("erasing ").into_iter().collect(),
            erased: numbers("erased ").into_iter().collect(),
        }
    }
}

fn fault(is: bool, what: impl FnOnce() -> String) {
    if is {
        println!("{}", what());
    }
}

/// Positions and versions without gaps; the head and the streams say the same.
fn in_order(store: &SledStore, facts: &[Fact]) {
    let gap = facts
        .iter()
        .zip(1..)
        .find(|(fact, at)| fact.position != *at);
    fault(gap.is_some(), || "wrong: a gap in the positions".into());
    let head = store.head(main_log()).position;
    fault(head != facts.len() as u64, || {
        "wrong: the head is elsewhere".into()
    });
    let mut streams: HashMap<_, Vec<_>> = HashMap::new();
    for fact in facts {
        streams.entry(fact.stream).or_default().push(fact.clone());
    }
    for (stream, of) in streams {
        let versions = of.iter().zip(1..).all(|(fact, n)| fact.version == n);
        let same = store.stream(main_log(), &stream).unwrap() == of;
        fault(!versions || !same, || format!("wrong: stream {stream}"));
    }
}

/// Every command that was acknowledged, once, as it was sent; and nothing that was not sent.
fn complete(store: &SledStore, facts: &[Fact], said: &Said, more: &[u64]) {
    let sent: HashMap<CommandId, u64> = numbers().map(|n| (command(n), n)).collect();
    let mut found: HashMap<u64, Vec<&Fact>> = HashMap::new();
    for fact in facts {
        match sent.get(&fact.command) {
            Some(number) => found.entry(*number).or_default().push(fact),
            None => println!("wrong: position {} was never sent", fact.position),
        }
    }
    for number in said.kept.iter().chain(more) {
        fault(!found.contains_key(number), || format!("lost: {number}"));
    }
    for (number, facts) in found {
        let wanted = expected(number);
        fault(facts.len() > wanted.len(), || format!("doubled: {number}"));
        fault(facts.len() < wanted.len(), || {
            format!("wrong: a part of {number}")
        });
        for (k, (fact, (stream, event))) in facts.iter().zip(&wanted).enumerate() {
            let text = match k {
                0 if said.erased.contains(&number) => Text::Gone,
                0 if said.erasing.contains(&number) => Text::Unsure,
                _ => Text::Stands,
            };
            let right = fact.stream == *stream && same(store, &fact.event, event, text);
            fault(!right, || format!("wrong: {number}.{k} {:?}", fact.event));
        }
    }
}

/// What must have become of a text.
#[derive(Clone, Copy)]
enum Text {
    Stands,
    Gone,
    Unsure,
}

fn same(store: &SledStore, found: &Event, sent: &Event, must: Text) -> bool {
    match (found, sent) {
        (Event::OfferPlanned(_), Event::OfferPlanned(planned)) => {
            let text = planned.aim.as_ref().unwrap().known().cloned();
            match (opened_aim(store, found), must) {
                (None, Text::Gone | Text::Unsure) => true,
                (_, Text::Gone) => false,
                (read, _) => read == text,
            }
        }
        (Event::PersonRecorded(found), Event::PersonRecorded(sent)) => {
            same_person(store, found, sent)
        }
        _ => found == sent,
    }
}

fn same_person(store: &SledStore, found: &PersonRecorded, sent: &PersonRecorded) -> bool {
    read(store, &found.name) == read(store, &sent.name)
        && read(store, &found.email) == read(store, &sent.email)
        && read(store, &found.sign_in) == read(store, &sent.sign_in)
}

fn read<T: DeserializeOwned + Clone>(store: &SledStore, value: &Option<Personal<T>>) -> Option<T> {
    store.open(value.as_ref()?).known().cloned()
}

fn holds(facts: &[Fact], number: u64) -> bool {
    let command = command(number);
    facts.iter().any(|fact| fact.command == command)
}

/// A repeat is known for one, and something new can be added.
async fn goes_on(store: &SledStore, last: Option<u64>, more: u64) {
    if let Some(last) = last {
        match store.append(append(last)).await {
            Ok(Appended::Repeated(repeat)) if repeat.same_body => {}
            other => println!("doubled: {last} sent again: {other:?}"),
        }
    }
    match store.append(append(more)).await {
        Ok(Appended::New(_)) => {}
        other => println!("wrong: nothing new can be added: {other:?}"),
    }
}
