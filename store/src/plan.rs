//! What a group of appends makes of one log, worked out before anything is written.

use chrono::{DateTime, Utc};
use pipss_domain::ids::CommandId;
use pipss_domain::stream::{LogId, Stream};

use crate::StoreError;
use crate::chain::{self, Link};
use crate::codec::kept;
use crate::committer::{Answer, Job};
use crate::frame::Block;
use crate::index::{ById, Index, LOG_MAX, LogIndex};

/// A log as it will stand after the jobs of a group that were taken.
pub struct Plan {
    first: u64,
    position: u64,
    chain: Link,
    recorded_at: DateTime<Utc>,
    versions: ById<Stream, u64>,
    commands: ById<CommandId, ()>,
    records: Vec<Vec<u8>>,
}

impl Plan {
    /// A log before the first of them.
    pub fn of(log: LogId, index: &Index) -> Self {
        let new = LogIndex::new(log);
        let known = index.get(&log).unwrap_or(&new);
        let head = known.head();
        Self {
            first: head.position + 1,
            position: head.position,
            chain: head.chain,
            recorded_at: known.recorded_at(),
            versions: ById::default(),
            commands: ById::default(),
            records: Vec::new(),
        }
    }

    /// Numbers the facts of a job and adds them.
    pub fn take(&mut self, mut job: Job) -> Job {
        self.commands.insert(job.command, ());
        self.recorded_at = self.recorded_at.max(kept(job.now));
        for (fact, draft) in &mut job.facts {
            self.position += 1;
            fact.position = self.position;
            fact.recorded_at = self.recorded_at;
            let record = draft.line(self.position, self.recorded_at);
            self.chain = chain::next(&self.chain, &record);
            self.versions.insert(fact.stream, fact.version);
            self.records.push(record);
        }
        job
    }

    /// What they add to the log, if anything.
    pub fn block(self, log: LogId) -> Option<Block> {
        (!self.records.is_empty()).then_some(Block {
            log,
            first: self.first,
            chain: self.chain,
            records: self.records,
        })
    }
}

/// Why a job is not to be written, if it is not: because of what is on the disk, or of the plan.
pub fn check(job: &Job, index: Option<&LogIndex>, plan: Option<&Plan>) -> Option<Answer> {
    let kept = index.is_some_and(|log| log.command(job.command).is_some());
    if kept || plan.is_some_and(|plan| plan.commands.contains_key(&job.command)) {
        return Some(Ok(None));
    }
    for (stream, expected) in &job.expected {
        let planned = plan.and_then(|plan| plan.versions.get(stream).copied());
        let actual = planned.unwrap_or_else(|| index.map_or(0, |log| log.version(stream)));
        if actual != *expected {
            return Some(Err(StoreError::Conflict {
                stream: *stream,
                expected: *expected,
                actual,
            }));
        }
    }
    let position = plan.map_or(0, |plan| plan.position);
    (position + job.facts.len() as u64 > LOG_MAX).then_some(Err(StoreError::TooLarge))
}
