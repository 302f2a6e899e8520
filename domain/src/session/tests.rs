//! What is kept of a session, what is not, and who may write it down.

use chrono::Duration;
use serde_json::{Value, json};

use super::{RecordSession, RecordSessionNotHeld};
use crate::case::{OfferState, SessionOutcome};
use crate::close::{CloseCase, ReopenCase};
use crate::given::*;
use crate::history::{Event, Who};
use crate::offer::OfferKind;
use crate::stream::Stream;

fn not_held(session: &Value) -> Value {
    json!({ "session": session, "reason": "nobody_came" })
}

#[track_caller]
fn assert_fault(pointer: &str, value: impl Into<Value>, said: &str) {
    let (given, _, session) = Given::a_session();
    let command = but(record(&session), pointer, value);
    assert_eq!(
        faults(given.on_day(5).when::<RecordSession>(command)),
        [said]
    );
}

#[track_caller]
fn assert_taken(pointer: &str, value: impl Into<Value>) {
    let (given, _, session) = Given::a_session();
    let command = but(record(&session), pointer, value);
    events(given.on_day(5).when::<RecordSession>(command));
}

#[test]
fn given_a_session_when_it_was_held_then_its_record_and_its_writer_are_kept() {
    let (given, _, session) = Given::a_session();
    let given = given
        .on_day(6)
        .by_assigned(KIM)
        .after::<RecordSession>(record(&session));
    let offer = &given.case().offers[0];
    assert_eq!(offer.state(), OfferState::Held);
    let Some(SessionOutcome::Held { record, by }) = &offer.sessions[0].outcome else {
        panic!("{offer:?}");
    };
    assert_eq!(
        (record.model, record.started_at, *by),
        (OfferKind::PetrDebrief, day(5), Who::Person(KIM))
    );
}

#[test]
fn it_is_recorded_once_it_has_started() {
    let (given, _, session) = Given::a_session();
    let before = given.on_day(4);
    assert_eq!(
        faults(before.when::<RecordSession>(record(&session))),
        ["/started_at"]
    );
    // It may have started earlier than arranged.
    events(before.when::<RecordSession>(but(record(&session), "/started_at", json!(day(4)))));
}

#[test]
fn it_did_not_start_in_the_future_nor_years_ago() {
    assert_fault(
        "/started_at",
        json!(day(5) + Duration::seconds(1)),
        "/started_at",
    );
    assert_fault("/started_at", json!(day(5 - 730)), "/started_at");
    assert_taken("/started_at", json!(day(5 - 729)));
}

#[test]
fn its_numbers_have_bounds() {
    for (pointer, bounds) in [("/minutes", [5u16, 600]), ("/headcount", [1, 500])] {
        assert_fault(pointer, bounds[0] - 1, pointer);
        assert_fault(pointer, bounds[1] + 1, pointer);
        assert_taken(pointer, bounds[0]);
        assert_taken(pointer, bounds[1]);
    }
}

#[test]
fn its_model_is_one_that_has_sessions() {
    assert_fault("/model", "signposting", "/model");
    assert_taken("/model", "defusion");
}

#[test]
fn one_to_five_themes_each_once_whatever_their_polarity() {
    let theme = |code: &str, polarity: &str| json!({ "theme": code, "polarity": polarity });
    let codes = [
        "psy.distress",
        "psy.safety",
        "psy.moral",
        "sys.policy",
        "gov.aftercare",
        "team.cohesion",
    ];
    let all = codes.map(|code| theme(code, "mixed"));
    assert_fault("/themes", json!([]), "/themes");
    assert_fault("/themes", json!(all), "/themes");
    assert_fault(
        "/themes",
        json!([
            theme("sys.policy", "strength"),
            theme("sys.policy", "difficulty")
        ]),
        "/themes",
    );
    assert_taken("/themes", json!(all[..5]));
}

#[test]
fn a_phase_is_named_once() {
    assert_fault(
        "/phases",
        json!(["coping", "reactions", "coping"]),
        "/phases",
    );
}

