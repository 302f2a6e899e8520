//! What reads the journal is given anything at all: it never panics, never takes much memory, and takes
//! for whole only what it would write itself.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;

use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::{Log, LogId};
use uuid::Uuid;

use crate::frame::{Block, Frame, HEADER};
use crate::segment::{SEGMENT_HEADER, Segment, path};
use crate::{StoreError, chain, codec, journal};

/// The most this process may grow while it is given damaged bytes, in kB.
const GROWTH_MAX: u64 = 64 << 10;
const STORE: Uuid = Uuid::from_u128(7);

/// SplitMix64: enough chance for a test, and the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let seed = std::env::var("PIPSS_SEED").ok();
        let seed = seed.map_or_else(|| std::process::id().into(), |seed| seed.parse().unwrap());
        println!("PIPSS_SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }
}

/// How many inputs each target is given; the drill gives more.
fn inputs() -> usize {
    std::env::var("PIPSS_FUZZ").map_or(20_000, |inputs| inputs.parse().unwrap())
}

/// The most memory this process ever held, in kB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn record(n: u64) -> Vec<u8> {
    let organisation = OrganisationId::new(Uuid::from_u128(1));
    format!(
        r#"{{"org":"{organisation}","log":"main","pos":{n},"stream":"unit/{organisation}","ver":{n},"command":"{}","n":0,"kind":"UnitOpened","v":1,"occurred":"2026-02-25T06:13:20.123456Z","recorded":"2026-02-25T06:13:20.123456Z","who":"operator","policy":1,"data":{{"code":"W1","name":"Unit {n}","level":"team","parent":null,"headcount":12,"partner":false}}}}"#,
        Uuid::from_u128(n.into()),
    )
    .into_bytes()
}

fn frame(number: u64) -> Frame {
    let organisation = OrganisationId::new(Uuid::from_u128(1));
    let block = |log, count| {
        let log = LogId { organisation, log };
        Block {
            log,
            first: number,
            chain: chain::start(log),
            records: (0..count).map(|n| record(number + n)).collect(),
        }
    };
    Frame {
        number,
        keys: 3,
        blocks: vec![block(Log::Main, 1 + number % 3), block(Log::Access, 1)],
    }
}

fn bytes_of(frame: &Frame) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame.encode(&mut bytes);
    bytes
}

/// Changes bytes in some of the ways in which bytes go wrong.
fn spoil(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        let (at, other) = (dice.below(bytes.len()), dice.below(bytes.len()));
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, dice.below(256) as u8),
            2 => drop(bytes.drain(at.min(other)..at.max(other))),
            3 => bytes.extend_from_within(at.min(other)..at.max(other)),
            4 if bytes.len() >= at + 4 => {
                // Lengths and counts are where a decoder is led astray.
                let value = [0, 1, u32::MAX, 1 << 20, (1 << 20) + 1, 1 << 31][dice.below(6)];
                bytes[at..at + 4].copy_from_slice(&u32::to_be_bytes(value));
            }
            5 if bytes.len() > 1 => bytes[at..].rotate_left(1),
            _ if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            _ => {}
        }
    }
}

/// Makes the checksum fit again, so that what lies behind it is reached.
fn seal(bytes: &mut [u8]) {
    let Some(header) = bytes.first_chunk::<HEADER>() else {
        return;
    };
    let length = u32::from_be_bytes(header[4..8].try_into().unwrap()) as usize;
    if let Some(payload) = bytes.get(HEADER..HEADER + length) {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&header[..28]);
        hasher.update(payload);
        let crc = hasher.finalize().to_be_bytes();
        bytes[28..32].copy_from_slice(&crc);
    }
}

#[test]
fn a_frame_is_read_only_if_it_would_be_written_like_that() {
    let (mut dice, before) = (Dice::new(), peak());
    let (mut whole, mut refused) = (0, 0);
    for n in 0..inputs() {
        let mut bytes = bytes_of(&frame(n as u64 % 50 + 1));
        spoil(&mut bytes, &mut dice);
        if dice.below(3) > 0 {
            seal(&mut bytes);
        }
        let _ = Frame::any_in(&bytes);
        let Some((frame, length)) = Frame::decode(&bytes) else {
            refused += 1;
            continue;
        };
        let again = bytes_of(&frame);
        assert_eq!((again.len(), frame.length()), (length, length));
        let there = &bytes[..length.min(bytes.len())];
        assert!(
            again.starts_with(there) && length - there.len() < 8,
            "input {n}"
        );
        for record in frame.blocks.iter().flat_map(|block| &block.records) {
            let _ = codec::decode(record);
        }
        whole += 1;
    }
    let grown = peak().saturating_sub(before);
    assert!(whole > 0 && refused > 0, "{whole} whole, {refused} refused");
    assert!(grown < GROWTH_MAX, "{grown} kB more");
    println!(
        "frames: {refused} refused, {whole} as they would be written, 0 panics, {grown} kB more"
    );
}

