//! The committer: one thread through which every append goes, many of them in one commit.
//!
//! It takes what is waiting, checks it, and then, in this order: new keys to the disk, one frame to the
//! journal and to the disk (**the commit**), indexes and views, and only then the answers. Sled, which
//! only follows, is given the frame while those who were answered work on; whoever reads meanwhile is given
//! it from memory. No timer: while it waits for the disk the next group gathers.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use pipss_domain::history::Fact;
use pipss_domain::ids::CommandId;
use pipss_domain::stream::{Log, LogId, Stream};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::codec::Draft;
use crate::frame::{ALIGN, BLOCK_HEADER, Frame, HEADER, PAYLOAD_MAX};
use crate::index::LogIndex;
use crate::journal::Journal;
use crate::plan::{Plan, check};
use crate::room::{self, Room};
use crate::seal::Needed;

use crate::store::{Follow, Shared};
use crate::values::starts;

const GROUP_MAX: usize = 512;
/// How long it looks out for a writer that was alone: less than a sync takes.
const LOOK_OUT: Duration = Duration::from_micros(60);
/// Sled is made durable every so many frames: what it lacks after a crash is read from the journal.
const CHECKPOINT_FRAMES: u64 = 1000;

/// One append, sealed and ready to be numbered.
pub struct Job {
    /// The log.
    pub log: LogId,
    /// The command.
    pub command: CommandId,
    /// The time of the clock.
    pub now: DateTime<Utc>,
    /// Its facts, lacking position and time of recording, with their records.
    pub facts: Vec<(Fact, Draft)>,
    /// Streams and the versions they must be at, written or not.
    pub expected: Vec<(Stream, u64)>,
    /// The keys its facts are sealed under.
    pub keys: Vec<Needed>,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Answer>,
}

/// What became of a job: its facts, or `None` if its command was kept before.
pub type Answer = Result<Option<Vec<Fact>>, StoreError>;

/// The thread's own state.
pub struct Committer {
    shared: Arc<Shared>,
    journal: Journal,
    follow: Follow,
    queue: mpsc::Receiver<Job>,
    /// Taken from the queue, but too much for the group before it.
    carried: Option<Job>,
    frame_max: usize,
    /// The bytes of the frame, kept from one to the next.
    buffer: Vec<u8>,
    floor_bytes: u64,
    frames: u64,
    /// Commands of the group whose commit failed, if one did.
    doubtful: HashSet<CommandId>,
    /// Why nothing is written any more until restart, once there is a reason.
    closed: Option<StoreError>,
}

impl Job {
    /// The most bytes it can take in a frame.
    pub fn length(&self) -> usize {
        let records: usize = self.facts.iter().map(|(_, draft)| 4 + draft.length()).sum();
        BLOCK_HEADER + records
    }

    fn answer(self, answer: Answer) {
        // Whoever asked may have gone; what was decided stands.
        let _ = self.answer.send(answer);
    }
}

impl Committer {
    /// Takes over the journal and the queue.
    pub fn new(
        shared: Arc<Shared>,
        journal: Journal,
        follow: Follow,
        queue: mpsc::Receiver<Job>,
        (segment_bytes, floor_bytes): (u64, u64),
    ) -> Self {
        Self {
            shared,
            journal,
            follow,
            queue,
            carried: None,
            frame_max: frame_max(segment_bytes),
            buffer: Vec::new(),
            floor_bytes,
            frames: 0,
            doubtful: HashSet::new(),
            closed: None,
        }
    }

    /// Works until nobody can append any more, then leaves sled durable.
    pub fn run(mut self) {
        let mut alone = false;
        while let Some(job) = self.next(alone) {
            let group = self.gather(job);
            alone = group.len() == 1;
            self.commit(group);
        }
        self.shared.mark.settle();
        self.checkpoint();
    }

    /// The next job. After a writer that was alone it looks out for a moment before it goes to sleep: that
    /// writer, told of its last append, is often back sooner than a sleeping thread wakes up. Where there
    /// are several, the sleep is what lets them gather.
    fn next(&mut self, alone: bool) -> Option<Job> {
        let carried = self.carried.take();
        let since = Instant::now();
        while alone && carried.is_none() && since.elapsed() < LOOK_OUT {
            match self.queue.try_recv() {
                Ok(job) => return Some(job),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => thread::yield_now(),
            }
        }
        carried.or_else(|| self.queue.blocking_recv())
    }

    fn gather(&mut self, first: Job) -> Vec<Job> {
        let mut length = HEADER + first.length();
        let mut group = vec![first];
        while group.len() < GROUP_MAX {
            let Ok(job) = self.queue.try_recv() else {
                break;
            };
            length += job.length();
            if length > self.frame_max {
                self.carried = Some(job);
                break;
            }
            group.push(job);
        }
        group
    }

