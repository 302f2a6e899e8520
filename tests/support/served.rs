//! The program as a process of this machine: its number, what it writes to its log, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// A program that serves; killed when it goes out of scope.
pub struct Served {
    child: Child,
    said: Option<JoinHandle<String>>,
    pub base: String,
}

impl Served {
    /// Starts it; returns when it says that it is ready.
    pub fn start(command: &mut Command) -> Self {
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().expect("it says something").unwrap();
        let base = ready.strip_prefix("ready ").expect(&ready).to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        let mut errors = child.stderr.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = errors.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        });
        Self {
            child,
            said: Some(said),
            base,
        }
    }

    /// The address, as a socket takes it.
    pub fn address(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and answers what it wrote to its log; it must end in good order.
    pub fn end(mut self) -> String {
        let told = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status();
        assert!(told.unwrap().success());
        let ended = self.child.wait().unwrap();
        let said = self.said.take().unwrap().join().unwrap();
        assert!(!said.contains("panicked"), "{said}");
        assert!(ended.success(), "{said}");
        said
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(said) = self.said.take() {
            eprintln!("{}", said.join().unwrap_or_default());
        }
    }
}
