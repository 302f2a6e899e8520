//! One part of our own log alone, again and again, for whoever looks on with a profiler.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::ours::Ours;
use crate::{floor, load, reads};

/// Times that reading is done, so that the profile shows little else.
const ROUNDS: u32 = 3;

/// Fills a log, if there is none yet, and reads the whole of it.
///
/// # Errors
/// When it cannot be filled or read.
pub fn replays(folder: &Path, events: u64) -> anyhow::Result<()> {
    if !folder.join("store").exists() {
        reads::filled(folder, &load::runtime()?, events)?;
    }
    let store = Ours::open(folder)?;
    for _ in 0..ROUNDS {
        println!("{:.0} events/s decoded", reads::replay(&store, events)?);
    }
    Ok(())
}

/// Lets so many writers append, between two measurements of the raw floor.
///
/// # Errors
/// When an append fails.
pub fn writes(folder: &Path, writers: u64, time: Duration) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let runtime = load::runtime()?;
    let ours = Arc::new(Ours::open(&folder.join("ours"))?);
    let short = Duration::from_secs(1);
    let before = floor::measure(folder, short)?;
    let cell = load::run(&runtime, &ours, writers, time)?;
    let floor = f64::midpoint(before, floor::measure(folder, short)?);
    println!(
        "{writers} writers: {:.0}/s, {:.2} x floor ({floor:.0}/s), p50 {:.2} ms, p99 {:.2} ms",
        cell.rate,
        cell.rate / floor,
        cell.p50_ms,
        cell.p99_ms
    );
    Ok(())
}
