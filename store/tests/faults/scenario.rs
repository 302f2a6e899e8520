//! The process whose calls fail: it lives through a fixed story and says what it was answered.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::KeyId;
use pipss_domain::personal::Personal;
use pipss_store::{Append, Appended, EventStore, Options, SledStore, StoreError};
use tempfile::TempDir;

use crate::common::*;
use crate::preload::{self, Fault};

const FOLDER: &str = "PIPSS_FAULTS_FOLDER";
const PATIENCE: Duration = Duration::from_secs(60);
/// The command whose text is erased.
pub const ERASED: u64 = 1;
/// The commands of the story: before and after the folder is closed in between.
pub const BEFORE: u64 = 14;
pub const AFTER: u64 = 20;

/// Held for reading by whoever has a store open in this process.
pub static OPEN: RwLock<()> = RwLock::new(());

/// What a process was answered, in order, and what became of it.
pub struct Told {
    pub folder: TempDir,
    pub lines: Vec<String>,
    pub counts: std::collections::BTreeMap<String, u64>,
    /// Panics within sled, which are caught there.
    pub caught: usize,
}

/// Where the parts lie.
pub fn data(base: &Path) -> PathBuf {
    base.join("data")
}

pub fn small(base: &Path) -> Options {
    Options {
        segment_bytes: 8 << 10,
        ..options(&data(base))
    }
}

/// Even ones are only codes; odd ones hold a text, which needs a key.
pub fn command_of(n: u64) -> Append {
    let events = match n % 2 {
        0 => vec![unit_opened(&format!("Unit {n}")), unit_opened("again")],
        _ => vec![offer_planned(&text_of(n)), offer_planned(&text_of(n))],
    };
    let stream = if n.is_multiple_of(2) {
        unit(n)
    } else {
        case(n)
    };
    append_of(main_log(), n, vec![write(stream, 0, events)])
}

pub fn text_of(n: u64) -> String {
    format!("the aim of {n}")
}

/// Not a test of its own.
#[test]
fn the_process_whose_calls_fail() {
    let Ok(base) = std::env::var(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(live(Path::new(&base)));
}

async fn live(base: &Path) {
    let Some(store) = opened(base) else { return };
    for n in 0..6 {
        say(&store, n).await;
    }
    together(&store, 6..10).await;
    let erased = store.stream(main_log(), &case(ERASED)).unwrap_or_default();
    if !erased.is_empty() {
        let keys: Vec<_> = erased.iter().map(key_of).collect();
        told(
            "erase",
            &store.erase(uuid::Uuid::from_u128(9), at(50), &keys),
        );
    }
    let taken = store.backup(&base.join("copies"), &base.join("copied-keys"), at(60));
    told("backup", &taken.map(|_| ()));
    for n in 10..BEFORE {
        say(&store, n).await;
    }
    told("read", &read(&store));
    drop(store);
    let Some(store) = opened(base) else { return };
    for n in 0..AFTER {
        say(&store, n).await;
    }
    told("read", &read(&store));
}

/// Reading goes on whatever failed: everything that was shown can be read.
fn read(store: &SledStore) -> Result<(), StoreError> {
    let facts = store.log(main_log(), 0, usize::MAX)?;
    assert_eq!(facts.len() as u64, store.head(main_log()).position);
    for fact in &facts {
        assert!(store.stream(main_log(), &fact.stream)?.contains(fact));
    }
    Ok(())
}

/// Opens it, at the third attempt at the latest, as whoever starts the program would.
fn opened(base: &Path) -> Option<Arc<SledStore>> {
    (0..3).find_map(|_| {
        let store = SledStore::open(small(base), Box::new(|_| ()));
        told("open", &store.as_ref().map(|_| ()).map_err(Clone::clone));
        store.ok().map(Arc::new)
    })
}

async fn say(store: &Arc<SledStore>, n: u64) {
    let answer = store.append(command_of(n)).await;
    told(
        &format!("append {n}"),
        &answer.map(|kept| assert!(whole(&kept))),
    );
}

async fn together(store: &Arc<SledStore>, several: std::ops::Range<u64>) {
    let all: Vec<_> = several
        .map(|n| {
            let store = Arc::clone(store);
            tokio::spawn(async move { say(&store, n).await })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
}

fn whole(kept: &Appended) -> bool {
    match kept {
        Appended::New(facts) => facts.len() == 2,
        Appended::Repeated(repeat) => repeat.facts.len() == 2 && repeat.same_body,
    }
}

/// The key of the text of a fact.
fn key_of(fact: &Fact) -> KeyId {
    match &fact.event {
        Event::OfferPlanned(planned) => match &planned.aim {
            Some(Personal::Sealed(sealed)) => sealed.key,
            _ => panic!("it has no sealed text"),
        },
        other => panic!("{} is another fact", other.kind()),
    }
}

fn told(what: &str, answer: &Result<(), StoreError>) {
    let kind = match answer {
        Ok(()) => "kept",
        Err(StoreError::Indeterminate) => "doubtful",
        Err(error) if error.to_string().contains("nothing was saved") => "unsaved",
        Err(_) => "refused",
    };
    let why = answer.as_ref().err().map(ToString::to_string);
    println!("told {what} {kind} {}", why.unwrap_or_default());
}

/// Runs the story with a fault; `within` are the folders, by their paths from the base, that it concerns.
///
/// # Errors
/// When the process panicked or hung, with what it said.
pub fn run(fault: &Fault, within: &[&str]) -> Result<Told, String> {
    // Nothing here needs a disk that keeps its promises: memory, where there is such a folder, is quicker.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let folder = folder.unwrap();
    let base = folder.path().join("base");
    std::fs::create_dir(&base).unwrap();
    let (counts, errors) = (folder.path().join("counts"), folder.path().join("errors"));
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "scenario::the_process_whose_calls_fail"]);
    preload::watch(&mut command, &base, fault, &counts);
    let under: Vec<_> = within
        .iter()
        .map(|part| match *part {
            "" => base.display().to_string(),
            part => base.join(part).display().to_string(),
        })
        .collect();
    let said = folder.path().join("said");
    // A child that begins holds for a moment every file that is open here, locks too.
    let none_is_open = OPEN.write().unwrap();
    let mut child = command
        .arg("--nocapture")
        .env("PIPSS_UNDER", under.join(":"))
        .env(FOLDER, &base)
        .stdout(Stdio::from(std::fs::File::create(&said).unwrap()))
        .stderr(Stdio::from(std::fs::File::create(&errors).unwrap()))
        .spawn()
        .unwrap();
    drop(none_is_open);
    let began = Instant::now();
    let ended = loop {
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None if began.elapsed() > PATIENCE => {
                child.kill().unwrap();
                child.wait().unwrap();
                return Err(format!(
                    "it hung after {}",
                    std::fs::read_to_string(&said).unwrap()
                ));
            }
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let text = std::fs::read_to_string(&said).unwrap();
    let errors = std::fs::read_to_string(&errors).unwrap();
    let panics = errors.lines().filter(|line| line.contains("panicked at"));
    let (caught, ours): (Vec<_>, Vec<_>) = panics.partition(|line| line.contains("sled-0.34"));
    if !ended.success() || !ours.is_empty() {
        return Err(format!("it ended with {ended}: {errors}{text}"));
    }
    Ok(Told {
        caught: caught.len(),
        counts: preload::counts(&counts),
        lines: text
            .lines()
            .filter_map(|line| Some(line.split_once("told ")?.1.to_owned()))
            .collect(),
        folder,
    })
}
