//! Whoever writes can ask to see what they wrote, and learns nothing about what is not theirs.

mod support;

use reqwest::Method;
use serde_json::Value;
use std::time::Instant;
use support::demo::{Answer, Demo, Person, referral};

async fn get_after(demo: &Demo, who: &Person, path: &str, after: &str) -> Answer {
    let headers = [("Pipss-After", after)];
    demo.send(Method::GET, path, Some(who), &headers, None)
        .await
}

async fn raised() -> (Demo, Person, Value, String) {
    let demo = Demo::start(&["--empty"]);
    let robin = demo.person("Robin Wren").await;
    let me = demo.get(&robin, "/api/v1/me").await.expect(200);
    let team = me["manages"][0]["team"].as_str().unwrap();
    let answer = demo.raise(&robin, &referral(team)).await;
    let after = answer.header("pipss-after").to_owned();
    (demo, robin, answer.expect(201), after)
}

#[tokio::test]
async fn a_write_says_how_far_it_got_and_a_read_can_ask_for_that() {
    let (demo, robin, raised, after) = raised().await;
    let case = raised["case"].as_str().unwrap();
    assert_eq!(after, format!("case/{case}@1"));
    let path = format!("/api/v1/cases/{case}");
    get_after(&demo, &robin, &path, &after).await.expect(200);
}

#[tokio::test]
async fn what_never_comes_is_waited_for_two_seconds_and_then_refused() {
    let (demo, robin, raised, _) = raised().await;
    let case = raised["case"].as_str().unwrap();
    let never = format!("case/{case}@99");
    let began = Instant::now();
    let answer = get_after(&demo, &robin, "/api/v1/me", &never).await;
    assert_eq!(answer.expect(503)["code"], "unavailable");
    assert!(began.elapsed().as_secs_f32() >= 2.0);
}

#[tokio::test]
async fn a_stream_one_may_not_read_is_ignored_as_one_that_does_not_exist() {
    let (demo, _, raised, _) = raised().await;
    let case = raised["case"].as_str().unwrap();
    let jo = demo.person("Jo Plover").await;
    let nobody = "6f1f8f5e-6d0b-4c0e-9a86-3a4c8a9b7d10";
    for id in [case, nobody] {
        let never = format!("case/{id}@99");
        get_after(&demo, &jo, "/api/v1/me", &never)
            .await
            .expect(200);
    }
    for bad in ["case/1", "case/x@1", "@", &format!("case/{case}@+1")] {
        let answer = get_after(&demo, &jo, "/api/v1/me", bad).await;
        assert_eq!(answer.expect(400)["code"], "malformed", "{bad}");
    }
}
