//! Walking through the journal from its beginning, commit by commit, without changing anything.
//!
//! It may be walked while a program writes to it: a segment is final as soon as the next one holds a commit,
//! and whatever looks unfinished is read once more before it is judged.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use uuid::Uuid;

use super::report::Place;
use crate::StoreError;
use crate::folder::io_error;
use crate::frame::{ALIGN, Frame};
use crate::segment::{SEGMENT_HEADER, check_header, path};

/// A commit and where it stands.
pub struct Placed {
    /// Where.
    pub place: Place,
    /// What.
    pub frame: Frame,
}

/// Why the walk cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// A segment is missing.
    Missing,
    /// A segment does not begin as one of this store.
    Header,
    /// Bytes that are no commit, and commits after them.
    Bytes,
    /// A commit with another number than the next one.
    Number(u64),
    /// A commit that knows of fewer keys than the one before it.
    Keys,
}

/// Where the walk ended.
pub struct Walked {
    /// The last sound commit.
    pub number: u64,
    /// How many keys were in use at it.
    pub keys: u64,
    /// The place after it.
    pub end: Place,
    /// Does something unfinished stand there?
    pub torn: bool,
    /// What is wrong there.
    pub broken: Option<Break>,
}

/// How many bytes of how many are read.
pub type Progress<'a> = &'a dyn Fn(u64, u64);

/// Walks through a journal. `each` is given the commits of a segment, and ends the walk if it answers false.
///
/// # Errors
/// `Unavailable`, when it cannot be read; `Refused`, if a newer version wrote it.
pub fn walk(
    dir: &Path,
    store: Uuid,
    each: &mut dyn FnMut(Vec<Placed>) -> bool,
    progress: Progress<'_>,
) -> Result<Walked, StoreError> {
    let (last, total) = segments(dir)?;
    let mut walk = Walked {
        number: 0,
        keys: 0,
        end: place(1, SEGMENT_HEADER),
        torn: false,
        broken: None,
    };
    let (mut segment, mut read) = (1, 0);
    loop {
        let Some(mut bytes) = segment_bytes(dir, segment)? else {
            if segment <= last.max(1) {
                walk.stop(place(segment, 0), Break::Missing);
            }
            return Ok(walk);
        };
        if !check_header(&bytes, store, segment)? {
            // What a crash left of a segment that was being made; nothing can have been written to it.
            if segment == 1 || segment < last || any_frame(&bytes, 0) {
                walk.stop(place(segment, 0), Break::Header);
            }
            return Ok(walk);
        }
        let mut at = SEGMENT_HEADER;
        let next_used = loop {
            let found = walk.take(segment, &bytes, &mut at);
            let sound = found.is_ok();
            let frames = found.unwrap_or_else(|frames| frames);
            if !frames.is_empty() {
                walk.end = place(segment, at);
                if !each(frames) || !sound {
                    return Ok(walk);
                }
            } else if !sound {
                return Ok(walk);
            }
            let next_used = is_used(dir, segment + 1)?;
            let unsettled = next_used || rest(&bytes, at).iter().any(|byte| *byte != 0);
            let again = if unsettled {
                segment_bytes(dir, segment)?
            } else {
                None
            };
            match again {
                Some(again) if rest(&again, at) != rest(&bytes, at) => bytes = again,
                _ => break next_used,
            }
        };
        read += bytes.len() as u64;
        progress(read, total.max(read));
        let left = rest(&bytes, at);
        if left.iter().any(|byte| *byte != 0) {
            if next_used || any_frame(left, 0) {
                walk.stop(place(segment, at), Break::Bytes);
            } else {
                (walk.end, walk.torn) = (place(segment, at), true);
            }
            return Ok(walk);
        }
        if !next_used && segment >= last {
            return Ok(walk);
        }
        segment += 1;
    }
}

/// Every whole commit from a place on, whatever lies between: to tell what became of those that are missing.
///
/// # Errors
/// `Unavailable`, when it cannot be read.
pub fn scan(
    dir: &Path,
    from: Place,
    each: &mut dyn FnMut(Placed) -> bool,
) -> Result<(), StoreError> {
    let (last, _) = segments(dir)?;
    for segment in from.segment..=last {
        let Some(bytes) = segment_bytes(dir, segment)? else {
            continue;
        };
        let begin = if segment == from.segment {
            from.byte
        } else {
            0
        };
        let mut at = begin.next_multiple_of(ALIGN);
        while at < bytes.len() {
            if let Some((frame, length)) = Frame::decode(&bytes[at..]) {
                let place = place(segment, at);
                if !each(Placed { place, frame }) {
                    return Ok(());
                }
                at += length;
            } else {
                at += ALIGN;
            }
        }
    }
    Ok(())
}

impl Walked {
    /// The commits that follow one another from `at` on. `Err` with those before the first that does not.
    fn take(
        &mut self,
        segment: u64,
        bytes: &[u8],
        at: &mut usize,
    ) -> Result<Vec<Placed>, Vec<Placed>> {
        let mut frames = Vec::new();
        while let Some((frame, length)) = Frame::decode(rest(bytes, *at)) {
            let here = place(segment, *at);
            if frame.number != self.number + 1 {
                self.broken = Some(Break::Number(frame.number));
            } else if frame.keys < self.keys {
                self.broken = Some(Break::Keys);
            }
            if self.broken.is_some() {
                self.end = here;
                return Err(frames);
            }
            (self.number, self.keys) = (frame.number, frame.keys);
            frames.push(Placed { place: here, frame });
            *at += length;
        }
        Ok(frames)
    }

    fn stop(&mut self, place: Place, why: Break) {
        self.end = place;
        self.broken = Some(why);
    }
}

/// The highest number of a segment, and how many bytes all have.
fn segments(dir: &Path) -> Result<(u64, u64), StoreError> {
    let entries = fs::read_dir(dir).map_err(|error| io_error("reading the journal", &error))?;
    let (mut last, mut total) = (0, 0);
    for entry in entries.filter_map(Result::ok) {
        let number = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(number) = number {
            last = u64::max(last, number);
            total += entry.metadata().map_or(0, |file| file.len());
        }
    }
    Ok((last, total))
}

fn segment_bytes(dir: &Path, segment: u64) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path(dir, segment)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(
            &format!("reading journal segment {segment}"),
            &error,
        )),
    }
}

fn is_used(dir: &Path, segment: u64) -> Result<bool, StoreError> {
    Ok(segment_bytes(dir, segment)?.is_some_and(|bytes| any_frame(&bytes, SEGMENT_HEADER)))
}

fn any_frame(bytes: &[u8], from: usize) -> bool {
    Frame::any_in(rest(bytes, from))
}

fn rest(bytes: &[u8], at: usize) -> &[u8] {
    bytes.get(at..).unwrap_or(&[])
}

const fn place(segment: u64, byte: usize) -> Place {
    Place { segment, byte }
}
