//! `pipss verify`: is the log whole, and is it the one that was signed?

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use pipss_store::{Bad, Keys, Report, public_key, verify};
use serde::Serialize;

use crate::config::Config;
use crate::prove::grouped;

/// What to check.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("place").required(true).args(["config", "data"])))]
pub struct Verify {
    /// The configuration file (TOML): its data folder, and the lists of checkpoints that it names.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A data folder, or the folder of a backup.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A list of checkpoints that was kept elsewhere; may be given several times.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// The public key that was written down elsewhere; several if the key has changed.
    #[arg(long, value_name = "HEX")]
    key: Vec<String>,
    /// The folder of the copy of the keys, for a backup.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// It is known that this folder was restored from a backup: what was signed before and is not in it is
    /// listed, and not held against it.
    #[arg(long)]
    restored: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
    /// Print the public key of the folder, to be written down elsewhere, and check nothing.
    #[arg(long)]
    public_key: bool,
}

/// The answer for machines.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    seconds: f64,
    facts_per_second: u64,
}

/// Checks, and says what was found.
///
/// # Errors
/// When anything is wrong, or why nothing could be checked.
pub fn run(command: Verify) -> anyhow::Result<()> {
    let config = command.config.as_deref().map(Config::read).transpose()?;
    let folder = match (&config, &command.data) {
        (Some(config), _) => config.data.clone(),
        (None, Some(data)) => data.clone(),
        (None, None) => bail!("say --config or --data"),
    };
    if command.public_key {
        return print_key(config.as_ref(), &folder);
    }
    // A reading copy can only be opened where it may be changed.
    let scratch = tempfile::Builder::new().prefix("pipss-verify-").tempdir()?;
    let (lists, unreachable) = lists(&command, config.as_ref());
    let what = pipss_store::Verify {
        keys: keys(&command, config.as_ref(), &folder),
        lists,
        trusted: command.key.clone(),
        restored: command.restored,
        scratch: Some(scratch.path().to_owned()),
        ..pipss_store::Verify::of(folder)
    };
    let (bar, began) = (bar(), Instant::now());
    let report = verify(&what, &|read, of| {
        bar.set_length(of);
        bar.set_position(read);
    });
    let took = began.elapsed();
    bar.finish_and_clear();
    let mut report = report?;
    report.cannot_be_told.extend(unreachable);
    if command.json {
        let answer = Answer {
            seconds: took.as_secs_f64(),
            facts_per_second: rate(&report, took),
            report: &report,
        };
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        println!("{}", lines(&report, took).join("\n"));
    }
    ensure!(report.holds, "{}", verdict(&report));
    Ok(())
}

fn print_key(config: Option<&Config>, folder: &Path) -> anyhow::Result<()> {
    let configured = config.and_then(|config| config.checkpoint_key.clone());
    let path = configured.unwrap_or_else(|| folder.join("checkpoint-key"));
    let key = public_key(&path)?;
    println!(
        "{}",
        key.context("there is no key yet: it is made when the program serves")?
    );
    Ok(())
}

/// The lists that were given, and those that the configuration names, as far as they can be reached.
fn lists(command: &Verify, config: Option<&Config>) -> (Vec<PathBuf>, Vec<String>) {
    let mut lists = command.checkpoint.clone();
    let mut unreachable = Vec::new();
    for path in config.iter().flat_map(|config| &config.checkpoints) {
        if path.metadata().is_ok_and(|file| file.len() > 0) {
            lists.push(path.clone());
        } else {
            unreachable.push(format!(
                "what {} says: it is named in the configuration, and not there or empty",
                path.display()
            ));
        }
    }
    (lists, unreachable)
}

fn keys(command: &Verify, config: Option<&Config>, folder: &Path) -> Option<Keys> {
    let wrapping = config.and_then(|config| config.wrapping_key.clone());
    match (&command.keys, wrapping) {
        (Some(dir), _) => Some(Keys {
            file: dir.join("keys"),
            wrapping: dir.join("wrapping.key"),
        }),
        (None, Some(wrapping)) => Some(Keys {
            file: folder.join("keys"),
            wrapping,
        }),
        (None, None) => None,
    }
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("reading the log [{bar:40}] {bytes}/{total_bytes} {eta}");
    ProgressBar::new(1).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn lines(report: &Report, took: Duration) -> Vec<String> {
    let mut lines = vec![format!(
        "{} facts in {} commits read in {:.1} s ({} facts a second)",
        grouped(report.facts),
        grouped(report.commits),
        took.as_secs_f64(),
        grouped(rate(report, took))
    )];
    lines.extend(report.logs.iter().map(|head| {
        format!(
            "Log {} of organisation {}: sound up to position {}, chain {}",
            head.name(),
            head.organisation,
            grouped(head.position),
            head.chain
        )
    }));
    lines.push(format!(
        "{} sealed values open where they stand, {} are erased",
        grouped(report.opened),
        grouped(report.erased)
    ));
    lines.push(format!("{} checkpoints compared", report.checkpoints));
    lines.extend(report.signed.iter().map(|one| {
        let from = if one.outside {
            "kept elsewhere"
        } else {
            "of the data folder"
        };
        format!(
            "Log {} is the one that was signed, up to position {} (checkpoint {}, {from})",
            one.head.name(),
            grouped(one.head.position),
            one.number
        )
    }));
    lines.extend(
        report
            .keys
            .iter()
            .map(|key| format!("Signed with the key {key}")),
    );
    lines.extend(report.notes.iter().map(|note| format!("Note: {note}")));
    for one in &report.not_here {
        let reached = one.logs.iter().map(|head| head.position.to_string());
        lines.push(format!(
            "Not in this history: checkpoint {} of the earlier folder {} (positions {})",
            one.number,
            one.incarnation,
            reached.collect::<Vec<_>>().join(", ")
        ));
    }
    lines.extend(
        report
            .cannot_be_told
            .iter()
            .map(|one| format!("Cannot be told: {one}")),
    );
    lines.extend(
        report
            .bad
            .iter()
            .map(|bad| format!("WRONG: {}", sentence(bad))),
    );
    lines
}

fn sentence(bad: &Bad) -> String {
    match bad.place() {
        place if place.is_empty() => bad.what.clone(),
        place => format!("{place}: {}", bad.what),
    }
}

fn verdict(report: &Report) -> String {
    match report.bad.first() {
        Some(bad) => format!("the log does not verify: {}", sentence(bad)),
        None => "checkpoints of before a restore speak of facts that this history does not hold; if this folder \
                 was restored from a backup and that is known, say --restored"
            .into(),
    }
}

fn rate(report: &Report, took: Duration) -> u64 {
    (report.facts as f64 / took.as_secs_f64().max(0.000_001)) as u64
}
