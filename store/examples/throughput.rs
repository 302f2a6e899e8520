//! Durable appends a second at 1, 16, 64 and 256 writers, beside what the disk alone can do.
//!
//! `cargo run --release -p pipss-store --example throughput -- [folder] [seconds]`

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use pipss_domain::directory_facts::{UnitLevel, UnitOpened};
use pipss_domain::history::{Event, Who};
use pipss_domain::ids::{CommandId, Id, OrganisationId};
use pipss_domain::stream::{LogId, Stream};
use pipss_store::{Append, EventStore, Options, Purpose, SledStore, Write};
use uuid::Uuid;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder: PathBuf = arguments
        .next()
        .unwrap_or_else(|| "/tmp/throughput".into())
        .into();
    let seconds = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(4);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let which = arguments.next().map_or_else(
        || vec![1, 16, 64, 256],
        |n| vec![n.parse().expect("a number")],
    );
    for writers in which.clone() {
        let before = floor(&folder, Duration::from_secs(1));
        let (rate, p50, p99) = run(&folder.join(format!("{writers}")), writers, seconds);
        let floor = (before + floor(&folder, Duration::from_secs(1))) / 2.0;
        let ratio = rate / floor;
        println!(
            "{writers:4} writers: {rate:8.0}/s  p50 {p50:6.2} ms  p99 {p99:6.2} ms  floor {floor:6.0}/s  ratio {ratio:5.2}"
        );
    }
    if which.len() > 1 {
        reopen(&folder.join("256"));
    }
}

/// 512 bytes written and synced, again and again, in reserved space.
fn floor(folder: &Path, time: Duration) -> f64 {
    let file = File::create(folder.join("floor")).expect("a file can be made");
    file.write_all_at(&vec![0; 32 << 20], 0)
        .expect("it can be filled");
    file.sync_all().expect("it can be synced");
    let (start, mut n) = (Instant::now(), 0u64);
    while start.elapsed() < time {
        file.write_all_at(&[7; 512], (n * 512) % (32 << 20))
            .expect("it can be written");
        file.sync_data().expect("it can be synced");
        n += 1;
    }
    n as f64 / start.elapsed().as_secs_f64()
}

fn run(folder: &Path, writers: u64, seconds: u64) -> (f64, f64, f64) {
    let options = Options::new(folder, Purpose::Real);
    let store = Arc::new(SledStore::open(options, Box::new(|_| ())).expect("it opens"));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("it starts");
    let (start, time) = (Instant::now(), Duration::from_secs(seconds));
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let store = Arc::clone(&store);
            runtime.spawn(async move {
                let mut waits = Vec::new();
                for n in 0.. {
                    if start.elapsed() > time {
                        break;
                    }
                    let before = Instant::now();
                    store.append(append(writer, n)).await.expect("it is kept");
                    waits.push(before.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits: Vec<Duration> = Vec::new();
    for task in tasks {
        waits.extend(runtime.block_on(task).expect("it ends"));
    }
    let rate = waits.len() as f64 / start.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |share: f64| waits[(waits.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    (rate, at(0.5), at(0.99))
}

/// Streams of 50 facts, about 400 bytes each as records.
fn append(writer: u64, n: u64) -> Append {
    let id = |a: u64, b: u64| Uuid::from_u64_pair(a, b);
    let organisation: OrganisationId = Id::new(Uuid::from_u128(1));
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
        log: LogId::main(organisation),
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
        guards: vec![],
    }
}

fn reopen(folder: &Path) {
    let size = |path: &Path| -> u64 {
        std::fs::read_dir(path).map_or(0, |all| {
            all.flatten()
                .map(|e| {
                    let kept = std::fs::read(e.path()).map_or(0, |bytes| bytes.len());
                    kept as u64
                })
                .sum()
        })
    };
    for what in ["opened", "rebuilt"] {
        if what == "rebuilt" {
            let _ = std::fs::remove_dir_all(folder.join("sled"));
        }
        let start = Instant::now();
        let options = Options::new(folder, Purpose::Real);
        let store = SledStore::open(options, Box::new(|_| ())).expect("it opens");
        let took = start.elapsed().as_secs_f64();
        let log = LogId::main(Id::new(Uuid::from_u128(1)));
        let facts = store.head(log).position;
        println!(
            "{what}: {facts} facts in {took:.2} s, {:.0}/s",
            facts as f64 / took
        );
        let start = Instant::now();
        for writer in 0..200 {
            let stream = Stream::Unit(Id::new(Uuid::from_u64_pair(writer, 0)));
            assert_eq!(store.stream(log, &stream).expect("it reads").len(), 50);
        }
        println!(
            "a stream of 50: {:.0} µs",
            start.elapsed().as_micros() as f64 / 200.0
        );
        drop(store);
        let (journal, sled) = (size(&folder.join("journal")), size(&folder.join("sled")));
        println!(
            "journal {} B/fact, sled {} B/fact",
            journal / facts,
            sled / facts
        );
    }
}
