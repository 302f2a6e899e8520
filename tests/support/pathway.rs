//! The demonstration's trust with the people whom the stories of the pathway need.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::demo::{Answer, Demo, Person, fresh_key, referral};

/// The demonstration with the people these stories need.
pub struct Trust {
    pub demo: Demo,
    pub manager: Person,
    pub nurse: Person,
    pub other_manager: Person,
    pub lead: Person,
    pub facilitator: Person,
    pub team: String,
    pub now: DateTime<Utc>,
}

impl Trust {
    pub async fn open() -> Self {
        Self::over(Demo::start(&["--only-stroke-ward"])).await
    }

    pub async fn over(demo: Demo) -> Self {
        let manager = demo.person("Robin Wren").await;
        let team = team_of(&demo, &manager).await;
        Self {
            manager,
            team,
            nurse: demo.person("Sam Heron").await,
            other_manager: demo.person("Jo Plover").await,
            lead: demo.person("Alex Kestrel").await,
            facilitator: demo.person("Ash Linnet").await,
            now: Utc::now(),
            demo,
        }
    }

    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Answer {
        let key = fresh_key();
        let headers = [("Idempotency-Key", key.as_str())];
        let post = reqwest::Method::POST;
        self.demo
            .send(post, path, Some(who), &headers, Some(body))
            .await
    }

    pub async fn raise(&self) -> String {
        let raised = self.demo.raise(&self.manager, &referral(&self.team)).await;
        text(&raised.expect(201)["case"])
    }

    pub async fn lead(&self, case: &str, command: &str, body: Value) -> Answer {
        self.demo.command(&self.lead, case, command, &body).await
    }

    /// Takes a case from triage to a PETR debrief arranged for the day after tomorrow; its session.
    pub async fn arrange(&self, case: &str) -> String {
        let suggested = self.case(&self.lead, case).await["triage"].clone();
        assert!(suggested.is_null());
        let triage = json!({
            "urgency": "U3", "outcome": "accept",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            }
        });
        self.lead(case, "triage", triage).await.expect(200);
        let plan = json!({ "kind": "petr_debrief", "owner": "pipss_lead" });
        let planned = self.lead(case, "plan-offer", plan).await.expect(200);
        let arrange = json!({
            "offer": planned["offer"], "starts_at": self.now + Duration::days(2), "minutes": 75,
            "site": "Garden Room", "facilitators": [self.facilitator.id], "managers_attend": "no",
            "departs_because": "other"
        });
        let arranged = self
            .lead(case, "arrange-session", arrange)
            .await
            .expect(200);
        text(&arranged["session"])
    }

    /// Holds that session, which asks for one thing within ten days.
    pub async fn hold(&self, case: &str, session: &str) {
        self.demo.move_clock(self.now + Duration::days(3)).await;
        let record = json!({
            "session": session, "minutes": 75, "mode": "in_person", "headcount": 9,
            "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
            "actions": [{ "what": "Agree whom to ring at night", "owner": "ward_management",
                          "due": (self.now + Duration::days(10)).date_naive() }]
        });
        self.lead(case, "record-session", record).await.expect(200);
    }

    pub async fn case(&self, who: &Person, case: &str) -> Value {
        let answer = self.demo.get(who, &format!("/api/v1/cases/{case}")).await;
        answer.expect(200)
    }

    pub async fn headlines(&self, who: &Person, case: &str) -> String {
        let path = format!("/api/v1/cases/{case}/timeline");
        self.demo.get(who, &path).await.expect(200).to_string()
    }
}

pub async fn team_of(demo: &Demo, manager: &Person) -> String {
    let me = demo.get(manager, "/demo/people").await.expect(200);
    let people = me["people"]
        .as_array()
        .expect("the demonstration shows its people")
        .clone();
    let found = people.iter().find(|p| p["name"] == manager.name.as_str());
    text(&found.expect("the demonstration shows its people")["units"][0]["team"])
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}
