//! Scheduling from outside: who can be asked, nobody twice, changes whole or not at all.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use serde_json::{Value, json};
use support::demo::{Demo, Person};
use support::schedule::{Cast, arrange, in_days, planned, pointers, seen, session, to_diary};

#[tokio::test]
async fn every_reason_against_a_facilitator_is_named_and_a_lead_can_say_why_all_the_same() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let at = in_days(9);
    let both = [&cast.ash, &cast.lee];

    let refused = arrange(&demo, &cast.alex, &petr, at, &both, json!({}))
        .await
        .expect(422);
    assert_eq!(pointers(&refused), ["/facilitators/1", "/facilitators/1"]);
    let said = refused["errors"].to_string();
    assert!(
        said.contains("neither of this team") && said.contains("training"),
        "{said}"
    );

    let reason = "Lee was on leave when it happened and is supervised by Ash.";
    let overrides = json!({ "overrides": [{ "facilitator": cast.lee.id, "reason": reason }] });
    arrange(&demo, &cast.alex, &petr, at, &both, overrides.clone())
        .await
        .expect(200);
    let lead = seen(&demo, &cast.alex, &petr).await;
    assert_eq!(
        lead["staffing"]["overrides"][0]["against"],
        json!(["of_the_team", "untrained"])
    );
    assert_eq!(lead["staffing"]["overrides"][0]["reason"], reason);
    for other in [&cast.robin, &cast.lee] {
        let case = demo
            .get(other, &format!("/api/v1/cases/{}", petr.case))
            .await;
        assert_eq!(case.status.as_u16(), 200);
        assert!(!case.text.contains("supervised") && !case.text.contains("staffing"));
        let path = format!("/api/v1/cases/{}/timeline", petr.case);
        let timeline = demo.get(other, &path).await;
        assert!(!timeline.text.contains("supervised"), "{}", timeline.text);
    }

    // Never double-booking, whatever the reason.
    let again = json!({ "overrides": [
        { "facilitator": cast.lee.id, "reason": reason },
        { "facilitator": cast.ash.id, "reason": reason }
    ] });
    let later = at + Duration::minutes(30);
    let refused = arrange(&demo, &cast.alex, &petr, later, &both, again)
        .await
        .expect(409);
    assert_eq!(refused["code"], "facilitator_busy");
    assert_eq!(pointers(&refused), ["/facilitators/0", "/facilitators/1"]);

    // Nor can someone be asked all the same who is not asked at all.
    let refused = arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(11),
        &[&cast.ash],
        overrides,
    )
    .await;
    assert_eq!(pointers(&refused.expect(422)), ["/overrides/0/facilitator"]);
}

#[tokio::test]
async fn whoever_is_declared_involved_is_not_asked_where_neutrality_is_needed() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let declare = async |who: &Person, body: Value| {
        demo.command(who, &petr.case, "declare-involved", &body)
            .await
    };

    declare(&cast.alex, json!({ "person": cast.kim.id }))
        .await
        .expect(200);
    let all = [&cast.ash, &cast.kim];
    let refused = arrange(&demo, &cast.alex, &petr, in_days(9), &all, json!({}))
        .await
        .expect(422);
    assert_eq!(pointers(&refused), ["/facilitators/1"]);
    assert!(
        refused["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("involved")
    );

    arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(9),
        &[&cast.ash],
        json!({}),
    )
    .await
    .expect(200);
    let other = declare(&cast.ash, json!({ "person": cast.alex.id }))
        .await
        .expect(422);
    assert_eq!(pointers(&other), ["/person"]);
    declare(&cast.ash, json!({})).await.expect(200);
    declare(&cast.ash, json!({})).await.expect(409);
    declare(&cast.robin, json!({})).await.expect(403);
    let case = demo
        .get(&cast.alex, &format!("/api/v1/cases/{}", petr.case))
        .await;
    assert_eq!(case.json()["involved"].as_array().unwrap().len(), 2);
    let case = demo
        .get(&cast.robin, &format!("/api/v1/cases/{}", petr.case))
        .await;
    assert!(case.json().get("involved").is_none());
    let refused = arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(12),
        &[&cast.ash],
        json!({}),
    )
    .await;
    assert_eq!(pointers(&refused.expect(422)), ["/facilitators/0"]);
}

#[tokio::test]
async fn a_facilitator_is_not_asked_for_more_sessions_within_four_weeks_than_agreed() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let defusion = planned(&demo, &cast.alex, &cast.jo, "defusion").await;
    let ask = async |days| {
        arrange(
            &demo,
            &cast.alex,
            &defusion,
            in_days(days),
            &[&cast.lee],
            json!({}),
        )
        .await
    };
    for days in [3, 10, 20] {
        ask(days).await.expect(200);
    }
    let refused = ask(15).await.expect(422);
    assert_eq!(pointers(&refused), ["/facilitators/0"]);
    assert!(
        refused["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("four weeks")
    );
    ask(30).await.expect(422);
    ask(32).await.expect(200);
}

#[tokio::test]
async fn when_two_leads_press_at_once_exactly_one_gets_the_facilitator() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let one = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let other = planned(&demo, &cast.charlie, &cast.jo, "petr_debrief").await;
    for days in 5..15 {
        let at = in_days(days);
        let kim = [&cast.kim];
        let (first, second) = tokio::join!(
            arrange(&demo, &cast.alex, &one, at, &kim, json!({})),
            arrange(&demo, &cast.charlie, &other, at, &kim, json!({})),
        );
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", first.text, second.text);
        let refused = if first.status.as_u16() == 409 {
            &first
        } else {
            &second
        };
        assert_eq!(refused.json()["code"], "facilitator_busy");
    }
}

