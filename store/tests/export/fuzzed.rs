//! The importer is fed spoiled exports, also such whose chains and manifest were made to fit again.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Cursor, ErrorKind, Read};

use pipss_store::{StoreError, check_export};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::common::organisation;
use crate::ground::Ground;

type Files = HashMap<String, Vec<u8>>;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn checked(files: &Files) -> Result<u64, StoreError> {
    let open = |name: &str| {
        let bytes = files.get(name).cloned();
        let bytes = bytes.ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        Ok(Box::new(Cursor::new(bytes)) as Box<dyn Read>)
    };
    check_export(&open).map(|checked| checked.facts())
}

/// Changes a few bytes, or lines, of a file.
fn spoil(bytes: &mut Vec<u8>, random: &mut Random) {
    let place = random.below(bytes.len());
    match random.below(6) {
        0 => bytes[place] ^= 1 << random.below(8),
        1 => bytes.truncate(place),
        2 => drop(bytes.drain(place..(place + random.below(40)).min(bytes.len()))),
        3 => {
            let other = random.below(bytes.len());
            let copied = bytes[other..(other + random.below(40)).min(bytes.len())].to_vec();
            bytes.splice(place..place, copied);
        }
        4 => {
            let digit = bytes[place..].iter().position(u8::is_ascii_digit);
            let digit = place + digit.unwrap_or(0);
            bytes[digit] = b"0123456789-.e"[random.below(13)];
        }
        _ => {
            let mut lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
            let (a, b) = (random.below(lines.len()), random.below(lines.len()));
            lines.swap(a, b);
            *bytes = lines.concat();
        }
    }
}

/// Makes the chain of a log and the manifest fit what the log holds now, as a forger would.
fn forge(files: &mut Files, log: usize) {
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let own = &mut manifest["logs"][log];
    let name = own["log"].as_str().unwrap().to_owned();
    let records = &files[&format!("{name}.jsonl")];
    let begin: Uuid = organisation().to_string().parse().unwrap();
    let begin = [
        b"pipss log 1\0",
        begin.as_bytes().as_slice(),
        name.as_bytes(),
    ]
    .concat();
    let (mut chain, mut chains, mut facts) = (Sha256::digest(begin), String::new(), 0);
    for line in records.split_inclusive(|byte| *byte == b'\n') {
        let record = line.strip_suffix(b"\n").unwrap_or(line);
        chain = Sha256::new()
            .chain_update(chain)
            .chain_update(record)
            .finalize();
        chains += &format!("{}\n", hex(&chain));
        facts += 1;
    }
    let fits = |bytes: &[u8]| (bytes.len(), hex(&Sha256::digest(bytes)));
    for (file, (bytes, sha256)) in [
        ("records", fits(records)),
        ("chains", fits(chains.as_bytes())),
    ] {
        own[file]["bytes"] = json!(bytes);
        own[file]["sha256"] = json!(sha256);
    }
    (own["facts"], own["chain"]) = (json!(facts), json!(hex(&chain)));
    files.insert(format!("{name}.chain"), chains.into_bytes());
    files.insert("manifest.json".into(), manifest.to_string().into_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spoiled_export_is_taken_for_a_whole_one_and_none_makes_the_importer_panic() {
    let tries: usize = std::env::var("PIPSS_FUZZ").map_or(120, |n| n.parse().unwrap());
    let fresh = || RandomState::new().build_hasher().finish();
    let seed = std::env::var("PIPSS_SEED").map_or_else(|_| fresh(), |n| n.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let mut random = Random(seed);
    let ground = Ground::new().await;
    let entries = std::fs::read_dir(ground.at("export"))
        .unwrap()
        .map(|entry| entry.unwrap());
    let name = |entry: &std::fs::DirEntry| entry.file_name().into_string().unwrap();
    let whole: Files = entries
        .map(|e| (name(&e), std::fs::read(e.path()).unwrap()))
        .collect();
    assert_eq!(checked(&whole).unwrap(), ground.exported.facts);
    let mut names: Vec<_> = whole
        .keys()
        .filter(|name| *name != "manifest.json")
        .cloned()
        .collect();
    names.sort();
    let (mut refused, mut forged) = (0, 0);
    for _ in 0..tries {
        let mut files = whole.clone();
        let name = &names[random.below(names.len())];
        spoil(files.get_mut(name).unwrap(), &mut random);
        let changed = files[name] != whole[name];
        assert_eq!(checked(&files).is_err(), changed, "{name}");
        refused += usize::from(changed);
        let log = ["main.jsonl", "access.jsonl", "feedback.jsonl"]
            .iter()
            .position(|log| log == name);
        if let Some(log) = log {
            forge(&mut files, log);
            forged += 1;
            // Whatever it says of it, it says something.
            let _ = checked(&files);
        }
        spoil(files.get_mut("manifest.json").unwrap(), &mut random);
        let _ = checked(&files);
    }
    println!(
        "{tries} exports spoiled: {refused} refused, 0 taken in; {forged} forged as well, 0 panics"
    );
}
