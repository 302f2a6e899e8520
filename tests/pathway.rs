//! The rest of the pathway's daily work, from outside: over HTTP, by the people of the demonstration.

mod support;

use chrono::Duration;
use serde_json::{Value, json};
use support::demo::referral;
use support::pathway::{Trust, team_of, text};

#[tokio::test]
async fn a_nurse_logs_a_defusion_in_six_answers_and_a_late_one_is_only_marked() {
    let trust = Trust::open().await;
    let night = trust.now - Duration::hours(30);
    let body = json!({
        "team": trust.team, "incident_type": "assault_physical", "occurred_at": night,
        "held_at": night + Duration::hours(2), "led_by": "nurse_in_charge", "headcount": "6-10",
    });
    let opened = trust.post(&trust.nurse, "/api/v1/defusions", &body).await;
    assert!(opened.header("location").starts_with("/api/v1/cases/"));
    let answer = opened.expect(201);
    assert_eq!(answer["outside_window"], false);
    let case = text(&answer["case"]);

    let late =
        json!({ "held_at": night + Duration::hours(20), "led_by": "manager", "headcount": "1-5" });
    let logged = trust
        .demo
        .command(&trust.manager, &case, "log-defusion", &late)
        .await;
    assert_eq!(logged.expect(200)["outside_window"], true);

    let seen = trust.case(&trust.nurse, &case).await;
    assert_eq!(seen["defusions"][1]["outside_window"], true);
    assert!(seen["defusions"][1].get("headcount").is_none());
    let story = trust.headlines(&trust.manager, &case).await;
    assert!(story.contains("led by the nurse in charge"), "{story}");
    let stranger = trust
        .demo
        .command(&trust.other_manager, &case, "log-defusion", &late)
        .await;
    stranger.expect(404);
}

#[tokio::test]
async fn what_a_lead_raises_on_behalf_thanks_nobody_and_hides_its_source_from_the_manager() {
    let trust = Trust::open().await;
    let mut body = referral(&trust.team);
    body["on_behalf"] = json!({ "source": "freedom_to_speak_up", "note": "Rang on Monday." });
    let refused = trust.demo.raise(&trust.manager, &body).await.expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/on_behalf");

    let raised = trust.demo.raise(&trust.lead, &body).await.expect(201);
    let case = text(&raised["case"]);
    let seen = trust.case(&trust.lead, &case).await;
    assert_eq!(seen["on_behalf"]["source"], "freedom_to_speak_up");
    let manager_sees = trust.case(&trust.manager, &case).await.to_string();
    assert!(!manager_sees.contains("freedom_to_speak_up"));
    assert!(!manager_sees.contains("on_behalf"));
    let letters = trust.demo.get(&trust.lead, "/api/v1/letters").await;
    let letters = letters.expect(200);
    let received = letters["letters"].as_array().unwrap().iter();
    let about_it: Vec<_> = received.filter(|l| l["case"] == case.as_str()).collect();
    assert!(
        about_it.iter().all(|l| l["kind"] != "received"),
        "{about_it:?}"
    );
}

#[tokio::test]
async fn a_manager_prints_a_notice_that_says_nothing_of_what_happened() {
    let trust = Trust::open().await;
    let case = trust.raise().await;
    let session = trust.arrange(&case).await;
    let path = format!("/api/v1/cases/{case}/sessions/{session}/notice");
    let notice = trust.demo.get(&trust.manager, &path).await;
    let shown = notice.expect(200);
    assert_eq!(shown["session"], "PETR debrief");
    assert_eq!(shown["site"], "Garden Room");
    assert_eq!(shown["facilitators"], json!(["Ash Linnet"]));
    for secret in ["attack", "assault", "W-1", "night", "Harbour"] {
        assert!(!notice.text.contains(secret), "{secret}");
    }
    for stranger in [&trust.other_manager, &trust.nurse] {
        trust.demo.get(stranger, &path).await.expect(404);
    }
    let facilitator = trust.demo.get(&trust.facilitator, &path).await;
    facilitator.expect(403);
    trust.hold(&case, &session).await;
    trust.demo.get(&trust.manager, &path).await.expect(404);
}

