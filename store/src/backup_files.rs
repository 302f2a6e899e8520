//! The files of a copy: written once, read back from the disk, named with length and fingerprint.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use rustix::fs::{Advice, fadvise};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::StoreError;
use crate::folder::{self, io_error};
use crate::hex;

/// A file of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Where it lies within the copy.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

impl Named {
    /// A file as it lies there now.
    ///
    /// # Errors
    /// `Unavailable`, when it cannot be read.
    pub fn of(dir: &Path, name: &str) -> Result<Self, StoreError> {
        let path = dir.join(name);
        let (bytes, sha256) = File::open(&path)
            .and_then(|file| read_through(file, &mut io::sink()))
            .map_err(|error| io_error(&format!("reading {}", path.display()), &error))?;
        Ok(Self {
            name: name.into(),
            bytes,
            sha256,
        })
    }

    /// Is it there as it was written?
    ///
    /// # Errors
    /// `Refused`, naming it, when it is not.
    pub fn check(&self, dir: &Path) -> Result<(), StoreError> {
        let path = dir.join(&self.name);
        let inside = !self
            .name
            .split('/')
            .any(|part| part.is_empty() || part == "..");
        if !inside || !path.is_file() {
            return Err(damaged(&path, "is missing"));
        }
        match Self::of(dir, &self.name)? {
            found if found == *self => Ok(()),
            found if found.bytes != self.bytes => Err(damaged(&path, "has another length")),
            _ => Err(damaged(&path, "was changed since it was written")),
        }
    }
}

/// Copies the first `bytes` of a file to a new one, durably, and reads back from the disk what it wrote.
///
/// # Errors
/// `Full` or `Unavailable`; `Corrupt`, when the disk gives back something else.
pub fn copy(from: &Path, (dir, name): (&Path, &str), bytes: u64) -> Result<Named, StoreError> {
    let to = dir.join(name);
    let copied = || {
        let source = File::open(from)?.take(bytes);
        let mut file = folder::create(&to)?;
        let (length, sha256) = read_through(source, &mut file)?;
        file.sync_all()?;
        // Else it would be read from memory. A file system that does not know this is no worse off.
        let _ = fadvise(&file, 0, None, Advice::DontNeed);
        Ok((length, sha256))
    };
    let (length, sha256) = copied()
        .map_err(|error: io::Error| io_error(&format!("copying to {}", to.display()), &error))?;
    let written = Named {
        name: name.into(),
        bytes: length,
        sha256,
    };
    if length != bytes || Named::of(dir, name)? != written {
        let what = format!("{} is not on the disk as it was written", to.display());
        return Err(StoreError::Corrupt(what));
    }
    Ok(written)
}

/// Gives a file that never changes a second name in another copy.
///
/// # Errors
/// Those of the file system, which may have no second names.
pub fn share((from, to): (&Path, &Path), file: &Named) -> io::Result<()> {
    let (from, to) = (from.join(&file.name), to.join(&file.name));
    if fs::metadata(&from)?.len() != file.bytes {
        return Err(io::Error::other("it has another length"));
    }
    fs::hard_link(from, to)
}

/// The SHA-256 of some bytes, in hex.
pub fn fingerprint(bytes: &[u8]) -> String {
    hex::of(&Sha256::digest(bytes))
}

/// The refusal of a copy of which a file is not as it should be.
pub fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Refused(format!(
        "this copy is damaged: {} {what}; nothing was made of it",
        path.display()
    ))
}

fn read_through(mut from: impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let (mut buffer, mut length, mut sum) = (vec![0; 64 << 10], 0, Sha256::new());
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok((length, hex::of(&sum.finalize()))),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        length += read as u64;
        sum.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
}
