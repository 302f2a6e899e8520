//! Commands in a state in which they cannot be given: 409, with what can be given instead.

use serde_json::{Value, json};

use crate::ask::{Ask, Place, assert_refused};
use crate::bodies::right_for;
use crate::ground::{Ground, text};
use crate::support::demo::referral;

async fn assert_out_of_step(
    ground: &Ground,
    case: &str,
    name: &str,
    body: &Value,
    code: &str,
    next: &[&str],
) {
    let place = Place {
        id: case.into(),
        etag: ground.version(case).await,
    };
    let before = ground.seen().await;
    let answer = ground
        .ask(Ask::command(ground.lead(), &place, name, body))
        .await;
    assert_refused(&answer, 409, code, name);
    assert_eq!(
        answer.json()["next"],
        json!(next),
        "{name}: {}",
        answer.text
    );
    assert_eq!(before, ground.seen().await, "{name}");
}

const OPEN: [&str; 13] = [
    "acknowledge",
    "triage",
    "record-scoping",
    "plan-offer",
    "declare-involved",
    "arrange-session",
    "record-session",
    "record-session-not-held",
    "move-session",
    "cancel-session",
    "hand-over-session",
    "end-offer",
    "complete-handover",
];

#[tokio::test]
async fn before_triage_there_is_nothing_to_plan_hold_or_close() {
    let ground = Ground::new().await;
    let raised = ground
        .demo
        .raise(&ground.manager, &referral(&ground.team))
        .await
        .expect(201);
    let case = text(&raised["case"]);
    let next = ["acknowledge", "triage"];
    for name in ["record-scoping", "plan-offer"] {
        let body = right_for(&ground, name);
        assert_out_of_step(&ground, &case, name, &body, "not_triaged", &next).await;
    }
    let close = json!({ "outcome": "not_needed" });
    assert_out_of_step(&ground, &case, "close", &close, "not_triaged", &next).await;
    let reopen = right_for(&ground, "reopen");
    assert_out_of_step(&ground, &case, "reopen", &reopen, "not_closed", &next).await;
}

#[tokio::test]
async fn an_open_case_refuses_what_does_not_fit_and_says_what_does() {
    let ground = Ground::new().await;
    let case = ground.case.id.clone();
    let end = |offer: &str| json!({ "offer": offer, "how": "not_needed" });
    let complete = json!({ "offer": ground.liaison });
    let decline = json!({ "urgency": "U3", "outcome": "declined_by_team",
        "contraindications": right_for(&ground, "triage")["contraindications"] });
    let busy = {
        let mut arrange = right_for(&ground, "arrange-session");
        arrange["starts_at"] = ground
            .demo
            .get(ground.lead(), &format!("/api/v1/cases/{case}"))
            .await
            .json()["offers"][0]["sessions"][0]["starts_at"]
            .clone();
        arrange
    };
    let rows = [
        ("close", right_for(&ground, "close"), "offers_open"),
        ("reopen", right_for(&ground, "reopen"), "not_closed"),
        ("triage", decline, "offers_planned"),
        ("end-offer", end(&ground.petr), "session_open"),
        ("end-offer", end(&ground.handed_over), "offer_ended"),
        ("complete-handover", complete, "not_handed_over"),
        ("arrange-session", busy, "facilitator_busy"),
    ];
    for (name, body, code) in rows {
        assert_out_of_step(&ground, &case, name, &body, code, &OPEN).await;
    }
    ground
        .done("acknowledge", &right_for(&ground, "acknowledge"))
        .await;
    let acknowledge = right_for(&ground, "acknowledge");
    assert_out_of_step(
        &ground,
        &case,
        "acknowledge",
        &acknowledge,
        "already_acknowledged",
        &OPEN[1..],
    )
    .await;
}

#[tokio::test]
async fn a_session_is_recorded_once() {
    let ground = Ground::new().await;
    let case = ground.case.id.clone();
    ground
        .done(
            "record-session-not-held",
            &right_for(&ground, "record-session-not-held"),
        )
        .await;
    let next = [
        "acknowledge",
        "triage",
        "record-scoping",
        "plan-offer",
        "declare-involved",
        "arrange-session",
        "end-offer",
        "complete-handover",
    ];
    for name in ["record-session", "record-session-not-held"] {
        let body = right_for(&ground, name);
        assert_out_of_step(&ground, &case, name, &body, "session_recorded", &next).await;
    }
}

#[tokio::test]
async fn a_closed_case_can_only_be_opened_again_and_its_handovers_followed() {
    let ground = Ground::new().await;
    let case = ground.case.id.clone();
    ground
        .done("record-session", &right_for(&ground, "record-session"))
        .await;
    ground
        .done("end-offer", &right_for(&ground, "end-offer"))
        .await;
    ground.done("close", &right_for(&ground, "close")).await;
    let next = [
        "reopen",
        "complete-handover",
        "complete-action",
        "confirm-follow-up",
    ];
    let names = [
        "acknowledge",
        "triage",
        "record-scoping",
        "plan-offer",
        "arrange-session",
        "record-session",
        "record-session-not-held",
        "end-offer",
        "close",
    ];
    for name in names {
        let body = right_for(&ground, name);
        assert_out_of_step(&ground, &case, name, &body, "case_closed", &next).await;
    }
    ground
        .done(
            "complete-handover",
            &right_for(&ground, "complete-handover"),
        )
        .await;
    ground.done("reopen", &right_for(&ground, "reopen")).await;
}

#[tokio::test]
async fn a_refusal_names_only_the_steps_that_whoever_is_refused_may_take() {
    let ground = Ground::new().await;
    let name = "record-session-not-held";
    ground.done(name, &right_for(&ground, name)).await;
    let place = Place {
        id: ground.case.id.clone(),
        etag: ground.version(&ground.case.id).await,
    };
    let body = right_for(&ground, name);
    let again = Ask::command(&ground.facilitator, &place, name, &body);
    let answer = ground.ask(again).await;
    assert_refused(&answer, 409, "session_recorded", name);
    // Neither that something else was handed over, nor what only a lead does.
    assert_eq!(answer.json()["next"], json!(["declare-involved"]));
}
