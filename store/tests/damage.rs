//! Damage to any file: found and named, or harmless; and sled is always made again from the journal.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use common::*;
use pipss_store::{EventStore, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn sled_is_made_again_from_the_journal_whatever_became_of_it() {
    let base = tempfile::tempdir().unwrap();
    let older = tempfile::tempdir().unwrap();
    drop(open(base.path()));
    filled(base.path()).await;
    copy(&base.path().join("sled"), older.path());
    let store = open(base.path());
    for n in 0..50 {
        put(&store, simple(2000 + n)).await;
    }
    let facts = everything(&store, main_log());
    drop(store);
    for damage in [
        "gone", "flipped", "cut", "empty", "blobs", "older", "foreign", "forged",
    ] {
        let folder = tempfile::tempdir().unwrap();
        copy(base.path(), folder.path());
        let sled = folder.path().join("sled");
        match damage {
            "gone" => fs::remove_dir_all(&sled).unwrap(),
            "flipped" => (0..20).for_each(|n| flip(&sled.join("db"), 3000 + n * 7001)),
            "cut" => fs::File::options()
                .write(true)
                .open(sled.join("db"))
                .unwrap()
                .set_len(99_000)
                .unwrap(),
            "empty" => fs::write(sled.join("db"), b"").unwrap(),
            "blobs" => {
                fs::create_dir_all(sled.join("blobs")).unwrap();
                fs::write(sled.join("blobs/7"), b"x").unwrap();
            }
            "older" => {
                fs::remove_dir_all(&sled).unwrap();
                copy(older.path(), &sled);
            }
            _ => {
                let db = ::sled::open(&sled).unwrap();
                let (key, value) = db.iter().nth(7).unwrap().unwrap();
                let mut forged = value.to_vec();
                forged[200] ^= 1;
                let foreign = damage == "foreign";
                let key = if foreign {
                    b"a key of somebody else".to_vec()
                } else {
                    key.to_vec()
                };
                db.insert(key, if foreign { value.to_vec() } else { forged })
                    .unwrap();
                db.flush().unwrap();
            }
        }
        whole(folder.path(), &facts).await;
        let kept = !["gone", "older"].contains(&damage);
        assert_eq!(set_aside(folder.path()), kept, "{damage}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_bits_are_found_or_harmless() {
    let seed = std::env::var("PIPSS_SEED")
        .map_or_else(|_| std::process::id().into(), |seed| seed.parse().unwrap());
    // The drill flips more.
    let flips = std::env::var("PIPSS_FLIPS").map_or(100, |flips| flips.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let base = tempfile::tempdir().unwrap();
    let facts = filled(base.path()).await;
    let (mut state, mut found) = (seed, 0);
    for _ in 0..flips {
        let folder = tempfile::tempdir().unwrap();
        copy(base.path(), folder.path());
        let path = any_file(folder.path(), &mut state);
        let mut bytes = fs::read(&path).unwrap();
        let used = bytes
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |at| at + 40)
            .min(bytes.len());
        let bit = (random(&mut state) % (used as u64 * 8)) as usize;
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, bytes).unwrap();
        let place = format!(
            "{} bit {bit}",
            path.strip_prefix(folder.path()).unwrap().display()
        );
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let store = match try_open(folder.path()) {
                Ok(store) => store,
                Err(StoreError::Corrupt(_)) => return false,
                Err(other) => panic!("{place}: {other:?}"),
            };
            assert!(
                everything(&store, main_log()) == facts,
                "{place}: other facts"
            );
            for fact in facts
                .iter()
                .filter(|fact| fact.event.kind() == "OfferPlanned")
            {
                assert!(opened_aim(&store, &fact.event).is_some(), "{place}: erased");
            }
            let again = store.command_id(organisation(), &[b"x"]).unwrap();
            assert_eq!(again, store.command_id(organisation(), &[b"x"]).unwrap());
            true
        }));
        match opened {
            Ok(opened) => found += usize::from(!opened),
            Err(panic) => {
                let what = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                panic!("seed {seed}, {place}: {what}");
            }
        }
    }
    println!(
        "{flips} flips: {found} found, {} harmless, 0 wrong",
        flips - found
    );
}

fn any_file(folder: &Path, state: &mut u64) -> PathBuf {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if path.is_dir() {
                folders.push(path);
            } else if fs::metadata(&path).unwrap().len() > 0 {
                files.push(path);
            }
        }
    }
    files.sort();
    let at = random(state) as usize % files.len();
    files.swap_remove(at)
}

/// SplitMix64: enough chance for a test, and the same for the same seed.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn set_aside(folder: &Path) -> bool {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    fs::read_dir(folder)
        .unwrap()
        .any(|entry| name(entry.unwrap()).starts_with("sled.aside-"))
}
