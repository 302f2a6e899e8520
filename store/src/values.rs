//! How a commit is cut into the keys and values that sled holds.
//!
//! A key is `organisation 16 · log 1 · first position 8 · part 2`; a value is the number of its frame
//! (8), a form (1) and a run of records, each `length 4 · bytes`, together at most 4 KiB: sled puts larger
//! ones into files that it never syncs. A longer record stands alone, cut into parts. Form 1 is packed with
//! LZ4, form 0 as it is, because that is shorter.

use lz4_flex::block::{compress, decompress_into};
use pipss_domain::stream::LogId;

use crate::chain;
use crate::frame::{Block, Frame, put_record};

/// The part of a key that names its log.
pub type Prefix = [u8; PREFIX];
/// The length of that part.
pub const PREFIX: usize = 17;

const VALUE_MAX: usize = 4096;
const NUMBER: usize = 8;
const HEAD: usize = NUMBER + 1;
/// The most bytes of records in one value, before they are packed.
const PLAIN_MAX: usize = VALUE_MAX - HEAD;

/// What sled holds of a frame: keys, and what stands in their values before it is packed.
pub fn entries(frame: &Frame) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let runs = frame
        .blocks
        .iter()
        .flat_map(|block| runs(block).map(|(first, records)| (block.log, first, records)));
    runs.flat_map(move |(log, first, records)| {
        let parts = (0..).zip(parts(records));
        parts.map(move |(part, value)| (key(log, first, part), value))
    })
}

/// The positions at which the values of a block begin.
pub fn starts(block: &Block) -> impl Iterator<Item = u64> {
    runs(block).map(|(first, _)| first)
}

/// The key of a part of the run that begins at a position.
pub fn key(log: LogId, first: u64, part: u16) -> Vec<u8> {
    let mut key = Vec::with_capacity(PREFIX + 10);
    key.extend(log.organisation.uuid().as_bytes());
    key.push(chain::code(log.log));
    key.extend(first.to_be_bytes());
    key.extend(part.to_be_bytes());
    key
}

/// A value as sled keeps it.
pub fn packed(number: u64, plain: &[u8]) -> Vec<u8> {
    let small = compress(plain);
    let (form, bytes) = if small.len() < plain.len() {
        (1, small.as_slice())
    } else {
        (0, plain)
    };
    let mut value = Vec::with_capacity(HEAD + bytes.len());
    value.extend(number.to_be_bytes());
    value.push(form);
    value.extend(bytes);
    value
}

/// What stands in a value, after `out`. `None` if it is not one of ours.
pub fn unpack(value: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let (form, bytes) = value.get(NUMBER..)?.split_first()?;
    let before = out.len();
    match form {
        0 => out.extend_from_slice(bytes),
        1 => {
            out.resize(before + PLAIN_MAX, 0);
            let length = decompress_into(bytes, &mut out[before..]).ok()?;
            out.truncate(before + length);
        }
        _ => return None,
    }
    Some(())
}

/// Is this what [`packed`] gives for that frame and these records? However it was packed.
pub fn holds(value: &[u8], number: u64, plain: &[u8]) -> bool {
    let mut held = Vec::with_capacity(PLAIN_MAX);
    value.starts_with(&number.to_be_bytes()) && unpack(value, &mut held).is_some() && held == plain
}

/// Cuts a block into runs of whole records that fit into one value; a longer record is a run alone.
fn runs(block: &Block) -> impl Iterator<Item = (u64, &[Vec<u8>])> {
    let (mut first, mut rest) = (block.first, block.records.as_slice());
    std::iter::from_fn(move || {
        let mut length = 0;
        let fits = rest.iter().take_while(|record| {
            length += 4 + record.len();
            length <= PLAIN_MAX
        });
        let count = fits.count().max(1);
        let (run, after) = rest.split_at_checked(count)?;
        let begins = first;
        (first, rest) = (first + count as u64, after);
        Some((begins, run))
    })
}

/// The records of one value, or the parts of one record that is longer.
fn parts(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let length: usize = records.iter().map(|record| 4 + record.len()).sum();
    let mut whole = Vec::with_capacity(length);
    records
        .iter()
        .for_each(|record| put_record(&mut whole, record));
    if whole.len() <= PLAIN_MAX {
        return vec![whole];
    }
    whole.chunks(PLAIN_MAX).map(<[u8]>::to_vec).collect()
}
