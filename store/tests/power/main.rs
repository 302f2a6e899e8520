//! The power is cut, again and again, at any moment: what was acknowledged is there, once, and right.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../common/mod.rs"]
mod common;

mod apart;
mod calls;
mod check;
mod child;
mod cuts;
mod dice;
mod disk;
mod ext4;
mod plain;
mod preload;
mod promised;
mod recording;
mod writer;

use apart::apart;
use child::{Part, Task};
use cuts::{Found, look, of_ours, until};
use dice::Dice;
use preload::{Preload, Variables};
use recording::{Recording, Restored, Way, Work};

/// Not a test of its own: the processes that write and that look.
#[test]
fn a_process_of_these_tests() {
    child::play();
}

fn seed() -> u64 {
    let seed = std::env::var("PIPSS_SEED");
    seed.map_or_else(
        |_| u64::from(std::process::id()),
        |seed| seed.parse().unwrap(),
    )
}

/// Cuts of something that is known to fail, until it does.
fn caught(way: &Way, (write, look): (Part, Part), variables: Variables, is: fn(&Found) -> bool) {
    let mut dice = Dice::new(seed());
    let mut cuts = 0;
    for _ in 0..RECORDINGS_MAX {
        let work = Work {
            part: write,
            seed: dice.throw(),
            phase: 0,
            variables: variables.clone(),
        };
        let recording = Recording::of(&work, Restored::empty(way).unwrap(), Vec::new());
        let found = until(is, &recording, look, &mut dice);
        cuts += found.cuts;
        if is(&found) {
            println!(
                "planted, {write:?}: caught by cut {cuts} {way} (seed {}): {}",
                seed(),
                found.words.last().unwrap()
            );
            return;
        }
    }
    panic!("{cuts} cuts {way} found nothing (seed {})", seed());
}

/// How often something known to fail is recorded anew before the rig counts as blind.
const RECORDINGS_MAX: usize = 5;
const FLUSHED: (Part, Part) = (Part::WriteFlushed, Part::CheckSled);
const NOW_AND_THEN: (Part, Part) = (Part::WriteNowAndThen, Part::CheckSled);
const OURS: (Part, Part) = (Part::Write, Part::Check);

const JOURNAL: &str = "/data/journal/";
const KEYS: &str = "/data/keys";

fn lost(found: &Found) -> bool {
    found.lost > 0
}

/// What our store lost, it may also notice: sled then knows of more than the journal.
fn lost_or_refused(found: &Found) -> bool {
    found.lost + found.unopenable > 0
}

#[test]
fn a_cut_finds_that_a_flush_of_sled_alone_keeps_nothing() {
    apart(
        "a_cut_finds_that_a_flush_of_sled_alone_keeps_nothing",
        |way| caught(way, FLUSHED, Vec::new(), lost),
    );
}

#[test]
fn a_cut_finds_that_a_sled_synced_now_and_then_does_not_open_alone() {
    apart(
        "a_cut_finds_that_a_sled_synced_now_and_then_does_not_open_alone",
        |way| caught(way, NOW_AND_THEN, Vec::new(), |found| found.unopenable > 0),
    );
}

#[test]
fn a_cut_finds_that_a_journal_without_its_sync_loses_what_it_acknowledged() {
    let preload = Preload::compile();
    apart(
        "a_cut_finds_that_a_journal_without_its_sync_loses_what_it_acknowledged",
        |way| {
            let variables = preload.without_syncs_of(JOURNAL);
            caught(way, OURS, variables, lost_or_refused);
        },
    );
}

#[test]
fn a_cut_finds_that_a_key_file_without_its_sync_makes_texts_unreadable() {
    let preload = Preload::compile();
    apart(
        "a_cut_finds_that_a_key_file_without_its_sync_makes_texts_unreadable",
        |way| {
            let variables = preload.without_syncs_of(KEYS);
            caught(way, OURS, variables, |found| found.unopenable > 0);
        },
    );
}

#[test]
fn no_cut_loses_doubles_or_spoils_what_was_acknowledged() {
    apart(
        "no_cut_loses_doubles_or_spoils_what_was_acknowledged",
        |way| ours(way, cuts()),
    );
}

#[test]
fn the_weaker_way_finds_planted_faults_and_none_of_ours() {
    let way = Way::Calls {
        because: "tried here as well".into(),
    };
    let preload = Preload::compile();
    caught(&way, FLUSHED, Vec::new(), lost);
    caught(
        &way,
        OURS,
        preload.without_syncs_of(JOURNAL),
        lost_or_refused,
    );
    caught(&way, OURS, preload.without_name_syncs(), lost_or_refused);
    ours(&way, cuts() / 5);
}

#[test]
fn what_is_not_as_it_was_said_is_seen() {
    let (folder, said) = (
        tempfile::tempdir().unwrap(),
        tempfile::NamedTempFile::new().unwrap(),
    );
    let data = folder.path().join("data");
    let (part, seed, phase, variables) = (Part::Write, seed(), 0, Vec::new());
    Task {
        part,
        folder: &data,
        said: said.path(),
        seed,
        phase,
        variables,
    }
    .succeed();
    let text = std::fs::read_to_string(said.path()).unwrap();
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let and = |line: String| lines.iter().cloned().chain([line]).collect();
    let erased = |line: &&String| line.starts_with("eras");
    let not_erased = lines.iter().filter(|line| !erased(line)).cloned().collect();
    let never = format!("kept {}", writer::number(5, 0, 0));
    let stands = format!("erased {}", writer::number(0, 2, 0));
    for (said, wanted) in [
        (lines.clone(), (0, 0)),
        (and(never), (1, 0)),
        (and(stands), (0, 1)),
        (not_erased, (0, 1)),
    ] {
        let copy = tempfile::tempdir().unwrap();
        common::copy(&data, copy.path());
        let (out, errors) = look(Part::Check, copy.path(), &said);
        let mut found = Found::default();
        found.take_in("a copy", &out, &errors);
        assert_eq!((found.lost, found.wrong), wanted, "{out}{errors}");
        assert_eq!(found.doubled + found.unopenable, 0, "{out}{errors}");
    }
}

/// The drill makes more.
fn cuts() -> usize {
    std::env::var("PIPSS_CUTS").map_or(60, |cuts| cuts.parse().unwrap())
}

fn ours(way: &Way, cuts: usize) {
    let seed = seed();
    let found = of_ours(way, cuts, seed);
    println!(
        "power cuts: {} in 3 modes {way}: {found} (seed {seed}; {} acknowledgements looked for, \
         {} unfinished commits cleared, sled made again {} times)",
        found.cuts, found.kept, found.torn, found.rebuilt
    );
    assert_eq!(found.faults(), 0, "{}", found.words.join("\n"));
}
