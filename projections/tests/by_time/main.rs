//! Letters that the time calls for: told of once, to whoever leads today, and never in a flood.

#![allow(clippy::unwrap_used)]

mod sets;
mod trust;

use std::collections::BTreeSet;

use chrono::Duration;
use pipss_domain::directory_facts::{GrantEnded, Role};
use pipss_domain::facts::{OfferPlanned, Urgency};
use pipss_domain::history::Event;
use pipss_domain::letter::{LetterKind, LetterSent, LetterUndelivered};
use pipss_domain::stream::Stream;
use pipss_projections::letters::Letter;
use serde_json::json;
use trust::{DEPUTY, LEAD, NURSE, OTHER, Trust, at, minutes, said, set, tuesday};
use uuid::Uuid;

#[test]
fn the_lead_hears_that_an_answer_is_due_soon_and_the_deputy_when_the_lead_has_not_acted() {
    let mut trust = Trust::on(tuesday());
    trust.raised(1, Urgency::U3);
    trust.now = tuesday() + minutes(180);
    assert_eq!(
        trust.said(),
        set(&[]),
        "four working hours, a quarter is not begun"
    );
    trust.now += minutes(1);
    assert_eq!(trust.said(), set(&["lead DueSoon K2"]));
    trust.sends();
    assert_eq!(trust.said(), set(&[]), "once");
    trust.now = tuesday() + minutes(210);
    assert_eq!(trust.said(), set(&["deputy DueSoon K2"]));
    trust.sends();
    trust.now = tuesday() + minutes(241);
    assert_eq!(trust.said(), set(&["lead Overdue K2"]));
    trust.sends();
    trust.now = tuesday() + minutes(270);
    assert_eq!(trust.said(), set(&["deputy Overdue K2"]));
    trust.sends();
    trust.now += minutes(60);
    assert_eq!(trust.said(), set(&[]));
}

#[test]
fn what_was_done_meanwhile_is_not_asked_for() {
    let mut trust = Trust::on(tuesday());
    let case = trust.raised(1, Urgency::U3);
    trust.now += minutes(200);
    assert_eq!(trust.said(), set(&["lead DueSoon K2"]));
    trust.acknowledged(case);
    assert_eq!(trust.said(), set(&[]));
    trust.now += Duration::days(30);
    assert!(!trust.said().iter().any(|said| said.contains("K2")));
}

#[test]
fn a_program_that_stood_still_for_weeks_says_once_what_each_clock_has_come_to() {
    let mut trust = Trust::on(tuesday());
    let case = trust.raised(1, Urgency::U3);
    trust.acknowledged(case);
    trust.now += Duration::days(21);
    let both = [
        "lead Overdue K3",
        "lead Overdue K4",
        "deputy Overdue K3",
        "deputy Overdue K4",
    ];
    let digest = "lead Digest";
    assert_eq!(trust.said(), set(&[&both[..], &[digest]].concat()));
    trust.sends();
    assert!(trust.passes(Duration::days(5)).is_empty());
}

#[test]
fn who_leads_today_is_told_and_who_no_longer_does_is_not() {
    let mut trust = Trust::on(tuesday());
    trust.raised(1, Urgency::U3);
    trust.now += minutes(200);
    let ended = GrantEnded { role: Role::Lead };
    trust.told(Stream::Grants(LEAD), Event::GrantEnded(ended));
    assert_eq!(
        trust.said(),
        set(&["deputy DueSoon K2"]),
        "in the lead's place"
    );
    trust.leads(OTHER, None);
    assert_eq!(trust.said(), set(&["other DueSoon K2"]));
}

#[test]
fn a_letter_goes_under_the_same_message_id_until_it_is_recorded_as_sent() {
    let mut trust = Trust::on(tuesday());
    let case = trust.raised(1, Urgency::U1);
    trust.sends();
    trust.now += minutes(181);
    let mails = trust.owed();
    assert_eq!(
        mails.len(),
        1,
        "an answer and a decision fall due at one instant"
    );
    let kinds: BTreeSet<_> = mails[0].iter().map(said).collect();
    assert_eq!(kinds, set(&["lead DueSoon K2", "lead DueSoon K3"]));
    trust.acknowledged(case);
    trust.now += minutes(5);
    let again = trust.owed();
    assert_eq!(
        again[0].iter().map(said).collect::<BTreeSet<_>>(),
        set(&["lead DueSoon K3"])
    );
    assert_eq!(again[0][0].message_id(), mails[0][0].message_id());
}

#[test]
fn of_a_plan_only_what_was_not_arranged_presses() {
    let mut trust = Trust::on(at("2026-03-03T09:00:00Z"));
    let case = trust.raised(1, Urgency::U3);
    trust.acknowledged(case);
    trust.triaged(case, Urgency::U3);
    // The latest dated incident was known at half past nine on 2 March: day 28 ends on 30 March.
    trust.now = at("2026-03-24T10:00:00Z");
    trust.sends();
    let k5 = |trust: &Trust| trust.said().iter().any(|said| said.contains("K5"));
    assert!(!k5(&trust), "nothing is planned");
    let golden = include_str!("../../../domain/tests/golden/OfferPlanned.1.json");
    let planned: OfferPlanned = serde_json::from_str(golden).unwrap();
    trust.told(Stream::Case(case), Event::OfferPlanned(planned.clone()));
    assert!(k5(&trust));
    let arranged = json!({
        "session": Uuid::from_u128(7), "offer": planned.offer, "starts_at": "2026-03-27T10:00:00Z",
        "minutes": 90, "facilitators": [], "managers_attend": "no"
    });
    let arranged = Event::SessionArranged(serde_json::from_value(arranged).unwrap());
    trust.told(Stream::Case(case), arranged);
    assert!(!k5(&trust));
}

