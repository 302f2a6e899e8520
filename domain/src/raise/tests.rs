//! What opens a case, and what is refused before it does.

use serde_json::{Value, json};

use crate::directory_facts::Role;
use crate::facts::ReferralRaised;
use crate::given::*;
use crate::history::Event;
use crate::stream::Stream;

fn raised(referral: Value) -> ReferralRaised {
    let events = events(Given::a_trust().raise(referral));
    let [Event::ReferralRaised(raised)] = events.as_slice() else {
        panic!("{events:?}");
    };
    (**raised).clone()
}

#[track_caller]
fn assert_fault(pointer: &str, value: Value, said: &str) {
    let referral = but(referral(), pointer, value);
    assert_eq!(faults(Given::a_trust().raise(referral)), [said]);
}

#[test]
fn given_a_trust_when_someone_asks_for_a_team_then_a_case_of_its_own_opens() {
    let happened = Given::a_trust().raise(referral()).unwrap();
    assert!(matches!(happened[0].stream, Stream::Case(_)));
    assert_eq!(happened[0].occurred_at, monday());
    assert_eq!(happened.len(), 1);
}

#[test]
fn a_reference_is_ten_signs_that_are_not_mistaken_for_one_another() {
    let reference = raised(referral()).reference;
    let (one, other) = reference
        .strip_prefix("PS-")
        .unwrap()
        .split_once('-')
        .unwrap();
    assert_eq!((one.len(), other.len()), (5, 5));
    assert!(
        !reference[3..].contains(['I', 'L', 'O', 'U']),
        "{reference}"
    );
}

#[test]
fn answers_that_were_not_given_are_unknown() {
    let raised = raised(referral());
    assert_eq!(
        format!("{:?}", (raised.staff_in_hospital, raised.absence)),
        "(Unknown, Unknown)"
    );
}

#[test]
fn only_a_team_can_be_asked_for() {
    for unit in [json!(SERVICE), json!(DIRECTORATE), json!(STAFF)] {
        assert_fault("/team", unit, "/team");
    }
}

#[test]
fn something_must_have_happened_or_be_expected_or_weigh_on_the_team() {
    assert_fault("/incidents", json!([]), "/incidents");
    let anticipated = but(
        but(referral(), "/incidents", json!([])),
        "/anticipated",
        json!({}),
    );
    assert!(raised(anticipated).anticipated.is_some());
    let strain = json!({ "type": "run_of_incidents" });
    let strain = but(but(referral(), "/incidents", json!([])), "/strain", strain);
    assert!(raised(strain).strain.is_some());
}

#[test]
fn ten_incidents_are_taken_and_eleven_are_not() {
    let one = referral()["incidents"][0].clone();
    assert_fault("/incidents", json!(vec![one.clone(); 11]), "/incidents");
    let ten = but(referral(), "/incidents", json!(vec![one; 10]));
    let mut ids: Vec<_> = raised(ten).incidents.iter().map(|i| i.incident).collect();
    ids.dedup();
    assert_eq!(ids.len(), 10, "each has an id of its own");
}

#[test]
fn strain_and_what_is_expected_are_not_incidents() {
    for kind in ["run_of_incidents", "sustained_strain", "anticipated_event"] {
        assert_fault("/incidents/0/type", json!(kind), "/incidents/0/type");
    }
    let strain = json!({ "type": "restraint" });
    assert_fault("/strain", strain, "/strain/type");
}

#[test]
fn what_happened_lies_in_the_past_up_to_this_very_moment() {
    let later = monday() + chrono::Duration::microseconds(1);
    assert_fault(
        "/incidents/0/occurred",
        json!({ "at": later }),
        "/incidents/0/occurred",
    );
    let until = json!({ "between": { "from": day(-1), "to": later } });
    assert_fault("/incidents/0/occurred", until, "/incidents/0/occurred");
    raised(but(
        referral(),
        "/incidents/0/occurred",
        json!({ "at": monday() }),
    ));
    raised(but(referral(), "/incidents/0/occurred", json!("undated")));
}

