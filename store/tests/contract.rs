//! What the store promises, one promise a test.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::sync::{Arc, Mutex};

use common::*;
use pipss_domain::history::Event;
use pipss_domain::personal::Personal;
use pipss_domain::stream::{Log, LogId};
use pipss_store::{Append, Appended, EventStore, SledStore, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_read_back_as_they_were_acknowledged_before_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut kept = Vec::new();
    for n in 0..20 {
        kept.extend(put(&store, simple(n)).await);
    }
    let recorded = person_recorded("Ada", "ada");
    kept.extend(
        put(
            &store,
            append_of(main_log(), 100, vec![write(person(1), 0, vec![recorded])]),
        )
        .await,
    );
    let head = store.head(main_log());
    for store in then_reopened(store, folder.path()) {
        assert_eq!(everything(&store, main_log()), kept);
        assert_eq!(store.stream(main_log(), &person(1)).unwrap(), kept[20..]);
        assert_eq!(store.log(main_log(), 5, 3).unwrap(), kept[5..8]);
        assert_eq!(store.head(main_log()), head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_and_versions_have_no_gaps_under_eight_writers() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let writers: Vec<_> = (0..8u64)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in 0..50 {
                    let events = vec![unit_opened("A"), unit_opened("B")];
                    let writes = vec![write(unit(writer), n * 2, events)];
                    put(&store, append_of(main_log(), writer * 1000 + n, writes)).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let facts = everything(&store, main_log());
    assert!(
        facts
            .iter()
            .zip(1..)
            .all(|(fact, position)| fact.position == position)
    );
    assert_eq!(facts.len(), 800);
    assert!(facts.is_sorted_by_key(|fact| fact.recorded_at));
    for writer in 0..8 {
        let stream = store.stream(main_log(), &unit(writer)).unwrap();
        let versions: Vec<_> = stream.iter().map(|fact| fact.version).collect();
        assert_eq!(versions, (1..=100).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_racing_appends_one_wins_and_the_others_are_told_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let racers: Vec<_> = (0..50)
        .map(|n| {
            let store = Arc::clone(&store);
            let append = append_of(
                main_log(),
                n,
                vec![write(unit(1), 0, vec![unit_opened("A")])],
            );
            tokio::spawn(async move { store.append(append).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(StoreError::Conflict {
                stream,
                expected,
                actual,
            }) => {
                assert_eq!((stream, expected, actual), (unit(1), 0, 1));
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((won, everything(&store, main_log()).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_to_several_streams_with_guards_is_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    put(&store, simple(1)).await;
    let both = |n, guard| Append {
        guards: vec![(unit(1), guard)],
        ..append_of(
            main_log(),
            n,
            vec![
                write(unit(2), 0, vec![unit_opened("B")]),
                write(unit(3), 0, vec![unit_opened("C")]),
            ],
        )
    };
    let refused = store.append(both(10, 0)).await.unwrap_err();
    assert_eq!(
        refused,
        StoreError::Conflict {
            stream: unit(1),
            expected: 0,
            actual: 1
        }
    );
    assert_eq!(store.head(main_log()).position, 1);
    let facts = put(&store, both(11, 1)).await;
    let numbers: Vec<_> = facts
        .iter()
        .map(|f| (f.stream, f.version, f.number, f.position))
        .collect();
    assert_eq!(numbers, [(unit(2), 1, 0, 2), (unit(3), 1, 1, 3)]);
    let half = vec![
        write(unit(4), 0, vec![unit_opened("D")]),
        write(unit(3), 0, vec![unit_opened("C")]),
    ];
    assert!(store.append(append_of(main_log(), 12, half)).await.is_err());
    assert!(store.stream(main_log(), &unit(4)).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_answers_what_the_first_did_before_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let planned = |body: &str| Append {
        body: Some(body.into()),
        ..append_of(
            main_log(),
            5,
            vec![write(case(1), 0, vec![offer_planned("rest")])],
        )
    };
    let store = open(folder.path());
    let first = put(&store, planned("x")).await;
    let coded = put(&store, simple(6)).await;
    for store in then_reopened(store, folder.path()) {
        for (body, same) in [("x", true), ("y", false)] {
            let Appended::Repeated(repeat) = store.append(planned(body)).await.unwrap() else {
                panic!("a repeat was taken for something new");
            };
            assert_eq!((repeat.facts, repeat.same_body), (first.clone(), same));
        }
        let asked = store
            .repeated(main_log(), command(6), b"body of 6")
            .unwrap()
            .unwrap();
        assert_eq!((asked.facts, asked.same_body), (coded.clone(), true));
        let asked = store
            .repeated(main_log(), command(6), b"other")
            .unwrap()
            .unwrap();
        assert!(!asked.same_body);
        assert!(
            store
                .repeated(main_log(), command(7), b"")
                .unwrap()
                .is_none()
        );
        assert_eq!(store.head(main_log()).position, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_command_sent_fifty_times_at_once_has_one_effect() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(open(folder.path()));
    let sent: Vec<_> = (0..50)
        .map(|_| {
            let store = Arc::clone(&store);
            let append = append_of(
                main_log(),
                1,
                vec![write(case(1), 0, vec![offer_planned("rest")])],
            );
            tokio::spawn(async move { store.append(append).await })
        })
        .collect();
    let (mut new, mut repeated) = (Vec::new(), Vec::new());
    for one in sent {
        match one.await.unwrap().unwrap() {
            Appended::New(facts) => new.push(facts),
            Appended::Repeated(repeat) => repeated.push(repeat),
        }
    }
    assert_eq!((new.len(), repeated.len()), (1, 49));
    assert!(
        repeated
            .iter()
            .all(|repeat| repeat.facts == new[0] && repeat.same_body)
    );
    assert_eq!(
        opened_aim(&store, &everything(&store, main_log())[0].event).as_deref(),
        Some("rest")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn organisations_and_logs_know_nothing_of_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let logs: Vec<_> = [id(1), id(2)]
        .into_iter()
        .flat_map(|organisation| Log::ALL.map(|log| LogId { organisation, log }))
        .collect();
    for (log, count) in logs.iter().zip(1..) {
        for n in 0..count {
            // The same command and stream in each: they must not meet.
            put(
                &store,
                append_of(*log, n, vec![write(unit(n), 0, vec![unit_opened("A")])]),
            )
            .await;
        }
    }
    for store in then_reopened(store, folder.path()) {
        for (log, count) in logs.iter().zip(1..) {
            let facts = everything(&store, *log);
            assert_eq!(facts.len() as u64, count);
            assert!(facts.iter().all(|fact| fact.log == *log));
        }
        let heads: std::collections::HashSet<_> =
            logs.iter().map(|log| store.head(*log).chain).collect();
        assert_eq!(heads.len(), 6);
        let ids = [id(1), id(2)]
            .map(|organisation| store.command_id(organisation, &[b"a", b"b"]).unwrap());
        assert_ne!(ids[0], ids[1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_id_is_the_same_for_ever_and_tells_its_parts_apart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let id = store.command_id(organisation(), &[b"ab", b"c"]).unwrap();
    assert_ne!(
        id,
        store.command_id(organisation(), &[b"a", b"bc"]).unwrap()
    );
    assert_eq!(
        (id.uuid().get_version_num(), id.uuid().get_variant()),
        (8, uuid::Variant::RFC4122)
    );
    drop(store);
    assert_eq!(
        open(folder.path())
            .command_id(organisation(), &[b"ab", b"c"])
            .unwrap(),
        id
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_sees_every_fact_once_and_in_order_before_it_is_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (store, seen) = open_seeing(folder.path());
    let store = Arc::new(store);
    let writers: Vec<_> = (0..8u64)
        .map(|writer| {
            let (store, seen) = (Arc::clone(&store), Arc::clone(&seen));
            tokio::spawn(async move {
                for n in 0..40 {
                    let facts = put(&store, simple(writer * 1000 + n)).await;
                    assert!(seen.lock().unwrap().contains(&facts[0]));
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let live = seen.lock().unwrap().clone();
    assert_eq!(live, everything(&store, main_log()));
    drop(store);
    let (_store, again) = open_seeing(folder.path());
    assert_eq!(*again.lock().unwrap(), live);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_committed_is_shown_to_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let slot: Arc<Mutex<Option<Arc<SledStore>>>> = Arc::default();
    let watched = Arc::clone(&slot);
    // Seen from within `follow`, the log already holds what is being followed: commit comes first.
    let follow = Box::new(move |facts: &[pipss_domain::history::Fact]| {
        if let (Some(store), Some(last)) = (watched.lock().unwrap().as_ref(), facts.last()) {
            assert!(store.head(main_log()).position >= last.position);
            assert_eq!(
                store.stream(main_log(), &last.stream).unwrap().last(),
                Some(last)
            );
        }
    });
    let store = Arc::new(SledStore::open(options(folder.path()), follow).unwrap());
    *slot.lock().unwrap() = Some(Arc::clone(&store));
    for n in 0..20 {
        put(&store, simple(n)).await;
    }
    slot.lock().unwrap().take();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_of_many_kilobytes_is_kept_whole_and_sled_never_leaves_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut kept = Vec::new();
    for (n, size) in [(1, 3_900), (2, 4_096), (3, 9_000), (4, 40_000), (5, 10)] {
        let event = unit_opened(&"x".repeat(size));
        kept.extend(
            put(
                &store,
                append_of(main_log(), n, vec![write(unit(n), 0, vec![event])]),
            )
            .await,
        );
    }
    let many = (0..60).map(|n| unit_opened(&"y".repeat(n * 10))).collect();
    kept.extend(
        put(
            &store,
            append_of(main_log(), 9, vec![write(unit(9), 0, many)]),
        )
        .await,
    );
    drop(store);
    assert_eq!(everything(&open(folder.path()), main_log()), kept);
    let sled = folder.path().join("sled");
    assert!(std::fs::read_dir(sled.join("blobs")).map_or(0, Iterator::count) == 0);
    let longest = ::sled::open(sled)
        .unwrap()
        .iter()
        .map(|entry| entry.unwrap().1.len())
        .max();
    assert!(longest.unwrap() <= 4096, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_or_is_too_large_is_refused_and_nothing_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let nothing = store.append(append_of(main_log(), 1, vec![])).await;
    assert!(matches!(nothing, Err(StoreError::Invalid(_))));
    let large = vec![write(unit(1), 0, vec![unit_opened(&"x".repeat(300 << 10))])];
    assert_eq!(
        store
            .append(append_of(main_log(), 2, large))
            .await
            .unwrap_err(),
        StoreError::TooLarge
    );
    // More than one segment of this test holds.
    let many = (0..20).map(|_| unit_opened(&"x".repeat(8_000))).collect();
    let many = vec![write(unit(1), 0, many)];
    assert_eq!(
        store
            .append(append_of(main_log(), 3, many))
            .await
            .unwrap_err(),
        StoreError::TooLarge
    );
    let elsewhere = vec![write(unit(1), 0, vec![person_recorded("Ada", "ada")])];
    assert!(matches!(
        store.append(append_of(main_log(), 4, elsewhere)).await,
        Err(StoreError::Invalid(_))
    ));
    let mut erased = person_recorded("Ada", "ada");
    if let Event::PersonRecorded(fact) = &mut erased {
        fact.name = Some(Personal::Erased);
    }
    let erased = vec![write(person(1), 0, vec![erased])];
    assert!(matches!(
        store.append(append_of(main_log(), 5, erased)).await,
        Err(StoreError::Invalid(_))
    ));
    assert_eq!(store.head(main_log()).position, 0);
}
