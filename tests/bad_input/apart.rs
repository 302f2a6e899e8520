//! What stands apart from cases, or joins several: bad input is refused there by the same rules.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::ask::{Ask, CANARY, assert_identical, assert_refused};
use crate::bodies::{arrange, pointers, spoilt, triage};
use crate::ground::{Ground, text};
use crate::private::{self, door};
use crate::support::demo::{Person, referral};

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// A command: who gives it, where, with which version, and a body that is right in every field.
pub struct Door {
    pub who: Person,
    pub path: String,
    pub version: Option<String>,
    pub right: Value,
    pub optional: &'static [&'static str],
    /// Free text: where, and its longest.
    pub text: Option<(&'static str, usize)>,
}

impl Door {
    fn ask(&self, body: &Value) -> Ask {
        let ask = Ask::post(&self.who, &self.path).saying(&body.to_string());
        match &self.version {
            Some(version) => ask.also("If-Match", version),
            None => ask,
        }
    }
}

/// The ground with another case that is linked with it, a request for supervision and a report.
struct Apart {
    ground: Ground,
    supervisor: Person,
    doors: Vec<Door>,
}

pub async fn done(ground: &Ground, who: &Person, path: &str, body: &Value) -> Value {
    let ask = Ask::post(who, path).saying(&body.to_string());
    let answer = ground.ask(ask).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.json()
}

/// Another case of the team, linked: its id, its offer, and what the two share.
async fn linked(ground: &Ground) -> (String, String, String) {
    let demo = &ground.demo;
    let raised = demo.raise(&ground.manager, &referral(&ground.team)).await;
    let case = text(&raised.expect(201)["case"]);
    let petr = json!({ "kind": "petr_debrief", "owner": "pipss_lead" });
    let mut offer = Value::Null;
    for (name, body) in [("triage", triage()), ("plan-offer", petr)] {
        let answer = demo.command(ground.lead(), &case, name, &body).await;
        offer = answer.expect(200)["offer"].clone();
    }
    let path = format!("/api/v1/cases/{}", ground.case.id);
    let here = demo.get(ground.lead(), &path).await.expect(200);
    let incident = &here["request"]["incidents"][0]["incident"];
    let link = json!({ "incident": incident, "case": case });
    ground.done("link", &link).await;
    let here = demo.get(ground.lead(), &path).await.expect(200);
    (case, text(&offer), text(&here["links"][0]["shared"]))
}

async fn apart() -> Apart {
    let ground = Ground::new().await;
    let (other, offer, shared) = linked(&ground).await;
    let supervisor = ground.demo.person("Pat Curlew").await;
    let asks = "/api/v1/supervision";
    let wish = json!({ "after": "session", "wish": "when_convenient", "note": "By telephone." });
    let facilitator = &ground.facilitator;
    let request = text(&done(&ground, facilitator, asks, &wish).await["supervision"]);
    let case = format!("/api/v1/cases/{}", ground.case.id);
    let escalate = format!("{case}/escalate");
    let danger = json!({ "danger": "risk_to_self", "route": "none_yet", "line": "At home alone." });
    let report = text(&done(&ground, facilitator, &escalate, &danger).await["escalation"]);
    let version = Some(ground.version(&ground.case.id).await);
    let mut joint = arrange(&ground, 12);
    joint["joint_with"] = json!([{ "case": other, "offer": offer }]);
    let at = Utc::now() + Duration::days(3);
    let mut doors = private::doors(&ground).await;
    doors.extend([
        Door {
            optional: &["/note"],
            text: Some(("/note", 300)),
            ..door(facilitator, asks.into(), wish)
        },
        door(
            &supervisor,
            format!("{asks}/{request}/answer"),
            json!({ "outcome": "arranged", "at": at }),
        ),
        door(
            facilitator,
            format!("{asks}/{request}/close"),
            json!({ "reason": "withdrawn" }),
        ),
        Door {
            optional: &["/line"],
            text: Some(("/line", 200)),
            ..door(facilitator, escalate, danger)
        },
        door(
            ground.lead(),
            format!("{case}/escalations/{report}/handled"),
            json!({ "how": "passed_on" }),
        ),
        Door {
            version: version.clone(),
            ..door(
                ground.lead(),
                format!("{case}/unlink"),
                json!({ "case": other, "shared": shared }),
            )
        },
        Door {
            version,
            optional: &[
                "/minutes",
                "/site",
                "/link",
                "/departs_because",
                "/joint_with",
            ],
            ..door(ground.lead(), format!("{case}/arrange-session"), joint)
        },
    ]);
    Apart {
        ground,
        supervisor,
        doors,
    }
}

impl Apart {
    /// Everything that leads see of the cases, and what is kept apart.
    async fn seen(&self) -> String {
        let mut seen = self.ground.seen().await;
        for (who, path) in [
            (&self.supervisor, "/api/v1/supervision"),
            (self.ground.lead(), "/api/v1/escalations"),
            (self.ground.lead(), "/api/v1/one-to-ones"),
            (self.ground.lead(), "/api/v1/grants"),
            (self.ground.lead(), "/api/v1/bars"),
        ] {
            seen += &self.ground.demo.get(who, path).await.text;
        }
        seen
    }

