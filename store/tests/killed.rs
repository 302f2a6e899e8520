//! The process is killed while it writes: what it acknowledged is there, once.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use common::*;
use pipss_store::{Appended, EventStore};

const FOLDER: &str = "PIPSS_KILLED_FOLDER";
const ROUND: &str = "PIPSS_KILLED_ROUND";
const WRITERS: u64 = 8;

/// Not a test of its own: the process that is killed. It says each command once it is acknowledged.
#[test]
fn the_process_that_is_killed() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else {
        return;
    };
    let round: u64 = round.parse().unwrap();
    let Ok(store) = try_open(Path::new(&folder)) else {
        return println!("refused");
    };
    let store = Arc::new(store);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    println!("ready");
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| runtime.spawn(write_on(Arc::clone(&store), round, writer)))
        .collect();
    for writer in writers {
        runtime.block_on(writer).unwrap();
    }
}

async fn write_on(store: Arc<pipss_store::SledStore>, round: u64, writer: u64) {
    for n in 0.. {
        let number = number(round, writer, n);
        let (stream, name) = (case(round * WRITERS + writer), format!("aim {number}"));
        let events = vec![offer_planned(&name), offer_planned(&name)];
        put(
            &store,
            append_of(main_log(), number, vec![write(stream, n * 2, events)]),
        )
        .await;
        writeln!(std::io::stdout().lock(), "kept {number}").unwrap();
    }
}

const fn number(round: u64, writer: u64, n: u64) -> u64 {
    (round * WRITERS + writer) * 1_000_000 + n
}

fn start(folder: &Path, round: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_ten_times_under_eight_writers_it_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = HashSet::new();
    for round in 0..10 {
        let mut child = start(folder.path(), round);
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        assert!(lines.any(|line| line.ends_with("ready")));
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(40 + round * 23 % 150));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        kept.extend(lines.filter_map(|line| line.rsplit_once("kept ")?.1.parse::<u64>().ok()));

        let store = open(folder.path());
        let facts = everything(&store, main_log());
        assert!(
            facts
                .iter()
                .zip(1..)
                .all(|(fact, position)| fact.position == position)
        );
        let commands: HashSet<_> = facts.iter().map(|fact| fact.command).collect();
        assert_eq!(
            facts.len(),
            commands.len() * 2,
            "something was doubled or halved"
        );
        for number in &kept {
            assert!(
                commands.contains(&command(*number)),
                "round {round}: {number} is lost"
            );
        }
        // What was not answered can be sent again, and has one effect.
        for writer in 0..WRITERS {
            let stream = case(round * WRITERS + writer);
            let version = store.stream(main_log(), &stream).unwrap().len() as u64;
            // On a busy machine a writer may not have come to write anything yet.
            let Some(last) = (version / 2).checked_sub(1) else {
                continue;
            };
            let events = vec![offer_planned("x"), offer_planned("x")];
            let again = append_of(
                main_log(),
                number(round, writer, last),
                vec![write(stream, last * 2, events)],
            );
            assert!(matches!(
                store.append(again).await.unwrap(),
                Appended::Repeated(_)
            ));
        }
    }
    println!("10 kills: {} acknowledged, 0 lost, 0 doubled", kept.len());
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _store = open(folder.path());
    let said = start(folder.path(), 0).wait_with_output().unwrap();
    assert!(String::from_utf8(said.stdout).unwrap().contains("refused"));
}
