//! What reaches facilitators' calendars and mailboxes when sessions are arranged and change.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, Datelike, Duration, NaiveDate, SubsecRound, TimeZone, Utc, Weekday};
use serde_json::{Value, json};
use support::demo::Person;
use support::schedule::{Cast, Planned, Posted, arrange, planned};
use support::smtp::{Received, read_calendar};

/// The one calendar part of a letter, as another program reads it.
fn invitation(letter: &Received) -> Value {
    let [part] = &letter.calendars[..] else {
        panic!("one calendar part: {letter:?}")
    };
    let read = read_calendar(&part.text);
    let method = read["method"].as_str().unwrap();
    // Python's parser shows each parameter in quotes.
    let shown = part.content_type.replace('"', "");
    assert_eq!(
        shown,
        format!("text/calendar; method={method}; charset=utf-8")
    );
    read
}

/// Everything a letter says, all but its addresses.
fn said(letter: &Received) -> String {
    let read = invitation(letter);
    let subject = letter.header("Subject").join(" ");
    format!(
        "{subject} {} {} {}",
        letter.text, read["summary"], read["description"]
    )
}

fn assert_says_nothing(letter: &Received, reference: &str) {
    let said = said(letter).to_lowercase();
    assert!(said.contains(&reference.to_lowercase()), "{said}");
    for word in [
        "stroke", "ward", "harbour", "willow", "petr", "debrief", "session", "assault", "robin",
        "wren", "ash", "linnet", "kim", "siskin", "garden",
    ] {
        assert!(!said.contains(word), "{word}: {said}");
    }
}

fn assert_cancels(letter: &Received, reference: &str, uid: &Value) {
    let read = invitation(letter);
    assert_says_nothing(letter, reference);
    assert_eq!(
        (&read["method"], &read["sequence"]),
        (&json!("CANCEL"), &json!(2))
    );
    assert_eq!((&read["uid"], &read["status"]), (uid, &json!("CANCELLED")));
    assert_eq!(read["location"], Value::Null);
}

async fn give(posted: &Posted, who: &Person, case: &Planned, name: &str, body: Value) {
    let answer = posted.demo.command(who, &case.case, name, &body).await;
    answer.expect(200);
}

