//! When, where and by whom a session is held: what is usual, what needs a reason, what is never done.

use chrono::Duration;
use serde_json::{Value, json};

use super::ArrangeSession;
use crate::close::CloseCase;
use crate::directory_facts::Role;
use crate::given::*;
use crate::history::Event;
use crate::plan::{EndOffer, PlanOffer};
use crate::session::RecordSessionNotHeld;
use crate::stream::Stream;

#[track_caller]
fn assert_fault(pointer: &str, value: impl Into<Value>, said: &str) {
    let (given, offer) = Given::an_offer("petr_debrief");
    let command = but(arrange(&offer, 5), pointer, value);
    let mut found = faults(given.when::<ArrangeSession>(command));
    // Everything that speaks against someone is said of them.
    found.dedup();
    assert_eq!(found, [said]);
}

#[track_caller]
fn assert_taken(pointer: &str, value: impl Into<Value>) {
    let (given, offer) = Given::an_offer("petr_debrief");
    let command = but(arrange(&offer, 5), pointer, value);
    events(given.when::<ArrangeSession>(command));
}

#[test]
fn given_an_offer_when_a_session_is_arranged_then_it_stands_in_the_case_and_in_each_diary() {
    let (given, offer) = Given::an_offer("petr_debrief");
    let happened = given.when::<ArrangeSession>(arrange(&offer, 5)).unwrap();
    let streams: Vec<_> = happened.iter().map(|one| one.stream).collect();
    let case = Stream::Case(given.case().case);
    assert_eq!(streams, [case, Stream::Diary(ASH), Stream::Diary(KIM)]);
    let Event::SessionBooked(booked) = &happened[2].event else {
        panic!("{happened:?}");
    };
    assert_eq!((booked.starts_at, booked.minutes), (day(5), 75));
}

#[test]
fn the_usual_length_of_its_kind_is_taken_if_none_is_given() {
    for (kind, usual) in [
        ("petr_debrief", 75),
        ("petr_pre_brief", 60),
        ("postvention", 75),
    ] {
        let (given, offer) = Given::an_offer(kind);
        let command = but(arrange(&offer, 5), "/minutes", Value::Null);
        let Event::SessionArranged(arranged) = &events(given.when::<ArrangeSession>(command))[0]
        else {
            panic!("{kind}");
        };
        assert_eq!(arranged.minutes, usual, "{kind}");
    }
}

#[test]
fn a_kind_without_sessions_has_none() {
    for kind in [
        "one_to_one",
        "liaison",
        "training",
        "process_change",
        "reflective_practice",
        "signposting",
    ] {
        let (given, offer) = Given::an_offer(kind);
        assert_eq!(
            faults(given.when::<ArrangeSession>(arrange(&offer, 5))),
            ["/offer"],
            "{kind}"
        );
    }
}

#[test]
fn a_session_lies_ahead_and_within_two_years() {
    let reason = |command| but(command, "/departs_because", "other");
    let (given, offer) = Given::an_offer("petr_debrief");
    let at = |moment| reason(but(arrange(&offer, 5), "/starts_at", json!(moment)));
    for moment in [day(-1), monday(), day(730)] {
        assert_eq!(
            faults(given.when::<ArrangeSession>(at(moment))),
            ["/starts_at"]
        );
    }
    for moment in [
        monday() + Duration::minutes(1),
        day(730) - Duration::minutes(1),
    ] {
        events(given.when::<ArrangeSession>(at(moment)));
    }
}

#[test]
fn the_bounds_of_its_length_hold_even_with_a_reason() {
    let (given, offer) = Given::an_offer("petr_debrief");
    let lasting = |minutes: u16| {
        let command = but(arrange(&offer, 5), "/departs_because", "other");
        given.when::<ArrangeSession>(but(command, "/minutes", minutes))
    };
    for minutes in [0, 9, 481, u16::MAX] {
        assert_eq!(faults(lasting(minutes)), ["/minutes"]);
    }
    assert!(lasting(10).is_ok() && lasting(480).is_ok());
}

#[test]
fn an_unusual_length_needs_a_reason() {
    assert_fault("/minutes", 59, "/departs_because");
    assert_fault("/minutes", 91, "/departs_because");
    assert_taken("/minutes", 60);
    assert_taken("/minutes", 90);
}

#[test]
fn it_has_a_site_or_a_link() {
    assert_fault("/site", Value::Null, "/site");
    let (given, offer) = Given::an_offer("petr_debrief");
    let command = but(arrange(&offer, 5), "/site", Value::Null);
    let command = but(command, "/link", "https://meet.example.test/room?id=7#x");
    events(given.when::<ArrangeSession>(command));
}

