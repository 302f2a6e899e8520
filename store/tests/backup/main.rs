//! Backups: each is whole, and shares with the others what never changes.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod damaged;
mod ground;

use std::fs;

use chrono::TimeDelta;
use common::*;
use ground::{Ground, files, inode};
use pipss_store::Backup;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_rotted_on_the_disk_is_said_and_what_was_copied_before_stays() {
    let mut ground = Ground::new().await;
    let first = ground.take(1);
    ground.write(150).await;
    let head = fs::read_dir(ground.at("data/journal")).unwrap().count() - 1;
    flip(&ground.at(&format!("data/journal/{:08}", head - 1)), 3000);
    let said = ground
        .store()
        .back_up(&ground.asked(), at(2))
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("the log is damaged: journal segment"),
        "{said}"
    );
    assert_eq!(fs::read_dir(ground.at("log")).unwrap().count(), 1);
    assert_eq!(fs::read_dir(ground.at("keys")).unwrap().count(), 1);
    ground.restore(&first, "first").unwrap();
}
