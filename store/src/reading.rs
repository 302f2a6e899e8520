//! The journal read at the start: one thread reads, one checks every record, and the caller takes in what holds.

use std::collections::HashMap;
use std::mem;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use pipss_domain::history::Fact;
use pipss_domain::stream::LogId;
use uuid::Uuid;

use crate::chain::{self, Link};
use crate::frame::{Block, Frame};
use crate::journal::{self, End};
use crate::values::starts;
use crate::{StoreError, codec};

/// Facts are handed on in batches of about this many.
const BATCH: usize = 1024;
/// So many batches may wait for whoever comes next: more would only take memory.
const AHEAD: usize = 2;

/// Facts that can be read, and that the chains of their logs hold.
pub struct Batch {
    /// The facts, in the order of the journal.
    pub facts: Vec<Fact>,
    /// The blocks that they stand in, in the same order.
    pub blocks: Vec<Held>,
    /// What is wrong with the record after the last of them.
    pub bad: Option<StoreError>,
}

/// A block of one log.
pub struct Held {
    /// The log.
    pub log: LogId,
    /// How many of the facts are its own.
    pub facts: usize,
    /// The chain after the last.
    pub chain: Link,
    /// The positions at which its values begin.
    pub starts: Vec<u64>,
}

/// Reads and checks a journal. `seen` is shown each frame and `note` each fact, in their order but ahead of
/// `take`, which decides whether to go on.
///
/// # Errors
/// The first that the order of the journal gives: of the journal itself, of a record, or what `take` says.
pub fn read(
    (dir, store): (&Path, Uuid),
    seen: &mut (dyn FnMut(&Frame) + Send),
    note: &(dyn Fn(&mut Fact) + Sync),
    take: &mut dyn FnMut(Batch) -> Result<(), StoreError>,
) -> Result<End, StoreError> {
    thread::scope(|scope| {
        let (frames_out, frames) = sync_channel(AHEAD);
        let (checked_out, checked) = sync_channel(AHEAD);
        let reader = scope.spawn(move || gather((dir, store), seen, &frames_out));
        scope.spawn(move || check_all(&frames, note, &checked_out));
        // Whoever stops here lets go of `checked`: the other two then find nobody to hand on to, and stop.
        for batch in checked {
            take(batch)?;
        }
        reader.join().expect("reading the journal does not panic")
    })
}

/// Says where a log holds something that it must not.
pub fn bad(log: LogId, position: u64, what: &str) -> StoreError {
    let (name, organisation) = (chain::name(log.log), log.organisation);
    let place = format!("position {position} of log {name} of organisation {organisation}");
    StoreError::Corrupt(format!("{place}: {what}"))
}

fn gather(
    (dir, store): (&Path, Uuid),
    seen: &mut (dyn FnMut(&Frame) + Send),
    out: &SyncSender<Vec<Frame>>,
) -> Result<End, StoreError> {
    let (mut batch, mut facts) = (Vec::new(), 0);
    let end = journal::read(dir, store, &mut |frame| {
        seen(&frame);
        let records = frame.blocks.iter().map(|block| block.records.len());
        facts += records.sum::<usize>();
        batch.push(frame);
        if facts >= BATCH {
            facts = 0;
            let stopped = |_| StoreError::Unavailable("nobody takes in what is read".into());
            out.send(mem::take(&mut batch)).map_err(stopped)?;
        }
        Ok(())
    });
    // Also before an error: what stands before a bad place may hold an earlier one.
    let _ = out.send(batch);
    end
}

fn check_all(
    frames: &Receiver<Vec<Frame>>,
    note: &(dyn Fn(&mut Fact) + Sync),
    out: &SyncSender<Batch>,
) {
    let mut chains = HashMap::new();
    for frames in frames {
        if out.send(check(&frames, &mut chains, note)).is_err() {
            return;
        }
    }
}

fn check(
    frames: &[Frame],
    chains: &mut HashMap<LogId, Link>,
    note: &(dyn Fn(&mut Fact) + Sync),
) -> Batch {
    let mut batch = Batch {
        facts: Vec::with_capacity(BATCH),
        blocks: Vec::new(),
        bad: None,
    };
    for block in frames.iter().flat_map(|frame| &frame.blocks) {
        let before = batch.facts.len();
        let start = || chain::start(block.log);
        let chain = chains.entry(block.log).or_insert_with(start);
        batch.bad = check_block(block, chain, note, &mut batch.facts).err();
        batch.blocks.push(Held {
            log: block.log,
            facts: batch.facts.len() - before,
            chain: block.chain,
            starts: starts(block).collect(),
        });
        if batch.bad.is_some() {
            break;
        }
    }
    batch
}

fn check_block(
    block: &Block,
    chain: &mut Link,
    note: &(dyn Fn(&mut Fact) + Sync),
    facts: &mut Vec<Fact>,
) -> Result<(), StoreError> {
    let mut last = block.first;
    for (position, record) in (block.first..).zip(&block.records) {
        *chain = chain::next(chain, record);
        let bad = |what| bad(block.log, position, what);
        // A fact is large: it is moved no more than it must be.
        let Some((mut fact, _)) = codec::decode(record) else {
            return Err(bad("it cannot be read"));
        };
        if fact.log != block.log || fact.position != position {
            return Err(bad("it belongs elsewhere"));
        }
        note(&mut fact);
        facts.push(fact);
        last = position;
    }
    match *chain == block.chain {
        true => Ok(()),
        false => Err(bad(block.log, last, "the chain does not hold here")),
    }
}
