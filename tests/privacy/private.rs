//! Something that someone asked for in private. The one place to change once there are commands for it.

use std::path::Path;

use chrono::Utc;
use pipss::demo::people::{organisation, person};
use pipss_domain::facts::{ReferralAcknowledged, ReplyRoute};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CaseId, CommandId, FactId, OneToOneId, PersonId, SupervisionId};
use pipss_domain::letter::{LetterKind, LetterSent};
use pipss_domain::pathway::Happened;
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, EventStore, Options, Purpose, SledStore, Write};
use uuid::Uuid;

/// A fact that no view folds when it stands in a private stream.
pub fn event() -> Event {
    Event::ReferralAcknowledged(ReferralAcknowledged {
        by: ReplyRoute::Telephone,
    })
}

/// A private stream of each kind, by number.
pub fn stream(n: u128, case: Option<CaseId>) -> Stream {
    let id = Uuid::from_u128(0x5eed_0000_0000_4000_8000_0000_0000_0000 + n);
    match (n % 3, case) {
        (0, _) => Stream::Support(OneToOneId::new(id)),
        (1, Some(case)) => Stream::Restricted(case),
        _ => Stream::Supervision(SupervisionId::new(id)),
    }
}

/// As one would happen through the running system.
pub fn happened(n: u128, case: Option<CaseId>) -> Vec<Happened> {
    vec![Happened {
        stream: stream(n, case),
        occurred_at: Utc::now(),
        event: event(),
    }]
}

/// Writes to a closed folder: what each of these people asked for, and letters because of it.
pub async fn asked(folder: &Path, people: &[&str]) {
    let options = Options::new(folder, Purpose::Demo);
    let store = SledStore::open(options, Box::new(|_| {})).unwrap();
    for (n, short) in (1_000..).zip(people) {
        let who = person(short);
        let asked = append(&store, n, who, stream(n, None), event()).await;
        for to in ["robin", "jo"].map(person) {
            let letter = Event::LetterSent(LetterSent {
                letter: LetterKind::Received,
                message_id: "x".into(),
                sequence: None,
            });
            append(
                &store,
                n + 10_000 + to.uuid().as_u128() % 1000,
                who,
                Stream::Letter(asked, to),
                letter,
            )
            .await;
        }
    }
}

async fn append(store: &SledStore, n: u128, who: PersonId, stream: Stream, event: Event) -> FactId {
    let command = CommandId::new(Uuid::from_u128(0xc0de_0000 + n));
    let log = LogId::main(organisation());
    let expected = store.stream(log, &stream).unwrap().len() as u64;
    let now = Utc::now();
    let append = Append {
        log,
        command,
        who: Who::Person(who),
        policy: 1,
        now,
        body: None,
        writes: vec![Write {
            stream,
            expected,
            events: vec![(now, event)],
        }],
        guards: Vec::new(),
    };
    store.append(append).await.unwrap();
    FactId::of(command, 0)
}
