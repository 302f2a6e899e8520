//! A forger who knows the layout of the journal: takes it apart, changes it, and puts it together again.

use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::{Log, LogId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

const HEADER: usize = 32;
const SEGMENT_HEADER: usize = 64;
const MAGIC: [u8; 4] = [0xF7, b'P', b'J', 0x01];

/// A commit, taken apart.
#[derive(Clone, PartialEq)]
pub struct Commit {
    pub number: u64,
    pub keys: u64,
    pub blocks: Vec<Block>,
}

#[derive(Clone, PartialEq)]
pub struct Block {
    pub log: LogId,
    pub first: u64,
    pub chain: [u8; 32],
    pub records: Vec<Vec<u8>>,
}

/// Where a commit stands, without what fills it up.
#[derive(Clone, Copy)]
pub struct Stands {
    pub segment: u64,
    pub byte: usize,
    pub length: usize,
}

pub fn segment(folder: &Path, number: u64) -> PathBuf {
    folder.join("journal").join(format!("{number:08}"))
}

/// Every commit of a journal, and where it stands.
pub fn commits(folder: &Path) -> Vec<(Stands, Commit)> {
    let mut found = Vec::new();
    for number in 1.. {
        let Ok(bytes) = fs::read(segment(folder, number)) else {
            break;
        };
        let mut at = SEGMENT_HEADER;
        while bytes.len() > at + HEADER && bytes[at..].starts_with(&MAGIC) {
            let length = HEADER + be32(&bytes[at + 4..]) as usize;
            let stands = Stands {
                segment: number,
                byte: at,
                length,
            };
            found.push((stands, taken_apart(&bytes[at..at + length])));
            at += length.next_multiple_of(8);
        }
    }
    found
}

/// Puts a journal together from commits, in the segments that are there.
pub fn put_together(folder: &Path, commits: &[Vec<u8>]) {
    let mut rest = commits.iter().peekable();
    for number in 1.. {
        let path = segment(folder, number);
        let Ok(old) = fs::read(&path) else { break };
        let mut new = old[..SEGMENT_HEADER].to_vec();
        while let Some(commit) = rest.next_if(|commit| new.len() + commit.len() <= old.len()) {
            new.extend_from_slice(commit);
        }
        new.resize(old.len(), 0);
        fs::write(path, new).unwrap();
    }
    assert!(rest.next().is_none(), "the segments have room for it");
}

impl Commit {
    /// As bytes, with a checksum that fits.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = vec![0; HEADER];
        for block in &self.blocks {
            out.extend(block.log.organisation.uuid().as_bytes());
            out.push(
                Log::ALL
                    .iter()
                    .position(|log| *log == block.log.log)
                    .unwrap() as u8,
            );
            out.extend(block.first.to_be_bytes());
            out.extend((block.records.len() as u32).to_be_bytes());
            let packed: usize = block.records.iter().map(|record| 4 + record.len()).sum();
            out.extend((packed as u32).to_be_bytes());
            out.extend(block.chain);
            for record in &block.records {
                out.extend((record.len() as u32).to_be_bytes());
                out.extend(record);
            }
        }
        let payload = (out.len() - HEADER) as u32;
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&payload.to_be_bytes());
        out[8..16].copy_from_slice(&self.number.to_be_bytes());
        out[16..24].copy_from_slice(&self.keys.to_be_bytes());
        let mut crc = crc32fast::Hasher::new();
        crc.update(&out[..28]);
        crc.update(&out[HEADER..]);
        out[28..32].copy_from_slice(&crc.finalize().to_be_bytes());
        out.resize(out.len().next_multiple_of(8), 0);
        out
    }

    /// Where each of its logs begins in it.
    pub fn begins(&self) -> Vec<(LogId, u64)> {
        self.blocks
            .iter()
            .map(|block| (block.log, block.first))
            .collect()
    }
}

