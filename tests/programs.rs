//! Another system of the trust does what it was granted, for the teams that were listed, and nothing else.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{Duration, Utc};
use pipss_api::signing::DemoIssuer;
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::referral;
use support::trust::{Serving, Trust};

const UNITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/directory.csv");
const CLIENT: &str = "incident-reports";

/// A trust whose lead and auditor have signed in, and the ids of two of its teams.
struct Ground {
    trust: Trust,
    serving: Serving,
    alex: String,
    toni: String,
    teams: [String; 2],
}

impl Ground {
    async fn new() -> Self {
        let trust = Trust::new();
        trust.does(&["directory", "apply", UNITS, "--yes"]);
        trust.does(&["grant", "lead", "alex.kestrel@trust.example"]);
        trust.does(&["grant", "auditor", "toni.godwit@trust.example"]);
        let serving = trust.serve();
        let alex = trust.token("alex-1", "alex.kestrel@trust.example");
        let toni = trust.token("toni-1", "toni.godwit@trust.example");
        let (_, units) = serving.get("/api/v1/teams", &alex).await;
        let units = units["teams"].as_array().unwrap();
        let teams = units.iter().filter(|unit| unit["level"] == "team");
        let mut teams = teams.map(|unit| unit["team"].as_str().unwrap().to_owned());
        let teams = [teams.next().unwrap(), teams.next().unwrap()];
        Self {
            trust,
            serving,
            alex,
            toni,
            teams,
        }
    }

    async fn post(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        let path = format!("/api/v1/{path}");
        self.serving
            .ask(Method::POST, &path, token, Some(body))
            .await
    }

    fn proposal(&self, acts: Value, teams: &[&String]) -> Value {
        json!({
            "name": "Incident reports", "issuer": DemoIssuer::NAME, "subject": CLIENT,
            "acts": acts, "teams": teams,
            "until": (Utc::now() + Duration::days(90)).format("%F").to_string(),
        })
    }

    /// Proposed by the lead and approved by the auditor; the program's id.
    async fn granted(&self, acts: Value, teams: &[&String]) -> String {
        let proposal = self.proposal(acts, teams);
        let (status, proposed) = self.post(&self.alex, "programs", &proposal).await;
        assert_eq!(status, 200, "{proposed}");
        let id = proposed["person"].as_str().unwrap().to_owned();
        let role = json!({ "role": "integration" });
        let path = format!("grants/{id}/approve");
        assert_eq!(
            self.post(&self.alex, &path, &role).await.0,
            403,
            "not by a lead"
        );
        assert_eq!(self.post(&self.toni, &path, &role).await.0, 200);
        id
    }
}

#[tokio::test]
async fn a_program_is_nobody_until_an_auditor_approves_what_a_lead_proposed() {
    let ground = Ground::new().await;
    let program = ground.trust.program_token(CLIENT);
    let ask = referral(&ground.teams[0]);
    assert_eq!(ground.serving.get("/api/v1/me", &program).await.0, 403);
    assert_eq!(ground.post(&program, "referrals", &ask).await.0, 403);
    let one_to_one = json!({ "reach_by": ["page"] });
    assert_eq!(
        ground.post(&program, "one-to-ones", &one_to_one).await.0,
        403
    );
    let proposal = ground.proposal(json!(["raise_referral"]), &[&ground.teams[0]]);
    assert_eq!(
        ground.post(&ground.alex, "programs", &proposal).await.0,
        200
    );
    assert_eq!(
        ground.post(&ground.alex, "programs", &proposal).await.0,
        409,
        "it waits"
    );
    assert_eq!(ground.post(&program, "referrals", &ask).await.0, 403);
}

