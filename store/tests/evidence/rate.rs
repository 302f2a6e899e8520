//! How fast a log is checked: printed, so that a drill on a quiet machine can be compared with the figures.

use std::time::Instant;

use pipss_store::{Options, SledStore, Verify, verify};

use crate::common::*;

/// Facts of one append.
const AT_ONCE: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_checked_from_its_beginning_and_the_rate_is_printed() {
    // The drill checks a longer one.
    let wanted = std::env::var("PIPSS_FACTS").map_or(2_000, |facts| facts.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let usual = Options {
        segment_bytes: 16 << 20,
        ..options(folder.path())
    };
    let store = SledStore::open(usual, Box::new(|_| ())).unwrap();
    let mut facts = 0;
    while facts < wanted {
        let n = facts as u64;
        // One in five holds a sealed text.
        let events = (0..AT_ONCE).map(|at| match at % 5 {
            0 => offer_planned("an aim of a common length, in a sentence"),
            _ => unit_opened("Unit"),
        });
        let write = write(case(n), 0, events.collect());
        put(&store, append_of(main_log(), n, vec![write])).await;
        facts += AT_ONCE;
    }
    drop(store);
    let began = Instant::now();
    let report = verify(&Verify::of(folder.path()), &|_, _| ()).unwrap();
    let took = began.elapsed();
    assert!(report.holds, "{:?}", report.bad);
    assert_eq!(
        (report.facts, report.opened),
        (facts as u64, facts as u64 / 5)
    );
    println!(
        "{facts} facts checked in {:.2} s, {:.0} a second",
        took.as_secs_f64(),
        facts as f64 / took.as_secs_f64()
    );
}
