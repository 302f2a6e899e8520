//! A disk so small that it can be filled: a real one where we may mount, else one that only says it is full.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::preload;

/// The disk, unmounted when it goes out of scope.
pub struct SmallDisk {
    folder: TempDir,
    mounted: bool,
}

impl SmallDisk {
    /// A disk of so many MiB; prints of which kind it is.
    pub fn new(mib: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("disk");
        fs::create_dir(&place).unwrap();
        let options = format!("size={mib}m,mode=700");
        let mounted = mount(&["-t", "tmpfs", "-o", &options, "pipss-small"], &place);
        println!(
            "the small disk: {}",
            if mounted {
                "a real one, mounted"
            } else {
                "calls that fail, because nobody may mount one here"
            }
        );
        Self { folder, mounted }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// Has a program live on it.
    pub fn holds(&self, command: &mut Command) {
        if !self.mounted {
            command
                .env("LD_PRELOAD", preload::library())
                .env("PIPSS_UNDER", self.path())
                .env("PIPSS_HOW", "full")
                .env("PIPSS_WHILE", self.ballast());
        }
    }

    /// Leaves not a byte free.
    pub fn fill(&self) {
        fill(&self.ballast());
    }

    /// Gives back all the space that [`SmallDisk::fill`] took.
    pub fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    /// What fills it: a file on it, or beside it one that says so.
    pub fn ballast(&self) -> PathBuf {
        match self.mounted {
            true => self.path().join("ballast"),
            false => self.folder.path().join("ballast"),
        }
    }

    /// From now on nothing can be written there, if it is one of the kind that can.
    pub fn only_read(&self) -> bool {
        self.mounted && mount(&["-o", "remount,ro"], &self.path())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(self.path()).status();
        }
    }
}

/// Fills the disk that a file lies on, by writing to the file; one that is not on a small disk only marks.
pub fn fill(ballast: &Path) {
    let mut file = File::create(ballast).unwrap();
    if ballast.parent().is_none_or(|disk| !disk.ends_with("disk")) {
        return;
    }
    for part in [1 << 20, 4096, 1] {
        while file.write_all(&vec![7; part]).is_ok() {}
    }
}

fn mount(arguments: &[&str], place: &Path) -> bool {
    let tried = Command::new("mount").args(arguments).arg(place).output();
    tried.is_ok_and(|tried| tried.status.success())
}
