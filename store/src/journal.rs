//! The journal: every commit in order, on the disk before anyone is told of it. It decides what happened.
//!
//! Segments of one size, reserved before they are needed, named `00000001` and so on. Each begins with
//! `magic 8 · format 4 · number 8 · store id 16 · crc 4`, filled to 64 bytes; then frames (see
//! `frame.rs`), then zeros. A closed segment never changes.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::StoreError;
use crate::folder::{self, io_error, newer};
use crate::frame::Frame;

const MAGIC: &[u8; 8] = b"PIPSSJNL";
const FORMAT: u32 = 1;
/// The length of a segment's header: where its first frame begins.
pub const SEGMENT_HEADER: usize = 64;

/// The journal, open for writing.
pub struct Journal {
    folder: PathBuf,
    store: Uuid,
    segment_bytes: u64,
    active: Segment,
    /// Where the next frame goes.
    offset: u64,
    /// The segment after the active one, made before it is needed.
    spare: Option<Segment>,
    number: u64,
}

struct Segment {
    number: u64,
    file: File,
    length: u64,
}

/// Where the journal ends, as reading it found.
#[derive(Debug, Default)]
pub struct End {
    /// The number of the last frame; 0 if there is none.
    pub number: u64,
    /// The keys in use at the last frame.
    pub keys: u64,
    /// Does something that is no frame stand after the last one?
    pub torn: bool,
    segment: u64,
    offset: usize,
    /// The last frame: its segment, where it begins, and its bytes.
    last: Option<(u64, usize, Vec<u8>)>,
    /// The last segment that was made as it should be, used or not.
    whole: u64,
}

impl End {
    /// The place after the last frame, for people.
    pub fn place(&self) -> String {
        place(self.segment, self.offset)
    }
}

/// Makes an empty journal.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn make(dir: &Path, store: Uuid, segment_bytes: u64) -> Result<(), StoreError> {
    folder::create_dir(dir)?;
    Segment::make(dir, store, 1, segment_bytes).map(drop)
}

/// Reads every frame in order and says where they end.
///
/// # Errors
/// `Corrupt`, naming the first bad place; `Refused`, if a newer version wrote it; whatever `each` says.
pub fn read(
    dir: &Path,
    store: Uuid,
    each: &mut dyn FnMut(Frame) -> Result<(), StoreError>,
) -> Result<End, StoreError> {
    let last = segments(dir)?;
    let mut end = End::default();
    for segment in 1..=last {
        let bytes = fs::read(path(dir, segment))
            .map_err(|error| io_error(&format!("reading journal segment {segment}"), &error))?;
        if !check_header(&bytes, store, segment)? {
            // A crash while the spare segment was being made: nothing can have been written to it.
            let used = segment == 1 || segment != last || has_frame(&bytes);
            return if used { Err(bad(segment, 0)) } else { Ok(end) };
        }
        end.whole = segment;
        end.read_segment(segment, &bytes, each)?;
    }
    Ok(end)
}

impl End {
    fn read_segment(
        &mut self,
        segment: u64,
        bytes: &[u8],
        each: &mut dyn FnMut(Frame) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (mut at, mut last) = (SEGMENT_HEADER, None);
        while let Some((frame, length)) = bytes.get(at..).and_then(Frame::decode) {
            if self.torn {
                return Err(bad(self.segment, self.offset));
            }
            if frame.number != self.number + 1 || frame.keys < self.keys {
                return Err(bad(segment, at));
            }
            (self.number, self.keys) = (frame.number, frame.keys);
            each(frame)?;
            last = Some(at);
            at += length;
        }
        let rest = bytes.get(at..).unwrap_or(&[]);
        let torn = rest.iter().any(|byte| *byte != 0);
        if torn && (self.torn || Frame::any_in(rest)) {
            return Err(bad(segment, at));
        }
        if let Some(begins) = last {
            self.last = Some((segment, begins, bytes[begins..at.min(bytes.len())].to_vec()));
        }
        if torn || last.is_some() || self.segment == 0 {
            (self.segment, self.offset) = (segment, at);
        }
        self.torn |= torn;
        Ok(())
    }
}

