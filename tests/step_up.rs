//! What may do harm in the wrong hands asks who again: a sign-in of an hour ago is not enough.

#![allow(clippy::unwrap_used)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::demo::referral;
use support::trust::Trust;

const TONI: &str = "toni.godwit@trust.example";
const UNITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/directory.csv");

#[tokio::test]
async fn breaking_the_glass_erasing_and_writing_out_need_a_sign_in_of_the_last_five_minutes() {
    let trust = Trust::new();
    trust.does(&["directory", "apply", UNITS, "--yes"]);
    trust.does(&["grant", "lead", "alex.kestrel@trust.example"]);
    trust.does(&["grant", "auditor", TONI]);
    let serving = trust.serve();
    let fresh = trust.token("toni-1", TONI);
    let old = trust.old_token("toni-1", TONI);
    assert_eq!(
        serving.get("/api/v1/grants", &old).await.0,
        200,
        "to read it is enough"
    );
    let alex = trust.token("alex-1", "alex.kestrel@trust.example");
    let sam = trust.token("sam-1", "sam.heron@trust.example");
    let post = async |token: &str, path: &str, body: &Value| {
        let path = format!("/api/v1/{path}");
        serving.ask(Method::POST, &path, token, Some(body)).await
    };
    let (_, units) = serving.get("/api/v1/teams", &sam).await;
    let mut units = units["teams"].as_array().unwrap().iter();
    let team = units.find(|unit| unit["level"] == "team").unwrap();
    let ask = referral(team["team"].as_str().unwrap());
    let (_, raised) = post(&sam, "referrals", &ask).await;
    let (_, me) = serving.get("/api/v1/me", &sam).await;
    let erasure = json!({
        "subjects": [format!("person/{}", me["person"].as_str().unwrap())], "ground": "person_asked"
    });
    let (status, proposed) = post(&alex, "erasures", &erasure).await;
    assert_eq!(status, 201, "{proposed}");
    let decide = format!("erasures/{}/decide", proposed["erasure"].as_str().unwrap());
    let glass = json!({
        "what": "case", "object": raised["case"], "reason": "Nobody else can look.", "telling": "told"
    });
    let asked = [
        ("break-glass", glass),
        (decide.as_str(), json!({ "approve": true })),
        ("subject-access", json!({ "person": me["person"] })),
    ];
    for (path, body) in asked {
        let (status, refused) = post(&old, path, &body).await;
        assert_eq!(
            (status, &refused["code"]),
            (401, &json!("sign_in_again")),
            "{path}"
        );
        let (status, answer) = post(&fresh, path, &body).await;
        assert!((200..300).contains(&status), "{path}: {answer}");
    }
}
