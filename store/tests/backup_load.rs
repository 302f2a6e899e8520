//! Backups taken one after another while many write: each holds what was acknowledged before it, and no half.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::*;
use pipss_domain::history::Fact;
use pipss_domain::ids::{CommandId, KeyId};
use pipss_store::{BackedUp, Options, Restore, SledStore, restore};
use uuid::Uuid;

const WRITERS: u64 = 8;
/// Each command of these writes so many facts, to two streams.
const FACTS: usize = 3;

/// What the writers have done so far.
#[derive(Default)]
struct Course {
    /// Commands that were sent, by writer: no more than these can be anywhere.
    sent: [AtomicU64; WRITERS as usize],
    /// Commands that were acknowledged: no fewer than these must be there.
    kept: [AtomicU64; WRITERS as usize],
    /// Keys of texts that may be erased.
    texts: Mutex<Vec<KeyId>>,
    /// How long each took, and whether a backup was being taken when it began.
    took: Mutex<Vec<(bool, Duration)>>,
    backing_up: AtomicBool,
    end: AtomicBool,
}

fn counts(of: &[AtomicU64]) -> Vec<u64> {
    of.iter()
        .map(|count| count.load(Ordering::SeqCst))
        .collect()
}

const fn number(writer: u64, n: u64) -> u64 {
    writer * 1_000_000 + n
}

async fn write_on(store: Arc<SledStore>, course: Arc<Course>, writer: u64) {
    let mut n = 0;
    while !course.end.load(Ordering::SeqCst) {
        let own = number(writer, n);
        let writes = vec![
            write(
                case(own),
                0,
                vec![offer_planned("to be read"), offer_planned("as well")],
            ),
            write(unit(own), 0, vec![unit_opened("Unit")]),
        ];
        course.sent[writer as usize].store(n + 1, Ordering::SeqCst);
        let (busy, began) = (course.backing_up.load(Ordering::SeqCst), Instant::now());
        let mut facts = put(&store, append_of(main_log(), own, writes)).await;
        course.took.lock().unwrap().push((busy, began.elapsed()));
        course.kept[writer as usize].store(n + 1, Ordering::SeqCst);
        course.texts.lock().unwrap().extend(keys(&mut facts[0]));
        n += 1;
    }
}

fn keys(fact: &mut Fact) -> Vec<KeyId> {
    let mut keys = Vec::new();
    fact.event
        .personals(&mut |_, value| keys.extend(value.sealed_mut().map(|sealed| sealed.key)));
    keys
}

/// One backup, with what had been acknowledged before it began and sent before it ended.
struct Taken {
    backup: BackedUp,
    before: Vec<u64>,
    after: Vec<u64>,
}

fn with_list(folder: PathBuf, list: &Path) -> Options {
    Options {
        erasures: Some(list.into()),
        ..options(&folder)
    }
}

fn take(store: &SledStore, course: &Course, dir: &Path, n: i64) -> Taken {
    let before = counts(&course.kept);
    course.backing_up.store(true, Ordering::SeqCst);
    let taken = store.backup(&dir.join("log"), &dir.join("keys"), at(n));
    course.backing_up.store(false, Ordering::SeqCst);
    Taken {
        backup: taken.unwrap(),
        before,
        after: counts(&course.sent),
    }
}

/// Restores one and looks at everything in it. How many facts it holds, and how many erased texts.
fn check(taken: &Taken, (dir, list): (&Path, &Path), erased: &HashSet<KeyId>) -> (u64, usize) {
    let into = dir.join("back");
    let asked = Restore {
        log: taken.backup.log.clone(),
        keys: taken.backup.keys.clone(),
        ledger: Some(list.into()),
        into: options(&into),
    };
    let facts = restore(&asked, at(9999)).unwrap().facts;
    let store = open(&into);
    let mut found: HashMap<CommandId, Vec<Fact>> = HashMap::new();
    for fact in everything(&store, main_log()) {
        found.entry(fact.command).or_default().push(fact);
    }
    let (mut count, mut gone) = (0, 0);
    for writer in 0..WRITERS {
        let (before, after) = (taken.before[writer as usize], taken.after[writer as usize]);
        for n in 0..after {
            let Some(mut facts) = found.remove(&command(number(writer, n))) else {
                assert!(
                    n >= before,
                    "{n} of writer {writer} was acknowledged, and is lost"
                );
                continue;
            };
            assert_eq!(facts.len(), FACTS, "{n} of writer {writer} is half there");
            let was_erased = keys(&mut facts[0]).iter().any(|key| erased.contains(key));
            let reads = opened_aim(&store, &facts[0].event).is_some();
            assert_eq!(reads, !was_erased, "{n} of writer {writer}");
            assert!(opened_aim(&store, &facts[1].event).is_some());
            count += facts.len() as u64;
            gone += usize::from(was_erased);
        }
    }
    assert!(
        found.is_empty(),
        "{} commands that were not sent",
        found.len()
    );
    assert_eq!(count, facts);
    drop(store);
    std::fs::remove_dir_all(into).unwrap();
    (facts, gone)
}

