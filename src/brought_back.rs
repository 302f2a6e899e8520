//! Into which folder something is brought back, as `pipss restore` and `pipss import` are told.

use std::path::PathBuf;

use anyhow::bail;
use pipss_store::{Options, Purpose};

use crate::config::Config;

/// Where to, and what must not come back with it.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("into").required(true).args(["config", "data"])))]
pub struct BroughtBack {
    /// The configuration file (TOML) of the program that is to serve it, and is not running.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder, where there is no configuration file.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The list of erasures that is kept off the machine, of the store that this comes from.
    #[arg(
        long,
        visible_alias = "ledger",
        value_name = "FILE",
        conflicts_with = "without_erasures"
    )]
    erasures: Option<PathBuf>,
    /// There is no such list: what was erased since this was copied comes back, and that is meant.
    #[arg(long)]
    without_erasures: bool,
}

impl BroughtBack {
    /// The data folder, and how it is kept.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn options(&self) -> anyhow::Result<Options> {
        let config = self.config.as_deref().map(Config::read).transpose()?;
        match (&config, &self.data) {
            (Some(config), _) => Ok(config.store()),
            (None, Some(data)) => Ok(Options::new(data, Purpose::Real)),
            (None, None) => bail!("say --config or --data"),
        }
    }

    /// The list of erasures that is meant, if there is one: the one that was said, or else `configured`.
    ///
    /// # Errors
    /// When neither a list nor its absence was said.
    pub fn erasures(&self, configured: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
        let list = self.erasures.clone().or(configured);
        if list.is_none() && !self.without_erasures {
            bail!(
                "what was erased since this backup would come back. Say --erasures FILE, the list of erasures \
                 that is kept off the machine, or --without-erasures if there is none"
            );
        }
        Ok(list.filter(|_| !self.without_erasures))
    }
}
