//! A real mail server that a test can start, watch and make fail.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

/// Far longer than anything takes, so that a test that hangs ends with a sentence.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with the test.
pub struct SmtpPeer {
    pub port: u16,
    pub folder: TempDir,
    child: Child,
    lines: Receiver<String>,
}

/// One message as the server accepted it and Python's own parser reads it.
#[derive(Debug, Deserialize)]
pub struct Received {
    pub envelope_from: String,
    pub envelope_to: Vec<String>,
    pub headers: Vec<(String, String)>,
    pub text: String,
    pub calendars: Vec<CalendarReceived>,
}

/// A calendar part of a message, with its type as it stood there.
#[derive(Debug, Deserialize)]
pub struct CalendarReceived {
    #[serde(rename = "type")]
    pub content_type: String,
    pub text: String,
}

impl Received {
    /// Every value of one header, decoded.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(each, _)| each.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

impl SmtpPeer {
    /// Modes: ok, 450, 550, drop-after-data, greylist, slow, inject.
    pub fn start(mode: &str) -> SmtpPeer {
        SmtpPeer::start_with(mode, &[])
    }

    /// With further options of tests/peers/smtp_peer.py.
    pub fn start_with(mode: &str, options: &[&str]) -> SmtpPeer {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(python())
            .arg(root().join("tests/peers/smtp_peer.py"))
            .args(["--port", "0", "--with-stdin", "--mode", mode, "--dir"])
            .arg(folder.path())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let first = lines
            .recv_timeout(PATIENCE)
            .expect("the mail server starts");
        let port = first.strip_prefix("listening ").unwrap().parse().unwrap();
        SmtpPeer {
            port,
            folder,
            child,
            lines,
        }
    }

    /// Changes the mode from now on.
    pub fn set_mode(&self, mode: &str) {
        // In one step: the server must never read half a word.
        let new = self.folder.path().join("mode.new");
        std::fs::write(&new, mode).unwrap();
        std::fs::rename(new, self.folder.path().join("mode")).unwrap();
    }

    /// What was accepted so far, oldest first.
    pub fn messages(&self) -> Vec<Received> {
        let parsed = self
            .stored()
            .into_iter()
            .map(|path| path.with_extension("json"));
        parsed
            .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
            .collect()
    }

    /// The bytes of what was accepted so far, envelope lines first.
    pub fn raw_messages(&self) -> Vec<String> {
        let stored = self.stored().into_iter();
        stored
            .map(|path| String::from_utf8(std::fs::read(path).unwrap()).unwrap())
            .collect()
    }

    fn stored(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        // The parsed copy is written last, so what has one is complete.
        paths.retain(|path| {
            path.extension().is_some_and(|end| end == "eml") && path.with_extension("json").exists()
        });
        paths.sort();
        paths
    }

    /// Waits until so many were accepted.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        while self.stored().len() < count {
            let line = self.lines.recv_timeout(PATIENCE);
            line.unwrap_or_else(|_| panic!("{} of {count} letters came", self.stored().len()));
        }
        self.messages()
    }

    /// The Message-ID of what was last dropped after it had been read.
    pub fn dropped(&self) -> Option<String> {
        let message = std::fs::read_to_string(self.folder.path().join("dropped")).ok()?;
        let mut lines = message.lines();
        lines.find_map(|line| Some(line.strip_prefix("Message-ID: ")?.to_owned()))
    }

    /// The SMTP commands received so far.
    pub fn seen(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("seen")).unwrap_or_default()
    }
}

impl Drop for SmtpPeer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(output: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// The interpreter with the server's packages, installed if they are not.
pub fn python() -> PathBuf {
    let done = Command::new(root().join("tests/peers/setup")).status();
    let done = done.expect("tests/peers/setup can be started (it needs bash)");
    assert!(
        done.success(),
        "tests/peers/setup failed: its own words are above"
    );
    root().join(".tools/venv/bin/python")
}

/// What Python's icalendar reads in an iCalendar object.
pub fn read_calendar(text: &str) -> serde_json::Value {
    use std::io::Write;
    let mut child = Command::new(python())
        .arg(root().join("tests/peers/read_calendar.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "it cannot be read: {text}");
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
