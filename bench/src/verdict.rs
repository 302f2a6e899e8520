//! The figures that are to be reached, each beside what this run measured.

use crate::log::{MESSAGE_DB, OURS, POSTGRES, Row, SQLITE, UMADB, WRITERS};
use crate::reads::Reads;
use crate::table::Table;

/// At least so many times the raw floor, by [`WRITERS`].
const FLOOR: [f64; 4] = [0.5, 3.5, 7.0, 12.0];
/// At least so many times as fast as a peer, at 64 and at 256 writers.
const FASTER: [(&str, f64, f64); 4] = [
    (UMADB, 2.0, 3.5),
    (POSTGRES, 3.0, 10.0),
    (SQLITE, 1.3, 1.8),
    (MESSAGE_DB, 60.0, 300.0),
];

/// Every figure, what was measured, and whether that reaches it.
pub fn table(rows: &[Row], reads: &Reads) -> Table {
    let mut table = Table::new(&["figure", "to reach", "measured", "reached"]);
    let row = |store: &str, writers: u64| {
        rows.iter()
            .find(|row| row.store == store && row.writers == writers)
    };
    for (writers, wanted) in WRITERS.into_iter().zip(FLOOR) {
        if let Some(ours) = row(OURS, writers) {
            let ratio = ours.cell.rate / ours.floor();
            at_least(
                &mut table,
                &format!("appends, {writers} writers"),
                wanted,
                ratio,
                "× floor",
            );
        }
    }
    for (peer, at_64, at_256) in FASTER {
        for (writers, wanted) in [(64, at_64), (256, at_256)] {
            let name = format!("against {peer}, {writers} writers");
            match (row(OURS, writers), row(peer, writers)) {
                (Some(ours), Some(peer)) => at_least(
                    &mut table,
                    &name,
                    wanted,
                    ours.cell.rate / peer.cell.rate,
                    "×",
                ),
                _ => table.row(vec![
                    name,
                    format!("≥ {wanted} ×"),
                    "left out".into(),
                    "unknown".into(),
                ]),
            }
        }
    }
    if let Some(ours) = row(OURS, 256) {
        at_most(&mut table, "p99, 256 writers", 10.0, ours.cell.p99_ms, "ms");
    }
    let events = reads.events as f64;
    at_least(
        &mut table,
        "replay, decoded",
        0.9,
        reads.replay / 1e6,
        "M events/s",
    );
    at_least(
        &mut table,
        "sled rebuilt from the journal",
        100.0,
        reads.rebuild / 1e3,
        "k events/s",
    );
    at_most(
        &mut table,
        "a case ready for a command, p50",
        100.0,
        reads.case_us.0,
        "µs",
    );
    at_most(
        &mut table,
        "a case ready for a command, p99",
        f64::INFINITY,
        reads.case_us.1,
        "µs",
    );
    let disk = (reads.journal_bytes + reads.sled_bytes) as f64 / events;
    at_most(
        &mut table,
        "disk, both copies, 256 writers",
        1300.0,
        disk,
        "B an event",
    );
    at_most(
        &mut table,
        "of it the journal",
        f64::INFINITY,
        reads.journal_bytes as f64 / events,
        "B an event",
    );
    at_most(
        &mut table,
        "one writer alone, both copies",
        f64::INFINITY,
        reads.single_bytes_event,
        "B an event",
    );
    at_most(
        &mut table,
        "indexes, for a million events",
        80.0,
        reads.index_bytes as f64 / events,
        "MB",
    );
    at_most(
        &mut table,
        "whole process with the log open",
        f64::INFINITY,
        reads.resident_bytes as f64 / 1e6,
        "MB",
    );
    at_most(
        &mut table,
        "a stream of 50, p50",
        f64::INFINITY,
        reads.stream_ms.0,
        "ms",
    );
    at_most(
        &mut table,
        "a stream of 50, p99",
        f64::INFINITY,
        reads.stream_ms.1,
        "ms",
    );
    at_most(
        &mut table,
        "opened and ready",
        f64::INFINITY,
        reads.ready_s,
        "s",
    );
    at_least(
        &mut table,
        "opened and ready",
        0.0,
        events / reads.ready_s / 1e3,
        "k events/s",
    );
    table
}

fn at_least(table: &mut Table, name: &str, wanted: f64, measured: f64, unit: &str) {
    let (aim, reached) = match wanted {
        0.0 => (String::new(), ""),
        _ => (
            format!("≥ {wanted} {unit}"),
            if measured >= wanted { "yes" } else { "no" },
        ),
    };
    table.row(vec![
        name.into(),
        aim,
        format!("{measured:.2} {unit}"),
        reached.into(),
    ]);
}

fn at_most(table: &mut Table, name: &str, wanted: f64, measured: f64, unit: &str) {
    let (aim, reached) = match wanted {
        f64::INFINITY => (String::new(), ""),
        _ => (
            format!("≤ {wanted} {unit}"),
            if measured <= wanted { "yes" } else { "no" },
        ),
    };
    table.row(vec![
        name.into(),
        aim,
        format!("{measured:.2} {unit}"),
        reached.into(),
    ]);
}
