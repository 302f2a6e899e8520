//! The folder is moved away, deleted or replaced while it is open: nothing is written to where nobody looks.

use std::fs;
use std::path::Path;

use pipss_store::{EventStore, SledStore, StoreError};

use crate::common::*;

/// A store that kept one fact, in a folder of its own; then something is done to the folder.
async fn after(damage: impl FnOnce(&Path)) -> (tempfile::TempDir, SledStore) {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let store = open(&data);
    put(&store, simple(0)).await;
    damage(&data);
    (parent, store)
}

/// Nothing more is taken in, though what was kept can still be read.
async fn expect_fenced(store: &SledStore) {
    for n in [1, 2] {
        let refused = store.append(simple(n)).await.unwrap_err();
        assert_eq!(refused, StoreError::Fenced);
        assert!(
            refused.to_string().contains("nothing was saved"),
            "{refused}"
        );
    }
    assert_eq!(everything(store, main_log()).len(), 1);
    let erasure = uuid::Uuid::from_u128(1);
    assert_eq!(store.erase(erasure, at(1), &[]), Err(StoreError::Fenced));
    let copies = tempfile::tempdir().unwrap();
    let (log, keys) = (copies.path().join("log"), copies.path().join("keys"));
    assert_eq!(
        store.backup(&log, &keys, at(2)).err(),
        Some(StoreError::Fenced)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_moved_away_is_written_to_no_more_even_once_it_is_back() {
    let (parent, store) =
        after(|data| fs::rename(data, data.with_extension("away")).unwrap()).await;
    expect_fenced(&store).await;
    let data = parent.path().join("data");
    assert!(!data.exists(), "it was made anew");
    fs::rename(data.with_extension("away"), &data).unwrap();
    expect_fenced(&store).await;
    drop(store);
    let again = open(&data);
    assert_eq!(everything(&again, main_log()).len(), 1);
    put(&again, simple(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_deleted_is_written_to_no_more() {
    let (parent, store) = after(|data| fs::remove_dir_all(data).unwrap()).await;
    expect_fenced(&store).await;
    drop(store);
    assert!(!parent.path().join("data").exists(), "it was made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_was_replaced_by_a_copy_is_left_as_it_is() {
    let (parent, store) = after(|data| {
        let old = data.with_extension("old");
        fs::rename(data, &old).unwrap();
        copy(&old, data);
    })
    .await;
    let data = parent.path().join("data");
    let newcomer = open(&data);
    put(&newcomer, simple(1)).await;
    drop(newcomer);
    let before = files(&data);
    expect_fenced(&store).await;
    drop(store);
    assert_eq!(files(&data), before);
    put(&open(&data), simple(2)).await;
    assert_eq!(everything(&open(&data), main_log()).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_was_replaced_in_its_folder_is_written_to_no_more() {
    let (parent, store) = after(|data| {
        let segment = data.join("journal/00000001");
        let bytes = fs::read(&segment).unwrap();
        fs::remove_file(&segment).unwrap();
        fs::write(&segment, bytes).unwrap();
    })
    .await;
    expect_fenced(&store).await;
    drop(store);
    assert_eq!(
        everything(&open(&parent.path().join("data")), main_log()).len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_was_deleted_does_not_let_two_write() {
    let (parent, store) = after(|data| fs::remove_file(data.join("lock")).unwrap()).await;
    let newcomer = open(&parent.path().join("data"));
    put(&newcomer, simple(9)).await;
    expect_fenced(&store).await;
    assert_eq!(everything(&newcomer, main_log()).len(), 2);
}

/// Every file below a folder with what it holds.
fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}
