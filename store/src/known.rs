//! What is known, beside the journal, to have been durable: a log that lacks it is not opened as if nothing
//! were missing.
//!
//! Two things know: the mark of the last commit, and the newest checkpoint that this folder signed. Both are
//! written after what they speak of was durable. What an earlier incarnation signed counts for nothing here: a
//! folder that was restored may well lack it.

use std::collections::HashMap;

use pipss_domain::stream::LogId;

use crate::chain;
use crate::checkpoint::{keep, list};
use crate::folder::Folder;
use crate::frame::Frame;
use crate::journal::End;
use crate::mark;
use crate::{StoreError, hex};

/// What must be found in the journal.
pub struct Known {
    /// The last commit, as the mark says.
    marked: Option<u64>,
    /// The number of the newest checkpoint.
    checkpoint: u64,
    /// How far it says that each log reached.
    signed: HashMap<LogId, Signed>,
}

struct Signed {
    position: u64,
    chain: String,
    /// Does the log say the same there? `None` until it reaches so far.
    same: Option<bool>,
}

impl Known {
    /// Reads what a folder knows of itself.
    pub fn of(folder: &Folder) -> Self {
        let id = (folder.store(), folder.incarnation());
        let newest = keep::newest(&folder.path(list::NAME), id).map(|newest| newest.checkpoint);
        let marked = mark::read(&folder.path(mark::NAME), id.1);
        let (checkpoint, heads) = newest.map_or((0, Vec::new()), |c| (c.number, c.logs));
        let signed = heads.into_iter().map(|head| {
            let (position, log) = (head.position, head.id());
            let (chain, same) = (head.chain, None);
            (
                log,
                Signed {
                    position,
                    chain,
                    same,
                },
            )
        });
        Self {
            marked,
            checkpoint,
            signed: signed.collect(),
        }
    }

    /// Compares the next commit. A checkpoint is made between two of them: it speaks of the end of one.
    pub fn compare(&mut self, frame: &Frame) {
        for block in &frame.blocks {
            let Some(signed) = self.signed.get_mut(&block.log) else {
                continue;
            };
            let last = block.first + block.records.len() as u64 - 1;
            if (block.first..=last).contains(&signed.position) {
                let same = last == signed.position && hex::of(&block.chain) == signed.chain;
                signed.same = Some(same);
            }
        }
    }

    /// Was everything there, up to the end of the journal?
    ///
    /// # Errors
    /// `Corrupt`, naming what is missing or different, and where.
    pub fn finish(&self, end: &End) -> Result<(), StoreError> {
        if let Some(last) = self.marked.filter(|marked| *marked > end.number) {
            let first = end.number + 1;
            let lost = match last {
                last if last == first => format!("commit {first} was acknowledged and is"),
                last => format!("commits {first} to {last} were acknowledged and are"),
            };
            return Err(lost_end(&format!(
                "{}: {lost} not there any more",
                end.place()
            )));
        }
        let mut signed: Vec<_> = self.signed.iter().collect();
        signed.sort_by_key(|(log, _)| **log);
        for (log, signed) in signed {
            let (name, organisation) = (chain::name(log.log), log.organisation);
            let (position, number) = (signed.position, self.checkpoint);
            let of_log = format!("log {name} of organisation {organisation}");
            match signed.same {
                Some(true) => {}
                Some(false) => {
                    return Err(lost_end(&format!(
                        "position {position} of {of_log} is not what checkpoint {number} of this folder signed"
                    )));
                }
                None => {
                    return Err(lost_end(&format!(
                        "checkpoint {number} of this folder signed {position} facts of {of_log}, and not all of \
                         them are there any more"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn lost_end(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} (`pipss verify` says more)"))
}