#[test]
fn a_link_is_https_to_somewhere_and_cannot_break_out_of_a_page() {
    for link in [
        "http://x.example",
        "https://",
        "https:///x",
        "javascript:x",
        "https://x/ y",
        "https://x/\"y",
        "https://x/<y>",
    ] {
        assert_fault("/link", link, "/link");
    }
}

#[test]
fn one_to_six_facilitators_each_once() {
    assert_fault("/facilitators", json!([ASH, ASH]), "/facilitators");
    let (given, offer) = Given::an_offer("petr_debrief");
    let nobody = but(arrange(&offer, 5), "/facilitators", json!([]));
    assert_eq!(
        faults(given.when::<ArrangeSession>(nobody)),
        ["/facilitators", "/departs_because"]
    );
    let seven = json!([ASH, KIM, ASH, KIM, ASH, KIM, ASH]);
    assert_fault("/facilitators", seven, "/facilitators");
}

#[test]
fn fewer_facilitators_than_usual_need_a_reason() {
    assert_fault("/facilitators", json!([ASH]), "/departs_because");
}

#[test]
fn only_a_facilitator_facilitates_now_and_on_that_day() {
    assert_fault("/facilitators", json!([ASH, STAFF]), "/facilitators/1");
    assert_fault("/facilitators", json!([LEAD, KIM]), "/facilitators/0");
    let until = |days| {
        let (mut given, offer) = Given::an_offer("petr_debrief");
        given.granted(KIM, Role::Facilitator, Some(day(days).date_naive()));
        given.when::<ArrangeSession>(arrange(&offer, 5))
    };
    for ended in [-1, 4] {
        assert_eq!(faults(until(ended)), ["/facilitators/1"]);
    }
    assert!(until(5).is_ok());
}

#[test]
fn where_neutrality_is_wanted_nobody_of_the_team_or_above_it_facilitates() {
    for kind in ["petr_debrief", "petr_pre_brief", "postvention"] {
        for (person, neutral) in [
            (OF_THE_TEAM, false),
            (MANAGER, false),
            (SERVICE_MANAGER, false),
            (DIRECTOR, false),
            (OTHER_MANAGER, true),
        ] {
            let (given, offer) = Given::an_offer(kind);
            let command = but(arrange(&offer, 5), "/facilitators", json!([ASH, person]));
            let decision = given.when::<ArrangeSession>(command);
            match neutral {
                true => drop(events(decision)),
                false => assert_eq!(faults(decision), ["/facilitators/1"], "{kind}"),
            }
        }
    }
}

#[test]
fn a_reason_never_stands_in_for_neutrality() {
    let (given, offer) = Given::an_offer("petr_debrief");
    let command = but(
        arrange(&offer, 5),
        "/facilitators",
        json!([OF_THE_TEAM, KIM]),
    );
    let command = but(command, "/departs_because", "other");
    assert_eq!(
        faults(given.when::<ArrangeSession>(command)),
        ["/facilitators/0"]
    );
}

#[test]
fn a_defusion_may_be_led_by_someone_of_the_team() {
    let (given, offer) = Given::an_offer("defusion");
    let command = but(
        arrange(&offer, 0),
        "/starts_at",
        json!(monday() + Duration::hours(1)),
    );
    let command = but(command, "/facilitators", json!([OF_THE_TEAM]));
    let command = but(
        but(command, "/minutes", 45),
        "/departs_because",
        "late_referral",
    );
    events(given.when::<ArrangeSession>(command));
}

/// Is a PETR debrief at that time within its window, for a case of these incidents?
fn in_window(incidents: Value, starts_at: chrono::DateTime<chrono::Utc>) -> bool {
    let given = Given::a_case_of(but(referral(), "/incidents", incidents));
    let given = given.after::<crate::triage::TriageCase>(triage("U3", "accept"));
    let plan = json!({ "kind": "petr_debrief", "owner": "pipss_lead" });
    let given = given.after::<PlanOffer>(plan);
    let command = but(
        arrange(&given.last_offer(), 5),
        "/starts_at",
        json!(starts_at),
    );
    let decision = given.when::<ArrangeSession>(command.clone());
    if let Err(refusal) = &decision {
        assert_eq!(faults(Err(refusal.clone())), ["/departs_because"]);
        // A reason is enough: a window warns and never blocks.
        events(given.when::<ArrangeSession>(but(command, "/departs_because", "staff_not_ready")));
    }
    decision.is_ok()
}

fn incident(occurred: Value) -> Value {
    json!({ "type": "threat_verbal", "occurred": occurred, "place": "clinic" })
}

