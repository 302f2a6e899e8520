//! Sled made again from the journal: how fast, how far it has come, with little space, and killed on the way.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::*;
use pipss_domain::history::Fact;
use pipss_store::{EventStore, Options, Progress, Purpose, SledStore, Stage};

const FOLDER: &str = "PIPSS_REBUILT_FOLDER";

/// What was told of the opening, and when.
type Told = Arc<Mutex<Vec<(Stage, u64, u64, Instant)>>>;

/// Opens a folder with segments of the usual size, and notes what it says of how far it is.
fn open_told(folder: &Path) -> (SledStore, Told) {
    let told = Told::default();
    let sink = Arc::clone(&told);
    let options = Options {
        floor_bytes: 0,
        progress: Progress::to(move |stage, done, total| {
            let now = Instant::now();
            sink.lock().unwrap().push((stage, done, total, now));
        }),
        ..Options::new(folder, Purpose::Real)
    };
    (SledStore::open(options, Box::new(|_| ())).unwrap(), told)
}

fn lose_sled(folder: &Path) {
    fs::remove_dir_all(folder.join("sled")).unwrap();
}

/// How many facts are written: the drill writes a million.
fn events() -> u64 {
    std::env::var("PIPSS_EVENTS").map_or(4_000, |events| events.parse().unwrap())
}

