//! The proof asks every route so that somebody is answered: a route that only refuses would prove little.

use std::cell::RefCell;

use chrono::NaiveDate;
use chrono::{Duration, Utc};
use pipss::demo::people::{organisation, person, record, unit};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::directory_facts::{FacilitatorProfiled, LeavePlanned, Role, Training};
use pipss_domain::facts::{Danger, DangerEscalated, ReflectiveGroupAgreed, RouteTaken};
use pipss_domain::history::Event;
use pipss_domain::ids::{EscalationId, GroupId};
use pipss_domain::link::LinkIncident;
use pipss_domain::offer::OfferKind;
use pipss_domain::one_to_one::OfferOneToOne;
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
    story.grant("nic", Role::Auditor).await;
    story.grant("nic", Role::Administrator).await;
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
    private_things(&story).await;
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

/// What managers are part of: one-to-ones asked for, offered and provided, a request for supervision,
/// danger reported, two cases linked.
async fn private_things(story: &Story) {
    let profile = FacilitatorProfiled {
        trained: vec![Training {
            model: OfferKind::OneToOne,
            until: NaiveDate::MAX,
        }],
        sessions_max: None,
    };
    story
        .keep(
            Stream::Person(person("robin")),
            Event::FacilitatorProfiled(profile),
        )
        .await;
    story.one_to_one("val", 1).await;
    story.one_to_one("val", 2).await;
    let provider = json!({ "provider": person("robin") });
    story.help::<OfferOneToOne>("charlie", &provider).await;
    story.grant("jo", Role::SupervisionLead).await;
    story.supervision("ash").await;
    let request = json!({ "by": "police", "basis": "court_order", "wanted": "The dates." });
    story.asked_from_outside("alex", &request).await;
    story.glass_broken("robin", 0).await;
    let case = story.case(1);
    let danger = DangerEscalated {
        escalation: EscalationId::new(Uuid::from_u128(9)),
        danger: Danger::RiskToSelf,
        route: RouteTaken::CrisisTeam,
        line: None,
    };
    story
        .keep(Stream::Restricted(case), Event::DangerEscalated(danger))
        .await;
    let link = json!({ "incident": story.incident(0).await, "case": story.case(1) });
    story.given::<LinkIncident>("alex", 0, &link).await.unwrap();
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

const GLASS: [&str; 2] = ["/break-glass/{glass}/decide", "/break-glass/{glass}/review"];
const PROPOSED: [&str; 2] = [" /grants/{person}/approve", " /grants/{person}/refuse"];
/// What a proof counts and what is due to be erased grow with what is private: whoever manages a team is
/// never shown them.
const NEVER: [&str; 9] = [
    " /oversight/proof",
    " /oversight/retention",
    " /oversight/erasures/",
    " /oversight/holds/",
    " /oversight/subject-access",
    " /api/v1/retention",
    " /api/v1/erasures",
    " /api/v1/holds",
    " /api/v1/subject-access",
];

fn is_never_shown(route: &str) -> bool {
    NEVER.iter().any(|path| route.contains(path))
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
        // A code that would be taken cannot be made up.
        .filter(|(route, _)| *route != "POST /api/v1/feedback")
        // Whoever manages a unit decides on nobody's glass, and is shown none but their own.
        .filter(|(route, _)| !GLASS.iter().any(|path| route.ends_with(path)))
        // Nobody waits to be given a role in this story: there is no such page for anyone.
        .filter(|(route, _)| !is_never_shown(route))
        .filter(|(route, _)| !PROPOSED.iter().any(|page| route.ends_with(page)))
    {
        let any = |good: &[u16]| good.iter().any(|status| seen.contains(status));
        let fine = match (route.starts_with("GET "), route.contains(" /api/")) {
            // Done, or understood and out of step; and, of commands, something refused as wrong.
            (true, true) => any(&[200, 201, 409]),
            (false, true) => any(&[200, 201, 409]) && any(&[422]),
            // A page, or where it leads; and a form without answers: asked again, or with nothing to ask.
            (true, false) => any(&[200, 303, 409]),
            (false, false) => any(&[200, 303, 409, 412, 422]),
        };
        if !fine {
            wrong.push(format!("{route}: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let proofs = outcome.seen.iter();
    let mut proofs = proofs.filter(|(route, _)| is_never_shown(route));
    assert!(proofs.all(|(_, seen)| seen.iter().eq(&[403])));
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
