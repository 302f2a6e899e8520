//! The wrapping key, and how another takes its place so that what it wrapped can never be read again.
//!
//! A change takes four steps, each durable before the next: the new key stands beside the old one
//! (`….next`); the key file, written anew, takes the place of the old one; the old key is overwritten
//! where it lies; the new one takes its name. The key file begins with a proof that only its own
//! wrapping key opens: so the next start knows which of the two counts, and goes on from there.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::folder::{self, io_error};
use crate::keyfile::Bytes;
use crate::seal::random;

/// Makes a wrapping key, unless someone provided one.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn make(path: &Path) -> Result<(), StoreError> {
    if path.exists() {
        return Ok(());
    }
    // Whole or not at all: a part of one outside of the folder would stand in the way for ever.
    folder::replace(path, random::<32>()?.as_slice())
}

/// Reads a wrapping key.
///
/// # Errors
/// `Corrupt`, when it cannot be read or is none.
pub fn read(path: &Path) -> Result<Bytes, StoreError> {
    let bytes = fs::read(path)
        .map(zeroize::Zeroizing::new)
        .map_err(|e| StoreError::Corrupt(format!("the wrapping key cannot be read: {e}")))?;
    let mut key = Bytes::default();
    if bytes.len() != key.len() {
        return Err(StoreError::Corrupt(
            "the wrapping key is not 32 bytes".into(),
        ));
    }
    key.copy_from_slice(&bytes);
    Ok(key)
}

/// The first step: a new key beside the old one. Whatever was begun before must be settled.
///
/// # Errors
/// `Full` or `Unavailable`; then nothing changed.
pub fn begin(path: &Path) -> Result<Bytes, StoreError> {
    let fresh: Bytes = random()?;
    folder::replace(&next(path), fresh.as_slice())?;
    Ok(fresh)
}

/// The last two steps, once the key file is wrapped under the new key.
///
/// # Errors
/// `Full` or `Unavailable`; then the next start, or the next change, finishes them.
pub fn finish(path: &Path) -> Result<(), StoreError> {
    overwrite(path)
        .and_then(|()| fs::rename(next(path), path))
        .and_then(|()| folder::sync_dir(parent(path)))
        .map_err(|error| io_error("overwriting the old wrapping key", &error))
}

/// Takes up what an interrupted change left: `fits` says whether a key opens the key file as it stands.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn settle(path: &Path, fits: impl Fn(&Bytes) -> bool) -> Result<(), StoreError> {
    let waiting = next(path);
    if !waiting.exists() {
        return Ok(());
    }
    if read(&waiting).is_ok_and(|key| fits(&key)) {
        return finish(path);
    }
    if !read(path).is_ok_and(|key| fits(&key)) {
        // Neither fits: whoever reads the key file next says so, and nothing is thrown away.
        return Ok(());
    }
    // The key file was not written anew: the change did not happen.
    discard(&waiting).map_err(|error| io_error("clearing an unfinished wrapping key", &error))
}

/// Overwrites a file of secrets where it lies and takes it away. What flash memory keeps of it, no
/// program can reach.
///
/// # Errors
/// Those of the file system.
pub fn discard(path: &Path) -> io::Result<()> {
    overwrite(path)?;
    fs::remove_file(path)?;
    folder::sync_dir(parent(path))
}

fn overwrite(path: &Path) -> io::Result<()> {
    let file = match folder::edit(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut noise = vec![0; usize::try_from(file.metadata()?.len()).unwrap_or(0)];
    getrandom::fill(&mut noise).map_err(|_| io::Error::other("no random numbers"))?;
    file.write_all_at(&noise, 0)?;
    file.sync_all()
}

fn next(path: &Path) -> PathBuf {
    path.with_extension("next")
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}
