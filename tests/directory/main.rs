//! From an empty machine to a team's request: the lists, the first grants and the first sign-ins.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod bad_lists;
mod socket;

use reqwest::Method;
use serde_json::json;
use support::demo::referral;
use support::trust::Trust;

const UNITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/directory.csv");
const FACILITATORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/facilitators.csv");
const ROBIN: &str = "robin.wren@trust.example";

#[tokio::test]
async fn from_an_empty_machine_to_a_request_that_the_lead_sees() {
    let trust = Trust::new();
    let serving = trust.serve();
    trust.does(&["grant", "lead", "Alex.Kestrel@trust.example"]);
    trust.does(&["grant", "auditor", "toni.godwit@trust.example"]);
    let said = trust.does(&["directory", "apply", UNITS, "--yes"]);
    assert!(
        said.contains("open Harbour Stroke Ward (42 people)"),
        "{said}"
    );
    trust.does(&["directory", "facilitators", FACILITATORS, "--yes"]);

    let robin = trust.token("robin-1", "Robin.Wren@trust.example");
    let (_, me) = serving.get("/api/v1/me", &robin).await;
    assert_eq!(me["roles"], json!(["staff", "manager"]));
    let team = me["manages"][0]["team"].as_str().unwrap();
    let raised = serving
        .ask(
            Method::POST,
            "/api/v1/referrals",
            &robin,
            Some(&referral(team)),
        )
        .await;
    assert_eq!(raised.0, 201, "{}", raised.1);

    let alex = trust.token("alex-1", "alex.kestrel@trust.example");
    let (_, queue) = serving.get("/api/v1/queue", &alex).await;
    assert_eq!(queue["cases"][0]["case"], raised.1["case"]);
}

#[tokio::test]
async fn a_first_sign_in_becomes_the_expected_person_for_good() {
    let trust = Trust::new();
    trust.does(&["directory", "apply", UNITS, "--yes"]);
    let serving = trust.serve();
    let robin = trust.token("robin-1", ROBIN);
    let (_, before) = serving.get("/api/v1/me", &robin).await;
    let team = before["manages"][0]["team"].as_str().unwrap();
    let raise = serving
        .ask(
            Method::POST,
            "/api/v1/referrals",
            &robin,
            Some(&referral(team)),
        )
        .await;
    assert_eq!(raise.0, 201);
    serving.end();

    // The same sign-in with another address is still Robin, also after a restart and with the lists
    // taken in again; the same address with another sign-in is nobody.
    assert!(
        trust
            .does(&["directory", "apply", UNITS, "--yes"])
            .contains("Nothing")
    );
    let serving = trust.serve();
    let married = trust.token("robin-1", "robin.swift@trust.example");
    let (_, after) = serving.get("/api/v1/me", &married).await;
    assert_eq!(after["person"], before["person"]);
    assert_eq!(after["roles"], json!(["staff", "manager"]));
    let other = trust.token("robin-2", ROBIN);
    let (_, stranger) = serving.get("/api/v1/me", &other).await;
    assert_eq!(stranger["roles"], json!(["staff"]));
    let raise = serving
        .ask(
            Method::POST,
            "/api/v1/referrals",
            &other,
            Some(&referral(team)),
        )
        .await;
    assert_eq!(raise.0, 201);
    let (_, stranger) = serving.get("/api/v1/me", &other).await;
    assert_ne!(stranger["person"], before["person"]);
    assert_eq!(stranger["manages"], json!([]));
    // The stranger was recorded without the address: it still means one person.
    assert!(
        trust
            .does(&["directory", "apply", UNITS, "--yes"])
            .contains("Nothing")
    );
}

#[tokio::test]
async fn whoever_reads_first_with_the_expected_address_keeps_others_out() {
    let trust = Trust::new();
    trust.does(&["directory", "apply", UNITS, "--yes"]);
    let serving = trust.serve();
    let robin = trust.token("robin-1", ROBIN);
    let (_, first) = serving.get("/api/v1/me", &robin).await;
    assert_eq!(first["roles"], json!(["staff", "manager"]));
    let other = trust.token("robin-2", ROBIN);
    let (_, second) = serving.get("/api/v1/me", &other).await;
    assert_eq!(second["roles"], json!(["staff"]));
    assert_eq!(second["manages"], json!([]));
    let (_, again) = serving.get("/api/v1/me", &robin).await;
    assert_eq!(again["person"], first["person"]);
}

#[tokio::test]
async fn leads_and_auditors_see_who_holds_what_and_nobody_else_does() {
    let trust = Trust::new();
    trust.does(&["directory", "apply", UNITS, "--yes"]);
    trust.does(&["directory", "facilitators", FACILITATORS, "--yes"]);
    trust.does(&["grant", "auditor", "toni.godwit@trust.example"]);
    let known = [
        "--issuer",
        "https://sign-in.demo.invalid",
        "--subject",
        "alex-1",
    ];
    let lead = ["grant", "lead", "alex.kestrel@trust.example"];
    trust.does(&[&lead[..], &known].concat());
    let serving = trust.serve();
    let alex = trust.token("alex-1", "another@trust.example");
    let toni = trust.token("toni-1", "toni.godwit@trust.example");
    for token in [&alex, &toni] {
        let (status, answer) = serving.get("/api/v1/grants", token).await;
        assert_eq!(status, 200);
        let grants = answer["grants"].as_array().unwrap();
        let roles: Vec<_> = grants.iter().map(|g| g["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["lead", "facilitator", "facilitator", "auditor"]);
        assert!(grants.iter().any(|grant| grant["until"] == "2099-12-31"));
    }
    let robin = trust.token("robin-1", ROBIN);
    assert_eq!(serving.get("/api/v1/grants", &robin).await.0, 403);
}

#[test]
fn after_the_first_lead_and_auditor_nothing_is_granted_at_the_console() {
    let trust = Trust::new();
    trust.does(&["grant", "lead", "alex@trust.example"]);
    let said = trust.refuses(&["grant", "auditor", "ALEX@trust.example"]);
    assert!(said.contains("two people"), "{said}");
    trust.does(&["grant", "auditor", "toni@trust.example"]);
    for role in ["lead", "auditor"] {
        let said = trust.refuses(&["grant", role, "other@trust.example"]);
        assert!(said.contains("later only --emergency"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