fn p99(took: &[(bool, Duration)], busy: bool) -> Duration {
    let mut times: Vec<_> = took
        .iter()
        .filter(|(b, _)| *b == busy)
        .map(|(_, t)| *t)
        .collect();
    times.sort();
    times
        .get(times.len() * 99 / 100)
        .copied()
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_under_load_hold_all_that_was_acknowledged_no_half_and_nothing_erased() {
    let backups: i64 = std::env::var("PIPSS_BACKUPS").map_or(4, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("erasures");
    let data = with_list(dir.path().join("data"), &list);
    let store = Arc::new(SledStore::open(data, Box::new(|_| ())).unwrap());
    let course = Arc::new(Course::default());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write_on(Arc::clone(&store), Arc::clone(&course), writer)))
        .collect();
    let (mut taken, mut erased) = (Vec::new(), HashSet::new());
    for n in 0..backups {
        let until = counts(&course.kept).iter().sum::<u64>() + 20 * WRITERS;
        while counts(&course.kept).iter().sum::<u64>() < until {
            tokio::task::yield_now().await;
        }
        taken.push(take(&store, &course, dir.path(), n));
        // One that stands in the copy just taken, and one that may not.
        let texts: Vec<_> = std::mem::take(&mut *course.texts.lock().unwrap());
        let keys: Vec<_> = texts
            .first()
            .into_iter()
            .chain(texts.last())
            .copied()
            .collect();
        store
            .erase(Uuid::from_u128(n as u128), at(n), &keys)
            .unwrap();
        erased.extend(keys);
    }
    course.end.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    drop(store);
    let (mut facts, mut gone) = (0, 0);
    for taken in &taken {
        let found = check(taken, (dir.path(), &list), &erased);
        (facts, gone) = (facts + found.0, gone + found.1);
    }
    assert!(gone > 0, "nothing was erased in any copy");
    let shared: usize = taken.iter().map(|taken| taken.backup.shared).sum();
    let copied: u64 = taken.iter().map(|taken| taken.backup.copied_bytes).sum();
    assert!(shared > 0, "nothing was shared");
    let took = course.took.lock().unwrap();
    println!(
        "{backups} backups under {WRITERS} writers, {} commands: {facts} facts restored, 0 lost, 0 halved, \
         {gone} erased texts stayed erased, 0 came back; {copied} bytes copied, {shared} segments shared; \
         p99 of a command {:?} while a backup is taken, {:?} else",
        counts(&course.kept).iter().sum::<u64>(),
        p99(&took, true),
        p99(&took, false),
    );
}

const FULL: &str = "PIPSS_FULL_FOLDER";

/// Not a test of its own: the process whose files may not grow while it takes a backup.
#[test]
fn the_process_that_has_no_space_for_a_backup() {
    let Ok(folder) = std::env::var(FULL) else {
        return;
    };
    let dir = Path::new(&folder);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = open(&dir.join("data"));
    let (log, keys) = (dir.join("log"), dir.join("keys"));
    let limit = |bytes: &str| {
        let this = std::process::id().to_string();
        let limit = format!("--fsize={bytes}:");
        let done = Command::new("prlimit")
            .args(["--pid", &this, &limit])
            .status();
        assert!(done.unwrap().success());
    };
    for bytes in ["20000", "300", "0"] {
        limit(bytes);
        let said = store.backup(&log, &keys, at(5)).unwrap_err().to_string();
        limit("unlimited");
        assert!(said.contains("no space left for a copy"), "{said}");
        let left = |dir: &Path| std::fs::read_dir(dir).map_or(0, Iterator::count);
        assert_eq!((left(&log), left(&keys)), (0, 0), "{bytes}");
        let n = 7000 + bytes.len() as u64;
        runtime.block_on(put(&store, simple(n)));
    }
    store.backup(&log, &keys, at(6)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_without_space_is_refused_leaves_nothing_and_the_store_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    filled(&dir.path().join("data")).await;
    let this = std::env::current_exe().unwrap();
    // By default the limit would end the process instead of failing the write.
    let said = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(this)
        .args([
            "--exact",
            "the_process_that_has_no_space_for_a_backup",
            "--nocapture",
        ])
        .env(FULL, dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(
        said.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&said.stdout)
    );
    assert_eq!(
        std::fs::read_dir(dir.path().join("log")).unwrap().count(),
        1
    );
}
