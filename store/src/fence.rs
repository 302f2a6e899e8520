//! Whether the data folder is still the one that was opened, or was moved, deleted or replaced meanwhile.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{AtFlags, CWD, StatxFlags, statx};

use crate::StoreError;
use crate::folder::io_error;

/// What keeps us from writing to where nobody looks any more, or where somebody else writes.
pub struct Fence {
    /// The lock of the folder, held for as long as it is open.
    lock: File,
    path: PathBuf,
    fenced: AtomicBool,
}

impl Fence {
    /// Around the folder whose lock this is.
    pub const fn new(lock: File, path: PathBuf) -> Self {
        Self {
            lock,
            path,
            fenced: AtomicBool::new(false),
        }
    }

    /// Is the folder still there? Once it was not, it never is again: what was done to it meanwhile
    /// nobody knows.
    ///
    /// # Errors
    /// `Fenced`, when it is not; `Unavailable`, when the machine does not say.
    pub fn holds(&self) -> Result<(), StoreError> {
        self.around(&self.lock, &self.path)
    }

    /// The same, asked at the end, when a folder may be gone because nobody needs it any more: nothing is
    /// said of it.
    pub fn stands(&self) -> bool {
        !self.fenced.load(Ordering::Acquire) && in_place(&self.lock, &self.path).is_ok()
    }

    /// The same of one file of the folder, which we hold open.
    ///
    /// # Errors
    /// `Fenced`, when the name no longer leads to it; `Unavailable`, when the machine does not say.
    pub fn around(&self, file: &File, path: &Path) -> Result<(), StoreError> {
        let here = match self.fenced.load(Ordering::Acquire) {
            true => Err(StoreError::Fenced),
            false => in_place(file, path),
        };
        if let Err(error @ StoreError::Fenced) = &here
            && !self.fenced.swap(true, Ordering::AcqRel)
        {
            tracing::error!("{error}");
        }
        here
    }
}

/// Does a name still lead to the file that we hold open?
fn in_place(file: &File, path: &Path) -> Result<(), StoreError> {
    let there = which(CWD, path, AtFlags::empty());
    let held = which(file, Path::new(""), AtFlags::EMPTY_PATH);
    match (there, held) {
        (Ok(there), Ok(held)) if there == held => Ok(()),
        (Ok(_), Ok(_)) => Err(StoreError::Fenced),
        (Err(error), _)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
        {
            Err(StoreError::Fenced)
        }
        (Err(error), _) | (_, Err(error)) => Err(io_error("looking for the data folder", &error)),
    }
}

/// The disk and the number of a file, and nothing else: a file whose times were asked for gets a new time with
/// its next write, and the sync after that write then waits for the disk twice. This is asked before every commit.
fn which(at: impl AsFd, path: &Path, flags: AtFlags) -> io::Result<(u32, u32, u64)> {
    let is = statx(at, path, flags, StatxFlags::INO)?;
    Ok((is.stx_dev_major, is.stx_dev_minor, is.stx_ino))
}
