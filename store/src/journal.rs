//! The journal: every commit in order, on the disk before anyone is told of it. It decides what happened.
//!
//! Frames follow one another through segments (see `frame.rs`, `segment.rs`); a closed segment never
//! changes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::StoreError;
use crate::folder::{self, io_error};
use crate::frame::Frame;
use crate::segment::{Begun, Made, SEGMENT_HEADER, Segment, check_header, path};

/// What is made of the next segment after each commit: a sixteenth of a usual one.
const PIECE_BYTES: u64 = 1 << 20;

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
    /// The same, while it is being made.
    begun: Option<Begun>,
    number: u64,
    /// The segment of the last frame, and where that ends.
    reached: (u64, u64),
}

/// The last commit: everything up to it stands in the journal for ever, and never changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Committed {
    /// Its number; 0 if there is none.
    pub number: u64,
    /// The segment it stands in.
    pub segment: u64,
    /// How many bytes of that segment are used.
    pub bytes: u64,
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
    /// Where reading goes on after a frame of that number.
    pub fn at(number: u64, keys: u64) -> Self {
        Self {
            number,
            keys,
            ..Self::default()
        }
    }

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
    read_on(dir, store, (1, End::default()), each)
}

/// The same from the beginning of a segment on, of which all that stands before was read already.
///
/// # Errors
/// As [`read`].
pub fn read_on(
    dir: &Path,
    store: Uuid,
    (first, mut end): (u64, End),
    each: &mut dyn FnMut(Frame) -> Result<(), StoreError>,
) -> Result<End, StoreError> {
    let last = segments(dir)?;
    // One piece of memory for all of them: fresh memory costs as much as reading into it.
    let mut bytes = Vec::new();
    for segment in first..=last {
        bytes.clear();
        File::open(path(dir, segment))
            .and_then(|mut file| file.read_to_end(&mut bytes))
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
        let last = end.last.as_ref().filter(|last| last.0 == end.segment);
        let last = last.map(|(_, at, bytes)| (*at as u64, bytes.as_slice()));
        active
            .settle(last, end.torn.then_some(end.offset as u64))
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
            begun: None,
            number: end.number,
            reached: (end.segment, end.offset as u64),
        };
        // What is there can be read on a full disk as well.
        if let Err(error) = journal.prepare_spare() {
            tracing::warn!("the next journal segment cannot be made yet: {error}");
        }
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

    /// Makes sure that a frame of `length` bytes has its place on the disk, within what is reserved
    /// already unless it `may_grow`.
    ///
    /// # Errors
    /// `Full` or `Unavailable`: nothing was written.
    pub fn make_room(&mut self, length: usize, may_grow: bool) -> Result<(), StoreError> {
        if self.offset + length as u64 > self.active.length {
            // The space of one that was begun is reserved already.
            if may_grow || self.begun.is_some() {
                self.prepare_spare()?;
            }
            self.active = self.spare.take().ok_or(StoreError::Full)?;
            self.offset = SEGMENT_HEADER as u64;
        }
        Ok(())
    }

    /// The segment that is written to, and where it is to be found.
    pub fn active(&self) -> (&fs::File, PathBuf) {
        let path = path(&self.folder, self.active.number);
        (&self.active.file, path)
    }

    /// Makes the segment after the active one, if there is none yet.
    ///
    /// # Errors
    /// `Full` or `Unavailable`; asked again when it is needed.
    pub fn prepare_spare(&mut self) -> Result<(), StoreError> {
        self.prepare(u64::MAX)
    }

    /// Makes the next piece of it, so that whoever waits for an append does not wait for the whole.
    ///
    /// # Errors
    /// The same.
    pub fn prepare_piece(&mut self) -> Result<(), StoreError> {
        self.prepare(PIECE_BYTES)
    }

    fn prepare(&mut self, bytes: u64) -> Result<(), StoreError> {
        if self.spare.is_some() {
            return Ok(());
        }
        let begun = match self.begun.take() {
            Some(begun) => begun,
            None => {
                let number = self.active.number + 1;
                Begun::new(&self.folder, self.store, number, self.segment_bytes)?
            }
        };
        match begun.fill(bytes)? {
            Made::Whole(segment) => self.spare = Some(segment),
            Made::Part(begun) => self.begun = Some(begun),
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
        self.reached = (self.active.number, self.offset);
        Ok(())
    }

    /// The last commit. Segments before its own are closed; one after it may still be made again.
    pub const fn committed(&self) -> Committed {
        Committed {
            number: self.number,
            segment: self.reached.0,
            bytes: self.reached.1,
        }
    }
}

fn has_frame(bytes: &[u8]) -> bool {
    bytes.get(SEGMENT_HEADER..).is_some_and(Frame::any_in)
}

/// The number of segments, which must be 1, 2, 3 … without gaps.
///
/// # Errors
/// `Corrupt`, naming the first that is missing.
pub fn segments(dir: &Path) -> Result<u64, StoreError> {
    let entries = fs::read_dir(dir)
        .map_err(|error| StoreError::Corrupt(format!("the journal cannot be read: {error}")))?;
    let mut numbers: Vec<u64> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.path();
            let number = name.file_name()?.to_str()?.parse().ok()?;
            (path(dir, number) == name).then_some(number)
        })
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

fn bad(segment: u64, offset: usize) -> StoreError {
    StoreError::Corrupt(place(segment, offset))
}

fn place(segment: u64, offset: usize) -> String {
    format!("journal segment {segment} from byte {offset}")
}
