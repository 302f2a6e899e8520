//! A right body for every command, with every field given; tests spoil one thing at a time.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::ground::Ground;

/// Free texts: the command, the pointer, the longest that is taken, and whether it is one line.
pub const TEXTS: [(&str, &str, usize, bool); 15] = [
    ("referrals", "/incidents/0/line", 300, true),
    ("referrals", "/incidents/0/local_ref", 60, true),
    ("referrals", "/anticipated/line", 300, true),
    ("referrals", "/strain/line", 300, true),
    ("referrals", "/preferred_times", 200, false),
    ("referrals", "/preferred_venue", 200, false),
    ("referrals", "/contact_out_of_hours", 200, false),
    ("triage", "/reason", 500, false),
    ("record-scoping", "/needs/0/note", 300, false),
    ("plan-offer", "/aim", 300, false),
    ("arrange-session", "/site", 120, true),
    ("arrange-session", "/link", 300, true),
    ("record-session", "/actions/0/what", 200, false),
    ("end-offer", "/note", 300, false),
    ("complete-handover", "/what_changed", 300, false),
];

/// What may be left out; everything else is asked for by its pointer.
pub const OPTIONAL: [(&str, &[&str]); 8] = [
    (
        "referrals",
        &[
            "/incidents",
            "/incidents/0/known_at",
            "/incidents/0/line",
            "/incidents/0/local_ref",
            "/anticipated",
            "/anticipated/expected_on",
            "/anticipated/line",
            "/strain",
            "/strain/line",
            "/affected/groups",
            "/staff_in_hospital",
            "/absence",
            "/defusion_held",
            "/preferred_times",
            "/preferred_venue",
            "/shift_pattern",
            "/contact_out_of_hours",
        ],
    ),
    ("triage", &["/reason"]),
    ("record-scoping", &["/needs/0/note"]),
    ("plan-offer", &["/aim"]),
    (
        "arrange-session",
        &["/minutes", "/site", "/link", "/departs_because"],
    ),
    ("record-session", &["/model", "/phases", "/actions"]),
    ("end-offer", &["/note"]),
    ("complete-handover", &["/what_changed"]),
];

/// A right triage, as urgent as the program suggests.
pub fn triage() -> Value {
    json!({
        "urgency": "U3", "outcome": "accept", "reason": "As it was told on the telephone.",
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    })
}

/// A right session of the PETR debrief, so many days from now.
pub fn arrange(ground: &Ground, days: i64) -> Value {
    json!({
        "offer": ground.petr, "starts_at": Utc::now() + Duration::days(days), "minutes": 75,
        "site": "Garden Room", "link": "https://meet.example.test/room",
        "facilitators": [ground.facilitator.id], "managers_attend": "no",
        "departs_because": "other"
    })
}

fn raise(ground: &Ground) -> Value {
    let ago = |hours| Utc::now() - Duration::hours(hours);
    json!({
        "team": ground.team,
        "incidents": [{
            "type": "assault_physical", "occurred": { "between": { "from": ago(50), "to": ago(40) } },
            "known_at": ago(30), "place": "inpatient_ward", "line": "On the night shift.",
            "local_ref": "W-1"
        }],
        "anticipated": {
            "expected_on": (Utc::now() + Duration::days(9)).date_naive(), "line": "An inquest."
        },
        "strain": { "type": "sustained_strain", "line": "Short of staff for months." },
        "affected": { "directly": "6-10", "indirectly": "unknown", "groups": ["night_staff"] },
        "injuries": "no", "staff_in_hospital": "no", "absence": "unknown", "signs_worsening": "no",
        "safety": {
            "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no"
        },
        "defusion_held": { "at": ago(39), "led_by": "nurse_in_charge" },
        "asked_for": ["petr_debrief"], "team_aware": "yes",
        "preferred_times": "Early afternoon.", "preferred_venue": "Off the ward.",
        "shift_pattern": "mixed", "contact_out_of_hours": "The site office."
    })
}

/// Every command with a body that is right in every field.
pub fn right(ground: &Ground) -> Vec<(&'static str, Value)> {
    let hour_ago = Utc::now() - Duration::hours(1);
    let later = (Utc::now() + Duration::days(9)).date_naive();
    vec![
        ("referrals", raise(ground)),
        ("acknowledge", json!({ "by": "telephone" })),
        ("triage", triage()),
        (
            "record-scoping",
            json!({ "held_at": hour_ago, "with": ["managers"],
                "needs": [{ "theme": "psy.safety", "note": "Fear of the nights." }] }),
        ),
        (
            "plan-offer",
            json!({ "kind": "training", "owner": "training_department", "aim": "Holding skills" }),
        ),
        ("arrange-session", arrange(ground, 10)),
        (
            "record-session",
            json!({ "session": ground.session, "model": "petr_debrief", "started_at": hour_ago,
                "minutes": 75, "mode": "in_person", "headcount": 9, "phases": ["reactions"],
                "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
                "actions": [{ "what": "A lock for the door", "owner": "estates", "due": later }] }),
        ),
        (
            "record-session-not-held",
            json!({ "session": ground.session, "reason": "service_pressure" }),
        ),
        (
            "end-offer",
            json!({ "offer": ground.liaison, "how": "handed_over", "owner": "security_adviser",
                "due": later, "note": "Officers at night." }),
        ),
        (
            "complete-handover",
            json!({ "offer": ground.handed_over, "what_changed": "The door locks." }),
        ),
        ("close", json!({ "outcome": "support_provided" })),
        ("reopen", json!({ "reason": "team_asked_for_more" })),
    ]
}

/// The right body of one command.
pub fn right_for(ground: &Ground, name: &str) -> Value {
    let mut all = right(ground).into_iter();
    all.find(|(command, _)| *command == name).unwrap().1
}

/// Pointers to every value in a body, the body itself first.
pub fn pointers(body: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let children: Vec<(String, &Value)> = match body {
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => (0..).map(|n: usize| n.to_string()).zip(items).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let below = pointers(child).into_iter();
        found.extend(below.map(|pointer| format!("/{name}{pointer}")));
    }
    found
}

/// The body with another value in one place.
pub fn spoilt(body: &Value, pointer: &str, value: Value) -> Value {
    let mut body = body.clone();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

/// May this field be left out?
pub fn optional(name: &str, pointer: &str) -> bool {
    let mut rows = OPTIONAL.iter();
    rows.any(|(command, fields)| *command == name && fields.contains(&pointer))
}
