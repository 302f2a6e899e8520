//! What facilitators say of themselves: when they are away, and whether they can come.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::demo::Demo;
use support::schedule::{Cast, arrange, day, in_days, planned, pointers, seen, session, to_diary};

#[tokio::test]
async fn nobody_is_asked_while_on_leave_and_leave_names_the_sessions_it_affects() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let booked = arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(9),
        &[&cast.ash],
        json!({}),
    )
    .await;
    let leave = json!({ "from": day(in_days(8)), "to": day(in_days(14)) });

    to_diary(&demo, &cast.robin, &cast.ash, "leave", leave.clone())
        .await
        .expect(403);
    to_diary(&demo, &cast.kim, &cast.ash, "leave", leave.clone())
        .await
        .expect(404);
    let planned = to_diary(&demo, &cast.ash, &cast.ash, "leave", leave.clone())
        .await
        .expect(200);
    assert_eq!(planned["sessions"][0]["session"], session(&booked).as_str());
    assert_eq!(planned["sessions"][0]["reference"], petr.reference.as_str());
    let nobody = to_diary(&demo, &cast.alex, &cast.robin, "leave", leave.clone()).await;
    nobody.expect(404);
    let twice = to_diary(&demo, &cast.alex, &cast.ash, "leave", leave)
        .await
        .expect(409);
    assert_eq!(twice["code"], "leave_exists");

    let on_leave = arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(12),
        &[&cast.ash],
        json!({}),
    )
    .await;
    assert_eq!(pointers(&on_leave.expect(422)), ["/facilitators/0"]);
    let off = json!({ "from": day(in_days(8)) });
    to_diary(&demo, &cast.alex, &cast.ash, "cancel-leave", off.clone())
        .await
        .expect(200);
    to_diary(&demo, &cast.alex, &cast.ash, "cancel-leave", off)
        .await
        .expect(422);
    arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(12),
        &[&cast.ash],
        json!({}),
    )
    .await
    .expect(200);
}

#[tokio::test]
async fn a_facilitator_who_cannot_come_says_so_and_the_lead_sees_it() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let arranged = arrange(
        &demo,
        &cast.alex,
        &petr,
        in_days(9),
        &[&cast.ash],
        json!({}),
    )
    .await;
    let id = session(&arranged);
    let decline = json!({ "session": id, "accept": false });
    let answer = demo
        .command(&cast.ash, &petr.case, "answer-invitation", &decline)
        .await;
    answer.expect(200);
    let staffing = seen(&demo, &cast.alex, &petr).await["staffing"].clone();
    assert_eq!(staffing["answers"][0]["accept"], false);
    assert_eq!(staffing["answers"][0]["facilitator"]["name"], "Ash Linnet");
    assert!(
        seen(&demo, &cast.robin, &petr)
            .await
            .get("staffing")
            .is_none()
    );
    let other = demo
        .command(&cast.alex, &petr.case, "answer-invitation", &decline)
        .await;
    assert_eq!(other.status.as_u16(), 403, "{}", other.text);
}