#[tokio::test]
async fn one_invitation_each_then_one_update_each_then_one_cancellation_each() {
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let petr = planned(&posted.demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let at = Utc::now().trunc_subsecs(0) + Duration::days(9);
    let both = [&cast.ash, &cast.kim];
    let arranged = arrange(&posted.demo, &cast.alex, &petr, at, &both, json!({})).await;
    let id = arranged.expect(200)["session"].clone();
    posted.pass(Duration::minutes(1)).await;

    let mut uid = Value::Null;
    for person in both {
        let letters = posted.to(person);
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_says_nothing(&letters[0], &petr.reference);
        let read = invitation(&letters[0]);
        assert_eq!(read["method"], "REQUEST");
        assert_eq!(read["sequence"], 0);
        assert_eq!(read["location"], "Garden Room; block B, left");
        assert_eq!(read["organiser"], "mailto:staff-support@example.test");
        let address = format!("mailto:{}", letters[0].envelope_to[0]);
        assert_eq!(
            read["attendees"],
            json!([{ "address": address, "rsvp": "FALSE" }])
        );
        assert_eq!(
            read["start"]["utc"],
            json!(at.format("%FT%T+00:00").to_string())
        );
        uid = read["uid"].clone();
    }
    assert!(uid.as_str().unwrap().starts_with(id.as_str().unwrap()));
    let before = posted.peer.messages().len();

    // Point 6 of the stroke-ward case: one update to each facilitator, nothing to anyone else.
    let next_day = at + Duration::days(1);
    let moved = json!({ "session": id, "starts_at": next_day });
    give(&posted, &cast.alex, &petr, "move-session", moved).await;
    posted.pass(Duration::minutes(1)).await;
    posted.pass(Duration::minutes(20)).await;
    let after = posted.peer.messages();
    assert_eq!(after.len(), before + 2, "{:?}", &after[before..]);
    for person in both {
        let letters = posted.to(person);
        let read = invitation(&letters[1]);
        assert_says_nothing(&letters[1], &petr.reference);
        assert_eq!(
            (&read["method"], &read["sequence"]),
            (&json!("REQUEST"), &json!(1))
        );
        assert_eq!(read["uid"], uid);
        assert_eq!(
            read["start"]["utc"],
            json!(next_day.format("%FT%T+00:00").to_string())
        );
    }

    let off = json!({ "session": id, "reason": "no_longer_needed" });
    give(&posted, &cast.alex, &petr, "cancel-session", off).await;
    posted.pass(Duration::minutes(1)).await;
    assert_eq!(posted.peer.messages().len(), before + 5);
    for person in both {
        assert_cancels(&posted.to(person)[2], &petr.reference, &uid);
    }
    let manager = posted.to(&cast.robin);
    let last = manager.last().unwrap();
    assert!(last.header("Subject")[0].contains("called off") && last.calendars.is_empty());
}

#[tokio::test]
async fn a_session_that_changes_before_its_first_letter_left_is_told_once_as_it_stands_then() {
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let petr = planned(&posted.demo, &cast.alex, &cast.robin, "petr_debrief").await;
    posted.pass(Duration::minutes(1)).await;
    posted.peer.set_mode("450");
    let before = posted.peer.messages().len();
    let at = Utc::now().trunc_subsecs(0) + Duration::days(9);
    let both = [&cast.ash, &cast.kim];
    let arranged = arrange(&posted.demo, &cast.alex, &petr, at, &both, json!({})).await;
    let id = arranged.expect(200)["session"].clone();
    posted.pass(Duration::minutes(1)).await;
    let next_day = at + Duration::days(1);
    let moved = json!({ "session": id, "starts_at": next_day });
    give(&posted, &cast.alex, &petr, "move-session", moved).await;
    let hands = json!({ "session": id, "from": cast.kim.id, "to": cast.alex.id });
    give(&posted, &cast.alex, &petr, "hand-over-session", hands).await;
    posted.peer.set_mode("ok");
    posted.pass(Duration::hours(2)).await;
    posted.pass(Duration::hours(2)).await;

    // To Ash, Alex and the manager; Kim never heard of it.
    assert_eq!(posted.peer.messages().len(), before + 3);
    let kim = posted.to(&cast.kim);
    assert!(kim.is_empty(), "{kim:?}");
    for person in [&cast.ash, &cast.alex] {
        let letters = posted.to(person);
        let read = invitation(letters.last().unwrap());
        assert_eq!(
            (&read["method"], &read["sequence"]),
            (&json!("REQUEST"), &json!(2))
        );
        assert_eq!(
            read["start"]["utc"],
            json!(next_day.format("%FT%T+00:00").to_string())
        );
    }
}

#[tokio::test]
async fn whoever_is_handed_a_session_is_invited_and_whoever_gave_it_up_is_released() {
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let petr = planned(&posted.demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let at = Utc::now().trunc_subsecs(0) + Duration::days(9);
    let both = [&cast.ash, &cast.kim];
    let arranged = arrange(&posted.demo, &cast.alex, &petr, at, &both, json!({})).await;
    let id = arranged.expect(200)["session"].clone();
    posted.pass(Duration::minutes(1)).await;
    for (from, to) in [(&cast.kim, &cast.alex), (&cast.alex, &cast.kim)] {
        let hands = json!({ "session": id, "from": from.id, "to": to.id });
        give(&posted, &cast.alex, &petr, "hand-over-session", hands).await;
        posted.pass(Duration::minutes(20)).await;
    }
    assert_eq!(posted.to(&cast.ash).len(), 1);
    let methods = |person| -> Vec<(String, u64)> {
        let read = |letter| {
            let read = invitation(letter);
            let method = read["method"].as_str().unwrap().to_owned();
            (method, read["sequence"].as_u64().unwrap())
        };
        posted.to(person).iter().map(read).collect()
    };
    let told = |method: &str, sequence| (method.to_owned(), sequence);
    let kim = [told("REQUEST", 0), told("CANCEL", 1), told("REQUEST", 2)];
    assert_eq!(methods(&cast.kim), kim);
    assert_eq!(methods(&cast.alex), [told("REQUEST", 1), told("CANCEL", 2)]);
}

/// The Sunday on which the clocks change, in the first such month that is far enough ahead.
fn clocks_change(month: u32, after: DateTime<Utc>) -> NaiveDate {
    let years = after.year()..after.year() + 2;
    let last_sunday = |year| {
        let days = NaiveDate::from_ymd_opt(year, month, 31)
            .unwrap()
            .iter_days()
            .rev();
        days.into_iter().find(|day| day.weekday() == Weekday::Sun)
    };
    let mut sundays = years.filter_map(last_sunday);
    sundays
        .find(|day| *day > after.date_naive() + Duration::days(3))
        .unwrap()
}

#[tokio::test]
async fn invitations_show_the_right_hour_on_both_sides_of_both_clock_changes() {
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let petr = planned(&posted.demo, &cast.alex, &cast.robin, "petr_debrief").await;
    let mut changes = [clocks_change(3, posted.now), clocks_change(10, posted.now)];
    changes.sort();
    for sunday in changes {
        let summer_before = sunday.month() == 10;
        let eve = sunday.and_hms_opt(0, 0, 0).unwrap().and_utc() - Duration::days(3);
        posted.pass(eve - posted.now).await;
        let begin = posted.to(&cast.kim).len();
        for (n, days) in [-1, 1].into_iter().enumerate() {
            let day = sunday + Duration::days(days);
            let summer = summer_before == (days < 0);
            let at = Utc.from_utc_datetime(&day.and_hms_opt(13, 30, 0).unwrap());
            let kim = [&cast.kim];
            arrange(&posted.demo, &cast.alex, &petr, at, &kim, json!({}))
                .await
                .expect(200);
            posted.pass(Duration::minutes(20)).await;
            let letters = posted.to(&cast.kim);
            let read = invitation(&letters[begin + n]);
            let hour = if summer { "14:30" } else { "13:30" };
            assert_eq!(read["start"]["london"], json!(format!("{day} {hour}")));
            assert_eq!(
                read["start"]["utc"],
                json!(at.format("%FT%T+00:00").to_string())
            );
        }
        if summer_before {
            // The hour that happens twice: two meetings, one after the other.
            let one = Utc.from_utc_datetime(&sunday.and_hms_opt(0, 30, 0).unwrap());
            for (n, at) in [one, one + Duration::hours(1)].into_iter().enumerate() {
                let kim = [&cast.kim];
                let arranged = arrange(&posted.demo, &cast.alex, &petr, at, &kim, json!({}));
                arranged.await.expect(200);
                posted.pass(Duration::minutes(20)).await;
                let read = invitation(&posted.to(&cast.kim)[begin + 2 + n]);
                assert_eq!(read["start"]["london"], json!(format!("{sunday} 01:30")));
                assert_eq!(
                    read["start"]["utc"],
                    json!(at.format("%FT%T+00:00").to_string())
                );
            }
        }
    }
}

#[tokio::test]
async fn a_facilitator_is_reminded_the_working_day_before_and_asked_for_an_overdue_record() {
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let petr = planned(&posted.demo, &cast.alex, &cast.robin, "petr_debrief").await;
    // A Thursday in a week without a bank holiday, so that every day around it is a working day.
    let mut thursdays = posted.now.date_naive().iter_days().skip(8);
    let thursday =
        thursdays.find(|day| day.weekday() == Weekday::Thu && (2..=3).contains(&day.month()));
    let thursday = thursday.unwrap();
    let at = thursday.and_hms_opt(14, 0, 0).unwrap().and_utc();
    let kim = [&cast.kim];
    arrange(&posted.demo, &cast.alex, &petr, at, &kim, json!({}))
        .await
        .expect(200);
    posted.pass(Duration::minutes(1)).await;
    assert_eq!(posted.to(&cast.kim).len(), 1);

    let morning = (thursday - Duration::days(1))
        .and_hms_opt(9, 0, 0)
        .unwrap()
        .and_utc();
    posted
        .pass(morning - Duration::minutes(2) - posted.now)
        .await;
    assert_eq!(posted.to(&cast.kim).len(), 1);
    posted.pass(Duration::minutes(3)).await;
    let letters = posted.to(&cast.kim);
    assert_eq!(letters.len(), 2);
    assert!(letters[1].header("Subject")[0].contains("soon") && letters[1].calendars.is_empty());

    // It ends at 15:00 on Thursday: two working days later it is Monday, 15:00.
    let due = at + Duration::hours(1) + Duration::days(4);
    posted.pass(due - Duration::minutes(2) - posted.now).await;
    assert_eq!(posted.to(&cast.kim).len(), 2);
    posted.pass(Duration::minutes(3)).await;
    posted.pass(Duration::days(1)).await;
    let letters = posted.to(&cast.kim);
    assert_eq!(letters.len(), 3);
    assert!(letters[2].header("Subject")[0].contains("record"));
}

#[tokio::test]
async fn a_letter_with_an_invitation_is_never_put_together_with_another() {
    let mut posted = Posted::start();
    let cast = Cast::of(&posted.demo).await;
    let petr = planned(&posted.demo, &cast.alex, &cast.robin, "petr_debrief").await;
    posted.peer.set_mode("450");
    let at = Utc::now().trunc_subsecs(0) + Duration::days(9);
    for n in 0..9 {
        let at = at + Duration::days(n);
        let kim = [&cast.kim];
        arrange(&posted.demo, &cast.alex, &petr, at, &kim, json!({}))
            .await
            .expect(200);
    }
    posted.peer.set_mode("ok");
    posted.pass(Duration::hours(2)).await;
    let letters = posted.to(&cast.kim);
    let mut uids: Vec<_> = letters
        .iter()
        .map(|l| invitation(l)["uid"].clone())
        .collect();
    uids.sort_by_key(Value::to_string);
    uids.dedup();
    assert_eq!((letters.len(), uids.len()), (9, 9));
}
