//! `pipss backup` and `pipss restore`: copies of the log and of the keys, and the way back.

use std::path::PathBuf;

use anyhow::{Context, bail};
use chrono::Utc;
use pipss_store::{Options, Purpose, Restore, restore};

use crate::config::Config;
use crate::console::{Answer, Ask};
use crate::operate::{Place, Way};

/// Where a backup goes.
#[derive(clap::Args)]
pub struct Backup {
    /// The folder for copies of the log. Each gets a folder of its own, named by its time.
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// The folder for copies of the keys, somewhere else. They expire after 35 days.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// Read all of it, also what it shares with earlier ones; done every seven days in any case.
    #[arg(long)]
    whole: bool,
    /// Afterwards take away all copies of the log but the latest N.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    keep: Option<u16>,
    #[command(flatten)]
    place: Place,
}

/// What to restore.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("into").required(true).args(["config", "data"])))]
pub struct Back {
    /// The copy of the log: one folder that `pipss backup` made.
    #[arg(long, value_name = "DIR")]
    log: PathBuf,
    /// The copy of the keys: the folder of the same time, or a later one.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// The configuration file (TOML) of the program that is to serve it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder to make, where there is no configuration file.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The list of erasures that is kept off the machine, if the configuration does not name it.
    #[arg(
        long,
        visible_alias = "ledger",
        value_name = "FILE",
        conflicts_with = "without_erasures"
    )]
    erasures: Option<PathBuf>,
    /// There is no such list: what was erased since the backup comes back, and that is meant.
    #[arg(long)]
    without_erasures: bool,
}

/// Takes a backup, of the running program or of the folder.
///
/// # Errors
/// Why there is none, in a plain sentence.
pub async fn backup(command: Backup) -> anyhow::Result<()> {
    let absolute = |path: &PathBuf| std::path::absolute(path).context("that is no folder");
    let ask = Ask::Backup(pipss_store::Backup {
        to: absolute(&command.to)?,
        keys: absolute(&command.keys)?,
        whole: command.whole,
        keep: command.keep.map(usize::from),
    });
    let way = Way::looking(&command.place).await?;
    let Answer::BackedUp(taken) = way.ask(None, ask).await? else {
        bail!("the program answered something else");
    };
    println!(
        "{} facts; {} bytes were copied, read back and checked, and {} segments shared with earlier copies{}.",
        taken.facts,
        taken.copied_bytes,
        taken.shared,
        if taken.whole { ", all read again" } else { "" }
    );
    for file in &taken.renewed {
        println!(
            "{file} was damaged since it was copied: earlier copies are not whole; this one is."
        );
    }
    println!("The log: {}", taken.log.display());
    println!("The keys: {} (good for 35 days)", taken.keys.display());
    if taken.expired > 0 {
        println!(
            "{} expired copies of the keys were taken away.",
            taken.expired
        );
    }
    if taken.pruned > 0 {
        println!("{} older copies of the log were taken away.", taken.pruned);
    }
    Ok(())
}

/// Restores a backup into an empty folder.
///
/// # Errors
/// Why not, in a plain sentence.
pub fn back(command: Back) -> anyhow::Result<()> {
    let config = command.config.as_deref().map(Config::read).transpose()?;
    let mut into = match (&config, command.data) {
        (Some(config), _) => config.store(),
        (None, Some(data)) => Options::new(data, Purpose::Real),
        (None, None) => bail!("say --config or --data"),
    };
    // The list is taken into the new folder; the program finds the other again when it serves.
    let configured = into.erasures.take();
    let list = list_of(command.erasures.or(configured), command.without_erasures)?;
    let restored = restore(
        &Restore {
            log: command.log,
            keys: command.keys,
            ledger: list,
            into,
        },
        Utc::now(),
    )?;
    println!("{} facts restored and checked.", restored.facts);
    println!("{} keys stay destroyed.", restored.erased);
    Ok(())
}

/// The list of erasures that is meant, if there is one.
///
/// # Errors
/// When neither a list nor its absence was said.
pub fn list_of(list: Option<PathBuf>, without: bool) -> anyhow::Result<Option<PathBuf>> {
    if list.is_none() && !without {
        bail!(
            "what was erased since this backup would come back. Say --erasures FILE, the list of erasures \
             that is kept off the machine, or --without-erasures if there is none"
        );
    }
    Ok(list.filter(|_| !without))
}
