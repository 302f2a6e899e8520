//! The weaker way, where no disk of our own can be had: the calls of a process, written down in order.

use std::path::{Path, PathBuf};

use super::child::Task;
use super::preload::Preload;
use super::promised::Files;
use super::recording::Work;

/// A call that changed something, or what was said.
pub enum Call {
    Create {
        inode: u64,
        path: PathBuf,
    },
    Folder {
        inode: u64,
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Unlink(PathBuf),
    Write {
        inode: u64,
        at: usize,
        bytes: Vec<u8>,
    },
    Length {
        inode: u64,
        length: usize,
    },
    /// Made durable: a file, which had that length, or the names in a folder.
    Sync {
        inode: u64,
        length: usize,
    },
    Said(String),
}

/// The files before, and all calls since.
pub struct Calls {
    pub before: Files,
    pub calls: Vec<Call>,
}

impl Calls {
    /// Records work in a plain folder.
    pub fn of(work: &Work, root: &Path) -> Self {
        let beside = tempfile::tempdir().unwrap();
        let (trace, said) = (beside.path().join("trace"), beside.path().join("said"));
        std::fs::write(&trace, b"").unwrap();
        std::fs::write(&said, b"").unwrap();
        let preload = Preload::compile();
        let root = root.canonicalize().unwrap();
        let before = Files::of(&root);
        let mut variables = work.variables.clone();
        variables.extend(preload.traced(&trace, &root, &said));
        Task {
            part: work.part,
            folder: &root.join("data"),
            said: &said,
            seed: work.seed,
            phase: work.phase,
            variables,
        }
        .succeed();
        let bytes = std::fs::read(&trace).unwrap();
        let mut rest = bytes.as_slice();
        let calls = std::iter::from_fn(|| call(&mut rest, &root)).collect();
        Self { before, calls }
    }
}

/// The next record of a trace; see preload.c.
fn call(rest: &mut &[u8], root: &Path) -> Option<Call> {
    let kind = *rest.split_off_first()?;
    let inode = u64::from_ne_bytes(*rest.split_off(..8)?.as_array()?);
    let number = u64::from_ne_bytes(*rest.split_off(..8)?.as_array()?) as usize;
    let length = u32::from_ne_bytes(*rest.split_off(..4)?.as_array()?) as usize;
    let bytes = rest.split_off(..length)?.to_vec();
    let text = || String::from_utf8(bytes.clone()).unwrap();
    let within = |path: &str| Path::new(path).strip_prefix(root).unwrap().to_owned();
    Some(match kind {
        b'C' => Call::Create {
            inode,
            path: within(&text()),
        },
        b'M' => Call::Folder {
            inode,
            path: within(&text()),
        },
        b'R' => {
            let both = text();
            let (from, to) = both.split_once('\n').unwrap();
            Call::Rename {
                from: within(from),
                to: within(to),
            }
        }
        b'U' => Call::Unlink(within(&text())),
        b'W' => Call::Write {
            inode,
            at: number,
            bytes,
        },
        b'T' => Call::Length {
            inode,
            length: number,
        },
        b'S' => Call::Sync {
            inode,
            length: number,
        },
        b'A' => Call::Said(text().trim_end().to_owned()),
        other => panic!("the trace holds a record of kind {other}"),
    })
}
