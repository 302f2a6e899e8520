//! Two at the doors whom the demonstration does not have: a duty contact from outside, and a program.

use chrono::{Duration, Utc};
use pipss::demo::people::{organisation, unit};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::intent::Intent;
use pipss_api::signing::DemoIssuer;
use pipss_domain::directory_facts::{GrantGiven, PersonRecorded, Role, SignIn};
use pipss_domain::history::Event;
use pipss_domain::ids::PersonId;
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::program::{ProgramAct, ProgramGranted, ProgramScope};
use pipss_domain::stream::Stream;
use uuid::Uuid;

/// Someone from outside is the duty contact; the demonstration has none.
pub async fn put_on_duty(app: &App) {
    let role = Role::DutyContact;
    let given = Event::GrantGiven(GrantGiven { role, until: None });
    put(app, (0xd07, "demo-duty", "Dana Knot"), given).await;
}

/// A program that was granted everything that a program can be, for the stroke ward.
pub async fn put_a_program_in(app: &App) {
    let scope = ProgramScope {
        acts: vec![
            ProgramAct::RaiseReferral,
            ProgramAct::LogDefusion,
            ProgramAct::FollowOwn,
        ],
        teams: vec![unit("stroke")],
        until: (Utc::now() + Duration::days(300)).date_naive(),
    };
    let granted = Event::ProgramGranted(ProgramGranted { scope });
    put(app, (0xd08, "demo-program", "Incident reports"), granted).await;
}

async fn put(app: &App, (id, subject, name): (u128, &str, &str), granted: Event) {
    let who = PersonId::new(Uuid::from_u128(id));
    let sign_in = SignIn {
        issuer: DemoIssuer::NAME.into(),
        subject: subject.into(),
    };
    let recorded = PersonRecorded {
        name: Some(Personal::Known(name.into())),
        email: None,
        sign_in: Some(Personal::Known(sign_in)),
        home_unit: None,
        external: true,
    };
    let facts = [
        (Stream::Person(who), Event::PersonRecorded(recorded)),
        (Stream::Grants(who), granted),
    ];
    let happened = |(stream, event)| Happened {
        stream,
        occurred_at: app.clock().now(),
        event,
    };
    let intent = Intent::keep_directory(subject, facts.map(happened).into());
    app.execute(&Actor::operator(organisation()), intent)
        .await
        .unwrap();
}
