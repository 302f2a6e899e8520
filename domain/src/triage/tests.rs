//! What the program suggests, what a lead decides, and that a person answered.

use serde_json::{Value, json};

use super::{AcknowledgeReferral, TriageCase};
use crate::case::Stage;
use crate::close::CloseCase;
use crate::facts::{CaseOutcome, Urgency};
use crate::given::*;
use crate::history::Event;
use crate::plan::PlanOffer;

/// What is suggested, with the reasons as codes.
fn suggested(referral: Value) -> (Urgency, Vec<String>) {
    let given = Given::a_case_of(referral);
    let request = &given.case().request;
    let code = |reason| {
        serde_json::to_value(reason)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    (
        request.suggested,
        request.because.iter().map(code).collect(),
    )
}

#[track_caller]
fn assert_suggested(changes: &[(&str, Value)], urgency: Urgency, because: &[&str]) {
    let change = |referral, (pointer, value): &(&str, Value)| but(referral, pointer, value.clone());
    let referral = changes.iter().fold(referral(), change);
    let because: Vec<_> = because.iter().map(|b| (*b).to_owned()).collect();
    assert_eq!(suggested(referral), (urgency, because), "{changes:?}");
}

const TYPE: &str = "/incidents/0/type";

#[test]
fn u1_is_danger_now_a_homicide_a_hostage_or_staff_in_hospital() {
    for (pointer, answer) in [
        ("/safety/threat_continuing", "yes"),
        ("/safety/area_safe", "no"),
        ("/safety/someone_at_immediate_risk", "yes"),
    ] {
        assert_suggested(&[(pointer, json!(answer))], Urgency::U1, &["safety_flag"]);
    }
    assert_suggested(&[(TYPE, json!("homicide"))], Urgency::U1, &["homicide"]);
    assert_suggested(
        &[(TYPE, json!("weapon_hostage_fire"))],
        Urgency::U1,
        &["hostage"],
    );
    assert_suggested(
        &[("/staff_in_hospital", json!("yes"))],
        Urgency::U1,
        &["staff_in_hospital"],
    );
}

#[test]
fn u2_is_a_suicide_a_colleagues_death_a_serious_assault_or_signs_that_get_worse() {
    assert_suggested(
        &[(TYPE, json!("patient_suicide"))],
        Urgency::U2,
        &["suicide"],
    );
    assert_suggested(
        &[(TYPE, json!("colleague_suicide"))],
        Urgency::U2,
        &["suicide", "colleague_death"],
    );
    assert_suggested(
        &[(TYPE, json!("colleague_death"))],
        Urgency::U2,
        &["colleague_death"],
    );
    assert_suggested(
        &[(TYPE, json!("sexual_assault"))],
        Urgency::U2,
        &["serious_assault"],
    );
    assert_suggested(
        &[("/injuries", json!("yes"))],
        Urgency::U2,
        &["serious_assault"],
    );
    assert_suggested(
        &[("/signs_worsening", json!("yes"))],
        Urgency::U2,
        &["signs_worsening"],
    );
}

#[test]
fn u3_is_everything_else_and_what_nobody_knows() {
    assert_suggested(&[], Urgency::U3, &["nothing_urgent_said"]);
    let unknown = json!("unknown");
    let all_unknown = [
        "/injuries",
        "/signs_worsening",
        "/staff_in_hospital",
        "/absence",
        "/safety/threat_continuing",
        "/safety/area_safe",
        "/safety/someone_at_immediate_risk",
    ]
    .map(|pointer| (pointer, unknown.clone()));
    assert_suggested(&all_unknown, Urgency::U3, &["nothing_urgent_said"]);
    // Someone was hurt, but not by anybody.
    assert_suggested(
        &[(TYPE, json!("serious_injury")), ("/injuries", json!("yes"))],
        Urgency::U3,
        &["nothing_urgent_said"],
    );
}

#[test]
fn u4_is_what_is_expected_what_wears_a_team_down_and_reflection() {
    let none = ("/incidents", json!([]));
    let expected = ("/anticipated", json!({}));
    let strain = ("/strain", json!({ "type": "sustained_strain" }));
    let reflective = ("/asked_for", json!(["reflective_practice"]));
    assert_suggested(
        &[none.clone(), expected.clone()],
        Urgency::U4,
        &["anticipated"],
    );
    assert_suggested(&[none.clone(), strain.clone()], Urgency::U4, &["strain"]);
    let all = ["anticipated", "strain", "reflective"];
    assert_suggested(
        &[none, expected, strain, reflective.clone()],
        Urgency::U4,
        &all,
    );
    // An incident is not made less urgent by what is asked for.
    assert_suggested(&[reflective], Urgency::U3, &["nothing_urgent_said"]);
}

#[test]
fn the_most_urgent_answer_counts_with_all_its_reasons_and_no_others() {
    let changes = [
        (TYPE, json!("patient_suicide")),
        ("/safety/area_safe", json!("no")),
        ("/staff_in_hospital", json!("yes")),
    ];
    assert_suggested(&changes, Urgency::U1, &["safety_flag", "staff_in_hospital"]);
}

#[test]
fn given_a_referral_when_a_person_answered_then_it_is_acknowledged_once() {
    let by = json!({ "by": "telephone" });
    let given = Given::a_case().after::<AcknowledgeReferral>(by.clone());
    assert_eq!(given.case().acknowledged_at, Some(monday()));
    assert_eq!(
        code_of(given.when::<AcknowledgeReferral>(by)),
        "already_acknowledged"
    );
}

#[test]
fn given_a_closed_case_when_it_is_acknowledged_then_it_is_too_late() {
    let given = Given::a_case().after::<TriageCase>(triage("U3", "advise_and_close"));
    let by = json!({ "by": "email" });
    assert_eq!(
        code_of(given.when::<AcknowledgeReferral>(by)),
        "case_closed"
    );
}

#[test]
fn given_a_referral_when_it_is_accepted_then_the_case_is_open_and_both_urgencies_are_kept() {
    let decided = but(
        triage("U1", "accept_modified"),
        "/reason",
        "They are not safe at night.",
    );
    let given = Given::a_case().after::<TriageCase>(decided);
    let kept = given.case().triage.clone().unwrap();
    assert_eq!((kept.suggested, kept.decided), (Urgency::U3, Urgency::U1));
    assert!(kept.reason.is_some());
    assert_eq!(
        (given.case().stage(), given.case().urgency()),
        (Stage::Open, Urgency::U1)
    );
}

#[test]
fn whoever_decides_otherwise_than_was_suggested_says_why() {
    for urgency in ["U1", "U2", "U4"] {
        let decision = Given::a_case().when::<TriageCase>(triage(urgency, "accept"));
        assert_eq!(faults(decision), ["/reason"]);
    }
}

#[test]
fn every_outcome_that_does_not_go_on_closes_the_case_in_the_same_breath() {
    let outcomes = [
        ("advise_and_close", CaseOutcome::AdviceGiven),
        ("redirect_occupational_health", CaseOutcome::Redirected),
        ("redirect_patient_safety", CaseOutcome::Redirected),
        ("redirect_human_resources", CaseOutcome::Redirected),
        ("redirect_freedom_to_speak_up", CaseOutcome::Redirected),
        ("redirect_safeguarding", CaseOutcome::Redirected),
        ("redirect_emergency_preparedness", CaseOutcome::Redirected),
        ("declined_by_team", CaseOutcome::DeclinedByTeam),
    ];
    for (outcome, closes_with) in outcomes {
        let events = events(Given::a_case().when::<TriageCase>(triage("U3", outcome)));
        let [Event::CaseTriaged(_), Event::CaseClosed(closed)] = events.as_slice() else {
            panic!("{outcome}: {events:?}");
        };
        assert_eq!(closed.outcome, closes_with, "{outcome}");
    }
}

#[test]
fn an_accepted_case_goes_on_as_a_consultation_too() {
    for outcome in ["accept", "accept_modified", "consultation_only"] {
        let events = events(Given::a_case().when::<TriageCase>(triage("U3", outcome)));
        assert!(
            matches!(events.as_slice(), [Event::CaseTriaged(_)]),
            "{outcome}"
        );
    }
}

#[test]
fn given_planned_offers_when_triage_would_end_the_case_then_they_come_first() {
    let (given, _) = Given::an_offer("training");
    assert_eq!(
        code_of(given.when::<TriageCase>(triage("U3", "declined_by_team"))),
        "offers_planned"
    );
    assert!(
        given
            .when::<TriageCase>(triage("U3", "accept_modified"))
            .is_ok()
    );
}

#[test]
fn given_a_closed_case_when_it_is_triaged_then_it_must_be_opened_first() {
    let given = Given::an_open_case().after::<CloseCase>(json!({ "outcome": "not_needed" }));
    assert_eq!(
        code_of(given.when::<TriageCase>(triage("U3", "accept"))),
        "case_closed"
    );
    let plan = json!({ "kind": "training", "owner": "estates" });
    assert_eq!(code_of(given.when::<PlanOffer>(plan)), "case_closed");
}