/// A closed store with many facts of about 400 bytes, in streams of fifty.
async fn large(folder: &Path, events: u64) {
    let store = Arc::new(open_told(folder).0);
    let name = "Ward seven of the northern hospital, upper floor";
    let writers = 256.min(events);
    let tasks = (0..writers).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 0..events / writers {
                let stream = unit(writer * 1_000_000 + n / 50);
                let mut append = append_of(
                    main_log(),
                    writer * 1_000_000 + n,
                    vec![write(stream, n % 50, vec![unit_opened(name)])],
                );
                append.body = None;
                put(&store, append).await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_says_how_far_it_is_and_rebuilds_fast() {
    let folder = tempfile::tempdir().unwrap();
    large(folder.path(), events()).await;
    let journal = fs::read_dir(folder.path().join("journal")).unwrap();
    let bytes: u64 = journal
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    for lost in [false, true] {
        if lost {
            lose_sled(folder.path());
        }
        let began = Instant::now();
        let (store, told) = open_told(folder.path());
        let (took, told) = (began.elapsed(), told.lock().unwrap());
        let facts = store.head(main_log()).position;
        for stage in [Stage::Reading, Stage::Rebuilding] {
            let of: Vec<_> = told.iter().filter(|told| told.0 == stage).collect();
            if stage == Stage::Rebuilding && !lost {
                assert!(of.is_empty(), "it was rebuilt without need");
                continue;
            }
            assert!(of.iter().all(|told| told.2 == bytes), "{of:?}");
            assert!(
                of.is_sorted_by_key(|told| told.1),
                "it went backwards: {of:?}"
            );
            let (first, last) = (of.first().unwrap(), of.last().unwrap());
            assert_eq!((first.1, last.1), (0, bytes));
            assert!(
                of.len() as u64 >= facts * 400 / (4 << 20),
                "it was told too seldom"
            );
            let rate = facts as f64 / (last.3 - first.3).as_secs_f64();
            println!(
                "{stage:?}: {facts} facts of {} bytes, {rate:.0} a second",
                bytes / facts
            );
        }
        println!("opened in all in {took:.2?}");
    }
}

/// Not a test of its own: another process that opens a folder and says what it finds.
#[test]
fn the_process_that_rebuilds() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    println!("begun");
    match try_open(Path::new(&folder)) {
        Ok(store) => println!("opened {}", everything(&store, main_log()).len()),
        Err(error) => println!("refused {error:?}"),
    }
}

/// The process, begun by a shell that first does something else.
fn process(folder: &Path, before: &str) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("{before} exec \"$0\" --exact the_process_that_rebuilds --nocapture");
    shell
        .args(["-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| {
        let at = line.find("opened ").or_else(|| line.find("refused "))?;
        Some(line[at..].to_owned())
    });
    line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// As many facts as take a while to rebuild.
async fn many(folder: &Path) -> Vec<Fact> {
    drop(filled(folder).await);
    let store = open(folder);
    for n in 0..20 {
        let events = (0..80).map(|n| unit_opened(&format!("Unit {n}"))).collect();
        put(
            &store,
            append_of(main_log(), 3000 + n, vec![write(unit(3000 + n), 0, events)]),
        )
        .await;
    }
    everything(&store, main_log())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilding_that_is_killed_is_done_at_the_next_start() {
    let (seed, folder) = (seed(), tempfile::tempdir().unwrap());
    // The drill kills more often.
    let kills: u32 = std::env::var("PIPSS_KILLS").map_or(12, |kills| kills.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let facts = many(folder.path()).await;
    lose_sled(folder.path());
    let began = Instant::now();
    let output = process(folder.path(), "").output().unwrap();
    let (took, mut state, mut half) = (began.elapsed(), seed, 0);
    assert_eq!(said(&output), format!("opened {}", facts.len()));
    for _ in 0..kills {
        lose_sled(folder.path());
        let child = process(folder.path(), "").spawn().unwrap();
        half += u32::from(kill_after(
            child,
            took.mul_f64((random(&mut state) % 1000) as f64 / 1000.0),
        ));
        let store = open(folder.path());
        assert!(
            everything(&store, main_log()) == facts,
            "seed {seed}: other facts"
        );
    }
    println!(
        "{kills} kills while sled was rebuilt, {half} before it was done: 0 lost, 0 unopenable"
    );
}

/// Kills a process at some moment; was it still at work?
fn kill_after(mut child: Child, moment: Duration) -> bool {
    // The moment is what is tried here: nothing is waited for.
    std::thread::sleep(moment);
    let at_work = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    at_work
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilding_that_finds_no_space_says_so_and_is_done_once_there_is_some() {
    let folder = tempfile::tempdir().unwrap();
    let facts = many(folder.path()).await;
    let whole = fs::metadata(folder.path().join("sled/db")).unwrap().len();
    let mut refused = 0;
    for part in 1..5 {
        lose_sled(folder.path());
        // No file may be longer than that, in blocks of 512 bytes; a segment of the journal may.
        let blocks = (whole * part / 5 / 512).max(160);
        let before = format!("trap '' XFSZ; ulimit -f {blocks};");
        let said = said(&process(folder.path(), &before).output().unwrap());
        match said.strip_prefix("refused ") {
            Some(why) => {
                assert!(
                    why.starts_with("Full") || why.starts_with("Unavailable"),
                    "{why}"
                );
                refused += 1;
            }
            None => assert_eq!(said, format!("opened {}", facts.len())),
        }
        let store = open(folder.path());
        assert!(
            everything(&store, main_log()) == facts,
            "other facts after {said}"
        );
    }
    assert!(refused > 0, "there was always space");
    println!("{refused} of 4 times without space: 0 lost, 0 unopenable");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_have_no_room_the_broken_one_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let facts = many(folder.path()).await;
    (0..20).for_each(|n| flip(&folder.path().join("sled/db"), 3000 + n * 7001));
    let small = tempfile::tempdir().unwrap();
    let bytes = |path: &str| fs::metadata(folder.path().join(path)).map_or(0, |file| file.len());
    let journal = fs::read_dir(folder.path().join("journal")).unwrap();
    let journal: u64 = journal
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    let room = journal + bytes("keys") + bytes("sled/db") * 3 / 2 + (256 << 10);
    let before = format!(
        "mount -t tmpfs -o size={room} none '{0}' && cp -a '{1}/.' '{0}' || {{ echo refused mount; exit; }};",
        small.path().display(),
        folder.path().display()
    );
    let mut inside = Command::new("unshare");
    let shell = process(small.path(), &before);
    inside
        .arg("-rm")
        .arg(shell.get_program())
        .args(shell.get_args())
        .env(FOLDER, small.path());
    let said = match inside.output() {
        Ok(output) => said(&output),
        Err(error) => format!("refused {error}"),
    };
    if said == format!("opened {}", facts.len()) {
        println!("a full disk of {room} bytes in memory: rebuilt where two had no room");
    } else {
        assert!(
            said.starts_with("refused mount") || said.contains("os error"),
            "{said}"
        );
        println!("no disk in memory can be made here ({said}): the limit on files alone was tried");
    }
}
