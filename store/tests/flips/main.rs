//! Damage to any file of the data folder: found and named, or harmless; never other facts than were kept.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;

mod ground;
mod swapped;
mod watch;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::*;
use ground::{Came, Ground, Kind, any_of, kinds};
use watch::Watch;

/// What became of the flips of one kind of file.
#[derive(Default)]
struct Tally {
    flips: u64,
    found: u64,
    mended: u64,
    harmless: u64,
}

/// One bit of one file that says something.
struct Flip {
    kind: Kind,
    place: String,
}

/// Flips a bit of some file of a kind: within what is used of it, or shortly after.
fn flip_one(folder: &Path, kind: Kind, state: &mut u64) -> Flip {
    let path = any_of(folder, kind, state);
    let mut bytes = fs::read(&path).unwrap();
    // An empty file has no bits: it is given some.
    bytes.resize(bytes.len().max(1), 0);
    let used = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(1, |at| at + 1);
    let reach = (used + 40).min(bytes.len());
    let bit = (random(state) % (reach as u64 * 8)) as usize;
    bytes[bit / 8] ^= 1 << (bit % 8);
    fs::write(&path, bytes).unwrap();
    let name = path.strip_prefix(folder).unwrap().display();
    Flip {
        kind,
        place: format!("{name} bit {bit}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_bits_are_found_or_harmless_in_every_file() {
    let (seed, watch) = (seed(), Watch::new());
    // The drill flips more.
    let flips: u64 = std::env::var("PIPSS_FLIPS").map_or(100, |flips| flips.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let ground = Ground::new().await;
    let (mut state, mut tallies) = (seed, BTreeMap::<Kind, Tally>::new());
    let all = kinds(ground.path());
    for n in 0..flips {
        let folder = ground.copied();
        // Every kind in its turn; now and then two files at once.
        let mut kinds = vec![all[n as usize % all.len()]];
        if n % 4 == 3 {
            kinds.push(all[random(&mut state) as usize % all.len()]);
        }
        let flips = kinds
            .iter()
            .map(|kind| flip_one(folder.path(), *kind, &mut state));
        let flips: Vec<_> = flips.collect();
        let places: Vec<_> = flips.iter().map(|flip| flip.place.as_str()).collect();
        let place = format!("seed {seed}, flip {n}: {}", places.join(" and "));
        let came = watch.over(&place, || ground.came_of(folder.path()));
        let came = came.unwrap_or_else(|wrong| panic!("{place}: {wrong}"));
        assert!(came != Came::Shorter, "{place}: the last commit is gone");
        for flip in flips {
            let tally = tallies.entry(flip.kind).or_default();
            tally.flips += 1;
            tally.found += u64::from(came == Came::Found);
            tally.mended += u64::from(came == Came::Mended);
            tally.harmless += u64::from(came == Came::Harmless);
        }
    }
    for (kind, of) in &tallies {
        let Tally {
            flips,
            found,
            mended,
            harmless,
        } = of;
        println!("{kind:?}: {flips} flips, {found} found, {mended} mended, {harmless} harmless");
    }
    assert_eq!(tallies.len(), all.len(), "some kind of file was never hit");
    println!("{flips} times: 0 other facts, 0 lost commits, 0 panics, 0 hangs");
}
