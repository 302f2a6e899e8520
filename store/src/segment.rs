//! A segment: one file of the journal, its space reserved before it is needed.
//!
//! Named `00000001` and so on. It begins with `magic 8 · format 4 · number 8 · store id 16 · crc 4`,
//! filled to 64 bytes; then come frames, then zeros.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::StoreError;
use crate::folder::{self, io_error, newer};

const MAGIC: &[u8; 8] = b"PIPSSJNL";
const FORMAT: u32 = 1;
/// The length of a segment's header: where its first frame begins.
pub const SEGMENT_HEADER: usize = 64;

/// A segment, open for writing.
pub struct Segment {
    /// Its number.
    pub number: u64,
    /// Its file.
    pub file: File,
    /// How many bytes it has.
    pub length: u64,
}

impl Segment {
    /// Makes an empty segment, durably, with all its space.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn make(dir: &Path, store: Uuid, number: u64, length: u64) -> Result<Self, StoreError> {
        let mut begun = Begun::new(dir, store, number, length)?;
        loop {
            begun = match begun.fill(length)? {
                Made::Whole(segment) => return Ok(segment),
                Made::Part(begun) => begun,
            };
        }
    }

    /// Opens a segment for writing; `length` counts if it has none of its own.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn open(dir: &Path, number: u64, length: u64) -> io::Result<Self> {
        let file = folder::edit(&path(dir, number))?;
        // A different size was asked for when it was made: it keeps what it has.
        let length = match file.metadata()?.len() {
            0..=64 => length,
            made => made,
        };
        Ok(Self {
            number,
            file,
            length,
        })
    }

    /// Clears what stands from `torn` on, and writes the last frame again: what an earlier process could
    /// not sync may be in the machine's memory only, and look as if it were on the disk.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn settle(&self, last: Option<(u64, &[u8])>, torn: Option<u64>) -> io::Result<()> {
        if let Some((at, frame)) = last {
            self.file.write_all_at(frame, at)?;
        }
        if let Some(at) = torn {
            let length = self.file.metadata()?.len().saturating_sub(at);
            zero(&self.file, at, length)?;
        }
        self.file.sync_all()
    }
}

/// A segment in the making: its space is reserved, and is filled piece by piece, so that no append waits long
/// for it. Without a header, which comes last, it counts as unused.
pub struct Begun {
    segment: Segment,
    path: PathBuf,
    store: Uuid,
    filled: u64,
}

/// How far a segment is.
pub enum Made {
    /// It can be used.
    Whole(Segment),
    /// More of it must be filled.
    Part(Begun),
}

impl Begun {
    /// Reserves the space of a segment.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; then nothing is left of it.
    pub fn new(dir: &Path, store: Uuid, number: u64, length: u64) -> Result<Self, StoreError> {
        let path = path(dir, number);
        // Only what a crash left half made can stand here.
        let _ = fs::remove_file(&path);
        let file = folder::create(&path).map_err(|e| io_error("making a journal segment", &e))?;
        let begun = Self {
            segment: Segment {
                number,
                file,
                length,
            },
            path,
            store,
            filled: 0,
        };
        match folder::reserve(&begun.segment.file, length) {
            Ok(()) => Ok(begun),
            Err(error) => Err(begun.undone(error)),
        }
    }

    /// Fills the next bytes, durably, and makes it a segment once all are filled.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; then nothing is left of it.
    pub fn fill(mut self, bytes: u64) -> Result<Made, StoreError> {
        let more = bytes.min(self.segment.length - self.filled);
        let whole = self.filled + more == self.segment.length;
        let file = &self.segment.file;
        let filled = zero(file, self.filled, more).and_then(|()| match whole {
            true => self.close(),
            false => file.sync_data(),
        });
        if let Err(error) = filled {
            let error = io_error("making a journal segment", &error);
            return Err(self.undone(error));
        }
        self.filled += more;
        Ok(match whole {
            true => Made::Whole(self.segment),
            false => Made::Part(self),
        })
    }

    fn close(&self) -> io::Result<()> {
        let file = &self.segment.file;
        file.write_all_at(&header(self.store, self.segment.number), 0)?;
        file.sync_all()?;
        self.path.parent().map_or(Ok(()), folder::sync_dir)
    }

    fn undone(&self, error: StoreError) -> StoreError {
        let _ = fs::remove_file(&self.path);
        error
    }
}

/// Writes zeros. Space that was only reserved costs the file system more at every sync.
fn zero(file: &File, from: u64, length: u64) -> io::Result<()> {
    static ZEROS: [u8; 64 << 10] = [0; 64 << 10];
    let end = from + length;
    let mut at = from;
    while at < end {
        let part = (end - at).min(ZEROS.len() as u64);
        file.write_all_at(&ZEROS[..part as usize], at)?;
        at += part;
    }
    Ok(())
}

fn header(store: Uuid, number: u64) -> [u8; SEGMENT_HEADER] {
    let mut out = [0; SEGMENT_HEADER];
    out[..8].copy_from_slice(MAGIC);
    out[8..12].copy_from_slice(&FORMAT.to_be_bytes());
    out[12..20].copy_from_slice(&number.to_be_bytes());
    out[20..36].copy_from_slice(store.as_bytes());
    let crc = crc32fast::hash(&out[..36]);
    out[36..40].copy_from_slice(&crc.to_be_bytes());
    out
}

/// Is this the header of that segment of our store?
///
/// # Errors
/// `Refused`, if a newer version wrote it.
pub fn check_header(bytes: &[u8], store: Uuid, number: u64) -> Result<bool, StoreError> {
    let Some(head) = bytes.get(..SEGMENT_HEADER) else {
        return Ok(false);
    };
    let whole = crc32fast::hash(&head[..36]).to_be_bytes() == head[36..40];
    if whole && head.starts_with(MAGIC) && head[8..12] > FORMAT.to_be_bytes()[..] {
        return Err(newer());
    }
    Ok(*head == header(store, number))
}

/// Refuses a journal of a newer version before anything in the folder is touched.
///
/// # Errors
/// `Refused`. What is missing or damaged is named by whoever reads it.
pub fn check_format(dir: &Path, store: Uuid) -> Result<(), StoreError> {
    for number in 1.. {
        let Ok(file) = File::open(path(dir, number)) else {
            break;
        };
        let mut head = [0; SEGMENT_HEADER];
        if file.read_at(&mut head, 0).is_ok() {
            check_header(&head, store, number)?;
        }
    }
    Ok(())
}

/// Where a segment is kept.
pub fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}"))
}
