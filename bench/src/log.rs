//! The log beside its peers: durable appends a second by 1, 16, 64 and 256 writers.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

use crate::Run;
use crate::load::{self, Cell, Peer};
use crate::ours::Ours;
use crate::peers::message_db::MessageDb;
use crate::peers::postgres::{Plain, Server};
use crate::peers::sqlite::Sqlite;
use crate::peers::{self, COUNTED};
use crate::plot::Plot;
use crate::reads::{self, Reads};
use crate::table::Table;
use crate::verdict;

/// The numbers of writers that are tried.
pub const WRITERS: [u64; 4] = [1, 16, 64, 256];
/// What can be left out by name.
const PEERS: [&str; 4] = ["sqlite", "postgres", "message-db", "umadb"];

/// Everything that a run measured, so that tables and plots can be drawn again.
#[derive(Default, Serialize, Deserialize)]
pub struct Measured {
    conditions: String,
    /// A store, its version, and how it was seen to wait for the disk.
    stores: Vec<(String, String, String)>,
    /// What was left out.
    without: Vec<String>,
    /// What was appended.
    pub rows: Vec<Row>,
    /// What reading took.
    pub reads: Reads,
}

/// One store at one number of writers.
#[derive(Clone, Serialize, Deserialize)]
pub struct Row {
    /// The store.
    pub store: String,
    /// How many wrote at once.
    pub writers: u64,
    /// What they achieved.
    pub cell: Cell,
    /// The raw floor just before, times a second.
    pub floor_before: f64,
    /// And just after.
    pub floor_after: f64,
}

impl Row {
    /// The raw floor of this row.
    pub fn floor(&self) -> f64 {
        f64::midpoint(self.floor_before, self.floor_after)
    }
}

/// The stores, open side by side.
struct Stores {
    ours: Arc<Ours>,
    sqlite: Option<Arc<Sqlite>>,
    postgres: Option<Arc<Plain>>,
    message_db: Option<Arc<MessageDb>>,
    #[cfg(feature = "umadb")]
    umadb: Option<Arc<peers::umadb::UmaDb>>,
}

/// Measures, prints, and rewrites the log's part of the page.
///
/// # Errors
/// When a peer that was not left out is missing, or anything fails.
pub fn run(run: &Run) -> anyhow::Result<()> {
    for name in &run.without {
        ensure!(
            PEERS.contains(&name.as_str()),
            "there is no peer {name}: {}",
            PEERS.join(", ")
        );
    }
    let folder = tempfile::tempdir_in(&run.folder)?;
    // PostgreSQL, as somebody else, must reach its own folder.
    fs::set_permissions(
        folder.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )?;
    let runtime = load::runtime()?;
    let mut measured = Measured {
        conditions: run.conditions.clone(),
        without: run.without.clone(),
        ..Measured::default()
    };
    let stores = Stores::open(run, folder.path(), &runtime, &mut measured.stores)?;
    for writers in WRITERS {
        stores.measure(run, &runtime, writers, &mut measured.rows)?;
    }
    drop(stores);
    measured.reads = reads::measure(run, &runtime)?;
    let kept = run.docs.join("performance/log.json");
    fs::create_dir_all(kept.parent().context("it is in a folder")?)?;
    fs::write(kept, serde_json::to_string_pretty(&measured)?)?;
    draw(run, &measured)
}

/// Draws table and plots again.
///
/// # Errors
/// When nothing was measured yet.
pub fn plots(run: &Run) -> anyhow::Result<()> {
    let kept = fs::read_to_string(run.docs.join("performance/log.json"))?;
    draw(run, &serde_json::from_str(&kept)?)
}

