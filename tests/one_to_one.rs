//! One-to-one support: whoever asks is helped, and nobody who should not know can tell.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Demo, Person, fresh_key};
use support::private::{Private, post};
use support::schedule::pointers;
use support::ward::{Ward, text};

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn someone_asks_is_offered_help_takes_it_up_and_it_ends_with_a_code() {
    let mut private = Private::asked(json!({ "soon": true })).await;
    let (sam, alex, kim) = (
        private.sam.clone(),
        private.alex.clone(),
        private.kim.clone(),
    );

    let by_lead = private.seen(&alex).await.expect(200);
    assert_eq!(by_lead["state"], "asked");
    assert_eq!(by_lead["soon"], true);
    assert_eq!(by_lead["next"], json!(["offer"]));
    for hidden in ["request", "appointment", "outcome"] {
        assert!(by_lead[hidden].is_null(), "{hidden}: {by_lead}");
    }
    private.seen(&kim).await.expect(404);

    let offered = private.give(&alex, "offer", json!({ "provider": kim.id }));
    offered.await.expect(200);
    let by_provider = private.seen(&kim).await.expect(200);
    assert_eq!(by_provider["request"]["call_me"], "Sammy");
    assert_eq!(by_provider["request"]["phone"], "07000 000000");
    let at = private.posted.now + Duration::days(3);
    let meeting = json!({ "starts_at": at, "minutes": 50, "site": "Garden Room" });
    private.give(&kim, "arrange", meeting).await.expect(200);
    let diary = private.demo().get(&kim, "/api/v1/diary").await.expect(200);
    assert_eq!(diary["appointments"][0]["one_to_one"], private.one.as_str());
    private.give(&kim, "take-up", json!({})).await.expect(200);

    let mine = private
        .demo()
        .get(&sam, "/api/v1/my-support")
        .await
        .expect(200);
    let mine = &mine["one_to_ones"][0];
    assert_eq!(mine["state"], "taken_up");
    assert_eq!(mine["appointment"]["site"], "Garden Room");
    assert_eq!(mine["provider"]["name"], "Kim Siskin");

    let end = json!({ "outcome": "completed" });
    private.give(&alex, "end", end.clone()).await.expect(403);
    private.give(&kim, "end", end).await.expect(200);
    let by_lead = private.seen(&alex).await.expect(200);
    assert_eq!(by_lead["state"], "ended");
    assert!(by_lead["outcome"].is_null(), "{by_lead}");
    private.posted.pass(Duration::days(31)).await;
    private.seen(&kim).await.expect(404);
}

#[tokio::test]
async fn for_whoever_manages_or_belongs_to_the_team_it_is_not_there() {
    let private = Private::asked(json!({})).await;
    let demo = private.demo();
    let nic = demo.person("Nic Bittern").await;
    let lee = demo.person("Lee Avocet").await;
    let absent = format!("/api/v1/one-to-ones/{NOWHERE}");
    let there = format!("/api/v1/one-to-ones/{}", private.one);
    for who in [&private.robin, &nic, &lee, &private.kim] {
        let (absent, there) = (demo.get(who, &absent).await, demo.get(who, &there).await);
        assert_eq!(there.status, 404, "{}", who.name);
        assert_eq!(there.text, absent.text, "{}", who.name);
        let list = demo.get(who, "/api/v1/one-to-ones").await.expect(200);
        assert_eq!(
            list,
            json!({ "one_to_ones": [], "next": null }),
            "{}",
            who.name
        );
    }
    let offered = private.give(&private.alex, "offer", json!({ "provider": lee.id }));
    assert_eq!(pointers(&offered.await.expect(422)), ["/provider"]);
}

#[tokio::test]
async fn whoever_was_named_cannot_see_it_and_has_no_letter_and_a_deputy_acts() {
    let private = Private::asked(json!({ "not_seen_by": ["alex  KESTREL"] })).await;
    private.seen(&private.alex).await.expect(404);
    private.seen(&private.charlie).await.expect(200);
    assert_eq!(private.mails_to("alex.kestrel@example.test"), 0);
    assert_eq!(private.mails_to("charlie.dunnock@example.test"), 1);
}

