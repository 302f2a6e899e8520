//! The benchmark: our log beside what others would pick, and the running system under load, in one run.

mod conditions;
mod floor;
mod page;
mod plot;
mod table;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Measures, prints one table, and rewrites docs/performance.md with its plots.
#[derive(Parser)]
struct Arguments {
    /// Seconds for each cell; also BENCH_SECONDS. 1 is for trying.
    #[arg(long, global = true, env = "BENCH_SECONDS", default_value_t = 5)]
    seconds: u64,
    /// Leaves out a peer: sqlite, postgres, message-db or umadb. Said in the table.
    #[arg(long, global = true, value_name = "NAME")]
    without: Vec<String>,
    /// Where data are written while it runs: on the disk that is to be measured.
    #[arg(long, global = true, default_value = "target/data")]
    folder: PathBuf,
    /// The folder whose performance.md is rewritten, with the plots in performance/.
    #[arg(long, global = true, default_value = "../docs")]
    docs: PathBuf,
    #[command(subcommand)]
    part: Option<Part>,
}

#[derive(Subcommand)]
enum Part {
    /// The log beside its peers, and what reading it takes.
    Log,
    /// How cost grows from ten thousand events to 2.2 million.
    Growth,
    /// Draws the plots again from what the last run measured.
    Plots,
}

/// What every part of a run is told.
pub struct Run {
    /// How long a cell is measured.
    pub time: Duration,
    /// Peers that are left out.
    pub without: Vec<String>,
    /// Where data are written.
    pub folder: PathBuf,
    /// The documentation.
    pub docs: PathBuf,
    /// The conditions, as lines of Markdown.
    pub conditions: String,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let conditions = conditions::now(&arguments.folder, arguments.seconds)?;
    println!("{conditions}\n");
    let run = Run {
        time: Duration::from_secs(arguments.seconds),
        without: arguments.without,
        folder: fs::canonicalize(arguments.folder)?,
        docs: arguments.docs,
        conditions,
    };
    // Each part adds its own arm here.
    println!("floor {:.0}/s", floor::measure(&run.folder, run.time)?);
    Ok(())
}
