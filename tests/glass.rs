//! Breaking the glass: with a reason, with someone else's leave, for an hour, told and on record.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use serde_json::{Value, json};
use support::demo::{Answer, Person};
use support::private::Private;
use support::ward::text;

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

fn over(one: &str, life_at_risk: bool, telling: &str) -> Value {
    json!({
        "what": "one_to_one", "object": one, "reason": "They did not come to work and nobody reaches them.",
        "life_at_risk": life_at_risk, "telling": telling
    })
}

async fn asked(private: &Private, who: &Person, body: &Value) -> String {
    let asked = private.post(who, "break-glass", body).await.expect(201);
    text(&asked["glass"])
}

async fn opened(private: &Private, who: &Person, glass: &str) -> Answer {
    let path = format!("/api/v1/break-glass/{glass}/content");
    private.demo().get(who, &path).await
}

/// What whoever asked for the one-to-one is shown of it.
async fn mine(private: &Private) -> Value {
    let path = "/api/v1/my-support";
    let mine = private.demo().get(&private.sam, path).await.expect(200);
    mine["one_to_ones"][0].clone()
}

fn read_as(looked: &Value, read_as: &str) -> usize {
    let looked = looked.as_array().unwrap().iter();
    looked.filter(|one| one["read_as"] == read_as).count()
}

#[tokio::test]
async fn another_auditor_opens_it_for_an_hour_and_everyone_concerned_is_told() {
    let mut private = Private::asked(json!({})).await;
    let alex = private.alex.clone();
    let toni = private.demo().person("Toni Godwit").await;
    let to_sam = private.mails_to("sammy.private@example.test");
    let to_toni = private.posted.to(&toni).len();
    let glass = asked(&private, &alex, &over(&private.one, false, "told")).await;
    let decide = format!("break-glass/{glass}/decide");
    let leave = json!({ "open": true });

    opened(&private, &alex, &glass).await.expect(404);
    private.post(&alex, &decide, &leave).await.expect(403);
    private
        .post(&private.charlie, &decide, &leave)
        .await
        .expect(403);
    private.post(&toni, &decide, &leave).await.expect(200);
    let twice = private
        .post(&toni, &decide, &json!({ "open": false }))
        .await
        .expect(409);
    assert_eq!(twice["code"], "already_decided");

    let content = opened(&private, &alex, &glass).await.expect(200);
    let one = &content["one_to_one"];
    assert_eq!(one["request"]["note"], "I cannot sleep after the night.");
    assert_eq!(one["next"], json!([]));
    // It opens here and nowhere else, and to nobody else.
    assert!(private.seen(&alex).await.expect(200)["request"].is_null());
    for other in [&private.charlie, &toni, &private.robin, &private.sam] {
        assert!(
            opened(&private, other, &glass)
                .await
                .status
                .is_client_error()
        );
    }
    opened(&private, &alex, &glass).await.expect(200);
    let seen = mine(&private).await;
    assert_eq!(read_as(&seen["who_looked"], "break_glass"), 1, "{seen}");
    assert_eq!(seen["broken_glass"][0]["by"]["name"], "Alex Kestrel");
    let page = private.demo().page("sam", "/my-support").await;
    assert!(
        page.text.contains("with the leave of an auditor"),
        "{}",
        page.text
    );
    let path = format!("/oversight/break-glass/{glass}/content");
    let page = private.demo().page("alex", &path).await;
    assert!(page.text.contains("I cannot sleep after the night."));

    private.posted.pass(Duration::minutes(63)).await;
    opened(&private, &alex, &glass).await.expect(404);
    assert_eq!(private.mails_to("sammy.private@example.test"), to_sam + 1);
    assert_eq!(private.posted.to(&toni).len(), to_toni + 1);
    let path = format!("/api/v1/access-log?object=support/{}", private.one);
    let kept = private.demo().get(&toni, &path).await.expect(200);
    assert_eq!(read_as(&kept["readings"], "break_glass"), 1, "{kept}");
    let day = (private.posted.now - Duration::minutes(63)).date_naive();
    let path = format!("/api/v1/access-log/unusual?day={day}");
    let unusual = private.demo().get(&toni, &path).await.expect(200);
    let broken = unusual["findings"].as_array().unwrap().iter();
    assert!(
        broken.clone().any(|one| one["rule"] == "break_glass"),
        "{unusual}"
    );
}

