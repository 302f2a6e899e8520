//! The page that a run writes: one table for each size of the log, and how cost grows, drawn.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::http_client::Went;
use crate::http_scenes::Measured;

/// Writes docs/performance-app.md.
///
/// # Errors
/// Those of the disk.
pub fn write(docs: &Path, conditions: &str, own: &Went, all: &[Measured]) -> anyhow::Result<()> {
    let mut page = String::from(
        "# What the whole program takes\n\nThis page is written by `make bench`. The release binary `pipss serve` \
         is asked over HTTP by 64 connections that are kept alive, each sending the next request when the one \
         before is answered, from a process of its own on the same machine: signed tokens of hundreds of \
         people, every rule and every record of who looked at what as in use, everyone's share of requests \
         raised in the configuration so that 64 connections can stand for thousands of people. The logs are a \
         demonstration told again over ten years and many teams (`bench/app/src/app_grow.rs`), the same for the \
         same seed.\n\n*Work* is the processor time that the program takes for one answer; it says more than \
         the pace on a machine that does other things too. *Asking* is the share of all processor time that \
         the asking process took.\n\n",
    );
    let _ = writeln!(page, "{conditions}\n");
    let _ = writeln!(
        page,
        "The store alone in the same run, 64 writers: {:.0} durable appends a second, p50 {:.1} ms, p99 {:.1} ms.\n",
        own.per_second, own.p50_ms, own.p99_ms
    );
    opened(&mut page, all);
    for measured in all {
        asked(&mut page, measured);
    }
    growth(&mut page, all);
    fs::write(docs.join("performance-app.md"), page)?;
    Ok(())
}

fn opened(page: &mut String, all: &[Measured]) {
    page.push_str(
        "## Opening\n\nFrom the start of the process to the first answer: the journal read and checked, compared \
         with the reading copy, every view folded.\n\n\
         | events | seconds | seconds of processor | memory, MB | the most while asked, MB |\n|---|---|---|---|---|\n",
    );
    for m in all {
        let _ = writeln!(
            page,
            "| {} | {:.1} | {:.1} | {} | {} |",
            m.facts, m.opened_s, m.opened_work_s, m.opened_mb, m.most_mb
        );
    }
}

fn asked(page: &mut String, measured: &Measured) {
    let _ = writeln!(
        page,
        "\n## {} events\n\n| what | a second | p50 ms | p99 ms | work, ms | bytes | asking |\n|---|---|---|---|---|---|---|",
        measured.facts
    );
    for row in &measured.rows {
        let went = &row.went;
        let _ = writeln!(
            page,
            "| {} | {:.0} | {:.1} | {:.1} | {:.2} | {} | {:.0} % |",
            row.name,
            went.per_second,
            went.p50_ms,
            went.p99_ms,
            row.work_ms,
            went.mean_bytes,
            row.asking * 100.0
        );
    }
}

/// How the work for one answer grows with the log.
fn growth(page: &mut String, all: &[Measured]) {
    page.push_str("\n## How the work for one answer grows, in ms\n\n| what |");
    all.iter().for_each(|m| {
        let _ = write!(page, " {} events |", m.facts);
    });
    page.push_str(&format!("\n|---|{}\n", "---|".repeat(all.len())));
    let Some(first) = all.first() else { return };
    for (n, row) in first.rows.iter().enumerate() {
        let _ = write!(page, "| {} |", row.name);
        for m in all {
            let _ = write!(page, " {:.2} |", m.rows[n].work_ms);
        }
        page.push('\n');
    }
}
