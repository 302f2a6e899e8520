//! What the tests of the store share: a store in a temporary folder, and facts to put into it.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::{PersonRecorded, SignIn, UnitLevel, UnitOpened};
use pipss_domain::facts::OfferPlanned;
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, CommandId, Id, OfferId, OrganisationId, PersonId, UnitId};
use pipss_domain::offer::{OfferKind, OwnerRole};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Options, Purpose, SledStore, StoreError, Write};
use uuid::Uuid;

/// What `follow` was shown, in order.
pub type Seen = Arc<Mutex<Vec<Fact>>>;

pub fn id<K>(n: u64) -> Id<K> {
    Id::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes()))
}

pub fn organisation() -> OrganisationId {
    id(1)
}

pub fn main_log() -> LogId {
    LogId::main(organisation())
}

pub fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_000_000 + second, 123_456_000).unwrap()
}

pub fn options(folder: &Path) -> Options {
    Options {
        segment_bytes: 64 << 10,
        floor_bytes: 0,
        ..Options::new(folder, Purpose::Real)
    }
}

pub fn open(folder: &Path) -> SledStore {
    try_open(folder).unwrap()
}

pub fn try_open(folder: &Path) -> Result<SledStore, StoreError> {
    SledStore::open(options(folder), Box::new(|_| ()))
}

pub fn open_seeing(folder: &Path) -> (SledStore, Seen) {
    let seen = Seen::default();
    let sink = Arc::clone(&seen);
    let follow = Box::new(move |facts: &[Fact]| sink.lock().unwrap().extend_from_slice(facts));
    (SledStore::open(options(folder), follow).unwrap(), seen)
}

pub fn unit_opened(name: &str) -> Event {
    Event::UnitOpened(UnitOpened {
        code: "W1".into(),
        name: name.into(),
        level: UnitLevel::Team,
        parent: None,
        headcount: 12,
        partner: false,
    })
}

pub fn person_recorded(name: &str, subject: &str) -> Event {
    Event::PersonRecorded(PersonRecorded {
        name: Some(Personal::Known(name.into())),
        email: Some(Personal::Known(format!("{name}@example.org"))),
        sign_in: Some(Personal::Known(SignIn {
            issuer: "https://issuer.example".into(),
            subject: subject.into(),
        })),
        home_unit: None,
        external: false,
    })
}

/// A fact with one free text, which has a key of its own.
pub fn offer_planned(aim: &str) -> Event {
    Event::OfferPlanned(OfferPlanned {
        offer: id::<_>(7) as OfferId,
        kind: OfferKind::Training,
        owner: OwnerRole::PipssLead,
        aim: Some(Personal::Known(aim.into())),
    })
}

pub fn unit(n: u64) -> Stream {
    Stream::Unit(id::<_>(n) as UnitId)
}

pub fn person(n: u64) -> Stream {
    Stream::Person(id::<_>(n) as PersonId)
}

pub fn case(n: u64) -> Stream {
    Stream::Case(id::<_>(n) as CaseId)
}

pub fn command(n: u64) -> CommandId {
    id(1_000_000 + n)
}

pub fn write(stream: Stream, expected: u64, events: Vec<Event>) -> Write {
    Write {
        stream,
        expected,
        events: events.into_iter().map(|event| (at(0), event)).collect(),
    }
}

pub fn append_of(log: LogId, n: u64, writes: Vec<Write>) -> Append {
    Append {
        log,
        command: command(n),
        who: Who::Person(id(3)),
        policy: 1,
        now: at(n as i64),
        body: Some(format!("body of {n}").into_bytes()),
        writes,
        guards: vec![],
    }
}

/// One fact about a unit of its own.
pub fn simple(n: u64) -> Append {
    append_of(
        main_log(),
        n,
        vec![write(unit(n), 0, vec![unit_opened(&format!("Unit {n}"))])],
    )
}

pub async fn put(store: &SledStore, append: Append) -> Vec<Fact> {
    match store.append(append).await.unwrap() {
        Appended::New(facts) => facts,
        Appended::Repeated(_) => panic!("a new command was taken for a repeat"),
    }
}

pub fn everything(store: &SledStore, log: LogId) -> Vec<Fact> {
    store.log(log, 0, usize::MAX).unwrap()
}
