//! Requests for supervision from outside: between whoever asked and the supervision lead, nowhere else.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{Duration, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Answer, Demo, Person, fresh_key};
use support::letters::letters;
use support::schedule::{Cast, arrange, in_days, planned, pointers, session};

const PATH: &str = "/api/v1/supervision";
const NOTE: &str = "I can come on Thursday afternoons.";

async fn post(demo: &Demo, who: &Person, path: &str, body: &Value) -> Answer {
    let key = fresh_key();
    let headers = [("Idempotency-Key", key.as_str())];
    demo.send(Method::POST, path, Some(who), &headers, Some(body))
        .await
}

async fn requests(demo: &Demo, who: &Person) -> Vec<Value> {
    let seen = demo.get(who, PATH).await.expect(200);
    seen["requests"].as_array().unwrap().clone()
}

async fn ask(demo: &Demo, who: &Person) -> String {
    let body = json!({ "after": "defusion", "wish": "as_soon_as_possible", "note": NOTE });
    let asked = post(demo, who, PATH, &body).await.expect(201);
    asked["supervision"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_supervision_lead_sees_who_asks_and_everyone_else_only_what_they_asked_themselves() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let pat = demo.person("Pat Curlew").await;
    ask(&demo, &cast.robin).await;
    demo.move_clock(Utc::now() + Duration::hours(1)).await;
    ask(&demo, &cast.kim).await;

    let all = requests(&demo, &pat).await;
    let names: Vec<_> = all.iter().map(|r| r["asked_by"]["name"].clone()).collect();
    assert_eq!(names, ["Kim Siskin", "Robin Wren"]);
    assert_eq!(all[0]["note"], NOTE);
    for who in [&cast.robin, &cast.kim] {
        let own = requests(&demo, who).await;
        assert_eq!(own.len(), 1);
        assert_eq!(own[0]["asked_by"]["name"], who.name.as_str());
    }
    for who in [&cast.alex, &cast.charlie, &cast.ash, &cast.jo] {
        assert!(requests(&demo, who).await.is_empty(), "{}", who.name);
    }
    // Who neither facilitates nor manages has nobody to supervise them here.
    let sam = demo.person("Sam Heron").await;
    let body = json!({ "after": "other", "wish": "when_convenient" });
    post(&demo, &sam, PATH, &body).await.expect(403);
}

#[tokio::test]
async fn it_is_arranged_by_the_supervision_lead_and_withdrawn_by_whoever_asked() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let pat = demo.person("Pat Curlew").await;
    let id = ask(&demo, &cast.ash).await;
    let (answer, close) = (format!("{PATH}/{id}/answer"), format!("{PATH}/{id}/close"));
    let at = in_days(4);
    let arranged = json!({ "outcome": "arranged", "at": at });
    post(&demo, &cast.ash, &answer, &arranged).await.expect(403);
    post(&demo, &pat, &answer, &arranged).await.expect(200);
    let own = &requests(&demo, &cast.ash).await[0];
    assert_eq!(
        (&own["state"], &own["at"]),
        (&json!("answered"), &json!(at))
    );

    let withdrawn = json!({ "reason": "withdrawn" });
    let refused = post(&demo, &pat, &close, &withdrawn).await.expect(422);
    assert_eq!(pointers(&refused), ["/reason"]);
    post(&demo, &cast.ash, &close, &withdrawn).await.expect(200);
    let again = post(&demo, &cast.ash, &close, &withdrawn).await.expect(409);
    assert_eq!(again["code"], "supervision_closed");
    assert_eq!(requests(&demo, &pat).await[0]["state"], "closed");
}

#[tokio::test]
async fn a_request_of_someone_else_looks_like_one_that_does_not_exist() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let theirs = ask(&demo, &cast.kim).await;
    let nowhere = "00000000-0000-4000-8000-000000000000".to_owned();
    for who in [&cast.robin, &cast.ash, &cast.alex] {
        for (name, body) in [
            ("answer", json!({ "outcome": "referred_on" })),
            ("close", json!({ "reason": "withdrawn" })),
            ("close", json!({ "nonsense": 1 })),
        ] {
            let mut answers = Vec::new();
            for id in [&theirs, &nowhere] {
                let path = format!("{PATH}/{id}/{name}");
                let answer = post(&demo, who, &path, &body).await;
                answer.expect(404);
                let mut headers = answer.headers.clone();
                headers.remove("date");
                answers.push((headers, answer.text));
            }
            assert_eq!(answers[0], answers[1], "{} {name}", who.name);
        }
    }
}

#[tokio::test]
async fn whoever_records_a_session_can_want_supervision_and_nobody_finds_it_in_the_case() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let pat = demo.person("Pat Curlew").await;
    let at = in_days(6);
    let mut told = Vec::new();
    let mut cases = Vec::new();
    for manager in [&cast.robin, &cast.jo] {
        let petr = planned(&demo, &cast.alex, manager, "petr_debrief").await;
        let at = at + Duration::hours(3 * cases.len() as i64);
        let arranged = arrange(&demo, &cast.alex, &petr, at, &[&cast.kim], json!({})).await;
        cases.push((petr, session(&arranged), manager));
    }
    demo.move_clock(at + Duration::days(1)).await;
    for (n, (petr, session, manager)) in cases.iter().enumerate() {
        let mut record = json!({
            "session": session, "minutes": 60, "mode": "video", "headcount": 6,
            "themes": [{ "theme": "psy.safety", "polarity": "mixed" }]
        });
        if n == 1 {
            record["wants_supervision"] = json!(true);
        }
        let recorded = demo
            .command(&cast.kim, &petr.case, "record-session", &record)
            .await;
        let version = recorded.expect(200)["version"].clone();
        let path = format!("/api/v1/cases/{}", petr.case);
        let mut seen = String::new();
        for who in [*manager, &cast.alex, &cast.kim] {
            for path in [path.clone(), format!("{path}/timeline")] {
                seen += &demo.get(who, &path).await.text;
            }
        }
        assert!(!seen.contains("supervis"), "{seen}");
        let etag = demo.get(&cast.alex, &path).await.header("etag").to_owned();
        told.push((version, etag));
    }
    // The case of which it was wanted cannot be told from the other by its version.
    assert_eq!(told[0], told[1]);
    let all = letters(&demo, &cast.alex).await;
    assert!(
        all.iter()
            .all(|letter| letter.carried.to != "pat.curlew@example.test")
    );

    let wanted = requests(&demo, &pat).await;
    assert_eq!(wanted.len(), 1);
    assert_eq!(wanted[0]["after"], "session");
    assert_eq!(wanted[0]["asked_by"]["name"], "Kim Siskin");
    for secret in [&cases[1].0.case, &cases[1].0.reference, &cases[1].1] {
        assert!(!wanted[0].to_string().contains(secret.as_str()));
    }
}
