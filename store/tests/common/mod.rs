//! What the tests of the store share: a store in a temporary folder, and facts to put into it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::{PersonRecorded, SignIn, UnitLevel, UnitOpened};
use pipss_domain::facts::{
    Affected, Answer, AnticipatedEvent, Band, CaseTriaged, Contraindications, HandoverCompleted,
    ManagersAttend, Mode, OfferPlanned, PracticalAction, ReferralRaised, SafetyNow,
    SessionArranged, SessionRecorded, TriageOutcome, Urgency,
};
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

/// The opened aim of an `OfferPlanned`; `None` if it was erased.
pub fn opened_aim(store: &SledStore, event: &Event) -> Option<String> {
    let Event::OfferPlanned(planned) = event else {
        panic!("{} is another fact", event.kind());
    };
    store.open(planned.aim.as_ref().unwrap()).known().cloned()
}

/// Facts of a case with the canary in every personal field they have.
pub fn canaries() -> Vec<Event> {
    let text = |n: u32| Some(Personal::Known(format!("canary-{n}")));
    let session = |n| id(n);
    vec![
        offer_planned("canary-0"),
        Event::CaseTriaged(CaseTriaged {
            suggested: Urgency::U2,
            because: vec![],
            decided: Urgency::U3,
            outcome: TriageOutcome::Accept,
            contraindications: Contraindications {
                threat_continuing: false,
                staff_not_safe_or_rested: false,
                witness_position_unsettled: false,
                very_different_exposure_or_conflict: false,
                manager_implicated: false,
                really_an_investigation: false,
            },
            reason: text(1),
        }),
        Event::SessionArranged(SessionArranged {
            overrides: Vec::new(),
            joined: Vec::new(),
            led_in: None,
            session: session(1),
            offer: id(2),
            starts_at: at(86_400),
            minutes: 60,
            site: text(2),
            link: text(3),
            facilitators: vec![],
            managers_attend: ManagersAttend::No,
            departs_because: None,
        }),
        Event::SessionRecorded(SessionRecorded {
            session: session(1),
            model: OfferKind::Training,
            started_at: at(86_400),
            minutes: 55,
            mode: Mode::Video,
            headcount: 9,
            phases: vec![],
            themes: vec![],
            actions: (4..7)
                .map(|n| PracticalAction {
                    action: pipss_domain::ids::ActionId::new(uuid::Uuid::from_u128(n.into())),
                    what: text(n).unwrap(),
                    owner: OwnerRole::PipssLead,
                    due: at(0).date_naive(),
                })
                .collect(),
        }),
        Event::HandoverCompleted(HandoverCompleted {
            offer: id(2),
            what_changed: text(8),
        }),
        referral_raised(),
    ]
}

fn referral_raised() -> Event {
    let text = |field: &str| Some(Personal::Known(format!("canary-{field}")));
    Event::ReferralRaised(Box::new(ReferralRaised {
        reference: "AB12".into(),
        team: id(1),
        incidents: vec![],
        anticipated: Some(AnticipatedEvent {
            expected_on: None,
            line: text("anticipated"),
        }),
        strain: None,
        affected: Affected {
            directly: Band::SixToTen,
            indirectly: Band::Unknown,
            groups: vec![],
        },
        injuries: Answer::No,
        staff_in_hospital: Answer::No,
        absence: Answer::Unknown,
        signs_worsening: Answer::No,
        safety: SafetyNow {
            threat_continuing: Answer::No,
            area_safe: Answer::Yes,
            someone_at_immediate_risk: Answer::No,
        },
        defusion_held: None,
        asked_for: vec![],
        team_aware: Answer::Yes,
        on_behalf: None,
        preferred_times: text("times"),
        preferred_venue: text("venue"),
        shift_pattern: None,
        contact_out_of_hours: text("contact"),
        suggested: Urgency::U4,
        because: vec![],
    }))
}

/// How many personal values [`canaries`] holds.
pub fn canary_count() -> usize {
    let mut count = 0;
    for mut event in canaries() {
        event.personals(&mut |_, _| count += 1);
    }
    count
}

/// The store as it is, then, once that is dropped, as it opens again.
pub fn then_reopened(store: SledStore, folder: &Path) -> impl Iterator<Item = SledStore> {
    std::iter::once(store).chain(std::iter::once_with(|| open(folder)))
}

/// A closed store with some hundred facts, sealed and coded, in several segments.
pub async fn filled(folder: &Path) -> Vec<Fact> {
    let store = open(folder);
    store.command_id(organisation(), &[b"x"]).unwrap();
    for n in 0..150 {
        put(&store, simple(n)).await;
        let planned = vec![write(case(n), 0, vec![offer_planned(&format!("aim {n}"))])];
        put(&store, append_of(main_log(), 1000 + n, planned)).await;
    }
    everything(&store, main_log())
}

/// Where a random test begins: as `PIPSS_SEED` says, or anew; each test prints it.
pub fn seed() -> u64 {
    std::env::var("PIPSS_SEED")
        .map_or_else(|_| u64::from(std::process::id()), |s| s.parse().unwrap())
}

/// SplitMix64: enough chance for a test, and the same for the same seed.
pub fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

pub fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Are all facts here, in the order of before and in sled as well, and can more be added?
pub async fn whole(folder: &Path, facts: &[Fact]) {
    for round in 0..2 {
        let (store, seen) = open_seeing(folder);
        let before = facts.len() + round;
        assert_eq!(seen.lock().unwrap()[..facts.len()], *facts);
        let all = everything(&store, main_log());
        assert_eq!((all.len(), &all[..facts.len()]), (before, facts));
        put(&store, simple(5000 + round as u64)).await;
    }
}
