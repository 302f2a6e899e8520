//! Serious danger from outside: passed on to leads, and nobody else can tell that anything was said.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{Duration, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Answer, Demo, Person, fresh_key, referral};
use support::letters::letters;
use support::schedule::{Cast, Planned, arrange, in_days, planned, session};
use support::ward::team;

const LINE: &str = "Spoke of harm; went with them to the crisis team.";
const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

async fn post(demo: &Demo, who: &Person, path: &str, body: &Value) -> Answer {
    let key = fresh_key();
    let headers = [("Idempotency-Key", key.as_str())];
    demo.send(Method::POST, path, Some(who), &headers, Some(body))
        .await
}

fn danger() -> Value {
    json!({ "danger": "risk_to_self", "route": "crisis_team", "line": LINE })
}

fn seen_to() -> Value {
    json!({ "how": "passed_on" })
}

fn in_case(case: &str, rest: &str) -> String {
    format!("/api/v1/cases/{case}/{rest}")
}

async fn escalate(demo: &Demo, who: &Person, case: &str) -> String {
    let received = post(demo, who, &in_case(case, "escalate"), &danger()).await;
    let escalation = received.expect(200)["escalation"].clone();
    escalation.as_str().unwrap().to_owned()
}

/// A case with a session by Kim to come.
async fn with_kim(demo: &Demo, cast: &Cast) -> Planned {
    let petr = planned(demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let kim = [&cast.kim];
    let arranged = arrange(demo, &cast.alex, &petr, in_days(6), &kim, json!({})).await;
    session(&arranged);
    petr
}

/// An answer, all but the time.
fn bytes(answer: &Answer) -> String {
    let mut headers = answer.headers.clone();
    headers.remove("date");
    format!("{} {headers:?} {}", answer.status, answer.text)
}

/// Every byte about the case that these people can obtain, the leads' own page left out.
async fn everything(
    demo: &Demo,
    people: &[&Person],
    planned: &Planned,
    since: &str,
) -> Vec<String> {
    let case = format!("/api/v1/cases/{}", planned.case);
    let mut all = Vec::new();
    for who in people {
        for path in [
            case.clone(),
            format!("{case}/timeline"),
            "/api/v1/cases".into(),
            format!("/api/v1/cases?changed_after={since}"),
            "/api/v1/me".into(),
            "/api/v1/teams".into(),
            "/api/v1/diary".into(),
            "/api/v1/queue".into(),
            "/api/v1/actions".into(),
            "/api/v1/supervision".into(),
        ] {
            let answer = demo.get(who, &path).await;
            all.push(format!("{} {path}: {}", who.name, bytes(&answer)));
        }
    }
    all
}

#[tokio::test]
async fn what_is_escalated_changes_no_byte_that_anyone_reads_of_the_case() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = with_kim(&demo, &cast).await;
    let people = [&cast.robin, &cast.kim, &cast.ash, &cast.alex, &cast.charlie];
    // What changes from now on would stand in a list that is empty.
    let since = Utc::now() + Duration::seconds(1);
    demo.move_clock(since).await;
    let since = since.format("%FT%TZ").to_string();
    let before = everything(&demo, &people, &petr, &since).await;
    assert!(
        before
            .iter()
            .any(|answer| answer.contains(r#"{"cases":[],"#))
    );
    let owed = letters(&demo, &cast.alex).await.len();
    let id = escalate(&demo, &cast.kim, &petr.case).await;
    let after = everything(&demo, &people, &petr, &since).await;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
        assert!(!after.contains(&id), "{after}");
    }
    // Leads, and only they, are told that something waits.
    assert_eq!(letters(&demo, &cast.alex).await.len(), owed + 2);
}

#[tokio::test]
async fn leads_see_it_and_see_to_it_once_and_whoever_reported_it_is_thanked_and_told_no_more() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = with_kim(&demo, &cast).await;
    let list = in_case(&petr.case, "escalations");
    let seen = demo.get(&cast.charlie, &list).await.expect(200);
    assert_eq!(seen["escalations"], json!([]));

    let id = escalate(&demo, &cast.kim, &petr.case).await;
    for path in [list.as_str(), "/api/v1/escalations"] {
        let seen = demo.get(&cast.alex, path).await.expect(200);
        let [one] = &seen["escalations"].as_array().unwrap()[..] else {
            panic!("{seen}")
        };
        assert_eq!(one["line"], LINE);
        assert_eq!(one["reported_by"]["name"], "Kim Siskin");
        assert_eq!(one["reference"], petr.reference.as_str());
        assert!(one.get("handled_at").is_none());
    }
    let handled = format!("{list}/{id}/handled");
    post(&demo, &cast.kim, &handled, &seen_to())
        .await
        .expect(404);
    post(&demo, &cast.charlie, &handled, &seen_to())
        .await
        .expect(200);
    let seen = demo.get(&cast.alex, &list).await.expect(200);
    assert_eq!(seen["escalations"][0]["handled_how"], "passed_on");
    assert_eq!(
        seen["escalations"][0]["handled_by"]["name"],
        "Charlie Dunnock"
    );
    let again = post(&demo, &cast.alex, &handled, &seen_to())
        .await
        .expect(409);
    assert_eq!(again["code"], "already_handled");
    demo.get(&cast.kim, &list).await.expect(404);
}

