//! The test of the test: a disk that lies, and answers that are not true, are found out.

use crate::oracle::check;
use crate::preload::Fault;
use crate::scenario::{OPEN, Told, run};

fn lying(call: &'static str, nth: u64, how: &'static str) -> Told {
    let from = false;
    run(
        &Fault {
            call,
            nth,
            how,
            from,
        },
        &["data/journal"],
    )
    .unwrap()
}

async fn found_out(told: &Told) -> Option<String> {
    let _open = OPEN.read().unwrap();
    check(told).await.err()
}

/// The calls of a journal by which commits are written: all but those that make a segment.
async fn found_of(call: &'static str, how: &'static str) -> usize {
    let mut found = 0;
    for nth in [8, 12, 16, 20, 24] {
        found += usize::from(found_out(&lying(call, nth, how)).await.is_some());
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_says_yes_and_writes_nothing_is_found_out() {
    let found = found_of("write", "swallow").await;
    println!("5 writes that were not done: {found} found out");
    assert!(found >= 2, "only writes of zeros may go unnoticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_says_yes_and_loses_what_was_written_is_found_out() {
    let found = found_of("sync", "forget").await;
    println!("5 syncs that lost what they should have kept: {found} found out");
    assert!(found >= 2, "only syncs of zeros may go unnoticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_true_is_found_out() {
    let mut told = run(&Fault::NONE, &[""]).unwrap();
    assert_eq!(found_out(&told).await, None);
    // Said to be saved, though nobody ever asked for it.
    told = run(&Fault::NONE, &[""]).unwrap();
    told.lines.push("append 500 kept".into());
    assert!(found_out(&told).await.unwrap().contains("500 has 0 facts"));
    // Said not to be saved, though it is there.
    told = run(&Fault::NONE, &[""]).unwrap();
    for line in &mut told.lines {
        *line = line.replace("append 4 kept", "append 4 unsaved");
    }
    assert!(found_out(&told).await.unwrap().contains("4 has 2 facts"));
    // Said to be erased, though it was not asked for.
    told = run(&Fault::NONE, &[""]).unwrap();
    let was = told
        .lines
        .iter()
        .position(|line| line.starts_with("erase kept"));
    told.lines.remove(was.unwrap());
    assert!(
        found_out(&told)
            .await
            .unwrap()
            .contains("the text of 1 reads None")
    );
}
