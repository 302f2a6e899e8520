//! The start: everything is read from the journal, checked, and the reading copy brought in line.

use std::fs;

use crate::folder;
use crate::frame::Frame;
use crate::index::Index;
use crate::journal::{self, End};
use crate::known::Known;
use crate::progress::{Progress, Stage};
use crate::reading::{self, Batch};
use crate::sled::{Checker, Doubt, Follower};
use crate::store::{Follow, Shared};
use crate::{StoreError, index::LogIndex};

/// With less space than this, in bytes, a reading copy that fails has failed for want of it.
const SPACE_MIN: u64 = 1 << 20;

/// Reads the journal into the index and the views, and mends sled where it differs.
///
/// # Errors
/// `Corrupt`, naming the first bad place; `Refused` for a newer format; `Full`; `Unavailable`.
pub fn replay(
    shared: &mut Shared,
    follow: &mut Follow,
    progress: &Progress,
) -> Result<End, StoreError> {
    let mut sled = Comparison::of(&shared.sled);
    let mut known = Known::of(&shared.folder);
    let (dir, store) = (shared.folder.path("journal"), shared.folder.store());
    let mut meter = progress.begin(Stage::Reading, folder::bytes_in(&dir));
    let (found, vault) = (&shared.found, &shared.vault);
    let index = shared
        .index
        .get_mut()
        .expect("nobody else has it while the store opens");
    let end = reading::read(
        (&dir, store),
        &mut |frame| {
            meter.add(frame.length());
            sled.compare(frame);
            known.compare(frame);
        },
        &|fact| found.note(fact, vault),
        &mut |batch| take_in(index, &batch, follow),
    )?;
    meter.end();
    if sled.last > end.number {
        let place = end.place();
        let what = format!("{place}: the reading copy holds facts that are not there");
        return Err(StoreError::Corrupt(what));
    }
    known.finish(&end)?;
    shared.vault.settle(end.keys)?;
    if end.torn {
        tracing::warn!("{}: an unfinished commit was cleared", end.place());
    }
    mend(shared, sled.finish(), &end, progress)?;
    Ok(end)
}

/// Brings sled in line with the journal: from the first frame it lacks if it is sound, else from the
/// beginning.
fn mend(
    shared: &Shared,
    lacks_from: Result<u64, Doubt>,
    end: &End,
    progress: &Progress,
) -> Result<(), StoreError> {
    let failed = |doubt| match folder::free_bytes(&shared.folder.path("journal")) {
        Ok(0..SPACE_MIN) => StoreError::Full,
        _ => StoreError::Unavailable(format!("the reading copy failed: {doubt}")),
    };
    // The usual start: it lacks nothing, and the journal is not read a second time.
    let caught_up = |from| match from {
        from if from > end.number => Ok(()),
        from => catch_up(shared, from, progress),
    };
    if let Err(doubt) = lacks_from.and_then(caught_up) {
        tracing::warn!(
            "the reading copy (sled) is set aside and rebuilt from the journal: {doubt}"
        );
        make_way(shared);
        shared.sled.set_aside().map_err(failed)?;
        catch_up(shared, 1, progress).map_err(failed)?;
        tracing::warn!("the reading copy (sled) was rebuilt from the journal");
    }
    // From here on a damaged last frame is told from a torn one, because sled has its records.
    shared.sled.checkpoint().map_err(failed)?;
    shared.sled.caught_up();
    Ok(())
}

/// Takes sled away altogether where the disk has no room for a new one beside it: nothing in it is not
/// in the journal as well.
fn make_way(shared: &Shared) {
    let free = folder::free_bytes(&shared.folder.path("journal"));
    if free.is_ok_and(|free| free < 2 * shared.sled.bytes()) {
        tracing::warn!("there is no room to keep it aside: it is taken away");
        if let Err(error) = fs::remove_dir_all(shared.folder.path("sled")) {
            tracing::warn!("it could not be taken away: {error}");
        }
    }
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
        let end = read.map_err(|error| error.to_string())?;
        Ok((sled.finish()?, end))
    });
    let (sound, end) = match sound {
        Ok((from, end)) => (Ok(from), end),
        Err(doubt) => (Err(doubt), End::default()),
    };
    mend(shared, sound, &end, &Progress::default())
}

