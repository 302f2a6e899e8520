//! Cases with sessions for the tests of scheduling: raised, triaged and planned over HTTP.

use chrono::{DateTime, Duration, SubsecRound, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use super::demo::{Answer, Demo, Person, fresh_key, referral};
use super::smtp::{Received, SmtpPeer};

/// A case with one offer that has sessions.
pub struct Planned {
    pub case: String,
    pub offer: String,
    pub reference: String,
}

/// Everyone the tests need.
pub struct Cast {
    pub robin: Person,
    pub jo: Person,
    pub alex: Person,
    pub charlie: Person,
    pub ash: Person,
    pub kim: Person,
    pub lee: Person,
}

impl Cast {
    pub async fn of(demo: &Demo) -> Self {
        Self {
            robin: demo.person("Robin Wren").await,
            jo: demo.person("Jo Plover").await,
            alex: demo.person("Alex Kestrel").await,
            charlie: demo.person("Charlie Dunnock").await,
            ash: demo.person("Ash Linnet").await,
            kim: demo.person("Kim Siskin").await,
            lee: demo.person("Lee Avocet").await,
        }
    }
}

/// Raises, triages and plans one offer of a kind.
pub async fn planned(demo: &Demo, lead: &Person, manager: &Person, kind: &str) -> Planned {
    let people = demo
        .send(Method::GET, "/demo/people", None, &[], None)
        .await;
    let people = people.json()["people"].as_array().unwrap().clone();
    let team = people.iter().find(|p| p["name"] == manager.name.as_str());
    let team = team.unwrap()["units"][0]["team"]
        .as_str()
        .unwrap()
        .to_owned();
    let raised = demo.raise(manager, &referral(&team)).await.expect(201);
    let case = raised["case"].as_str().unwrap().to_owned();
    let triage = json!({
        "urgency": "U3", "outcome": "accept",
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        },
        "reason": "Seen by the lead."
    });
    demo.command(lead, &case, "triage", &triage)
        .await
        .expect(200);
    let offer = json!({ "kind": kind, "owner": "pipss_lead" });
    let offer = demo
        .command(lead, &case, "plan-offer", &offer)
        .await
        .expect(200);
    Planned {
        case,
        offer: offer["offer"].as_str().unwrap().into(),
        reference: raised["reference"].as_str().unwrap().into(),
    }
}

/// Arranges a session; tests change what they need.
pub async fn arrange(
    demo: &Demo,
    lead: &Person,
    planned: &Planned,
    at: DateTime<Utc>,
    facilitators: &[&Person],
    more: Value,
) -> Answer {
    let ids: Vec<_> = facilitators.iter().map(|person| &person.id).collect();
    let mut body = json!({
        "offer": planned.offer, "starts_at": at, "minutes": 60, "site": "Garden Room; block B, left",
        "facilitators": ids, "managers_attend": "no", "departs_because": "other"
    });
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    demo.command(lead, &planned.case, "arrange-session", &body)
        .await
}

/// A command to a facilitator's diary.
pub async fn to_diary(
    demo: &Demo,
    who: &Person,
    whose: &Person,
    name: &str,
    body: Value,
) -> Answer {
    let path = format!("/api/v1/facilitators/{}/{name}", whose.id);
    let key = fresh_key();
    let headers = [("Idempotency-Key", key.as_str())];
    demo.send(Method::POST, &path, Some(who), &headers, Some(&body))
        .await
}

/// The pointers of a refusal's errors.
pub fn pointers(refused: &Value) -> Vec<&str> {
    let errors = refused["errors"].as_array().unwrap().iter();
    errors
        .map(|error| error["pointer"].as_str().unwrap())
        .collect()
}

/// So many days from now.
pub fn in_days(days: i64) -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0) + Duration::days(days)
}

/// The session that was arranged.
pub fn session(arranged: &Answer) -> String {
    let answer = arranged.expect(200);
    answer["session"].as_str().unwrap().to_owned()
}

/// The first session of a case's first offer, as someone sees it.
pub async fn seen(demo: &Demo, who: &Person, planned: &Planned) -> Value {
    let path = format!("/api/v1/cases/{}", planned.case);
    let case = demo.get(who, &path).await.expect(200);
    case["offers"][0]["sessions"][0].clone()
}

/// As a day in JSON.
pub fn day(at: DateTime<Utc>) -> String {
    at.format("%F").to_string()
}

/// A demonstration whose letters are received, and its clock.
pub struct Posted {
    pub demo: Demo,
    pub peer: SmtpPeer,
    pub now: DateTime<Utc>,
}

impl Posted {
    pub fn start() -> Self {
        let peer = SmtpPeer::start("ok");
        let address = format!("127.0.0.1:{}", peer.port);
        let demo = Demo::start(&["--empty", "--smtp", &address]);
        let now = Utc::now();
        Self { demo, peer, now }
    }

    /// Lets time pass; whatever is due by then has been posted when it returns.
    pub async fn pass(&mut self, time: Duration) {
        self.now += time;
        self.demo.move_clock(self.now).await;
    }

    /// What one person received so far.
    pub fn to(&self, person: &Person) -> Vec<Received> {
        let address = format!("{}@", person.name.to_lowercase().replace(' ', "."));
        let mut received = self.peer.messages();
        received.retain(|message| message.envelope_to[0].starts_with(&address));
        received
    }
}
