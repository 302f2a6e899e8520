//! Backups: each is whole, shares what never changes, and is refused when anything in it did change.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use common::*;
use pipss_domain::history::Fact;
use pipss_store::{BackedUp, Backup, Restore, Restored, SledStore, StoreError, restore};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A store with several segments, and a place for its copies.
struct Ground {
    dir: TempDir,
    store: Option<SledStore>,
    written: u64,
}

impl Ground {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        filled(&dir.path().join("data")).await;
        let store = Some(open(&dir.path().join("data")));
        let written = 2000;
        Self {
            dir,
            store,
            written,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn store(&self) -> &SledStore {
        self.store.as_ref().unwrap()
    }

    async fn write(&mut self, facts: u64) {
        for n in self.written..self.written + facts {
            put(self.store(), simple(n)).await;
        }
        self.written += facts;
    }

    fn asked(&self) -> Backup {
        Backup {
            to: self.at("log"),
            keys: self.at("keys"),
            whole: false,
            keep: None,
        }
    }

    fn take(&self, second: i64) -> BackedUp {
        self.store().back_up(&self.asked(), at(second)).unwrap()
    }

    fn facts(&self) -> Vec<Fact> {
        everything(self.store(), main_log())
    }

    fn restore(&self, taken: &BackedUp, into: &str) -> Result<Restored, StoreError> {
        self.restore_from((&taken.log, &taken.keys), into)
    }

    fn restore_from(
        &self,
        (log, keys): (&Path, &Path),
        into: &str,
    ) -> Result<Restored, StoreError> {
        let asked = Restore {
            log: log.into(),
            keys: keys.into(),
            ledger: None,
            into: options(&self.at(into)),
        };
        restore(&asked, at(1000))
    }

    /// Tries to restore; nothing may be left of the try. What it said.
    #[track_caller]
    fn refused(&self, log: &Path, keys: &Path) -> String {
        let said = match self.restore_from((log, keys), "never") {
            Err(error) => error.to_string(),
            Ok(restored) => panic!("{} facts were restored", restored.facts),
        };
        assert!(!self.at("never").exists(), "{said}");
        said
    }
}

/// Every file below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    files.sort();
    files
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// Changes a note and gives it a checksum that fits, as a forger or another version would.
fn change_note(dir: &Path, change: impl FnOnce(&mut Value)) {
    let text = fs::read_to_string(dir.join("backup")).unwrap();
    let (json, _) = text.trim_end().rsplit_once('\n').unwrap();
    let mut note: Value = serde_json::from_str(json).unwrap();
    change(&mut note);
    let json = note.to_string();
    let sum: String = Sha256::digest(&json)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::write(dir.join("backup"), format!("{json}\n{sum}\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_copies_only_what_is_new_and_each_is_whole_without_the_others() {
    let mut ground = Ground::new().await;
    let first = ground.take(1);
    assert!(first.whole && first.shared == 0);
    let facts_then = ground.facts();
    ground.write(150).await;
    let second = ground.take(2);
    let (one, two) = (first.log.join("journal"), second.log.join("journal"));
    let segments = fs::read_dir(&one).unwrap().count();
    assert!(segments > 2, "{segments} segments");
    assert_eq!(second.shared, segments - 1);
    assert!(!second.whole && second.copied_bytes < first.copied_bytes);
    assert_eq!(inode(&one.join("00000001")), inode(&two.join("00000001")));
    let third = ground.take(3);
    assert!(
        third.copied_bytes < 64 << 10,
        "{} bytes for nothing new",
        third.copied_bytes
    );
    // The first says what was there then, and the last says all, with the others gone.
    assert_eq!(
        ground.restore(&first, "first").unwrap().facts,
        facts_then.len() as u64
    );
    assert_eq!(
        everything(&open(&ground.at("first")), main_log()),
        facts_then
    );
    fs::remove_dir_all(&first.log).unwrap();
    fs::remove_dir_all(&second.log).unwrap();
    ground.restore(&third, "third").unwrap();
    let restored = open(&ground.at("third"));
    assert_eq!(everything(&restored, main_log()), ground.facts());
    assert_ne!(restored.incarnation(), ground.store().incarnation());
    drop(restored);
    whole(&ground.at("third"), &ground.facts()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_is_backed_up_anew_and_shares_nothing_with_its_former_self() {
    let mut ground = Ground::new().await;
    let first = ground.take(1);
    ground.restore(&first, "data-2").unwrap();
    ground.store = Some(open(&ground.at("data-2")));
    ground.write(100).await;
    let second = ground.take(2);
    assert!(second.shared == 0 && second.whole);
    ground.write(100).await;
    let third = ground.take(3);
    assert!(third.shared > 0);
    ground.restore(&third, "data-3").unwrap();
    assert_eq!(
        everything(&open(&ground.at("data-3")), main_log()),
        ground.facts()
    );
    // The keys of one course do not open the log of another.
    let said = ground.refused(&third.log, &first.keys);
    assert!(said.contains("another restored copy"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_was_set_back_is_not_mixed_with_the_course_it_left() {
    let mut ground = Ground::new().await;
    drop(ground.store.take());
    copy(&ground.at("data"), &ground.at("as-it-was"));
    ground.store = Some(open(&ground.at("data")));
    ground.write(300).await;
    ground.take(1);
    drop(ground.store.take());
    fs::remove_dir_all(ground.at("data")).unwrap();
    copy(&ground.at("as-it-was"), &ground.at("data"));
    ground.store = Some(open(&ground.at("data")));
    ground.written = 9000;
    ground.write(400).await;
    let other = ground.take(2);
    assert!(other.shared == 0 && other.whole);
    ground.restore(&other, "back").unwrap();
    assert_eq!(
        everything(&open(&ground.at("back")), main_log()),
        ground.facts()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_any_file_of_a_backup_is_refused_and_the_file_is_named() {
    let ground = Ground::new().await;
    let taken = ground.take(1);
    let mut flips = 0;
    for file in files(&taken.log).into_iter().chain(files(&taken.keys)) {
        let whole = fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        for place in [0, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            for bit in [0, 4] {
                let mut bytes = whole.clone();
                bytes[place] ^= 1 << bit;
                fs::write(&file, bytes).unwrap();
                let said = ground.refused(&taken.log, &taken.keys);
                // The number of a later layout is believed: it is refused either way.
                let named = said.contains(name) || said.contains("newer version");
                assert!(named, "byte {place} of {name}: {said}");
                flips += 1;
            }
        }
        fs::write(&file, whole).unwrap();
    }
    assert!(flips > 40, "{flips}");
    println!("{flips} bits flipped in the files of a backup, 0 restored");
    ground.restore(&taken, "after-all").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_lacks_something_or_holds_another_stores_is_refused_and_the_file_is_named() {
    let (ground, other) = (Ground::new().await, Ground::new().await);
    let (taken, others) = (ground.take(1), other.take(1));
    let segment = taken.log.join("journal/00000002");
    let kept = fs::read(&segment).unwrap();
    fs::remove_file(&segment).unwrap();
    assert!(
        ground
            .refused(&taken.log, &taken.keys)
            .contains("00000002 is missing")
    );
    let theirs = fs::read(others.log.join("journal/00000002")).unwrap();
    fs::write(&segment, &theirs).unwrap();
    assert!(
        ground
            .refused(&taken.log, &taken.keys)
            .contains("00000002 was changed")
    );
    // Even one that the note knows of.
    let whole = fs::read(taken.log.join("backup")).unwrap();
    let sum: String = Sha256::digest(&theirs)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    change_note(&taken.log, |note| note["files"][1]["sha256"] = json!(sum));
    assert!(
        ground
            .refused(&taken.log, &taken.keys)
            .contains("journal segment 2")
    );
    fs::write(taken.log.join("backup"), &whole).unwrap();
    fs::write(&segment, kept).unwrap();
    let head = files(&taken.log.join("journal")).pop().unwrap();
    let bytes = fs::read(&head).unwrap();
    fs::write(&head, &bytes[..bytes.len() - 8]).unwrap();
    assert!(
        ground
            .refused(&taken.log, &taken.keys)
            .contains("another length")
    );
    fs::write(&head, bytes).unwrap();
    assert!(
        ground
            .refused(&taken.log, &others.keys)
            .contains("of another store")
    );
    assert!(
        ground
            .refused(&ground.at("nowhere"), &taken.keys)
            .contains("no backup at")
    );
    // An earlier copy of the keys lacks those of later facts.
    let planned = vec![write(case(700), 0, vec![offer_planned("later")])];
    put(ground.store(), append_of(main_log(), 77_777, planned)).await;
    let later = ground.take(2);
    let said = ground.refused(&later.log, &taken.keys);
    assert!(said.contains("older than the log"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_the_version_before_is_restored_and_one_of_the_version_after_is_refused() {
    let ground = Ground::new().await;
    let taken = ground.take(1);
    change_note(&taken.log, |note| note["format"] = json!(3));
    let said = ground.refused(&taken.log, &taken.keys);
    assert!(said.contains("newer version"), "{said}");
    // What the first layout wrote: no list of files, no checksum, no incarnation.
    for dir in [&taken.log, &taken.keys] {
        let text = fs::read_to_string(dir.join("backup")).unwrap();
        let (json, _) = text.trim_end().rsplit_once('\n').unwrap();
        let mut note: Value = serde_json::from_str(json).unwrap();
        let first =
            ["store", "taken_at", "commits", "facts"].map(|name| (name.into(), note[name].take()));
        let mut old = Value::Object(first.into_iter().collect());
        old["format"] = json!(1);
        fs::write(dir.join("backup"), serde_json::to_vec_pretty(&old).unwrap()).unwrap();
    }
    ground.restore(&taken, "old").unwrap();
    assert_eq!(
        everything(&open(&ground.at("old")), main_log()),
        ground.facts()
    );
    flip(&taken.log.join("journal/00000002"), 5000);
    assert!(
        ground
            .refused(&taken.log, &taken.keys)
            .contains("journal segment 2")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_interrupted_backup_left_is_cleared_and_what_is_not_ours_is_left_alone() {
    let ground = Ground::new().await;
    let taken = ground.take(1);
    let (part, theirs) = (
        ground.at("log/20260101T000000.000Z.part"),
        ground.at("log/mine.part"),
    );
    for left in [&part, &theirs] {
        fs::create_dir_all(left.join("journal")).unwrap();
        fs::write(left.join("journal/00000001"), "half").unwrap();
    }
    let key_part = ground.at("keys/20260101T000000.000Z.part");
    copy(&taken.keys, &key_part);
    assert!(ground.refused(&part, &taken.keys).contains("no backup at"));
    ground.take(2);
    assert!(!part.exists() && !key_part.exists() && theirs.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_backups_are_never_taken_into_one_place_at_once() {
    let ground = Ground::new().await;
    let taken = ground.take(1);
    let held = fs::File::open(ground.at("log")).unwrap();
    held.lock().unwrap();
    let said = ground
        .store()
        .back_up(&ground.asked(), at(2))
        .unwrap_err()
        .to_string();
    assert!(said.contains("another copy is being made"), "{said}");
    drop(held);
    assert_eq!(files(&ground.at("log")), files(&taken.log));
    ground.take(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_segment_that_rotted_is_found_within_a_week_and_copied_anew() {
    let mut ground = Ground::new().await;
    let first = ground.take(1);
    flip(&first.log.join("journal/00000001"), 3000);
    ground.write(10).await;
    let second = ground.take(2);
    assert!(!second.whole && second.renewed.is_empty());
    let day = 24 * 3600;
    let third = ground.take(7 * day + 2);
    assert!(third.whole);
    assert_eq!(third.renewed.len(), 1, "{:?}", third.renewed);
    assert!(
        ground
            .refused(&second.log, &third.keys)
            .contains("00000001 was changed")
    );
    ground.restore(&third, "third").unwrap();
    let asked = Backup {
        whole: true,
        ..ground.asked()
    };
    let fourth = ground.store().back_up(&asked, at(7 * day + 3)).unwrap();
    assert!(fourth.whole && fourth.renewed.is_empty() && fourth.shared > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_as_many_backups_are_kept_as_asked_and_those_are_whole() {
    let mut ground = Ground::new().await;
    for second in 1..5 {
        ground.write(40).await;
        ground.take(second);
    }
    let asked = Backup {
        keep: Some(2),
        ..ground.asked()
    };
    let last = ground.store().back_up(&asked, at(5)).unwrap();
    assert_eq!(last.pruned, 3);
    let mut kept: Vec<_> = fs::read_dir(ground.at("log"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    kept.sort();
    assert_eq!(kept.len(), 2);
    for (n, log) in kept.iter().enumerate() {
        ground
            .restore_from((log, &last.keys), &format!("back-{n}"))
            .unwrap();
    }
    assert_eq!(
        everything(&open(&ground.at("back-1")), main_log()),
        ground.facts()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_take_a_backup_is_said_in_one_sentence_and_nothing_is_harmed() {
    let mut ground = Ground::new().await;
    fs::write(ground.at("a-file"), "").unwrap();
    let places = [
        ("not-mounted/log", "is its disk mounted"),
        ("a-file", "no copy was made"),
        ("a-file/log", "is its disk mounted"),
    ];
    for (place, expected) in places {
        for keys in [false, true] {
            let mut asked = ground.asked();
            *(if keys { &mut asked.keys } else { &mut asked.to }) = ground.at(place);
            let said = ground
                .store()
                .back_up(&asked, at(1))
                .unwrap_err()
                .to_string();
            assert!(
                said.contains(expected) && said.lines().count() == 1,
                "{said}"
            );
            ground.write(1).await;
        }
    }
    let together = Backup {
        keys: ground.at("log/keys"),
        ..ground.asked()
    };
    assert!(ground.store().back_up(&together, at(1)).is_err());
    assert_eq!(ground.take(9).facts, ground.facts().len() as u64);
    // And the store's own clock has gone on.
    let late = at(9) + TimeDelta::days(1);
    ground.store().back_up(&ground.asked(), late).unwrap();
}