impl Stores {
    fn open(
        run: &Run,
        folder: &std::path::Path,
        runtime: &Runtime,
        stores: &mut Vec<(String, String, String)>,
    ) -> anyhow::Result<Self> {
        let with = |name: &str| !run.without.iter().any(|without| without == name);
        let mut seen = |store: &str, version: &str, syncs: anyhow::Result<u64>| {
            let syncs = match syncs {
                Ok(n) if n >= COUNTED => {
                    format!("{n} calls for {COUNTED} appends, one after another")
                }
                Ok(n) => {
                    anyhow::bail!("{store} waits for the disk only {n} times in {COUNTED} appends")
                }
                Err(why) => format!("by its settings; calls were not counted ({why})"),
            };
            println!("{store} {version}: waits for the disk: {syncs}");
            stores.push((store.to_owned(), version.to_owned(), syncs));
            Ok(())
        };
        let traced = folder.join("traced");
        fs::create_dir_all(&traced)?;
        seen(OURS, "of this tree", peers::syncs_of_ours("ours", &traced))?;
        let ours = Arc::new(Ours::open(&folder.join("ours"))?);
        let sqlite = if with("sqlite") {
            seen(
                SQLITE,
                rusqlite::version(),
                peers::syncs_of_ours("sqlite", &traced),
            )?;
            Some(Arc::new(Sqlite::open(&folder.join("sqlite"))?))
        } else {
            None
        };
        let (mut postgres, mut message_db) = (None, None);
        if with("postgres") || with("message-db") {
            let server = Server::start(&folder.join("postgres"))?;
            let version = runtime.block_on(server.checked_version())?;
            let id = server.id();
            let plain = Arc::new(Plain::new(server, runtime)?);
            if with("postgres") {
                let work = || load::one_by_one(runtime, &*plain, COUNTED);
                seen(
                    POSTGRES,
                    &version,
                    peers::syncs_of(id, &traced.join("postgres"), work),
                )?;
                postgres = Some(Arc::clone(&plain));
            }
            if with("message-db") {
                let installed = MessageDb::install(plain, runtime)?;
                let work = || load::one_by_one(runtime, &installed, COUNTED);
                let syncs = peers::syncs_of(id, &traced.join("message-db"), work);
                seen(MESSAGE_DB, &MessageDb::version()?, syncs)?;
                message_db = Some(Arc::new(installed));
            }
        }
        #[cfg(feature = "umadb")]
        let umadb = if with("umadb") {
            let started = peers::umadb::UmaDb::start(&folder.join("umadb"), runtime)?;
            let work = || load::one_by_one(runtime, &started, COUNTED);
            let syncs = peers::syncs_of(started.id(), &traced.join("umadb"), work);
            seen(UMADB, "0.7.8", syncs)?;
            Some(Arc::new(started))
        } else {
            None
        };
        #[cfg(not(feature = "umadb"))]
        ensure!(
            !with("umadb"),
            "UmaDB was not built in; leave it out: --without umadb"
        );
        Ok(Self {
            ours,
            sqlite,
            postgres,
            message_db,
            #[cfg(feature = "umadb")]
            umadb,
        })
    }

    fn measure(
        &self,
        run: &Run,
        runtime: &Runtime,
        writers: u64,
        rows: &mut Vec<Row>,
    ) -> anyhow::Result<()> {
        rows.push(row(run, runtime, OURS, &self.ours, writers)?);
        if let Some(sqlite) = &self.sqlite {
            rows.push(row(run, runtime, SQLITE, sqlite, writers)?);
        }
        if let Some(postgres) = &self.postgres {
            rows.push(row(run, runtime, POSTGRES, postgres, writers)?);
        }
        if let Some(message_db) = &self.message_db {
            rows.push(row(run, runtime, MESSAGE_DB, message_db, writers)?);
        }
        #[cfg(feature = "umadb")]
        if let Some(umadb) = &self.umadb {
            rows.push(row(run, runtime, UMADB, umadb, writers)?);
        }
        Ok(())
    }
}

/// The names of the stores in tables.
pub const OURS: &str = "our log";
/// See [`OURS`].
pub const SQLITE: &str = "SQLite WAL FULL, grouped";
/// See [`OURS`].
pub const POSTGRES: &str = "PostgreSQL, one INSERT each";
/// See [`OURS`].
pub const MESSAGE_DB: &str = "message-db, one category";
/// See [`OURS`].
pub const UMADB: &str = "UmaDB (gRPC)";

