//! One process after another over the same folder, and requests that outlive the process they were sent to.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::watch;

pub use super::demo::later;
use super::demo::{Answer, Demo, Person, pipss};
use super::smtp::SmtpPeer;

/// Far longer than a restart takes, so that a client that waits in vain ends with a sentence.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub const LEADS: [&str; 2] = ["Alex Kestrel", "Charlie Dunnock"];
pub const RAISERS: [&str; 11] = [
    "Robin Wren",
    "Sam Heron",
    "Jo Plover",
    "Nic Bittern",
    "Val Teal",
    "Ash Linnet",
    "Lee Avocet",
    "Pat Curlew",
    "Max Dipper",
    "Toni Godwit",
    "Ray Pipit",
];

/// One life of the process, from its start to its kill, with everyone signed in to it.
pub struct Life {
    pub demo: Demo,
    pub people: BTreeMap<&'static str, Person>,
}

/// What stays while processes come and go.
pub struct Ground {
    pub folder: TempDir,
    pub post: SmtpPeer,
}

impl Ground {
    fn arguments(&self) -> Vec<String> {
        let folder = self.folder.path().to_str().unwrap();
        let smtp = format!("127.0.0.1:{}", self.post.port);
        ["--empty", "--data", folder, "--smtp", &smtp]
            .map(str::to_owned)
            .into()
    }

    pub async fn start(&self) -> Arc<Life> {
        let arguments = self.arguments();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let demo = Demo::start(&arguments);
        let mut people = BTreeMap::new();
        for name in LEADS.into_iter().chain(RAISERS) {
            people.insert(name, demo.person(name).await);
        }
        Arc::new(Life { demo, people })
    }

    /// A start that does not live to say that it is ready, as it may be.
    pub async fn start_in_vain(&self, after: Duration) {
        let mut child = pipss()
            .args(["demo", "--port", "0"])
            .args(self.arguments())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(after).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// A request, the same however often it is sent.
#[derive(Clone)]
pub struct Asked {
    pub who: &'static str,
    pub path: String,
    pub key: String,
    pub if_match: Option<u64>,
    pub body: Value,
}

impl Asked {
    pub async fn send(&self, life: &Life) -> reqwest::Result<Answer> {
        let version = self.if_match.map(|version| format!("\"{version}\""));
        let mut headers = vec![("Idempotency-Key", self.key.as_str())];
        headers.extend(version.as_deref().map(|version| ("If-Match", version)));
        let (who, body) = (&life.people[self.who], Some(&self.body));
        life.demo
            .try_send(Method::POST, &self.path, Some(who), &headers, body)
            .await
    }

    /// Sends it, the same again, until whichever process is alive then has answered.
    pub async fn until_answered(&self, lives: &mut watch::Receiver<Arc<Life>>) -> Answer {
        loop {
            let life = Arc::clone(&lives.borrow_and_update());
            match self.send(&life).await {
                Ok(answer) if matches!(answer.status.as_u16(), 429 | 503) => later(&answer).await,
                Ok(answer) => return answer,
                Err(_) => {
                    let next = tokio::time::timeout(PATIENCE, lives.changed()).await;
                    next.expect("another process starts").unwrap();
                }
            }
        }
    }
}
