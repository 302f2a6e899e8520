//! What was erased stays erased: through a crash at any step, and in every copy that is restored.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;
#[path = "erasing/steps.rs"]
mod steps;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::KeyId;
use pipss_domain::personal::Personal;
use pipss_store::{EventStore, Options, Restore, SledStore, StoreError, restore};
use uuid::Uuid;

const ERASURE: Uuid = Uuid::from_u128(7);

/// Two texts, each under a key of its own: the first is the one to erase.
async fn two_texts(store: &SledStore) -> Vec<Fact> {
    let mut facts = Vec::new();
    for n in 1..=2 {
        let aim = offer_planned("to be read");
        facts.extend(
            put(
                store,
                append_of(main_log(), n, vec![write(case(n), 0, vec![aim])]),
            )
            .await,
        );
    }
    facts
}

fn key(fact: &Fact) -> KeyId {
    match &fact.event {
        Event::OfferPlanned(planned) => match &planned.aim {
            Some(Personal::Sealed(sealed)) => sealed.key,
            _ => panic!("not sealed"),
        },
        other => panic!("{other:?}"),
    }
}

/// Can each of the two be read?
fn readable(store: &SledStore, facts: &[Fact]) -> [bool; 2] {
    [0, 1].map(|n| match &facts[n].event {
        Event::OfferPlanned(planned) => store.open(planned.aim.as_ref().unwrap()).known().is_some(),
        other => panic!("{other:?}"),
    })
}

/// Is this sequence of bytes in any file of the folder?
fn stands_in(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return stands_in(&path, wanted);
        }
        fs::read(path)
            .unwrap()
            .windows(wanted.len())
            .any(|part| part == wanted)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destruction_that_the_disk_refuses_is_said_and_made_up_for_at_the_next_start() {
    for in_the_way in ["wrapping.next", "keys.new"] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        let facts = two_texts(&store).await;
        // A folder where a file should go: the step fails, whoever asks.
        fs::create_dir_all(folder.path().join(in_the_way).join("x")).unwrap();
        assert!(store.erase(ERASURE, at(9), &[key(&facts[0])]).is_err());
        drop(store);
        fs::remove_dir_all(folder.path().join(in_the_way)).unwrap();
        let store = open(folder.path());
        assert_eq!(readable(&store, &facts), [false, true], "{in_the_way}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_destroyed_before_the_list_off_the_machine_has_the_line() {
    let (folder, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let list = away.path().join("not-mounted").join("erasures");
    let with_list = || {
        let options = Options {
            erasures: Some(list.clone()),
            ..options(folder.path())
        };
        SledStore::open(options, Box::new(|_| ())).unwrap()
    };
    let store = with_list();
    let facts = two_texts(&store).await;
    let keys = [key(&facts[0])];
    assert!(store.erase(ERASURE, at(9), &keys).is_err());
    assert_eq!(readable(&store, &facts), [true, true]);
    fs::create_dir(list.parent().unwrap()).unwrap();
    store.erase(ERASURE, at(9), &keys).unwrap();
    assert_eq!(readable(&store, &facts), [false, true]);
    drop(store);
    let (own, theirs) = (fs::read(folder.path().join("erasures")), fs::read(&list));
    assert_eq!(own.unwrap(), theirs.unwrap());
    // A list that was lost on one side is made whole from the other.
    fs::remove_file(&list).unwrap();
    drop(with_list());
    assert!(list.exists());
    fs::remove_file(folder.path().join("erasures")).unwrap();
    drop(with_list());
    assert!(folder.path().join("erasures").exists());
}

/// A backup of two texts, and what happened to the first of them since.
struct Backup {
    folder: tempfile::TempDir,
    away: tempfile::TempDir,
    facts: Vec<Fact>,
    log: PathBuf,
    keys: PathBuf,
}

impl Backup {
    async fn then_erased() -> Self {
        let (folder, away) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let list = away.path().join("erasures");
        let options = Options {
            erasures: Some(list),
            ..options(folder.path())
        };
        let store = SledStore::open(options, Box::new(|_| ())).unwrap();
        let facts = two_texts(&store).await;
        let taken = store
            .backup(&away.path().join("log"), &away.path().join("keys"), at(5))
            .unwrap();
        assert_eq!(taken.facts, 2);
        store.erase(ERASURE, at(9), &[key(&facts[0])]).unwrap();
        Self {
            folder,
            away,
            facts,
            log: taken.log,
            keys: taken.keys,
        }
    }

    fn restore(
        &self,
        name: &str,
        list: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<SledStore, StoreError> {
        let into = self.away.path().join(name);
        let restored = restore(
            &Restore {
                log: self.log.clone(),
                keys: self.keys.clone(),
                ledger: list.map(|name| self.away.path().join(name)),
                into: options(&into),
            },
            now,
        )?;
        assert_eq!(restored.facts, 2);
        Ok(open(&into))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backup_comes_back_without_what_was_erased_since() {
    let backup = Backup::then_erased().await;
    let store = backup.restore("with", Some("erasures"), at(20)).unwrap();
    assert_eq!(readable(&store, &backup.facts), [false, true]);
    // That the copy itself could still be read is what the list is for.
    let store = backup.restore("without", None, at(20)).unwrap();
    assert_eq!(readable(&store, &backup.facts), [true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_refuses_a_list_that_is_not_the_one_and_a_folder_that_is_not_empty() {
    let backup = Backup::then_erased().await;
    let refused = |list, name| match backup.restore(name, Some(list), at(20)) {
        Err(StoreError::Refused(why)) => why,
        other => panic!("{:?}", other.map(drop)),
    };
    assert!(refused("nowhere", "a").contains("no list of erasures"));
    let later = open(backup.folder.path());
    let (log, keys) = (
        backup.away.path().join("log"),
        backup.away.path().join("keys"),
    );
    let later = later.backup(&log, &keys, at(30)).unwrap();
    let backup = Backup {
        log: later.log,
        keys: later.keys,
        ..backup
    };
    fs::write(backup.away.path().join("empty"), "").unwrap();
    let why = match backup.restore("b", Some("empty"), at(40)) {
        Err(StoreError::Refused(why)) => why,
        other => panic!("{:?}", other.map(drop)),
    };
    assert!(why.contains("not the one"));
    fs::create_dir_all(backup.away.path().join("full/x")).unwrap();
    assert!(backup.restore("full", Some("erasures"), at(40)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_keys_is_refused_after_35_days_and_taken_away_by_the_next_backup() {
    let backup = Backup::then_erased().await;
    let late = at(5) + TimeDelta::days(35) + TimeDelta::seconds(1);
    assert!(backup.restore("late", Some("erasures"), late).is_err());
    assert!(
        backup
            .restore("in-time", Some("erasures"), late - TimeDelta::seconds(2))
            .is_ok()
    );
    let store = open(backup.folder.path());
    let (log, keys) = (
        backup.away.path().join("log"),
        backup.away.path().join("keys"),
    );
    assert_eq!(store.backup(&log, &keys, late).unwrap().expired, 1);
    assert!(!backup.keys.exists() && backup.log.exists());
    let together = store.backup(&log, &log.join("keys"), late);
    assert!(matches!(together, Err(StoreError::Refused(_))));
}
