//! Naming the first bad position, where the journal no longer says which fact should stand there.

use std::collections::HashMap;
use std::path::Path;

use pipss_domain::stream::LogId;

use super::facts::Facts;
use super::report::{Bad, Kind, Place};
use super::walk::{Break, Walked, scan};
use crate::StoreError;
use crate::checkpoint::LogHead;
use crate::frame::Block;
use crate::segment::path;

/// What stands after the place where the walk broke off.
#[derive(Default)]
struct After {
    /// The first position that each log has there, in the order in which they appear.
    firsts: Vec<(LogId, u64)>,
    /// The last position that each log has there.
    lasts: HashMap<LogId, u64>,
    /// What the commit that should have come next holds, if it stands elsewhere.
    next: Option<(LogId, u64)>,
    /// What the first whole commit there holds, and where it stands.
    first: Option<(Place, LogId, u64)>,
}

/// What is wrong where the walk broke off, and the first position that it concerns.
///
/// # Errors
/// `Unavailable`, when the journal cannot be read.
pub fn name(
    dir: &Path,
    (walked, why): (&Walked, Break),
    facts: &Facts,
    signed: &[LogHead],
) -> Result<Bad, StoreError> {
    let after = after(dir, walked)?;
    let missing = || {
        let lacks = |(log, first): &&(LogId, u64)| *first > facts.position(*log) + 1;
        let seen = after.firsts.iter().find(lacks).map(|(log, _)| *log);
        let seen = seen.map(|log| (log, facts.position(log) + 1));
        let reached = |log| {
            let there = after.lasts.get(&log).copied().unwrap_or(0);
            there.max(facts.position(log))
        };
        let further = |head: &&LogHead| head.position > reached(head.id());
        let cut = || signed.iter().find(further).map(LogHead::id);
        seen.or_else(|| cut().map(|log| (log, reached(log) + 1)))
    };
    let expected = walked.number + 1;
    let torn = || torn(dir, walked.end, facts);
    let here = || after.first.map(|(_, log, first)| (log, first));
    let (kind, what, at) = match why {
        Break::Missing => (Kind::Order, "this segment is missing".into(), missing()),
        Break::Header => {
            let what = "this segment does not begin as one of this store".into();
            (Kind::Damaged, what, torn().or_else(missing).or_else(here))
        }
        Break::Bytes => {
            let what = format!("commit {expected} is damaged or missing, and others follow it");
            (Kind::Damaged, what, torn().or_else(missing).or_else(here))
        }
        Break::Number(found) if found < expected => {
            let what =
                format!("commit {found} stands here again, or something was put in before it");
            (Kind::Order, what, here())
        }
        Break::Number(found) => {
            let what = match after.next {
                Some(_) => format!("commit {found} stands where commit {expected} should"),
                None => format!("commit {expected} is missing: commit {found} follows"),
            };
            (Kind::Order, what, after.next.or_else(missing).or_else(here))
        }
        Break::Keys => {
            let what = "this commit knows of fewer keys than the one before it".into();
            (Kind::Order, what, here())
        }
    };
    let bad = Bad::new(kind, what).at(walked.end);
    Ok(match at {
        Some((log, position)) => bad.of(log, position),
        None => bad,
    })
}

/// The end of the log, up to commit `last`, that the mark beside the journal knows and the journal lacks.
pub fn lost_end(dir: &Path, last: u64, walked: &Walked, facts: &Facts) -> Bad {
    let what = format!(
        "commit {last} was acknowledged, and the journal ends with commit {}: its end is damaged or was cut off",
        walked.number
    );
    let bad = Bad::new(Kind::CutOff, what).at(walked.end);
    match torn(dir, walked.end, facts) {
        Some((log, position)) => bad.of(log, position),
        None => bad,
    }
}

/// Where a position stands, and the commit it stands in.
///
/// # Errors
/// `Unavailable`, when the journal cannot be read.
pub fn of(dir: &Path, log: LogId, position: u64) -> Result<Option<Place>, StoreError> {
    let mut found = None;
    let begin = Place {
        segment: 1,
        byte: 0,
    };
    scan(dir, begin, &mut |placed| {
        let holds = |block: &Block| {
            let end = block.first + block.records.len() as u64;
            block.log == log && (block.first..end).contains(&position)
        };
        if placed.frame.blocks.iter().any(holds) {
            found = Some(placed.place);
        }
        found.is_none()
    })?;
    Ok(found)
}

fn after(dir: &Path, walked: &Walked) -> Result<After, StoreError> {
    let mut after = After::default();
    scan(dir, walked.end, &mut |placed| {
        for block in &placed.frame.blocks {
            let last = block.first + block.records.len() as u64 - 1;
            if after.lasts.insert(block.log, last).is_none() {
                after.firsts.push((block.log, block.first));
            }
        }
        if let Some(block) = placed.frame.blocks.first() {
            let this = (block.log, block.first);
            if placed.frame.number == walked.number + 1 && after.next.is_none() {
                after.next = Some(this);
            }
            let (log, first) = this;
            after.first.get_or_insert((placed.place, log, first));
        }
        true
    })?;
    Ok(after)
}

/// What a commit whose checksum does not fit says of itself, if that can be true.
fn torn(dir: &Path, place: Place, facts: &Facts) -> Option<(LogId, u64)> {
    let bytes = std::fs::read(path(dir, place.segment)).ok()?;
    let (log, first) = Block::begins(bytes.get(place.byte..)?)?;
    (first == facts.position(log) + 1).then_some((log, first))
}
