//! What whoever runs the program tells it: one file, every mistake in it refused in plain words.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use pipss_api::door::Limits;
use pipss_api::reading::{HelpLine, in_england};
use pipss_api::token::Issuer;
use pipss_store::{Options, Purpose};
use serde::Deserialize;
use uuid::Uuid;

use crate::faces::Brand;
use crate::listen::Connections;
use crate::mail::SmtpSettings;
use crate::proxies::Proxies;

/// The configuration of `pipss serve`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen; TLS is the business of the proxy in front.
    pub listen: SocketAddr,
    /// How people reach the program from outside; stands in letters.
    pub base_url: String,
    /// The trusts it serves.
    pub organisations: Vec<Organisation>,
    /// The sign-in services it believes.
    pub issuers: Vec<Issuer>,
    /// The mail server; without one, letters stay owed and the log says so.
    pub smtp: Option<SmtpSettings>,
    /// How much one person may ask.
    #[serde(default)]
    pub limits: LimitSettings,
    /// How many connections, and how long each may take to say something.
    #[serde(default)]
    pub connections: Connections,
    /// Addresses and networks of the proxies in front: only they are believed about whom they speak for.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
    /// What is answered at any hour, told to whoever asks for support; 1 to 10. Without it: 999, NHS 111,
    /// the Samaritans and Shout.
    #[serde(default = "in_england")]
    pub urgent_help: Vec<HelpLine>,
    /// How the pages look: name, logo, colour.
    #[serde(default)]
    pub brand: Brand,
    /// The key that wraps all others, if it is not to lie in the data folder.
    pub wrapping_key: Option<PathBuf>,
    /// Where the list of erasures is kept a second time, off this machine (docs/erasure.md).
    pub erasures: Option<PathBuf>,
    /// Files off this machine to which each signed checkpoint of the log is added (docs/evidence.md).
    #[serde(default)]
    pub checkpoints: Vec<PathBuf>,
    /// The key that signs them, if it is not to lie in the data folder.
    pub checkpoint_key: Option<PathBuf>,
    /// Nothing is written while the disk has less than this free, in MiB.
    #[serde(default = "floor")]
    pub disk_floor_mib: u64,
}

/// A trust.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its id, drawn once (`uuidgen`) and never changed.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// How much one person may ask.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Requests a second over time.
    pub per_second: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        let Limits { per_second, burst } = Limits::default();
        Self { per_second, burst }
    }
}

impl From<LimitSettings> for Limits {
    fn from(settings: LimitSettings) -> Self {
        Self {
            per_second: settings.per_second,
            burst: settings.burst,
        }
    }
}

const fn floor() -> u64 {
    64
}

impl Config {
    /// How the data folder is opened.
    pub fn store(&self) -> Options {
        Options {
            wrapping_key: self.wrapping_key.clone(),
            erasures: self.erasures.clone(),
            floor_bytes: self.disk_floor_mib << 20,
            ..Options::new(&self.data, Purpose::Real)
        }
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// What is wrong, and in which file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the configuration {}", path.display()))?;
        let config: Self = toml::from_str(&text)
            .with_context(|| format!("the configuration {} is not right", path.display()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            !self.organisations.is_empty(),
            "name at least one organisation"
        );
        let known = |id: Uuid| self.organisations.iter().any(|o| o.id == id);
        for issuer in &self.issuers {
            ensure!(
                known(issuer.organisation),
                "the issuer {} belongs to an organisation that is not named",
                issuer.issuer
            );
        }
        ensure!(!self.issuers.is_empty(), "name at least one issuer");
        ensure!(
            self.base_url.starts_with("https://") || self.base_url.starts_with("http://"),
            "base_url must start with https:// or http://"
        );
        ensure!(
            (1..=10).contains(&self.urgent_help.len()),
            "urgent_help must have 1 to 10 numbers"
        );
        let one_line = |text: &str| {
            let chars = text.chars().count();
            (1..=120).contains(&chars) && !text.chars().any(char::is_control)
        };
        ensure!(
            self.urgent_help
                .iter()
                .all(|line| one_line(&line.name) && one_line(&line.number)),
            "each name and number of urgent_help must be one line of 1 to 120 characters"
        );
        Proxies::parse(&self.trusted_proxies).map_err(anyhow::Error::msg)?;
        #[cfg(feature = "pages")]
        self.brand.check().map_err(anyhow::Error::msg)?;
        ensure!(
            !self.base_url.ends_with('/'),
            "base_url must not end with a slash"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_in_deploy_is_right() {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/pipss.toml");
        assert!(Config::read(Path::new(example)).is_ok());
    }

    #[cfg(feature = "pages")]
    #[test]
    fn the_example_in_deploy_names_everything_about_how_pages_look() {
        let example = include_str!("../deploy/pipss.toml");
        let (_, brand) = example.split_once("[brand]").unwrap();
        let written = serde_json::to_value(Brand::default()).unwrap();
        for name in written.as_object().unwrap().keys() {
            let stands = |before: &str| brand.contains(&format!("\n{before}{name} = "));
            assert!(stands("") || stands("# "), "{name}");
        }
    }
}
