//! Under which conditions a run took place, so that nobody compares what cannot be compared.

use std::fs;
use std::path::Path;

use anyhow::Context;

/// Cores, kernel, file system, free memory, load and the seconds of a cell, as lines of Markdown.
///
/// # Errors
/// When the machine does not say.
pub fn now(folder: &Path, seconds: u64) -> anyhow::Result<String> {
    fs::create_dir_all(folder)?;
    let cores = std::thread::available_parallelism()?;
    let uname = rustix::system::uname();
    let memory = meminfo("MemTotal")?;
    let available = meminfo("MemAvailable")?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').take(3).collect::<Vec<_>>().join(" ");
    let model = fs::read_to_string("/proc/cpuinfo")?;
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown", |(_, name)| name);
    let day = chrono::Utc::now().format("%Y-%m-%d %H:%M UTC");
    Ok(format!(
        "- {day}; {seconds} s a cell\n\
         - {cores} cores ({model}), Linux {}, {} on {}\n\
         - memory {memory} MB, of which {available} MB free; load {load} at the beginning",
        uname.release().to_string_lossy(),
        file_system(folder)?.0,
        file_system(folder)?.1,
    ))
}

/// The resident memory of this process, in bytes.
///
/// # Errors
/// When the machine does not say.
pub fn resident_bytes() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: u64 = line
        .and_then(|rest| rest.split_whitespace().next())
        .context("the machine does not say how much memory is in use")?
        .parse()?;
    Ok(kilobytes * 1024)
}

/// The bytes that a folder takes on the disk, with all that is in it.
///
/// # Errors
/// When it cannot be read.
pub fn disk_bytes(folder: &Path) -> anyhow::Result<u64> {
    use std::os::unix::fs::MetadataExt;
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.metadata()?;
        sum += if file.is_dir() {
            disk_bytes(&entry.path())?
        } else {
            file.blocks() * 512
        };
    }
    Ok(sum)
}

fn meminfo(name: &str) -> anyhow::Result<u64> {
    let all = fs::read_to_string("/proc/meminfo")?;
    let line = all.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes: u64 = line
        .and_then(|rest| rest.split_whitespace().nth(1))
        .context("the machine does not say how much memory it has")?
        .parse()?;
    Ok(kilobytes / 1024)
}

/// The kind of file system under a folder, and its device.
fn file_system(folder: &Path) -> anyhow::Result<(String, String)> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut parts = line.split(' ');
        let (device, at, kind) = (parts.next()?, parts.next()?, parts.next()?);
        folder.starts_with(at).then_some((at.len(), kind, device))
    });
    let (_, kind, device) = mounts.max().context("the folder is on no known disk")?;
    Ok((kind.to_owned(), device.to_owned()))
}
