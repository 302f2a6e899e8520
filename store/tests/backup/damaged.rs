//! A backup in which anything changed is refused, and the file is named.

use std::fs;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::*;
use crate::ground::{Ground, change_note, files};

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
