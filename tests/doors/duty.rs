//! The duty contact at the doors: someone from outside, whom the demonstration does not have.

use pipss::demo::people::organisation;
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::intent::Intent;
use pipss_api::signing::DemoIssuer;
use pipss_domain::directory_facts::{GrantGiven, PersonRecorded, Role, SignIn};
use pipss_domain::history::Event;
use pipss_domain::ids::PersonId;
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use uuid::Uuid;

/// Someone from outside is the duty contact; the demonstration has none.
pub async fn put_on_duty(app: &App) {
    let who = PersonId::new(Uuid::from_u128(0xd07));
    let sign_in = SignIn {
        issuer: DemoIssuer::NAME.into(),
        subject: "demo-duty".into(),
    };
    let recorded = PersonRecorded {
        name: Some(Personal::Known("Dana Knot".into())),
        email: None,
        sign_in: Some(Personal::Known(sign_in)),
        home_unit: None,
        external: true,
    };
    let role = Role::DutyContact;
    let facts = [
        (Stream::Person(who), Event::PersonRecorded(recorded)),
        (
            Stream::Grants(who),
            Event::GrantGiven(GrantGiven { role, until: None }),
        ),
    ];
    let happened = |(stream, event)| Happened {
        stream,
        occurred_at: app.clock().now(),
        event,
    };
    let intent = Intent::keep_directory("duty", facts.map(happened).into());
    app.execute(&Actor::operator(organisation()), intent)
        .await
        .unwrap();
}