/// Recomputes every chain from the first commit on.
pub fn rechain(commits: &mut [Commit]) {
    let mut heads: Vec<(LogId, [u8; 32])> = Vec::new();
    for block in commits.iter_mut().flat_map(|commit| &mut commit.blocks) {
        let at = heads.iter().position(|(log, _)| *log == block.log);
        let at = at.unwrap_or_else(|| {
            heads.push((block.log, start(block.log)));
            heads.len() - 1
        });
        for record in &block.records {
            heads[at].1 = Sha256::new()
                .chain_update(heads[at].1)
                .chain_update(record)
                .finalize()
                .into();
        }
        block.chain = heads[at].1;
    }
}

/// Signs the checkpoints of the folder anew with its own key, so that they fit what the journal says now.
/// Those that reach further than it are left out.
pub fn resign(folder: &Path) {
    let key = fs::read(folder.join("checkpoint-key")).unwrap();
    let key = Ed25519KeyPair::from_pkcs8(&key).unwrap();
    let commits: Vec<Commit> = commits(folder)
        .into_iter()
        .map(|(_, commit)| commit)
        .collect();
    let (mut out, mut previous) = (String::new(), Value::Null);
    for line in fs::read_to_string(folder.join("checkpoints"))
        .unwrap()
        .lines()
    {
        let (_, inner) = line.split_once(r#"{"checkpoint":"#).unwrap();
        let (inner, _) = inner.split_once(r#","public_key":"#).unwrap();
        let Some(inner) = refitted(inner, &previous, &commits) else {
            continue;
        };
        let message = format!("pipss checkpoint 1\n{inner}");
        let signature = hex(key.sign(message.as_bytes()).as_ref());
        let public = hex(key.public_key().as_ref());
        let line = format!(
            r#"{{"checkpoint":{inner},"public_key":"{public}","signature":"{signature}"}}"#
        );
        previous = hex(&Sha256::digest(&line)).into();
        out += &format!("{line}\n");
    }
    fs::write(folder.join("checkpoints"), out).unwrap();
}

/// The text of a checkpoint with the chains of today; its fields stay in their order.
fn refitted(inner: &str, previous: &Value, commits: &[Commit]) -> Option<String> {
    let value: Value = serde_json::from_str(inner).unwrap();
    let mut text = inner.replace(&value["previous"].to_string(), &previous.to_string());
    for head in value["logs"].as_array().unwrap() {
        let position = head["position"].as_u64().unwrap();
        let organisation: Uuid = head["organisation"].as_str().unwrap().parse().unwrap();
        let log: Log = serde_json::from_value(head["log"].clone()).unwrap();
        let log = LogId {
            organisation: OrganisationId::new(organisation),
            log,
        };
        let mut blocks = commits.iter().flat_map(|commit| &commit.blocks);
        let ends = |block: &&Block| {
            block.log == log && block.first + block.records.len() as u64 - 1 == position
        };
        let chain = hex(&blocks.find(ends)?.chain);
        text = text.replace(head["chain"].as_str().unwrap(), &chain);
    }
    Some(text)
}

fn start(log: LogId) -> [u8; 32] {
    let name = serde_json::to_value(log.log).unwrap();
    Sha256::new()
        .chain_update(b"pipss log 1\0")
        .chain_update(log.organisation.uuid().as_bytes())
        .chain_update(name.as_str().unwrap())
        .finalize()
        .into()
}

fn taken_apart(commit: &[u8]) -> Commit {
    let mut rest = &commit[HEADER..];
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        let organisation = OrganisationId::new(Uuid::from_slice(&rest[..16]).unwrap());
        let log = LogId {
            organisation,
            log: Log::ALL[usize::from(rest[16])],
        };
        let packed = be32(&rest[29..]) as usize;
        let mut records = Vec::new();
        let mut left = &rest[65..65 + packed];
        while !left.is_empty() {
            let length = be32(left) as usize;
            records.push(left[4..4 + length].to_vec());
            left = &left[4 + length..];
        }
        blocks.push(Block {
            log,
            first: be64(&rest[17..]),
            chain: rest[33..65].try_into().unwrap(),
            records,
        });
        rest = &rest[65 + packed..];
    }
    Commit {
        number: be64(&commit[8..]),
        keys: be64(&commit[16..]),
        blocks,
    }
}

fn be32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().unwrap())
}

fn be64(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes[..8].try_into().unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
