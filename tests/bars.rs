//! Bars: whoever should not see a case sees what they would if it did not exist.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use serde_json::{Value, json};
use support::demo::{Demo, Person, referral};
use support::private::post;
use support::schedule::{Posted, in_days, planned, pointers};
use support::ward::{team, text};

const NOWHERE: &str = "00000000-0000-4000-8000-000000000000";

/// Sam asks for the stroke ward, with more in the request.
async fn raised(demo: &Demo, who: &Person, more: Value) -> Value {
    let mut body = referral(&team(demo, who, "Harbour Stroke Ward").await);
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    demo.raise(who, &body).await.expect(201)
}

/// Everything that one can ask for without naming a thing, as one text.
async fn all_they_see(demo: &Demo, who: &Person, ward: &str) -> String {
    let mut seen = String::new();
    for path in [
        "me",
        "cases",
        "teams",
        "queue",
        "diary",
        "letters",
        "actions",
        "groups",
        "bars",
        "one-to-ones",
        "my-support",
        "reports/quarters/2026-Q2",
        "reports/quarters/2026-Q2/waits",
    ] {
        let answer = demo.get(who, &format!("/api/v1/{path}")).await;
        seen.push_str(&format!("{path} {} {}\n", answer.status, answer.text));
    }
    let timeline = demo
        .get(who, &format!("/api/v1/teams/{ward}/timeline"))
        .await;
    seen + &timeline.text
}

#[tokio::test]
async fn not_through_my_manager_means_that_the_manager_cannot_tell() {
    let mut posted = Posted::start();
    let demo = &posted.demo;
    let (sam, robin) = (
        demo.person("Sam Heron").await,
        demo.person("Robin Wren").await,
    );
    let alex = demo.person("Alex Kestrel").await;
    let ward = team(demo, &sam, "Harbour Stroke Ward").await;
    let before = all_they_see(demo, &robin, &ward).await;

    let more = json!({ "not_through_my_manager": true });
    let case = text(&raised(demo, &sam, more).await["case"]);
    let path = format!("/api/v1/cases/{case}");
    let absent = demo.get(&robin, &format!("/api/v1/cases/{NOWHERE}")).await;
    let barred = demo.get(&robin, &path).await;
    assert_eq!((barred.status, &barred.text), (absent.status, &absent.text));
    assert_eq!(all_they_see(demo, &robin, &ward).await, before);
    demo.get(&sam, &path).await.expect(200);

    let bars = demo.get(&alex, "/api/v1/bars").await.expect(200);
    assert_eq!(bars["bars"][0]["case"], case.as_str());
    assert_eq!(bars["bars"][0]["because"], "asked");
    let version = demo.get(&alex, &path).await.header("etag").to_owned();
    let lift = json!({ "whom": "team_managers" });
    demo.command(&alex, &case, "lift-bar", &lift)
        .await
        .expect(200);
    let after = demo.get(&robin, &path).await;
    after.expect(200);
    assert_eq!(
        after.header("etag"),
        version,
        "a bar is no news of the case"
    );
    posted.pass(Duration::minutes(2)).await;
    assert_eq!(posted.to(&robin).len(), 0);
}

#[tokio::test]
async fn a_lead_who_was_named_sees_and_receives_nothing_and_the_deputy_acts() {
    let mut posted = Posted::start();
    let demo = &posted.demo;
    let sam = demo.person("Sam Heron").await;
    let (alex, charlie) = (
        demo.person("Alex Kestrel").await,
        demo.person("Charlie Dunnock").await,
    );
    let ward = team(demo, &sam, "Harbour Stroke Ward").await;
    let before = all_they_see(demo, &alex, &ward).await;
    let more = json!({ "not_seen_by": ["Alex.Kestrel@example.test"], "injuries": "yes",
                       "staff_in_hospital": "yes" });
    let case = text(&raised(demo, &sam, more).await["case"]);
    assert_eq!(all_they_see(demo, &alex, &ward).await, before);
    demo.command(&alex, &case, "acknowledge", &json!({ "by": "telephone" }))
        .await
        .expect(404);
    demo.command(
        &charlie,
        &case,
        "acknowledge",
        &json!({ "by": "telephone" }),
    )
    .await
    .expect(200);
    posted.pass(Duration::minutes(2)).await;
    assert_eq!(posted.to(&alex).len(), 0);
    assert_eq!(posted.to(&charlie).len(), 1);
}

#[tokio::test]
async fn a_name_that_nobody_here_is_known_by_is_refused_and_says_where() {
    let demo = Demo::start(&["--empty"]);
    let sam = demo.person("Sam Heron").await;
    let mut body = referral(&team(&demo, &sam, "Harbour Stroke Ward").await);
    body["not_seen_by"] = json!(["Robin Wren", "Nobody Known"]);
    let refused = demo.raise(&sam, &body).await.expect(422);
    assert_eq!(pointers(&refused), ["/not_seen_by/1"]);
    let cases = demo.get(&sam, "/api/v1/cases").await.expect(200);
    assert_eq!(cases["cases"], json!([]));
}

