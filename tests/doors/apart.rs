//! What the house holds besides its cases: what is private, what is standing, and its routes.

use chrono::Utc;
use pipss::demo::people::{person, unit};
use serde_json::json;

use crate::house::House;
use crate::pages::every_page;
use crate::visit::{Answer, Visit};

impl House {
    pub async fn reported(&self) -> String {
        let danger = json!({ "danger": "risk_to_self", "route": "crisis_team" });
        let kim = self.someone("kim");
        let path = format!("/api/v1/cases/{}/escalate", self.now);
        let reported = self.post(&kim, &path, None, &danger).await;
        assert_eq!(reported.status, 200, "{}", reported.text);
        reported.json()["escalation"].as_str().unwrap().into()
    }

    pub async fn wanted(&self) -> String {
        let wish =
            json!({ "after": "session", "wish": "when_convenient", "note": "By telephone." });
        let ash = self.someone("ash");
        let asked = self.post(&ash, "/api/v1/supervision", None, &wish).await;
        assert_eq!(asked.status, 201, "{}", asked.text);
        asked.json()["supervision"].as_str().unwrap().into()
    }

    pub async fn asked_from_outside(&self) -> String {
        let body = json!({ "by": "police", "basis": "court_order", "wanted": "The dates." });
        let lead = self.someone("alex");
        let asked = self.post(&lead, "/api/v1/disclosures", None, &body).await;
        assert_eq!(asked.status, 201, "{}", asked.text);
        asked.json()["disclosure"].as_str().unwrap().into()
    }

    /// An erasure that the lead proposes, and a hold that they set.
    pub async fn to_be_erased(&self) -> (String, String) {
        let lead = self.someone("alex");
        let nurse = format!("person/{}", person("sam"));
        let body = json!({ "subjects": [nurse], "ground": "person_asked" });
        let proposed = self.post(&lead, "/api/v1/erasures", None, &body).await;
        assert_eq!(proposed.status, 201, "{}", proposed.text);
        let subject = format!("case/{}", self.other);
        let body =
            json!({ "subject": subject, "ground": "inquest", "reason": "The coroner asked." });
        let held = self.post(&lead, "/api/v1/holds", None, &body).await;
        assert_eq!(held.status, 201, "{}", held.text);
        let id = |answer: &Answer, name: &str| answer.json()[name].as_str().unwrap().to_owned();
        (id(&proposed, "erasure"), id(&held, "hold"))
    }

    pub async fn helped(&self) -> String {
        let (sam, lead) = (self.someone("sam"), self.someone("alex"));
        let body = json!({
            "call_me": "Sammy", "team": unit("stroke"), "note": "I cannot sleep.",
            "reference": "PS-1", "letters_to": "sammy@example.test", "phone": "07000 000000"
        });
        let asked = self.post(&sam, "/api/v1/one-to-ones", None, &body).await;
        assert_eq!(asked.status, 201, "{}", asked.text);
        let one = asked.json()["one_to_one"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/one-to-ones/{one}/offer");
        let body = json!({ "provider": person("kim") });
        let offered = self.post(&lead, &path, Some("\"1\""), &body).await;
        assert_eq!(offered.status, 200, "{}", offered.text);
        one
    }

    pub async fn broken(&self, one_to_one: &str) -> String {
        let body = json!({
            "what": "one_to_one", "object": one_to_one, "reason": "A life is at risk.",
            "life_at_risk": true, "telling": "told"
        });
        let charlie = self.someone("charlie");
        let asked = self
            .post(&charlie, "/api/v1/break-glass", None, &body)
            .await;
        assert_eq!(asked.status, 201, "{}", asked.text);
        asked.json()["glass"].as_str().unwrap().into()
    }

    pub async fn agreed(&self) -> String {
        let group = json!({
            "team": unit("stroke"), "starts_on": Utc::now().date_naive(), "every_weeks": 4
        });
        let lead = self.someone("alex");
        let agreed = self.post(&lead, "/api/v1/groups", None, &group).await;
        assert_eq!(agreed.status, 201, "{}", agreed.text);
        agreed.json()["group"].as_str().unwrap().into()
    }

    /// Every route of the description, and every page: (method, path), in order.
    pub async fn described(&self) -> Vec<(String, String)> {
        let nobody = self.someone("nobody");
        let described = Visit::of("GET", "/api/v1/openapi.json", "");
        let described = self.visit(&nobody, &described).await.json();
        let mut routes = Vec::new();
        for (path, item) in described["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                routes.push((method.to_uppercase(), path.clone()));
            }
        }
        routes.sort();
        assert!(routes.len() > 20, "{routes:?}");
        routes.extend(every_page());
        routes
    }
}
