//! Requests from outside to be shown what is recorded: decided by information governance, minimal, told.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{Duration, Utc};
use serde_json::{Value, json};
use support::demo::{Person, referral};
use support::private::post;
use support::schedule::{Posted, pointers};
use support::ward::{team, text};

/// Someone at the police asks about a case that Sam raised.
struct Asked {
    posted: Posted,
    sam: Person,
    alex: Person,
    toni: Person,
    id: String,
}

impl Asked {
    async fn about_a_case(basis: &str) -> Self {
        let posted = Posted::start();
        let demo = &posted.demo;
        let sam = demo.person("Sam Heron").await;
        let alex = demo.person("Alex Kestrel").await;
        let body = referral(&team(demo, &sam, "Harbour Stroke Ward").await);
        let raised = demo.raise(&sam, &body).await.expect(201);
        let request = json!({
            "by": "police", "basis": basis, "reference": raised["reference"],
            "wanted": "Who was on duty that night?", "their_reference": "K-7"
        });
        let asked = post(demo, &alex, "disclosures", &request).await.expect(201);
        Self {
            id: text(&asked["disclosure"]),
            toni: demo.person("Toni Godwit").await,
            sam,
            alex,
            posted,
        }
    }

    async fn give(&self, who: &Person, name: &str, body: Value) -> support::demo::Answer {
        let path = format!("disclosures/{}/{name}", self.id);
        post(&self.posted.demo, who, &path, &body).await
    }

    async fn seen(&self, who: &Person) -> Value {
        let seen = self.posted.demo.get(who, "/api/v1/disclosures").await;
        seen.expect(200)["disclosures"].clone()
    }
}

#[tokio::test]
async fn what_is_decided_is_told_to_whoever_asked_for_the_support_and_nothing_more() {
    let mut asked = Asked::about_a_case("statutory_duty").await;
    assert_eq!(asked.seen(&asked.sam).await, json!([]));
    let decision =
        json!({ "parts": ["dates"], "reason": "The least that answers.", "telling": "told" });
    asked
        .give(&asked.alex, "decide", decision.clone())
        .await
        .expect(403);
    asked
        .give(&asked.toni, "decide", decision.clone())
        .await
        .expect(200);
    let again = asked.give(&asked.toni, "decide", decision).await;
    assert_eq!(again.expect(409)["code"], "already_decided");

    let told = asked.seen(&asked.sam).await;
    assert_eq!(
        (&told[0]["by"], &told[0]["parts"]),
        (&json!("police"), &json!(["dates"]))
    );
    for kept in ["wanted", "reason", "their_reference"] {
        assert!(told[0][kept].is_null(), "{told}");
    }
    asked.posted.pass(Duration::minutes(2)).await;
    let letters = asked.posted.to(&asked.sam);
    let waiting = letters
        .iter()
        .filter(|l| l.header("subject")[0].starts_with("Something is waiting"));
    assert_eq!(waiting.count(), 1);
    let made = json!({ "on": Utc::now().format("%F").to_string() });
    asked.give(&asked.toni, "made", made).await.expect(200);
}

#[tokio::test]
async fn where_the_law_forbids_it_nobody_is_told() {
    let mut asked = Asked::about_a_case("court_order").await;
    let decision = json!({ "parts": ["dates"], "reason": "Ordered.", "telling": "law_forbids" });
    asked
        .give(&asked.toni, "decide", decision)
        .await
        .expect(200);
    assert_eq!(asked.seen(&asked.sam).await, json!([]));
    asked.posted.pass(Duration::minutes(2)).await;
    let letters = asked.posted.to(&asked.sam);
    assert!(
        letters
            .iter()
            .all(|l| !l.header("subject")[0].starts_with("Something is waiting"))
    );
}

#[tokio::test]
async fn whoever_gives_no_ground_in_law_is_shown_nothing_and_managers_know_of_no_request() {
    let asked = Asked::about_a_case("none_given").await;
    let decision = json!({ "parts": ["plan"], "reason": "They asked.", "telling": "told" });
    let refused = asked
        .give(&asked.toni, "decide", decision)
        .await
        .expect(422);
    assert_eq!(pointers(&refused), ["/parts"]);
    let robin = asked.posted.demo.person("Robin Wren").await;
    assert_eq!(asked.seen(&robin).await, json!([]));
    asked.give(&robin, "decide", json!({})).await.expect(403);
    let refusal = json!({ "parts": [], "reason": "No ground.", "telling": "told" });
    asked.give(&asked.toni, "decide", refusal).await.expect(200);
    let made = json!({ "on": Utc::now().format("%F").to_string() });
    let nothing = asked.give(&asked.toni, "made", made).await.expect(409);
    assert_eq!(nothing["code"], "nothing_to_show");
}
