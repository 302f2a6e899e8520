//! The importer is given damaged exports: it refuses them, or takes in exactly what they say.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Error, ErrorKind, Read};
use std::path::Path;

use common::*;
use pipss_domain::stream::LogId;
use pipss_store::{Export, Import, SledStore, StoreError, check_export, import};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The most this process may grow while it is given damaged exports, in kB.
const GROWTH_MAX: u64 = 64 << 10;
/// So many of the exports that were accepted are taken in and written out again.
const ROUND_TRIPS: u64 = 12;

/// The files of an export by their names.
type Files = BTreeMap<String, Vec<u8>>;

/// The most memory this process ever held, in kB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

fn files_in(folder: &Path) -> Files {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let named = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    files.map(named).collect()
}

fn checked(files: &Files) -> Result<u64, StoreError> {
    let open = |name: &str| -> std::io::Result<Box<dyn Read>> {
        let file = files.get(name).ok_or(Error::from(ErrorKind::NotFound))?;
        Ok(Box::new(Cursor::new(file.clone())))
    };
    check_export(&open).map(|checked| checked.facts())
}

async fn filled_store(folder: &Path) -> SledStore {
    let store = open(folder);
    for n in 0..12 {
        let planned = vec![
            write(
                case(n),
                0,
                vec![offer_planned("aim"), offer_planned("more")],
            ),
            write(unit(n), 0, vec![unit_opened(&format!("Unit {n}"))]),
        ];
        put(&store, append_of(main_log(), n, planned)).await;
        let access = LogId {
            log: pipss_domain::stream::Log::Access,
            ..main_log()
        };
        let looked = vec![write(unit(n), 0, vec![unit_opened("Ward")])];
        put(&store, append_of(access, n, looked)).await;
    }
    store
}

fn below(end: usize, state: &mut u64) -> usize {
    (random(state) % end.max(1) as u64) as usize
}

/// Changes a file in one of the ways in which lines go wrong.
fn spoil(bytes: &mut Vec<u8>, state: &mut u64) {
    let (at, other) = (below(bytes.len(), state), below(bytes.len(), state));
    let lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(Into::into)
        .collect();
    let (one, two) = (below(lines.len(), state), below(lines.len(), state));
    let of_lines = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut changed = lines.clone();
        change(&mut changed);
        changed.concat()
    };
    match below(10, state) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, below(256, state) as u8),
        2 => drop(bytes.drain(at.min(other)..(at.max(other)).min(at.min(other) + 40))),
        3 if !lines.is_empty() => *bytes = of_lines(&|lines| lines.swap(one, two)),
        4 if !lines.is_empty() => *bytes = of_lines(&|lines| drop(lines.remove(one))),
        5 if !lines.is_empty() => *bytes = of_lines(&|lines| lines.insert(two, lines[one].clone())),
        6 if !bytes.is_empty() && bytes[at].is_ascii_digit() => {
            bytes[at] = b'0' + below(10, state) as u8
        }
        7 if !bytes.is_empty() && bytes[at].is_ascii_lowercase() => {
            bytes[at] = b'a' + below(26, state) as u8;
        }
        8 if bytes.len() > 1 => bytes.extend(vec![b'x'; 300 << 10]),
        _ if !bytes.is_empty() => bytes[at] ^= 1 << below(8, state),
        _ => {}
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes chains, sizes and fingerprints fit what the lines now say: as somebody would who can.
fn made_to_fit(files: &mut Files) {
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    for log in manifest["logs"].as_array_mut().unwrap() {
        let name = log["log"].as_str().unwrap().to_owned();
        let start = Sha256::new().chain_update(b"pipss log 1\0");
        let start = start
            .chain_update(organisation().uuid().as_bytes())
            .chain_update(&name);
        let (mut chain, mut links) = (start.finalize().to_vec(), String::new());
        let records = files[&format!("{name}.jsonl")].clone();
        let lines: Vec<_> = records
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .collect();
        for line in &lines {
            chain = Sha256::new()
                .chain_update(&chain)
                .chain_update(line)
                .finalize()
                .to_vec();
            links += &(hex(&chain) + "\n");
        }
        log["facts"] = lines.len().into();
        log["chain"] = hex(&chain).into();
        files.insert(format!("{name}.chain"), links.into_bytes());
        for part in ["records", "chains"] {
            let file = &files[log[part]["name"].as_str().unwrap()];
            let (bytes, sum) = (file.len(), hex(&Sha256::digest(file)));
            log[part]["bytes"] = bytes.into();
            log[part]["sha256"] = sum.into();
        }
    }
    files.insert(
        "manifest.json".into(),
        serde_json::to_vec(&manifest).unwrap(),
    );
}