#[test]
fn five_hundred_requests_in_an_hour_are_a_handful_of_mails() {
    let mut trust = Trust::on(tuesday());
    for n in 0..500 {
        trust.now = tuesday() + Duration::seconds(7 * n);
        trust.raised(n as u128, Urgency::U3);
    }
    trust.now = tuesday() + minutes(175);
    let mut waiting = 0;
    for hour in 1..=3 {
        let mut mails = trust.passes(minutes(60));
        mails.retain(|mail| mail[0].id.2 == LEAD);
        assert!(
            (1..=7).contains(&mails.len()),
            "{} mails in hour {hour}",
            mails.len()
        );
        let more = mails
            .iter()
            .filter(|mail| mail[0].id.1 == LetterKind::Waiting);
        waiting += more.count();
    }
    assert!(waiting > 0);
    trust.passes(Duration::days(1));
    assert!(
        trust.owed().is_empty(),
        "in the end everyone was told of everything"
    );
}

#[test]
fn when_an_urgent_letter_is_not_taken_the_deputy_reads_of_it_within_a_quarter_of_an_hour() {
    let mut trust = Trust::on(tuesday());
    let case = trust.raised(1, Urgency::U1);
    let due = trust.views.letters.due(trust.views.around(), trust.now);
    let to_the_deputy = |letter: &&Letter| letter.id.2 == DEPUTY;
    let deputys = due.iter().flatten().find(to_the_deputy).unwrap().clone();
    let sent = Event::LetterSent(LetterSent {
        letter: LetterKind::Urgent,
        message_id: "x".into(),
        sequence: None,
    });
    trust.recorded(&deputys, sent);
    trust.now += minutes(9);
    assert_eq!(trust.said(), set(&[]));
    trust.now += minutes(1);
    assert_eq!(trust.said(), set(&["deputy Undelivered"]));
    trust.triaged(case, Urgency::U1);
    assert_eq!(trust.said(), set(&[]), "someone looked");
}

#[test]
fn of_a_letter_given_up_a_lead_is_told_who_is_not_the_one_it_was_for() {
    let mut trust = Trust::on(tuesday());
    let case = trust.raised(1, Urgency::U3);
    trust.acknowledged(case);
    trust.triaged(case, Urgency::U4);
    let due = trust.views.letters.due(trust.views.around(), trust.now);
    let letter = due[0][0].clone();
    assert_eq!((letter.id.1, letter.id.2), (LetterKind::Received, NURSE));
    trust.now += Duration::hours(73);
    let given_up = LetterUndelivered {
        letter: letter.id.1,
    };
    trust.recorded(&letter, Event::LetterUndelivered(given_up));
    assert_eq!(trust.said(), set(&["lead Undelivered"]));
    let owed = trust.owed()[0][0].clone();
    let given_up = LetterUndelivered {
        letter: LetterKind::Undelivered,
    };
    trust.recorded(&owed, Event::LetterUndelivered(given_up));
    assert_eq!(
        trust.said(),
        set(&[]),
        "and that is not told again in its turn"
    );
}

#[test]
fn on_monday_at_eight_each_lead_gets_numbers_if_anything_waits_and_never_of_a_week_gone_by() {
    let mut trust = Trust::on(tuesday());
    trust.now = at("2026-03-09T09:00:00Z");
    assert_eq!(trust.said(), set(&[]), "nothing waits");
    trust.now = tuesday() + Duration::days(7);
    let case = trust.raised(1, Urgency::U4);
    trust.acknowledged(case);
    assert_eq!(trust.said(), set(&[]), "nothing waited on that Monday");
    trust.triaged(case, Urgency::U4);
    trust.now = at("2026-03-16T07:59:59Z");
    assert_eq!(trust.said(), set(&[]));
    trust.now = at("2026-03-16T08:00:00Z");
    assert_eq!(trust.said(), set(&["lead Digest"]));
    let first = trust.owed()[0][0].clone();
    let digest = |trust: &Trust| -> Vec<Letter> {
        let all = trust.owed().into_iter().flatten();
        all.filter(|letter| letter.id.1 == LetterKind::Digest)
            .collect()
    };
    // Missed for a fortnight: only this week's is owed. Summer time began on 29 March.
    trust.now = at("2026-03-30T06:59:59Z");
    assert_eq!(digest(&trust).len(), 0);
    trust.now = at("2026-03-30T07:00:00Z");
    let this_week = digest(&trust);
    assert_eq!(this_week.len(), 1);
    assert_ne!(this_week[0].id, first.id);
    let counts = pipss_projections::digest::counts(trust.views.around(), LEAD, trust.now);
    assert_eq!((counts.to_triage, counts.open, counts.overdue), (0, 1, 1));
}