#[tokio::test]
async fn a_facilitator_who_is_barred_cannot_be_asked_and_one_who_was_asked_sees_it_no_more() {
    let demo = Demo::start(&["--empty"]);
    let (alex, robin, ash, kim) = (
        demo.person("Alex Kestrel").await,
        demo.person("Robin Wren").await,
        demo.person("Ash Linnet").await,
        demo.person("Kim Siskin").await,
    );
    let petr = planned(&demo, &alex, &robin, "petr_debrief").await;
    let arrange = support::schedule::arrange;
    arrange(&demo, &alex, &petr, in_days(9), &[&kim], json!({}))
        .await
        .expect(200);
    let path = format!("/api/v1/cases/{}", petr.case);
    demo.get(&kim, &path).await.expect(200);
    for who in [&kim, &ash] {
        let bar = json!({ "whom": { "person": who.id }, "because": "too_close" });
        demo.command(&alex, &petr.case, "set-bar", &bar)
            .await
            .expect(200);
    }
    demo.get(&kim, &path).await.expect(404);
    let diary = demo.get(&kim, "/api/v1/diary").await.expect(200);
    assert_eq!(diary["sessions"], json!([]));
    let overrides = json!({ "overrides": [{ "facilitator": ash.id, "reason": "Nobody else." }] });
    let refused = arrange(&demo, &alex, &petr, in_days(12), &[&ash], overrides).await;
    assert_eq!(pointers(&refused.expect(422)), ["/facilitators/0"]);
}

#[tokio::test]
async fn when_every_lead_is_barred_the_auditor_names_a_deputy_who_can_act() {
    let demo = Demo::start(&["--empty"]);
    let (sam, toni, val) = (
        demo.person("Sam Heron").await,
        demo.person("Toni Godwit").await,
        demo.person("Val Teal").await,
    );
    let until = (chrono::Utc::now() + Duration::days(30))
        .format("%F")
        .to_string();
    let name = json!({ "email": "val.teal@example.test", "until": until });
    let early = post(&demo, &toni, "deputies", &name).await.expect(409);
    assert_eq!(early["code"], "leads_can_act");

    let more = json!({ "not_seen_by": ["Alex Kestrel", "Charlie Dunnock"] });
    let case = text(&raised(&demo, &sam, more).await["case"]);
    let grants = demo.get(&toni, "/api/v1/grants").await.expect(200);
    assert_eq!(grants["deputy_needed"], true);
    let path = format!("/api/v1/cases/{case}");
    demo.get(&toni, &path).await.expect(404);
    demo.get(&val, &path).await.expect(404);
    post(&demo, &toni, "deputies", &name).await.expect(200);
    demo.get(&val, &path).await.expect(200);
    let grants = demo.get(&toni, "/api/v1/grants").await.expect(200);
    assert_eq!(grants["deputy_needed"], false);
}

#[tokio::test]
async fn why_someone_sees_a_case_is_answered_with_the_row_that_decides() {
    let demo = Demo::start(&["--empty"]);
    let (sam, robin, alex, toni) = (
        demo.person("Sam Heron").await,
        demo.person("Robin Wren").await,
        demo.person("Alex Kestrel").await,
        demo.person("Toni Godwit").await,
    );
    let case = text(&raised(&demo, &sam, json!({})).await["case"]);
    let why = async |asker: &Person, about: &Person| {
        let path = format!("/api/v1/cases/{case}/why?person={}", about.id);
        demo.get(asker, &path).await
    };
    let answer = why(&toni, &robin).await.expect(200);
    let rows = answer["because"].as_array().unwrap();
    let row = |act: &str| rows.iter().find(|row| row["act"] == act);
    let sees = row("SeeCase").unwrap();
    assert_eq!(
        (&sees["role"], &sees["reach"]),
        (&json!("manager"), &json!("team"))
    );
    assert!(row("SeeTriageWorking").is_none() && row("SeeOneToOnes").is_none());
    assert_eq!(
        why(&alex, &sam).await.expect(200)["because"][0]["reach"],
        "own"
    );
    why(&robin, &sam).await.expect(403);
    why(&sam, &sam).await.expect(200);

    let bar = json!({ "whom": { "person": robin.id }, "because": "implicated" });
    demo.command(&alex, &case, "set-bar", &bar)
        .await
        .expect(200);
    let barred = why(&alex, &robin).await.expect(200);
    assert_eq!(
        (&barred["barred"], &barred["because"]),
        (&json!(true), &json!([]))
    );
    why(&robin, &robin).await.expect(404);
}
