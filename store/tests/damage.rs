//! Sled is always made again from the journal, whatever became of it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::Path;

use common::*;

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

fn set_aside(folder: &Path) -> bool {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    fs::read_dir(folder)
        .unwrap()
        .any(|entry| name(entry.unwrap()).starts_with("sled.aside-"))
}
