//! The ten tamperings, each at a place that chance picks.

use std::fs;
use std::path::Path;

use pipss_domain::stream::LogId;
use pipss_store::{Kind, Report, Restore, restore};

use crate::base::{Base, checked, checkpoints, more, opened, small};
use crate::common::{at, copy};
use crate::forge::{Commit, Stands, commits, put_together, rechain, resign, segment};

/// What a tampering should lead to.
struct Wanted {
    /// The folder it was done to.
    folder: tempfile::TempDir,
    /// The first position that it concerns: one of these.
    first: Vec<(LogId, u64)>,
    /// Does it take a list from outside?
    outside: bool,
    /// Is it found as one of these?
    kinds: &'static [Kind],
}

const NAMES: [&str; 10] = [
    "flip",
    "delete",
    "swap",
    "duplicate",
    "insert",
    "truncate",
    "rewrite",
    "old backup",
    "fork",
    "ciphertext moved",
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_tamperings_are_found_and_the_first_bad_position_is_named() {
    let mut state = std::env::var("PIPSS_SEED")
        .map_or_else(|_| std::process::id().into(), |seed| seed.parse().unwrap());
    let seed = state;
    // The drill tampers more often.
    let times = std::env::var("PIPSS_TAMPERINGS").map_or(3, |times| times.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let (mut found, mut outside_only) = (0, 0);
    let base = Base::new().await;
    let forked = forked(&base).await;
    for _ in 0..times {
        for name in NAMES {
            let wanted = match name {
                "fork" => fork(&forked, &mut state),
                _ => tampered(name, &base, &mut state),
            };
            let folder = wanted.folder.path();
            let list = if name == "fork" {
                &forked.outside
            } else {
                &base.outside
            };
            let without = checked(folder, &[]);
            let with = checked(folder, &[list]);
            let said = format!("seed {seed}, {name}: {:?} / {:?}", without.bad, with.bad);
            if wanted.outside {
                assert!(without.holds, "{said}");
                let cannot = without.cannot_be_told.join("\n");
                assert!(
                    cannot.contains("older copy of the folder"),
                    "{said}: {cannot}"
                );
                outside_only += 1;
            } else {
                assert!(
                    names(&without, &wanted),
                    "{said}, wanted {:?}",
                    wanted.first
                );
            }
            assert!(names(&with, &wanted), "{said}, wanted {:?}", wanted.first);
            found += 1;
        }
    }
    println!(
        "ten tamperings × {times}: {found} found, 0 missed, first bad position named in all; {outside_only} of \
         them only a checkpoint from outside can tell (seed {seed})"
    );
}

/// Is the first thing that is wrong what was done?
fn names(report: &Report, wanted: &Wanted) -> bool {
    let Some(bad) = report.bad.first() else {
        return false;
    };
    let first = wanted.first.iter().any(|(log, position)| {
        let up_to = bad.up_to.or(bad.position);
        bad.organisation == Some(log.organisation)
            && bad.log == Some(log.log)
            && bad.position <= Some(*position)
            && Some(*position) <= up_to
    });
    let place = bad.segment.is_some() && bad.byte.is_some();
    !report.holds && first && place && wanted.kinds.contains(&bad.kind)
}

/// A journal, taken apart.
type Journal = [(Stands, Commit)];

fn tampered(name: &str, base: &Base, state: &mut u64) -> Wanted {
    let folder = base.copied();
    let all = commits(folder.path());
    let at = pick(state, 0, all.len() - 1);
    match name {
        "truncate" | "rewrite" | "old backup" | "ciphertext moved" => {
            with_care(name, base, folder, (&all, at), state)
        }
        _ => Wanted {
            first: in_place(name, folder.path(), (&all, at), state),
            folder,
            outside: false,
            kinds: &[Kind::Order, Kind::Damaged, Kind::CutOff],
        },
    }
}

/// What whoever has an editor can do. Answers the first position that it concerns.
fn in_place(
    name: &str,
    folder: &Path,
    (all, at): (&Journal, usize),
    state: &mut u64,
) -> Vec<(LogId, u64)> {
    let mut bytes: Vec<Vec<u8>> = all.iter().map(|(_, commit)| commit.bytes()).collect();
    match name {
        "flip" => {
            let (stands, commit) = &all[pick(state, 0, all.len())];
            let bit = random(state) as usize % (stands.length * 8);
            let file = segment(folder, stands.segment);
            let mut whole = fs::read(&file).unwrap();
            whole[stands.byte + bit / 8] ^= 1 << (bit % 8);
            fs::write(file, whole).unwrap();
            return commit.begins();
        }
        "delete" => drop(bytes.remove(at)),
        "swap" => bytes.swap(at, pick(state, at + 1, all.len())),
        "duplicate" => {
            let again = bytes[at].clone();
            bytes.insert(pick(state, at + 1, all.len()), again);
        }
        _ => bytes.insert(at, forged(&all[at].1, all).bytes()),
    }
    put_together(folder, &bytes);
    all[at].1.begins()
}

/// What it takes more for: the layout, every chain computed again, and sometimes the key that signs.
fn with_care(
    name: &str,
    base: &Base,
    folder: tempfile::TempDir,
    (all, at): (&Journal, usize),
    state: &mut u64,
) -> Wanted {
    let path = folder.path();
    let mut commits: Vec<Commit> = all.iter().map(|(_, commit)| commit.clone()).collect();
    // What the folder itself could tell is sometimes taken away as well.
    let all_the_care = random(state).is_multiple_of(2);
    let (first, outside, kinds) = match name {
        "truncate" => {
            let keep = pick(state, all.len() / 2, all.len() - 1);
            let bytes: Vec<_> = commits[..keep].iter().map(Commit::bytes).collect();
            put_together(path, &bytes);
            if all_the_care {
                resign(path);
                fs::remove_dir_all(path.join("sled")).unwrap();
                fs::remove_file(path.join("mark")).unwrap();
            }
            (cut(all, keep), all_the_care, &[Kind::CutOff][..])
        }
        "rewrite" => {
            let record = &mut commits[at].blocks[0].records[0];
            *record = replaced(record, r#""policy":1"#, r#""policy":2"#);
            rewritten(path, &mut commits);
            if all_the_care {
                resign(path);
            }
            let first = all[at].1.begins()[..1].to_vec();
            (first, all_the_care, &[Kind::Changed][..])
        }
        "old backup" => {
            fs::remove_dir_all(path).unwrap();
            copy(&base.older, path);
            let kept = crate::forge::commits(path).len();
            (cut(all, kept), true, &[Kind::CutOff][..])
        }
        _ => {
            let first = vec![moved(&mut commits, state)];
            rewritten(path, &mut commits);
            (first, false, &[Kind::Sealed][..])
        }
    };
    Wanted {
        folder,
        first,
        outside,
        kinds,
    }
}

fn pick(state: &mut u64, from: usize, to: usize) -> usize {
    from + random(state) as usize % (to - from)
}

/// The same journal with other words, every checksum and chain recomputed, and no reading copy to tell.
fn rewritten(folder: &Path, commits: &mut [Commit]) {
    rechain(commits);
    let bytes: Vec<_> = commits.iter().map(Commit::bytes).collect();
    put_together(folder, &bytes);
    fs::remove_dir_all(folder.join("sled")).unwrap();
}

/// The first position of each log that is lost if only so many commits are kept.
fn cut(all: &Journal, keep: usize) -> Vec<(LogId, u64)> {
    let mut lost: Vec<(LogId, u64)> = Vec::new();
    for (log, first) in all[keep..].iter().flat_map(|(_, commit)| commit.begins()) {
        if !lost.iter().any(|(known, _)| *known == log) {
            lost.push((log, first));
        }
    }
    lost
}

/// A commit that could have stood before this one, with a checksum and a chain that fit.
fn forged(commit: &Commit, all: &Journal) -> Commit {
    let mut forged = commit.clone();
    forged.blocks.truncate(1);
    let record = &mut forged.blocks[0].records;
    record.truncate(1);
    let text = String::from_utf8(record[0].clone()).unwrap();
    record[0] = text.replace(r#""policy":1"#, r#""policy":7"#).into_bytes();
    let before = all.iter().map(|(_, commit)| commit.clone());
    let mut history: Vec<Commit> = before
        .take_while(|one| one.number < commit.number)
        .collect();
    history.push(forged);
    rechain(&mut history);
    history.pop().unwrap()
}

/// What is sealed in one fact, moved to another.
fn moved(commits: &mut [Commit], state: &mut u64) -> (LogId, u64) {
    let mut sealed = Vec::new();
    for (n, commit) in commits.iter().enumerate() {
        for (b, block) in commit.blocks.iter().enumerate() {
            for (r, record) in block.records.iter().enumerate() {
                let text = String::from_utf8(record.clone()).unwrap();
                if let Some(value) = aim(&text) {
                    sealed.push((n, b, r, value.to_owned()));
                }
            }
        }
    }
    let from = random(state) as usize % sealed.len();
    let to = (from + 1 + random(state) as usize % (sealed.len() - 1)) % sealed.len();
    let (n, b, r, old) = &sealed[to];
    let block = &mut commits[*n].blocks[*b];
    block.records[*r] = replaced(&block.records[*r], old, &sealed[from].3);
    (block.log, block.first + *r as u64)
}

/// The sealed aim of a planned offer: its key and its bytes.
fn aim(record: &str) -> Option<&str> {
    let (_, rest) = record.split_once(r#""aim":"#)?;
    let end = rest.find('}')?;
    Some(&rest[..=end])
}

fn replaced(record: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(record.to_vec()).unwrap();
    assert!(text.contains(from), "{text}");
    text.replacen(from, to, 1).into_bytes()
}

/// Two folders that were made from the same backup, and both went on.
struct Forked {
    folders: [tempfile::TempDir; 2],
    outside: std::path::PathBuf,
    first: Vec<(LogId, u64)>,
}

async fn forked(base: &Base) -> Forked {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let copies = base.dir.path().join("copies");
    let keys = base.dir.path().join("keys");
    let store = opened(&base.older);
    let taken = store.backup(&copies, &keys, at(0)).unwrap();
    drop(store);
    let outside = base.dir.path().join("both");
    let begun = commits(&base.older);
    for folder in &folders {
        let (log, keys) = (taken.log.clone(), taken.keys.clone());
        let (ledger, into) = (None, small(folder.path()));
        restore(
            &Restore {
                log,
                keys,
                ledger,
                into,
            },
            at(0),
        )
        .unwrap();
    }
    // In turns: each goes on after the other has begun.
    for n in 0..4 {
        let folder = folders[n as usize % 2].path();
        let store = opened(folder);
        let kept = checkpoints(&store, &outside);
        more(&store, 1000 + 100 * n, 9).await;
        drop((kept, store));
    }
    let first = cut(&commits(folders[0].path()), begun.len());
    Forked {
        folders,
        outside,
        first,
    }
}

/// Either of the two: the checkpoints of both, which left the machine, tell that there are two.
fn fork(forked: &Forked, state: &mut u64) -> Wanted {
    let folder = tempfile::tempdir().unwrap();
    let either = &forked.folders[random(state) as usize % 2];
    copy(either.path(), folder.path());
    Wanted {
        folder,
        first: forked.first.clone(),
        outside: true,
        kinds: &[Kind::Fork],
    }
}

/// SplitMix64: enough chance for a test, and the same for the same seed.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
