//! Erasing, from the proposal to the search that finds nothing: in files, backups, logs, mails and answers.

#![allow(clippy::unwrap_used)]

mod canary;
mod planted;
mod search;
#[path = "../support/mod.rs"]
mod support;
mod world;

use chrono::Duration;
use serde_json::{Value, json};
use support::demo::{Answer, Person};
use support::private::post;
use support::ward::text;
use world::{World, expect_state, restore};

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_without_the_list_of_erasures_says_what_would_come_back() {
    let world = World::opened().await;
    let (log, keys) = world.backup();
    let refused = restore(&log, &keys, &world.folder.path().join("new"), None);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("what was erased since this backup would come back"),
        "{said}"
    );
    assert!(!world.folder.path().join("new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_law_beats_every_approval_until_somebody_else_lifts_the_hold() {
    let world = World::opened().await;
    let case = world.short_cases().await.remove(0);
    let subject = format!("case/{case}");
    let proposal = json!({ "subjects": [subject], "ground": "not_needed" });
    let proposed = post(&world.demo, &world.alex, "erasures", &proposal)
        .await
        .expect(201);
    let erasure = text(&proposed["erasure"]);
    let decide = format!("erasures/{erasure}/decide");
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    let hold = json!({ "subject": subject, "ground": "inquest", "reason": "The coroner asked." });
    let held = post(&world.demo, &world.toni, "holds", &hold)
        .await
        .expect(201);
    world.wait(Duration::days(30)).await;
    assert_eq!(expect_state(&world, "approved").await["held"], true);
    let again = post(&world.demo, &world.alex, "erasures", &proposal)
        .await
        .expect(422);
    assert_eq!(again["errors"][0]["pointer"], "/subjects/0");
    let lift = format!("holds/{}/lift", text(&held["hold"]));
    let reason = json!({ "reason": "The inquest is over." });
    post(&world.demo, &world.toni, &lift, &reason)
        .await
        .expect(403);
    post(&world.demo, &world.alex, &lift, &reason)
        .await
        .expect(200);
    world.wait(Duration::days(31)).await;
    expect_state(&world, "erased").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_long_enough_is_shown_and_erased_at_once_after_two_people_agreed() {
    let world = World::opened().await;
    let case = world.short_cases().await.remove(0);
    let due = |kept: &Value| kept["classes"][0]["subjects"].clone();
    let kept = async || {
        world
            .demo
            .get(&world.toni, "/api/v1/retention")
            .await
            .expect(200)
    };
    assert_eq!(due(&kept().await), json!([]));
    let subject = format!("case/{case}");
    let early = json!({ "subjects": [subject], "ground": "retention_over" });
    post(&world.demo, &world.toni, "erasures", &early)
        .await
        .expect(422);
    let shorter = json!({ "class": "team_case", "years": 2 });
    post(&world.demo, &world.toni, "retention/policy", &shorter)
        .await
        .expect(200);
    world.wait(Duration::days(2 * 366)).await;
    assert_eq!(due(&kept().await)[0]["subject"], subject.as_str());
    world
        .demo
        .get(&world.alex, "/api/v1/retention")
        .await
        .expect(403);
    let proposed = post(&world.demo, &world.alex, "erasures", &early)
        .await
        .expect(201);
    let decide = format!("erasures/{}/decide", text(&proposed["erasure"]));
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    world.wait(Duration::days(2 * 366 + 1)).await;
    expect_state(&world, "erased").await;
    assert_eq!(due(&kept().await), json!([]));
    let seen: Answer = world
        .demo
        .get(&world.alex, &format!("/api/v1/cases/{case}"))
        .await;
    assert!(
        seen.text.contains("[erased]") && !seen.text.contains("quorstrain"),
        "{}",
        seen.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_in_time_is_not_erased_and_a_person_with_a_role_is_not_proposed() {
    let world = World::opened().await;
    let about = |person: &Person| json!({ "subjects": [format!("person/{}", person.id)], "ground": "person_asked" });
    let refused = post(&world.demo, &world.toni, "erasures", &about(&world.alex))
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/subjects/0");
    let proposed = post(&world.demo, &world.alex, "erasures", &about(&world.sam))
        .await
        .expect(201);
    let path = format!("erasures/{}", text(&proposed["erasure"]));
    let decide = format!("{path}/decide");
    post(
        &world.demo,
        &world.toni,
        &decide,
        &json!({ "approve": true }),
    )
    .await
    .expect(200);
    let withdraw = format!("{path}/withdraw");
    post(&world.demo, &world.alex, &withdraw, &json!({}))
        .await
        .expect(200);
    world.wait(Duration::days(8)).await;
    expect_state(&world, "withdrawn").await;
    assert_eq!(
        world.demo.get(&world.sam, "/api/v1/me").await.json()["name"],
        "Sam Heron"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_out_for_a_person_holds_their_words_and_names_what_is_left_out() {
    let world = World::opened().await;
    world.team_case().await;
    let body = json!({ "person": world.sam.id });
    let own = json!({ "person": world.toni.id });
    let ask =
        async |who: &Person, body: &Value| post(&world.demo, who, "subject-access", body).await;
    ask(&world.alex, &body).await.expect(403);
    ask(&world.toni, &own).await.expect(403);
    let written_out = ask(&world.toni, &body).await;
    let answer = written_out.expect(200);
    assert_eq!(answer["name"], "Sam Heron");
    let words = answer["requests"][0]["words"].to_string();
    for own in ["quorlineblue", "quorcontact", "quortimes", "quorvenue"] {
        assert!(words.contains(own), "{words}");
    }
    for others in [
        "quortriage",
        "quorneed",
        "quoraim",
        "quoraction",
        "quordanger",
    ] {
        assert!(!written_out.text.contains(others), "{others}");
    }
    let left_out = answer["left_out"][0]["what"].to_string();
    assert!(left_out.contains("One-to-one"), "{left_out}");
    let kept = world
        .demo
        .get(&world.toni, "/api/v1/retention")
        .await
        .expect(200);
    assert_eq!(kept["subject_access"][0]["person"], world.sam.id.as_str());
}
