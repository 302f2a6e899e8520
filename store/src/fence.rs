//! Whether the data folder is still the one that was opened, or was moved, deleted or replaced meanwhile.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

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
    let which = |there: fs::Metadata| (there.dev(), there.ino());
    match (fs::metadata(path).map(which), file.metadata().map(which)) {
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