    fn commit(&mut self, group: Vec<Job>) {
        let room = self.room();
        let mut plans = HashMap::new();
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        {
            let index = self
                .shared
                .index
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            for job in group {
                // What is refused because of what is on the disk is refused whatever comes of this group.
                let answer = check(&job, index.get(&job.log), None);
                if let Some(answer) = answer {
                    job.answer(answer);
                    continue;
                }
                if room == Ok(Room::Reserved) && job.log.log != Log::Access {
                    job.answer(Err(StoreError::Full));
                    continue;
                }
                let plan = plans
                    .entry(job.log)
                    .or_insert_with(|| Plan::of(job.log, &index));
                match check(&job, index.get(&job.log), Some(plan)) {
                    Some(answer) => refused.push((job, answer)),
                    None => taken.push(plan.take(job)),
                }
            }
        }
        if taken.is_empty() {
            return;
        }
        match room.and_then(|room| Ok((room, self.write(room, plans, &taken)?))) {
            Ok((room, frame)) => {
                self.publish(&frame, taken, refused);
                self.tidy(room);
            }
            Err(error) => {
                let refused = refused.into_iter().map(|(job, _)| job);
                for job in taken.into_iter().chain(refused) {
                    let error = self.error_for(&job, &error);
                    job.answer(Err(error));
                }
            }
        }
    }

    /// Everything up to and including the commit.
    fn write(
        &mut self,
        room: Room,
        plans: HashMap<LogId, Plan>,
        jobs: &[Job],
    ) -> Result<Frame, StoreError> {
        let shared = Arc::clone(&self.shared);
        let mut committed = shared.hold_writing();
        let mut frame = Frame {
            number: self.journal.next_number(),
            keys: 0,
            blocks: plans
                .into_iter()
                .filter_map(|(log, plan)| plan.block(log))
                .collect(),
        };
        self.journal.make_room(frame.length(), room == Room::Free)?;
        let (segment, path) = self.journal.active();
        shared.folder.fence().around(segment, &path)?;
        frame.keys = self
            .shared
            .vault
            .keep(jobs.iter().flat_map(|job| &job.keys))?;
        frame.encode(&mut self.buffer);
        if let Err(error) = self.journal.write(&self.buffer) {
            tracing::error!(
                "the journal failed, and nothing more is written until restart: {error}"
            );
            self.doubtful = jobs.iter().map(|job| job.command).collect();
            self.closed = Some(StoreError::Unavailable(
                "the disk failed earlier, and nothing more is written until restart".into(),
            ));
            return Err(StoreError::Indeterminate);
        }
        *committed = self.journal.committed();
        shared.mark.reached(frame.number);
        Ok(frame)
    }

    fn room(&self) -> Result<Room, StoreError> {
        match &self.closed {
            Some(closed) => Err(closed.clone()),
            None => room::room(&self.shared, self.floor_bytes),
        }
    }

    fn error_for(&self, job: &Job, error: &StoreError) -> StoreError {
        if self.doubtful.contains(&job.command) {
            return StoreError::Indeterminate;
        }
        error.clone()
    }

    /// Everything after the commit. Nothing here can undo it.
    fn publish(&mut self, frame: &Frame, taken: Vec<Job>, refused: Vec<(Job, Answer)>) {
        // Before anybody can look for it.
        self.shared.sled.announce(frame);
        let mut answers = Vec::with_capacity(taken.len());
        {
            let mut index = self
                .shared
                .index
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            for job in taken {
                let log = index
                    .entry(job.log)
                    .or_insert_with(|| LogIndex::new(job.log));
                let mut facts: Vec<Fact> = job.facts.into_iter().map(|(fact, _)| fact).collect();
                for fact in &mut facts {
                    log.add(fact)
                        .expect("it was numbered after the one before it");
                    self.shared.found.note(fact, &self.shared.vault);
                }
                answers.push((facts, job.answer));
            }
            for block in &frame.blocks {
                if let Some(log) = index.get_mut(&block.log) {
                    log.close_block(block.chain, starts(block));
                }
            }
        }
        for (facts, _) in &answers {
            (self.follow)(facts);
        }
        for (facts, answer) in answers {
            let _ = answer.send(Ok(Some(facts)));
        }
        for (job, answer) in refused {
            job.answer(answer);
        }
        if let Err(doubt) = self.shared.sled.apply(frame) {
            tracing::warn!("the reading copy (sled) failed and will be mended: {doubt}");
        }
    }

    /// What can wait until everybody was answered.
    fn tidy(&mut self, room: Room) {
        self.frames += 1;
        if self.frames.is_multiple_of(CHECKPOINT_FRAMES) {
            self.checkpoint();
        }
        if room == Room::Reserved {
            return;
        }
        let reserved = self.journal.prepare_piece();
        if let Err(error) = reserved.and_then(|()| self.shared.vault.reserve()) {
            tracing::warn!("nothing can be reserved yet for when the disk is full: {error}");
        }
    }

    fn checkpoint(&self) {
        if self.shared.sled.is_behind() || !self.shared.folder.fence().stands() {
            return;
        }
        if let Err(doubt) = self.shared.sled.checkpoint() {
            tracing::warn!("the reading copy (sled) failed and will be mended: {doubt}");
        }
    }
}

/// The most bytes of a frame, header and all.
pub fn frame_max(segment_bytes: u64) -> usize {
    let max = Journal::frame_max(segment_bytes).min(HEADER + PAYLOAD_MAX);
    max / ALIGN * ALIGN
}
