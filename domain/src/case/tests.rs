//! Where a case and its offers stand, and what can be done next.

use serde_json::json;

use super::{Case, OfferState, Stage};
use crate::arrange::ArrangeSession;
use crate::close::{CloseCase, ReopenCase};
use crate::facts::{SessionBooked, SessionReleased};
use crate::given::*;
use crate::history::Event;
use crate::plan::{CompleteHandover, EndOffer};
use crate::session::{RecordSession, RecordSessionNotHeld};
use crate::triage::{AcknowledgeReferral, TriageCase};

#[track_caller]
fn assert_next(given: &Given, steps: &[&str]) {
    assert_eq!(given.case().next_steps(), steps);
}

#[test]
fn a_new_referral_waits_to_be_acknowledged_and_triaged() {
    let given = Given::a_case();
    assert_eq!(given.case().stage(), Stage::Raised);
    assert_next(&given, &["acknowledge", "triage"]);
    let given = given.after::<AcknowledgeReferral>(json!({ "by": "in_person" }));
    assert_next(&given, &["triage"]);
}

#[test]
fn an_accepted_case_can_be_scoped_planned_or_closed() {
    let given = Given::an_open_case();
    assert_next(
        &given,
        &[
            "acknowledge",
            "triage",
            "record-scoping",
            "plan-offer",
            "declare-involved",
            "close",
        ],
    );
}

#[test]
fn an_open_offer_holds_the_case_open() {
    let (given, _) = Given::an_offer("training");
    assert_next(
        &given,
        &[
            "acknowledge",
            "triage",
            "record-scoping",
            "plan-offer",
            "declare-involved",
            "end-offer",
        ],
    );
    let (given, _) = Given::an_offer("petr_debrief");
    let next = [
        "acknowledge",
        "triage",
        "record-scoping",
        "plan-offer",
        "declare-involved",
        "arrange-session",
        "end-offer",
    ];
    assert_next(&given, &next);
}

#[test]
fn a_session_to_come_can_be_recorded_either_way_and_once_it_was_the_case_can_be_closed() {
    let (given, _, session) = Given::a_session();
    let next = [
        "acknowledge",
        "triage",
        "record-scoping",
        "plan-offer",
        "declare-involved",
        "arrange-session",
        "record-session",
        "record-session-not-held",
        "move-session",
        "cancel-session",
        "hand-over-session",
        "answer-invitation",
    ];
    assert_next(&given, &next);
    let given = given.on_day(5).after::<RecordSession>(record(&session));
    let next = [
        "acknowledge",
        "triage",
        "record-scoping",
        "plan-offer",
        "declare-involved",
        "arrange-session",
        "close",
        "confirm-follow-up",
    ];
    assert_next(&given, &next);
}

#[test]
fn a_closed_case_can_be_opened_again_and_is_then_where_it_was() {
    let given = Given::an_open_case().after::<CloseCase>(json!({ "outcome": "not_needed" }));
    assert_eq!(given.case().stage(), Stage::Closed);
    assert_next(&given, &["reopen"]);
    let given = given.after::<ReopenCase>(json!({ "reason": "closed_by_mistake" }));
    assert_eq!(given.case().stage(), Stage::Open);
}

#[test]
fn a_case_that_triage_ended_can_be_opened_again_and_is_then_triaged_anew() {
    let given = Given::a_case().after::<TriageCase>(triage("U3", "redirect_safeguarding"));
    let given = given.after::<ReopenCase>(json!({ "reason": "something_new_happened" }));
    assert_eq!(given.case().stage(), Stage::Raised);
    assert_next(&given, &["acknowledge", "triage"]);
}

#[test]
fn a_handover_is_followed_after_the_case_was_closed() {
    let (given, offer) = Given::an_offer("liaison");
    let hand_over =
        json!({ "offer": offer, "how": "handed_over", "owner": "estates", "due": "2026-04-01" });
    let given = given.after::<EndOffer>(hand_over);
    let given = given.after::<CloseCase>(json!({ "outcome": "support_provided_and_handed_over" }));
    assert_next(&given, &["reopen", "complete-handover"]);
    let given = given.after::<CompleteHandover>(json!({ "offer": offer }));
    assert_next(&given, &["reopen"]);
}

#[test]
fn every_step_that_is_offered_as_next_is_a_command_of_the_pathway() {
    let known: Vec<_> = crate::pathway::CASE_COMMANDS
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let (given, ..) = Given::a_session();
    for step in given.case().next_steps() {
        assert!(known.contains(&step), "{step}");
    }
}

#[test]
fn an_offer_goes_through_its_states_as_its_sessions_do() {
    let (given, offer) = Given::an_offer("petr_debrief");
    let state = |given: &Given| given.case().offers[0].state();
    assert_eq!(state(&given), OfferState::Planned);
    let given = given.after::<ArrangeSession>(arrange(&offer, 5));
    assert_eq!(state(&given), OfferState::Arranged);
    let not_held = json!({ "session": given.last_session(), "reason": "other" });
    let given = given.after::<RecordSessionNotHeld>(not_held);
    assert_eq!(state(&given), OfferState::Planned);
    let given = given.after::<ArrangeSession>(arrange(&offer, 6));
    let held = record(&given.last_session());
    let given = given.on_day(6).after::<RecordSession>(held);
    assert_eq!(state(&given), OfferState::Held);
    let given = given.after::<ArrangeSession>(arrange(&offer, 9));
    assert_eq!(
        state(&given),
        OfferState::Arranged,
        "another session is to come"
    );
}

#[test]
fn planned_and_arranged_hold_a_case_open_and_nothing_else_does() {
    use OfferState as S;
    for state in [S::Planned, S::Arranged] {
        assert!(state.is_open());
    }
    let ended = [
        S::Held,
        S::Done,
        S::NotNeeded,
        S::DeclinedByTeam,
        S::HandedOver,
        S::HandedOverAndDone,
    ];
    for state in ended {
        assert!(!state.is_open());
    }
}

#[test]
fn facts_about_other_things_leave_a_case_as_it_is() {
    let (given, offer, session) = Given::a_session();
    let before = format!("{:?}", given.case().offers);
    let booked = SessionBooked {
        session: parsed(session.clone()),
        case: given.case().case,
        starts_at: day(5),
        minutes: 75,
    };
    let released = SessionReleased {
        session: parsed(json!(STAFF)),
    };
    let given = given
        .and(Event::SessionBooked(booked))
        .and(Event::SessionReleased(released));
    assert_eq!(format!("{:?}", given.case().offers), before);
    assert!(given.case().offer(parsed(offer)).is_some());
    assert!(given.case().session(parsed(session)).is_some());
    assert!(given.case().offer(id(9)).is_none() && given.case().session(id(9)).is_none());
}

#[test]
fn only_a_referral_opens_a_case() {
    let given = Given::a_case();
    let mut fact = crate::history::Fact {
        log: crate::stream::LogId::main(id(0)),
        position: 1,
        stream: crate::stream::Stream::Case(given.case().case),
        version: 1,
        command: id(1),
        number: 0,
        occurred_at: monday(),
        recorded_at: monday(),
        who: given.who,
        policy: 1,
        event: Event::ReferralRaised(Box::new(given.case().request.clone())),
    };
    assert!(Case::begin(&fact).is_some());
    fact.event = Event::SessionReleased(SessionReleased { session: id(1) });
    assert!(Case::begin(&fact).is_none());
}
