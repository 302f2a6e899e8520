//! The same key again: the first answer for the same body, a refusal for another, and nothing more.

use std::task::Poll;

use serde_json::{Value, json};

use crate::ask::{Ask, CANARY, assert_identical, assert_refused};
use crate::bodies::{right, right_for};
use crate::ground::Ground;
use crate::support::demo::{Answer, referral};

/// The same body in another spelling: members the other way round, blanks, escapes.
fn spelt_otherwise(body: &Value) -> String {
    match body {
        Value::Object(members) => {
            let each = members.iter().rev();
            let members: Vec<_> = each
                .map(|(name, value)| {
                    format!("\r\n\t{} :  {}", escaped(name), spelt_otherwise(value))
                })
                .collect();
            format!("{{{} }}", members.join(" ,"))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(spelt_otherwise).collect();
            format!("[ {} ]", items.join(" , "))
        }
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

fn escaped(text: &str) -> String {
    let each = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    format!("\"{}\"", each.collect::<String>())
}

#[tokio::test]
async fn the_same_body_in_another_spelling_gets_the_first_answer_and_saves_nothing_more() {
    let ground = Ground::new().await;
    let names = [
        "referrals",
        "acknowledge",
        "triage",
        "record-scoping",
        "plan-offer",
        "arrange-session",
        "record-session",
        "end-offer",
        "complete-handover",
    ];
    for name in names {
        let mut body = right_for(&ground, name);
        let mut ask = ground.ask_for(name, &body);
        if name != "referrals" {
            ask = ask.with("If-Match", &ground.version(&ground.case.id).await);
        }
        let first = ground.ask(ask.clone()).await;
        assert!(first.status.is_success(), "{name}: {}", first.text);
        let before = ground.seen().await;
        let again = ground
            .ask(ask.clone().saying(&spelt_otherwise(&body)))
            .await;
        assert_identical(&first, &again, name);
        // The version it was meant for has passed; who repeats need not know.
        let again = ground.ask(ask.clone().without("If-Match")).await;
        assert_identical(&first, &again, name);
        body["zq"] = CANARY.into();
        let other = ground.ask(ask.clone().saying(&body.to_string())).await;
        assert_refused(&other, 422, "key_reused", name);
        assert_eq!(before, ground.seen().await, "{name}");
    }
}

#[tokio::test]
async fn a_refused_key_may_be_used_again_for_what_is_right() {
    let ground = Ground::new().await;
    let wrong = ground.command("acknowledge", &json!({ "by": CANARY }));
    let right = wrong.clone().saying(r#"{"by":"telephone"}"#);
    assert_refused(&ground.ask(wrong).await, 422, "invalid", "a wrong code");
    ground.ask(right).await.expect(200);
}

#[tokio::test]
async fn the_same_key_of_another_person_is_another_act() {
    let ground = Ground::new().await;
    let raise = Ask::raise(&ground.manager, &referral(&ground.team));
    let other = ground.demo.person("Sam Heron").await;
    let theirs = raise
        .clone()
        .with("Authorization", &format!("Bearer {}", other.token));
    let first = ground.ask(raise).await.expect(201);
    let second = ground.ask(theirs).await.expect(201);
    assert_ne!(first["case"], second["case"]);
    assert_ne!(first["reference"], second["reference"]);
}

#[tokio::test]
async fn the_same_key_on_another_route_or_to_another_case_is_another_act() {
    let ground = Ground::new().await;
    let lead = ground.lead();
    let key = "one key for everything";
    let raise = Ask::raise(lead, &referral(&ground.team)).with("Idempotency-Key", key);
    let raised = ground.ask(raise).await.expect(201);
    for case in [&ground.case.id, raised["case"].as_str().unwrap()] {
        for (name, body) in right(&ground).into_iter().take(3).skip(1) {
            let place = crate::ask::Place {
                id: case.into(),
                etag: ground.version(case).await,
            };
            let ask = Ask::command(lead, &place, name, &body).with("Idempotency-Key", key);
            ground.ask(ask).await.expect(200);
        }
    }
}

#[tokio::test]
async fn many_who_send_the_same_at_once_all_get_the_first_answer() {
    let ground = Ground::new().await;
    let ask = Ask::raise(&ground.manager, &referral(&ground.team));
    let asked = (0..16).map(|_| ground.ask(ask.clone()));
    let mut texts: Vec<_> = all_of(asked).await.into_iter().map(|a| a.text).collect();
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let cases = ground.demo.get(ground.lead(), "/api/v1/cases").await.json();
    assert_eq!(cases["cases"].as_array().unwrap().len(), 2, "{cases}");
}

/// Waits for all at once.
pub async fn all_of(asked: impl Iterator<Item = impl Future<Output = Answer>>) -> Vec<Answer> {
    let mut waiting: Vec<_> = asked.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, answer) in &mut waiting {
            if answer.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        match waiting.iter().all(|(_, answer)| answer.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    waiting
        .into_iter()
        .filter_map(|(_, answer)| answer)
        .collect()
}
