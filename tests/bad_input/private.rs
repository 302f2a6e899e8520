//! The doors to one-to-ones, bars, roles and requests from outside, each with a body that is right.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::apart::{Door, done};
use crate::ground::{Ground, text};
use crate::support::demo::Person;

/// Every door, with whoever may go through it.
pub async fn doors(ground: &Ground) -> Vec<Door> {
    let auditor = ground.demo.person("Toni Godwit").await;
    let mut doors = support(ground).await;
    doors.extend(rights(ground, &auditor).await);
    doors.extend(outside(ground, &auditor).await);
    doors
}

/// A door that anyone who may can go through, with no text and nothing left out.
pub fn door(who: &Person, path: String, right: Value) -> Door {
    Door {
        who: who.clone(),
        path,
        version: None,
        right,
        optional: &[],
        text: None,
    }
}

fn day(days: i64) -> String {
    (Utc::now() + Duration::days(days)).format("%F").to_string()
}

async fn support(ground: &Ground) -> Vec<Door> {
    let ask = json!({
        "call_me": "Sammy", "team": ground.team, "reference": "PS-1", "note": "The nights.",
        "letters_to": "private@example.test", "phone": "07000 000000", "not_seen_by": ["Nobody Known"],
        "preference": "anyone", "soon": true
    });
    let asks = "/api/v1/one-to-ones";
    let short = json!({ "call_me": "Sammy" });
    let asked = done(ground, &ground.manager, asks, &short).await;
    let one = format!("{asks}/{}", text(&asked["one_to_one"]));
    let provider = json!({ "provider": ground.facilitator.id });
    let version = Some("\"1\"".to_owned());
    vec![
        Door {
            optional: &[
                "/team",
                "/reference",
                "/note",
                "/letters_to",
                "/phone",
                "/not_seen_by",
                "/preference",
                "/soon",
            ],
            text: Some(("/note", 300)),
            ..door(&ground.manager, asks.into(), ask)
        },
        Door {
            version: version.clone(),
            ..door(ground.lead(), format!("{one}/offer"), provider)
        },
        Door {
            version,
            optional: &["/reason"],
            ..door(
                &ground.manager,
                format!("{one}/decline"),
                json!({ "reason": "not_now" }),
            )
        },
    ]
}

async fn rights(ground: &Ground, auditor: &Person) -> Vec<Door> {
    let email = "ash.linnet@example.test";
    let grant = json!({ "email": email, "role": "governance", "until": day(30) });
    vec![
        Door {
            version: Some(ground.version(&ground.case.id).await),
            ..door(
                ground.lead(),
                format!("/api/v1/cases/{}/set-bar", ground.case.id),
                json!({ "whom": "team_managers", "because": "asked" }),
            )
        },
        Door {
            optional: &["/until"],
            ..door(ground.lead(), "/api/v1/grants".into(), grant)
        },
        door(
            auditor,
            format!("/api/v1/grants/{}/approve", ground.facilitator.id),
            json!({ "role": "governance" }),
        ),
        door(
            auditor,
            "/api/v1/deputies".into(),
            json!({ "email": email, "until": day(30) }),
        ),
    ]
}

async fn outside(ground: &Ground, auditor: &Person) -> Vec<Door> {
    let asks = "/api/v1/disclosures";
    let request = json!({
        "by": "police", "basis": "court_order", "reference": "PS-1", "wanted": "The dates.",
        "their_reference": "K-7"
    });
    let plain = json!({ "by": "police", "basis": "court_order", "wanted": "The dates." });
    let asked = done(ground, ground.lead(), asks, &plain).await;
    let decide = format!("{asks}/{}/decide", text(&asked["disclosure"]));
    let decision =
        json!({ "parts": ["dates"], "reason": "The least that answers.", "telling": "told" });
    vec![
        Door {
            optional: &["/reference", "/their_reference"],
            text: Some(("/wanted", 500)),
            ..door(ground.lead(), asks.into(), request)
        },
        Door {
            text: Some(("/reason", 500)),
            ..door(auditor, decide, decision)
        },
    ]
}