#[tokio::test]
async fn a_session_is_moved_handed_over_and_cancelled_and_everyones_time_follows() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let at = in_days(9);
    let both = [&cast.ash, &cast.kim];
    let id = session(&arrange(&demo, &cast.alex, &petr, at, &both, json!({})).await);
    let give =
        async |name: &str, body: Value| demo.command(&cast.alex, &petr.case, name, &body).await;

    let next_day = at + Duration::days(1);
    give(
        "move-session",
        json!({ "session": id, "starts_at": next_day }),
    )
    .await
    .expect(200);
    let now = seen(&demo, &cast.robin, &petr).await;
    assert_eq!(now["starts_at"], json!(next_day));
    assert_eq!(now["site"], "Garden Room; block B, left");

    // The old time is free, the new one is not.
    let rehab = planned(&demo, &cast.alex, &cast.jo, "petr_debrief").await;
    arrange(&demo, &cast.alex, &rehab, next_day, &[&cast.kim], json!({}))
        .await
        .expect(409);
    arrange(&demo, &cast.alex, &rehab, at, &[&cast.kim], json!({}))
        .await
        .expect(200);
    let back = give("move-session", json!({ "session": id, "starts_at": at }))
        .await
        .expect(409);
    assert_eq!(pointers(&back), ["/facilitators/1"]);

    let hand = |to: &Person| json!({ "session": id, "from": cast.kim.id, "to": to.id });
    assert_eq!(
        pointers(&give("hand-over-session", hand(&cast.ash)).await.expect(422)),
        ["/to"]
    );
    let untrained = give("hand-over-session", hand(&cast.lee)).await.expect(422);
    assert_eq!(pointers(&untrained), ["/to", "/to"]);
    give("hand-over-session", hand(&cast.alex))
        .await
        .expect(200);
    demo.get(&cast.kim, &format!("/api/v1/cases/{}", petr.case))
        .await
        .expect(404);
    arrange(&demo, &cast.alex, &rehab, next_day, &[&cast.kim], json!({}))
        .await
        .expect(200);

    let off = json!({ "session": id, "reason": "service_pressure" });
    give("cancel-session", off.clone()).await.expect(200);
    let now = seen(&demo, &cast.robin, &petr).await;
    assert_eq!(
        (&now["state"], &now["cancelled_because"]),
        (&json!("cancelled"), &json!("service_pressure"))
    );
    let again = give("cancel-session", off).await.expect(409);
    assert_eq!(again["code"], "session_recorded");
    arrange(&demo, &cast.alex, &rehab, next_day, &[&cast.ash], json!({}))
        .await
        .expect(200);
}

#[tokio::test]
async fn all_sessions_of_a_facilitator_are_handed_over_together_or_not_at_all() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let stroke = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let rehab = planned(&demo, &cast.charlie, &cast.jo, "petr_debrief").await;
    let (early, late) = (in_days(6), in_days(9));
    arrange(&demo, &cast.alex, &stroke, early, &[&cast.kim], json!({}))
        .await
        .expect(200);
    arrange(&demo, &cast.alex, &rehab, late, &[&cast.kim], json!({}))
        .await
        .expect(200);
    let postvention = planned(&demo, &cast.alex, &cast.jo, "postvention").await;
    let busy = arrange(
        &demo,
        &cast.alex,
        &postvention,
        late,
        &[&cast.ash],
        json!({}),
    )
    .await;
    let busy = session(&busy);

    let to_ash = json!({ "to": cast.ash.id, "reason": "Kim is ill." });
    to_diary(&demo, &cast.kim, &cast.kim, "reassign", to_ash.clone())
        .await
        .expect(403);
    let refused = to_diary(&demo, &cast.alex, &cast.kim, "reassign", to_ash.clone())
        .await
        .expect(409);
    assert_eq!(refused["code"], "cannot_reassign");
    let said = refused["detail"].as_str().unwrap();
    assert!(
        said.contains(&rehab.reference) && !said.contains(&stroke.reference),
        "{said}"
    );
    for case in [&stroke, &rehab] {
        let session = seen(&demo, &cast.alex, case).await;
        assert_eq!(session["facilitators"][0]["name"], "Kim Siskin");
    }

    let away = json!({ "session": busy, "starts_at": late + Duration::days(1) });
    demo.command(&cast.alex, &postvention.case, "move-session", &away)
        .await
        .expect(200);
    let done = to_diary(&demo, &cast.alex, &cast.kim, "reassign", to_ash.clone())
        .await
        .expect(200);
    assert_eq!(done["sessions"].as_array().unwrap().len(), 2);
    for case in [&stroke, &rehab] {
        let session = seen(&demo, &cast.alex, case).await;
        assert_eq!(session["facilitators"][0]["name"], "Ash Linnet");
    }
    let diary = demo.get(&cast.kim, "/api/v1/diary").await.expect(200);
    assert_eq!(diary["sessions"], json!([]));
    let nothing = to_diary(&demo, &cast.alex, &cast.kim, "reassign", to_ash)
        .await
        .expect(409);
    assert_eq!(nothing["code"], "nothing_to_reassign");
}
