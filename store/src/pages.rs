//! A page of a log, read and decoded on every core, its facts in the order of their positions.

use std::ops::{Range, RangeInclusive};
use std::thread;

use pipss_domain::history::Fact;
use pipss_domain::stream::LogId;

use crate::frame::take_record;
use crate::store::{SledStore, lost};
use crate::{StoreError, codec};

/// Fewer blocks than this, of some eight facts each, are not worth a thread of their own.
const WORTH: usize = 64;

/// Reads the facts of a log at these positions, as far as it reaches.
///
/// # Errors
/// `Corrupt`, naming the first position that cannot be read; `Unavailable`.
pub fn read(
    store: &SledStore,
    log: LogId,
    wanted: &RangeInclusive<u64>,
) -> Result<Vec<Fact>, StoreError> {
    let blocks = blocks(store, log, wanted);
    let part = |blocks: &[Range<u64>], facts: &mut _| add(store, log, wanted, blocks, facts);
    let alone = |blocks: &[Range<u64>]| {
        let mut facts = Vec::with_capacity(count(wanted, blocks));
        part(blocks, &mut facts).map(|()| facts)
    };
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = match blocks.len() / WORTH {
        0 | 1 => 1,
        worth => worth.min(cores()),
    };
    if threads == 1 {
        return alone(&blocks);
    }
    thread::scope(|scope| {
        let mut shares = blocks.chunks(blocks.len().div_ceil(threads));
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || alone(share)))
            .collect();
        let mut facts = Vec::with_capacity(count(wanted, &blocks));
        let mine = part(own, &mut facts);
        let mut read = Ok(());
        for other in others {
            let more = other.join().expect("reading what was kept does not panic");
            // Of two that failed, the first is named.
            read = read.and(more.map(|mut more| facts.append(&mut more)));
        }
        mine.and(read).map(|()| facts)
    })
}

/// The blocks in which these positions stand.
fn blocks(store: &SledStore, log: LogId, wanted: &RangeInclusive<u64>) -> Vec<Range<u64>> {
    store.indexed(|index| {
        let Some(index) = index.get(&log) else {
            return Vec::new();
        };
        let end = index.head().position.min(*wanted.end());
        let mut at = *wanted.start();
        std::iter::from_fn(|| {
            let block = (at <= end).then(|| index.block(at))?;
            at = block.end;
            Some(block)
        })
        .collect()
    })
}

/// How many facts are wanted of these blocks, which follow one another.
fn count(wanted: &RangeInclusive<u64>, blocks: &[Range<u64>]) -> usize {
    let ends = blocks.first().zip(blocks.last());
    let most = ends.map_or(0, |(first, last)| {
        last.end.min(wanted.end().saturating_add(1)) - first.start.max(*wanted.start())
    });
    usize::try_from(most).unwrap_or(0)
}

/// Adds what is wanted of these blocks, one after another.
fn add(
    store: &SledStore,
    log: LogId,
    wanted: &RangeInclusive<u64>,
    blocks: &[Range<u64>],
    facts: &mut Vec<Fact>,
) -> Result<(), StoreError> {
    let mut packed = Vec::new();
    for block in blocks {
        store.block(log, block.start, &mut packed)?;
        let mut rest = packed.as_slice();
        for position in block.clone() {
            let record = take_record(&mut rest).ok_or_else(|| lost(log, position))?;
            if !wanted.contains(&position) {
                continue;
            }
            // A fact is large, and this is the path of millions: it is moved no more than it must be.
            let Some((fact, _)) = codec::decode(record) else {
                return Err(lost(log, position));
            };
            if fact.log != log || fact.position != position {
                return Err(lost(log, position));
            }
            facts.push(fact);
        }
    }
    Ok(())
}
