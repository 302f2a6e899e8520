//! The rest of the pathway's daily work, from outside: over HTTP, by the people of the demonstration.

mod support;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use support::demo::{Answer, Demo, Person, fresh_key, referral};

/// The demonstration with the people these stories need.
struct Trust {
    demo: Demo,
    manager: Person,
    nurse: Person,
    other_manager: Person,
    lead: Person,
    team: String,
    now: DateTime<Utc>,
}

impl Trust {
    async fn open() -> Self {
        let demo = Demo::start(&[]);
        let manager = demo.person("Robin Wren").await;
        let team = team_of(&demo, &manager).await;
        Self {
            manager,
            team,
            nurse: demo.person("Sam Heron").await,
            other_manager: demo.person("Jo Plover").await,
            lead: demo.person("Alex Kestrel").await,
            now: Utc::now(),
            demo,
        }
    }

    async fn post(&self, who: &Person, path: &str, body: &Value) -> Answer {
        let key = fresh_key();
        let headers = [("Idempotency-Key", key.as_str())];
        let post = reqwest::Method::POST;
        self.demo
            .send(post, path, Some(who), &headers, Some(body))
            .await
    }

    async fn case(&self, who: &Person, case: &str) -> Value {
        let answer = self.demo.get(who, &format!("/api/v1/cases/{case}")).await;
        answer.expect(200)
    }

    async fn headlines(&self, who: &Person, case: &str) -> String {
        let path = format!("/api/v1/cases/{case}/timeline");
        self.demo.get(who, &path).await.expect(200).to_string()
    }
}

async fn team_of(demo: &Demo, manager: &Person) -> String {
    let me = demo.get(manager, "/demo/people").await.expect(200);
    let people = me["people"].as_array().unwrap().clone();
    let found = people.iter().find(|p| p["name"] == manager.name.as_str());
    text(&found.unwrap()["units"][0]["team"])
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

#[tokio::test]
async fn a_nurse_logs_a_defusion_in_six_answers_and_a_late_one_is_only_marked() {
    let trust = Trust::open().await;
    let night = trust.now - Duration::hours(30);
    let body = json!({
        "team": trust.team, "incident_type": "assault_physical", "occurred_at": night,
        "held_at": night + Duration::hours(2), "led_by": "nurse_in_charge", "headcount": "6-10",
    });
    let opened = trust.post(&trust.nurse, "/api/v1/defusions", &body).await;
    assert!(opened.header("location").starts_with("/api/v1/cases/"));
    let answer = opened.expect(201);
    assert_eq!(answer["outside_window"], false);
    let case = text(&answer["case"]);

    let late =
        json!({ "held_at": night + Duration::hours(20), "led_by": "manager", "headcount": "1-5" });
    let logged = trust
        .demo
        .command(&trust.manager, &case, "log-defusion", &late)
        .await;
    assert_eq!(logged.expect(200)["outside_window"], true);

    let seen = trust.case(&trust.nurse, &case).await;
    assert_eq!(seen["defusions"][1]["outside_window"], true);
    assert!(seen["defusions"][1].get("headcount").is_none());
    let story = trust.headlines(&trust.manager, &case).await;
    assert!(story.contains("led by the nurse in charge"), "{story}");
    let stranger = trust
        .demo
        .command(&trust.other_manager, &case, "log-defusion", &late)
        .await;
    stranger.expect(404);
}

#[tokio::test]
async fn what_a_lead_raises_on_behalf_thanks_nobody_and_hides_its_source_from_the_manager() {
    let trust = Trust::open().await;
    let mut body = referral(&trust.team);
    body["on_behalf"] = json!({ "source": "freedom_to_speak_up", "note": "Rang on Monday." });
    let refused = trust.demo.raise(&trust.manager, &body).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/on_behalf");

    let raised = trust.demo.raise(&trust.lead, &body).await.expect(201);
    let case = text(&raised["case"]);
    let seen = trust.case(&trust.lead, &case).await;
    assert_eq!(seen["on_behalf"]["source"], "freedom_to_speak_up");
    let manager_sees = trust.case(&trust.manager, &case).await.to_string();
    assert!(!manager_sees.contains("freedom_to_speak_up"));
    assert!(!manager_sees.contains("on_behalf"));
    let letters = trust.demo.get(&trust.lead, "/api/v1/letters").await;
    let letters = letters.expect(200);
    let received = letters["letters"].as_array().unwrap().iter();
    let about_it: Vec<_> = received.filter(|l| l["case"] == case.as_str()).collect();
    assert!(
        about_it.iter().all(|l| l["kind"] != "received"),
        "{about_it:?}"
    );
}
