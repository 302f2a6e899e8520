//! What reading the log takes: opening, replay, rebuilding the copy that serves reads, one stream, one case.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CaseId, CommandId, Id};
use pipss_domain::stream::Stream;
use pipss_projections::Views;
use pipss_store::EventStore;
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::load::{self, STREAM};
use crate::ours::{FILLER, Ours, log, stream};
use crate::{Run, conditions};

const EVENTS: u64 = 1_000_000;
/// Streams and cases that are read for a percentile.
const SAMPLES: u64 = 2000;

/// What reading took; a log of `events`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reads {
    /// How many events the log held.
    pub events: u64,
    /// Seconds until a process that opens it serves.
    pub ready_s: f64,
    /// Events a second while the whole log is read and decoded.
    pub replay: f64,
    /// Events a second while the copy that serves reads is made again.
    pub rebuild: f64,
    /// A stream of 50, scattered over the log: milliseconds, half and 99 of 100.
    pub stream_ms: (f64, f64),
    /// A case as a command finds it: microseconds, half and 99 of 100.
    pub case_us: (f64, f64),
    /// Bytes of memory that the indexes take.
    pub index_bytes: u64,
    /// Bytes of memory of the whole process that only opened it.
    pub resident_bytes: u64,
    /// Bytes on the disk: journal, as written by 256 at once.
    pub journal_bytes: u64,
    /// And sled.
    pub sled_bytes: u64,
    /// The same two together, for each event, if they came one by one.
    pub single_bytes_event: f64,
    /// Bytes of JSON of one event, as it is kept.
    pub record_bytes: f64,
}

/// What a process of its own says that opened a store.
#[derive(Serialize, Deserialize)]
pub struct Opened {
    /// Seconds it took.
    pub seconds: f64,
    /// Bytes of its indexes.
    pub index_bytes: u64,
    /// Bytes of all its memory.
    pub resident_bytes: u64,
}

/// Fills a log and reads it in every way.
///
/// # Errors
/// When anything fails.
pub fn measure(run: &Run, runtime: &Runtime) -> anyhow::Result<Reads> {
    let folder = tempfile::tempdir_in(&run.folder)?;
    let events = if run.time < Duration::from_secs(2) {
        EVENTS / 10
    } else {
        EVENTS
    };
    let (many, few) = (folder.path().join("many"), folder.path().join("few"));
    filled(&many, runtime, events)?;
    let mut reads = Reads {
        events,
        journal_bytes: conditions::disk_bytes(&many.join("journal"))?,
        sled_bytes: conditions::disk_bytes(&many.join("sled"))?,
        ..Reads::default()
    };
    let opened = opened(&many)?;
    (reads.ready_s, reads.index_bytes) = (opened.seconds, opened.index_bytes);
    reads.resident_bytes = opened.resident_bytes;
    let store = Ours::open(&many)?;
    reads.replay = replay(&store, events)?;
    reads.stream_ms = streams(&store, events)?;
    drop(store);
    fs::remove_dir_all(many.join("sled"))?;
    let start = Instant::now();
    drop(Ours::open(&many)?);
    reads.rebuild = events as f64 / start.elapsed().as_secs_f64();
    let bytes: u64 = journal_payload(&many)?;
    reads.record_bytes = bytes as f64 / events as f64;
    load::one_by_one(runtime, &Ours::open(&few)?, events / 50)?;
    // Without what the journal holds in reserve, which so few events do not fill.
    let both = journal_payload(&few)? + conditions::disk_bytes(&few.join("sled"))?;
    reads.single_bytes_event = both as f64 / (events / 50) as f64;
    reads.case_us = cases(events)?;
    println!("{reads:?}");
    Ok(reads)
}

/// A store with so many events in streams of 50 that grew side by side, each event by its own command.
///
/// # Errors
/// When an append fails.
pub fn filled(folder: &Path, runtime: &Runtime, events: u64) -> anyhow::Result<()> {
    let store = Arc::new(Ours::open(folder)?);
    store.fill(runtime, events)?;
    ensure!(
        store.0.head(log()).position >= events,
        "the log is shorter than it was filled"
    );
    Ok(())
}