#[tokio::test]
async fn a_program_asks_for_its_teams_and_follows_what_it_asked_for_and_sees_nothing_else() {
    let ground = Ground::new().await;
    let [ward, other] = &ground.teams;
    ground
        .granted(json!(["raise_referral", "follow_own"]), &[ward])
        .await;
    let program = ground.trust.program_token(CLIENT);
    let (_, me) = ground.serving.get("/api/v1/me", &program).await;
    assert_eq!(me["roles"], json!(["integration"]), "and not staff");
    let (status, raised) = ground.post(&program, "referrals", &referral(ward)).await;
    assert_eq!(status, 201, "{raised}");
    let (status, refused) = ground.post(&program, "referrals", &referral(other)).await;
    assert_eq!(
        (status, &refused["errors"][0]["pointer"]),
        (422, &json!("/team"))
    );
    let (_, by_alex) = ground
        .post(&ground.alex, "referrals", &referral(ward))
        .await;

    let own = format!("/api/v1/cases/{}", raised["case"].as_str().unwrap());
    let another = format!("/api/v1/cases/{}", by_alex["case"].as_str().unwrap());
    let (status, case) = ground.serving.get(&own, &program).await;
    assert_eq!(status, 200, "{case}");
    assert!(case.get("plan").is_none_or(Value::is_null), "{case}");
    assert_eq!(ground.serving.get(&another, &program).await.0, 404);
    for closed in [
        "queue",
        "one-to-ones",
        "my-support",
        "letters",
        "grants",
        "facilitators",
        "supervision",
        "reports/quarters/2026-Q1",
        "teams",
    ] {
        let (status, _) = ground
            .serving
            .get(&format!("/api/v1/{closed}"), &program)
            .await;
        assert!([403, 404].contains(&status), "{closed}: {status}");
    }
    assert_eq!(
        ground.post(&program, "defusions", &json!({})).await.0,
        403,
        "not granted"
    );
}

#[tokio::test]
async fn another_grant_or_its_end_takes_effect_with_the_next_request() {
    let ground = Ground::new().await;
    let [ward, other] = &ground.teams;
    let acts = json!(["raise_referral", "follow_own"]);
    ground.granted(acts.clone(), &[ward]).await;
    let program = ground.trust.program_token(CLIENT);
    let (_, raised) = ground.post(&program, "referrals", &referral(ward)).await;
    let own = format!("/api/v1/cases/{}", raised["case"].as_str().unwrap());
    assert_eq!(ground.serving.get(&own, &program).await.0, 200);
    let id = ground.granted(acts, &[other]).await;
    assert_eq!(ground.serving.get(&own, &program).await.0, 404);
    assert_eq!(
        ground.post(&program, "referrals", &referral(ward)).await.0,
        422
    );
    assert_eq!(
        ground.post(&program, "referrals", &referral(other)).await.0,
        201
    );
    let role = json!({ "role": "integration" });
    let end = format!("grants/{id}/end");
    assert_eq!(ground.post(&ground.alex, &end, &role).await.0, 200);
    assert_eq!(
        ground.post(&program, "referrals", &referral(other)).await.0,
        403
    );
    assert_eq!(
        ground.serving.get("/api/v1/me", &program).await.0,
        200,
        "it may know who it is"
    );
}

#[tokio::test]
async fn what_a_program_is_proposed_for_is_checked_and_a_person_is_none() {
    let ground = Ground::new().await;
    let [ward, _] = &ground.teams;
    let right = ground.proposal(json!(["raise_referral"]), &[ward]);
    let nowhere = "00000000-0000-4000-8000-000000000000".to_owned();
    let cases = [
        ("acts", json!([]), "/acts"),
        ("acts", json!(["raise_referral", "raise_referral"]), "/acts"),
        ("teams", json!([]), "/teams"),
        ("teams", json!([ward, ward]), "/teams"),
        ("teams", json!([nowhere]), "/teams"),
        ("until", json!("2020-01-01"), "/until"),
        ("until", json!("2199-01-01"), "/until"),
        ("subject", json!("alex-1"), "/subject"),
    ];
    for (field, value, pointer) in cases {
        let mut body = right.clone();
        body[field] = value;
        let (status, refused) = ground.post(&ground.alex, "programs", &body).await;
        assert_eq!(
            (status, &refused["errors"][0]["pointer"]),
            (422, &json!(pointer)),
            "{body}"
        );
    }
    let as_a_role = json!({ "email": "toni.godwit@trust.example", "role": "integration" });
    let (status, refused) = ground.post(&ground.alex, "grants", &as_a_role).await;
    assert_eq!(
        (status, &refused["errors"][0]["pointer"]),
        (422, &json!("/role"))
    );
    assert_eq!(ground.post(&ground.toni, "programs", &right).await.0, 403);
}
