//! What is sealed by the month: one key for a log and a month, destroyed together, and for nothing else.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use chrono::{DateTime, Utc};
use common::*;
use pipss_domain::facts::{FeedbackAnswers, FeedbackGiven, Timing, YesOrNo};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::KeyId;
use pipss_domain::offer::OfferKind;
use pipss_domain::personal::Personal;
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{Append, EventStore, SledStore};

const ANSWERS: FeedbackAnswers = FeedbackAnswers {
    helpful: 4,
    safe_to_speak: 5,
    know_where_to_get_help: YesOrNo::Yes,
    timing: Timing::Right,
    would_recommend: YesOrNo::No,
};

/// An answer in the log of an organisation, at an instant.
async fn given(store: &SledStore, n: u64, organisation: u64, log: Log, at: &str) -> Fact {
    let log = LogId {
        organisation: id(organisation),
        log,
    };
    let event = Event::FeedbackGiven(FeedbackGiven {
        offer_kind: OfferKind::PetrDebrief,
        answers: Personal::Known(ANSWERS),
    });
    let append = append_of(log, n, vec![write(Stream::Feedback(id(n)), 0, vec![event])]);
    let now: DateTime<Utc> = at.parse().unwrap();
    put(store, Append { now, ..append }).await.remove(0)
}

fn answers(fact: &Fact) -> &Personal<FeedbackAnswers> {
    match &fact.event {
        Event::FeedbackGiven(given) => &given.answers,
        other => panic!("{other:?}"),
    }
}

fn key(fact: &Fact) -> KeyId {
    match answers(fact) {
        Personal::Sealed(sealed) => sealed.key,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_has_a_key_for_each_month_and_destroying_it_erases_that_month_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let november = [
        given(&store, 1, 1, Log::Feedback, "2026-11-02T00:00:00Z").await,
        given(&store, 2, 1, Log::Feedback, "2026-11-30T23:00:00Z").await,
    ];
    let others = [
        given(&store, 3, 1, Log::Feedback, "2026-12-01T00:00:00Z").await,
        given(&store, 4, 1, Log::Access, "2026-11-02T00:00:00Z").await,
        given(&store, 5, 2, Log::Feedback, "2026-11-02T00:00:00Z").await,
    ];
    assert_eq!(key(&november[0]), key(&november[1]));
    let mut keys: Vec<_> = others.iter().chain(&november[..1]).map(key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4, "each has a key of its own");
    store
        .erase(uuid::Uuid::from_u128(7), at(9), &[key(&november[0])])
        .unwrap();
    for store in then_reopened(store, folder.path()) {
        for fact in &november {
            assert_eq!(store.open(answers(fact)), Personal::Erased);
        }
        for fact in &others {
            assert_eq!(store.open(answers(fact)).known(), Some(&ANSWERS));
        }
        assert_eq!(
            everything(&store, november[0].log).len(),
            3,
            "what happened stays"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_of_the_calendar_in_england() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // Half past eleven at night in UTC is already the next day in summer time.
    let night = given(&store, 1, 1, Log::Feedback, "2026-06-30T23:30:00Z").await;
    let july = given(&store, 2, 1, Log::Feedback, "2026-07-15T12:00:00Z").await;
    assert_eq!(key(&night), key(&july));
}
