//! What must hold after any failure: nothing acknowledged is missing, nothing denied is there.

use std::collections::BTreeMap;
use std::path::Path;

use pipss_domain::history::Fact;
use pipss_store::{Appended, EventStore, Options, Restore, SledStore, restore};

use crate::common::*;
use crate::scenario::{AFTER, ERASED, Told, command_of, small, text_of};

/// What was checked.
#[derive(Default)]
pub struct Checked {
    pub kept: usize,
    pub denied: usize,
    pub doubtful: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Kept,
    Denied,
    Doubtful,
}

impl Said {
    fn of(answer: &str) -> Self {
        match answer.split(' ').next() {
            Some("kept") => Self::Kept,
            Some("unsaved") => Self::Denied,
            _ => Self::Doubtful,
        }
    }
}

/// Opens the folder without any fault and compares it with what was answered.
///
/// # Errors
/// What is not true.
pub async fn check(told: &Told) -> Result<Checked, String> {
    let base = told.folder.path().join("base");
    let appends = answers(&told.lines);
    let said = |what: &str| told.lines.iter().any(|line| line.starts_with(what));
    let erased = told
        .lines
        .iter()
        .find_map(|line| line.strip_prefix("erase "));
    let erased = erased.map(Said::of);
    if let Some(line) = told.lines.iter().find(|line| unread(line)) {
        return Err(format!("reading did not go on: {line}"));
    }
    let before = expect_open(&base)?;
    let mut checked = Checked::default();
    for (n, said) in &appends {
        let facts = of_command(&before, *n);
        match (said, facts.len()) {
            (Said::Kept, 2) => checked.kept += 1,
            (Said::Denied, 0) => checked.denied += 1,
            (Said::Doubtful, 0 | 2) => checked.doubtful += 1,
            (_, found) => return Err(format!("{n} has {found} facts:\n{}", told.lines.join("\n"))),
        }
    }
    readable(&base, &before, erased)?;
    once_more(&base, &before).await?;
    if said("backup kept") {
        restored(&base, told.folder.path(), &before)?;
    }
    Ok(checked)
}

fn unread(line: &str) -> bool {
    line.starts_with("read ") && !line.starts_with("read kept")
}

/// The last word on each command: once kept, always kept; once in doubt, never denied for sure.
fn answers(lines: &[String]) -> BTreeMap<u64, Said> {
    let mut all = BTreeMap::new();
    for line in lines {
        let mut words = line.split(' ');
        if words.next() != Some("append") {
            continue;
        }
        let n: u64 = words.next().unwrap().parse().unwrap();
        let said = Said::of(words.next().unwrap());
        let last = all.entry(n).or_insert(said);
        if *last == Said::Denied || said == Said::Kept {
            *last = said;
        }
    }
    all
}

fn expect_open(base: &Path) -> Result<Vec<Fact>, String> {
    let store = SledStore::open(small(base), Box::new(|_| ()))
        .map_err(|error| format!("it does not open any more: {error}"))?;
    let facts = everything(&store, main_log());
    let gap = facts.iter().zip(1..).any(|(fact, at)| fact.position != at);
    if gap || facts.len() as u64 != store.head(main_log()).position {
        return Err("the positions have a gap".into());
    }
    Ok(facts)
}

fn of_command(facts: &[Fact], n: u64) -> Vec<&Fact> {
    facts
        .iter()
        .filter(|fact| fact.command == command(n))
        .collect()
}

/// Everything reads back as it was said; what was erased, and only that, may be gone.
fn readable(base: &Path, facts: &[Fact], erased: Option<Said>) -> Result<(), String> {
    let store = open_small(base)?;
    for n in (1..AFTER).step_by(2) {
        for fact in of_command(facts, n) {
            let aim = opened_aim(&store, &fact.event);
            let right = match (n == ERASED, erased) {
                (true, Some(Said::Kept)) => aim.is_none(),
                (true, Some(Said::Doubtful)) => aim.is_none() || aim == Some(text_of(n)),
                _ => aim == Some(text_of(n)),
            };
            if !right {
                return Err(format!("the text of {n} reads {aim:?}, erased: {erased:?}"));
            }
        }
    }
    Ok(())
}

/// The same commands again have no second effect; those that were not kept can be kept now.
async fn once_more(base: &Path, before: &[Fact]) -> Result<(), String> {
    let store = open_small(base)?;
    for n in 0..AFTER {
        let there = !of_command(before, n).is_empty();
        match (there, store.append(command_of(n)).await) {
            (true, Ok(Appended::Repeated(_))) | (false, Ok(Appended::New(_))) => {}
            (_, other) => return Err(format!("{n} again: {other:?}")),
        }
    }
    drop(store);
    let after = expect_open(base)?;
    if after.len() as u64 != 2 * AFTER || !after.starts_with(before) {
        return Err(format!("{} facts instead of {}", after.len(), 2 * AFTER));
    }
    Ok(())
}

/// A backup that was said to be there can be restored, and what was erased before it is not in it.
fn restored(base: &Path, beside: &Path, facts: &[Fact]) -> Result<(), String> {
    let one = |dir: &str| {
        let entries = std::fs::read_dir(base.join(dir)).unwrap();
        let mut all: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        all.retain(|path| path.extension().is_none_or(|end| end != "part"));
        all.pop().ok_or_else(|| format!("{dir} is empty"))
    };
    let order = Restore {
        log: one("copies")?,
        keys: one("copied-keys")?,
        ledger: None,
        into: Options {
            folder: beside.join("restored"),
            ..small(base)
        },
    };
    restore(&order, at(70)).map_err(|error| format!("the backup is not one: {error}"))?;
    let store = SledStore::open(order.into, Box::new(|_| ())).map_err(|e| e.to_string())?;
    let copied = everything(&store, main_log());
    if !facts.starts_with(&copied) {
        return Err("the backup holds something else".into());
    }
    Ok(())
}

fn open_small(base: &Path) -> Result<SledStore, String> {
    SledStore::open(small(base), Box::new(|_| ())).map_err(|error| error.to_string())
}
