//! The doors to one-to-ones, bars, roles and requests from outside, each with a body that is right.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::apart::{Door, done};
use crate::ground::{Ground, text};
use crate::support::demo::Person;

/// Every door, with whoever may go through it.
pub async fn doors(ground: &Ground) -> Vec<Door> {
    let auditor = ground.demo.person("Toni Godwit").await;
    let door = |who: &Person, path: String, right: Value| Door {
        who: who.clone(),
        path,
        version: None,
        right,
        optional: &[],
        text: None,
    };
    let ask = json!({
        "call_me": "Sammy", "team": ground.team, "reference": "PS-1", "note": "The nights.",
        "letters_to": "private@example.test", "phone": "07000 000000", "not_seen_by": ["Nobody Known"],
        "preference": "anyone", "soon": true
    });
    let asks = "/api/v1/one-to-ones";
    let one = text(
        &done(
            ground,
            &ground.manager,
            asks,
            &json!({ "call_me": "Sammy" }),
        )
        .await["one_to_one"],
    );
    let day = |days| (Utc::now() + Duration::days(days)).format("%F").to_string();
    let outside = "/api/v1/disclosures";
    let request = json!({
        "by": "police", "basis": "court_order", "reference": "PS-1", "wanted": "The dates.",
        "their_reference": "K-7"
    });
    let plain = json!({ "by": "police", "basis": "court_order", "wanted": "The dates." });
    let disclosure = text(&done(ground, ground.lead(), outside, &plain).await["disclosure"]);
    let version = Some(ground.version(&ground.case.id).await);
    let case = format!("/api/v1/cases/{}", ground.case.id);
    let grant =
        json!({ "email": "ash.linnet@example.test", "role": "governance", "until": day(30) });
    let bar = json!({ "whom": "team_managers", "because": "asked" });
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
            version: Some("\"1\"".into()),
            ..door(
                ground.lead(),
                format!("{asks}/{one}/offer"),
                json!({ "provider": ground.facilitator.id }),
            )
        },
        Door {
            version: Some("\"1\"".into()),
            optional: &["/reason"],
            ..door(
                &ground.manager,
                format!("{asks}/{one}/decline"),
                json!({ "reason": "not_now" }),
            )
        },
        Door {
            version,
            ..door(ground.lead(), format!("{case}/set-bar"), bar)
        },
        Door {
            optional: &["/until"],
            ..door(ground.lead(), "/api/v1/grants".into(), grant)
        },
        door(
            &auditor,
            format!("/api/v1/grants/{}/approve", ground.facilitator.id),
            json!({ "role": "governance" }),
        ),
        door(
            &auditor,
            "/api/v1/deputies".into(),
            json!({ "email": "ash.linnet@example.test", "until": day(30) }),
        ),
        Door {
            optional: &["/reference", "/their_reference"],
            text: Some(("/wanted", 500)),
            ..door(ground.lead(), outside.into(), request)
        },
        Door {
            text: Some(("/reason", 500)),
            ..door(
                &auditor,
                format!("{outside}/{disclosure}/decide"),
                json!({ "parts": ["dates"], "reason": "The least that answers.", "telling": "told" }),
            )
        },
    ]
}