/// Opens a store in a process of its own, which then says what it took.
///
/// # Errors
/// When that process fails.
pub fn opened(folder: &Path) -> anyhow::Result<Opened> {
    let output = Command::new(std::env::current_exe()?)
        .arg("--folder")
        .arg(folder)
        .arg("opens")
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What [`opened`] runs.
///
/// # Errors
/// When the store does not open.
pub fn open(folder: &Path) -> anyhow::Result<()> {
    let start = Instant::now();
    let store = Ours::open(folder)?;
    let opened = Opened {
        seconds: start.elapsed().as_secs_f64(),
        index_bytes: store.0.index_bytes() as u64,
        resident_bytes: conditions::resident_bytes()?,
    };
    println!("{}", serde_json::to_string(&opened)?);
    Ok(())
}

/// Reads a whole log, decoded, a page of 4096 at a time: events a second.
///
/// # Errors
/// When it cannot be read to its end.
pub fn replay(store: &Ours, events: u64) -> anyhow::Result<f64> {
    let (start, mut after) = (Instant::now(), 0);
    loop {
        let facts = store.0.log(log(), after, 4096)?;
        let Some(last) = facts.last() else { break };
        after = last.position;
        black_box(facts);
    }
    ensure!(after >= events, "the log ended early");
    Ok(after as f64 / start.elapsed().as_secs_f64())
}

/// Streams read whole and decoded, in milliseconds.
///
/// # Errors
/// When one cannot be read.
pub fn streams(store: &Ours, events: u64) -> anyhow::Result<(f64, f64)> {
    let mut waits = Vec::new();
    for n in 0..SAMPLES.min(events / STREAM) {
        // Spread over the whole log, in no order that a disk would like.
        let number = n * 7919 % (events / STREAM);
        let start = Instant::now();
        let facts = store.0.stream(log(), &stream(FILLER, number))?;
        waits.push(start.elapsed());
        ensure!(
            facts.len() as u64 == STREAM,
            "a stream has {} events",
            facts.len()
        );
    }
    Ok((
        load::percentile(&mut waits, 0.5)? * 1e3,
        load::percentile(&mut waits, 0.99)? * 1e3,
    ))
}

/// What the running system does before it decides: the case, folded, and the versions that are guarded.
fn cases(events: u64) -> anyhow::Result<(f64, f64)> {
    let event = |kind: &str, shape: u32| -> anyhow::Result<Event> {
        let path = format!("../domain/tests/golden/{kind}.{shape}.json");
        let data = fs::read_to_string(&path).with_context(|| path)?;
        Ok(Event::from_stored(kind, shape as u16, &data)?)
    };
    let (raised, recorded) = (
        event("ReferralRaised", 1)?,
        event("ReferralAcknowledged", 1)?,
    );
    let case = |n: u64| CaseId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes()));
    let mut views = Views::default();
    for n in 0..events {
        let (number, version) = (n % (events / STREAM), n / (events / STREAM) + 1);
        let at = chrono::DateTime::UNIX_EPOCH + Duration::from_secs(n);
        views.evolve(&Fact {
            log: log(),
            position: n + 1,
            stream: Stream::Case(case(number)),
            version,
            command: CommandId::new(Uuid::from_u128(u128::from(n))),
            number: 0,
            occurred_at: at,
            recorded_at: at,
            who: Who::Person(Id::new(Uuid::from_u128(2))),
            policy: 1,
            event: if version == 1 {
                raised.clone()
            } else {
                recorded.clone()
            },
        });
    }
    let views = std::sync::RwLock::new(views);
    let mut waits = Vec::new();
    for n in 0..SAMPLES.min(events / STREAM) {
        let id = case(n * 7919 % (events / STREAM));
        let start = Instant::now();
        let views = views.read().ok().context("folding never panics")?;
        let found = views.cases.get(id).context("a case is missing")?;
        black_box(found.clone());
        let versions = [
            Stream::Case(id),
            Stream::Bars(id),
            Stream::Grants(Id::new(Uuid::from_u128(2))),
        ];
        black_box(versions.map(|stream| views.version(&stream)));
        waits.push(start.elapsed());
    }
    Ok((
        load::percentile(&mut waits, 0.5)? * 1e6,
        load::percentile(&mut waits, 0.99)? * 1e6,
    ))
}

/// The bytes of the journal that are not zeros kept in reserve.
fn journal_payload(folder: &Path) -> anyhow::Result<u64> {
    let mut sum = 0;
    for segment in fs::read_dir(folder.join("journal"))? {
        let bytes = fs::read(segment?.path())?;
        sum += bytes
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |at| at as u64 + 1);
    }
    Ok(sum)
}