/// Reads from the journal what sled should give and does not, so that reading goes on until it is mended.
///
/// # Errors
/// A doubt, when the journal cannot be read either.
pub fn fill_in(shared: &Shared) -> Result<(), Doubt> {
    let _between_two_commits = shared.hold_writing();
    let (dir, store) = (shared.folder.path("journal"), shared.folder.store());
    let read = journal::read(&dir, store, &mut |frame| {
        shared.sled.fill_in(&frame);
        Ok(())
    });
    read.map(drop).map_err(|error| error.to_string())
}

/// Applies every frame from a number on.
fn catch_up(shared: &Shared, from: u64, progress: &Progress) -> Result<(), Doubt> {
    let (dir, store) = (shared.folder.path("journal"), shared.folder.store());
    let mut meter = progress.begin(Stage::Rebuilding, folder::bytes_in(&dir));
    let read = journal::read(&dir, store, &mut |frame| {
        meter.add(frame.length());
        if frame.number < from {
            return Ok(());
        }
        shared.sled.apply(&frame).map_err(StoreError::Unavailable)
    });
    meter.end();
    read.map(drop).map_err(|error| match error {
        StoreError::Unavailable(doubt) => doubt,
        other => other.to_string(),
    })
}

/// Checks facts against all that came before them, and takes them in.
fn take_in(index: &mut Index, batch: &Batch, follow: &mut Follow) -> Result<(), StoreError> {
    let mut rest = batch.facts.as_slice();
    for block in &batch.blocks {
        let log = index
            .entry(block.log)
            .or_insert_with(|| LogIndex::new(block.log));
        let (facts, after) = rest.split_at(block.facts);
        rest = after;
        for fact in facts {
            let bad = |what: String| reading::bad(block.log, fact.position, &what);
            log.add(fact).map_err(bad)?;
        }
        log.close_block(block.chain, block.starts.iter().copied());
    }
    if let Some(bad) = &batch.bad {
        return Err(bad.clone());
    }
    follow(&batch.facts);
    Ok(())
}

/// What comparing sled with the journal has found so far.
pub struct Comparison {
    /// The last frame of which sled holds anything.
    pub last: u64,
    /// The first frame of which sled lacks something, as far as was compared.
    lacks_from: Result<u64, Doubt>,
    checker: Option<Checker>,
}

impl Comparison {
    /// Begins.
    pub fn of(sled: &Follower) -> Self {
        let opened = sled
            .last_frame()
            .and_then(|last| Ok((last, sled.checker()?)));
        match opened {
            Ok((last, checker)) => Self {
                last,
                lacks_from: Ok(1),
                checker: Some(checker),
            },
            Err(doubt) => Self {
                last: 0,
                lacks_from: Err(doubt),
                checker: None,
            },
        }
    }

    /// Could it be opened at all?
    pub fn is_open(&self) -> bool {
        self.checker.is_some()
    }

    /// Compares the next frame.
    pub fn compare(&mut self, frame: &Frame) {
        let Some(checker) = &mut self.checker else {
            return;
        };
        if self.lacks_from != Ok(frame.number) || frame.number > self.last {
            return;
        }
        match checker.holds(frame) {
            Ok(true) => self.lacks_from = Ok(frame.number + 1),
            // A crash may have left a part of the last one; the others must be whole.
            Ok(false) if frame.number == self.last => {}
            Ok(false) => self.lacks_from = Err(format!("frame {} is not all there", frame.number)),
            Err(doubt) => self.lacks_from = Err(doubt),
        }
    }

    /// The first frame of which it lacks something.
    ///
    /// # Errors
    /// A doubt, when it holds anything else than the journal.
    pub fn finish(self) -> Result<u64, Doubt> {
        let from = self.lacks_from?;
        self.checker.map_or(Ok(()), Checker::finish)?;
        Ok(from)
    }
}
