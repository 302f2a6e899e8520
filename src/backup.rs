//! `pipss backup` and `pipss restore`: copies of the log and of the keys, and the way back.

use std::path::PathBuf;

use anyhow::{Context, bail};
use chrono::Utc;
use pipss_store::{Restore, restore};

use crate::brought_back::BroughtBack;
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
pub struct Back {
    /// The copy of the log: one folder that `pipss backup` made.
    #[arg(long, value_name = "DIR")]
    log: PathBuf,
    /// The copy of the keys: the folder of the same time, or a later one.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    into: BroughtBack,
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
    let mut into = command.into.options()?;
    // The list is taken into the new folder; the program finds the other again when it serves.
    let list = command.into.erasures(into.erasures.take())?;
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
