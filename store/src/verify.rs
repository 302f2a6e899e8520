//! Checking a log from its beginning, without changing anything: is it whole, and is it the one that was signed?

mod facts;
mod keys;
mod lists;
mod place;
pub mod report;
mod sled_copy;
mod walk;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;

use uuid::Uuid;

pub use keys::Keys;

use crate::StoreError;
use crate::checkpoint::{LogHead, list};
use crate::folder;
use crate::mark;
use facts::Facts;
use keys::Ring;
use lists::{Compared, Lists};
use report::{Bad, Kind, Report};
use sled_copy::SledCopy;
use walk::{Placed, Walked};

/// What to check.
pub struct Verify {
    /// A data folder, used by a program or not, or the folder of a backup.
    pub folder: PathBuf,
    /// The keys; `None` for those in the folder.
    pub keys: Option<Keys>,
    /// Lists of checkpoints that were kept elsewhere.
    pub lists: Vec<PathBuf>,
    /// Public keys that were written down elsewhere, in hexadecimal; none: any that signed.
    pub trusted: Vec<String>,
    /// It is known that the folder was restored from a backup: what was signed before and is not in this
    /// history is listed, and not held against it.
    pub restored: bool,
    /// An empty folder into which the reading copy is copied to be compared; without it, it is not.
    pub scratch: Option<PathBuf>,
}

impl Verify {
    /// What there is to check in a folder, and no more.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            keys: None,
            lists: Vec::new(),
            trusted: Vec::new(),
            restored: false,
            scratch: None,
        }
    }
}

/// Checks everything that can be checked. `progress` is told how many bytes of how many are read.
///
/// # Errors
/// Why nothing could be checked: `Refused`, `Corrupt` (the store id) or `Unavailable`.
pub fn verify(what: &Verify, progress: &dyn Fn(u64, u64)) -> Result<Report, StoreError> {
    let id = fs::read(what.folder.join("store"))
        .map_err(|_| StoreError::Refused(format!("no log is at {}", what.folder.display())))?;
    let (store, incarnation) = folder::identity(&id)?;
    let lists = Lists::read(
        &what.folder.join(list::NAME),
        &what.lists,
        store,
        &what.trusted,
    )?;
    let mut report = empty(store, incarnation, &lists);
    let ring = ring(what, store, &mut report);
    let mut facts = Facts::new(ring, lists.asked());
    let mut copy = sled(what, &mut report);
    // Before the journal: what a program commits meanwhile is not missed.
    let marked = mark::read(&what.folder.join(mark::NAME), incarnation);
    let dir = what.folder.join("journal");
    let mut broken = None;
    let mut take = |frames: Vec<Placed>| {
        let taken = thread::scope(|scope| {
            let copy = copy.as_mut();
            scope.spawn(|| copy.map(|copy| frames.iter().for_each(|f| copy.compare(&f.frame))));
            facts.take(&frames)
        });
        broken = taken.err();
        broken.is_none()
    };
    let walked = walk::walk(&dir, store, &mut take, progress)?;
    let damaged = broken.is_some() || walked.broken.is_some();
    report.bad.extend(broken.map(|bad| *bad));
    if let Some(why) = walked.broken {
        let signed: Vec<LogHead> = lists.heads().cloned().collect();
        report
            .bad
            .push(place::name(&dir, (&walked, why), &facts, &signed)?);
    }
    let lost = marked.filter(|marked| !damaged && *marked > walked.number);
    let mut lost_end = lost.map(|last| place::lost_end(&dir, last, &walked, &facts));
    let placed = lost_end.take_if(|bad| bad.position.is_some());
    report.bad.extend(placed);
    ends(&mut report, &walked, &facts, damaged || lost.is_some());
    let compared = lists.compare(&facts, incarnation, damaged);
    place_them(&dir, &walked, compared, &mut report)?;
    report.bad.extend(lists.bad.iter().cloned());
    if let Some(copy) = copy.filter(|_| !damaged) {
        copy.finish(&walked, &facts, &mut report);
    }
    // What names no position comes after what does.
    report.bad.extend(lost_end);
    limits(what, &lists, damaged, &mut report);
    report.holds = report.bad.is_empty() && (report.not_here.is_empty() || what.restored);
    Ok(report)
}

fn empty(store: Uuid, incarnation: Uuid, lists: &Lists) -> Report {
    Report {
        holds: false,
        store,
        incarnation,
        in_use: false,
        commits: 0,
        facts: 0,
        opened: 0,
        erased: 0,
        checkpoints: lists.count(),
        logs: Vec::new(),
        signed: Vec::new(),
        keys: lists.keys.clone(),
        bad: Vec::new(),
        not_here: Vec::new(),
        notes: lists.notes.clone(),
        cannot_be_told: Vec::new(),
    }
}