    async fn refused(&self, ask: Ask, status: u16, code: &str, what: &str) -> Value {
        let answer = self.ground.ask(ask).await;
        assert_refused(&answer, status, code, what);
        answer.json()
    }
}

#[tokio::test]
async fn what_is_unknown_missing_or_of_another_type_is_refused_and_saves_nothing() {
    let apart = apart().await;
    let before = apart.seen().await;
    for door in &apart.doors {
        let mut unknown = door.right.clone();
        unknown[CANARY] = CANARY.into();
        apart
            .refused(door.ask(&unknown), 422, "invalid", &door.path)
            .await;
        for pointer in pointers(&door.right) {
            let what = format!("{} {pointer}", door.path);
            for wrong in [json!({ CANARY: CANARY }), json!(-1), json!([[CANARY]])] {
                let body = spoilt(&door.right, &pointer, wrong);
                apart.refused(door.ask(&body), 422, "invalid", &what).await;
            }
            let (above, last) = pointer.rsplit_once('/').unwrap_or_default();
            let mut without = door.right.clone();
            if let Some(Value::Object(members)) = without.pointer_mut(above)
                && !door.optional.contains(&pointer.as_str())
                && members.remove(last).is_some()
            {
                let refused = apart.refused(door.ask(&without), 422, "invalid", &what);
                assert_eq!(refused.await["errors"][0]["pointer"], pointer, "{what}");
            }
        }
        if let Some((pointer, longest)) = door.text {
            for wrong in [String::new(), CANARY.repeat(longest / CANARY.len() + 1)] {
                let body = spoilt(&door.right, pointer, wrong.into());
                apart
                    .refused(door.ask(&body), 422, "invalid", pointer)
                    .await;
            }
        }
    }
    assert_eq!(before, apart.seen().await);
}

#[tokio::test]
async fn a_body_a_key_or_a_media_type_that_is_not_right_is_refused_and_saves_nothing() {
    let apart = apart().await;
    let before = apart.seen().await;
    for door in &apart.doors {
        let (what, right) = (&door.path, door.ask(&door.right));
        let keyless = right.clone().without("Idempotency-Key");
        apart.refused(keyless, 400, "malformed", what).await;
        let text = right.clone().with("Content-Type", "text/plain");
        apart.refused(text, 415, "media_type", what).await;
        let broken = right.clone().saying(&format!("{{\"{CANARY}\":"));
        apart.refused(broken, 400, "malformed", what).await;
        let treacherous = right
            .clone()
            .saying(&format!("{{\"x\":\"{CANARY}\\u202e\"}}"));
        apart.refused(treacherous, 400, "malformed", what).await;
        let long = right
            .clone()
            .saying(&format!("\"{}\"", CANARY.repeat(7_000)));
        apart.refused(long, 413, "too_large", what).await;
        let stranger = right.without("Authorization");
        apart.refused(stranger, 401, "unauthorised", what).await;
    }
    assert_eq!(before, apart.seen().await);
}

#[tokio::test]
async fn a_case_that_is_not_linked_looks_like_one_that_does_not_exist() {
    let apart = apart().await;
    let before = apart.seen().await;
    let door = apart.doors.last().unwrap();
    let itself = apart.ground.case.id.as_str();
    let mut answers = Vec::new();
    for case in [itself, NOWHERE] {
        let body = spoilt(&door.right, "/joint_with/0/case", case.into());
        let answer = apart.ground.ask(door.ask(&body)).await;
        assert_refused(&answer, 422, "invalid", case);
        answers.push(answer);
    }
    assert_identical(&answers[0], &answers[1], "joint_with");
    let one = door.right["joint_with"][0].clone();
    let six = spoilt(&door.right, "/joint_with", json!(vec![one; 6]));
    let refused = apart.refused(door.ask(&six), 422, "invalid", "six").await;
    assert_eq!(refused["errors"][0]["pointer"], "/joint_with");
    assert_eq!(before, apart.seen().await);
}

#[tokio::test]
async fn an_id_in_a_path_that_cannot_be_one_is_simply_not_there() {
    let apart = apart().await;
    for path in [
        format!("/api/v1/supervision/{CANARY}/answer"),
        format!("/api/v1/supervision/{CANARY}/close"),
        format!("/api/v1/one-to-ones/{CANARY}/offer"),
        format!("/api/v1/cases/{CANARY}/escalate"),
        format!(
            "/api/v1/cases/{}/escalations/{CANARY}/handled",
            apart.ground.case.id
        ),
    ] {
        let ask = Ask::post(apart.ground.lead(), &path).saying("{}");
        apart.refused(ask, 404, "not_found", &path).await;
    }
    let list = format!("/api/v1/cases/{CANARY}/escalations");
    let ask = Ask::get(apart.ground.lead(), &list);
    apart.refused(ask, 404, "not_found", &list).await;
}
