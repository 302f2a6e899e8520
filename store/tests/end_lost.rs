//! An end of the log that was acknowledged and is lost: missed at the next start, and named.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::*;
use pipss_store::{Checkpoints, EventStore, Keeping, SledStore, StoreError, Verify, verify};

const MAGIC: [u8; 4] = [0xF7, b'P', b'J', 0x01];

/// The last segment with commits, and where each begins in it.
fn last_commits(folder: &Path) -> (PathBuf, Vec<usize>) {
    let segments = fs::read_dir(folder.join("journal")).unwrap();
    let mut segments: Vec<_> = segments.map(|entry| entry.unwrap().path()).collect();
    segments.sort();
    let commits = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let begins = |at: &usize| bytes[*at..].starts_with(&MAGIC);
        let at: Vec<usize> = (64..bytes.len()).step_by(8).filter(begins).collect();
        (path, at)
    };
    let each = segments.into_iter().map(commits);
    each.into_iter().rfind(|(_, at)| !at.is_empty()).unwrap()
}

/// Damages the last commit and takes away the reading copy, which would tell; answers the place.
fn damage_last(folder: &Path) -> String {
    let (path, commits) = last_commits(folder);
    let last = *commits.last().unwrap();
    flip(&path, last + 100);
    take_sled(folder);
    let segment: u64 = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
    format!("journal segment {segment} from byte {last}")
}

/// Takes the last commits away, as if they had never been.
fn cut_off(folder: &Path, commits: usize) {
    let (path, all) = last_commits(folder);
    let mut bytes = fs::read(&path).unwrap();
    bytes[all[all.len() - commits]..].fill(0);
    fs::write(path, bytes).unwrap();
    take_sled(folder);
}

fn take_sled(folder: &Path) {
    fs::remove_dir_all(folder.join("sled")).unwrap();
}

/// The commit that the mark names.
fn marked(folder: &Path) -> u64 {
    let bytes = fs::read(folder.join("mark")).unwrap();
    let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
    number(8).max(number(72))
}

fn keeping(store: &SledStore) -> Checkpoints {
    store.keep_checkpoints(Keeping::new(vec![], None)).unwrap()
}

/// It must not open, must leave everything as it was, and says why in one line.
#[track_caller]
fn refused(folder: &Path) -> String {
    let before = contents(folder);
    let why = try_open(folder).map(drop).unwrap_err();
    assert!(matches!(why, StoreError::Corrupt(_)), "{why:?}");
    assert_eq!(contents(folder), before, "{why}");
    let line = why.to_string();
    assert!(!line.contains('\n'), "{line}");
    assert!(line.contains("pipss verify"), "{line}");
    assert!(line.ends_with("restore it from a backup"), "{line}");
    line
}

/// The journal, the keys and what is known beside them.
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let segments = fs::read_dir(folder.join("journal")).unwrap();
    let mut paths: Vec<_> = segments.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.extend(["keys", "store", "mark", "checkpoints"].map(|name| folder.join(name)));
    paths
        .iter()
        .map(|path| fs::read(path).unwrap_or_default())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_commit_that_is_lost_together_with_sled_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let facts = filled(folder.path()).await.len();
    let place = damage_last(folder.path());
    let said = refused(folder.path());
    let what = format!("{place}: commit {facts} was acknowledged and is not there any more");
    assert!(said.contains(&what), "{said}");
    let report = verify(&Verify::of(folder.path()), &|_, _| ()).unwrap();
    assert!(!report.holds);
    assert_eq!(report.bad[0].position, Some(facts as u64), "{report:?}");
    assert!(report.bad[0].place().ends_with(&place), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_was_killed_leaves_the_mark_of_its_last_commit() {
    let (folder, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    for n in 0..20 {
        put(&store, simple(n)).await;
    }
    // What the machine has in its files while the store is open, as after a kill.
    copy(folder.path(), killed.path());
    whole(killed.path(), &everything(&store, main_log())).await;
    let killed = tempfile::tempdir().unwrap();
    copy(folder.path(), killed.path());
    cut_off(killed.path(), 3);
    assert!(refused(killed.path()).contains("commits 18 to 20 were acknowledged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_shorter_than_what_the_folder_signed_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path()).await;
    let store = open(folder.path());
    drop(keeping(&store));
    let reached = store.head(main_log()).position;
    drop(store);
    cut_off(folder.path(), 1);
    fs::remove_file(folder.path().join("mark")).unwrap();
    let said = refused(folder.path());
    let what = format!("checkpoint 1 of this folder signed {reached} facts of log main");
    assert!(said.contains(&what), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_history_in_the_place_of_what_was_signed_is_missed() {
    let (folder, before) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(folder.path()).await;
    copy(folder.path(), before.path());
    let store = open(folder.path());
    put(&store, simple(2000)).await;
    drop(keeping(&store));
    drop(store);
    // The copy goes on with something else, and further; then its log is put in the place of the first.
    let store = open(before.path());
    for n in 3000..3005 {
        put(&store, simple(n)).await;
    }
    drop(store);
    for name in ["checkpoints", "checkpoint-key"] {
        fs::copy(folder.path().join(name), before.path().join(name)).unwrap();
    }
    let said = refused(before.path());
    let what = "position 301 of log main";
    assert!(said.contains(what), "{said}");
    assert!(said.contains("is not what checkpoint 1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_line_of_the_checkpoints_that_is_not_whole_hurts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    put(&store, simple(1)).await;
    let checkpoints = keeping(&store);
    put(&store, simple(2)).await;
    drop(checkpoints);
    let facts = everything(&store, main_log());
    drop(store);
    let list = folder.path().join("checkpoints");
    let whole_list = fs::read(&list).unwrap();
    let begins = whole_list[..whole_list.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    for cut in [begins, begins + 1, begins + 60, whole_list.len() - 1] {
        // Not all of it was written, or it was and a part of it never reached the disk.
        let mut holed = whole_list.clone();
        holed[begins..cut].fill(0);
        for torn in [whole_list[..cut].to_vec(), holed] {
            fs::write(&list, torn).unwrap();
            let store = open(folder.path());
            assert_eq!(everything(&store, main_log()), facts, "cut at {cut}");
            drop(keeping(&store));
            drop(store);
            let report = verify(&Verify::of(folder.path()), &|_, _| ()).unwrap();
            assert!(report.holds, "cut at {cut}: {report:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_is_damaged_older_or_of_another_folder_hurts_nobody() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    put(&store, simple(1)).await;
    drop(store);
    let older = fs::read(folder.path().join("mark")).unwrap();
    drop(filled(other.path()).await);
    let foreign = fs::read(other.path().join("mark")).unwrap();
    let facts = {
        let store = open(folder.path());
        for n in 2..9 {
            put(&store, simple(n)).await;
        }
        everything(&store, main_log())
    };
    let ours = fs::read(folder.path().join("mark")).unwrap();
    let mut flipped = ours.clone();
    flipped.iter_mut().for_each(|byte| *byte ^= 0x40);
    for mark in [older, foreign, flipped, ours[..70].to_vec(), Vec::new()] {
        let copied = tempfile::tempdir().unwrap();
        copy(folder.path(), copied.path());
        fs::write(copied.path().join("mark"), mark).unwrap();
        whole(copied.path(), &facts).await;
        assert_eq!(marked(copied.path()), 10);
    }
}
