//! When follow-ups come due, whom they ask and what may be answered.

use serde_json::{Value, json};

use super::*;
use crate::clocks::{self, ClockCode, ClockState};
use crate::close::CloseCase;
use crate::given::cases::{
    Given, LEAD, MANAGER, OTHER_MANAGER, TEAM, at, held_case, hold, referral,
};
use crate::ids::CaseId;

fn state(given: &Given, case: CaseId) -> FollowUpState {
    let case = given.case(case);
    of_case(case)[0].state(case, &given.directory, given.now)
}

fn answer() -> Value {
    json!({ "follow_up": "four_weeks", "reminded_how_to_ask": "yes", "going": "better",
            "more_team_support": "no" })
}

fn confirm(given: &mut Given, case: CaseId) {
    let body = json!({ "follow_up": "four_weeks", "ask": { "manager": MANAGER } });
    given.gives::<ConfirmFollowUp>(LEAD, case, body).unwrap();
}

#[test]
fn it_is_due_on_day_28_after_the_incident_at_nine_in_the_morning() {
    let mut given = Given::at(at(1, 0));
    let case = held_case(&mut given, "petr_debrief", at(0, 5), 9);
    assert_eq!(of_case(given.case(case))[0].due, at(28, 0));
}

#[test]
fn it_is_due_no_sooner_than_14_days_after_the_session() {
    let mut given = Given::at(at(1, 0));
    let case = held_case(&mut given, "petr_debrief", at(0, 5), 20);
    assert_eq!(of_case(given.case(case))[0].due, at(34, 0));
}

#[test]
fn a_kind_without_a_follow_up_calls_for_none() {
    let mut given = Given::at(at(1, 0));
    let case = held_case(&mut given, "manager_consultation", at(0, 5), 9);
    assert!(of_case(given.case(case)).is_empty());
}

#[test]
fn after_a_suicide_postvention_is_followed_up_three_six_and_twelve_months_on() {
    let mut given = Given::at(at(1, 0));
    let body = referral(TEAM, "patient_suicide", at(0, 0));
    given.raises(MANAGER, body).unwrap();
    let case = given.newest();
    hold(&mut given, case, "postvention", 9);
    let due: Vec<_> = of_case(given.case(case))
        .iter()
        .map(|follow_up| day_in_london(follow_up.due).to_string())
        .collect();
    assert_eq!(
        due,
        ["2026-02-02", "2026-04-05", "2026-07-05", "2027-01-05"]
    );
}

#[test]
fn whoever_the_lead_confirmed_answers_once_it_is_due_also_after_closing() {
    let mut given = Given::at(at(1, 0));
    let case = held_case(&mut given, "petr_debrief", at(0, 5), 9);
    assert_eq!(state(&given, case), FollowUpState::ToConfirm);
    confirm(&mut given, case);
    let close = json!({ "outcome": "support_provided" });
    given.gives::<CloseCase>(LEAD, case, close).unwrap();
    let early = given.gives::<AnswerFollowUp>(MANAGER, case, answer());
    assert!(matches!(
        early,
        Err(Refusal::OutOfStep {
            code: "not_due",
            ..
        })
    ));

    given.now = at(28, 1);
    assert_eq!(state(&given, case), FollowUpState::Due);
    let other = given.gives::<AnswerFollowUp>(OTHER_MANAGER, case, answer());
    assert_eq!(other, Err(Refusal::NotAllowed));
    given
        .gives::<AnswerFollowUp>(MANAGER, case, answer())
        .unwrap();
    assert_eq!(state(&given, case), FollowUpState::Answered);
    let clocks = clocks::of_case(given.case(case), given.now);
    let k7 = clocks.iter().find(|clock| clock.code == ClockCode::K7);
    assert_eq!(k7.unwrap().state, ClockState::Met);
}

#[test]
fn someone_who_does_not_manage_the_team_is_not_asked() {
    let mut given = Given::at(at(1, 0));
    let case = held_case(&mut given, "petr_debrief", at(0, 5), 9);
    let body = json!({ "follow_up": "four_weeks", "ask": { "manager": OTHER_MANAGER } });
    let refused = given.gives::<ConfirmFollowUp>(LEAD, case, body);
    assert!(matches!(refused, Err(Refusal::Invalid(_))));
}

#[test]
fn a_manager_who_left_is_not_asked_and_the_lead_confirms_again() {
    use crate::directory_facts::ManagerEnded;
    use crate::stream::Stream;
    let mut given = Given::at(at(1, 0));
    let case = held_case(&mut given, "petr_debrief", at(0, 5), 9);
    confirm(&mut given, case);
    let ended = ManagerEnded { person: MANAGER };
    given.told(Stream::Unit(TEAM), Event::ManagerEnded(ended));
    given.now = at(30, 0);
    assert_eq!(state(&given, case), FollowUpState::ToConfirm);
    let body = json!({ "follow_up": "four_weeks", "ask": { "nobody": "no_manager" } });
    given.gives::<ConfirmFollowUp>(LEAD, case, body).unwrap();
    assert_eq!(state(&given, case), FollowUpState::NobodyAsked);
}
