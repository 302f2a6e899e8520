//! `pipss export` and `pipss import`: an organisation's way out, with everything, and in again.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use chrono::Utc;
use pipss_domain::ids::OrganisationId;
use pipss_store::{Export, Import, import};

use crate::brought_back::BroughtBack;
use crate::console::{Answer, Ask};
use crate::operate::{Place, Way};

/// What to write out.
#[derive(clap::Args)]
pub struct Out {
    #[command(flatten)]
    place: Place,
    /// The folder to make for the logs.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The folder to make for the keys, somewhere else. They are good for 35 days.
    #[arg(long, value_name = "DIR", required_unless_present = "open")]
    keys: Option<PathBuf>,
    /// Write personal values in the clear, for an organisation that leaves. It cannot be taken in again.
    #[arg(long, conflicts_with = "keys")]
    open: bool,
    /// Everybody who gets hold of that folder can read everything, and that is meant.
    #[arg(long, requires = "open")]
    yes_in_the_clear: bool,
}

/// What to take in.
#[derive(clap::Args)]
pub struct In {
    /// The folder of the logs.
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// The folder of its keys.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    into: BroughtBack,
}

const WARNING: &str = "\
WARNING: this writes out EVERYTHING of the organisation IN THE CLEAR: names, requests for support, one-to-ones, \
reports of danger. No key protects it, nothing can be erased from it, and everybody who gets hold of it can read it.";

/// Writes out an organisation, from the running program or from the folder.
///
/// # Errors
/// Why nothing was written out, in a plain sentence.
pub async fn out(command: Out) -> anyhow::Result<()> {
    let absolute = |path: &PathBuf| std::path::absolute(path).context("that is no folder");
    let organisation = command.place.organisation();
    let organisation = organisation.context("say --organisation, and which")?;
    if command.open {
        eprintln!("{WARNING}");
        ensure!(
            command.yes_in_the_clear,
            "nothing was written out: if that is meant, say --yes-in-the-clear"
        );
    }
    let ask = Ask::Export(Export {
        organisation: OrganisationId::new(organisation),
        to: absolute(&command.to)?,
        keys: command.keys.as_ref().map(absolute).transpose()?,
    });
    let way = Way::looking(&command.place).await?;
    let Answer::Exported(exported) = way.ask(Some(organisation), ask).await? else {
        bail!("the program answered something else");
    };
    println!("{} facts, their chains recomputed.", exported.facts);
    println!("The logs: {}", command.to.display());
    match command.keys {
        Some(keys) => println!(
            "The keys ({}): {} (good for 35 days)",
            exported.keys,
            keys.display()
        ),
        None => println!("Everything in it is in the clear. That it was written out is recorded."),
    }
    Ok(())
}

/// Takes an organisation into a folder that nobody serves.
///
/// # Errors
/// Why not, naming the line that is not right.
pub fn take_in(command: In) -> anyhow::Result<()> {
    let into = command.into.options()?;
    let list = command.into.erasures(None)?;
    let imported = import(
        &Import {
            from: command.from,
            keys: command.keys,
            erasures: list,
            into,
        },
        Utc::now(),
    )?;
    println!(
        "{} facts of organisation {} were taken in; its chains are the same.",
        imported.facts, imported.organisation
    );
    println!("{} of its keys stay destroyed.", imported.erased);
    Ok(())
}
