//! How cost grows with the log: appends, opening, reading a stream, memory and disk from 10 k to 2.2 M events.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::load;
use crate::ours::Ours;
use crate::plot::Plot;
use crate::table::Table;
use crate::{Run, conditions, floor, page, reads};

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 2_200_000];
const WRITERS: u64 = 64;

/// What one size of log costs.
#[derive(Serialize, Deserialize)]
struct Size {
    events: u64,
    rate: f64,
    floor: f64,
    ready_s: f64,
    stream_ms: (f64, f64),
    index_bytes: u64,
    resident_bytes: u64,
    disk_bytes: u64,
}

/// Measures, prints, and rewrites the part of the page about growth.
///
/// # Errors
/// When anything fails.
pub fn run(run: &Run) -> anyhow::Result<()> {
    let runtime = load::runtime()?;
    let quick = run.time < Duration::from_secs(2);
    let mut sizes = Vec::new();
    for events in SIZES
        .into_iter()
        .filter(|events| !quick || *events <= 100_000)
    {
        let folder = tempfile::tempdir_in(&run.folder)?;
        reads::filled(folder.path(), &runtime, events)?;
        let disk_bytes = conditions::disk_bytes(&folder.path().join("journal"))?
            + conditions::disk_bytes(&folder.path().join("sled"))?;
        let opened = reads::opened(folder.path())?;
        let store = Arc::new(Ours::open(folder.path())?);
        let stream_ms = reads::streams(&store, events)?;
        let before = floor::measure(&run.folder, run.time / 4)?;
        let cell = load::run(&runtime, &store, WRITERS, run.time)?;
        let after = floor::measure(&run.folder, run.time / 4)?;
        let size = Size {
            events,
            rate: cell.rate,
            floor: f64::midpoint(before, after),
            ready_s: opened.seconds,
            stream_ms,
            index_bytes: opened.index_bytes,
            resident_bytes: opened.resident_bytes,
            disk_bytes,
        };
        println!(
            "{events} events: {:.0}/s, ready in {:.2} s",
            size.rate, size.ready_s
        );
        sizes.push(size);
    }
    let kept = run.docs.join("performance/growth.json");
    fs::create_dir_all(run.docs.join("performance"))?;
    fs::write(
        kept,
        serde_json::to_string_pretty(&(&run.conditions, &sizes))?,
    )?;
    draw(run, &run.conditions, &sizes)
}

/// Draws table and plots again.
///
/// # Errors
/// When nothing was measured yet.
pub fn plots(run: &Run) -> anyhow::Result<()> {
    let kept = fs::read_to_string(run.docs.join("performance/growth.json"))?;
    let (conditions, sizes): (String, Vec<Size>) = serde_json::from_str(&kept)?;
    draw(run, &conditions, &sizes)
}

fn draw(run: &Run, conditions: &str, sizes: &[Size]) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        "events",
        "appends/s, 64 writers",
        "× floor",
        "ready s",
        "stream of 50, p50 ms",
        "p99 ms",
        "indexes MB",
        "whole process MB",
        "bytes an event on disk",
    ]);
    for size in sizes {
        table.row(vec![
            size.events.to_string(),
            format!("{:.0}", size.rate),
            format!("{:.2}", size.rate / size.floor),
            format!("{:.2}", size.ready_s),
            format!("{:.2}", size.stream_ms.0),
            format!("{:.2}", size.stream_ms.1),
            format!("{:.1}", size.index_bytes as f64 / 1e6),
            format!("{:.0}", size.resident_bytes as f64 / 1e6),
            format!("{:.0}", size.disk_bytes as f64 / size.events as f64),
        ]);
    }
    let pictures = "![Appends and the size of the log](performance/growth-appends.svg)\n\n\
        ![Time and the size of the log](performance/growth-time.svg)\n\n\
        ![Memory and the size of the log](performance/growth-memory.svg)";
    page::rewrite(
        &run.docs,
        "growth",
        &format!("{conditions}\n\n{}\n{pictures}", table.markdown()),
    )?;
    let line = |name: &str, value: &dyn Fn(&Size) -> f64| {
        let points = sizes.iter().map(|size| (size.events as f64, value(size)));
        (name.to_owned(), points.collect::<Vec<_>>())
    };
    let write = |file: &str, title, y, y_multiplies, lines| {
        let plot = Plot {
            title,
            x: "events in the log",
            y,
            y_multiplies,
            lines,
        };
        plot.write(&run.docs.join(format!("performance/{file}.svg")))
    };
    let appends = vec![line("64 writers", &|size| size.rate / size.floor)];
    write(
        "growth-appends",
        "Appends as the log grows",
        "times the raw floor",
        false,
        appends,
    )?;
    let times = vec![
        line("ready", &|size| size.ready_s * 1e3),
        line("stream, p50", &|size| size.stream_ms.0),
        line("stream, p99", &|size| size.stream_ms.1),
    ];
    write(
        "growth-time",
        "Opening and reading as the log grows",
        "milliseconds",
        true,
        times,
    )?;
    let memory = vec![
        line("indexes", &|size| size.index_bytes as f64 / 1e6),
        line("whole process", &|size| size.resident_bytes as f64 / 1e6),
    ];
    write(
        "growth-memory",
        "Memory as the log grows",
        "megabytes",
        false,
        memory,
    )
}