#[test]
fn a_period_ends_after_it_starts() {
    let backwards = json!({ "between": { "from": day(-1), "to": day(-2) } });
    assert_fault(
        "/incidents/0/occurred",
        backwards,
        "/incidents/0/occurred/between",
    );
    raised(but(
        referral(),
        "/incidents/0/occurred",
        json!({ "between": { "from": day(-2), "to": day(-2) } }),
    ));
}

#[test]
fn a_thing_becomes_known_after_it_happened_and_not_in_the_future() {
    for at in [day(-3), day(1)] {
        assert_fault("/incidents/0/known_at", json!(at), "/incidents/0/known_at");
    }
    let undated = but(referral(), "/incidents/0/occurred", json!("undated"));
    raised(but(undated, "/incidents/0/known_at", json!(day(-30))));
}

#[test]
fn what_is_expected_lies_today_or_later_by_the_day_in_london() {
    let at = "/anticipated";
    assert_fault(
        at,
        json!({ "expected_on": "2026-03-15" }),
        "/anticipated/expected_on",
    );
    raised(but(referral(), at, json!({ "expected_on": "2026-03-16" })));
    // An hour before midnight UTC in summer it is the next day in London already.
    let mut summer = Given::a_trust();
    summer.now = "2026-06-30T23:30:00Z".parse().unwrap();
    let june = but(referral(), at, json!({ "expected_on": "2026-06-30" }));
    assert_eq!(faults(summer.raise(june)), ["/anticipated/expected_on"]);
}

#[test]
fn a_defusion_was_held_before_now_or_not_at_all() {
    let held = |at| json!({ "at": at, "led_by": "manager" });
    assert_fault("/defusion_held", held(day(1)), "/defusion_held/at");
    assert!(
        raised(but(referral(), "/defusion_held", held(day(-2))))
            .defusion_held
            .is_some()
    );
}

#[test]
fn one_to_five_kinds_of_support_are_asked_for_each_once() {
    let six = [
        "petr_debrief",
        "defusion",
        "one_to_one",
        "liaison",
        "training",
        "signposting",
    ];
    for asked in [json!([]), json!(["training", "training"]), json!(six)] {
        assert_fault("/asked_for", asked, "/asked_for");
    }
    raised(but(referral(), "/asked_for", json!(six[..5])));
}

#[test]
fn a_group_of_staff_is_named_once() {
    assert_fault(
        "/affected/groups",
        json!(["bank", "bank"]),
        "/affected/groups",
    );
}

#[test]
fn every_fault_is_told_at_once() {
    let wrong = but(
        but(referral(), "/team", json!(SERVICE)),
        "/asked_for",
        json!([]),
    );
    let wrong = but(wrong, "/incidents/0/occurred", json!({ "at": day(1) }));
    assert_eq!(
        faults(Given::a_trust().raise(wrong)),
        ["/team", "/incidents/0/occurred", "/asked_for"]
    );
}

#[test]
fn a_person_who_ended_as_lead_changes_nothing_about_raising() {
    let mut given = Given::a_trust();
    given.granted(LEAD, Role::Lead, Some(day(-1).date_naive()));
    assert!(given.raise(referral()).is_ok());
}

mod on_behalf {
    use serde_json::json;

    use crate::given::cases::{Given, LEAD, MANAGER, TEAM, at, referral};
    use crate::refusal::Refusal;

    #[test]
    fn a_lead_raises_on_behalf_and_the_source_is_kept() {
        let mut given = Given::at(at(1, 0));
        let mut body = referral(TEAM, "threat_verbal", at(0, 0));
        body["on_behalf"] = json!({ "source": "staff_side", "note": "A representative rang." });
        given.raises(LEAD, body).unwrap();
        assert!(given.case(given.newest()).request.on_behalf.is_some());
    }

    #[test]
    fn nobody_else_raises_on_behalf() {
        let mut given = Given::at(at(1, 0));
        let mut body = referral(TEAM, "threat_verbal", at(0, 0));
        body["on_behalf"] = json!({ "source": "phone" });
        let Err(Refusal::Invalid(faults)) = given.raises(MANAGER, body) else {
            panic!("it was not refused");
        };
        assert_eq!(faults[0].pointer, "/on_behalf");
    }
}
