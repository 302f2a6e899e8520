//! A store with a place for its copies, and ways to look at them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use pipss_domain::history::Fact;
use pipss_store::{BackedUp, Backup, Restore, Restored, SledStore, StoreError, restore};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::common::*;

/// A store with several segments, and a place for its copies.
pub struct Ground {
    pub dir: TempDir,
    pub store: Option<SledStore>,
    pub written: u64,
}

impl Ground {
    pub async fn new() -> Self {
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

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn store(&self) -> &SledStore {
        self.store.as_ref().unwrap()
    }

    pub async fn write(&mut self, facts: u64) {
        for n in self.written..self.written + facts {
            put(self.store(), simple(n)).await;
        }
        self.written += facts;
    }

    pub fn asked(&self) -> Backup {
        Backup {
            to: self.at("log"),
            keys: self.at("keys"),
            whole: false,
            keep: None,
        }
    }

    pub fn take(&self, second: i64) -> BackedUp {
        self.store().back_up(&self.asked(), at(second)).unwrap()
    }

    pub fn facts(&self) -> Vec<Fact> {
        everything(self.store(), main_log())
    }

    pub fn restore(&self, taken: &BackedUp, into: &str) -> Result<Restored, StoreError> {
        self.restore_from((&taken.log, &taken.keys), into)
    }

    pub fn restore_from(
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
    pub fn refused(&self, log: &Path, keys: &Path) -> String {
        let said = match self.restore_from((log, keys), "never") {
            Err(error) => error.to_string(),
            Ok(restored) => panic!("{} facts were restored", restored.facts),
        };
        assert!(!self.at("never").exists(), "{said}");
        said
    }
}

/// Every file below a folder.
pub fn files(dir: &Path) -> Vec<PathBuf> {
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

pub fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// Changes a note and gives it a checksum that fits, as a forger or another version would.
pub fn change_note(dir: &Path, change: impl FnOnce(&mut Value)) {
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
