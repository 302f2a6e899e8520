//! Fields that are not known, missing, of the wrong type, too long or out of bounds: 422.

use serde_json::{Value, json};

use crate::ask::{CANARY, assert_refused};
use crate::bodies::{TEXTS, optional, pointers, right, right_for, spoilt};
use crate::ground::Ground;

#[tokio::test]
async fn a_field_that_is_not_known_is_refused_at_every_level_without_naming_it() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, right) in right(&ground) {
        let all = pointers(&right).into_iter();
        for pointer in all.filter(|p| right.pointer(p).is_some_and(Value::is_object)) {
            for field in [
                CANARY.to_owned(),
                format!("a/{CANARY}~`x"),
                format!("expected {CANARY}"),
            ] {
                let mut body = right.clone();
                body.pointer_mut(&pointer).unwrap()[&field] = CANARY.into();
                let answer = ground.ask(ground.ask_for(name, &body)).await;
                let what = format!("{name} {pointer} {field}");
                assert_refused(&answer, 422, "invalid", &what);
                let said = answer.json()["errors"][0]["pointer"].clone();
                assert!(
                    pointer.starts_with(said.as_str().unwrap()),
                    "{what}: {said}"
                );
            }
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn an_answer_that_is_missing_is_asked_for_by_its_pointer() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, right) in right(&ground) {
        let all = pointers(&right).into_iter();
        for pointer in all.filter(|p| !p.is_empty() && !optional(name, p)) {
            let (above, last) = pointer.rsplit_once('/').unwrap();
            let mut body = right.clone();
            // An item of a list or the one word of a choice is not a field.
            let Some(Value::Object(members)) = body.pointer_mut(above) else {
                continue;
            };
            if members.len() == 1 && above.ends_with("/occurred") {
                continue;
            }
            members.remove(last);
            let answer = ground.ask(ground.ask_for(name, &body)).await;
            assert_refused(&answer, 422, "invalid", &format!("{name} {pointer}"));
            let said = &answer.json()["errors"][0]["pointer"];
            assert_eq!(said, pointer.as_str(), "{name}: {}", answer.text);
        }
    }
    assert_eq!(before, ground.seen().await);
}

