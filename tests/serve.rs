//! Serving a trust for real: a configuration, signed-in people nobody has met, and the API described by itself.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use pipss_api::signing::DemoIssuer;
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Answer, Demo, Person, referral};
use support::program::{Trust, refused, serve};

async fn read(served: &Demo, path: &str) -> Answer {
    served.send(Method::GET, path, None, &[], None).await
}

#[tokio::test]
async fn someone_nobody_has_met_is_staff_and_leaves_no_trace_by_looking() {
    let trust = Trust::new();
    let served = trust.serve();
    for _ in 0..2 {
        let me = served.get(&trust.someone("sam"), "/api/v1/me").await;
        let wanted = json!({
            "person": null, "name": null, "organisation": "Example Trust",
            "roles": ["staff"], "manages": []
        });
        assert_eq!(me.expect(200), wanted);
    }
}

#[tokio::test]
async fn there_are_no_teams_yet_and_none_can_be_made_up() {
    let trust = Trust::new();
    let served = trust.serve();
    let sam = trust.someone("sam");
    let teams = served.get(&sam, "/api/v1/teams").await.expect(200);
    assert_eq!(teams, json!({ "teams": [] }));
    let team = "0b7e1a52-5f0f-4d5e-8f5c-6f5d2a0c9e41";
    let refused = served.raise(&sam, &referral(team)).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/team");
    let me = served.get(&sam, "/api/v1/me").await.expect(200);
    assert_eq!(me["person"], Value::Null);
}

#[tokio::test]
async fn staff_without_a_role_are_kept_from_what_is_for_others() {
    let trust = Trust::new();
    let served = trust.serve();
    let sam = trust.someone("sam");
    for path in ["queue", "letters", "facilitators", "diary"] {
        let answer = served.get(&sam, &format!("/api/v1/{path}")).await;
        answer.expect(403);
    }
    let cases = served.get(&sam, "/api/v1/cases").await.expect(200);
    assert_eq!(cases["cases"], json!([]));
}

#[tokio::test]
async fn every_token_that_does_not_hold_gets_the_same_answer() {
    let trust = Trust::new();
    let served = trust.serve();
    let good = trust.someone("sam").token;
    let stranger = DemoIssuer::new().token("sam", "Sam", "sam@trust.example", 600);
    let (start, signature) = good.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let without = read(&served, "/api/v1/me").await;
    without.expect(401);
    assert_eq!(without.header("www-authenticate"), "Bearer");
    for token in [
        "",
        "x",
        "a.b.c",
        &stranger,
        start,
        &format!("{start}."),
        &format!("{start}.{turned}"),
    ] {
        let who = Person {
            id: String::new(),
            name: String::new(),
            token: token.into(),
        };
        let answer = served.get(&who, "/api/v1/me").await;
        assert_eq!(answer.status, 401, "{token}");
        assert_eq!(answer.text, without.text, "{token}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(
        served.get(&trust.someone("sam"), "/api/v1/me").await.status,
        200
    );
}

#[tokio::test]
async fn the_demonstration_s_own_doors_do_not_exist_in_a_served_trust() {
    let trust = Trust::new();
    let served = trust.serve();
    for path in ["/demo", "/demo/people"] {
        read(&served, path).await.expect(404);
    }
    for path in ["/demo/token", "/demo/clock"] {
        let answer = served
            .send(Method::POST, path, None, &[], Some(&json!({})))
            .await;
        answer.expect(404);
    }
}

#[tokio::test]
async fn without_a_mail_server_it_serves_and_says_that_letters_stay_owed() {
    let trust = Trust::new();
    let mut command = serve(&trust.config(""));
    let mut child = command
        .env("RUST_LOG", "warn")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(ready.next().unwrap().unwrap().starts_with("ready http://"));
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = said.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        said.contains("no mail server is configured: letters stay owed"),
        "{said}"
    );
}

#[test]
fn a_mistake_in_the_configuration_is_refused_in_plain_words() {
    let trust = Trust::new();
    let absent = trust.folder.path().join("absent.toml");
    let said = refused(&mut serve(&absent));
    assert!(said.contains("cannot read the configuration"), "{said}");
    let said = refused_config(&trust, "colour = 'blue'");
    assert!(said.contains("unknown field `colour`"), "{said}");
    let said = refused_config(&trust, "disk_floor_mib = 'much'");
    assert!(said.contains("disk_floor_mib"), "{said}");
    assert!(!trust.data().exists(), "nothing is made before it is read");
}

/// The parser points at the place over several lines; the first says that the file is not right.
fn refused_config(trust: &Trust, more: &str) -> String {
    let output = serve(&trust.config(more)).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("pipss: the configuration "), "{said}");
    said
}

#[tokio::test]
async fn the_api_describes_itself_to_anyone() {
    let trust = Trust::new();
    let served = trust.serve();
    let described = read(&served, "/api/v1/openapi.json").await.expect(200);
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = described["paths"].as_object().unwrap();
    for path in [
        "/api/v1/referrals",
        "/api/v1/cases/{case}",
        "/api/v1/cases/{case}/close",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
}

#[tokio::test]
async fn the_documentation_loads_nothing_from_another_host() {
    let trust = Trust::new();
    let served = trust.serve();
    let page = read(&served, "/api/v1/docs/").await;
    assert_eq!(page.status, 200);
    let loaded = loaded(&page.text);
    assert!(loaded.len() >= 5, "{loaded:?}");
    for file in loaded {
        let local = !file.contains("//");
        assert!(local, "{file} is loaded from elsewhere");
        let path = format!("/api/v1/docs/{}", file.trim_start_matches("./"));
        let answer = served.send(Method::GET, &path, None, &[], None);
        if file.ends_with(".css") {
            assert!(!loads_elsewhere(&answer.await.text), "{file}");
        }
    }
    let begin = read(&served, "/api/v1/docs/swagger-initializer.js").await;
    assert!(!begin.text.contains("http"), "{}", begin.text);
    // Unless told otherwise, the page shows everyone a badge from the makers' own server.
    assert!(
        begin.text.contains(r#""validatorUrl": "none""#),
        "{}",
        begin.text
    );
}

/// What a page loads: every `src` and `href` in it.
fn loaded(page: &str) -> Vec<&str> {
    let attributes = page.split(['<', '>', ' ']).filter_map(|part| {
        let value = part
            .strip_prefix("src=\"")
            .or(part.strip_prefix("href=\""))?;
        value.split('"').next()
    });
    attributes.collect()
}

fn loads_elsewhere(style: &str) -> bool {
    let style = style.replace(['"', '\'', ' '], "");
    style.contains("@import")
        || style
            .split("url(")
            .skip(1)
            .any(|to| to.starts_with("http") || to.starts_with("//"))
}
