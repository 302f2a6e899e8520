//! A real file system on the recording disk: made, mounted over a loop device, and always taken away again.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::disk::{Disk, Event};

const IMAGE_BYTES: u64 = 64 << 20;

/// A mounted file system. The loop device goes with the mount.
pub struct Ext4 {
    at: TempDir,
    disk: Disk,
    before: Vec<u8>,
}

impl Ext4 {
    /// Plugs in a disk with these bytes and mounts what is on it, as the next start of a machine would.
    pub fn mount(image: Vec<u8>) -> io::Result<Self> {
        let before = image.clone();
        let (disk, at) = (Disk::plug_in(image)?, tempfile::tempdir()?);
        let (image, path) = (disk.image(), at.path().to_owned());
        let mounted = Self { at, disk, before };
        run(
            "mount",
            &[
                "-t".as_ref(),
                "ext4".as_ref(),
                "-o".as_ref(),
                "loop".as_ref(),
                image.as_ref(),
                path.as_ref(),
            ],
        )?;
        Ok(mounted)
    }

    pub fn folder(&self) -> &Path {
        self.at.path()
    }

    pub fn said(&self) -> PathBuf {
        self.disk.said()
    }

    /// What stood there before it was mounted, and all that reached the disk since.
    pub fn recorded(mut self) -> (Vec<u8>, Vec<Event>) {
        (std::mem::take(&mut self.before), self.disk.events())
    }
}

impl Drop for Ext4 {
    fn drop(&mut self) {
        let path = self.at.path();
        if run("umount", &[path.as_ref()]).is_err() {
            run("umount", &["-l".as_ref(), path.as_ref()]).ok();
        }
    }
}

/// The bytes of an empty file system; made once.
pub fn empty() -> io::Result<Vec<u8>> {
    static EMPTY: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
    let made = EMPTY.get_or_init(|| make().map_err(|error| error.to_string()));
    made.clone().map_err(io::Error::other)
}

fn make() -> io::Result<Vec<u8>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.as_file().set_len(IMAGE_BYTES)?;
    let options = "lazy_itable_init=0,lazy_journal_init=0,nodiscard";
    run(
        "mkfs.ext4",
        &[
            "-qF".as_ref(),
            "-b4096".as_ref(),
            "-m0".as_ref(),
            "-E".as_ref(),
            options.as_ref(),
            file.path().as_ref(),
        ],
    )?;
    let mut image = Vec::new();
    File::open(file.path())?.read_to_end(&mut image)?;
    file.as_file_mut().set_len(0)?;
    Ok(image)
}

/// Runs one of the machine's tools; also where its folder is not on the path of an ordinary person.
pub fn run(tool: &str, arguments: &[&OsStr]) -> io::Result<()> {
    let path = std::env::var("PATH").unwrap_or_default();
    let done = Command::new(tool)
        .args(arguments)
        .env("PATH", format!("{path}:/usr/sbin:/sbin"))
        .output()
        .map_err(|error| io::Error::other(format!("{tool}: {error}")))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    Err(io::Error::other(format!("{tool}: {said}")))
}
