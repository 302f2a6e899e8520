//! What others would pick, each made to do the same durable work.

pub mod message_db;
pub mod postgres;
pub mod sqlite;
#[cfg(feature = "umadb")]
pub mod umadb;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::load;
use crate::ours::Ours;

/// Appends that are made one after another while calls that wait for the disk are counted.
pub const COUNTED: u64 = 200;

const CALLS: &str = "trace=fsync,fdatasync,sync_file_range,msync";

/// The name of the stream that the `n`-th event of a writer belongs to.
pub fn stream_name(writer: u64, n: u64) -> String {
    load::mixed(writer, n / load::STREAM).to_string()
}

/// Appends in this process, for whoever counts its calls.
///
/// # Errors
/// When an append fails, or there is no such store within a process.
pub fn append_one_by_one(peer: &str, folder: &Path, count: u64) -> anyhow::Result<()> {
    let runtime = load::runtime()?;
    match peer {
        "ours" => load::one_by_one(&runtime, &Ours::open(folder)?, count),
        "sqlite" => load::one_by_one(&runtime, &sqlite::Sqlite::open(folder)?, count),
        other => bail!("{other} runs in a process of its own"),
    }
}

/// How often a store that runs within our process waits for the disk during [`COUNTED`] appends: what a
/// run with them does more than a run without.
///
/// # Errors
/// When that cannot be traced here.
pub fn syncs_of_ours(peer: &str, folder: &Path) -> anyhow::Result<u64> {
    let mut counts = Vec::new();
    for count in [0, COUNTED] {
        let folder = folder.join(format!("{peer}-{count}"));
        let trace = folder.with_extension("trace");
        let status = Command::new("strace")
            .args(["-f", "-e", CALLS, "-o"])
            .arg(&trace)
            .arg(std::env::current_exe()?)
            .arg("--folder")
            .arg(&folder)
            .args(["appends", peer, &count.to_string()])
            .stderr(Stdio::null())
            .status()
            .context("strace is not installed")?;
        ensure!(status.success(), "tracing is refused here");
        counts.push(syncs_in(&trace)?);
    }
    Ok(counts[1].saturating_sub(counts[0]))
}

/// How often the processes of a server wait for the disk while `work` runs.
///
/// # Errors
/// When that cannot be traced here, or the work fails.
pub fn syncs_of(
    server: u32,
    trace: &Path,
    work: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let mut tracer = Command::new("strace")
        .args(["-f", "-e", CALLS, "-o"])
        .arg(trace)
        .args(["-p", &server.to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .context("strace is not installed")?;
    attached(server, &mut tracer)?;
    let worked = work();
    Command::new("kill")
        .args(["-INT", &tracer.id().to_string()])
        .status()?;
    tracer.wait()?;
    worked?;
    syncs_in(trace)
}

/// Waits until a process is traced.
fn attached(server: u32, tracer: &mut std::process::Child) -> anyhow::Result<()> {
    let begin = Instant::now();
    loop {
        let status = fs::read_to_string(format!("/proc/{server}/status"))?;
        if status.contains(&format!("TracerPid:\t{}", tracer.id())) {
            return Ok(());
        }
        ensure!(tracer.try_wait()?.is_none(), "tracing is refused here");
        ensure!(
            begin.elapsed() < Duration::from_secs(10),
            "tracing does not begin"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Calls that wait for the disk in a trace. Half-sync calls do not count.
fn syncs_in(trace: &Path) -> anyhow::Result<u64> {
    let text = fs::read_to_string(trace)?;
    let begun = |line: &&str| {
        ["fsync(", "fdatasync(", "msync("]
            .iter()
            .any(|call| line.contains(call))
    };
    Ok(text.lines().filter(begun).count() as u64)
}