#[tokio::test]
async fn where_a_life_is_at_risk_it_opens_at_once_and_someone_else_reviews_it() {
    let mut private = Private::asked(json!({})).await;
    let alex = private.alex.clone();
    let toni = private.demo().person("Toni Godwit").await;
    let glass = asked(&private, &alex, &over(&private.one, true, "unsafe")).await;
    opened(&private, &alex, &glass).await.expect(200);
    // Telling would put someone in danger: nothing of it is shown, and no letter goes.
    let seen = mine(&private).await;
    assert!(seen["broken_glass"].is_null(), "{seen}");
    assert_eq!(read_as(&seen["who_looked"], "break_glass"), 0, "{seen}");
    private.posted.pass(Duration::hours(25)).await;
    assert_eq!(private.mails_to("sammy.private@example.test"), 0);

    let page = private.demo().page("toni", "/oversight").await;
    assert!(
        page.text.contains("1 to review (1 overdue)"),
        "{}",
        page.text
    );
    let review = format!("break-glass/{glass}/review");
    let finding = json!({ "finding": "justified" });
    private.post(&alex, &review, &finding).await.expect(403);
    private.post(&toni, &review, &finding).await.expect(200);
    private.post(&toni, &review, &finding).await.expect(409);

    // An auditor asks like anyone, and reviews nothing of their own.
    let own = asked(&private, &toni, &over(&private.one, true, "told")).await;
    opened(&private, &toni, &own).await.expect(200);
    let review = format!("break-glass/{own}/review");
    private.post(&toni, &review, &finding).await.expect(403);
}

#[tokio::test]
async fn a_bar_beats_it_and_what_is_barred_looks_like_what_is_not_there() {
    let private = Private::asked(json!({})).await;
    let (demo, robin) = (private.demo(), &private.robin);
    let toni = demo.person("Toni Godwit").await;
    for who in [robin, &private.sam, &private.kim] {
        private
            .post(who, "break-glass", &over(&private.one, true, "told"))
            .await
            .expect(403);
        demo.get(who, "/api/v1/break-glass").await.expect(403);
    }
    let until = (private.posted.now + Duration::days(30)).date_naive();
    let lead = json!({ "email": "robin.wren@example.test", "role": "lead", "until": until });
    assert!(
        private
            .post(&private.alex, "grants", &lead)
            .await
            .status
            .is_success()
    );
    let approve = format!("grants/{}/approve", robin.id);
    private
        .post(&toni, &approve, &json!({ "role": "lead" }))
        .await
        .expect(200);

    let barred = private
        .post(robin, "break-glass", &over(&private.one, true, "told"))
        .await;
    let absent = private
        .post(robin, "break-glass", &over(NOWHERE, true, "told"))
        .await;
    barred.expect(422);
    assert_eq!(barred.text, absent.text);
    let glass = asked(&private, &private.alex, &over(&private.one, false, "told")).await;
    let shown = demo.get(robin, "/api/v1/break-glass").await.expect(200);
    assert_eq!(shown["asked"], json!([]));
    let there = opened(&private, robin, &glass).await;
    assert_eq!(there.status, 404);
    assert_eq!(there.text, opened(&private, robin, NOWHERE).await.text);
    // Who can see it as it is has nothing to break.
    let offered = private.give(
        &private.alex,
        "offer",
        json!({ "provider": private.kim.id }),
    );
    offered.await.expect(200);
    let refused = private
        .post(&private.alex, "break-glass", &over(NOWHERE, true, "told"))
        .await;
    refused.expect(422);
}
