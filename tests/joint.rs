//! One session for two teams, from outside: each sees its own, and neither learns of the other.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, Datelike, Duration, TimeZone, Utc};
use serde_json::{Value, json};
use support::demo::{Demo, Person};
use support::letters::letters;
use support::schedule::{
    Cast, Planned, Posted, arrange, in_days, planned, pointers, seen, session, to_diary,
};

/// The stroke ward's case and the rehabilitation ward's, about one incident.
async fn linked(demo: &Demo, cast: &Cast) -> [Planned; 2] {
    linked_in(demo, cast, [&cast.robin, &cast.jo]).await
}

/// The cases of two managers' teams about one incident, raised in this order.
async fn linked_in(demo: &Demo, cast: &Cast, managers: [&Person; 2]) -> [Planned; 2] {
    let first = planned(demo, &cast.alex, managers[0], "petr_debrief").await;
    let second = planned(demo, &cast.alex, managers[1], "petr_debrief").await;
    let [here, there] = [
        incident(demo, &cast.alex, &first).await,
        incident(demo, &cast.alex, &second).await,
    ];
    let link = json!({ "incident": here, "case": second.case, "their_incident": there });
    demo.command(&cast.alex, &first.case, "link", &link)
        .await
        .expect(200);
    [first, second]
}

async fn incident(demo: &Demo, who: &Person, planned: &Planned) -> Value {
    let case = case(demo, who, &planned.case).await;
    case["request"]["incidents"][0]["incident"].clone()
}

async fn case(demo: &Demo, who: &Person, case: &str) -> Value {
    demo.get(who, &format!("/api/v1/cases/{case}"))
        .await
        .expect(200)
}

fn with(other: &Planned) -> Value {
    json!({ "joint_with": [{ "case": other.case, "offer": other.offer }] })
}

fn record(session: &str) -> Value {
    json!({
        "session": session, "minutes": 75, "mode": "in_person", "headcount": 14,
        "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
        "actions": [{ "what": "Agree whom to ring", "owner": "ward_management",
                      "due": in_days(60).date_naive() }]
    })
}

/// Every byte that a manager can read about their team.
async fn everything(demo: &Demo, manager: &Person, planned: &Planned, session: &str) -> String {
    let team = case(demo, manager, &planned.case).await["team"]["team"].clone();
    let team = team.as_str().unwrap();
    let case = format!("/api/v1/cases/{}", planned.case);
    let mut all = String::new();
    for path in [
        "/api/v1/me".into(),
        "/api/v1/cases".into(),
        "/api/v1/actions".into(),
        "/api/v1/groups".into(),
        format!("/api/v1/teams/{team}/timeline"),
        format!("{case}/timeline"),
        format!("{case}/sessions/{session}/notice"),
        case,
    ] {
        let answer = demo.get(manager, &path).await;
        // There is no notice of what is over.
        let past = answer.status == 404 && path.ends_with("/notice");
        assert!(answer.status == 200 || past, "{path}: {}", answer.text);
        all += &format!("{:?} {}\n", answer.headers, answer.text);
    }
    all
}

#[tokio::test]
async fn each_manager_sees_a_joint_session_as_their_own_and_never_that_another_team_is_there() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let [stroke, rehab] = linked(&demo, &cast).await;
    let at = in_days(9);
    let both = [&cast.ash, &cast.kim];
    let id = session(&arrange(&demo, &cast.alex, &stroke, at, &both, with(&rehab)).await);

    for held in [false, true] {
        if held {
            demo.move_clock(at + Duration::hours(2)).await;
            demo.command(&cast.kim, &stroke.case, "record-session", &record(&id))
                .await
                .expect(200);
        }
        for (manager, own, other, names) in [
            (&cast.robin, &stroke, &rehab, ["Meadow", "Jo Plover"]),
            (&cast.jo, &rehab, &stroke, ["Harbour", "Robin Wren"]),
        ] {
            let session = seen(&demo, manager, own).await;
            assert_eq!(session["session"], id.as_str());
            assert_eq!(session["state"], if held { "held" } else { "arranged" });
            let all = everything(&demo, manager, own, &id).await;
            for secret in [other.case.as_str(), &other.reference, &other.offer] {
                assert!(!all.contains(secret), "{all}");
            }
            for secret in names.into_iter().chain(["joint", "led_in", "joined"]) {
                assert!(!all.contains(secret), "{secret}: {all}");
            }
            demo.get(manager, &format!("/api/v1/cases/{}", other.case))
                .await
                .expect(404);
        }
    }
    // The lead sees both ends of it.
    let led = seen(&demo, &cast.alex, &stroke).await;
    let joined = seen(&demo, &cast.alex, &rehab).await;
    assert_eq!(led["joint_with"][0]["case"], rehab.case.as_str());
    assert_eq!(
        joined["joint_with"][0]["reference"],
        stroke.reference.as_str()
    );
    assert_eq!(joined["joint_with"][0]["leads"], true);
    assert_eq!(joined["record"]["headcount"], 14);
}

