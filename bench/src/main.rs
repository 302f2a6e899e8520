//! The benchmark: our log beside what others would pick, and the running system under load, in one run.

mod alone;
mod conditions;
mod floor;
mod growth;
mod load;
mod log;
mod ours;
mod page;
mod peers;
mod plot;
mod reads;
mod table;
mod verdict;

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
    /// Appends one by one, so that whoever started it can count how often the disk is asked to sync.
    #[command(hide = true)]
    Appends {
        /// Which store.
        peer: String,
        /// How many.
        count: u64,
    },
    /// Opens a store and says what that took.
    #[command(hide = true)]
    Opens,
    /// Reads a log of our own in `--folder`, filled first if it is not there: for a profile.
    #[command(hide = true)]
    Replays {
        /// How many events it is filled with.
        events: u64,
    },
    /// Appends to a log of our own in `--folder`: for a profile.
    #[command(hide = true)]
    Writes {
        /// How many writers at once.
        writers: u64,
    },
    /// Runs the server of UmaDB.
    #[cfg(feature = "umadb")]
    #[command(hide = true)]
    UmadbServer {
        /// Its file.
        file: String,
        /// Where it listens.
        address: String,
    },
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
    match &arguments.part {
        #[cfg(feature = "umadb")]
        Some(Part::UmadbServer { file, address }) => return peers::umadb::serve(file, address),
        Some(Part::Appends { peer, count }) => {
            return peers::append_one_by_one(peer, &arguments.folder, *count);
        }
        Some(Part::Opens) => return reads::open(&arguments.folder),
        Some(Part::Replays { events }) => return alone::replays(&arguments.folder, *events),
        Some(Part::Writes { writers }) => {
            let time = Duration::from_secs(arguments.seconds);
            return alone::writes(&arguments.folder, *writers, time);
        }
        _ => {}
    }
    let conditions = conditions::now(&arguments.folder, arguments.seconds)?;
    println!("{conditions}\n");
    let run = Run {
        time: Duration::from_secs(arguments.seconds),
        without: arguments.without,
        folder: fs::canonicalize(arguments.folder)?,
        docs: arguments.docs,
        conditions,
    };
    match arguments.part {
        Some(Part::Log) => log::run(&run),
        Some(Part::Growth) => growth::run(&run),
        Some(Part::Plots) => log::plots(&run).and_then(|()| growth::plots(&run)),
        _ => log::run(&run).and_then(|()| growth::run(&run)),
    }
}
