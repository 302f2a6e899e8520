//! What is written to our store while the power may go: many writers, and what each command must hold.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::KeyId;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use pipss_store::{Append, Options, SledStore, StoreError, Write};
use uuid::Uuid;

use super::child::Say;
use super::common::{
    append_of, at, case, main_log, offer_planned, person, person_recorded, put, unit, unit_opened,
    write as written,
};
use super::dice::Dice;

/// The phases that a recording may have, each with numbers of its own.
pub const PHASES: u64 = 8;
const WRITERS: u64 = 8;
/// Room for the numbers of one writer.
const NUMBERS: u64 = 10_000;
/// The commands of one writer are fewer than this.
const MANY: u64 = 36;
/// From here on a command is one small fact.
const SMALL: u64 = 5_000;
/// As many small commands, one after the other, that sled comes to a checkpoint of its own.
const SMALL_MANY: u64 = 1_050;

/// Our store, with segments so short that they change often.
pub fn open(folder: &Path, follow: pipss_store::Follow) -> Result<SledStore, StoreError> {
    let options = Options {
        segment_bytes: 48 << 10,
        floor_bytes: 0,
        ..Options::new(folder, pipss_store::Purpose::Real)
    };
    SledStore::open(options, follow)
}

/// Every number that a command may have.
pub fn numbers() -> impl Iterator<Item = u64> {
    (0..PHASES).flat_map(|phase| {
        let of = move |writer, n| number(phase, writer, n);
        let many = (0..WRITERS).flat_map(move |writer| (0..MANY).map(move |n| of(writer, n)));
        let small = if phase == 0 { SMALL_MANY } else { 0 };
        many.chain((SMALL..SMALL + small).map(move |n| of(0, n)))
    })
}

pub const fn number(phase: u64, writer: u64, n: u64) -> u64 {
    (phase * WRITERS + writer) * NUMBERS + n
}

/// What the command of a number does: always the same.
pub fn append(number: u64) -> Append {
    let n = number % NUMBERS;
    if n >= SMALL {
        return append_of(main_log(), number, vec![opened(number)]);
    }
    let aims = (0..2)
        .map(|k| offer_planned(&format!("aim {number}.{k}")))
        .collect();
    let mut writes = vec![written(case(number / NUMBERS), n * 2, aims)];
    if n % 3 == 1 {
        writes.push(opened(number));
    }
    if n % 5 == 2 {
        let name = format!("person.{number}");
        writes.push(written(
            person(number),
            0,
            vec![person_recorded(&name, &name)],
        ));
    }
    append_of(main_log(), number, writes)
}

/// The facts of a command as they must be found, in order.
pub fn expected(number: u64) -> Vec<(Stream, Event)> {
    append(number)
        .writes
        .into_iter()
        .flat_map(|Write { stream, events, .. }| {
            events.into_iter().map(move |(_, event)| (stream, event))
        })
        .collect()
}

fn opened(number: u64) -> Write {
    written(
        unit(number),
        0,
        vec![unit_opened(&format!("Unit {number}"))],
    )
}

/// Writes, closes, opens again and erases, a few times over, and says what was acknowledged.
pub fn write(folder: &Path, say: Say, seed: u64, phase: u64) {
    let (say, mut dice) = (Arc::new(say), Dice::new(seed));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for phase in phase..phase + 2 {
        let store = Arc::new(open(folder, Box::new(|_| ())).unwrap());
        say.line("opened");
        let many = MANY / 3 + dice.throw() % (MANY * 2 / 3);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let numbers = (0..many).map(move |n| number(phase, writer, n));
                runtime.spawn(keep(Arc::clone(&store), Arc::clone(&say), numbers))
            })
            .collect();
        for writer in writers {
            runtime.block_on(writer).unwrap();
        }
        if phase == 0 && dice.below(4) == 0 {
            let small = (SMALL..SMALL + SMALL_MANY).map(|n| number(phase, 0, n));
            runtime.block_on(keep(Arc::clone(&store), Arc::clone(&say), small));
        }
        runtime.block_on(erase(&store, &say, number(phase, 1, dice.throw() % many)));
        drop(Arc::into_inner(store).expect("every writer has ended"));
        if dice.below(4) > 0 {
            spoil(&folder.join("sled/db"));
        }
    }
}

/// Damages sled, so that the next start makes it again and the power may go meanwhile.
fn spoil(db: &Path) {
    let file = File::options().write(true).open(db).unwrap();
    for at in (3000..file.metadata().unwrap().len()).step_by(7001) {
        file.write_all_at(b"spoiled", at).unwrap();
    }
}

async fn keep(store: Arc<SledStore>, say: Arc<Say>, numbers: impl Iterator<Item = u64>) {
    for number in numbers {
        put(&store, append(number)).await;
        say.line(&format!("kept {number}"));
    }
}

/// Erases the first text of a command.
async fn erase(store: &SledStore, say: &Say, number: u64) {
    let again = store_again(store, number).await;
    let key = key(&again[0].event).unwrap();
    say.line(&format!("erasing {number}"));
    store
        .erase(Uuid::from_u128(number.into()), at(0), &[key])
        .unwrap();
    say.line(&format!("erased {number}"));
}

async fn store_again(store: &SledStore, number: u64) -> Vec<Fact> {
    use pipss_store::{Appended, EventStore};
    match store.append(append(number)).await.unwrap() {
        Appended::Repeated(repeat) if repeat.same_body => repeat.facts,
        other => panic!("{number} was to be a repeat: {other:?}"),
    }
}

/// The key of the text of a planned offer.
fn key(event: &Event) -> Option<KeyId> {
    match event {
        Event::OfferPlanned(planned) => match planned.aim.as_ref()? {
            Personal::Sealed(sealed) => Some(sealed.key),
            _ => None,
        },
        _ => None,
    }
}
