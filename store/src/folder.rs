//! The data folder: who may open it, what it is for, and the careful steps by which files in it change.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, FallocateFlags, StatxFlags, fallocate, statvfs, statx};
use rustix::io::{Errno, retry_on_intr};
use uuid::Uuid;

use crate::StoreError;
use crate::fence::Fence;
use crate::owner;
use crate::store_id::StoreId;
pub use crate::store_id::{Purpose, identity, newer, purpose, reborn};

/// How often the lock of a folder is tried again, and after how long each time: a second in all.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);
/// What a store keeps in its folder, beside its id and its lock.
const PIECES: [&str; 4] = ["wrapping.key", "keys", "journal", "sled"];

/// A data folder that this process holds alone.
pub struct Folder {
    path: PathBuf,
    id: StoreId,
    fence: Fence,
}

impl Folder {
    /// Locks the folder and reads its store id, or begins a new store in it.
    ///
    /// # Errors
    /// `Locked`, `Refused` (other purpose, newer format), `Corrupt`, or `Unavailable`.
    pub fn open(path: &Path, purpose: Purpose) -> Result<Self, StoreError> {
        owner::check(path)?;
        create_dir(path)?;
        let lock = lock(&path.join("lock"))?;
        let id = match fs::read(path.join("store")) {
            Ok(bytes) => StoreId::read(&bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => begin(path, purpose)?,
            Err(error) => return Err(io_error("reading the store id", &error)),
        };
        id.check(purpose)?;
        if !id.ready {
            clear(path)?;
            id.write(path)?;
        }
        Ok(Self {
            path: path.to_owned(),
            id,
            fence: Fence::new(lock, path.join("lock")),
        })
    }

    /// Is every piece still to be made?
    pub const fn is_new(&self) -> bool {
        !self.id.ready
    }

    /// From now on, what is missing was lost.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn made(&mut self) -> Result<(), StoreError> {
        self.id.ready = true;
        self.id.write(&self.path)
    }

    /// Is it still the one that was opened?
    pub const fn fence(&self) -> &Fence {
        &self.fence
    }

    /// The random id that ties the pieces together.
    pub const fn store(&self) -> Uuid {
        self.id.store
    }

    /// Which of the folders it is that were made, one from another, out of backups.
    pub const fn incarnation(&self) -> Uuid {
        self.id.incarnation
    }

    /// What it was made for.
    pub const fn purpose(&self) -> Purpose {
        self.id.purpose
    }

    /// A piece of the store.
    pub fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Bytes that are still free for us on the disk of `path`.
///
/// # Errors
/// `Unavailable`, when the machine does not say.
pub fn free_bytes(path: &Path) -> Result<u64, StoreError> {
    let disk = retry_on_intr(|| statvfs(path))
        .map_err(|error| io_error("asking for free space", &error.into()))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Is there room for a new store, if one is still to be made? Asked before anything is made.
///
/// # Errors
/// `Full`, when less than `bytes` are free; `Unavailable`, when the machine does not say.
pub fn room_for_new(path: &Path, bytes: u64) -> Result<(), StoreError> {
    if path.join("store").exists() {
        return Ok(());
    }
    let path = std::path::absolute(path)
        .map_err(|error| io_error("looking for the data folder", &error))?;
    let there = path.ancestors().find(|folder| folder.is_dir());
    match free_bytes(there.unwrap_or(Path::new("/")))? {
        free if free < bytes => Err(StoreError::Full),
        _ => Ok(()),
    }
}

/// How many bytes the files of a folder have together; those that cannot be measured count nothing.
pub fn bytes_in(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten();
    let files = entries.filter_map(|entry| entry.ok()?.metadata().ok());
    files.map(|file| file.len()).sum()
}

/// Reserves the bytes of a file up to `length`, so that writing them later cannot fail for want of
/// space.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn reserve(file: &File, length: u64) -> Result<(), StoreError> {
    // Its length and no more: to ask for its times as well makes its next sync wait longer (see `fence.rs`).
    let have = statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::SIZE)
        .map_err(|error| io_error("measuring a file", &error.into()))?
        .stx_size;
    if have >= length {
        return Ok(());
    }
    let (from, more) = (have, length - have);
    let all = FallocateFlags::empty();
    match retry_on_intr(|| fallocate(file, all, from, more)) {
        // A file system that cannot reserve: what is written there shows whether there is space.
        Ok(()) | Err(Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(io_error("reserving space", &error.into())),
    }
}

/// Creates a file that only we may read.
///
/// # Errors
/// Those of the file system.
pub fn create(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

/// Opens a file of ours for reading and writing.
///
/// # Errors
/// Those of the file system.
pub fn edit(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Creates a folder that only we may enter, and makes its entry durable.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn create_dir(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .and_then(|()| path.parent().map_or(Ok(()), sync_dir))
        .map_err(|error| io_error(&format!("creating {}", path.display()), &error))
}

/// Makes names within a folder durable: created, renamed, removed.
///
/// # Errors
/// Those of the file system.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)?.sync_all()
}

/// Puts `bytes` in the place of a file so that either the old or the new stands there, never a part.
///
/// # Errors
/// `Full` or `Unavailable`.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let beside = path.with_extension("new");
    let write = || {
        let mut file = private().create(true).truncate(true).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        sync_dir(path.parent().unwrap_or(Path::new(".")))
    };
    write().map_err(|error| io_error("replacing a file", &error))
}

/// What an error of the file system means to whoever wanted to save something.
pub fn io_error(doing: &str, error: &io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            StoreError::Full
        }
        _ => StoreError::Unavailable(format!("{doing} failed: {error}")),
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let opened = private().create(true).truncate(false).open(path);
    let file = opened.map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            StoreError::Refused(format!(
                "the data folder cannot be written to: opening {} failed: {error}",
                path.display()
            ))
        }
        _ => io_error(&format!("opening {}", path.display()), &error),
    })?;
    let mut tries = 0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A program that is just ending, or a child that is just being started, holds it for a moment.
            Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => {
                return Err(io_error("locking the data folder", &error));
            }
        }
        tries += 1;
    }
}

fn begin(path: &Path, purpose: Purpose) -> Result<StoreId, StoreError> {
    if let Some(piece) = PIECES.iter().find(|piece| path.join(piece).exists()) {
        let what = format!("the folder holds `{piece}` but no store id");
        return Err(StoreError::Corrupt(what));
    }
    StoreId::begin(purpose)
}

/// Removes what an interrupted creation left behind: nothing in it was ever acknowledged.
fn clear(path: &Path) -> Result<(), StoreError> {
    for piece in PIECES {
        let piece = path.join(piece);
        let removed = if piece.is_dir() {
            fs::remove_dir_all(&piece)
        } else {
            fs::remove_file(&piece)
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(io_error("clearing an unfinished folder", &error));
            }
            _ => {}
        }
    }
    Ok(())
}
