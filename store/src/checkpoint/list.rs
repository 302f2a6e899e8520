//! A list of checkpoints: a file with one line each, only ever added to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::folder::sync_dir;

/// Its name in a data folder.
pub const NAME: &str = "checkpoints";
/// So much of the end of a list is read for its last line, in bytes.
const LAST: u64 = 1 << 20;

/// The finished lines of a list; none if it is not there. What a crash left unfinished at its end was
/// never a checkpoint.
///
/// # Errors
/// Those of the file system.
pub fn read(path: &Path) -> io::Result<Vec<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(lines(&bytes).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The finished lines from a byte on, and where they end.
///
/// # Errors
/// Those of the file system.
pub fn read_from(path: &Path, from: u64) -> io::Result<(Vec<String>, u64)> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        opened => opened?,
    };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let end = from + whole(&bytes) as u64;
    Ok((lines(&bytes).collect(), end))
}

/// The last finished lines of a list, as many as stand in its last [`LAST`] bytes.
///
/// # Errors
/// Those of the file system.
pub fn last(path: &Path) -> io::Result<Vec<String>> {
    let length = path.metadata().map_or(0, |file| file.len());
    let (mut lines, _) = read_from(path, length.saturating_sub(LAST))?;
    // The first most likely begins in the middle.
    let part = usize::from(length > LAST).min(lines.len());
    lines.drain(..part);
    Ok(lines)
}

/// Adds lines, durably, and answers how long the list is then.
///
/// # Errors
/// Those of the file system.
pub fn append(path: &Path, lines: &[String]) -> io::Result<u64> {
    let new = !path.exists();
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let length = file.metadata()?.len();
    let finished = finished(&mut file, length)?;
    if finished < length {
        // An unfinished line makes way.
        file.set_len(finished)?;
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if new {
        sync_dir(path.parent().unwrap_or(Path::new(".")))?;
    }
    Ok(finished + text.len() as u64)
}

/// Where the finished lines end: nearly always at the end.
fn finished(file: &mut File, length: u64) -> io::Result<u64> {
    let Some(last) = length.checked_sub(1) else {
        return Ok(0);
    };
    let mut byte = [0];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut byte)?;
    if byte == *b"\n" {
        return Ok(length);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(whole(&bytes) as u64)
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    let lines = bytes[..whole(bytes)].split(|byte| *byte == b'\n');
    lines
        // JSON holds no zeros: there a part of the last line never reached the disk when the power went.
        .filter(|line| !line.is_empty() && !line.contains(&0))
        .map(|line| String::from_utf8_lossy(line).into_owned())
}

fn whole(bytes: &[u8]) -> usize {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    end.map_or(0, |end| end + 1)
}
