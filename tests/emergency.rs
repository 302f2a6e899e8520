//! In an emergency whoever runs the machine names a lead or an auditor for a day, and nobody can do so in secret.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use serde_json::json;
use support::trust::Trust;

const ALEX: &str = "alex.kestrel@trust.example";
const TONI: &str = "toni.godwit@trust.example";
const KIT: &str = "kit.dunlin@trust.example";

#[tokio::test]
async fn it_counts_at_once_for_a_day_and_every_lead_and_auditor_is_written_to() {
    let trust = Trust::new();
    trust.does(&["grant", "lead", ALEX]);
    trust.does(&["grant", "auditor", TONI]);
    let serving = trust.serve();
    let kit = trust.token("kit-1", KIT);
    assert_eq!(serving.get("/api/v1/queue", &kit).await.0, 403);
    trust.does(&["grant", "lead", KIT, "--emergency"]);
    assert_eq!(serving.get("/api/v1/queue", &kit).await.0, 200);

    let toni = trust.token("toni-1", TONI);
    let (_, grants) = serving.get("/api/v1/grants", &toni).await;
    let all = grants["grants"].as_array().unwrap().iter();
    let mut given = all.filter(|grant| grant.get("emergency_until").is_some());
    let until = given.next().unwrap();
    let ends_at: DateTime<Utc> = until["emergency_until"].as_str().unwrap().parse().unwrap();
    let lasts = ends_at - Utc::now();
    assert!(
        lasts <= Duration::hours(24) && lasts > Duration::hours(23),
        "{lasts}"
    );

    let alex = trust.token("alex-1", ALEX);
    let (_, letters) = serving.get("/api/v1/letters", &alex).await;
    let letters = letters["letters"].as_array().unwrap().iter();
    let told: Vec<_> = letters.filter(|one| one["kind"] == "emergency").collect();
    assert_eq!(told.len(), 2, "the lead and the auditor");

    // An auditor ends it before its time.
    let person = until["person"].as_str().unwrap();
    let end = format!("/api/v1/grants/{person}/end");
    let role = json!({ "role": "lead" });
    let ended = serving.ask(Method::POST, &end, &toni, Some(&role)).await;
    assert_eq!(ended.0, 200, "{}", ended.1);
    assert_eq!(serving.get("/api/v1/queue", &kit).await.0, 403);
}

#[test]
fn it_is_refused_where_it_is_none() {
    let trust = Trust::new();
    let first = trust.refuses(&["grant", "lead", ALEX, "--emergency"]);
    assert!(first.contains("without --emergency"), "{first}");
    trust.does(&["grant", "lead", ALEX]);
    trust.does(&["grant", "auditor", TONI]);
    let has_it = trust.refuses(&["grant", "lead", ALEX, "--emergency"]);
    assert!(has_it.contains("have this role"), "{has_it}");
    let both = trust.refuses(&["grant", "auditor", ALEX, "--emergency"]);
    assert!(both.contains("two people"), "{both}");
    trust.does(&["grant", "auditor", KIT, "--emergency"]);
    let again = trust.refuses(&["grant", "auditor", KIT, "--emergency"]);
    assert!(again.contains("have this role"), "{again}");
    let both = trust.refuses(&["grant", "lead", KIT, "--emergency"]);
    assert!(both.contains("two people"), "{both}");
}
