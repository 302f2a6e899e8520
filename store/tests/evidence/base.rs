//! A log to tamper with: two organisations, three logs, several segments, and checkpoints taken off the machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pipss_domain::stream::{Log, LogId};
use pipss_store::{Checkpoints, Keeping, Options, Report, SledStore, Verify, verify};
use tempfile::TempDir;

use crate::common::*;

/// What was kept, honestly.
pub struct Base {
    pub dir: TempDir,
    /// The data folder, closed.
    pub folder: PathBuf,
    /// The same at an earlier time.
    pub older: PathBuf,
    /// The checkpoints that left the machine.
    pub outside: PathBuf,
    pub public_key: String,
}

pub fn small(folder: &Path) -> Options {
    Options {
        segment_bytes: 16 << 10,
        ..options(folder)
    }
}

pub fn opened(folder: &Path) -> SledStore {
    SledStore::open(small(folder), Box::new(|_| ())).unwrap()
}

/// Checkpoints only when they are asked for, and at the end.
pub fn checkpoints(store: &SledStore, outside: &Path) -> Checkpoints {
    let keeping = Keeping {
        every: Duration::from_secs(3600),
        facts: u64::MAX,
        ..Keeping::new(vec![outside.to_owned()], None)
    };
    store.keep_checkpoints(keeping).unwrap()
}

pub fn logs() -> [LogId; 3] {
    [
        main_log(),
        LogId::access(organisation()),
        LogId {
            organisation: id(2),
            log: Log::Main,
        },
    ]
}

/// Some facts after those before `from`: coded and sealed, in all logs, alone and several at once.
pub async fn more(store: &SledStore, from: u64, count: u64) {
    for n in from..from + count {
        let log = logs()[(n % 3) as usize];
        let planned = write(case(n), 0, vec![offer_planned(&format!("aim {n}"))]);
        let two = write(case(n), 0, vec![offer_planned("one"), offer_planned("two")]);
        let coded = write(unit(n), 0, vec![unit_opened(&format!("Unit {n}"))]);
        let writes = match n % 4 {
            0 => vec![coded],
            1 => vec![two],
            _ => vec![planned],
        };
        let other = logs()[((n + 1) % 3) as usize];
        let beside = write(unit(5000 + n), 0, vec![unit_opened("Beside")]);
        // Side by side: sometimes they share a commit.
        let (a, b) = tokio::join!(
            store.append(append_of(log, n, writes)),
            store.append(append_of(other, 5000 + n, vec![beside]))
        );
        a.unwrap();
        b.unwrap();
    }
}

use pipss_store::EventStore;

impl Base {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let [folder, older, outside] =
            ["data", "older", "outside"].map(|name| dir.path().join(name));
        let store = opened(&folder);
        let kept = checkpoints(&store, &outside);
        let public_key = kept.public_key().to_owned();
        more(&store, 0, 12).await;
        kept.now();
        more(&store, 12, 6).await;
        drop((kept, store));
        copy(&folder, &older);
        let store = opened(&folder);
        let kept = checkpoints(&store, &outside);
        more(&store, 18, 12).await;
        kept.now();
        more(&store, 30, 8).await;
        drop((kept, store));
        Self {
            dir,
            folder,
            older,
            outside,
            public_key,
        }
    }

    /// A copy of the folder, to do something to.
    pub fn copied(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy(&self.folder, folder.path());
        folder
    }
}

/// Checks a folder with these lists, and that checking changes nothing in it.
pub fn checked(folder: &Path, lists: &[&Path]) -> Report {
    checked_as(folder, lists, false)
}

pub fn checked_as(folder: &Path, lists: &[&Path], restored: bool) -> Report {
    let scratch = tempfile::tempdir().unwrap();
    let before = everything_in(folder);
    let what = Verify {
        lists: lists.iter().map(|list| list.to_path_buf()).collect(),
        restored,
        scratch: Some(scratch.path().to_owned()),
        ..Verify::of(folder)
    };
    let report = verify(&what, &|_, _| ()).unwrap();
    assert!(
        everything_in(folder) == before,
        "checking changed something"
    );
    report
}

fn everything_in(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                found.insert(entry.path(), fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}