#[tokio::test]
async fn what_a_session_asked_for_comes_due_and_is_done_after_the_case_was_closed() {
    let trust = Trust::open().await;
    let case = trust.raise().await;
    let session = trust.arrange(&case).await;
    trust.hold(&case, &session).await;
    let close = json!({ "outcome": "support_provided" });
    trust.lead(&case, "close", close).await.expect(200);
    trust.demo.move_clock(trust.now + Duration::days(12)).await;

    let mine = |list: Value| {
        let lines = list["actions"].as_array().unwrap().clone();
        let line = lines.into_iter().find(|l| l["case"] == case.as_str());
        line.unwrap()
    };
    let list = trust.demo.get(&trust.manager, "/api/v1/actions").await;
    let line = mine(list.expect(200));
    assert_eq!(
        (&line["state"], &line["owner"]),
        (&json!("overdue"), &json!("ward_management"))
    );
    let others = trust
        .demo
        .get(&trust.other_manager, "/api/v1/actions")
        .await;
    assert_eq!(others.expect(200)["actions"], json!([]));
    trust
        .demo
        .get(&trust.nurse, "/api/v1/actions")
        .await
        .expect(403);

    let done = json!({ "action": line["action"], "what_changed": "The number is on the wall." });
    let complete = |who| trust.demo.command(who, &case, "complete-action", &done);
    complete(&trust.manager).await.expect(200);
    assert_eq!(
        complete(&trust.lead).await.expect(409)["code"],
        "action_done"
    );
    let list = trust
        .demo
        .get(&trust.lead, "/api/v1/actions?state=done")
        .await;
    assert_eq!(
        mine(list.expect(200))["what_changed"],
        "The number is on the wall."
    );
    let story = trust.headlines(&trust.manager, &case).await;
    assert!(story.contains("The number is on the wall."), "{story}");
}

/// What a list has of the follow-up of a case.
async fn follow_up_in(trust: &Trust, list: &str, of: &str, case: &str) -> Option<Value> {
    let path = format!("/api/v1/{list}");
    let list = trust.demo.get(&trust.lead, &path).await.expect(200);
    let mut lines = list[of].as_array().unwrap().iter();
    let line = lines.find(|l| l["case"] == case && (of == "tasks" || l["kind"] == "follow_up_due"));
    line.cloned()
}

#[tokio::test]
async fn the_four_week_follow_up_comes_due_by_itself_after_the_case_was_closed() {
    let trust = Trust::open().await;
    let case = trust.raise().await;
    let session = trust.arrange(&case).await;
    trust.hold(&case, &session).await;
    let close = json!({ "outcome": "support_provided" });
    trust.lead(&case, "close", close).await.expect(200);
    let task = || follow_up_in(&trust, "queue", "tasks", &case);
    let letter = || follow_up_in(&trust, "letters", "letters", &case);
    assert!(task().await.is_none());

    trust.demo.move_clock(trust.now + Duration::days(22)).await;
    assert_eq!(task().await.unwrap()["state"], "to_confirm");
    let wrong = json!({ "follow_up": "four_weeks", "ask": { "manager": trust.other_manager.id } });
    let refused = trust
        .lead(&case, "confirm-follow-up", wrong)
        .await
        .expect(422);
    assert_eq!(refused["errors"][0]["pointer"], "/ask/manager");
    let ask = json!({ "follow_up": "four_weeks", "ask": { "manager": trust.manager.id } });
    trust
        .lead(&case, "confirm-follow-up", ask)
        .await
        .expect(200);
    assert!(letter().await.is_none());
    let answer = json!({ "follow_up": "four_weeks", "reminded_how_to_ask": "yes",
                         "going": "better", "more_team_support": "no" });
    let answers = |who| trust.demo.command(who, &case, "answer-follow-up", &answer);
    assert_eq!(answers(&trust.manager).await.expect(409)["code"], "not_due");

    trust.demo.move_clock(trust.now + Duration::days(27)).await;
    assert_eq!(letter().await.unwrap()["to"]["name"], "Robin Wren");
    assert_eq!(task().await.unwrap()["state"], "due");
    let seen = trust.case(&trust.manager, &case).await;
    assert_eq!(seen["follow_ups"][0]["yours"], true);
    answers(&trust.lead).await.expect(403);
    answers(&trust.other_manager).await.expect(404);
    answers(&trust.manager).await.expect(200);
    assert!(task().await.is_none());
    let story = trust.headlines(&trust.manager, &case).await;
    assert!(
        story.contains("Four weeks on, the team is doing better."),
        "{story}"
    );
    let clocks = trust.case(&trust.lead, &case).await["clocks"].clone();
    let k7 = clocks
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["code"] == "K7");
    assert_eq!(k7.unwrap()["state"], "met");
}

