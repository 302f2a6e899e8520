//! Headers that are missing, doubled, malformed or out of date, and methods that lead nowhere.

use reqwest::Method;

use crate::ask::{CANARY, assert_refused};
use crate::bodies::right;
use crate::ground::Ground;

#[tokio::test]
async fn every_command_needs_one_plain_idempotency_key() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let long = CANARY.repeat(26);
    for (name, body) in right(&ground) {
        let ask = || ground.ask_for(name, &body).without("Idempotency-Key");
        let asks = [
            ("none", ask()),
            ("an empty one", ask().also("Idempotency-Key", "")),
            (
                "one of 256 characters",
                ask().also("Idempotency-Key", &long[..256]),
            ),
            (
                "one that is not ASCII",
                ask().also("Idempotency-Key", &format!("{CANARY}é")),
            ),
            (
                "two",
                ask()
                    .also("Idempotency-Key", CANARY)
                    .also("Idempotency-Key", CANARY),
            ),
        ];
        for (what, ask) in asks {
            let answer = ground.ask(ask).await;
            assert_refused(&answer, 400, "malformed", &format!("{name}: {what}"));
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_key_of_255_characters_is_taken() {
    let ground = Ground::new().await;
    let key = "k".repeat(255);
    let body = serde_json::json!({ "by": "telephone" });
    let ask = ground
        .command("acknowledge", &body)
        .with("Idempotency-Key", &key);
    ground.ask(ask).await.expect(200);
}

#[tokio::test]
async fn every_command_to_a_case_says_for_which_version_it_is_meant() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, body) in right(&ground)
        .into_iter()
        .filter(|(n, _)| *n != "referrals")
    {
        let ask = || ground.command(name, &body).without("If-Match");
        let missing = ground.ask(ask()).await;
        assert_refused(&missing, 428, "if_match_missing", name);
        for stale in ["\"0\"", "\"1\"", "\"999999\"", "\"18446744073709551615\""] {
            let answer = ground.ask(ask().also("If-Match", stale)).await;
            assert_refused(&answer, 412, "stale", &format!("{name}: {stale}"));
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_version_that_is_not_one_version_in_quotes_is_malformed() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let etag = ground.case.etag.clone();
    let bare = etag.trim_matches('"');
    let weak = format!("W/{etag}");
    let listed = format!("{etag}, {etag}");
    let signed = format!("\"+{bare}\"");
    let spaced = format!("\" {bare}\"");
    let named = format!("\"{CANARY}\"");
    let malformed = [
        "*",
        "",
        "\"",
        "\"\"",
        "\"*\"",
        bare,
        &weak,
        &listed,
        &signed,
        &spaced,
        &named,
        "\"-1\"",
        "\"1.0\"",
        "\"18446744073709551616\"",
        "\"é\"",
    ];
    for (name, body) in right(&ground)
        .into_iter()
        .filter(|(n, _)| *n != "referrals")
    {
        for value in malformed {
            let answer = ground
                .ask(ground.command(name, &body).with("If-Match", value))
                .await;
            assert_refused(&answer, 400, "malformed", &format!("{name}: {value}"));
        }
        let twice = ground.command(name, &body).also("If-Match", &etag);
        assert_refused(
            &ground.ask(twice).await,
            400,
            "malformed",
            &format!("{name}: two"),
        );
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn anything_but_json_is_another_media_type() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let others = [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonp",
        "application/problem+json",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; boundary=zqCANARY7x",
        "json",
        "é",
        "zqCANARY7x/zqCANARY7x",
    ];
    for (name, body) in right(&ground) {
        let none = ground.ask_for(name, &body).without("Content-Type");
        assert_refused(&ground.ask(none).await, 415, "media_type", name);
        for media_type in others {
            let ask = ground.ask_for(name, &body).with("Content-Type", media_type);
            let what = format!("{name}: {media_type}");
            assert_refused(&ground.ask(ask).await, 415, "media_type", &what);
        }
        let twice = ground
            .ask_for(name, &body)
            .also("Content-Type", "text/plain");
        assert_refused(
            &ground.ask(twice).await,
            415,
            "media_type",
            &format!("{name}: two"),
        );
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn another_method_is_not_allowed_and_the_right_one_is_named() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, body) in right(&ground) {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer = ground
                .ask(ground.ask_for(name, &body).by(method.clone()))
                .await;
            assert_refused(
                &answer,
                405,
                "method_not_allowed",
                &format!("{method} {name}"),
            );
            assert_eq!(answer.header("allow"), "POST", "{method} {name}");
        }
    }
    let mut ask = ground.command("close", &serde_json::json!({ "outcome": "not_needed" }));
    ask.path = format!("/api/v1/cases/{}", ground.case.id);
    let answer = ground.ask(ask).await;
    assert_refused(
        &answer,
        405,
        "method_not_allowed",
        "a command to a case without a name",
    );
    assert_eq!(before, ground.seen().await);
}
