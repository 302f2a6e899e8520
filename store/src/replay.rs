//! The start: everything is read from the journal, checked, and the reading copy brought in line.

use pipss_domain::history::Fact;

use crate::chain;
use crate::codec;
use crate::frame::{Block, Frame};
use crate::journal::{self, End};
use crate::sled::{Doubt, Follower, starts};
use crate::store::{Follow, Shared};
use crate::{StoreError, index::LogIndex};

/// Facts are handed on in batches of about this many.
const BATCH: usize = 1024;
/// Frames are applied to sled in batches of about this many bytes.
const APPLY_BYTES: usize = 1 << 20;

/// Reads the journal into the index and the views, and mends sled where it differs.
///
/// # Errors
/// `Corrupt`, naming the first bad place; `Refused` for a newer format; `Full`; `Unavailable`.
pub fn replay(shared: &mut Shared, follow: &mut Follow) -> Result<End, StoreError> {
    let mut sled = Comparison::of(&shared.sled);
    let mut facts = Vec::with_capacity(BATCH);
    let (dir, store) = (shared.folder.path("journal"), shared.folder.store());
    let end = journal::read(&dir, store, &mut |frame| {
        sled.compare(&frame);
        for block in &frame.blocks {
            take_in(shared, block, &mut facts)?;
        }
        if facts.len() >= BATCH {
            follow(&facts);
            facts.clear();
        }
        Ok(())
    })?;
    follow(&facts);
    if sled.applied > end.number {
        let place = end.place();
        let what = format!("{place}: the reading copy holds facts that are not there");
        return Err(StoreError::Corrupt(what));
    }
    shared.vault.settle(end.keys)?;
    if end.torn {
        tracing::warn!("{}: an unfinished commit was cleared", end.place());
    }
    let finished = sled.finish();
    mend(shared, finished)?;
    Ok(end)
}

/// Brings sled in line with the journal: by what it lacks if it is sound, else from the beginning.
///
/// # Errors
/// `Unavailable`, when it cannot be mended now.
pub fn mend(shared: &Shared, sound: Result<(), Doubt>) -> Result<(), StoreError> {
    let failed = |doubt| StoreError::Unavailable(format!("the reading copy failed: {doubt}"));
    let sound = sound.and_then(|()| catch_up(shared));
    if let Err(doubt) = sound {
        tracing::warn!(
            "the reading copy (sled) is set aside and rebuilt from the journal: {doubt}"
        );
        shared.sled.set_aside().map_err(failed)?;
        catch_up(shared).map_err(failed)?;
        shared.sled.checkpoint().map_err(failed)?;
        tracing::warn!("the reading copy (sled) was rebuilt from the journal");
    }
    shared.sled.caught_up();
    Ok(())
}

/// Opens sled again after it failed, compares it, and brings it in line.
///
/// # Errors
/// `Unavailable`, when it cannot be mended now.
pub fn reopen(shared: &Shared) -> Result<(), StoreError> {
    let sound = shared.sled.reopen().and_then(|()| {
        let mut sled = Comparison::of(&shared.sled);
        let (dir, store) = (shared.folder.path("journal"), shared.folder.store());
        let read = journal::read(&dir, store, &mut |frame| {
            sled.compare(&frame);
            Ok(())
        });
        read.map_err(|error| error.to_string())?;
        sled.finish()
    });
    mend(shared, sound)
}

/// Applies every frame that sled lacks.
fn catch_up(shared: &Shared) -> Result<(), Doubt> {
    let applied = shared.sled.applied()?;
    let (mut waiting, mut bytes) = (Vec::new(), 0);
    let (dir, store) = (shared.folder.path("journal"), shared.folder.store());
    let failed = |doubt| StoreError::Unavailable(doubt);
    let end = journal::read(&dir, store, &mut |frame| {
        if frame.number <= applied {
            return Ok(());
        }
        bytes += frame
            .blocks
            .iter()
            .flat_map(|b| &b.records)
            .map(Vec::len)
            .sum::<usize>();
        waiting.push(frame);
        if bytes >= APPLY_BYTES {
            shared.sled.apply(&waiting).map_err(failed)?;
            waiting.clear();
            bytes = 0;
        }
        Ok(())
    });
    end.map_err(|error| error.to_string())?;
    shared.sled.apply(&waiting)
}

/// Checks one block against all that came before it and takes it in.
fn take_in(shared: &mut Shared, block: &Block, facts: &mut Vec<Fact>) -> Result<(), StoreError> {
    let index = shared
        .index
        .get_mut()
        .expect("nobody else has it while the store opens");
    let log = index
        .entry(block.log)
        .or_insert_with(|| LogIndex::new(block.log));
    let mut chain = log.head().chain;
    for (position, record) in (block.first..).zip(&block.records) {
        let bad = |what: &str| {
            let name = chain::name(block.log.log);
            let organisation = block.log.organisation;
            let place = format!("position {position} of log {name} of organisation {organisation}");
            StoreError::Corrupt(format!("{place}: {what}"))
        };
        chain = chain::next(&chain, record);
        let (mut fact, _) = codec::decode(record).ok_or_else(|| bad("it cannot be read"))?;
        if fact.log != block.log || fact.position != position {
            return Err(bad("it belongs elsewhere"));
        }
        log.add(&fact).map_err(|what| bad(&what))?;
        shared.found.note(&mut fact, &shared.vault);
        facts.push(fact);
        let last = block.first + block.records.len() as u64 - 1;
        if position == last && chain != block.chain {
            return Err(bad("the chain does not hold here"));
        }
    }
    log.close_block(block.chain, starts(block));
    Ok(())
}

/// What comparing sled with the journal has found so far.
struct Comparison {
    applied: u64,
    state: Result<crate::sled::Checker, Doubt>,
}

impl Comparison {
    fn of(sled: &Follower) -> Self {
        let applied = sled.applied();
        Self {
            applied: *applied.as_ref().unwrap_or(&0),
            state: applied.map(|_| sled.checker()),
        }
    }

    fn compare(&mut self, frame: &Frame) {
        if frame.number > self.applied {
            return;
        }
        if let Ok(checker) = &mut self.state
            && let Err(doubt) = checker.check(frame)
        {
            self.state = Err(doubt);
        }
    }

    fn finish(self) -> Result<(), Doubt> {
        self.state.and_then(crate::sled::Checker::finish)
    }
}
