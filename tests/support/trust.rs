//! A trust on an empty machine: a configuration, the real program, and its commands.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use pipss_api::signing::DemoIssuer;
use reqwest::{Client, Method};
use serde_json::Value;
use tempfile::TempDir;

/// A configuration with an own sign-in service, and nothing else yet.
pub struct Trust {
    pub folder: TempDir,
    issuer: DemoIssuer,
}

/// The program, serving; killed when it goes out of scope.
pub struct Serving {
    child: Child,
    base: String,
}

impl Trust {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let issuer = DemoIssuer::new();
        let keys = folder.path().join("keys.json");
        std::fs::write(&keys, issuer.jwks()).unwrap();
        let config = format!(
            r#"
            data = "{}/data"
            listen = "127.0.0.1:0"
            base_url = "https://pipss.example.test"
            [[organisations]]
            id = "6f1f8f5e-6d0b-4c0e-9a86-3a4c8a9b7d10"
            name = "Example Partnership NHS Trust"
            [[issuers]]
            issuer = "{}"
            audience = "pipss-demo"
            algorithm = "EdDSA"
            keys = {{ jwks_file = "{}" }}
            organisation = "6f1f8f5e-6d0b-4c0e-9a86-3a4c8a9b7d10"
            "#,
            folder.path().display(),
            DemoIssuer::NAME,
            keys.display()
        );
        std::fs::write(folder.path().join("pipss.toml"), config).unwrap();
        Self { folder, issuer }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// `pipss …` with this configuration, answering `said` when asked.
    pub fn pipss(&self, arguments: &[&str], said: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pipss"))
            .args(arguments)
            .arg("--config")
            .arg(self.folder.path().join("pipss.toml"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may end without asking.
        let _ = child.stdin.take().unwrap().write_all(said.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// As `pipss`, and it must succeed; what it printed.
    #[track_caller]
    pub fn does(&self, arguments: &[&str]) -> String {
        let output = self.pipss(arguments, "");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// As `pipss`, and it must refuse; what it said.
    #[track_caller]
    pub fn refuses(&self, arguments: &[&str]) -> String {
        let output = self.pipss(arguments, "");
        assert!(!output.status.success(), "{arguments:?} was done");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Writes a file beside the configuration.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// `pipss serve`; returns when it says that it is ready.
    pub fn serve(&self) -> Serving {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pipss"))
            .arg("serve")
            .arg("--config")
            .arg(self.folder.path().join("pipss.toml"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().expect("it says something").unwrap();
        let base = ready
            .strip_prefix("ready ")
            .expect("it is ready")
            .to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Serving { child, base }
    }

    /// A token of someone who proved who they are an hour ago.
    pub fn old_token(&self, subject: &str, email: &str) -> String {
        self.issuer.old_token(subject, email, 600)
    }

    /// A token that a program got for itself.
    pub fn program_token(&self, client: &str) -> String {
        self.issuer.program_token(client, 600)
    }

    /// A token for someone whose address the sign-in service verified.
    pub fn token(&self, subject: &str, email: &str) -> String {
        self.issuer.token(subject, "Someone", email, 600)
    }
}

impl Serving {
    /// Asks as whoever has this token; the status and the answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut request = Client::new()
            .request(method, format!("{}{path}", self.base))
            .bearer_auth(token);
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", super::demo::fresh_key())
                .body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Reads, as someone.
    pub async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        self.ask(Method::GET, path, token, None).await
    }

    /// Asks it to end, as a service manager does, and waits.
    pub fn end(mut self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(told.unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
