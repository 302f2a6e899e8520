//! Nothing that anyone sends brings the program down, or to an answer that it does not describe.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod ask;
mod course;
mod description;
mod ground;
mod known;
mod peer;
mod right;
mod wild;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use course::Course;
use description::Description;
use ground::{Ground, described};
use serde_json::json;
use support::random::Random;
use support::served::Served;

/// Requests that happen some weeks ago, to begin with.
const BEFORE: u64 = 1_200;
/// Courses that go on at once.
const AT_ONCE: u64 = 4;

fn requests() -> u64 {
    let told = std::env::var("PIPSS_FUZZ").ok();
    told.map_or(8_000, |told| told.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_course_of_requests_by_anyone_makes_the_program_fail_or_say_what_it_does_not_describe() {
    let mut random = Random::printed();
    let ground = Ground::new();
    let known = ground.lives(random.another(), BEFORE).await;
    let served = ground.serve();
    let description = described(&served.base).await;
    let everyone = ground.everyone();
    let mut courses: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let own = (random.another(), known.clone());
            let how = (50, Utc::now());
            Course::new((&served.base, &description), &everyone, own, how)
        })
        .collect();
    let [a, b, c, d] = courses.as_mut_slice() else {
        unreachable!("four were made");
    };
    let each = requests() / AT_ONCE;
    tokio::join!(a.run(each), b.run(each), c.run(each), d.run(each));
    every_kind_of_answer_was_given(&courses);
    drop(courses);
    complained_of_nothing(served);
    ground.verifies();
}

/// It ends in good order, and wrote nothing to its log that is an error.
fn complained_of_nothing(served: Served) {
    let said = served.end();
    assert_eq!(said, "");
}

/// Requests that are all refused at the door would prove little.
fn every_kind_of_answer_was_given(courses: &[Course]) {
    let (mut answered, mut accepted) = (BTreeMap::new(), BTreeSet::new());
    for course in courses {
        accepted.extend(&course.accepted);
        for (status, count) in &course.answered {
            *answered.entry(*status).or_insert(0) += count;
        }
    }
    println!("answered: {answered:?}");
    println!("{} of what is described was accepted", accepted.len());
    for status in [
        200, 201, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428,
    ] {
        assert!(
            answered.contains_key(&status),
            "nobody was answered {status}"
        );
    }
    assert!(accepted.len() >= 40, "{accepted:?}");
}

#[test]
fn an_answer_that_is_not_as_described_is_noticed() {
    let string = json!({ "type": "string", "enum": ["yes"] });
    let schema = json!({ "type": "object", "required": ["a"], "properties": {
        "a": string, "b": { "type": ["array", "null"], "items": { "$ref": "#/when" } }
    }, "additionalProperties": false });
    let content = json!({ "application/json": { "schema": schema } });
    let operation = json!({ "responses": { "200": { "content": content } } });
    let description = Description::read(json!({
        "paths": { "/x": { "get": operation } }, "when": { "type": "string", "format": "date" }
    }));
    let fault = |status, media_type, text| {
        description.fault(&description.operations[0], status, media_type, text)
    };
    for right in [
        r#"{"a":"yes"}"#,
        r#"{"a":"yes","b":null}"#,
        r#"{"a":"yes","b":["2026-11-22"]}"#,
    ] {
        assert_eq!(fault(200, "application/json", right), None);
    }
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"a":1}"#,
        r#"{"a":"no"}"#,
        r#"{"a":"yes","b":["x"]}"#,
        r#"{"a":"yes","c":1}"#,
    ] {
        assert!(fault(200, "application/json", wrong).is_some(), "{wrong}");
    }
    assert!(fault(500, "application/json", r#"{"a":"yes"}"#).is_some());
    assert!(fault(200, "text/html", r#"{"a":"yes"}"#).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemathesis_finds_nothing_whoever_it_signs_in_as() {
    let ground = Ground::new();
    let mut random = Random::printed();
    ground.lives(random.another(), BEFORE / 2).await;
    let served = ground.serve();
    let seed = random.below(1 << 32);
    let everyone = ground.everyone();
    let asked = peer::in_turn(&served.base, &everyone, seed);
    println!("schemathesis asked {asked} times");
    assert!(asked >= 4_000, "{asked}");
    complained_of_nothing(served);
    ground.verifies();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes long; `make drill` runs it"]
async fn schemathesis_finds_nothing_as_each_person_alone() {
    let ground = Ground::new();
    let mut random = Random::printed();
    ground.lives(random.another(), BEFORE / 2).await;
    let served = ground.serve();
    let everyone = ground.everyone();
    let asked = peer::one_by_one(&served.base, &everyone, random.below(1 << 32));
    println!("schemathesis asked {asked} times");
    complained_of_nothing(served);
    ground.verifies();
}
