//! Ids that lead nowhere: in a body 422, in a path 404, with the same bytes whether the thing does
//! not exist or may not be known of.

use serde_json::{Value, json};

use crate::ask::{Ask, CANARY, Place, assert_identical, assert_refused};
use crate::bodies::{right, right_for, spoilt};
use crate::ground::{Ground, team, text};
use crate::support::demo::{Person, referral};

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// Asks with an id that exists but is not to be had, and with one that does not exist.
async fn assert_alike(ground: &Ground, name: &str, pointer: &str, theirs: &str, said: &str) {
    let mut answers = Vec::new();
    for id in [theirs, NOWHERE] {
        let body = spoilt(&right_for(ground, name), pointer, id.into());
        let answer = ground.ask(ground.ask_for(name, &body)).await;
        assert_refused(&answer, 422, "invalid", &format!("{name} {pointer}: {id}"));
        assert_eq!(
            answer.json()["errors"][0]["pointer"],
            said,
            "{}",
            answer.text
        );
        answers.push(answer);
    }
    assert_identical(&answers[0], &answers[1], &format!("{name} {pointer}"));
}

/// Another case with an offer and a session: (case, offer, session).
async fn another_case(ground: &Ground) -> (String, String, String) {
    let elsewhere = team(&ground.demo, ground.lead(), "Ash Ward").await;
    let raised = ground
        .demo
        .raise(ground.lead(), &referral(&elsewhere))
        .await;
    let case = text(&raised.expect(201)["case"]);
    let commands = [
        ("triage", right_for(ground, "triage")),
        (
            "plan-offer",
            json!({ "kind": "petr_debrief", "owner": "pipss_lead" }),
        ),
    ];
    let mut last = Value::Null;
    for (name, body) in commands {
        last = ground
            .demo
            .command(ground.lead(), &case, name, &body)
            .await
            .expect(200);
    }
    let offer = text(&last["offer"]);
    let mut arrange = right_for(ground, "arrange-session");
    arrange["offer"] = json!(offer);
    let arranged = ground
        .demo
        .command(ground.lead(), &case, "arrange-session", &arrange)
        .await;
    (case, offer, text(&arranged.expect(200)["session"]))
}

