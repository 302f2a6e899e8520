//! What may be planned, how an offer ends, and what was handed over.

use serde_json::{Value, json};

use super::{CompleteHandover, EndOffer, PlanOffer};
use crate::case::OfferState;
use crate::close::CloseCase;
use crate::given::*;
use crate::history::Event;
use crate::offer::OFFERS;
use crate::session::RecordSession;

fn end(offer: &Value, how: &str) -> Value {
    json!({ "offer": offer, "how": how })
}

fn hand_over(offer: &Value) -> Value {
    json!({ "offer": offer, "how": "handed_over", "owner": "estates", "due": "2026-04-01" })
}

fn state_after(given: &Given) -> OfferState {
    given.case().offers[0].state()
}

#[test]
fn given_an_open_case_when_each_kind_is_planned_by_each_role_that_may_own_it_then_it_is() {
    for row in &OFFERS {
        for owner in crate::offer::OwnerRole::ALL {
            let plan = json!({ "kind": row.kind, "owner": owner });
            let decision = Given::an_open_case().when::<PlanOffer>(plan);
            if row.owners.contains(&owner) {
                assert!(matches!(
                    events(decision).as_slice(),
                    [Event::OfferPlanned(_)]
                ));
            } else {
                assert_eq!(faults(decision), ["/owner"], "{:?} {owner:?}", row.kind);
            }
        }
    }
}

#[test]
fn in_a_case_one_to_one_support_has_no_text() {
    let plan = json!({ "kind": "one_to_one", "owner": "pipss_lead", "aim": "For one of them" });
    assert_eq!(
        faults(Given::an_open_case().when::<PlanOffer>(plan)),
        ["/aim"]
    );
    let (given, offer) = Given::an_offer("one_to_one");
    let told = but(end(&offer, "done"), "/note", "Two of them asked");
    assert_eq!(faults(given.when::<EndOffer>(told)), ["/note"]);
}

#[test]
fn one_to_one_support_is_made_known_or_not_needed_and_nothing_else() {
    for (how, allowed) in [
        ("done", true),
        ("not_needed", true),
        ("declined_by_team", false),
    ] {
        let (given, offer) = Given::an_offer("one_to_one");
        let decision = given.when::<EndOffer>(end(&offer, how));
        assert_eq!(decision.is_ok(), allowed, "{how}");
    }
    let (given, offer) = Given::an_offer("one_to_one");
    assert_eq!(faults(given.when::<EndOffer>(hand_over(&offer))), ["/how"]);
}

#[test]
fn nothing_is_planned_before_triage() {
    let plan = json!({ "kind": "training", "owner": "estates" });
    assert_eq!(
        code_of(Given::a_case().when::<PlanOffer>(plan)),
        "not_triaged"
    );
}

#[test]
fn a_case_has_at_most_thirty_offers() {
    let plan = json!({ "kind": "training", "owner": "estates" });
    let mut given = Given::an_open_case();
    for _ in 0..30 {
        given = given.after::<PlanOffer>(plan.clone());
    }
    assert_eq!(code_of(given.when::<PlanOffer>(plan)), "too_many_offers");
}

#[test]
fn an_offer_without_sessions_ends_in_each_of_the_ways() {
    let ways = [
        ("done", OfferState::Done),
        ("not_needed", OfferState::NotNeeded),
        ("declined_by_team", OfferState::DeclinedByTeam),
    ];
    for (how, state) in ways {
        let (given, offer) = Given::an_offer("training");
        assert_eq!(
            state_after(&given.after::<EndOffer>(end(&offer, how))),
            state
        );
    }
}

#[test]
fn an_offer_with_sessions_is_done_by_holding_one() {
    let (given, offer) = Given::an_offer("petr_debrief");
    assert_eq!(
        faults(given.when::<EndOffer>(end(&offer, "done"))),
        ["/how"]
    );
    assert!(given.when::<EndOffer>(end(&offer, "not_needed")).is_ok());
}

#[test]
fn given_a_session_to_come_when_its_offer_is_ended_then_the_session_comes_first() {
    let (given, offer, session) = Given::a_session();
    assert_eq!(
        code_of(given.when::<EndOffer>(end(&offer, "not_needed"))),
        "session_open"
    );
    let held = given.on_day(5).after::<RecordSession>(record(&session));
    assert_eq!(state_after(&held), OfferState::Held);
    assert_eq!(
        code_of(held.when::<EndOffer>(end(&offer, "declined_by_team"))),
        "offer_held"
    );
}

#[test]
fn an_offer_ends_once() {
    for how in ["done", "not_needed", "declined_by_team"] {
        let (given, offer) = Given::an_offer("training");
        let given = given.after::<EndOffer>(end(&offer, how));
        assert_eq!(
            code_of(given.when::<EndOffer>(end(&offer, "done"))),
            "offer_ended"
        );
        let complete = json!({ "offer": offer });
        assert_eq!(
            code_of(given.when::<CompleteHandover>(complete)),
            "not_handed_over"
        );
    }
}

#[test]
fn a_handover_names_the_role_and_the_day_and_nothing_else_does() {
    let (given, offer) = Given::an_offer("training");
    assert_eq!(
        faults(given.when::<EndOffer>(end(&offer, "handed_over"))),
        ["/owner", "/due"]
    );
    let named = but(hand_over(&offer), "/how", "done");
    assert_eq!(faults(given.when::<EndOffer>(named)), ["/owner", "/due"]);
    let past = but(hand_over(&offer), "/due", "2026-03-15");
    assert_eq!(faults(given.when::<EndOffer>(past)), ["/due"]);
    let today = but(hand_over(&offer), "/due", "2026-03-16");
    assert!(given.when::<EndOffer>(today).is_ok());
}

#[test]
fn what_was_handed_over_is_followed_to_its_end_even_after_the_case_was_closed() {
    let (given, offer) = Given::an_offer("liaison");
    let given = given.after::<EndOffer>(hand_over(&offer));
    assert_eq!(state_after(&given), OfferState::HandedOver);
    let given = given.after::<CloseCase>(json!({ "outcome": "support_provided_and_handed_over" }));
    let complete = json!({ "offer": offer, "what_changed": "The door locks." });
    let given = given.after::<CompleteHandover>(complete.clone());
    assert_eq!(state_after(&given), OfferState::HandedOverAndDone);
    assert_eq!(
        code_of(given.when::<CompleteHandover>(complete)),
        "not_handed_over"
    );
}

#[test]
fn an_offer_of_another_case_is_not_one_of_this() {
    let (given, _) = Given::an_offer("training");
    let nowhere = json!(STAFF);
    assert_eq!(
        faults(given.when::<EndOffer>(end(&nowhere, "done"))),
        ["/offer"]
    );
    assert_eq!(
        faults(given.when::<CompleteHandover>(json!({ "offer": nowhere }))),
        ["/offer"]
    );
}

#[test]
fn given_a_closed_case_when_an_offer_is_ended_then_it_must_be_opened_first() {
    let (given, offer) = Given::an_offer("training");
    let given = given.after::<EndOffer>(end(&offer, "done"));
    let given = given.after::<CloseCase>(json!({ "outcome": "support_provided" }));
    assert_eq!(
        code_of(given.when::<EndOffer>(end(&offer, "done"))),
        "case_closed"
    );
}
