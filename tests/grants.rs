//! Who may do what is proposed by one person and approved by another, and ends at once or on a date.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{Duration, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Demo, Person};
use support::private::post;
use support::schedule::pointers;
use support::ward::text;

fn day(days: i64) -> String {
    (Utc::now() + Duration::days(days)).format("%F").to_string()
}

async fn approve(demo: &Demo, who: &Person, person: &str, role: &str) -> support::demo::Answer {
    let body = json!({ "role": role });
    post(demo, who, &format!("grants/{person}/approve"), &body).await
}

async fn propose(demo: &Demo, who: &Person, body: Value) -> support::demo::Answer {
    post(demo, who, "grants", &body).await
}

#[tokio::test]
async fn a_deputy_is_proposed_by_a_lead_and_is_one_only_once_an_auditor_approves_and_until_a_date()
{
    let demo = Demo::start(&["--empty"]);
    let (alex, toni, ash) = (
        demo.person("Alex Kestrel").await,
        demo.person("Toni Godwit").await,
        demo.person("Ash Linnet").await,
    );
    let deputy = json!({ "email": "Ash.Linnet@example.test", "role": "lead", "until": day(14) });
    let proposed = propose(&demo, &alex, deputy.clone()).await.expect(200);
    let person = text(&proposed["person"]);
    assert_eq!(person, ash.id);
    demo.get(&ash, "/api/v1/queue").await.expect(403);
    let grants = demo.get(&toni, "/api/v1/grants").await.expect(200);
    assert_eq!(grants["proposed"][0]["proposed_by"], "Alex Kestrel");
    approve(&demo, &alex, &person, "lead").await.expect(403);
    let twice = propose(&demo, &alex, deputy).await.expect(409);
    assert_eq!(twice["code"], "already_proposed");
    approve(&demo, &toni, &person, "lead").await.expect(200);
    demo.get(&ash, "/api/v1/queue").await.expect(200);
    demo.move_clock(Utc::now() + Duration::days(16)).await;
    demo.get(&ash, "/api/v1/queue").await.expect(403);
}

#[tokio::test]
async fn nobody_is_given_a_role_by_themselves_or_for_ever_from_outside() {
    let demo = Demo::start(&["--empty"]);
    let alex = demo.person("Alex Kestrel").await;
    let own = json!({ "email": "alex.kestrel@example.test", "role": "governance" });
    assert_eq!(
        pointers(&propose(&demo, &alex, own).await.expect(422)),
        ["/email"]
    );
    let outside = json!({ "email": "kim.siskin@example.test", "role": "supervision_lead" });
    let refused = propose(&demo, &alex, outside).await.expect(422);
    assert_eq!(pointers(&refused), ["/until"]);
    let long = json!({ "email": "ash.linnet@example.test", "role": "lead", "until": day(500) });
    assert_eq!(
        pointers(&propose(&demo, &alex, long).await.expect(422)),
        ["/until"]
    );
    let robin = demo.person("Robin Wren").await;
    let by_manager = json!({ "email": "sam.heron@example.test", "role": "lead", "until": day(9) });
    propose(&demo, &robin, by_manager).await.expect(403);
}

#[tokio::test]
async fn an_end_takes_effect_with_the_next_request_and_the_last_of_a_kind_stays() {
    let demo = Demo::start(&["--empty"]);
    let (alex, charlie, toni) = (
        demo.person("Alex Kestrel").await,
        demo.person("Charlie Dunnock").await,
        demo.person("Toni Godwit").await,
    );
    let end = async |who: &Person, person: &Person, role: &str| {
        let path = format!("grants/{}/end", person.id);
        post(&demo, who, &path, &json!({ "role": role })).await
    };
    demo.get(&charlie, "/api/v1/queue").await.expect(200);
    end(&alex, &charlie, "lead").await.expect(200);
    demo.get(&charlie, "/api/v1/queue").await.expect(403);
    let last = end(&toni, &alex, "lead").await.expect(409);
    assert_eq!(last["code"], "last_of_its_kind");
    end(&alex, &toni, "auditor").await.expect(403);
}

#[tokio::test]
async fn someone_who_was_never_met_is_expected_by_their_address() {
    let demo = Demo::start(&["--empty"]);
    let (alex, toni) = (
        demo.person("Alex Kestrel").await,
        demo.person("Toni Godwit").await,
    );
    let new = json!({ "email": "new.person@example.test", "role": "governance" });
    let person = text(&propose(&demo, &alex, new).await.expect(200)["person"]);
    let proposed = demo.get(&toni, "/api/v1/grants").await.expect(200)["proposed"].clone();
    assert_eq!(
        proposed[0]["email"], "new.person@example.test",
        "{proposed}"
    );
    approve(&demo, &toni, &person, "governance")
        .await
        .expect(200);
    let (path, body) = (
        format!("grants/{person}/refuse"),
        json!({ "role": "governance" }),
    );
    let refuse = post(&demo, &toni, &path, &body);
    assert_eq!(refuse.await.expect(409)["code"], "not_proposed");
    let grants = demo.get(&toni, "/api/v1/grants").await.expect(200);
    let grants = grants["grants"].as_array().unwrap().clone();
    let granted = grants
        .iter()
        .find(|grant| grant["person"] == person.as_str());
    assert_eq!(granted.unwrap()["email"], "new.person@example.test");
    let met = grants.iter().find(|grant| grant["name"] == "Alex Kestrel");
    assert!(met.unwrap().get("email").is_none(), "{met:?}");
}

#[tokio::test]
async fn an_end_reaches_an_open_browser_and_the_second_page_of_a_list() {
    let demo = Demo::start(&["--only-stroke-ward"]);
    let (alex, charlie) = (
        demo.person("Alex Kestrel").await,
        demo.person("Charlie Dunnock").await,
    );
    let cookie = demo.cookie("charlie").await;
    let page = async |path: &str| {
        let headers = [("Cookie", cookie.as_str())];
        demo.send(Method::GET, path, None, &headers, None).await
    };
    let letters = demo
        .get(&charlie, "/api/v1/letters?limit=1")
        .await
        .expect(200);
    let second = format!("/api/v1/letters?limit=1&after={}", text(&letters["next"]));
    demo.get(&charlie, &second).await.expect(200);
    let cases = demo.get(&charlie, "/api/v1/cases").await.expect(200);
    let case = format!("/cases/{}", text(&cases["cases"][0]["case"]));
    page("/queue").await.expect(200);
    page(&case).await.expect(200);
    let end = format!("grants/{}/end", charlie.id);
    post(&demo, &alex, &end, &json!({ "role": "lead" }))
        .await
        .expect(200);
    page("/queue").await.expect(403);
    page(&case).await.expect(404);
    demo.get(&charlie, &second).await.expect(403);
}