#[test]
fn at_most_ten_actions_none_of_them_due_in_the_past() {
    let action = |due: &str| json!({ "what": "A lock", "owner": "estates", "due": due });
    assert_fault(
        "/actions",
        json!(vec![action("2026-04-01"); 11]),
        "/actions",
    );
    assert_fault(
        "/actions",
        json!([action("2026-04-01"), action("2026-03-20")]),
        "/actions/1/due",
    );
    assert_taken("/actions", json!(vec![action("2026-03-21"); 10]));
}

#[test]
fn given_a_session_when_it_was_not_held_then_everyone_booked_is_free_again() {
    let (given, _, session) = Given::a_session();
    let happened = given
        .when::<RecordSessionNotHeld>(not_held(&session))
        .unwrap();
    let streams: Vec<_> = happened.iter().map(|one| one.stream).collect();
    assert_eq!(
        streams,
        [
            Stream::Case(given.case().case),
            Stream::Diary(ASH),
            Stream::Diary(KIM)
        ]
    );
    assert!(matches!(happened[1].event, Event::SessionReleased(_)));
    let given = given.after::<RecordSessionNotHeld>(not_held(&session));
    assert_eq!(given.case().offers[0].state(), OfferState::Planned);
    assert!(given.diaries.of(ASH).is_empty() && given.diaries.of(KIM).is_empty());
}

#[test]
fn what_came_of_a_session_is_recorded_once() {
    let (given, _, session) = Given::a_session();
    let held = given.on_day(5).after::<RecordSession>(record(&session));
    assert_eq!(
        code_of(held.when::<RecordSession>(record(&session))),
        "session_recorded"
    );
    assert_eq!(
        code_of(held.when::<RecordSessionNotHeld>(not_held(&session))),
        "session_recorded"
    );
}

#[test]
fn a_facilitator_records_their_own_sessions_and_no_others() {
    let (given, _, session) = Given::a_session();
    let given = given.on_day(5).by_assigned(OTHER_MANAGER);
    assert_eq!(
        faults(given.when::<RecordSession>(record(&session))),
        ["/session"]
    );
    assert_eq!(
        faults(given.when::<RecordSessionNotHeld>(not_held(&session))),
        ["/session"]
    );
    let given = given.by_assigned(ASH);
    events(given.when::<RecordSession>(record(&session)));
}

#[test]
fn neither_the_operator_nor_the_program_is_assigned_to_anything() {
    for who in [Who::Operator, Who::Program] {
        let (mut given, _, session) = Given::a_session();
        (given.who, given.every_session) = (who, false);
        assert_eq!(
            faults(given.on_day(5).when::<RecordSession>(record(&session))),
            ["/session"]
        );
    }
}

#[test]
fn someone_stays_assigned_until_it_is_recorded_and_thirty_days_after_its_end() {
    let (given, _, session) = Given::a_session();
    let assigned = |given: &Given, at| given.case().offers[0].sessions[0].assigned(ASH, at);
    let end = day(5) + Duration::minutes(75);
    assert!(assigned(&given, day(500)), "nobody recorded it yet");
    let given = given.on_day(5).after::<RecordSession>(record(&session));
    assert!(assigned(&given, end + Duration::days(30)));
    assert!(!assigned(
        &given,
        end + Duration::days(30) + Duration::microseconds(1)
    ));
}

#[test]
fn a_session_of_another_case_is_not_one_of_this() {
    let (given, ..) = Given::a_session();
    assert_eq!(
        faults(given.when::<RecordSession>(record(&json!(STAFF)))),
        ["/session"]
    );
}

#[test]
fn given_a_closed_case_when_a_session_is_recorded_then_it_must_be_opened_first() {
    let (given, offer, session) = Given::a_session();
    let given = given.on_day(5).after::<RecordSession>(record(&session));
    let given = given.after::<CloseCase>(json!({ "outcome": "support_provided" }));
    assert_eq!(
        code_of(given.when::<RecordSession>(record(&session))),
        "case_closed"
    );
    let given = given.after::<ReopenCase>(json!({ "reason": "team_asked_for_more" }));
    let again = arrange(&offer, 9);
    assert!(given.when::<crate::arrange::ArrangeSession>(again).is_ok());
}
