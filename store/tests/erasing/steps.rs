//! The steps by which a key is destroyed, and the power cut between any two of them.

use std::fs;
use std::path::{Path, PathBuf};

use pipss_domain::history::Fact;
use pipss_store::{Options, SledStore, StoreError};

use super::{ERASURE, key, readable, stands_in, two_texts};
use crate::common::*;

/// A data folder, and where its wrapping key is kept.
struct Kept<'a> {
    folder: &'a Path,
    wrapping: &'a Path,
}

impl Kept<'_> {
    fn at(&self, name: &str) -> PathBuf {
        let outside = name.starts_with("wrapping");
        if outside { self.wrapping } else { self.folder }.join(name)
    }

    fn open(&self) -> Result<SledStore, StoreError> {
        let options = Options {
            wrapping_key: Some(self.at("wrapping.key")),
            ..options(self.folder)
        };
        SledStore::open(options, Box::new(|_| ()))
    }

    /// Is this sequence of bytes in any file?
    fn holds(&self, wanted: &[u8]) -> bool {
        stands_in(self.folder, wanted) || stands_in(self.wrapping, wanted)
    }
}

/// The files that matter here, by name.
fn state(kept: &Kept<'_>) -> Vec<(PathBuf, Vec<u8>)> {
    ["wrapping.key", "keys", "erasures"]
        .into_iter()
        .filter_map(|name| Some((name.into(), fs::read(kept.at(name)).ok()?)))
        .collect()
}

fn file(state: &[(PathBuf, Vec<u8>)], name: &str) -> Vec<u8> {
    let found = state.iter().find(|(path, _)| path == Path::new(name));
    found.unwrap().1.clone()
}

fn put_state(kept: &Kept<'_>, files: &[(&str, Vec<u8>)]) {
    for name in [
        "wrapping.key",
        "wrapping.next",
        "wrapping.new",
        "keys",
        "keys.new",
        "erasures",
    ] {
        let _ = fs::remove_file(kept.at(name));
    }
    for (name, bytes) in files {
        fs::write(kept.at(name), bytes).unwrap();
    }
}

/// What stands on the disk after each step, beside what stood there before.
type Steps = Vec<(&'static str, Vec<(&'static str, Vec<u8>)>)>;

fn steps(old: &[u8], new: &[u8], rewritten: &[u8]) -> Steps {
    let overwritten = [&new[..9], &old[9..]].concat();
    let (new, keys) = (|| new.to_vec(), || rewritten.to_vec());
    vec![
        ("nothing was written", vec![]),
        (
            "a part of the new key",
            vec![("wrapping.new", new()[..11].to_vec())],
        ),
        ("the new key stands by", vec![("wrapping.next", new())]),
        (
            "a part of the new key file",
            vec![
                ("wrapping.next", new()),
                ("keys.new", keys()[..200].to_vec()),
            ],
        ),
        (
            "the new key file stands",
            vec![("wrapping.next", new()), ("keys", keys())],
        ),
        (
            "the old key is half overwritten",
            vec![
                ("wrapping.next", new()),
                ("keys", keys()),
                ("wrapping.key", overwritten),
            ],
        ),
        (
            "all was done",
            vec![("wrapping.key", new()), ("keys", keys())],
        ),
    ]
}

/// Erases the first of two texts; what stood on the disk before and after, by name.
struct Erased {
    facts: Vec<Fact>,
    before: Vec<(PathBuf, Vec<u8>)>,
    after: Vec<(PathBuf, Vec<u8>)>,
}

impl Erased {
    async fn of(kept: &Kept<'_>) -> Self {
        let store = kept.open().unwrap();
        let facts = two_texts(&store).await;
        let before = state(kept);
        store.erase(ERASURE, at(9), &[key(&facts[0])]).unwrap();
        drop(store);
        let after = state(kept);
        Self {
            facts,
            before,
            after,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_any_two_steps_of_destroying_a_key_is_finished_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    finished_after_a_crash(folder.path(), folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_it_is_with_a_wrapping_key_that_is_kept_outside_of_the_data_folder() {
    let (folder, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    finished_after_a_crash(folder.path(), away.path()).await;
}

async fn finished_after_a_crash(folder: &Path, wrapping: &Path) {
    let kept = Kept { folder, wrapping };
    let Erased {
        facts,
        before,
        after,
    } = Erased::of(&kept).await;
    let (old, new) = (file(&before, "wrapping.key"), file(&after, "wrapping.key"));
    let (keys, rewritten) = (file(&before, "keys"), file(&after, "keys"));
    let list = file(&after, "erasures");
    assert_ne!(old, new);
    assert!(!kept.holds(&old), "the old wrapping key is still here");
    for (step, changed) in steps(&old, &new, &rewritten) {
        for listed in [false, true] {
            let mut files = vec![("wrapping.key", old.clone()), ("keys", keys.clone())];
            files.extend(changed.iter().cloned());
            if listed {
                files.push(("erasures", list.clone()));
            }
            put_state(&kept, &files);
            let was_rewritten = changed.iter().any(|(name, _)| *name == "keys");
            for start in 1..=2 {
                let store = kept.open().unwrap();
                let gone = was_rewritten || listed;
                let said = format!("{step}, start {start}");
                assert_eq!(readable(&store, &facts), [!gone, true], "{said}");
                assert!(!kept.at("wrapping.next").exists(), "{said}");
                assert!(!gone || !kept.holds(&old), "{said}: the old key is here");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_wrapping_key_of_which_a_part_is_lost_is_named_and_never_thrown_away() {
    let (folder, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kept = Kept {
        folder: folder.path(),
        wrapping: away.path(),
    };
    let Erased {
        facts,
        before,
        after,
    } = Erased::of(&kept).await;
    let (old, new) = (file(&before, "wrapping.key"), file(&after, "wrapping.key"));
    let part = new[..17].to_vec();
    // The key file is wrapped under it already: nothing else opens that, and what is left of it may help.
    let rewritten = file(&after, "keys");
    let lost = [
        ("wrapping.key", old.clone()),
        ("wrapping.next", part.clone()),
        ("keys", rewritten),
    ];
    put_state(&kept, &lost);
    for _ in 0..2 {
        let why = kept.open().map(drop).unwrap_err();
        assert!(
            matches!(&why, StoreError::Corrupt(what) if what.contains("wrapping key")),
            "{why}"
        );
        for (name, bytes) in &lost {
            assert_eq!(fs::read(kept.at(name)).unwrap(), *bytes, "{name}");
        }
    }
    // It is not yet: the old one counts, and the part goes.
    let early = [
        ("wrapping.key", old),
        ("wrapping.next", part),
        ("keys", file(&before, "keys")),
    ];
    put_state(&kept, &early);
    assert_eq!(readable(&kept.open().unwrap(), &facts), [true, true]);
    assert!(!kept.at("wrapping.next").exists());
}
