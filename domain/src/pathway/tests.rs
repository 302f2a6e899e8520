//! Whatever is asked in whatever order, a case stays one that makes sense.

use std::collections::HashSet;

use chrono::Duration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{CASE_COMMANDS, Decision};
use crate::arrange::ArrangeSession;
use crate::case::Stage;
use crate::close::{CloseCase, ReopenCase};
use crate::given::*;
use crate::offer::{OFFERS, OfferKind, OwnerRole};
use crate::plan::{CompleteHandover, EndOffer, PlanOffer};
use crate::refusal::Refusal;
use crate::scope::RecordScoping;
use crate::session::{RecordSession, RecordSessionNotHeld};
use crate::triage::{AcknowledgeReferral, TriageCase};

/// A command as dice give it: which, and choices that each makes of it what it can.
type Thrown = (usize, usize, usize, i64);

fn thrown() -> impl Strategy<Value = Vec<Thrown>> {
    proptest::collection::vec(
        (
            0..CASE_COMMANDS.len() + 1,
            0..64usize,
            0..64usize,
            -3..12i64,
        ),
        0..80,
    )
}

/// One of these, now and then something else.
fn one_of(choices: &[Value], n: usize) -> Value {
    choices
        .get(n % (choices.len() + 1))
        .cloned()
        .unwrap_or(json!(STAFF))
}

fn ids(given: &Given) -> (Vec<Value>, Vec<Value>) {
    let case = given.case();
    let offers = case.offers.iter().map(|offer| json!(offer.id()));
    let sessions = case.sessions().map(|(_, session)| json!(session.id()));
    (offers.collect(), sessions.collect())
}

fn triage_of(a: usize, b: usize) -> Value {
    let outcome = [
        "accept",
        "accept_modified",
        "consultation_only",
        "declined_by_team",
    ][a % 4];
    let triage = triage(["U1", "U2", "U3", "U4"][b % 4], outcome);
    if b < 32 {
        but(triage, "/reason", "So it is.")
    } else {
        triage
    }
}

fn plan_of(a: usize, b: usize) -> Value {
    let owner = OwnerRole::ALL[b % OwnerRole::ALL.len()];
    let plan = json!({ "kind": OFFERS[a % OFFERS.len()].kind, "owner": owner });
    if a < 32 {
        but(plan, "/aim", "Rest.")
    } else {
        plan
    }
}

fn arrange_of(given: &Given, offer: Value, b: usize, c: i64) -> Value {
    let starts_at = given.now + Duration::minutes(c * 40);
    let people = [
        json!([ASH, KIM]),
        json!([KIM]),
        json!([OTHER_MANAGER, ASH]),
        json!([OF_THE_TEAM]),
    ];
    let command = but(arrange(&offer, 1), "/starts_at", json!(starts_at));
    let command = but(command, "/departs_because", "other");
    but(command, "/facilitators", people[b % 4].clone())
}

fn end_of(offer: &Value, b: usize, given: &Given) -> Value {
    let how = ["done", "not_needed", "declined_by_team", "handed_over"][b % 4];
    let end = json!({ "offer": offer, "how": how });
    let end = if b < 16 {
        but(end, "/note", "Agreed.")
    } else {
        end
    };
    if how == "handed_over" {
        but(
            but(end, "/owner", "estates"),
            "/due",
            json!(given.now.date_naive() + Duration::days(9)),
        )
    } else {
        end
    }
}

/// Asks for what was thrown; the last of all moves time.
fn ask(given: &mut Given, (which, a, b, c): Thrown) -> Option<Decision> {
    let (offers, sessions) = ids(given);
    let (offer, session) = (one_of(&offers, a), one_of(&sessions, a));
    let outcome = ["support_provided", "not_needed", "declined_by_team"][a % 3];
    Some(match which {
        0 => given.when::<AcknowledgeReferral>(json!({ "by": "email" })),
        1 => given.when::<TriageCase>(triage_of(a, b)),
        2 => given.when::<RecordScoping>(json!({
            "held_at": given.now - Duration::hours(c), "with": ["team"], "needs": [{ "theme": "sys.policy" }]
        })),
        3 => given.when::<PlanOffer>(plan_of(a, b)),
        4 => given.when::<ArrangeSession>(arrange_of(given, offer, b, c)),
        5 => given.when::<RecordSession>(record(&session)),
        6 => given.when::<RecordSessionNotHeld>(json!({ "session": session, "reason": "other" })),
        7 => given.when::<EndOffer>(end_of(&offer, b, given)),
        8 => given.when::<CompleteHandover>(json!({ "offer": offer })),
        9 => given.when::<CloseCase>(json!({ "outcome": outcome })),
        10 => given.when::<ReopenCase>(json!({ "reason": "closed_by_mistake" })),
        _ => {
            given.now += Duration::hours(c.abs());
            return None;
        }
    })
}

