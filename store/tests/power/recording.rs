//! Something written while everything that reached the disk was kept, and any number of cuts made of it.

use std::io;
use std::path::PathBuf;

use tempfile::TempDir;

use super::calls::{Call, Calls};
use super::child::{Part, Task};
use super::dice::Dice;
use super::disk::Event;
use super::ext4::{self, Ext4};
use super::preload::Variables;

/// How it is found out what reached the disk.
#[derive(Clone, Debug)]
pub enum Way {
    /// A real file system on a disk of our own.
    Disk,
    /// The calls of the process, and what is promised of them.
    Calls {
        /// Why not the other.
        because: String,
    },
}

/// What of the last, unflushed writes is on the disk when the power comes back.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// Everything, in order, up to the cut.
    InOrder,
    /// Nothing after the last flush.
    TailDropped,
    /// Each part with a probability of one half, in no order.
    HalfDropped,
}

pub const MODES: [Mode; 3] = [Mode::InOrder, Mode::TailDropped, Mode::HalfDropped];
/// Disks write this much at once or not at all, in bytes.
pub const AT_ONCE: usize = 4096;

/// What is written, and by whom.
pub struct Work {
    pub part: Part,
    pub seed: u64,
    pub phase: u64,
    pub variables: Variables,
}

/// What reached the disk, in one of two ways, and what was said meanwhile and earlier.
pub struct Recording {
    reached: Reached,
    said_before: Vec<String>,
}

enum Reached {
    Disk { before: Vec<u8>, events: Vec<Event> },
    Calls(Calls),
}

/// What stands there when the power comes back; gone with this.
pub enum Restored {
    Mounted(Ext4),
    Plain(TempDir),
}

impl Restored {
    /// Nothing yet.
    pub fn empty(way: &Way) -> io::Result<Self> {
        match way {
            Way::Disk => Ext4::mount(ext4::empty()?).map(Self::Mounted),
            Way::Calls { .. } => tempfile::tempdir().map(Self::Plain),
        }
    }

    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Mounted(mounted) => mounted.folder().join("data"),
            Self::Plain(folder) => folder.path().join("data"),
        }
    }
}

impl Recording {
    /// Records work on what stands there; `said_before` was said when it came to be.
    pub fn of(work: &Work, on: Restored, said_before: Vec<String>) -> Self {
        let reached = match on {
            Restored::Plain(folder) => Reached::Calls(Calls::of(work, folder.path())),
            Restored::Mounted(mounted) => {
                Task {
                    part: work.part,
                    folder: &mounted.folder().join("data"),
                    said: &mounted.said(),
                    seed: work.seed,
                    phase: work.phase,
                    variables: work.variables.clone(),
                }
                .succeed();
                let (before, events) = mounted.recorded();
                Reached::Disk { before, events }
            }
        };
        Self {
            reached,
            said_before,
        }
    }

    /// Number of events, after any of which the power may go.
    pub fn len(&self) -> usize {
        match &self.reached {
            Reached::Disk { events, .. } => events.len(),
            Reached::Calls(calls) => calls.calls.len(),
        }
    }

    /// Number of events before anything was said.
    pub fn beginning(&self) -> usize {
        let first = (0..self.len()).find(|n| self.word(*n).is_some());
        first.unwrap_or(self.len())
    }

    /// What was said up to a cut.
    pub fn said(&self, cut: usize) -> Vec<String> {
        let words = (0..cut).filter_map(|n| self.word(n).cloned());
        self.said_before.iter().cloned().chain(words).collect()
    }

    fn word(&self, n: usize) -> Option<&String> {
        match &self.reached {
            Reached::Disk { events, .. } => match &events[n] {
                Event::Said(line) => Some(line),
                _ => None,
            },
            Reached::Calls(calls) => match &calls.calls[n] {
                Call::Said(line) => Some(line),
                _ => None,
            },
        }
    }

    /// Cuts the power after so many events, and gives it back.
    pub fn cut(&self, cut: usize, mode: Mode, dice: &mut Dice) -> io::Result<Restored> {
        match &self.reached {
            Reached::Disk { before, events } => {
                let image = left(before.clone(), &events[..cut], mode, dice);
                Ext4::mount(image).map(Restored::Mounted)
            }
            Reached::Calls(calls) => {
                let mut files = calls.before.clone();
                calls.calls[..cut].iter().for_each(|call| files.apply(call));
                let folder = tempfile::tempdir()?;
                files.leave(mode, dice, folder.path());
                Ok(Restored::Plain(folder))
            }
        }
    }
}

/// What a cut leaves of a disk.
fn left(mut image: Vec<u8>, events: &[Event], mode: Mode, dice: &mut Dice) -> Vec<u8> {
    let flush = |event: &Event| matches!(event, Event::Flush);
    let flushed = match mode {
        Mode::InOrder => events.len(),
        _ => events.iter().rposition(flush).unwrap_or(0),
    };
    for (n, event) in events.iter().enumerate() {
        let Event::Write { at, bytes } = event else {
            continue;
        };
        for (k, part) in bytes.chunks(AT_ONCE).enumerate() {
            let at = at + k * AT_ONCE;
            if n < flushed || matches!(mode, Mode::HalfDropped) && dice.coin() {
                image[at..at + part.len()].copy_from_slice(part);
            }
        }
    }
    image
}