#[test]
fn a_frame_with_anything_in_its_unused_bytes_is_none() {
    let mut filled = 0;
    for number in 1..=50 {
        let good = bytes_of(&frame(number));
        assert!(Frame::decode(&good).is_some());
        for at in 24..28 {
            let mut bytes = good.clone();
            bytes[at] = 1;
            seal(&mut bytes);
            assert!(Frame::decode(&bytes).is_none(), "byte {at}");
        }
        let length = u32::from_be_bytes(good[4..8].try_into().unwrap()) as usize;
        for at in HEADER + length..good.len() {
            let mut bytes = good.clone();
            bytes[at] = 1;
            assert!(Frame::decode(&bytes).is_none(), "byte {at}");
            filled += 1;
        }
    }
    assert!(filled > 0);
}

#[test]
fn a_record_is_read_as_a_fact_or_not_at_all() {
    let (mut dice, before, mut read) = (Dice::new(), peak(), 0);
    assert!(codec::decode(&record(1)).is_some());
    for n in 0..inputs() {
        let mut bytes = record(n as u64);
        spoil(&mut bytes, &mut dice);
        if let Some((fact, body)) = codec::decode(&bytes) {
            // What can be read can be kept again and is the same fact.
            let line = codec::Draft::new(&fact, body.as_ref());
            assert!(line.is_ok(), "input {n}: {fact:?}");
            read += 1;
        }
    }
    let grown = peak().saturating_sub(before);
    assert!(grown < GROWTH_MAX, "{grown} kB more");
    println!("records: {read} read, the others refused, 0 panics, {grown} kB more");
}

#[test]
fn a_journal_is_read_as_far_as_it_is_whole_or_named_as_damaged() {
    let (mut dice, before, folder) = (Dice::new(), peak(), tempfile::tempdir().unwrap());
    let dir = folder.path();
    let frames: Vec<_> = (1..=20).map(frame).collect();
    let segments = frames
        .chunks(10)
        .map(|frames| frames.iter().flat_map(bytes_of).collect());
    let segments: Vec<Vec<u8>> = segments.collect();
    let mut made = Vec::new();
    for (number, frames) in (1..).zip(&segments) {
        Segment::make(dir, STORE, number, 16 << 10).unwrap();
        let mut bytes = fs::read(path(dir, number)).unwrap();
        bytes[SEGMENT_HEADER..SEGMENT_HEADER + frames.len()].copy_from_slice(frames);
        fs::write(path(dir, number), &bytes).unwrap();
        made.push(bytes);
    }
    let (mut short, mut named) = (0, 0);
    for n in 0..inputs() / 10 {
        let number = dice.below(2);
        let mut bytes = made[number].clone();
        spoil(&mut bytes, &mut dice);
        fs::write(path(dir, number as u64 + 1), bytes).unwrap();
        let mut read = Vec::new();
        let end = journal::read(dir, STORE, &mut |frame| {
            read.push(frame);
            Ok(())
        });
        assert!(frames.starts_with(&read), "input {n}: other commits");
        match end {
            Ok(end) => {
                assert_eq!(end.number, read.len() as u64);
                short += u64::from(read.len() < frames.len());
            }
            Err(StoreError::Corrupt(_)) => named += 1,
            Err(other) => panic!("input {n}: {other:?}"),
        }
        fs::write(path(dir, number as u64 + 1), &made[number]).unwrap();
    }
    let grown = peak().saturating_sub(before);
    assert!(named > 0 && short > 0, "{named} named, {short} shorter");
    assert!(grown < GROWTH_MAX, "{grown} kB more");
    println!(
        "journals: {named} named as damaged, {short} torn at the end, 0 other commits, {grown} kB more"
    );
}