/// Takes an export in and writes it out again; the lines must be the same. `false` if it was refused.
fn round_trips(files: &Files, keys: &Path) -> Result<bool, String> {
    let place = tempfile::tempdir().unwrap();
    let (from, into) = (place.path().join("from"), place.path().join("into"));
    fs::create_dir(&from).unwrap();
    files
        .iter()
        .for_each(|(name, bytes)| fs::write(from.join(name), bytes).unwrap());
    let asked = Import {
        from,
        keys: keys.into(),
        erasures: None,
        into: options(&into),
    };
    match import(&asked, at(3)) {
        Ok(_) => {}
        Err(StoreError::Refused(_)) => return Ok(false),
        Err(other) => return Err(format!("{other:?}")),
    }
    let to = place.path().join("again");
    let again = Export {
        organisation: organisation(),
        to: to.clone(),
        keys: Some(place.path().join("its-keys")),
    };
    open(&into)
        .export(&again, at(4))
        .map_err(|error| error.to_string())?;
    let again = files_in(&to);
    let lines = |files: &Files| {
        files
            .iter()
            .filter(|(name, _)| *name != "manifest.json")
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect::<Files>()
    };
    if lines(&again) == lines(files) {
        return Ok(true);
    }
    Err("other lines came out than were taken in".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_export_is_refused_or_comes_out_again_as_it_went_in() {
    let (seed, place) = (seed(), tempfile::tempdir().unwrap());
    // The drill gives it more.
    let inputs: u64 = std::env::var("PIPSS_FUZZ").map_or(2_000, |inputs| inputs.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let store = filled_store(&place.path().join("data")).await;
    let (to, keys) = (place.path().join("export"), place.path().join("keys"));
    let asked = Export {
        organisation: organisation(),
        to: to.clone(),
        keys: Some(keys.clone()),
    };
    store.export(&asked, at(2)).unwrap();
    drop(store);
    let whole = files_in(&to);
    assert_eq!(checked(&whole), Ok(12 * 4));
    assert_eq!(round_trips(&whole, &keys), Ok(true));
    let names: Vec<_> = whole.keys().collect();
    let (mut state, before) = (seed, peak());
    let (mut refused, mut taken, mut trips) = (0, 0, 0);
    for n in 0..inputs {
        let (mut files, fit) = (whole.clone(), below(3, &mut state) > 0);
        let name = if fit {
            "main.jsonl"
        } else {
            names[below(names.len(), &mut state)]
        };
        spoil(files.get_mut(name).unwrap(), &mut state);
        if fit {
            made_to_fit(&mut files);
        }
        match checked(&files) {
            Err(StoreError::Refused(why)) => {
                assert_eq!(why.lines().count(), 1, "seed {seed}, input {n}: {why}");
                refused += 1;
            }
            Err(other) => panic!("seed {seed}, input {n}: {other:?}"),
            Ok(_) => {
                let harmless = fit || name == "manifest.json" || files == whole;
                assert!(
                    harmless,
                    "seed {seed}, input {n}: {name} was changed and nobody noticed"
                );
                taken += 1;
                if files != whole && trips < ROUND_TRIPS {
                    let came = round_trips(&files, &keys);
                    let came =
                        came.unwrap_or_else(|wrong| panic!("seed {seed}, input {n}: {wrong}"));
                    trips += u64::from(came);
                }
            }
        }
    }
    let grown = peak().saturating_sub(before);
    assert!(
        refused > 0 && trips > 0,
        "{refused} refused, {trips} came out again"
    );
    assert!(grown < GROWTH_MAX, "{grown} kB more");
    println!(
        "exports: {refused} refused, {taken} right, {trips} of them out again as they went in, 0 panics, {grown} kB more"
    );
}