#[tokio::test]
async fn an_id_in_a_body_that_is_another_cases_looks_like_one_that_does_not_exist() {
    let ground = Ground::new().await;
    let (_, offer, session) = another_case(&ground).await;
    let before = ground.seen().await;
    let rows = [
        ("arrange-session", "/offer", &offer),
        ("end-offer", "/offer", &offer),
        ("complete-handover", "/offer", &offer),
        ("record-session", "/session", &session),
        ("record-session-not-held", "/session", &session),
    ];
    for (name, pointer, theirs) in rows {
        assert_alike(&ground, name, pointer, theirs, pointer).await;
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_unit_that_is_no_team_looks_like_one_that_does_not_exist() {
    let ground = Ground::new().await;
    let service = team(&ground.demo, ground.lead(), "Willow Community Hospital").await;
    assert_alike(&ground, "referrals", "/team", &service, "/team").await;
}

#[tokio::test]
async fn someone_who_is_no_facilitator_looks_like_someone_who_does_not_exist() {
    let ground = Ground::new().await;
    let nobody = ground.demo.person("Max Dipper").await.id;
    let at = "/facilitators/0";
    assert_alike(&ground, "arrange-session", at, &nobody, at).await;
}

#[tokio::test]
async fn a_facilitator_cannot_tell_a_session_of_others_from_one_that_does_not_exist() {
    let ground = Ground::new().await;
    let kim = ground.demo.person("Kim Siskin").await;
    let mut arrange = right_for(&ground, "arrange-session");
    arrange["facilitators"] = json!([kim.id]);
    let theirs = text(&ground.done("arrange-session", &arrange).await["session"]);
    let place = Place {
        etag: ground.version(&ground.case.id).await,
        ..ground.case.clone()
    };
    for name in ["record-session", "record-session-not-held"] {
        let mut answers = Vec::new();
        for session in [theirs.as_str(), NOWHERE] {
            let body = spoilt(&right_for(&ground, name), "/session", session.into());
            let ask = Ask::command(&ground.facilitator, &place, name, &body);
            answers.push(ground.ask(ask).await);
            assert_refused(answers.last().unwrap(), 422, "invalid", name);
        }
        assert_identical(&answers[0], &answers[1], name);
    }
}

#[tokio::test]
async fn an_id_has_one_spelling() {
    let ground = Ground::new().await;
    let team = ground.team.clone();
    let spellings = [
        team.to_uppercase(),
        team.replace('-', ""),
        format!("{{{team}}}"),
        format!("urn:uuid:{team}"),
        format!(" {team}"),
        format!("{team}\n"),
    ];
    for spelling in spellings {
        let body = spoilt(
            &right_for(&ground, "referrals"),
            "/team",
            spelling.clone().into(),
        );
        let answer = ground.ask(ground.ask_for("referrals", &body)).await;
        assert_refused(&answer, 422, "invalid", &spelling);
        assert_eq!(answer.json()["errors"][0]["pointer"], "/team");
    }
}

/// Everything that can be asked of a case by its id.
fn asked_of(ground: &Ground, who: &Person, id: &str) -> Vec<Ask> {
    let place = Place {
        id: id.into(),
        etag: "\"1\"".into(),
    };
    let mut asks: Vec<_> = right(ground)
        .into_iter()
        .filter(|(name, _)| *name != "referrals")
        .map(|(name, body)| Ask::command(who, &place, name, &body))
        .collect();
    asks.push(Ask::get(who, &format!("/api/v1/cases/{id}")));
    asks.push(Ask::get(who, &format!("/api/v1/cases/{id}/timeline")));
    asks
}

#[tokio::test]
async fn a_case_that_may_not_be_known_of_looks_like_one_that_does_not_exist() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let other_manager = ground.demo.person("Val Teal").await;
    let governance = ground.demo.person("Max Dipper").await;
    let long = CANARY.repeat(100);
    for who in [&other_manager, &governance] {
        let absent = asked_of(&ground, who, NOWHERE).into_iter();
        for id in [
            &ground.case.id,
            CANARY,
            "..%2f..",
            "%00",
            &long,
            &ground.case.id.to_uppercase(),
        ] {
            for (ask, nowhere) in asked_of(&ground, who, id).into_iter().zip(absent.clone()) {
                let what = format!("{} {}", ask.method, ask.path);
                let answer = ground.ask(ask).await;
                assert_refused(&answer, 404, "not_found", &what);
                assert_identical(&answer, &ground.ask(nowhere).await, &what);
            }
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_team_whose_timeline_may_not_be_read_looks_like_one_that_does_not_exist() {
    let ground = Ground::new().await;
    let who = ground.demo.person("Val Teal").await;
    let path = |id: &str| format!("/api/v1/teams/{id}/timeline");
    let absent = ground.ask(Ask::get(&who, &path(NOWHERE))).await;
    assert_refused(&absent, 404, "not_found", "a team that does not exist");
    for id in [&ground.team, CANARY] {
        let answer = ground.ask(Ask::get(&who, &path(id))).await;
        assert_identical(&answer, &absent, id);
    }
    let book = ground
        .ask(Ask::get(&who, &format!("/api/v1/codebook/{CANARY}")))
        .await;
    assert_refused(&book, 404, "not_found", "a codebook that does not exist");
}

#[tokio::test]
async fn another_organisation_is_not_there() {
    let ground = Ground::new().await;
    for other in [NOWHERE, CANARY, ""] {
        let ask = Ask::get(ground.lead(), "/api/v1/me").with("Pipss-Organisation", other);
        assert_refused(&ground.ask(ask).await, 404, "not_found", other);
    }
}
