//! Times and days that do not exist, have no offset, or lie on the wrong side of now: 422.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::ask::assert_refused;
use crate::bodies::{right_for, spoilt};
use crate::ground::Ground;

const MOMENTS: [(&str, &str); 6] = [
    ("referrals", "/incidents/0/occurred/between/from"),
    ("referrals", "/incidents/0/known_at"),
    ("referrals", "/defusion_held/at"),
    ("record-scoping", "/held_at"),
    ("arrange-session", "/starts_at"),
    ("record-session", "/started_at"),
];

const DAYS: [(&str, &str); 3] = [
    ("referrals", "/anticipated/expected_on"),
    ("record-session", "/actions/0/due"),
    ("end-offer", "/due"),
];

async fn assert_pointed_at(ground: &Ground, name: &str, pointer: &str, value: Value) {
    let what = format!("{name} {pointer}: {value}");
    let body = spoilt(&right_for(ground, name), pointer, value);
    let answer = ground.ask(ground.ask_for(name, &body)).await;
    assert_refused(&answer, 422, "invalid", &what);
    let said = answer.json()["errors"][0]["pointer"].clone();
    let said = said.as_str().unwrap();
    assert!(
        pointer.starts_with(said) && !said.is_empty(),
        "{what}: {}",
        answer.text
    );
}

#[tokio::test]
async fn a_time_that_does_not_exist_or_has_no_offset_is_refused() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let wrong = [
        "2026-02-30T09:00:00Z",
        "2026-13-01T09:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T09:60:00Z",
        "2026-06-30T23:59:60Z",
        "2026-01-01T09:00:00",
        "2026-10-25T01:30:00",
        "2026-03-29 01:30",
        "2026-01-01",
        "2026-01-01T09:00Z",
        "2026-01-01T09:00:00+25:00",
        "2026-01-01T09:00:00 Europe/London",
        "+12026-01-01T09:00:00Z",
        "0026-01-01T09:00:00Z",
        "9999-01-01T09:00:00Z",
        "-2026-01-01T09:00:00Z",
        "yesterday",
        "1700000000",
        "2026-01-01T09:00:00.0000000000000000000000001Z",
    ];
    for (name, pointer) in MOMENTS {
        for text in wrong {
            assert_pointed_at(&ground, name, pointer, text.into()).await;
        }
        assert_pointed_at(&ground, name, pointer, json!(1_700_000_000)).await;
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_day_that_does_not_exist_is_refused() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let wrong = [
        "2027-02-29",
        "2026-04-31",
        "2026-00-10",
        "2026-13-01",
        "2026-1-1",
        "26-01-01",
        "01/02/2027",
        "2026-W10-1",
        "20260301",
        "2200-01-01",
        "0000-00-00",
        "2027-01-01T00:00:00Z",
        "tomorrow",
    ];
    for (name, pointer) in DAYS {
        for text in wrong {
            assert_pointed_at(&ground, name, pointer, text.into()).await;
        }
        assert_pointed_at(&ground, name, pointer, json!(20_270_101)).await;
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn what_happened_cannot_lie_in_the_future() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let soon = json!(Utc::now() + Duration::minutes(10));
    for (name, pointer) in MOMENTS
        .iter()
        .filter(|(name, _)| *name != "arrange-session")
    {
        assert_pointed_at(&ground, name, pointer, soon.clone()).await;
    }
    assert_pointed_at(
        &ground,
        "referrals",
        "/incidents/0/occurred/between/to",
        soon,
    )
    .await;
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn what_is_to_come_cannot_lie_in_the_past() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let minute_ago = json!(Utc::now() - Duration::minutes(1));
    assert_pointed_at(&ground, "arrange-session", "/starts_at", minute_ago).await;
    let years_ahead = json!(Utc::now() + Duration::days(731));
    assert_pointed_at(&ground, "arrange-session", "/starts_at", years_ahead).await;
    let two_days_ago = json!((Utc::now() - Duration::days(2)).date_naive());
    for (name, pointer) in DAYS {
        assert_pointed_at(&ground, name, pointer, two_days_ago.clone()).await;
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn times_that_contradict_each_other_are_refused() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let at = |hours: i64| json!(Utc::now() - Duration::hours(hours));
    let period = json!({ "from": at(10), "to": at(20) });
    assert_pointed_at(
        &ground,
        "referrals",
        "/incidents/0/occurred/between",
        period,
    )
    .await;
    // It cannot have been known before it happened.
    assert_pointed_at(&ground, "referrals", "/incidents/0/known_at", at(45)).await;
    assert_eq!(before, ground.seen().await);
}
