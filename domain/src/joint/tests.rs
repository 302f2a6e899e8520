//! One session for two teams, from arranging it to recording it, as each of the two cases has it.

use serde_json::{Value, json};

use crate::arrange::ArrangeSession;
use crate::case::{OfferState, Session};
use crate::change_session::{CancelSession, MoveSession};
use crate::facts::SessionArranged;
use crate::given::cases::{
    FACILITATORS, Given, LEAD, MANAGER, OTHER_MANAGER, at, linked_cases, plan, team_case, triaged,
};
use crate::hand_over::HandOverSession;
use crate::history::Event;
use crate::ids::CaseId;
use crate::invitation::{AnswerInvitation, DeclareInvolved};
use crate::refusal::Refusal;
use crate::session::{RecordSession, RecordSessionNotHeld};
use crate::unlink::UnlinkIncident;

/// Two linked cases, each with a PETR debrief planned.
fn given_two() -> (Given, [CaseId; 2]) {
    let mut given = Given::at(at(1, 0));
    let cases = linked_cases(&mut given);
    for case in cases {
        triaged(&mut given, case);
        plan(&mut given, case, "petr_debrief");
    }
    (given, cases)
}

fn offer(given: &Given, case: CaseId) -> Value {
    json!(given.case(case).offers[0].id())
}

fn joint(given: &Given, [here, there]: [CaseId; 2]) -> Value {
    json!({
        "offer": offer(given, here), "starts_at": at(9, 0), "minutes": 75, "site": "A site",
        "facilitators": [FACILITATORS[0]], "managers_attend": "no", "departs_because": "other",
        "joint_with": [{ "case": there, "offer": offer(given, there) }]
    })
}

fn arranged() -> (Given, [CaseId; 2]) {
    let (mut given, cases) = given_two();
    let body = joint(&given, cases);
    given.gives::<ArrangeSession>(LEAD, cases[0], body).unwrap();
    (given, cases)
}

fn session(given: &Given, case: CaseId) -> &Session {
    given.case(case).sessions().last().unwrap().1
}

#[track_caller]
fn pointers(refused: Result<Vec<Event>, Refusal>) -> Vec<String> {
    let Err(Refusal::Invalid(faults)) = refused else {
        panic!("{refused:?}")
    };
    faults.into_iter().map(|fault| fault.pointer).collect()
}

#[track_caller]
fn out_of_step(refused: Result<Vec<Event>, Refusal>) -> (&'static str, String) {
    let Err(Refusal::OutOfStep { code, sentence, .. }) = refused else {
        panic!("{refused:?}")
    };
    (code, sentence)
}

#[test]
fn a_joint_session_stands_in_both_cases_under_one_id_and_in_each_facilitators_diary_once() {
    let (given, [here, there]) = arranged();
    let (led, joined) = (session(&given, here), session(&given, there));
    assert_eq!(led.id(), joined.id());
    assert_eq!((led.is_led_here(), joined.is_led_here()), (true, false));
    let own = |s: &SessionArranged, case| s.offer == given.case(case).offers[0].id();
    assert!(own(&led.arranged, here) && own(&joined.arranged, there));
    assert_eq!(given.diaries.of(FACILITATORS[0]).len(), 1);
    assert_eq!(given.diaries.of(FACILITATORS[0])[0].case, here);
}

#[test]
fn everything_that_happens_to_it_happens_in_both_cases() {
    let (mut given, [here, there]) = arranged();
    let id = session(&given, here).id();
    let next = json!({ "session": id, "starts_at": at(10, 0) });
    given.gives::<MoveSession>(LEAD, here, next).unwrap();
    let yes = json!({ "session": id, "accept": true });
    let asked = FACILITATORS[0];
    given.gives::<AnswerInvitation>(asked, here, yes).unwrap();
    assert_eq!(session(&given, there).answers, [(asked, true)]);
    let hands = json!({ "session": id, "from": asked, "to": FACILITATORS[1] });
    given.gives::<HandOverSession>(LEAD, here, hands).unwrap();
    let there_now = session(&given, there);
    assert_eq!(there_now.arranged.starts_at, at(10, 0));
    assert_eq!(there_now.arranged.facilitators, [FACILITATORS[1]]);
    assert_eq!(there_now.changes, session(&given, here).changes);
    given.now = at(10, 2);
    let record = json!({
        "session": id, "minutes": 75, "mode": "in_person", "headcount": 9,
        "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }]
    });
    given.gives::<RecordSession>(LEAD, here, record).unwrap();
    for case in [here, there] {
        assert!(session(&given, case).was_held());
        assert_eq!(given.case(case).offers[0].state(), OfferState::Held);
    }
}

#[test]
fn it_is_cancelled_or_not_held_in_both_cases() {
    for cancelled in [true, false] {
        let (mut given, [here, there]) = arranged();
        let body = json!({ "session": session(&given, here).id(), "reason": "service_pressure" });
        if cancelled {
            given.gives::<CancelSession>(LEAD, here, body).unwrap();
        } else {
            given
                .gives::<RecordSessionNotHeld>(LEAD, here, body)
                .unwrap();
        }
        assert!(!session(&given, there).is_open());
        assert!(given.diaries.of(FACILITATORS[0]).is_empty());
        assert_eq!(given.case(there).offers[0].state(), OfferState::Planned);
    }
}

