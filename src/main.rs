//! The one program a trust runs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pipss::config::Config;
use pipss::{backup, demo, export, hardened, operate, serve, verify};
use tracing_subscriber::EnvFilter;

/// The record of the Post Incident Pathway for Staff Support.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a trust, as the configuration file says.
    Serve {
        /// The configuration file (TOML).
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Serve an invented trust on this machine, with eighteen months of made-up work.
    Demo(demo::Options),
    /// Keep the trust's units, managers and facilitators.
    #[command(subcommand)]
    Directory(operate::Directory),
    /// Name the first PIPSS lead or the first auditor; later only --emergency, for 24 hours.
    Grant(operate::Grant),
    /// Copy the log, and apart from it the keys, of the running program or of a folder.
    Backup(backup::Backup),
    /// Make a data folder from a backup; what was erased since stays erased.
    Restore(backup::Back),
    /// Write out an organisation's logs as documented lines, and apart from them its keys.
    Export(export::Out),
    /// Take an organisation that was written out into a data folder that does not have it.
    Import(export::In),
    /// Check that the log is whole, and the one that was signed; changes nothing.
    Verify(verify::Verify),
    /// Show that what is promised holds, on what is recorded here.
    #[command(subcommand)]
    Prove(operate::Prove),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Checkpoints leave the machine with the program's own log; a demonstration has nobody to send them to.
    let usual = match &arguments.command {
        Command::Demo(_) => "warn",
        _ => "warn,checkpoint=info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    if let Err(error) = hardened::begin() {
        eprintln!("pipss: {error:#}");
        return ExitCode::FAILURE;
    }
    let result = match arguments.command {
        Command::Serve { config } => match Config::read(&config) {
            Ok(config) => serve::run(config).await,
            Err(error) => Err(error),
        },
        Command::Demo(options) => demo::run(options).await,
        Command::Directory(command) => operate::directory(command).await,
        Command::Grant(command) => operate::grant(command).await,
        Command::Backup(command) => backup::backup(command).await,
        Command::Restore(command) => backup::back(command),
        Command::Export(command) => export::out(command).await,
        Command::Import(command) => export::take_in(command),
        Command::Verify(command) => verify::run(command),
        Command::Prove(command) => operate::prove(command).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pipss: {error:#}");
            ExitCode::FAILURE
        }
    }
}
