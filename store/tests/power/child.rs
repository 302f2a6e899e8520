//! The processes that write, and those that look afterwards: each is this test program again, in another part.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::preload::Variables;
use super::{check, plain, writer};

const PART: &str = "PIPSS_POWER_PART";
const FOLDER: &str = "PIPSS_POWER_FOLDER";
const SAID: &str = "PIPSS_POWER_SAID";
const SEED: &str = "PIPSS_POWER_SEED";
const PHASE: &str = "PIPSS_POWER_PHASE";
/// Nothing that works takes this long, in seconds; what does is taken for hanging.
const PATIENCE: &str = "120";

/// What a process is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Write to our store.
    Write,
    /// Write to a bare sled and flush each time.
    WriteFlushed,
    /// Write to a bare sled, made durable every so many values.
    WriteNowAndThen,
    /// Look at our store and go on with it.
    Check,
    /// Look at a bare sled.
    CheckSled,
}

const PARTS: [Part; 5] = [
    Part::Write,
    Part::WriteFlushed,
    Part::WriteNowAndThen,
    Part::Check,
    Part::CheckSled,
];

/// Where it works and with what.
pub struct Task<'a> {
    pub part: Part,
    pub folder: &'a Path,
    /// What was said is written here, or read from here.
    pub said: &'a Path,
    pub seed: u64,
    /// Keeps apart what several processes write one after the other.
    pub phase: u64,
    /// What else stands in its environment.
    pub variables: Variables,
}

impl Task<'_> {
    /// Runs it to its end.
    pub fn run(&self) -> Output {
        Command::new("timeout")
            .args(["-s", "KILL", PATIENCE, "env"])
            .args(self.variables.iter().map(|(name, value)| {
                let mut setting = std::ffi::OsString::from(name);
                setting.push("=");
                setting.push(value);
                setting
            }))
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_of_these_tests", "--nocapture"])
            .env(PART, format!("{:?}", self.part))
            .env(FOLDER, self.folder)
            .env(SAID, self.said)
            .env(SEED, self.seed.to_string())
            .env(PHASE, self.phase.to_string())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

impl Task<'_> {
    /// Runs it to its end, which must be a good one.
    pub fn succeed(&self) {
        let done = self.run();
        let words = [done.stdout, done.stderr].concat();
        let words = String::from_utf8_lossy(&words);
        assert!(done.status.success(), "writing failed: {words}");
    }
}

/// Says what was acknowledged, from any thread, one call each.
pub struct Say(File);

impl Say {
    pub fn line(&self, line: &str) {
        (&self.0).write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

/// Does what the environment says this process is for; nothing if it is the test program itself.
pub fn play() {
    let var = |name| std::env::var(name).ok();
    let Some(part) = PARTS
        .into_iter()
        .find(|part| var(PART) == Some(format!("{part:?}")))
    else {
        return;
    };
    let (folder, said) = (
        PathBuf::from(var(FOLDER).unwrap()),
        PathBuf::from(var(SAID).unwrap()),
    );
    let number = |name| var(name).unwrap().parse::<u64>().unwrap();
    let (seed, phase) = (number(SEED), number(PHASE));
    let say = || Say(File::options().write(true).open(&said).unwrap());
    let lines = || {
        let text = std::fs::read_to_string(&said).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    match part {
        Part::Write => writer::write(&folder, say(), seed, phase),
        Part::WriteFlushed => plain::flushed(&folder, &say()),
        Part::WriteNowAndThen => plain::now_and_then(&folder, &say()),
        Part::Check => check::check(&folder, &lines(), phase),
        Part::CheckSled => plain::check(&folder, &lines()),
    }
}