#[tokio::test]
async fn one_incident_of_two_teams_is_linked_and_neither_manager_learns_of_the_other() {
    let trust = Trust::open().await;
    let case = trust.raise().await;
    let team = team_of(&trust.demo, &trust.other_manager).await;
    let raised = trust
        .demo
        .raise(&trust.other_manager, &referral(&team))
        .await;
    let other = text(&raised.expect(201)["case"]);
    let before = trust.case(&trust.other_manager, &other).await;
    let incident = |case: &Value| case["request"]["incidents"][0]["incident"].clone();
    let link = json!({ "incident": incident(&trust.case(&trust.lead, &case).await), "case": other,
                       "their_incident": incident(&before) });
    let linked = trust.lead(&case, "link", link).await.expect(200);
    assert_eq!(linked["case"], case.as_str());
    let (here, there) = (
        trust.case(&trust.lead, &case).await["links"][0].clone(),
        trust.case(&trust.lead, &other).await["links"][0].clone(),
    );
    assert_eq!(here["shared"], there["shared"]);
    assert_eq!(there["with"]["case"], case.as_str());
    let after = trust.case(&trust.other_manager, &other).await;
    assert!(after.get("links").is_none());
    assert!(!after.to_string().contains(&case));
    let story = trust.headlines(&trust.other_manager, &other).await;
    assert!(!story.contains("linked"), "{story}");
}

#[tokio::test]
async fn a_merge_names_the_other_case_only_to_whoever_may_see_it_and_is_undone() {
    let trust = Trust::open().await;
    let case = trust.raise().await;
    let team = team_of(&trust.demo, &trust.other_manager).await;
    let raised = trust
        .demo
        .raise(&trust.other_manager, &referral(&team))
        .await;
    let into = raised.expect(201);
    let (into, reference) = (text(&into["case"]), text(&into["reference"]));
    let merge = json!({ "into": into });
    trust.lead(&case, "merge", merge).await.expect(200);

    let seen = trust.case(&trust.manager, &case).await;
    assert_eq!(seen["state"], "merged");
    assert!(!seen.to_string().contains(&into));
    let late = json!({ "held_at": trust.now, "led_by": "manager", "headcount": "1-5" });
    let log = |who| trust.demo.command(who, &case, "log-defusion", &late);
    let refused = log(&trust.manager).await;
    assert_eq!(refused.expect(409)["code"], "case_merged");
    assert!(!refused.text.contains(&reference));
    assert!(log(&trust.lead).await.text.contains(&reference));
    let other = trust.case(&trust.other_manager, &into).await;
    assert!(!other.to_string().contains(&case));
    let story = trust.headlines(&trust.other_manager, &into).await;
    assert!(!story.contains("merged"), "{story}");

    trust.lead(&case, "unmerge", json!({})).await.expect(200);
    assert_eq!(trust.case(&trust.manager, &case).await["state"], "raised");
}

#[tokio::test]
async fn an_offer_of_reflective_practice_is_done_when_a_standing_group_is_agreed() {
    let trust = Trust::open().await;
    let case = trust.raise().await;
    trust.arrange(&case).await;
    let plan = json!({ "kind": "reflective_practice", "owner": "pipss_lead" });
    let planned = trust.lead(&case, "plan-offer", plan).await.expect(200);
    let agree = json!({ "team": trust.team, "starts_on": trust.now.date_naive(), "every_weeks": 4,
                        "resolves": { "case": case, "offer": planned["offer"] } });
    let refused = trust.post(&trust.manager, "/api/v1/groups", &agree).await;
    refused.expect(403);
    let agreed = trust.post(&trust.lead, "/api/v1/groups", &agree).await;
    let group = text(&agreed.expect(201)["group"]);
    let offers = trust.case(&trust.manager, &case).await["offers"].clone();
    assert_eq!(offers[1]["state"], "done");

    let groups = trust.demo.get(&trust.manager, "/api/v1/groups").await;
    assert_eq!(groups.expect(200)["groups"][0]["group"], group.as_str());
    let groups = trust.demo.get(&trust.other_manager, "/api/v1/groups").await;
    assert_eq!(groups.expect(200)["groups"], json!([]));
    let end = json!({ "reason": "came_to_its_end" });
    let path = format!("/api/v1/groups/{group}/end");
    trust.post(&trust.lead, &path, &end).await.expect(200);
    let again = trust.post(&trust.lead, &path, &end).await;
    assert_eq!(again.expect(409)["code"], "group_ended");
}