fn row<P: Peer>(
    run: &Run,
    runtime: &Runtime,
    store: &str,
    peer: &Arc<P>,
    writers: u64,
) -> anyhow::Result<Row> {
    let short = run.time.div_f64(4.0).max(Duration::from_millis(500));
    let floor_before = crate::floor::measure(&run.folder, short)?;
    let cell = load::run(runtime, peer, writers, run.time)
        .with_context(|| format!("{store}, {writers} writers"))?;
    let floor_after = crate::floor::measure(&run.folder, short)?;
    let row = Row {
        store: store.to_owned(),
        writers,
        cell,
        floor_before,
        floor_after,
    };
    println!(
        "{writers:4} writers  {store:28} {:8.0}/s  {:5.2} x floor ({:.0}-{:.0}/s)  p50 {:.2} ms  p99 {:.2} ms",
        cell.rate,
        cell.rate / row.floor(),
        floor_before,
        floor_after,
        cell.p50_ms,
        cell.p99_ms
    );
    Ok(row)
}

fn draw(run: &Run, measured: &Measured) -> anyhow::Result<()> {
    let mut text = format!("{}\n\n", measured.conditions);
    if !measured.without.is_empty() {
        text += &format!(
            "**Left out of this run: {}.**\n\n",
            measured.without.join(", ")
        );
    }
    let mut table = Table::new(&[
        "writers",
        "store",
        "appends/s",
        "× floor",
        "ours is × faster",
        "p50 ms",
        "p99 ms",
        "floor/s before and after",
    ]);
    for row in &measured.rows {
        let ours = measured
            .rows
            .iter()
            .find(|r| r.store == OURS && r.writers == row.writers);
        let faster = ours.map_or(0.0, |ours| ours.cell.rate / row.cell.rate);
        table.row(vec![
            row.writers.to_string(),
            row.store.clone(),
            format!("{:.0}", row.cell.rate),
            format!("{:.2}", row.cell.rate / row.floor()),
            format!("{faster:.1}"),
            format!("{:.2}", row.cell.p50_ms),
            format!("{:.2}", row.cell.p99_ms),
            format!("{:.0}, {:.0}", row.floor_before, row.floor_after),
        ]);
    }
    text += "### Appends\n\n";
    text += &table.markdown();
    text += "\n![Durable appends a second](performance/appends.svg)\n\n![Wait for an acknowledgement](performance/waits.svg)\n\n### Against the figures\n\n";
    text += &verdict::table(&measured.rows, &measured.reads).markdown();
    let mut waits = Table::new(&["store", "version", "seen to wait for the disk"]);
    for (store, version, syncs) in &measured.stores {
        waits.row(vec![store.clone(), version.clone(), syncs.clone()]);
    }
    text += "\n### Who waits for the disk\n\n";
    text += &waits.markdown();
    crate::page::rewrite(&run.docs, "log", &text)?;
    plot(
        run,
        &measured.rows,
        "appends",
        "Durable appends a second",
        "appends a second",
        |row| row.cell.rate,
    )?;
    plot(
        run,
        &measured.rows,
        "waits",
        "Wait for an acknowledgement, 99 of 100",
        "milliseconds (p99)",
        |row| row.cell.p99_ms,
    )
}

fn plot(
    run: &Run,
    rows: &[Row],
    file: &str,
    title: &str,
    y: &str,
    value: impl Fn(&Row) -> f64,
) -> anyhow::Result<()> {
    let lines = [OURS, SQLITE, UMADB, POSTGRES, MESSAGE_DB].map(|store| {
        let of = rows.iter().filter(|row| row.store == store);
        let points: Vec<_> = of.map(|row| (row.writers as f64, value(row))).collect();
        (store.split(',').next().unwrap_or(store).to_owned(), points)
    });
    Plot {
        title,
        x: "writers at once",
        y,
        y_multiplies: true,
        lines: lines
            .into_iter()
            .filter(|(_, points)| !points.is_empty())
            .collect(),
    }
    .write(&run.docs.join(format!("performance/{file}.svg")))
}