fn ring(what: &Verify, store: Uuid, report: &mut Report) -> Option<Ring> {
    let keys = what.keys.clone().unwrap_or_else(|| Keys {
        file: what.folder.join("keys"),
        wrapping: what.folder.join("wrapping.key"),
    });
    if !keys.file.exists() || !keys.wrapping.exists() {
        let sentence = "whether what is sealed opens where it stands: the keys are not here";
        report.cannot_be_told.push(sentence.into());
        return None;
    }
    let read = Ring::read(&keys, store);
    if let Err(error) = &read {
        report.bad.push(Bad::new(Kind::Sealed, error.to_string()));
    }
    read.ok()
}

/// The reading copy, if nobody changes it meanwhile.
fn sled(what: &Verify, report: &mut Report) -> Option<SledCopy> {
    let lock = File::open(what.folder.join("lock")).ok();
    report.in_use = lock.as_ref().is_some_and(|lock| lock.try_lock().is_err());
    if report.in_use {
        let sentence = "whether the reading copy says the same: a program is using the folder";
        report.cannot_be_told.push(sentence.into());
        return None;
    }
    let from = what.folder.join("sled");
    let to = what.scratch.as_ref().filter(|_| from.exists())?;
    let copy = SledCopy::of(&from, &to.join("sled"));
    if let Err(error) = &copy {
        let sentence = format!("whether the reading copy says the same: {error}");
        report.cannot_be_told.push(sentence);
    }
    // The lock goes with `lock`: whoever wants to serve may.
    copy.ok()
}

fn ends(report: &mut Report, walked: &Walked, facts: &Facts, damaged: bool) {
    report.commits = walked.number;
    report.facts = facts.count;
    report.opened = facts.sealed.opened;
    report.erased = facts.sealed.erased;
    let logs = facts.index.iter();
    report.logs = logs.map(|(log, of)| LogHead::of(*log, of.head())).collect();
    report.logs.sort_by_key(LogHead::id);
    if walked.torn && !damaged && !report.in_use {
        let (segment, byte) = (walked.end.segment, walked.end.byte);
        report.notes.push(format!(
            "an unfinished commit stands at the end (journal segment {segment} from byte {byte}); it was never \
             acknowledged, and the next start clears it"
        ));
    }
    if !damaged && facts.keys().is_some_and(|keys| keys < walked.keys) {
        let what = format!(
            "{} keys were in use, and not all of them are here",
            walked.keys
        );
        report.bad.push(Bad::new(Kind::Sealed, what));
    }
}

/// Says where in the journal stands what the checkpoints speak against.
fn place_them(
    dir: &Path,
    walked: &Walked,
    compared: Compared,
    report: &mut Report,
) -> Result<(), StoreError> {
    for bad in compared.bad {
        let log = report
            .logs
            .iter()
            .find(|head| Some(head.organisation) == bad.organisation && Some(head.log) == bad.log);
        let position = bad.position.unwrap_or(0);
        let found = match log {
            Some(log) if position <= log.position => place::of(dir, log.id(), position)?,
            _ => None,
        };
        report.bad.push(bad.at(found.unwrap_or(walked.end)));
    }
    report.not_here = compared.not_here;
    report.signed = compared.signed;
    Ok(())
}

/// What no reading of these files can tell.
fn limits(what: &Verify, lists: &Lists, damaged: bool, report: &mut Report) {
    let cannot = &mut report.cannot_be_told;
    if damaged {
        cannot.push("whether what follows the first bad place is sound".into());
    }
    if !lists.outside {
        cannot.push(
            "whether an older copy of the folder was put in place, whether the end was cut off together with its \
             checkpoints, or whether everything was written anew and signed with a stolen or a new key: give a \
             list of checkpoints that was kept elsewhere (--checkpoint)"
                .into(),
        );
    }
    if what.trusted.is_empty() && !report.keys.is_empty() {
        cannot.push(
            "whether the checkpoints are signed with the key of this store: compare it with the one that was \
             written down elsewhere, or give that one (--key)"
                .into(),
        );
    }
    let unsigned = report.logs.iter().filter(|log| {
        let mut signed = report.signed.iter().filter(|one| one.head.id() == log.id());
        !signed.any(|one| one.outside && one.head.position == log.position)
    });
    let unsigned = unsigned.count();
    if lists.outside && unsigned > 0 && !damaged {
        cannot.push(format!(
            "whether anything was changed or cut off after the last checkpoint from outside (logs that have \
             gone on since: {unsigned})"
        ));
    }
}
