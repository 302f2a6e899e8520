//! The order of answers: 401, 403 or 404, 413, 415, 400, a repeat, 428 or 412, 422, 409. Whoever
//! may not do a thing learns nothing else about it.

use crate::ask::{Ask, CANARY, assert_refused};
use crate::bodies::{right, right_for};
use crate::ground::Ground;

/// As wrong as a request can be: too long, no JSON, no key, no version, another media type.
fn hopeless(ask: Ask) -> Ask {
    ask.without("Idempotency-Key")
        .with("If-Match", CANARY)
        .with("Content-Type", "text/plain")
        .saying(&CANARY.repeat(10_240))
}

#[tokio::test]
async fn who_may_not_gets_403_or_404_before_anything_is_read() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let other_manager = ground.demo.person("Val Teal").await;
    let external = ground.demo.person("Kim Siskin").await;
    for (name, body) in right(&ground) {
        let as_someone = |who: &crate::support::demo::Person| {
            let ask = ground.ask_for(name, &body);
            hopeless(ask).with("Authorization", &format!("Bearer {}", who.token))
        };
        let nobody = hopeless(ground.ask_for(name, &body)).without("Authorization");
        assert_refused(&ground.ask(nobody).await, 401, "unauthorised", name);
        if name == "referrals" {
            let answer = ground.ask(as_someone(&external)).await;
            assert_refused(&answer, 403, "not_allowed", name);
            continue;
        }
        let answer = ground.ask(as_someone(&ground.manager)).await;
        assert_refused(&answer, 403, "not_allowed", name);
        let answer = ground.ask(as_someone(&other_manager)).await;
        assert_refused(&answer, 404, "not_found", name);
        // Who may do it hears that it is too long.
        let answer = ground.ask(hopeless(ground.ask_for(name, &body))).await;
        assert_refused(&answer, 413, "too_large", name);
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn of_several_faults_the_first_in_the_order_is_answered() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, right) in right(&ground)
        .into_iter()
        .filter(|(n, _)| *n != "referrals")
    {
        let mut invalid = right.clone();
        invalid["zq"] = CANARY.into();
        let invalid = ground.command(name, &invalid);
        let rows = [
            (hopeless(invalid.clone()).saying(CANARY), 415, "media_type"),
            (
                invalid.clone().without("Idempotency-Key").saying(CANARY),
                400,
                "malformed",
            ),
            (
                invalid
                    .clone()
                    .without("Idempotency-Key")
                    .without("If-Match"),
                400,
                "malformed",
            ),
            (invalid.clone().with("If-Match", "*"), 400, "malformed"),
            (invalid.clone().without("If-Match"), 428, "if_match_missing"),
            (invalid.clone().with("If-Match", "\"1\""), 412, "stale"),
            (invalid, 422, "invalid"),
        ];
        for (ask, status, code) in rows {
            assert_refused(&ground.ask(ask).await, status, code, name);
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn what_cannot_be_right_is_answered_before_what_is_out_of_step() {
    let ground = Ground::new().await;
    // Not closed: out of step. An unknown reason: invalid.
    let reopen = |reason: &str| serde_json::json!({ "reason": reason });
    let out_of_step = ground
        .ask(ground.command("reopen", &reopen("closed_by_mistake")))
        .await;
    assert_refused(&out_of_step, 409, "not_closed", "reopen");
    let invalid = ground.ask(ground.command("reopen", &reopen(CANARY))).await;
    assert_refused(&invalid, 422, "invalid", "reopen");
    // Closing is out of step, and an outcome that was never planned is invalid.
    let end = right_for(&ground, "close");
    assert_refused(
        &ground.ask(ground.command("close", &end)).await,
        409,
        "offers_open",
        "close",
    );
}

#[tokio::test]
async fn a_repeat_is_recognised_before_its_version_is_looked_at() {
    let ground = Ground::new().await;
    let ask = ground.command("acknowledge", &right_for(&ground, "acknowledge"));
    let first = ground.ask(ask.clone()).await;
    first.expect(200);
    for again in [
        ask.clone().without("If-Match"),
        ask.clone().with("If-Match", "\"1\""),
    ] {
        assert_eq!(ground.ask(again).await.text, first.text);
    }
    let other = ask.clone().without("If-Match").saying("{\"by\":\"email\"}");
    assert_refused(&ground.ask(other).await, 422, "key_reused", "another body");
}

#[tokio::test]
async fn a_repeat_is_no_way_around_the_policy() {
    let ground = Ground::new().await;
    let case = ground.case.clone();
    let body = right_for(&ground, "record-session-not-held");
    let ask = Ask::command(&ground.facilitator, &case, "record-session-not-held", &body);
    let first = ground.ask(ask.clone()).await;
    first.expect(200);
    assert_eq!(ground.ask(ask.clone()).await.text, first.text);
    // Assigned no longer, 30 days after the session: the case is not there for them any more.
    ground
        .demo
        .move_clock(chrono::Utc::now() + chrono::Duration::days(36))
        .await;
    assert_refused(&ground.ask(ask).await, 404, "not_found", "a repeat");
}

#[tokio::test]
async fn who_may_not_read_a_list_learns_nothing_about_the_query() {
    let ground = Ground::new().await;
    let other_manager = ground.demo.person("Val Teal").await;
    let rows = [
        ("/api/v1/letters".to_owned(), 403, "not_allowed"),
        (
            format!("/api/v1/cases/{}/timeline", ground.case.id),
            404,
            "not_found",
        ),
        (
            format!("/api/v1/teams/{}/timeline", ground.team),
            404,
            "not_found",
        ),
    ];
    for (path, status, code) in rows {
        for query in ["limit=0", "after=x", "zq=1"] {
            let answer = ground
                .ask(Ask::get(&other_manager, &format!("{path}?{query}")))
                .await;
            assert_refused(&answer, status, code, &format!("{path}?{query}"));
        }
    }
}
