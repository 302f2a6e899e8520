//! How long the proof takes for a large trust: measured by hand, with `--release -- --ignored` and, for fewer
//! managers, `PIPSS_MANAGERS`.

use std::cell::RefCell;

use chrono::{Duration, Utc};
use pipss::demo::people::{organisation, record};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::intent::Intent;
use pipss_api::prove::Leak;
use pipss_domain::directory_facts::{ManagerNamed, PersonRecorded, UnitLevel, UnitOpened};
use pipss_domain::history::Event;
use pipss_domain::ids::{PersonId, UnitId};
use pipss_domain::pathway::Happened;
use pipss_domain::stream::Stream;
use pipss_store::{Options, Purpose};
use uuid::Uuid;

use crate::telling::Story;
use crate::{private, proved};

const ASKED: u128 = 300;

fn team(n: u128) -> Vec<(Stream, Event)> {
    let unit = Stream::Unit(UnitId::new(Uuid::from_u128(n)));
    let manager = PersonId::new(Uuid::from_u128(10_000 + n));
    let opened = UnitOpened {
        code: format!("t{n}"),
        name: format!("Team {n}"),
        level: UnitLevel::Team,
        parent: None,
        headcount: 20,
        partner: false,
    };
    let recorded = PersonRecorded {
        name: None,
        email: None,
        sign_in: None,
        home_unit: None,
        external: false,
    };
    vec![
        (unit, Event::UnitOpened(opened)),
        (Stream::Person(manager), Event::PersonRecorded(recorded)),
        (unit, Event::ManagerNamed(ManagerNamed { person: manager })),
    ]
}

#[tokio::test]
#[ignore = "a measurement, minutes long"]
async fn four_hundred_managers_are_proved_in_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path(), Purpose::Demo);
    let story = Story {
        app: App::open(options, Clock::starting_at(Utc::now() - Duration::days(30))).unwrap(),
        cases: RefCell::default(),
        keys: RefCell::default(),
        ones: RefCell::default(),
    };
    record(&story.app).await.unwrap();
    let now = story.app.clock().now();
    let teams = std::env::var("PIPSS_MANAGERS").map_or(408, |teams| teams.parse().unwrap());
    let fact = |(stream, event)| Happened {
        stream,
        occurred_at: now,
        event,
    };
    for first in (0..teams).step_by(100) {
        let facts = (first..teams.min(first + 100)).flat_map(team).map(fact);
        let intent = Intent::keep_directory(&format!("teams {first}"), facts.collect());
        assert!(
            story
                .app
                .execute(&Actor::operator(organisation()), intent)
                .await
                .is_ok()
        );
    }
    for n in 0..teams {
        let manager = PersonId::new(Uuid::from_u128(10_000 + n));
        story
            .raise_as(manager, UnitId::new(Uuid::from_u128(n)))
            .await;
    }
    for n in 0..ASKED {
        story
            .keep(private::stream(3 * n, None), private::event())
            .await;
    }
    let outcome = proved(&story.app, organisation(), &Leak::ALL);
    println!(
        "{} managers, {} answers, {:?}",
        outcome.managers, outcome.answers, outcome.took
    );
    assert!(outcome.holds(), "{:?}", outcome.differences);
}
