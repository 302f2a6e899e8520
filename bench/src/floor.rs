//! The raw floor: what the disk alone can do, so that the noise of the machine is seen.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

const FILE_BYTES: u64 = 32 << 20;

/// 512 bytes written in reserved space and synced, again and again: times a second.
///
/// # Errors
/// Those of the disk.
pub fn measure(folder: &Path, time: Duration) -> anyhow::Result<f64> {
    let path = folder.join("floor");
    let file = File::create(&path)?;
    file.write_all_at(&vec![0; FILE_BYTES as usize], 0)?;
    file.sync_all()?;
    let (start, mut n) = (Instant::now(), 0);
    while start.elapsed() < time {
        file.write_all_at(&[7; 512], (n * 512) % FILE_BYTES)?;
        file.sync_data()?;
        n += 1;
    }
    let rate = n as f64 / start.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}
