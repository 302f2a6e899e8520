//! Every call fails once, and then for good: the first, the second, until none is left.
//!
//! `make test` fails every call on the way of a commit (journal and keys) and some, drawn at random, of
//! all others; `PIPSS_FAULTS=all` fails every one, and a number draws so many. A seed is taken back from `PIPSS_SEED`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use tokio::runtime::Runtime;

use crate::oracle::{Checked, check};
use crate::preload::{Fault, KINDS};
use crate::random::Random;
use crate::scenario::{OPEN, run};

/// What every commit goes through.
const COMMIT: &[&str] = &["data/journal", "data/keys"];
const EVERYTHING: &[&str] = &[""];
/// So many are drawn where `PIPSS_FAULTS` does not say how many.
const SAMPLE: usize = 60;
/// As the machine numbers them.
const EIO: &str = "5";
const ENOSPC: &str = "28";
const EINTR: &str = "4";

/// How a kind of call can fail, and whether it goes on failing. One that is always interrupted is no
/// fault that a machine has.
fn ways(call: &str) -> Vec<(&'static str, bool)> {
    let mut ways = vec![
        (EIO, false),
        (ENOSPC, true),
        (EINTR, false),
        ("late", false),
    ];
    if all() {
        ways.extend([(EIO, true), (ENOSPC, false)]);
    }
    if call == "write" {
        ways.push(("short", false));
    }
    ways
}

/// Tries one fault; what was checked, or `None` once there are not so many calls.
fn try_one(
    fault: &Fault,
    within: &[&str],
    runtime: &Runtime,
) -> Result<Option<(Checked, usize)>, String> {
    let told = run(fault, within)?;
    if told.counts["fired"] == 0 {
        return Ok(None);
    }
    let _open = OPEN.read().unwrap();
    let checked = runtime.block_on(check(&told))?;
    Ok(Some((checked, told.caught)))
}

#[derive(Default)]
struct Tally {
    faults: BTreeMap<&'static str, usize>,
    kept: usize,
    denied: usize,
    doubtful: usize,
    caught: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, fault: &Fault, found: Result<(Checked, usize), String>) {
        *self.faults.entry(fault.call).or_default() += 1;
        match found {
            Ok((checked, caught)) => {
                self.kept += checked.kept;
                self.denied += checked.denied;
                self.doubtful += checked.doubtful;
                self.caught += caught;
            }
            Err(what) => self.wrong.push(format!("{fault:?}: {what}")),
        }
    }

    fn print(&self, which: &str) {
        let all: usize = self.faults.values().sum();
        println!(
            "{all} failing calls {which} ({:?}): {} acknowledged, {} said not to be saved, {} in doubt, \
             {} panics of sled caught, {} untrue",
            self.faults,
            self.kept,
            self.denied,
            self.doubtful,
            self.caught,
            self.wrong.len()
        );
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n\n"));
        assert!(all > 0 && self.kept > 0 && self.denied > 0 && self.doubtful > 0);
    }
}

/// Works through rows of faults, two at a time; a row ends where nothing fails any more.
fn work(rows: Vec<VecDeque<Fault>>, within: &'static [&'static str]) -> Tally {
    let (rows, tally) = (
        Mutex::new(VecDeque::from(rows)),
        Mutex::new(Tally::default()),
    );
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let runtime = Runtime::new().unwrap();
                loop {
                    let row = rows.lock().unwrap().pop_front();
                    let Some(mut row) = row else { break };
                    let Some(fault) = row.pop_front() else {
                        continue;
                    };
                    match try_one(&fault, within, &runtime).transpose() {
                        Some(found) => {
                            tally.lock().unwrap().add(&fault, found);
                            rows.lock().unwrap().push_back(row);
                        }
                        None => continue,
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

fn every_one() -> Vec<VecDeque<Fault>> {
    let row = |call: &'static str, how, from| -> VecDeque<Fault> {
        (1..2000)
            .map(|nth| Fault {
                call,
                nth,
                how,
                from,
            })
            .collect()
    };
    KINDS
        .into_iter()
        .flat_map(|call| {
            ways(call)
                .into_iter()
                .map(move |(how, from)| row(call, how, from))
        })
        .collect()
}

fn all() -> bool {
    std::env::var("PIPSS_FAULTS").is_ok_and(|which| which == "all")
}

#[test]
fn whichever_call_of_a_commit_fails_no_answer_is_untrue() {
    if !all() {
        work(every_one(), COMMIT).print("on the way of a commit");
    }
}

#[test]
fn a_disk_that_breaks_before_the_store_is_closed_ends_in_no_panic() {
    for nth in [16, 29, 45, 64] {
        let (call, how, from) = ("sync", ENOSPC, true);
        let broken = Fault {
            call,
            nth,
            how,
            from,
        };
        run(&broken, EVERYTHING).unwrap();
    }
}

#[test]
fn whichever_call_fails_anywhere_no_answer_is_untrue() {
    if all() {
        return work(every_one(), EVERYTHING).print("anywhere");
    }
    let quiet = run(&Fault::NONE, EVERYTHING).unwrap();
    assert_eq!(quiet.counts["fired"], 0);
    let mut random = Random::printed();
    let called: Vec<_> = KINDS
        .into_iter()
        .filter(|call| quiet.counts[*call] > 0)
        .collect();
    let sample = std::env::var("PIPSS_FAULTS").map_or(SAMPLE, |many| many.parse().unwrap());
    let rows = (0..sample).map(|_| {
        let call = *random.one_of(&called);
        let (how, from) = *random.one_of(&ways(call));
        let nth = 1 + random.below(quiet.counts[call]);
        VecDeque::from([Fault {
            call,
            nth,
            how,
            from,
        }])
    });
    work(rows.collect(), EVERYTHING).print("anywhere, drawn at random");
}