#[test]
fn whatever_is_asked_of_it_elsewhere_is_referred_to_the_case_that_leads_it() {
    let (mut given, [here, there]) = arranged();
    let id = session(&given, there).id();
    let led = given.case(here).request.reference.clone();
    let off = json!({ "session": id, "reason": "other" });
    let (code, sentence) = out_of_step(given.gives::<CancelSession>(LEAD, there, off.clone()));
    assert_eq!(code, "joint_session");
    assert!(sentence.contains(&led), "{sentence}");
    given.hide(here);
    let (code, sentence) = out_of_step(given.gives::<RecordSessionNotHeld>(LEAD, there, off));
    assert_eq!(code, "joint_session");
    assert!(!sentence.contains(&led), "{sentence}");
    let next = given.case(there).next_steps();
    assert!(!next.contains(&"cancel-session"), "{next:?}");
}

#[test]
fn a_facilitator_must_be_neutral_to_every_team() {
    let (mut given, [here, there]) = given_two();
    for manager in [MANAGER, OTHER_MANAGER] {
        given.facilitates(manager);
        let mut body = joint(&given, [here, there]);
        body["facilitators"] = json!([manager]);
        let refused = given.gives::<ArrangeSession>(LEAD, here, body);
        assert_eq!(pointers(refused), ["/facilitators/0"]);
    }
    let involved = json!({ "person": FACILITATORS[1] });
    given
        .gives::<DeclareInvolved>(LEAD, there, involved)
        .unwrap();
    let body = joint(&given, [here, there]);
    given.gives::<ArrangeSession>(LEAD, here, body).unwrap();
    let id = session(&given, here).id();
    for to in [OTHER_MANAGER, FACILITATORS[1]] {
        let hands = json!({ "session": id, "from": FACILITATORS[0], "to": to });
        let refused = given.gives::<HandOverSession>(LEAD, here, hands);
        assert_eq!(pointers(refused), ["/to"]);
    }
}

#[test]
fn only_an_open_linked_case_that_one_may_see_is_joined_each_once() {
    let (mut given, cases) = given_two();
    let stranger = team_case(&mut given, at(0, 0));
    triaged(&mut given, stranger);
    plan(&mut given, stranger, "petr_debrief");
    plan(&mut given, cases[1], "liaison");
    let entry = |given: &Given, case, n: usize| json!({ "case": case, "offer": given.case(case).offers[n].id() });
    let right = entry(&given, cases[1], 0);
    let (itself, unlinked) = (entry(&given, cases[0], 0), entry(&given, stranger, 0));
    let other_kind = entry(&given, cases[1], 1);
    for (joint_with, pointer) in [
        (json!([itself]), "/joint_with/0/case"),
        (json!([unlinked]), "/joint_with/0/case"),
        (json!([right, right]), "/joint_with/1/case"),
        (json!([other_kind]), "/joint_with/0/offer"),
        (
            json!([right, right, right, right, right, right]),
            "/joint_with",
        ),
    ] {
        let mut body = joint(&given, cases);
        body["joint_with"] = joint_with;
        let refused = given.gives::<ArrangeSession>(LEAD, cases[0], body);
        assert_eq!(pointers(refused)[0], pointer);
    }
    given.hide(cases[1]);
    let body = joint(&given, cases);
    let refused = given.gives::<ArrangeSession>(LEAD, cases[0], body);
    assert_eq!(pointers(refused), ["/joint_with/0/case"]);
}

#[test]
fn the_link_stays_while_a_session_for_both_is_to_come() {
    let (mut given, [here, there]) = arranged();
    let link = &given.case(there).aftercare.links[0];
    let body = json!({ "case": link.with, "shared": link.shared });
    let refused = given.gives::<UnlinkIncident>(LEAD, there, body.clone());
    assert_eq!(out_of_step(refused).0, "session_open");
    let off = json!({ "session": session(&given, here).id(), "reason": "other" });
    given.gives::<CancelSession>(LEAD, here, off).unwrap();
    given.gives::<UnlinkIncident>(LEAD, there, body).unwrap();
}

#[test]
fn all_sessions_of_a_facilitator_go_over_to_one_who_is_neutral_to_every_team() {
    let (mut given, [here, there]) = arranged();
    let from = FACILITATORS[0];
    given.facilitates(OTHER_MANAGER);
    let refused = given.reassigns(LEAD, from, json!({ "to": OTHER_MANAGER }));
    assert_eq!(out_of_step(refused).0, "cannot_reassign");
    given
        .reassigns(LEAD, from, json!({ "to": FACILITATORS[1] }))
        .unwrap();
    for case in [here, there] {
        let now = session(&given, case);
        assert_eq!(now.arranged.facilitators, [FACILITATORS[1]]);
    }
    assert_eq!(given.diaries.of(FACILITATORS[1]).len(), 1);
}

#[test]
fn a_session_of_one_team_alone_leaves_the_other_case_as_it_was() {
    let (mut given, [here, there]) = given_two();
    let before = given.case(there).version;
    let mut body = joint(&given, [here, there]);
    body.as_object_mut().unwrap().remove("joint_with");
    given.gives::<ArrangeSession>(LEAD, here, body).unwrap();
    assert_eq!(given.case(there).version, before);
    assert_eq!(given.case(there).sessions().count(), 0);
}
