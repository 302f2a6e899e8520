//! Letters about danger and supervision: they reach those who must act, and say nothing else.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use serde_json::json;
use support::private::post;
use support::schedule::{Posted, arrange, in_days, planned};

#[tokio::test]
async fn leads_are_told_of_danger_at_once_but_not_those_of_the_team_or_its_line() {
    let mut posted = Posted::start();
    let demo = &posted.demo;
    let (robin, alex, charlie, kim) = (
        demo.person("Robin Wren").await,
        demo.person("Alex Kestrel").await,
        demo.person("Charlie Dunnock").await,
        demo.person("Kim Siskin").await,
    );
    let petr = planned(demo, &alex, &robin, "petr_debrief").await;
    arrange(demo, &alex, &petr, in_days(9), &[&kim], json!({}))
        .await
        .expect(200);
    posted.pass(Duration::minutes(30)).await;
    let before = [&robin, &alex, &charlie].map(|who| posted.to(who).len());
    let danger = json!({ "danger": "risk_to_self", "route": "crisis_team" });
    let path = format!("cases/{}/escalate", petr.case);
    post(&posted.demo, &kim, &path, &danger).await.expect(200);
    posted.pass(Duration::minutes(1)).await;
    let told = |who| posted.to(who).pop().unwrap();
    for lead in [&alex, &charlie] {
        let mail = told(lead);
        assert_eq!(mail.header("subject"), ["Please look at this now"]);
        assert!(
            mail.text
                .starts_with("Something needs someone to look at it at once.")
        );
        let said = mail.text.to_lowercase();
        for word in [
            "risk",
            "danger in",
            "stroke",
            "debrief",
            "crisis",
            &petr.reference.to_lowercase(),
        ] {
            assert!(!said.contains(word), "{word}: {said}");
        }
    }
    let after = [&robin, &alex, &charlie].map(|who| posted.to(who).len());
    assert_eq!(after, [before[0], before[1] + 1, before[2] + 1]);
}

#[tokio::test]
async fn the_supervision_lead_is_told_that_something_waits_and_nobody_else_is() {
    let mut posted = Posted::start();
    let (ash, pat) = (
        posted.demo.person("Ash Linnet").await,
        posted.demo.person("Pat Curlew").await,
    );
    let wish = json!({ "after": "session", "wish": "when_convenient", "note": "By telephone." });
    post(&posted.demo, &ash, "supervision", &wish)
        .await
        .expect(201);
    posted.pass(Duration::minutes(1)).await;
    let mails = posted.peer.messages();
    assert_eq!(mails.len(), 1);
    let mail = &posted.to(&pat)[0];
    assert_eq!(mail.header("subject"), ["Something is waiting for you"]);
    assert!(!mail.text.to_lowercase().contains("supervision lead"));
}