#[tokio::test]
async fn everyone_else_is_answered_as_if_there_were_nothing_there() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = with_kim(&demo, &cast).await;
    let sam = demo.person("Sam Heron").await;
    let pat = demo.person("Pat Curlew").await;
    let toni = demo.person("Toni Godwit").await;
    let id = escalate(&demo, &cast.kim, &petr.case).await;
    for who in [
        &cast.robin,
        &cast.jo,
        &cast.ash,
        &cast.lee,
        &sam,
        &pat,
        &toni,
    ] {
        let nothing = demo.get(who, &in_case(NOWHERE, "escalations")).await;
        nothing.expect(404);
        let there = demo.get(who, &in_case(&petr.case, "escalations")).await;
        assert_eq!(bytes(&there), bytes(&nothing), "{}", who.name);
        for (body, rest) in [
            (danger(), "escalate".to_owned()),
            (json!({ "nonsense": 1 }), "escalate".to_owned()),
            (seen_to(), format!("escalations/{id}/handled")),
        ] {
            let nothing = post(&demo, who, &in_case(NOWHERE, &rest), &body).await;
            let there = post(&demo, who, &in_case(&petr.case, &rest), &body).await;
            nothing.expect(404);
            assert_eq!(bytes(&there), bytes(&nothing), "{} {rest}", who.name);
        }
        demo.get(who, "/api/v1/escalations").await.expect(403);
    }
}

#[tokio::test]
async fn a_facilitator_can_report_until_thirty_days_after_and_also_once_the_case_is_closed() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let at = in_days(6);
    let arranged = arrange(&demo, &cast.alex, &petr, at, &[&cast.kim], json!({})).await;
    demo.move_clock(at + Duration::hours(2)).await;
    let record = json!({
        "session": session(&arranged), "minutes": 60, "mode": "video", "headcount": 6,
        "themes": [{ "theme": "psy.safety", "polarity": "mixed" }]
    });
    for (name, body) in [
        ("record-session", record),
        ("close", json!({ "outcome": "support_provided" })),
    ] {
        demo.command(&cast.alex, &petr.case, name, &body)
            .await
            .expect(200);
    }
    demo.move_clock(at + Duration::days(29)).await;
    escalate(&demo, &cast.kim, &petr.case).await;
    demo.move_clock(at + Duration::days(32)).await;
    let late = post(
        &demo,
        &cast.kim,
        &in_case(&petr.case, "escalate"),
        &danger(),
    )
    .await;
    late.expect(404);
}

#[tokio::test]
async fn a_lead_learns_nothing_of_what_was_reported_about_their_own_team_by_others() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    // Alex and Charlie, the leads, both belong to the Staff Psychology Team.
    let own = team(&demo, &cast.alex, "Staff Psychology Team").await;
    let raised = demo.raise(&cast.robin, &referral(&own)).await.expect(201);
    let case = raised["case"].as_str().unwrap();
    let list = in_case(case, "escalations");
    let empty = demo.get(&cast.charlie, &list).await;
    let id = escalate(&demo, &cast.alex, case).await;
    let after = demo.get(&cast.charlie, &list).await;
    assert_eq!(bytes(&after), bytes(&empty));
    let handled = |id: &str| in_case(case, &format!("escalations/{id}/handled"));
    let theirs = post(&demo, &cast.charlie, &handled(&id), &seen_to()).await;
    let nothing = post(&demo, &cast.charlie, &handled(NOWHERE), &seen_to()).await;
    theirs.expect(404);
    assert_eq!(bytes(&theirs), bytes(&nothing));
    // Whoever reported it sees their own, and does not see to it.
    let own = demo.get(&cast.alex, &list).await.expect(200);
    assert_eq!(own["escalations"][0]["line"], LINE);
    post(&demo, &cast.alex, &handled(&id), &seen_to())
        .await
        .expect(403);
}

#[tokio::test]
async fn the_same_report_sent_twice_is_one() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = with_kim(&demo, &cast).await;
    let path = in_case(&petr.case, "escalate");
    let key = fresh_key();
    let headers = [("Idempotency-Key", key.as_str())];
    let send = async |body: &Value| {
        demo.send(Method::POST, &path, Some(&cast.kim), &headers, Some(body))
            .await
    };
    let first = send(&danger()).await;
    first.expect(200);
    assert_eq!(send(&danger()).await.text, first.text);
    let other = json!({ "danger": "risk_to_others", "route": "none_yet" });
    send(&other).await.expect(422);
    let list = in_case(&petr.case, "escalations");
    let seen = demo.get(&cast.alex, &list).await.expect(200);
    assert_eq!(seen["escalations"].as_array().unwrap().len(), 1);
}
