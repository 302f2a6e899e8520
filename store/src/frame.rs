//! A frame: what one commit writes to the journal, with one checksum over all of it.
//!
//! `magic 4 · length 4 · number 8 · keys 8 · reserved 4 · crc 4`, then for each log it touches
//! `organisation 16 · log 1 · first position 8 · count 4 · length 4 · chain after 32` and its records,
//! each `length 4 · bytes`. Integers are big-endian; the checksum covers all but itself.

use pipss_domain::ids::OrganisationId;
use pipss_domain::stream::{Log, LogId};

use crate::chain::{self, Link};

/// The length of a frame's header.
pub const HEADER: usize = 32;
/// The length of what stands before the records of one log.
pub const BLOCK_HEADER: usize = 65;
/// The most one frame may hold after its header.
pub const PAYLOAD_MAX: usize = 1 << 20;
/// Frames start at multiples of this, which keeps the search for later frames short.
pub const ALIGN: usize = 8;

const MAGIC: [u8; 4] = [0xF7, b'P', b'J', 0x01];

/// The records that one commit adds to one log.
#[derive(Debug, PartialEq)]
pub struct Block {
    /// The log.
    pub log: LogId,
    /// The position of the first record.
    pub first: u64,
    /// The chain after the last record.
    pub chain: Link,
    /// The records, in the order of their positions.
    pub records: Vec<Vec<u8>>,
}

/// One commit.
#[derive(Debug, PartialEq)]
pub struct Frame {
    /// 1, 2, 3 … without gaps through all segments.
    pub number: u64,
    /// How many keys the key file held when it was written: fewer later means that keys were lost.
    pub keys: u64,
    /// What it adds, one block a log.
    pub blocks: Vec<Block>,
}

impl Frame {
    /// Puts its bytes into `out`, in place of what was there, filled up to [`ALIGN`].
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.clear();
        out.resize(HEADER, 0);
        self.blocks.iter().for_each(|block| block.encode(out));
        let length = u32::try_from(out.len() - HEADER).expect("a group is bounded far below 4 GiB");
        out[..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&length.to_be_bytes());
        out[8..16].copy_from_slice(&self.number.to_be_bytes());
        out[16..24].copy_from_slice(&self.keys.to_be_bytes());
        let crc = checksum(out);
        out[28..32].copy_from_slice(&crc.to_be_bytes());
        out.resize(out.len().next_multiple_of(ALIGN), 0);
    }

    /// How many bytes [`Frame::encode`] gives.
    pub fn length(&self) -> usize {
        let blocks = self
            .blocks
            .iter()
            .map(|block| BLOCK_HEADER + block.length());
        (HEADER + blocks.sum::<usize>()).next_multiple_of(ALIGN)
    }

    /// Reads the frame at the start of `bytes`, and how many bytes it takes with its filling.
    /// `None` if there is no whole and undamaged one, as [`Frame::encode`] writes it to the last bit.
    pub fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let length = length_at(bytes)?;
        let whole = bytes.get(..HEADER + length)?;
        if u32::from_be_bytes(whole[28..32].try_into().ok()?) != checksum(whole) {
            return None;
        }
        let padded = (HEADER + length).next_multiple_of(ALIGN);
        let filling = bytes.iter().take(padded).skip(HEADER + length);
        if whole[24..28] != [0; 4] || filling.copied().any(|byte| byte != 0) {
            return None;
        }
        let mut rest = &whole[HEADER..];
        let mut blocks = Vec::new();
        while !rest.is_empty() {
            blocks.push(Block::decode(&mut rest)?);
        }
        let frame = Self {
            number: u64::from_be_bytes(whole[8..16].try_into().ok()?),
            keys: u64::from_be_bytes(whole[16..24].try_into().ok()?),
            blocks,
        };
        Some((frame, padded))
    }

    /// Is there a whole and undamaged frame anywhere in `bytes`? They begin at a multiple of [`ALIGN`].
    pub fn any_in(bytes: &[u8]) -> bool {
        (0..bytes.len())
            .step_by(ALIGN)
            .any(|at| bytes[at..].starts_with(&MAGIC) && Self::decode(&bytes[at..]).is_some())
    }
}

/// The length of the payload, if a header stands here that could be ours.
fn length_at(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..HEADER)?;
    let length = u32::from_be_bytes(header[4..8].try_into().ok()?) as usize;
    (header.starts_with(&MAGIC) && length <= PAYLOAD_MAX).then_some(length)
}

fn checksum(whole: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&whole[..28]);
    hasher.update(&whole[HEADER..]);
    hasher.finalize()
}

impl Block {
    /// What the first block of a frame says of itself, though its checksum may not fit: for naming a damaged
    /// place, never for believing it.
    pub fn begins(frame: &[u8]) -> Option<(LogId, u64)> {
        let mut rest = frame.get(HEADER..)?;
        let organisation = OrganisationId::new(uuid::Uuid::from_bytes(*take(&mut rest)?));
        let [code] = *take::<1>(&mut rest)?;
        let log = *Log::ALL.get(usize::from(code))?;
        let first = u64::from_be_bytes(*take(&mut rest)?);
        Some((LogId { organisation, log }, first))
    }

    fn length(&self) -> usize {
        self.records.iter().map(|record| 4 + record.len()).sum()
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.log.organisation.uuid().as_bytes());
        out.push(chain::code(self.log.log));
        out.extend(self.first.to_be_bytes());
        out.extend(as_u32(self.records.len()).to_be_bytes());
        out.extend(as_u32(self.length()).to_be_bytes());
        out.extend(self.chain);
        self.records
            .iter()
            .for_each(|record| put_record(out, record));
    }

    fn decode(rest: &mut &[u8]) -> Option<Self> {
        let organisation = OrganisationId::new(uuid::Uuid::from_bytes(*take(rest)?));
        let [code] = *take::<1>(rest)?;
        let log = *Log::ALL.get(usize::from(code))?;
        let first = u64::from_be_bytes(*take(rest)?);
        let count = u32::from_be_bytes(*take(rest)?) as usize;
        let length = u32::from_be_bytes(*take(rest)?) as usize;
        let chain = *take(rest)?;
        let (mut packed, after) = rest.split_at_checked(length)?;
        *rest = after;
        let mut records = Vec::new();
        while !packed.is_empty() {
            records.push(take_record(&mut packed)?.to_vec());
        }
        let log = LogId { organisation, log };
        (records.len() == count && count > 0).then_some(Self {
            log,
            first,
            chain,
            records,
        })
    }
}

/// Adds one `length · bytes`.
pub fn put_record(out: &mut Vec<u8>, record: &[u8]) {
    out.extend(as_u32(record.len()).to_be_bytes());
    out.extend(record);
}

/// Takes one `length · bytes` from the front.
pub fn take_record<'a>(packed: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(*take(packed)?) as usize;
    let (record, after) = packed.split_at_checked(length)?;
    *packed = after;
    Some(record)
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(head)
}

fn as_u32(length: usize) -> u32 {
    u32::try_from(length).expect("a group is bounded far below 4 GiB")
}
