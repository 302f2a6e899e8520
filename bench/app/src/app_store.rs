//! The store's own pace in the same run: 64 writers, nothing around it, what a command is compared with.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::{UnitLevel, UnitOpened};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CommandId, Id};
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, EventStore, Options, Purpose, SledStore, Write};
use uuid::Uuid;

use crate::http_client::{CONNECTIONS, Went};

/// Durable appends of one fact of about 400 bytes each, by as many writers as there are connections.
///
/// # Errors
/// Those of the store.
pub async fn own_pace(folder: &Path, time: Duration) -> anyhow::Result<Went> {
    let options = Options::new(folder, Purpose::Real);
    let store = Arc::new(SledStore::open(options, Box::new(|_| ()))?);
    let began = Instant::now();
    let writers = (0..CONNECTIONS as u64).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut took = Vec::new();
            while began.elapsed() < time {
                let before = Instant::now();
                let kept = store.append(append(writer, took.len() as u64)).await;
                kept.map_err(|error| anyhow!("{error}"))?;
                took.push(before.elapsed());
            }
            anyhow::Ok(took)
        })
    });
    let mut took = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        took.extend(writer.await.context("a writer stopped")??);
    }
    let seconds = began.elapsed().as_secs_f64();
    drop(store);
    std::fs::remove_dir_all(folder)?;
    Ok(Went::of(took, seconds))
}

fn append(writer: u64, n: u64) -> Append {
    let id = |a: u64, b: u64| Uuid::from_u64_pair(a, b);
    let now = DateTime::<Utc>::UNIX_EPOCH + Duration::from_millis(n);
    let event = Event::UnitOpened(UnitOpened {
        code: "bench".into(),
        name: "Ward seven of the northern hospital, upper floor".into(),
        level: UnitLevel::Team,
        parent: None,
        headcount: 30,
        partner: false,
    });
    Append {
        log: LogId::main(Id::new(Uuid::from_u128(1))),
        command: CommandId::new(id(writer + 1, n)),
        who: Who::Person(Id::new(Uuid::from_u128(2))),
        policy: 1,
        now,
        body: None,
        writes: vec![Write {
            stream: Stream::Unit(Id::new(id(writer, n / 50))),
            expected: n % 50,
            events: vec![(now, event)],
        }],
        guards: Vec::new(),
    }
}

/// Opens a folder with no view of it, and says what that takes.
///
/// # Errors
/// Those of the store.
pub fn alone(folder: &Path) -> anyhow::Result<String> {
    let began = Instant::now();
    let store = SledStore::open(Options::new(folder, Purpose::Real), Box::new(|_| ()))?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let said = format!(
        "the store alone: opened in {:.1} s, {} of memory",
        began.elapsed().as_secs_f64(),
        memory.unwrap_or("?").trim()
    );
    drop(store);
    Ok(said)
}
