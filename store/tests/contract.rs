//! What the store promises, one promise a test.

#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use pipss_store::EventStore;

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_read_back_as_they_were_acknowledged_before_and_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let (store, seen) = open_seeing(folder.path());
    let mut kept = Vec::new();
    for n in 0..20 {
        kept.extend(put(&store, simple(n)).await);
    }
    let recorded = person_recorded("Ada Nkemelu", "ada");
    kept.extend(
        put(
            &store,
            append_of(main_log(), 100, vec![write(person(1), 0, vec![recorded])]),
        )
        .await,
    );
    assert_eq!(everything(&store, main_log()), kept);
    assert_eq!(*seen.lock().unwrap(), kept);
    let head = store.head(main_log());
    drop(store);
    let (store, seen) = open_seeing(folder.path());
    assert_eq!(everything(&store, main_log()), kept);
    assert_eq!(*seen.lock().unwrap(), kept);
    assert_eq!(store.head(main_log()), head);
    assert_eq!(store.stream(main_log(), &person(1)).unwrap(), kept[20..]);
}