#[tokio::test]
async fn facilitators_have_one_booking_one_place_to_record_and_know_whom_it_is_for() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let [stroke, rehab] = linked(&demo, &cast).await;
    let at = in_days(9);
    let id = session(&arrange(&demo, &cast.alex, &stroke, at, &[&cast.kim], with(&rehab)).await);

    let diary = demo.get(&cast.kim, "/api/v1/diary").await.expect(200);
    let [line] = &diary["sessions"].as_array().unwrap()[..] else {
        panic!("{diary}")
    };
    assert_eq!(line["case"], stroke.case.as_str());
    assert_eq!(
        line["joint_with"][0]["team"]["name"],
        "Meadow Rehabilitation Ward"
    );

    demo.move_clock(at + Duration::hours(2)).await;
    let elsewhere = demo
        .command(&cast.kim, &rehab.case, "record-session", &record(&id))
        .await
        .expect(409);
    assert_eq!(elsewhere["code"], "joint_session");
    let said = elsewhere["detail"].as_str().unwrap();
    assert!(said.contains(&stroke.reference), "{said}");
    let next = case(&demo, &cast.kim, &rehab.case).await["next"].to_string();
    assert!(!next.contains("record-session"), "{next}");
    demo.command(&cast.kim, &stroke.case, "record-session", &record(&id))
        .await
        .expect(200);
    for (manager, own) in [(&cast.robin, &stroke), (&cast.jo, &rehab)] {
        let actions = demo.get(manager, "/api/v1/actions").await.expect(200);
        assert_eq!(actions["actions"][0]["case"], own.case.as_str());
        assert_eq!(actions["actions"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_joint_session_is_moved_and_handed_over_for_both_and_nobody_of_either_team_holds_it() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let [stroke, rehab] = linked(&demo, &cast).await;
    // Led by the rehabilitation ward's case: a facilitator of the stroke ward is no more neutral to it.
    let lee = [&cast.lee];
    let refused = arrange(&demo, &cast.alex, &rehab, in_days(9), &lee, with(&stroke)).await;
    let refused = refused.expect(422);
    assert!(
        refused.to_string().contains("neither of this team"),
        "{refused}"
    );

    let at = in_days(9);
    let id = session(&arrange(&demo, &cast.alex, &rehab, at, &[&cast.kim], with(&stroke)).await);
    let next_day = at + Duration::days(1);
    let moved = json!({ "session": id, "starts_at": next_day });
    demo.command(&cast.alex, &rehab.case, "move-session", &moved)
        .await
        .expect(200);
    let to_lee = json!({ "to": cast.lee.id });
    to_diary(&demo, &cast.alex, &cast.kim, "reassign", to_lee)
        .await
        .expect(409);
    let to_ash = json!({ "to": cast.ash.id });
    let done = to_diary(&demo, &cast.alex, &cast.kim, "reassign", to_ash)
        .await
        .expect(200);
    assert_eq!(done["sessions"].as_array().unwrap().len(), 1, "{done}");
    for (manager, own) in [(&cast.robin, &stroke), (&cast.jo, &rehab)] {
        let now = seen(&demo, manager, own).await;
        assert_eq!(now["starts_at"], json!(next_day));
        assert_eq!(now["facilitators"][0]["name"], "Ash Linnet");
    }
}

#[tokio::test]
async fn a_facilitator_gets_one_invitation_and_each_teams_manager_one_letter_about_their_own_case()
{
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let [stroke, rehab] = linked(&posted.demo, &cast).await;
    let at = in_days(9);
    let kim = [&cast.kim];
    let arranged = arrange(&posted.demo, &cast.alex, &stroke, at, &kim, with(&rehab)).await;
    let id = session(&arranged);
    posted.pass(Duration::minutes(1)).await;
    let off = json!({ "session": id, "reason": "service_pressure" });
    posted
        .demo
        .command(&cast.alex, &stroke.case, "cancel-session", &off)
        .await
        .expect(200);
    posted.pass(Duration::minutes(1)).await;

    let all = letters(&posted.demo, &cast.alex).await;
    let mut told: Vec<_> = all
        .iter()
        .map(|letter| {
            (
                letter.carried.kind.as_str(),
                letter.carried.reference.as_str(),
            )
        })
        .filter(|(kind, _)| !matches!(*kind, "received" | "urgent"))
        .collect();
    told.sort_unstable();
    let (s, r) = (stroke.reference.as_str(), rehab.reference.as_str());
    let mut expected = vec![
        ("assigned", s),
        ("released", s),
        ("scheduled", s),
        ("scheduled", r),
        ("cancelled", s),
        ("cancelled", r),
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(posted.to(&cast.kim).len(), 2);
    for (manager, own, other) in [(&cast.robin, s, r), (&cast.jo, r, s)] {
        let mails = posted.to(manager);
        let said = format!("{mails:?}");
        assert!(said.contains(own) && !said.contains(other), "{said}");
    }
}

#[tokio::test]
async fn a_link_is_undone_in_both_cases_and_nothing_is_joined_without_one() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let [stroke, rehab] = linked(&demo, &cast).await;
    let link = case(&demo, &cast.alex, &rehab.case).await["links"][0].clone();
    let unlink = json!({ "case": link["with"]["case"], "shared": link["shared"] });
    demo.command(&cast.robin, &stroke.case, "unlink", &unlink)
        .await
        .expect(403);
    demo.command(&cast.alex, &rehab.case, "unlink", &unlink)
        .await
        .expect(200);
    for planned in [&stroke, &rehab] {
        let case = case(&demo, &cast.alex, &planned.case).await;
        assert_eq!(case["links"], json!([]));
    }
    let kim = [&cast.kim];
    let refused = arrange(&demo, &cast.alex, &stroke, in_days(9), &kim, with(&rehab)).await;
    assert_eq!(pointers(&refused.expect(422)), ["/joint_with/0/case"]);
}

#[tokio::test]
async fn a_facilitator_is_not_told_that_a_session_which_is_not_theirs_is_open() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let petr = planned(&demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let (early, late) = (in_days(6), in_days(9));
    let first = arrange(&demo, &cast.alex, &petr, early, &[&cast.kim], json!({})).await;
    let first = session(&first);
    let next = async |who| case(&demo, who, &petr.case).await["next"].clone();
    demo.move_clock(early + Duration::hours(2)).await;
    assert!(next(&cast.kim).await.to_string().contains("record-session"));
    demo.command(&cast.kim, &petr.case, "record-session", &record(&first))
        .await
        .expect(200);
    let before = next(&cast.kim).await;
    assert_eq!(before, json!(["declare-involved"]));
    arrange(&demo, &cast.alex, &petr, late, &[&cast.ash], json!({}))
        .await
        .expect(200);
    assert_eq!(next(&cast.kim).await, before);
    assert!(next(&cast.ash).await.to_string().contains("record-session"));
    // Nor by a refusal.
    let again = demo
        .command(&cast.kim, &petr.case, "record-session", &record(&first))
        .await
        .expect(409);
    assert_eq!(again["next"], before, "{again}");
}

/// Two days into the next quarter, and that quarter.
fn next_quarter() -> (DateTime<Utc>, String) {
    let now = Utc::now();
    let (year, quarter) = match now.month0() / 3 + 2 {
        5 => (now.year() + 1, 1),
        quarter => (now.year(), quarter),
    };
    let third = Utc.with_ymd_and_hms(year, quarter * 3 - 2, 3, 9, 0, 0);
    (third.unwrap(), format!("{year}-Q{quarter}"))
}

#[tokio::test]
async fn reports_count_a_shared_incident_and_a_joint_session_once() {
    let demo = Demo::start(&["--empty"]);
    let cast = Cast::of(&demo).await;
    let (start, quarter) = next_quarter();
    demo.move_clock(start).await;
    for n in 0..5 {
        // So that no team has more than four fifths of a number.
        let mut managers = [&cast.robin, &cast.jo];
        managers.rotate_left(usize::from(n < 2));
        let [led, joined] = linked_in(&demo, &cast, managers).await;
        let at = start + Duration::days(n + 1);
        let kim = [&cast.kim];
        let arranged = arrange(&demo, &cast.alex, &led, at, &kim, with(&joined)).await;
        let id = session(&arranged);
        demo.move_clock(at + Duration::hours(2)).await;
        let mut record = record(&id);
        record["actions"] = json!([]);
        demo.command(&cast.alex, &led.case, "record-session", &record)
            .await
            .expect(200);
    }
    demo.move_clock(start + Duration::days(95)).await;
    let path = format!("/api/v1/reports/quarters/{quarter}");
    let report = demo.get(&cast.alex, &path).await.expect(200);
    let find = |list: &Value, member: &str, code: &str| {
        let rows = list.as_array().unwrap_or_else(|| panic!("{report}")).iter();
        let mut found = rows.filter(|row| row[member] == code);
        found.next().unwrap_or_else(|| panic!("{report}")).clone()
    };
    assert_eq!(report["referrals"], 10);
    assert_eq!(find(&report["themes"], "theme", "psy")["any"], 5);
    assert_eq!(find(&report["incident_groups"], "group", "VIO")["cases"], 5);
    let waits = demo.get(&cast.alex, &format!("{path}/waits")).await;
    let waits = waits.expect(200);
    for (clock, stopped) in [("K1", 5), ("K3", 10), ("K5", 5)] {
        let wait = find(&waits["clocks"], "clock", clock);
        assert_eq!(wait["stopped"], stopped, "{wait}");
    }
}