fn assert_makes_sense(given: &Given) {
    let case = given.case();
    if case.stage() == Stage::Closed {
        assert!(
            case.offers.iter().all(|offer| !offer.state().is_open()),
            "{case:?}"
        );
    }
    for offer in case
        .offers
        .iter()
        .filter(|o| o.planned.kind == OfferKind::OneToOne)
    {
        assert!(offer.sessions.is_empty() && offer.planned.aim.is_none());
        let silent = |end: &crate::facts::OfferEnded| end.note.is_none() && end.owner.is_none();
        assert!(offer.ended.as_ref().is_none_or(silent));
    }
    for person in [ASH, KIM, OTHER_MANAGER] {
        let mut booked: Vec<_> = given.diaries.of(person).iter().collect();
        booked.sort_by_key(|b| b.starts_at);
        for pair in booked.windows(2) {
            let end = pair[0].starts_at + Duration::minutes(pair[0].minutes.into());
            assert!(
                end <= pair[1].starts_at,
                "{person} is in two places at once"
            );
        }
    }
    assert!(given.diaries.of(OF_THE_TEAM).iter().all(|booked| {
        let (offer, _) = case.session(booked.session).unwrap();
        !offer.row().neutral
    }));
}

/// Whatever is refused leads on: the steps that are named are those that can be taken.
fn assert_leads_on(given: &Given, refusal: &Refusal) {
    match refusal {
        Refusal::OutOfStep { next, sentence, .. } => {
            assert_eq!(*next, given.case().next_steps());
            assert!(!next.is_empty() && sentence.ends_with('.'));
        }
        Refusal::Invalid(faults) => {
            assert!(
                faults
                    .iter()
                    .all(|f| f.pointer.starts_with('/') && f.detail.ends_with(['.', '/']))
            );
        }
        other => panic!("a rule never answers {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_sequence_of_commands_makes_a_case_that_makes_no_sense(all in thrown()) {
        let mut given = Given::a_case();
        for one in all {
            match ask(&mut given, one) {
                None => {}
                Some(Err(refusal)) => assert_leads_on(&given, &refusal),
                Some(Ok(happened)) => {
                    assert!(!happened.is_empty(), "an accepted command yields a fact");
                    let version = given.case().version;
                    given.take_in(happened);
                    assert!(given.case().version > version);
                }
            }
            assert_makes_sense(&given);
        }
    }

    #[test]
    fn no_facts_in_whatever_order_make_a_fold_fail(all in thrown(), order in any::<u64>()) {
        let mut given = Given::a_case();
        let mut recorded = Vec::new();
        for one in all {
            if let Some(Ok(happened)) = ask(&mut given, one) {
                recorded.extend(happened.clone());
                given.take_in(happened);
            }
        }
        let mut other = Given::a_case();
        let length = recorded.len().max(1);
        recorded.rotate_left(usize::try_from(order).unwrap_or(0) % length);
        other.take_in(recorded);
        let _ = (other.case().next_steps(), other.case().stage(), other.case().urgency());
    }
}

#[test]
fn every_command_has_a_name_and_a_right_of_its_own() {
    let names: HashSet<_> = CASE_COMMANDS.iter().map(|(name, _)| name).collect();
    let acts: HashSet<_> = CASE_COMMANDS.iter().map(|(_, act)| act).collect();
    assert_eq!(
        (names.len(), acts.len()),
        (CASE_COMMANDS.len(), CASE_COMMANDS.len())
    );
}
