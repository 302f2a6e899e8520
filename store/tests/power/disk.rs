//! A disk in memory that keeps, in order, all that was written to it and each time it was told to make it durable.
//!
//! It is two files of a FUSE file system: `disk.img`, over which a loop device lies, and `said`, where the
//! program under test says what it acknowledged. One lock, one list: so each word has its exact place
//! among the writes.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyEmpty,
    ReplyEntry, ReplyOpen, ReplyWrite, Request, WriteFlags,
};
use tempfile::TempDir;

const IMAGE: INodeNo = INodeNo(2);
const SAID: INodeNo = INodeNo(3);
const FOR_EVER: Duration = Duration::from_secs(1 << 30);

/// What reached the disk, or was said beside it.
pub enum Event {
    Write { at: usize, bytes: Vec<u8> },
    Flush,
    Said(String),
}

/// The disk, plugged in.
pub struct Disk {
    kept: Arc<Mutex<Kept>>,
    session: Option<BackgroundSession>,
    folder: TempDir,
}

struct Kept {
    image: Vec<u8>,
    events: Vec<Event>,
}

impl Disk {
    /// Plugs in a disk that holds these bytes.
    pub fn plug_in(image: Vec<u8>) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let events = Vec::new();
        let kept = Arc::new(Mutex::new(Kept { image, events }));
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("pipss-power".into())];
        let session = fuser::spawn_mount(Served(Arc::clone(&kept)), folder.path(), &config)
            .map_err(|error| io::Error::other(format!("FUSE: {error}")))?;
        Ok(Self {
            kept,
            session: Some(session),
            folder,
        })
    }

    pub fn image(&self) -> PathBuf {
        self.folder.path().join("disk.img")
    }

    /// Where the program under test says what it acknowledged.
    pub fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    /// All that happened so far; what happens later is kept for nobody.
    pub fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.kept.lock().unwrap().events)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(session) = self.session.take()
            && let Err(error) = session.umount_and_join()
        {
            eprintln!("{}: {error}", self.folder.path().display());
            super::ext4::run("umount", &["-l".as_ref(), self.folder.path().as_ref()]).ok();
        }
    }
}

struct Served(Arc<Mutex<Kept>>);

impl Served {
    fn attributes(&self, ino: INodeNo) -> FileAttr {
        let size = match ino {
            IMAGE => self.0.lock().unwrap().image.len() as u64,
            _ => 0,
        };
        let root = ino == INodeNo::ROOT;
        FileAttr {
            ino,
            size,
            blocks: size / 512,
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind: if root {
                FileType::Directory
            } else {
                FileType::RegularFile
            },
            perm: if root { 0o700 } else { 0o600 },
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }
}

impl Filesystem for Served {
    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let ino = match name.to_str() {
            Some("disk.img") => IMAGE,
            Some("said") => SAID,
            _ => return reply.error(Errno::ENOENT),
        };
        reply.entry(&FOR_EVER, &self.attributes(ino), Generation(0));
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        reply.attr(&FOR_EVER, &self.attributes(ino));
    }

    fn open(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        // What is said has no length and goes past the machine's memory, one call an event.
        let flags = match ino {
            SAID => FopenFlags::FOPEN_DIRECT_IO,
            _ => FopenFlags::empty(),
        };
        reply.opened(FileHandle(0), flags);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        if ino != IMAGE {
            return reply.data(&[]);
        }
        let kept = self.0.lock().unwrap();
        let from = (offset as usize).min(kept.image.len());
        let to = (from + size as usize).min(kept.image.len());
        reply.data(&kept.image[from..to]);
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mut kept = self.0.lock().unwrap();
        let event = if ino == IMAGE {
            let at = offset as usize;
            let Some(place) = kept.image.get_mut(at..at + data.len()) else {
                return reply.error(Errno::ENOSPC);
            };
            place.copy_from_slice(data);
            let bytes = data.to_vec();
            Event::Write { at, bytes }
        } else {
            Event::Said(String::from_utf8_lossy(data).trim_end().to_owned())
        };
        kept.events.push(event);
        drop(kept);
        reply.written(data.len() as u32);
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        if ino == IMAGE {
            self.0.lock().unwrap().events.push(Event::Flush);
        }
        reply.ok();
    }
}
