//! The disk is full for a while, again and again: reading goes on, writing waits, nothing is untrue.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use pipss_domain::facts::{Looked, ReadAs, RecordRead};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::personal::Personal;
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, Appended, EventStore, Options, SledStore, StoreError};

use crate::common::*;
use crate::scenario::OPEN;
use crate::small_disk::{SmallDisk, fill};

/// Where such a process finds its folder, and the file that fills its disk.
pub const FOLDER: &str = "PIPSS_FULL_FOLDER";
pub const BALLAST: &str = "PIPSS_FULL_BALLAST";
const ROUNDS: u64 = 4;
const FLOOR: u64 = 2 << 20;

fn store_on(folder: &Path) -> Result<SledStore, StoreError> {
    let options = Options {
        floor_bytes: FLOOR,
        ..options(folder)
    };
    SledStore::open(options, Box::new(|_| ()))
}

fn access_log() -> LogId {
    LogId::access(organisation())
}

/// Who looked at what, in a month of its own for each round.
fn looked(round: u64, n: u64) -> Append {
    let read = Event::RecordRead(RecordRead {
        what: Looked::Case,
        read_as: ReadAs::Lead,
        object: Personal::Known(format!("object {round} {n}")),
        reader: Some(Personal::Known(id(3))),
    });
    let month: DateTime<Utc> = at(0) + TimeDelta::days(31 * round as i64);
    let number = 100_000 * (round + 1) + n;
    let events = vec![write(Stream::Reading(id(number)), 0, vec![read])];
    Append {
        now: month + TimeDelta::minutes(10 * n as i64),
        who: Who::Program,
        ..append_of(access_log(), number, events)
    }
}

fn object(store: &SledStore, fact: &Fact) -> Option<String> {
    match &fact.event {
        Event::RecordRead(read) => store.open(&read.object).known().cloned(),
        other => panic!("{other:?}"),
    }
}

/// All that was ever acknowledged, in both logs.
#[derive(Default)]
struct Kept {
    main: Vec<Fact>,
    access: Vec<(String, Fact)>,
}

impl Kept {
    async fn main(&mut self, store: &SledStore, numbers: std::ops::Range<u64>) {
        for n in numbers {
            self.main.extend(put(store, simple(n)).await);
        }
    }

    /// Until it is refused; answers how many were kept.
    async fn access(&mut self, store: &SledStore, round: u64, most: u64) -> u64 {
        for n in 0..most {
            match store.append(looked(round, n)).await {
                Ok(Appended::New(mut facts)) => {
                    self.access
                        .push((format!("object {round} {n}"), facts.remove(0)));
                }
                Err(StoreError::Full) => return n,
                other => panic!("{other:?}"),
            }
        }
        most
    }

    fn reads_back(&self, store: &SledStore) {
        assert_eq!(everything(store, main_log()), self.main);
        let read = everything(store, access_log());
        assert_eq!(read.len(), self.access.len());
        for (fact, (was, kept)) in read.iter().zip(&self.access) {
            assert_eq!(fact, kept);
            assert_eq!(object(store, fact).as_ref(), Some(was));
        }
        for (_, fact) in self.access.iter().step_by(17) {
            assert_eq!(
                store.stream(access_log(), &fact.stream).unwrap(),
                std::slice::from_ref(fact)
            );
        }
    }
}

/// Not a test of its own: lives on the small disk.
#[tokio::test(flavor = "multi_thread")]
async fn the_process_on_a_small_disk() {
    let (Ok(folder), Ok(ballast)) = (std::env::var(FOLDER), std::env::var(BALLAST)) else {
        return;
    };
    let (folder, ballast) = (PathBuf::from(folder), PathBuf::from(ballast));
    let mut store = store_on(&folder).unwrap();
    let mut kept = Kept::default();
    let mut from_reserve = 0;
    for round in 0..ROUNDS {
        let first = 1000 * round;
        kept.main(&store, first..first + 60).await;
        kept.access(&store, 2 * round, 3).await;
        fill(&ballast);
        for n in [first + 60, first + 61] {
            assert_eq!(store.append(simple(n)).await.unwrap_err(), StoreError::Full);
        }
        assert!(matches!(
            store.append(simple(first)).await,
            Ok(Appended::Repeated(_))
        ));
        kept.reads_back(&store);
        let taken = kept.access(&store, 2 * round + 1, 10_000).await;
        assert!((60..400).contains(&taken), "{taken} records in the reserve");
        from_reserve += taken;
        let refused = store.append(looked(2 * round + 1, taken + 1)).await;
        assert_eq!(refused.unwrap_err(), StoreError::Full);
        kept.reads_back(&store);
        if round == 1 {
            // Whoever starts it again now is told why it does not start, and finds everything later.
            drop(store);
            assert_eq!(store_on(&folder).err(), Some(StoreError::Full));
            std::fs::remove_file(&ballast).unwrap();
            store = store_on(&folder).unwrap();
        } else {
            std::fs::remove_file(&ballast).unwrap();
        }
        kept.main(&store, first + 60..first + 80).await;
        kept.access(&store, 2 * round + 1, 0).await;
        kept.reads_back(&store);
    }
    drop(store);
    kept.reads_back(&store_on(&folder).unwrap());
    println!(
        "full {ROUNDS} times: {} facts and {} readings acknowledged, {from_reserve} readings from the \
         reserve, 0 lost, 0 restarts needed",
        kept.main.len(),
        kept.access.len()
    );
}

/// What one of these tests prints, run by itself in a process that lives on the small disk.
pub fn said_on(disk: &SmallDisk, test: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .env(FOLDER, disk.path().join("data"))
        .env(BALLAST, disk.ballast());
    disk.holds(&mut command);
    let ended = {
        let _none_is_open = OPEN.write().unwrap();
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let ended = ended.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success(), "{said}");
    said
}

#[test]
fn on_a_full_disk_reading_goes_on_and_writing_comes_back_with_the_space() {
    let disk = SmallDisk::new(24);
    let said = said_on(&disk, "full::the_process_on_a_small_disk");
    print!(
        "{}",
        said.lines()
            .filter(|line| line.contains("acknowledged"))
            .collect::<String>()
            + "\n"
    );
}
