//! The proof asks every route so that somebody is answered: a route that only refuses would prove little.

use std::cell::RefCell;

use chrono::{Duration, Utc};
use pipss::demo::people::{organisation, person, record, unit};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::directory_facts::{LeavePlanned, Role};
use pipss_domain::facts::ReflectiveGroupAgreed;
use pipss_domain::history::Event;
use pipss_domain::ids::GroupId;
use pipss_domain::plan::PlanOffer;
use pipss_domain::stream::Stream;
use pipss_domain::triage::TriageCase;
use pipss_store::{Options, Purpose};
use serde_json::json;
use uuid::Uuid;

use crate::telling::{Story, triage};
use crate::{private, proved};

/// A case with a session to come, a group, leave, and a manager who is granted almost everything.
async fn told(app: App) -> Story {
    let story = Story {
        app,
        cases: RefCell::default(),
        keys: RefCell::default(),
        ones: RefCell::default(),
    };
    record(&story.app).await.unwrap();
    for role in [Role::Lead, Role::Facilitator] {
        story.grant("robin", role).await;
    }
    story.raise("val", "ash").await;
    story.raise("jo", "rehab").await;
    story.raise("robin", "stroke").await;
    // Of one session nothing was recorded yet; another was held; a third is to come.
    arranged(&story, 1).await;
    arranged(&story, 2).await;
    story.record(2).await;
    arranged(&story, 0).await;
    let group = Stream::Group(GroupId::new(Uuid::from_u128(7)));
    let today = story.app.clock().now().date_naive();
    let agreed = ReflectiveGroupAgreed {
        team: unit("ash"),
        starts_on: today,
        every_weeks: 4,
    };
    story
        .keep(group, Event::ReflectiveGroupAgreed(agreed))
        .await;
    let leave = LeavePlanned {
        from: today + Duration::days(20),
        to: today + Duration::days(22),
    };
    story
        .keep(Stream::Diary(person("robin")), Event::LeavePlanned(leave))
        .await;
    story
}

async fn arranged(story: &Story, case: u8) {
    let petr = json!({ "kind": "petr_debrief", "owner": "pipss_lead" });
    story
        .given::<TriageCase>("alex", case, &triage())
        .await
        .unwrap();
    story.given::<PlanOffer>("alex", case, &petr).await.unwrap();
    let starts_at = story.app.clock().now() + Duration::hours(30 + 3 * i64::from(case));
    let reason = "Trained last week.";
    let overrides =
        ["robin", "ash"].map(|short| json!({ "facilitator": person(short), "reason": reason }));
    let body = json!({
        "offer": story.of(case).0, "starts_at": starts_at, "minutes": 75, "site": "Garden Room",
        "facilitators": [person("robin"), person("ash")], "managers_attend": "no", "departs_because": "other",
        "overrides": overrides
    });
    story
        .given::<ArrangeSession>("alex", case, &body)
        .await
        .unwrap();
}

#[tokio::test]
async fn every_route_is_asked_so_that_somebody_is_answered_and_somebody_is_told_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path(), Purpose::Demo);
    let app = App::open(options, Clock::starting_at(Utc::now() - Duration::days(20))).unwrap();
    let story = told(app).await;
    let outcome = proved(&story.app, organisation(), &[]);
    assert_eq!(outcome.differences, []);
    let mut wrong = Vec::new();
    for (route, seen) in outcome
        .seen
        .iter()
        .filter(|(route, _)| *route != "a letter")
    {
        // Done, or understood and out of step; and, of commands, something refused as wrong.
        let done = seen.iter().any(|status| [200, 201, 409].contains(status));
        if !done || (!route.starts_with("GET ") && !seen.contains(&422)) {
            wrong.push(format!("{route}: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        outcome.seen.len(),
        outcome.routes + 1,
        "every route and letters"
    );
}

#[tokio::test]
async fn a_page_of_letters_does_not_tell_how_much_else_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path(), Purpose::Demo);
    let app = App::open(options, Clock::starting_at(Utc::now())).unwrap();
    let story = Story {
        app,
        cases: RefCell::default(),
        keys: RefCell::default(),
        ones: RefCell::default(),
    };
    record(&story.app).await.unwrap();
    // A lead may turn the pages of all letters, and is part of no request for supervision.
    story.grant("jo", Role::Lead).await;
    for n in 0..60 {
        story
            .keep(private::stream(2 + 3 * n, None), private::event())
            .await;
    }
    for _ in 0..4 {
        story.raise("val", "ash").await;
    }
    let outcome = proved(&story.app, organisation(), &[]);
    assert_eq!(outcome.differences, []);
    assert!(outcome.seen["GET /api/v1/letters"].contains(&200));
}
