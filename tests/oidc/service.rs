//! The sign-in service of the tests: a real one, on this machine, whose keys can be changed.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

pub const CLIENT: &str = "pipss-pages";
pub const SECRET: &str = "a-secret-of-the-tests/with+signs";
pub const AUDIENCE: &str = "urn:pipss:api";

/// Killed when it goes out of scope.
pub struct Service {
    child: Child,
    told: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
    pub issuer: String,
}

impl Service {
    /// Serves pages at that address; it begins with the key `old`.
    pub fn start(pages: &str) -> Self {
        let settings =
            json!({ "client": CLIENT, "secret": SECRET, "pages": pages, "audience": AUDIENCE });
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        // Of the whole, or of the interface beside it.
        let roots = [root, root.parent().unwrap()].map(|root| root.join("tests/oidc"));
        let folder = roots.iter().find(|folder| folder.exists()).unwrap();
        let mut child = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs; tests/peers/setup installs what these tests need");
        let mut says = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = says.next().expect("it starts").unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        Self {
            told: child.stdin.take().unwrap(),
            child,
            says,
            issuer: first["issuer"].as_str().unwrap().to_owned(),
        }
    }

    /// Publishes these keys; the first signs.
    pub fn publish(&mut self, keys: &[&str]) {
        self.tell(&json!({ "keys": keys }));
    }

    /// Answers everything with this from now on.
    pub fn answer(&mut self, status: u16, text: &str) {
        self.tell(&json!({ "answer": { "status": status, "text": text } }));
    }

    fn tell(&mut self, what: &Value) {
        writeln!(self.told, "{what}").unwrap();
        self.says.next().expect("it is still there").unwrap();
    }

    /// From now on nothing answers at its address.
    pub fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop();
    }
}
