//! A trust in which something is to be erased, and the commands of whoever runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use crate::support::demo::{Demo, Person, pipss};
use crate::support::smtp::SmtpPeer;

pub struct World {
    pub demo: Demo,
    pub post: SmtpPeer,
    pub folder: tempfile::TempDir,
    pub began: DateTime<Utc>,
    pub sam: Person,
    pub alex: Person,
    pub toni: Person,
    pub kim: Person,
    pub ids: Vec<String>,
}

impl World {
    pub async fn opened() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let post = SmtpPeer::start("ok");
        let demo = serve(
            &folder.path().join("data"),
            post.port,
            &folder.path().join("said"),
        );
        Self {
            sam: demo.person("Sam Heron").await,
            alex: demo.person("Alex Kestrel").await,
            toni: demo.person("Toni Godwit").await,
            kim: demo.person("Kim Siskin").await,
            began: Utc::now(),
            ids: Vec::new(),
            demo,
            post,
            folder,
        }
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub async fn wait(&self, time: Duration) {
        self.demo.move_clock(self.began + time).await;
    }

    pub async fn lead(&self, case: &str, command: &str, body: Value) -> Value {
        self.demo
            .command(&self.alex, case, command, &body)
            .await
            .expect(200)
    }

    pub fn backup(&self) -> (PathBuf, PathBuf) {
        let (log, keys) = (
            self.folder.path().join("log"),
            self.folder.path().join("keys"),
        );
        let taken = pipss()
            .args([
                "backup",
                log.to_str().unwrap(),
                "--keys",
                keys.to_str().unwrap(),
                "--data",
            ])
            .arg(self.data())
            .output()
            .unwrap();
        assert!(
            taken.status.success(),
            "{}",
            String::from_utf8_lossy(&taken.stderr)
        );
        (only(&log), only(&keys))
    }
}

pub fn serve(data: &Path, port: u16, said: &Path) -> Demo {
    let address = format!("127.0.0.1:{port}");
    let said = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(said)
        .unwrap();
    Demo::run(
        pipss()
            .args([
                "demo", "--port", "0", "--empty", "--smtp", &address, "--data",
            ])
            .arg(data)
            .env("RUST_LOG", "trace")
            .stderr(Stdio::from(said)),
    )
}

pub fn name_of(short: &str) -> &'static str {
    pipss::demo::people::PEOPLE
        .iter()
        .find(|person| person.short == short)
        .unwrap()
        .name
}

pub fn only(folder: &Path) -> PathBuf {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

pub async fn expect_state(world: &World, wanted: &str) -> Value {
    let kept = world
        .demo
        .get(&world.toni, "/api/v1/retention")
        .await
        .expect(200);
    let erasure = kept["erasures"][0].clone();
    assert_eq!(erasure["state"], wanted, "{kept}");
    erasure
}

pub fn restore(log: &Path, keys: &Path, data: &Path, list: Option<&Path>) -> std::process::Output {
    let mut command = pipss();
    command
        .arg("restore")
        .arg("--log")
        .arg(log)
        .arg("--keys")
        .arg(keys)
        .arg("--data")
        .arg(data);
    match list {
        Some(list) => command.arg("--erasures").arg(list),
        None => &mut command,
    };
    command.output().unwrap()
}
