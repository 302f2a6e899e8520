//! What nobody tampered with verifies, whatever it went through; and what lists of checkpoints say of it.

use std::fs;

use pipss_domain::ids::KeyId;
use pipss_store::{Kind, Restore, SledStore, Verify, restore, verify};

use crate::base::{Base, checked, checked_as, checkpoints, logs, more, opened, small};
use crate::common::*;
use crate::forge::{Commit, commits, put_together, rechain, segment};

#[tokio::test(flavor = "multi_thread")]
async fn an_untouched_log_is_the_one_that_was_signed_up_to_its_end() {
    let base = Base::new().await;
    let report = checked(&base.folder, &[&base.outside]);
    assert!(report.holds, "{:?}", report.bad);
    for log in &report.logs {
        let mut signed = report.signed.iter();
        let signed = signed.find(|one| one.head.id() == log.id()).unwrap();
        assert_eq!((&signed.head, signed.outside), (log, true));
    }
    assert_eq!(report.keys, std::slice::from_ref(&base.public_key));
    assert!(report.facts > 60 && report.opened > 30 && report.erased == 0);
    // What left the machine is what stayed.
    let stayed = fs::read_to_string(base.folder.join("checkpoints")).unwrap();
    assert_eq!(fs::read_to_string(&base.outside).unwrap(), stayed);
    assert_eq!(stayed.lines().count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_folder_holds_is_signed_before_it_goes_on() {
    let base = Base::new().await;
    fs::remove_file(base.folder.join("checkpoints")).unwrap();
    let store = opened(&base.folder);
    let kept = checkpoints(&store, &base.dir.path().join("new"));
    let first = kept.watched().latest().map(|latest| latest.number);
    assert_eq!(first, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_counted_and_nothing_is_wrong() {
    let base = Base::new().await;
    let store = opened(&base.folder);
    let kept = checkpoints(&store, &base.outside);
    erase_first(&store);
    more(&store, 100, 3).await;
    drop((kept, store));
    let report = checked(&base.folder, &[&base.outside]);
    assert!(report.holds, "{:?}", report.bad);
    assert_eq!(report.erased, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_an_unfinished_commit_is_a_note_and_the_next_start_goes_on() {
    let base = Base::new().await;
    let (stands, mut next) = commits(&base.folder).pop().unwrap();
    next.number += 1;
    let file = segment(&base.folder, stands.segment);
    let mut bytes = fs::read(&file).unwrap();
    let end = (stands.byte + stands.length).next_multiple_of(8);
    bytes[end..end + 100].copy_from_slice(&next.bytes()[..100]);
    fs::write(&file, bytes).unwrap();
    let report = checked(&base.folder, &[&base.outside]);
    assert!(report.holds && report.notes.len() == 1, "{:?}", report.bad);
    let store = opened(&base.folder);
    let kept = checkpoints(&store, &base.outside);
    more(&store, 100, 3).await;
    drop((kept, store));
    let report = checked(&base.folder, &[&base.outside]);
    assert!(report.holds && report.notes.is_empty(), "{:?}", report.bad);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_checked_while_a_program_writes_to_it() {
    let base = Base::new().await;
    let store = opened(&base.folder);
    let kept = checkpoints(&store, &base.outside);
    let (folder, outside) = (base.folder.clone(), base.outside.clone());
    let checking = tokio::task::spawn_blocking(move || {
        let mut last = 0;
        for _ in 0..5 {
            let what = Verify {
                lists: vec![outside.clone()],
                ..Verify::of(&folder)
            };
            let report = verify(&what, &|_, _| ()).unwrap();
            assert!(report.holds && report.in_use, "{:?}", report.bad);
            assert!(report.facts >= last);
            last = report.facts;
        }
    });
    let mut n = 200;
    while !checking.is_finished() {
        // A log that only grew would never be read to its end by a slow reader.
        if n < 800 {
            more(&store, n, 3).await;
            kept.now();
            n += 3;
        } else {
            tokio::task::yield_now().await;
        }
    }
    checking.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_folder_says_which_later_checkpoints_are_not_in_its_history() {
    let base = Base::new().await;
    let folder = restored(&base);
    for round in 0..2 {
        let without = checked(folder.path(), &[]);
        assert!(without.holds, "{:?}", without.bad);
        let with = checked(folder.path(), &[&base.outside]);
        assert!(with.bad.is_empty() && !with.holds, "{:?}", with.bad);
        // The two of before the backup are in it, the two of after are not.
        let numbers: Vec<u64> = with.not_here.iter().map(|one| one.number).collect();
        assert_eq!(numbers, [3, 4]);
        let known = checked_as(folder.path(), &[&base.outside], true);
        assert!(known.holds && known.not_here == with.not_here);
        if round == 0 {
            let store = opened(folder.path());
            let kept = checkpoints(&store, &base.outside);
            assert_ne!(kept.public_key(), base.public_key);
            more(&store, 300, 5).await;
            drop((kept, store));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_restored_folder_took_over_is_still_held_against_the_old_checkpoints() {
    let base = Base::new().await;
    let folder = restored(&base);
    let store = opened(folder.path());
    let kept = checkpoints(&store, &base.outside);
    more(&store, 300, 5).await;
    drop((kept, store));
    let all = commits(folder.path()).into_iter();
    let mut all: Vec<Commit> = all.map(|(_, commit)| commit).collect();
    let record = &mut all[3].blocks[0].records[0];
    let text = String::from_utf8(record.clone()).unwrap();
    *record = text.replace(r#""policy":1"#, r#""policy":2"#).into_bytes();
    rechain(&mut all);
    let bytes: Vec<_> = all.iter().map(Commit::bytes).collect();
    put_together(folder.path(), &bytes);
    let report = checked_as(folder.path(), &[&base.outside], true);
    assert_eq!(report.bad[0].kind, Kind::Changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_backup_can_be_checked_with_and_without_its_keys() {
    let base = Base::new().await;
    let store = opened(&base.folder);
    let to = |name: &str| base.dir.path().join(name);
    let taken = store.backup(&to("copies"), &to("keys"), at(0)).unwrap();
    drop(store);
    let report = checked(&taken.log, &[&base.outside]);
    assert!(report.holds && report.opened == 0, "{:?}", report.bad);
    let mut cannot = report.cannot_be_told.iter();
    assert!(cannot.any(|one| one.contains("the keys are not here")));
    let what = Verify {
        keys: Some(pipss_store::Keys {
            file: taken.keys.join("keys"),
            wrapping: taken.keys.join("wrapping.key"),
        }),
        ..Verify::of(&taken.log)
    };
    let report = verify(&what, &|_, _| ()).unwrap();
    assert!(report.holds && report.opened > 30, "{:?}", report.bad);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_reached_holds_up_nothing_and_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, place) = (dir.path().join("data"), dir.path().join("away"));
    let store = opened(&folder);
    let kept = checkpoints(&store, &place.join("list"));
    for n in 0..3 {
        more(&store, n * 10, 2).await;
        kept.now();
    }
    let latest = kept.watched().latest().unwrap();
    assert!(latest.number == 3 && !place.exists());
    fs::create_dir(&place).unwrap();
    drop((kept, store));
    let list = fs::read_to_string(place.join("list")).unwrap();
    let own = fs::read_to_string(folder.join("checkpoints")).unwrap();
    assert_eq!(list, own);
    assert!(checked(&folder, &[&place.join("list")]).holds);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_checkpoint_and_one_of_another_key_are_not_believed() {
    let base = Base::new().await;
    let lines = fs::read_to_string(&base.outside).unwrap();
    let wrong = base.dir.path().join("wrong");
    let changed = lines.replacen(r#""position":"#, r#""position":1"#, 1);
    fs::write(&wrong, changed).unwrap();
    let report = checked(&base.folder, &[&wrong]);
    assert_eq!(report.bad[0].kind, Kind::Signature);
    let trusting = |key: &str| {
        let what = Verify {
            lists: vec![base.outside.clone()],
            trusted: vec![key.to_owned()],
            ..Verify::of(&base.folder)
        };
        verify(&what, &|_, _| ()).unwrap()
    };
    assert!(trusting(&base.public_key.to_uppercase()).holds);
    let other = trusting(&"ab".repeat(32));
    assert_eq!(other.bad[0].kind, Kind::Signature);
}

fn restored(base: &Base) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(&base.older);
    let to = |name: &str| base.dir.path().join(name);
    let taken = store.backup(&to("copies"), &to("keys"), at(0)).unwrap();
    drop(store);
    let what = Restore {
        log: taken.log,
        keys: taken.keys,
        ledger: None,
        into: small(folder.path()),
    };
    restore(&what, at(0)).unwrap();
    folder
}

/// Erases one text, as if its time had come.
fn erase_first(store: &SledStore) {
    let facts = everything(store, logs()[1]);
    let mut planned = facts
        .into_iter()
        .filter(|fact| fact.event.kind() == "OfferPlanned");
    let mut key: Option<KeyId> = None;
    planned.next().unwrap().event.personals(&mut |_, value| {
        key = value.sealed_mut().map(|sealed| sealed.key);
    });
    let erasure = uuid::Uuid::from_u128(7);
    store.erase(erasure, at(0), &[key.unwrap()]).unwrap();
}
