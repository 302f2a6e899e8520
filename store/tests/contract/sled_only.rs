//! Promises that only the store on sled makes: what lies in its folder, and how much one append may hold.

use pipss_store::{EventStore, StoreError};

use crate::common::*;

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
async fn an_append_must_fit_into_a_segment_of_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // Each fits, all of them together are more than a segment of this test holds.
    let many = (0..20).map(|_| unit_opened(&"x".repeat(8_000))).collect();
    let many = append_of(main_log(), 3, vec![write(unit(1), 0, many)]);
    assert_eq!(store.append(many).await.unwrap_err(), StoreError::TooLarge);
    assert_eq!(store.head(main_log()).position, 0);
    put(&store, simple(3)).await;
}

/// A long page is read on every core; each of these facts stands in a block of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_page_comes_in_order_and_ends_where_it_was_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut kept = Vec::new();
    for n in 0..400 {
        kept.extend(put(&store, simple(n)).await);
    }
    kept.extend({
        let ten = (0..10).map(|_| unit_opened("A")).collect();
        put(
            &store,
            append_of(main_log(), 900, vec![write(unit(900), 0, ten)]),
        )
        .await
    });
    let seed = seed();
    println!("PIPSS_SEED={seed}");
    let mut dice = seed;
    let windows = (0..200).map(|_| (random(&mut dice) % 420, random(&mut dice) % 450));
    for (after, limit) in [(0, 1000), (5, 128), (400, 3)].into_iter().chain(windows) {
        let page = store.log(main_log(), after, limit as usize).unwrap();
        let from = (after as usize).min(kept.len());
        let to = (from + limit as usize).min(kept.len());
        assert_eq!(page, kept[from..to], "{limit} after {after}");
    }
    assert_eq!(store.log(main_log(), 0, usize::MAX).unwrap(), kept);
    assert!(store.log(main_log(), u64::MAX, 9).unwrap().is_empty());
}
