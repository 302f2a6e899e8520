//! How a commit is cut into the keys and values that sled holds.
//!
//! A key is `organisation 16 · log 1 · first position 8 · part 2`; a value is the number of its frame
//! (8) and a run of records, each `length 4 · bytes`, together at most 4 KiB: sled puts larger ones
//! into files that it never syncs. A longer record stands alone, cut into parts.

use pipss_domain::stream::LogId;

use crate::chain;
use crate::frame::{Block, Frame, put_record};

/// The part of a key that names its log.
pub type Prefix = [u8; PREFIX];
/// The length of that part.
pub const PREFIX: usize = 17;

const VALUE_MAX: usize = 4096;
const NUMBER: usize = 8;

/// What sled holds of a frame.
pub fn entries(frame: &Frame) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let number = frame.number.to_be_bytes();
    let runs = frame
        .blocks
        .iter()
        .flat_map(|block| runs(block).map(|(first, records)| (block.log, first, records)));
    runs.flat_map(move |(log, first, records)| {
        let values = (0..).zip(values(number, records));
        values.map(move |(part, value)| (key(log, first, part), value))
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

/// What a value holds besides the number of its frame.
pub fn records(value: &[u8]) -> &[u8] {
    value.get(NUMBER..).unwrap_or_default()
}

/// Cuts a block into runs of whole records that fit into one value; a longer record is a run alone.
fn runs(block: &Block) -> impl Iterator<Item = (u64, &[Vec<u8>])> {
    let (mut first, mut rest) = (block.first, block.records.as_slice());
    std::iter::from_fn(move || {
        let mut length = NUMBER;
        let fits = rest.iter().take_while(|record| {
            length += 4 + record.len();
            length <= VALUE_MAX
        });
        let count = fits.count().max(1);
        let (run, after) = rest.split_at_checked(count)?;
        let begins = first;
        (first, rest) = (first + count as u64, after);
        Some((begins, run))
    })
}

/// One value, or the parts of one record that is longer.
fn values(number: [u8; NUMBER], records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let length: usize = records.iter().map(|record| 4 + record.len()).sum();
    let mut whole = Vec::with_capacity(NUMBER + length);
    whole.extend(number);
    records
        .iter()
        .for_each(|record| put_record(&mut whole, record));
    if whole.len() <= VALUE_MAX {
        return vec![whole];
    }
    whole[NUMBER..]
        .chunks(VALUE_MAX - NUMBER)
        .map(|part| [&number, part].concat())
        .collect()
}