impl Journal {
    /// Goes on where reading ended: what is torn is cleared, and what was read is made durable before
    /// anyone is shown it.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn resume(
        dir: &Path,
        store: Uuid,
        segment_bytes: u64,
        end: &End,
    ) -> Result<Self, StoreError> {
        let open = |number| {
            Segment::open(dir, number, segment_bytes)
                .map_err(|error| io_error("opening the journal", &error))
        };
        let active = open(end.segment)?;
        active
            .settle(end)
            .and_then(|()| folder::sync_dir(dir))
            .map_err(|error| io_error("settling the journal", &error))?;
        let spare = (end.whole > end.segment)
            .then(|| open(end.segment + 1))
            .transpose()?;
        let mut journal = Self {
            folder: dir.to_owned(),
            store,
            segment_bytes,
            active,
            offset: end.offset as u64,
            spare,
            number: end.number,
        };
        journal.prepare_spare()?;
        Ok(journal)
    }

    /// The number the next frame must carry.
    pub const fn next_number(&self) -> u64 {
        self.number + 1
    }

    /// The most bytes a frame may have to fit into a segment.
    pub fn frame_max(segment_bytes: u64) -> usize {
        usize::try_from(segment_bytes)
            .unwrap_or(usize::MAX)
            .saturating_sub(SEGMENT_HEADER)
    }

    /// Makes sure that a frame of `length` bytes has its place on the disk.
    ///
    /// # Errors
    /// `Full` or `Unavailable`: nothing was written.
    pub fn make_room(&mut self, length: usize) -> Result<(), StoreError> {
        if self.offset + length as u64 <= self.active.length {
            return Ok(());
        }
        self.prepare_spare()?;
        if let Some(next) = self.spare.take() {
            self.active = next;
            self.offset = SEGMENT_HEADER as u64;
        }
        Ok(())
    }

    /// Makes the segment after the active one, if there is none yet.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; asked again when it is needed.
    pub fn prepare_spare(&mut self) -> Result<(), StoreError> {
        if self.spare.is_none() {
            let number = self.active.number + 1;
            let made = Segment::make(&self.folder, self.store, number, self.segment_bytes)?;
            self.spare = Some(made);
        }
        Ok(())
    }

    /// Writes one frame, for which room was made, and waits for the disk: **the commit**.
    ///
    /// # Errors
    /// Those of the disk: nobody can tell whether the frame will be found at the next start.
    pub fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        self.active.file.write_all_at(frame, self.offset)?;
        self.active.file.sync_data()?;
        self.offset += frame.len() as u64;
        self.number += 1;
        Ok(())
    }
}

impl Segment {
    fn make(dir: &Path, store: Uuid, number: u64, length: u64) -> Result<Self, StoreError> {
        let path = path(dir, number);
        // Only what a crash left half made can stand here.
        let _ = fs::remove_file(&path);
        let file = folder::create(&path).map_err(|e| io_error("making a journal segment", &e))?;
        let filled = folder::reserve(&file, length).and_then(|()| {
            file.write_all_at(&header(store, number), 0)
                .and_then(|()| file.sync_all())
                .and_then(|()| folder::sync_dir(dir))
                .map_err(|error| io_error("making a journal segment", &error))
        });
        if let Err(error) = filled {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok(Self {
            number,
            file,
            length,
        })
    }

    fn open(dir: &Path, number: u64, length: u64) -> io::Result<Self> {
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

    /// Clears what is torn and writes the last frame again: what an earlier process could not sync may
    /// be in the machine's memory only, and look as if it were on the disk.
    fn settle(&self, end: &End) -> io::Result<()> {
        if let Some((_, at, bytes)) = end.last.as_ref().filter(|last| last.0 == self.number) {
            self.file.write_all_at(bytes, *at as u64)?;
        }
        if end.torn {
            let length = self
                .file
                .metadata()?
                .len()
                .saturating_sub(end.offset as u64);
            self.file
                .write_all_at(&vec![0; length as usize], end.offset as u64)?;
        }
        self.file.sync_all()
    }
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

/// Is this the header of that segment of our store? `Refused` if a newer version wrote it.
fn check_header(bytes: &[u8], store: Uuid, number: u64) -> Result<bool, StoreError> {
    let Some(head) = bytes.get(..SEGMENT_HEADER) else {
        return Ok(false);
    };
    let whole = crc32fast::hash(&head[..36]).to_be_bytes() == head[36..40];
    if whole && head.starts_with(MAGIC) && head[8..12] > FORMAT.to_be_bytes()[..] {
        return Err(newer());
    }
    Ok(*head == header(store, number))
}

fn has_frame(bytes: &[u8]) -> bool {
    bytes.get(SEGMENT_HEADER..).is_some_and(Frame::any_in)
}

/// The number of segments, which must be 1, 2, 3 … without gaps.
fn segments(dir: &Path) -> Result<u64, StoreError> {
    let entries = fs::read_dir(dir)
        .map_err(|error| StoreError::Corrupt(format!("the journal cannot be read: {error}")))?;
    let mut numbers: Vec<u64> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let last = numbers.len() as u64;
    if numbers.is_empty() || numbers != (1..=last).collect::<Vec<_>>() {
        let missing = (1..).find(|n| !numbers.contains(n)).unwrap_or(1);
        return Err(StoreError::Corrupt(format!(
            "journal segment {missing} is missing"
        )));
    }
    Ok(last)
}

fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:08}"))
}

fn bad(segment: u64, offset: usize) -> StoreError {
    StoreError::Corrupt(place(segment, offset))
}

fn place(segment: u64, offset: usize) -> String {
    format!("journal segment {segment} from byte {offset}")
}
