//! Promises about order: positions and versions, who wins a race, all or nothing.

use std::sync::Barrier;
use std::thread;

use pipss_store::{Append, Appended, EventStore, StoreError};

use crate::backing::{Backing, all, keep, now_and_reopened, wait};
use crate::common::*;

/// Positions of a log and versions of a stream are 1, 2, 3 … whoever writes at once.
pub fn positions_and_versions_have_no_gaps_under_eight_writers<B: Backing>(backing: &B) {
    let store = backing.open();
    thread::scope(|threads| {
        for writer in 0..8 {
            let store = &store;
            threads.spawn(move || {
                for n in 0..30 {
                    let events = vec![unit_opened("A"), unit_opened("B")];
                    let writes = vec![write(unit(writer), n * 2, events)];
                    keep(store, append_of(main_log(), writer * 1000 + n, writes));
                }
            });
        }
    });
    now_and_reopened(backing, store, |store| {
        let facts = all(store, main_log());
        assert_eq!(facts.len(), 480);
        let positions: Vec<_> = facts.iter().map(|fact| fact.position).collect();
        assert_eq!(positions, (1..=480).collect::<Vec<_>>(), "positions");
        assert_eq!(store.head(main_log()).position, 480);
        for writer in 0..8 {
            let stream = store.stream(main_log(), &unit(writer)).unwrap();
            let versions: Vec<_> = stream.iter().map(|fact| fact.version).collect();
            assert_eq!(versions, (1..=60).collect::<Vec<_>>(), "versions");
        }
    });
}

/// Of appends that expect the same version one wins; the others are told which it is at.
pub fn of_racing_appends_one_wins_and_the_others_are_told_the_truth<B: Backing>(backing: &B) {
    let store = backing.open();
    let start = Barrier::new(16);
    for round in 0..3 {
        let race = |n| {
            let events = vec![unit_opened("A"), unit_opened("B")];
            let writes = vec![write(unit(1), round * 2, events)];
            start.wait();
            wait(store.append(append_of(main_log(), round * 100 + n, writes)))
        };
        let answers: Vec<_> = thread::scope(|threads| {
            let racers: Vec<_> = (0..16).map(|n| threads.spawn(move || race(n))).collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 15));
        for answer in lost {
            assert_eq!(
                answer.unwrap_err(),
                StoreError::Conflict {
                    stream: unit(1),
                    expected: round * 2,
                    actual: round * 2 + 2,
                }
            );
        }
    }
    now_and_reopened(backing, store, |store| {
        assert_eq!(all(store, main_log()).len(), 6)
    });
}

fn two(n: u64, streams: [u64; 2]) -> Append {
    let one = |of| write(unit(of), 0, vec![unit_opened("B")]);
    append_of(main_log(), n, streams.map(one).into())
}

/// The facts of one append stand side by side, or none of them does.
pub fn an_append_to_several_streams_is_all_or_nothing<B: Backing>(backing: &B) {
    let store = backing.open();
    keep(&store, simple(3));
    let before = store.head(main_log());
    for (n, streams) in [(10, [4, 3]), (11, [3, 4])] {
        let refused = wait(store.append(two(n, streams))).unwrap_err();
        assert!(
            matches!(refused, StoreError::Conflict { .. }),
            "{refused:?}"
        );
        assert!(
            store.stream(main_log(), &unit(4)).unwrap().is_empty(),
            "half of it was kept"
        );
        assert_eq!(store.head(main_log()), before);
    }
    let facts = keep(&store, two(12, [4, 5]));
    let places = facts
        .iter()
        .map(|fact| (fact.stream, fact.version, fact.number, fact.position));
    assert_eq!(
        places.collect::<Vec<_>>(),
        [(unit(4), 1, 0, 2), (unit(5), 1, 1, 3)]
    );
    // One stream in two writes: which comes first, and what does each expect? Nobody can say.
    let twice = wait(store.append(two(13, [6, 6])));
    assert!(matches!(twice, Err(StoreError::Invalid(_))), "{twice:?}");
    now_and_reopened(backing, store, |store| {
        assert_eq!(all(store, main_log())[1..], facts);
    });
}

/// A guard that has moved keeps the whole append out; one that has not is only looked at.
pub fn a_guard_must_not_have_moved<B: Backing>(backing: &B) {
    let store = backing.open();
    keep(&store, simple(1));
    let guarded = |n, guards: &[(u64, u64)]| Append {
        guards: guards
            .iter()
            .map(|(of, version)| (unit(*of), *version))
            .collect(),
        ..simple(n)
    };
    for (n, guards, stream, expected, actual) in [
        (2, &[(1, 0)][..], 1, 0, 1),
        (3, &[(1, 1), (9, 1)], 9, 1, 0),
        (4, &[(1, u64::MAX)], 1, u64::MAX, 1),
    ] {
        let refused = wait(store.append(guarded(n, guards)));
        let told = StoreError::Conflict {
            stream: unit(stream),
            expected,
            actual,
        };
        assert_eq!(refused.err(), Some(told), "{guards:?}");
    }
    let beyond = vec![write(unit(1), u64::MAX, vec![unit_opened("A")])];
    let refused = wait(store.append(append_of(main_log(), 5, beyond)));
    assert!(matches!(
        refused,
        Err(StoreError::Conflict { actual: 1, .. })
    ));
    assert_eq!(store.head(main_log()).position, 1);
    let kept = wait(store.append(guarded(6, &[(1, 1), (9, 0)]))).unwrap();
    assert!(matches!(kept, Appended::New(facts) if facts.len() == 1));
    now_and_reopened(backing, store, |store| {
        assert_eq!(store.stream(main_log(), &unit(1)).unwrap().len(), 1);
        assert!(store.stream(main_log(), &unit(9)).unwrap().is_empty());
    });
}

/// `recorded_at` never runs backwards, whatever the clock does.
pub fn recorded_at_never_runs_backwards_though_the_clock_does<B: Backing>(backing: &B) {
    let store = backing.open();
    let year = 365 * 86_400;
    for (n, clock) in (0..).zip([0, -3600, 5, -10 * year, 10 * year, 6, 0]) {
        keep(
            &store,
            Append {
                now: at(clock),
                ..simple(n)
            },
        );
    }
    now_and_reopened(backing, store, |store| {
        let facts = all(store, main_log());
        let times: Vec<_> = facts.iter().map(|fact| fact.recorded_at).collect();
        let last = at(10 * year);
        assert_eq!(times, [at(0), at(0), at(5), at(5), last, last, last]);
    });
}