#[tokio::test]
async fn letters_say_the_same_to_everyone_and_nothing_of_what_it_is_about() {
    let mut private = Private::asked(json!({})).await;
    let offer = json!({ "provider": private.kim.id });
    let alex = private.alex.clone();
    private.give(&alex, "offer", offer).await.expect(200);
    private.posted.pass(Duration::minutes(2)).await;
    let mails = private.posted.peer.messages();
    let mut to: Vec<_> = mails.iter().map(|m| m.envelope_to[0].as_str()).collect();
    to.sort_unstable();
    let expected = [
        "alex.kestrel@example.test",
        "charlie.dunnock@example.test",
        "kim.siskin@example.test",
        "sammy.private@example.test",
    ];
    assert_eq!(to, expected);
    let without_link = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("http"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let texts: Vec<_> = mails.iter().map(|mail| without_link(&mail.text)).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    assert_eq!(mails[0].header("subject"), ["Something is waiting for you"]);
    for mail in &mails {
        let all = format!("{:?} {}", mail.headers, mail.text).to_lowercase();
        for word in [
            "sammy <",
            "sam heron",
            "stroke",
            "one-to-one support",
            "sleep",
        ] {
            assert!(!all.contains(word), "{word}: {all}");
        }
    }
}

#[tokio::test]
async fn asking_again_under_the_same_key_is_asking_once() {
    let demo = Demo::start(&["--empty"]);
    let sam = demo.person("Sam Heron").await;
    let ask = async |key: &str, call_me: &str| {
        let body = json!({ "call_me": call_me });
        let headers = [("Idempotency-Key", key)];
        let path = "/api/v1/one-to-ones";
        demo.send(Method::POST, path, Some(&sam), &headers, Some(&body))
            .await
    };
    let key = fresh_key();
    let first = ask(&key, "Sammy").await.expect(201);
    assert_eq!(ask(&key, "Sammy").await.expect(201), first);
    let other = ask(&key, "Samuel").await.expect(422);
    assert_eq!(other["code"], "key_reused");
    let mine = demo.get(&sam, "/api/v1/my-support").await.expect(200);
    assert_eq!(mine["one_to_ones"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_command_is_meant_for_a_version_and_bad_answers_are_named() {
    let private = Private::asked(json!({})).await;
    let path = format!("/api/v1/one-to-ones/{}/decline", private.one);
    let send = async |headers: &[(&str, &str)]| {
        let body = json!({});
        let demo = private.demo();
        demo.send(
            Method::POST,
            &path,
            Some(&private.sam),
            headers,
            Some(&body),
        )
        .await
    };
    let key = fresh_key();
    send(&[("Idempotency-Key", &key)]).await.expect(428);
    send(&[("Idempotency-Key", &key), ("If-Match", "\"7\"")])
        .await
        .expect(412);
    let bad = json!({
        "call_me": "Sam", "team": NOWHERE, "letters_to": "nowhere",
        "not_seen_by": ["a", "b", "c", "d", "e", "f"]
    });
    let refused = private.post(&private.sam, "one-to-ones", &bad).await;
    let refused = refused.expect(422);
    assert_eq!(pointers(&refused), ["/team", "/letters_to", "/not_seen_by"]);
}

#[tokio::test]
async fn a_provider_is_never_in_two_places() {
    let private = Private::asked(json!({})).await;
    let (alex, kim) = (&private.alex, &private.kim);
    let offer = json!({ "provider": kim.id });
    private.give(alex, "offer", offer).await.expect(200);
    let robin = &private.robin;
    let petr = support::schedule::planned(private.demo(), alex, robin, "petr_debrief").await;
    let at = support::schedule::in_days(9);
    let meeting = json!({ "starts_at": at, "minutes": 50 });
    private.give(kim, "arrange", meeting).await.expect(200);
    let busy = support::schedule::arrange(private.demo(), alex, &petr, at, &[kim], json!({})).await;
    let busy = busy.expect(409);
    assert_eq!(busy["code"], "facilitator_busy");
    let said = busy.to_string();
    assert!(!said.contains("one_to_one"), "nothing of why: {said}");
}

#[tokio::test]
async fn the_provider_says_that_someone_may_be_in_danger_and_leads_see_that_alone() {
    let private = Private::asked(json!({})).await;
    let (alex, kim) = (&private.alex, &private.kim);
    let offer = json!({ "provider": kim.id });
    private.give(alex, "offer", offer).await.expect(200);
    let flag = json!({ "at_risk": true });
    private
        .give(&private.sam, "flag-risk", flag.clone())
        .await
        .expect(403);
    private.give(kim, "flag-risk", flag).await.expect(200);
    assert_eq!(private.seen(alex).await.expect(200)["at_risk"], true);
    let mine = private.demo().get(&private.sam, "/api/v1/my-support").await;
    assert!(!mine.text.contains("at_risk"), "{}", mine.text);
    let end = private.give(kim, "end", json!({ "outcome": "completed" }));
    assert_eq!(end.await.expect(409)["code"], "at_risk");
}

#[tokio::test]
async fn someone_from_outside_cannot_ask_and_sees_only_what_is_entrusted_to_them() {
    let private = Private::asked(json!({})).await;
    let body = json!({ "call_me": "Kim" });
    private
        .post(&private.kim, "one-to-ones", &body)
        .await
        .expect(403);
    let list: Value = private
        .demo()
        .get(&private.kim, "/api/v1/one-to-ones")
        .await
        .expect(200);
    assert_eq!(list["one_to_ones"], json!([]));
    let offer = json!({ "provider": private.kim.id });
    private
        .give(&private.alex, "offer", offer)
        .await
        .expect(200);
    let list = private
        .demo()
        .get(&private.kim, "/api/v1/one-to-ones")
        .await;
    assert_eq!(
        text(&list.expect(200)["one_to_ones"][0]["one_to_one"]),
        private.one
    );
}

#[tokio::test]
async fn two_people_take_up_one_to_one_support_and_the_manager_sees_the_same_bytes_as_before() {
    let ward = Ward::arranged().await;
    let (sam, lee) = (
        ward.demo.person("Sam Heron").await,
        ward.demo.person("Lee Avocet").await,
    );
    let seen = async |who: &Person| {
        let mut seen = String::new();
        for path in [
            format!("/api/v1/cases/{}", ward.case),
            format!("/api/v1/cases/{}/timeline", ward.case),
            format!("/api/v1/teams/{}/timeline", ward.team),
            "/api/v1/cases".into(),
            "/api/v1/actions".into(),
            "/api/v1/one-to-ones".into(),
        ] {
            let answer = ward.demo.get(who, &path).await;
            seen += &format!(
                "{} {} {}\n",
                answer.status,
                answer.header("etag"),
                answer.text
            );
        }
        seen
    };
    let before = seen(&ward.robin).await;
    for who in [&sam, &lee] {
        let ask = json!({ "call_me": "A nurse", "team": ward.team });
        let asked = post(&ward.demo, who, "one-to-ones", &ask).await.expect(201);
        let path = format!("/api/v1/one-to-ones/{}", text(&asked["one_to_one"]));
        let give = async |by: &Person, name: &str, version: &str, body: Value| {
            let key = fresh_key();
            let headers = [("Idempotency-Key", key.as_str()), ("If-Match", version)];
            let path = format!("{path}/{name}");
            let sent = ward.demo.send(
                reqwest::Method::POST,
                &path,
                Some(by),
                &headers,
                Some(&body),
            );
            sent.await.expect(200);
        };
        give(
            &ward.alex,
            "offer",
            "\"1\"",
            json!({ "provider": ward.kim.id }),
        )
        .await;
        give(&ward.kim, "take-up", "\"2\"", json!({})).await;
        let own = ward.demo.get(who, "/api/v1/my-support").await.expect(200);
        assert_eq!(own["one_to_ones"][0]["state"], "taken_up");
    }
    assert_eq!(seen(&ward.robin).await, before);
    let hers = ward
        .demo
        .get(&ward.kim, "/api/v1/one-to-ones")
        .await
        .expect(200);
    assert_eq!(hers["one_to_ones"].as_array().unwrap().len(), 2);
}