/// Values that are never right where this one stands.
fn wrong_instead_of(value: &Value, optional: bool) -> Vec<Value> {
    let mut wrong = vec![json!({ CANARY: CANARY }), json!([{ CANARY: [CANARY] }])];
    if !optional {
        wrong.push(Value::Null);
    }
    wrong.extend((!value.is_string()).then(|| CANARY.into()));
    wrong.extend((!value.is_boolean()).then(|| true.into()));
    wrong.push(json!(-1));
    wrong.push(json!(0.5));
    wrong.push(json!(99_999_999_999_999_999_999.0));
    wrong
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_wherever_it_stands() {
    // Each part in a program of its own, so that nobody asks too much at once.
    for part in [0..1, 1..6, 6..12] {
        let ground = Ground::new().await;
        let before = ground.seen().await;
        for (name, right) in &right(&ground)[part] {
            for pointer in pointers(right) {
                let value = right.pointer(&pointer).unwrap();
                for wrong in wrong_instead_of(value, optional(name, &pointer)) {
                    let what = format!("{name} {pointer}: {wrong}");
                    let body = spoilt(right, &pointer, wrong);
                    let answer = ground.ask(ground.ask_for(name, &body)).await;
                    assert_refused(&answer, 422, "invalid", &what);
                }
            }
        }
        assert_eq!(before, ground.seen().await);
    }
}

#[tokio::test]
async fn a_list_of_the_values_is_not_taken_for_the_answers() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let as_lists = [
        ("acknowledge", "", json!(["telephone"])),
        ("close", "", json!(["not_needed"])),
        (
            "record-session-not-held",
            "",
            json!([ground.session, "other"]),
        ),
        ("referrals", "/affected", json!(["6-10", "unknown", []])),
        ("referrals", "/safety", json!(["no", "yes", "no"])),
        (
            "referrals",
            "/incidents/0/occurred/between",
            json!(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]),
        ),
    ];
    for (name, pointer, list) in as_lists {
        let body = spoilt(&right_for(&ground, name), pointer, list);
        let answer = ground.ask(ground.ask_for(name, &body)).await;
        assert_refused(&answer, 422, "invalid", &format!("{name} {pointer}"));
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_code_that_is_not_known_is_refused_and_not_repeated() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, right) in right(&ground) {
        let text = |p: &String| TEXTS.iter().any(|(n, t, _, _)| (*n, *t) == (name, p));
        for pointer in pointers(&right).into_iter().filter(|p| !text(p)) {
            if right.pointer(&pointer).unwrap().is_string() {
                let body = spoilt(&right, &pointer, format!("{CANARY}` expected").into());
                let answer = ground.ask(ground.ask_for(name, &body)).await;
                assert_refused(&answer, 422, "invalid", &format!("{name} {pointer}"));
            }
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_text_that_is_empty_or_too_long_is_refused_by_its_pointer() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, pointer, max, _) in TEXTS {
        let long = CANARY.to_owned() + &"é".repeat(max + 1 - CANARY.len());
        for text in [String::new(), " \t ".into(), long, CANARY.repeat(2_000)] {
            let body = spoilt(&right_for(&ground, name), pointer, text.into());
            let answer = ground.ask(ground.ask_for(name, &body)).await;
            assert_refused(&answer, 422, "invalid", &format!("{name} {pointer}"));
            assert_eq!(
                answer.json()["errors"][0]["pointer"],
                pointer,
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(before, ground.seen().await);
}

/// A bound: the command, the field, and what is just beyond it.
type Beyond = (&'static str, &'static str, Value);

#[rustfmt::skip] // a table is read by its columns
fn lists_out_of_bounds(ground: &Ground) -> Vec<Beyond> {
    let right = |name, pointer| right_for(ground, name).pointer(pointer).unwrap().clone();
    let many = |name, pointer, n| Value::Array(vec![right(name, pointer); n]);
    let kinds = ["petr_debrief", "petr_pre_brief", "defusion", "liaison", "training", "signposting"];
    let themes = ["distress", "safety", "moral", "identity", "confidence", "cumulative"]
        .map(|theme| json!({ "theme": format!("psy.{theme}"), "polarity": "mixed" }));
    vec![
        ("referrals",       "/incidents",       many("referrals", "/incidents/0", 11)),
        ("referrals",       "/asked_for",       json!([])),
        ("referrals",       "/asked_for",       json!(kinds)),
        ("referrals",       "/asked_for",       json!(["training", "training"])),
        ("referrals",       "/affected/groups", json!(["bank", "bank"])),
        ("record-scoping",  "/with",            json!([])),
        ("record-scoping",  "/with",            json!(["team", "team"])),
        ("record-scoping",  "/needs",           json!([])),
        ("record-scoping",  "/needs",           many("record-scoping", "/needs/0", 21)),
        ("arrange-session", "/facilitators",    json!([])),
        ("arrange-session", "/facilitators",    many("arrange-session", "/facilitators/0", 2)),
        ("arrange-session", "/facilitators",    many("arrange-session", "/facilitators/0", 7)),
        ("record-session",  "/phases",          json!(["coping", "coping"])),
        ("record-session",  "/themes",          json!([])),
        ("record-session",  "/themes",          json!(themes)),
        ("record-session",  "/themes",          json!([themes[0], themes[0]])),
        ("record-session",  "/actions",         many("record-session", "/actions/0", 11)),
    ]
}

#[rustfmt::skip] // a table is read by its columns
fn numbers_out_of_bounds() -> Vec<Beyond> {
    let numbers = [
        ("arrange-session", "/minutes",   [9, 481]),
        ("record-session",  "/minutes",   [4, 601]),
        ("record-session",  "/headcount", [0, 501]),
    ];
    let never = [
        json!(0), json!(-1), json!(-0.0), json!(65_536), json!(u64::MAX), json!(i64::MIN), json!(60.5),
        json!(60.0), json!(1e300), json!("60"),
    ];
    let mut rows = Vec::new();
    for (name, pointer, bounds) in numbers {
        let beyond = bounds.map(|bound| json!(bound)).into_iter().chain(never.clone());
        rows.extend(beyond.map(|number| (name, pointer, number)));
    }
    rows
}

#[tokio::test]
async fn a_list_or_a_number_beyond_its_bounds_is_refused_by_its_pointer() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let rows = lists_out_of_bounds(&ground).into_iter();
    for (name, pointer, value) in rows.chain(numbers_out_of_bounds()) {
        let what = format!("{name} {pointer}: {value}");
        let body = spoilt(&right_for(&ground, name), pointer, value);
        let answer = ground.ask(ground.ask_for(name, &body)).await;
        assert_refused(&answer, 422, "invalid", &what);
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        assert!(
            errors.iter().any(|e| e["pointer"] == pointer),
            "{what}: {}",
            answer.text
        );
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn every_fault_of_a_referral_is_told_at_once() {
    let ground = Ground::new().await;
    let mut body = right_for(&ground, "referrals");
    body["asked_for"] = json!([]);
    body["strain"]["type"] = json!("homicide");
    body["affected"]["groups"] = json!(["bank", "bank"]);
    let answer = ground.ask(ground.ask_for("referrals", &body)).await;
    assert_refused(&answer, 422, "invalid", "three faults");
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 3);
}
