//! What is planted: a word in every text that people can type, through the public door.

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::demo::{fresh_key, referral};
use crate::support::private::post;
use crate::support::ward::{team, text};
use crate::world::World;

impl World {
    /// A case with a word in every text of it, closed.
    pub async fn team_case(&self) -> String {
        let ward = team(&self.demo, &self.sam, "Harbour Stroke Ward").await;
        let mut asked = referral(&ward);
        asked["incidents"][0]["line"] = "quorlineblue".into();
        asked["incidents"][0]["local_ref"] = "quorrefblue".into();
        asked["contact_out_of_hours"] = "quorcontact".into();
        asked["preferred_times"] = "quortimes".into();
        asked["preferred_venue"] = "quorvenue".into();
        let case = text(&self.demo.raise(&self.sam, &asked).await.expect(201)["case"]);
        self.lead(&case, "triage", triage("accept", "quortriage"))
            .await;
        let now = self.began;
        let scoping = json!({
            "held_at": now, "with": ["managers"], "needs": [{ "theme": "psy.safety", "note": "quorneed" }]
        });
        self.lead(&case, "record-scoping", scoping).await;
        let offer = json!({ "kind": "petr_debrief", "owner": "pipss_lead", "aim": "quoraim" });
        let offer = self.lead(&case, "plan-offer", offer).await;
        let session = json!({
            "offer": offer["offer"], "starts_at": now + Duration::days(4), "minutes": 60, "site": "quorsite",
            "link": "https://meet.example.test/quorlink",
            "facilitators": [self.alex.id, self.kim.id], "managers_attend": "no"
        });
        let session = self.lead(&case, "arrange-session", session).await;
        self.danger(&case).await;
        self.wait(Duration::days(5)).await;
        self.held(&case, &session["session"]).await;
        let outcome = json!({ "outcome": "support_provided" });
        self.lead(&case, "close", outcome).await;
        case
    }

    /// Danger is reported in it, and seen to.
    async fn danger(&self, case: &str) {
        let danger =
            json!({ "danger": "risk_to_self", "route": "crisis_team", "line": "quordanger" });
        let path = format!("cases/{case}/escalate");
        let danger = post(&self.demo, &self.kim, &path, &danger)
            .await
            .expect(200);
        let path = format!(
            "cases/{case}/escalations/{}/handled",
            text(&danger["escalation"])
        );
        let how = json!({ "how": "passed_on" });
        let handled = post(&self.demo, &self.alex, &path, &how).await;
        assert!(handled.status.is_success(), "{}", handled.text);
    }

    /// The session was held, and what it asked for was done.
    async fn held(&self, case: &str, session: &Value) {
        let due = (self.began + Duration::days(9)).date_naive();
        let record = json!({
            "session": session, "minutes": 60, "mode": "in_person", "headcount": 8,
            "phases": ["coping"], "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
            "actions": [{ "what": "quoraction", "owner": "estates", "due": due }]
        });
        let recorded = self.lead(case, "record-session", record).await;
        let path = format!("/api/v1/cases/{case}");
        let seen = self.demo.get(&self.alex, &path).await.json();
        let action = find(&seen, "action").unwrap_or_else(|| panic!("{recorded} {seen}"));
        let done = json!({ "action": action, "what_changed": "quorchanged" });
        self.lead(case, "complete-action", done).await;
    }

    /// Short cases for the fields that cannot stand in the first, declined and closed.
    pub async fn short_cases(&self) -> Vec<String> {
        let ward = team(&self.demo, &self.sam, "Harbour Stroke Ward").await;
        let mut strain = referral(&ward);
        strain["incidents"] = json!([]);
        strain["strain"] = json!({ "type": "sustained_strain", "line": "quorstrain" });
        strain["on_behalf"] = json!({ "source": "phone", "note": "quorbehalf" });
        let case = text(&self.demo.raise(&self.alex, &strain).await.expect(201)["case"]);
        let triage = triage("advise_and_close", "Advice was enough.");
        self.lead(&case, "triage", triage).await;
        vec![case]
    }

    pub async fn one_to_one(&self) -> String {
        let ward = team(&self.demo, &self.sam, "Harbour Stroke Ward").await;
        let asked = json!({
            "call_me": "quorcallme", "team": ward, "note": "quornote",
            "letters_to": "quorletters@example.test", "phone": "07000 quorphone"
        });
        let asked = post(&self.demo, &self.sam, "one-to-ones", &asked)
            .await
            .expect(201);
        let one = text(&asked["one_to_one"]);
        let path = format!("/api/v1/one-to-ones/{one}");
        for (who, name, body) in [
            (&self.alex, "offer", json!({ "provider": self.kim.id })),
            (&self.kim, "take-up", json!({})),
            (&self.kim, "end", json!({ "outcome": "completed" })),
        ] {
            let etag = self.demo.get(who, &path).await.header("etag").to_owned();
            let key = fresh_key();
            let headers = [
                ("Idempotency-Key", key.as_str()),
                ("If-Match", etag.as_str()),
            ];
            let to = format!("{path}/{name}");
            self.demo
                .send(Method::POST, &to, Some(who), &headers, Some(&body))
                .await
                .expect(200);
        }
        one
    }

    pub async fn others(&self) -> Vec<String> {
        let wish =
            json!({ "after": "session", "wish": "when_convenient", "note": "quorsupervise" });
        let asked = post(&self.demo, &self.kim, "supervision", &wish)
            .await
            .expect(201);
        let supervision = text(&asked["supervision"]);
        let close = format!("supervision/{supervision}/close");
        let closed = post(
            &self.demo,
            &self.kim,
            &close,
            &json!({ "reason": "withdrawn" }),
        )
        .await;
        assert!(closed.status.is_success(), "{}", closed.text);
        let request = json!({
            "by": "police", "basis": "court_order", "wanted": "quorwanted", "their_reference": "quortheirs"
        });
        let asked = post(&self.demo, &self.alex, "disclosures", &request)
            .await
            .expect(201);
        let disclosure = text(&asked["disclosure"]);
        let decision = json!({ "parts": [], "reason": "quordecided", "telling": "told" });
        let decide = format!("disclosures/{disclosure}/decide");
        post(&self.demo, &self.toni, &decide, &decision)
            .await
            .expect(200);
        // Whoever is proposed for a role is recorded by their address.
        let until = (self.began + Duration::days(100)).date_naive();
        let grant =
            json!({ "email": "quorperson@example.test", "role": "facilitator", "until": until });
        let proposed = post(&self.demo, &self.alex, "grants", &grant).await;
        let person = text(&proposed.expect(200)["person"]);
        let refused = json!({ "role": "facilitator" });
        let refuse = format!("grants/{person}/refuse");
        let refused = post(&self.demo, &self.toni, &refuse, &refused).await;
        assert!(refused.status.is_success(), "{}", refused.text);
        vec![
            format!("supervision/{supervision}"),
            format!("disclosure/{disclosure}"),
            format!("person/{person}"),
        ]
    }
}

fn triage(outcome: &str, reason: &str) -> Value {
    json!({
        "urgency": "U3", "outcome": outcome, "reason": reason,
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    })
}

/// The first id under that name, wherever it stands.
fn find(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Object(members) => members
            .get(name)
            .filter(|found| found.is_string())
            .cloned()
            .or_else(|| members.values().find_map(|member| find(member, name))),
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}
