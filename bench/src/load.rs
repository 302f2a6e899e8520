//! The same load for every store: so many writers, each waiting for its acknowledgement before the next append.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// The facts of one stream, before a writer begins another.
pub const STREAM: u64 = 50;
/// The bytes of JSON that every peer keeps for an event.
pub const JSON_BYTES: usize = 400;

/// A store under load.
pub trait Peer: Send + Sync + 'static {
    /// What one writer holds: a connection, or nothing.
    type Writer: Send + 'static;

    /// Connects a writer.
    fn writer(&self, number: u64) -> impl Future<Output = anyhow::Result<Self::Writer>> + Send;

    /// The writer's `n`-th append, from 0: event `n % STREAM` of its stream `n / STREAM`, refused if the
    /// stream is at another version. Durable when it returns.
    fn append(
        &self,
        writer: &mut Self::Writer,
        n: u64,
    ) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What one number of writers achieved.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Cell {
    /// Durable appends a second.
    pub rate: f64,
    /// Half were acknowledged within so many milliseconds.
    pub p50_ms: f64,
    /// And 99 of 100 within so many.
    pub p99_ms: f64,
}

/// A runtime on all cores.
///
/// # Errors
/// When the machine gives no threads.
pub fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// Lets `writers` append for a time.
///
/// # Errors
/// When any append fails.
pub fn run<P: Peer>(
    runtime: &Runtime,
    peer: &Arc<P>,
    writers: u64,
    time: Duration,
) -> anyhow::Result<Cell> {
    let mut connected = Vec::new();
    for number in 0..writers {
        connected.push(runtime.block_on(peer.writer(number))?);
    }
    let start = Instant::now();
    let tasks: Vec<_> = connected
        .into_iter()
        .map(|mut writer| {
            let peer = Arc::clone(peer);
            runtime.spawn(async move {
                let mut waits = Vec::new();
                while start.elapsed() < time {
                    let before = Instant::now();
                    peer.append(&mut writer, waits.len() as u64).await?;
                    waits.push(before.elapsed());
                }
                anyhow::Ok(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(runtime.block_on(task)??);
    }
    let rate = waits.len() as f64 / start.elapsed().as_secs_f64();
    Ok(Cell {
        rate,
        p50_ms: percentile(&mut waits, 0.5)? * 1e3,
        p99_ms: percentile(&mut waits, 0.99)? * 1e3,
    })
}

/// Appends one after another, without measuring anything.
///
/// # Errors
/// When any append fails.
pub fn one_by_one<P: Peer>(runtime: &Runtime, peer: &P, count: u64) -> anyhow::Result<()> {
    runtime.block_on(async {
        let mut writer = peer.writer(0).await?;
        for n in 0..count {
            peer.append(&mut writer, n).await?;
        }
        Ok(())
    })
}

/// The time within which this share of the waits ended, in seconds.
///
/// # Errors
/// When there are none.
pub fn percentile(waits: &mut [Duration], share: f64) -> anyhow::Result<f64> {
    waits.sort_unstable();
    let at = ((waits.len() as f64 * share) as usize).min(waits.len().saturating_sub(1));
    let wait = waits.get(at).context("nothing was measured")?;
    Ok(wait.as_secs_f64())
}

/// The JSON of an event that peers keep: [`JSON_BYTES`] long.
pub fn json(writer: u64, n: u64) -> String {
    let begin = format!(
        r#"{{"writer":{writer},"n":{n},"recorded":"2026-11-22T09:00:00.000000Z","policy":1,"name":""#
    );
    let fill = JSON_BYTES.saturating_sub(begin.len() + 2);
    format!(
        "{begin}{}\"}}",
        "Ward seven of the northern hospital, upper floor. "
            .repeat(8)
            .get(..fill)
            .unwrap_or("")
    )
}

/// An id that looks as random as real ones, and is always the same for the same two numbers.
pub fn mixed(one: u64, other: u64) -> Uuid {
    let spread = |mut n: u64| {
        n = (n ^ (n >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        n = (n ^ (n >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        n ^ (n >> 31)
    };
    let first = spread(one.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(other));
    uuid::Builder::from_custom_bytes(Uuid::from_u64_pair(first, spread(first ^ other)).into_bytes())
        .into_uuid()
}
