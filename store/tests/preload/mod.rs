//! Stands between a program and its files: makes chosen calls fail, or writes down all that was done.
//!
//! `preload.c` beside this says what it can be told. It is compiled once a process, with `cc`.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its own part"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// Every kind of call it counts.
pub const KINDS: [&str; 8] = [
    "write", "sync", "rename", "open", "resize", "reserve", "range", "name",
];

/// What shall go wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The kind of call.
    pub call: &'static str,
    /// Which of them, from 1; 0 for none.
    pub nth: u64,
    /// An errno, or a word: see `preload.c`.
    pub how: &'static str,
    /// Also all that come after it.
    pub from: bool,
}

impl Fault {
    /// Nothing goes wrong: calls are only counted.
    pub const NONE: Self = Self {
        call: "write",
        nth: 0,
        how: "5",
        from: false,
    };
}

/// The compiled library.
pub fn library() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("preload.so");
        let source = folder.path().join("preload.c");
        std::fs::write(&source, include_str!("preload.c")).unwrap();
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-w", "-o"])
            .arg(&library)
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .status();
        assert!(built.expect("a C compiler, cc").success());
        (folder, library)
    });
    library
}

/// Has a program run with its files under `folder` watched. Counts are written to `counts`.
pub fn watch(command: &mut Command, folder: &Path, fault: &Fault, counts: &Path) {
    command
        .env("LD_PRELOAD", library())
        .env("PIPSS_UNDER", folder)
        .env("PIPSS_COUNTS", counts)
        .env("PIPSS_CALL", fault.call)
        .env("PIPSS_NTH", fault.nth.to_string())
        .env("PIPSS_HOW", fault.how);
    if fault.from {
        command.env("PIPSS_FROM", "1");
    }
}

/// How often each kind was called, and `fired`: how often one failed.
pub fn counts(path: &Path) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(kind, count)| (kind.to_owned(), count.parse().unwrap()))
        .collect()
}
