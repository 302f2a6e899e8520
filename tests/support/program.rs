//! The program as whoever runs it meets it: its configuration file, and what it says when it will not start.

use std::path::{Path, PathBuf};
use std::process::Command;

use pipss_api::signing::DemoIssuer;
use tempfile::TempDir;

use super::demo::{Demo, Person, pipss};

pub const ORGANISATION: &str = "5b0c7c1e-7d0a-4c39-9f0e-2f1f3f7a9d11";

/// A trust that is served for real, with a sign-in service of its own.
pub struct Trust {
    pub folder: TempDir,
    pub issuer: DemoIssuer,
}

impl Trust {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let issuer = DemoIssuer::new();
        std::fs::write(folder.path().join("keys.json"), issuer.jwks()).unwrap();
        Self { folder, issuer }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Writes the configuration, more lines first, and answers where.
    pub fn config(&self, more: &str) -> PathBuf {
        let path = self.folder.path().join("pipss.toml");
        std::fs::write(&path, self.written(more)).unwrap();
        path
    }

    fn written(&self, more: &str) -> String {
        let keys = self.folder.path().join("keys.json");
        format!(
            "{more}\n\
             data = {data:?}\nlisten = '127.0.0.1:0'\nbase_url = 'https://pipss.trust.example'\n\
             [[organisations]]\nid = '{ORGANISATION}'\nname = 'Example Trust'\n\
             [[issuers]]\nissuer = '{issuer}'\naudience = 'pipss-demo'\nalgorithm = 'EdDSA'\n\
             organisation = '{ORGANISATION}'\nkeys = {{ jwks_file = {keys:?} }}\n",
            data = self.data(),
            issuer = DemoIssuer::NAME,
        )
    }

    /// Serves it.
    pub fn serve(&self) -> Demo {
        Demo::run(&mut serve(&self.config("")))
    }

    /// Someone who signs in, known to nobody.
    pub fn someone(&self, subject: &str) -> Person {
        Person {
            id: String::new(),
            name: subject.into(),
            token: self
                .issuer
                .token(subject, "Sam Example", "sam@trust.example", 600),
        }
    }
}

/// `pipss serve` with a configuration.
pub fn serve(config: &Path) -> Command {
    let mut command = pipss();
    command.args(["serve", "--config"]).arg(config);
    command
}

/// Runs a command that must not start; answers the one line it says.
#[track_caller]
pub fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(output.stdout.is_empty());
    said
}