#[test]
fn a_window_is_counted_from_the_incident_to_the_minute() {
    let minute = Duration::minutes(1);
    let (third, twenty_eighth) = (day(-2 + 3), day(-2 + 28));
    let happened = json!([incident(json!({ "at": day(-2) }))]);
    for (at, inside) in [
        (third - minute, false),
        (third, true),
        (twenty_eighth, true),
        (twenty_eighth + minute, false),
    ] {
        assert_eq!(in_window(happened.clone(), at), inside, "{at}");
    }
}

#[test]
fn a_window_is_counted_from_the_end_of_a_period_and_from_the_latest_incident() {
    let period = json!({ "between": { "from": day(-60), "to": day(-2) } });
    assert!(in_window(json!([incident(period)]), day(26)));
    let older = incident(json!({ "at": day(-60) }));
    let later = incident(json!({ "at": day(-2) }));
    assert!(in_window(json!([later, older.clone()]), day(26)));
    assert!(!in_window(json!([older]), day(26)));
}

#[test]
fn what_was_found_late_has_two_windows_and_either_will_do() {
    let found_late = |occurred| but(incident(occurred), "/known_at", json!(day(-2)));
    let year_ago = json!([found_late(json!({ "at": day(-365) }))]);
    assert!(in_window(year_ago.clone(), day(1)));
    assert!(!in_window(year_ago, day(27)));
    let undated = json!([found_late(json!("undated"))]);
    assert!(in_window(undated.clone(), day(26)));
    assert!(!in_window(undated, day(27)));
    let lately = json!([but(
        incident(json!({ "at": day(-20) })),
        "/known_at",
        json!(monday())
    )]);
    assert!(in_window(lately.clone(), day(1)), "by when it happened");
    assert!(in_window(lately, day(28)), "by when it became known");
}

#[test]
fn where_nothing_is_dated_there_is_no_window() {
    assert!(in_window(json!([incident(json!("undated"))]), day(600)));
}

#[test]
fn nobody_is_booked_twice_and_no_reason_changes_that() {
    let (given, offer, _) = Given::a_session();
    let at = |minutes: i64| {
        let starts_at = json!(day(5) + Duration::minutes(minutes));
        let command = but(arrange(&offer, 5), "/starts_at", starts_at);
        given.when::<ArrangeSession>(but(command, "/departs_because", "other"))
    };
    for overlapping in [-74, -1, 0, 1, 74] {
        assert_eq!(
            code_of(at(overlapping)),
            "facilitator_busy",
            "{overlapping}"
        );
    }
    // One that begins when the other ends is fine, and so is one that ends when it begins.
    for touching in [-75, 75] {
        events(at(touching));
    }
}

#[test]
fn one_who_is_free_does_not_make_up_for_one_who_is_not() {
    let (given, offer, _) = Given::a_session();
    let command = but(
        arrange(&offer, 5),
        "/facilitators",
        json!([OTHER_MANAGER, KIM]),
    );
    assert_eq!(
        code_of(given.when::<ArrangeSession>(command)),
        "facilitator_busy"
    );
    let command = but(arrange(&offer, 5), "/facilitators", json!([OTHER_MANAGER]));
    events(given.when::<ArrangeSession>(but(command, "/departs_because", "other")));
}

#[test]
fn a_time_is_free_again_when_the_session_was_not_held() {
    let (given, offer, session) = Given::a_session();
    let not_held = json!({ "session": session, "reason": "service_pressure" });
    let given = given.after::<RecordSessionNotHeld>(not_held);
    events(given.when::<ArrangeSession>(arrange(&offer, 5)));
}

#[test]
fn an_offer_that_ended_or_a_case_that_is_closed_has_no_more_sessions() {
    let (given, offer) = Given::an_offer("petr_debrief");
    let given = given.after::<EndOffer>(json!({ "offer": offer, "how": "declined_by_team" }));
    assert_eq!(
        code_of(given.when::<ArrangeSession>(arrange(&offer, 5))),
        "offer_ended"
    );
    let given = given.after::<CloseCase>(json!({ "outcome": "declined_by_team" }));
    assert_eq!(
        code_of(given.when::<ArrangeSession>(arrange(&offer, 5))),
        "case_closed"
    );
}

#[test]
fn an_offer_has_at_most_twenty_sessions() {
    let (mut given, offer) = Given::an_offer("petr_debrief");
    for n in 0..20 {
        given = given.after::<ArrangeSession>(arrange(&offer, 2 + n));
    }
    assert_eq!(
        code_of(given.when::<ArrangeSession>(arrange(&offer, 25))),
        "too_many_sessions"
    );
}
