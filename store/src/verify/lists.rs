//! Comparing the log with what was signed: is it the one that it was?

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use pipss_domain::stream::LogId;
use uuid::Uuid;

use super::facts::{Asked, Facts};
use super::report::{Bad, Kind, NotHere, SignedUpTo};
use crate::checkpoint::{Checkpoint, LogHead, Signed, list};
use crate::folder::io_error;
use crate::{StoreError, hex};

/// Checkpoints of one store, from the data folder and from outside.
#[derive(Default)]
pub struct Lists {
    known: Vec<Known>,
    /// Lines that are no checkpoints, or signed with another key.
    pub bad: Vec<Bad>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    /// The keys that signed.
    pub keys: Vec<String>,
    /// Was any list from outside compared?
    pub outside: bool,
}

struct Known {
    signed: Signed,
    outside: bool,
}

/// What comparing gave.
#[derive(Default)]
pub struct Compared {
    /// What is wrong: for each log the first position, its place still to be found.
    pub bad: Vec<Bad>,
    /// What is not in this history, as there is after a restore.
    pub not_here: Vec<NotHere>,
    /// How far each log is the one that was signed.
    pub signed: Vec<SignedUpTo>,
}

/// What a checkpoint says against a log.
#[derive(Clone, Copy)]
struct Wrong {
    position: u64,
    kind: Kind,
    number: u64,
    outside: bool,
    incarnation: Uuid,
}

impl Wrong {
    /// The first change counts, and of what was cut off the whole of it.
    fn comes_before(&self, other: &Self) -> bool {
        match (self.kind == Kind::CutOff, other.kind == Kind::CutOff) {
            (false, false) => self.position < other.position,
            (true, true) => self.position > other.position,
            (cut_off, _) => !cut_off,
        }
    }
}

/// The positions at which a log and a checkpoint agree: its number, and whether it is from outside.
type Agreed = BTreeMap<u64, (u64, bool)>;

/// What a log says to one head that was signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Same,
    Other,
    /// It does not reach so far.
    Beyond,
}

impl Lists {
    /// Reads the list in the data folder, and those from outside; `trusted`: only these keys count, if any.
    ///
    /// # Errors
    /// `Unavailable`, when a list that was given cannot be read; `Refused`, when it holds nothing of this
    /// store.
    pub fn read(
        own: &Path,
        outside: &[std::path::PathBuf],
        store: Uuid,
        trusted: &[String],
    ) -> Result<Self, StoreError> {
        let mut lists = Self::default();
        // The ones from outside first: what stands in both counts as from outside.
        for path in outside {
            if !path.exists() {
                let what = format!("there is no list of checkpoints at {}", path.display());
                return Err(StoreError::Refused(what));
            }
            let before = lists.known.len();
            lists.take(path, store, trusted, true)?;
            if lists.known.len() == before && lists.bad.is_empty() {
                let what = format!("{} holds no checkpoint of this store", path.display());
                return Err(StoreError::Refused(what));
            }
            lists.outside = true;
        }
        lists.take(own, store, trusted, false)?;
        Ok(lists)
    }

    fn take(
        &mut self,
        path: &Path,
        store: Uuid,
        trusted: &[String],
        outside: bool,
    ) -> Result<(), StoreError> {
        let lines = list::read(path);
        let lines = lines.map_err(|e| io_error(&format!("reading {}", path.display()), &e))?;
        for (n, line) in lines.iter().enumerate() {
            let place = || format!("line {} of {}", n + 1, path.display());
            let Some(signed) = Signed::read(line) else {
                let what = format!("{} is no checkpoint, or was changed since", place());
                self.bad.push(Bad::new(Kind::Signature, what));
                continue;
            };
            if signed.checkpoint.store != store {
                self.notes.push(format!("{} is of another store", place()));
                continue;
            }
            let same = |key: &String| key.trim().eq_ignore_ascii_case(&signed.public_key);
            if !trusted.is_empty() && !trusted.iter().any(same) {
                let what = format!("{} is signed with another key than was given", place());
                self.bad.push(Bad::new(Kind::Signature, what));
                continue;
            }
            if !self.keys.contains(&signed.public_key) {
                self.keys.push(signed.public_key.clone());
            }
            self.known.push(Known { signed, outside });
        }
        Ok(())
    }

    /// How many checkpoints there are, each counted once.
    pub fn count(&self) -> usize {
        let lines: std::collections::HashSet<_> =
            self.known.iter().map(|known| &known.signed.line).collect();
        lines.len()
    }

    /// The positions whose chain is to be known.
    pub fn asked(&self) -> Asked {
        let mut asked = Asked::new();
        for head in self.heads() {
            let of_log = asked.entry(head.id()).or_default();
            of_log.insert(head.position, None);
        }
        asked
    }

    /// Every head that was signed.
    pub fn heads(&self) -> impl Iterator<Item = &LogHead> {
        self.known
            .iter()
            .flat_map(|known| &known.signed.checkpoint.logs)
    }

    /// Compares. What lies after a damaged place is not compared: it was not reached.
    pub fn compare(&self, facts: &Facts, incarnation: Uuid, damaged: bool) -> Compared {
        let mut compared = Compared::default();
        let began = self.began(incarnation);
        let mut same = HashMap::<LogId, Agreed>::new();
        let mut wrong = HashMap::<LogId, Wrong>::new();
        for known in &self.known {
            let checkpoint = &known.signed.checkpoint;
            let mut elsewhere = Vec::new();
            for head in &checkpoint.logs {
                let log = head.id();
                let kind = match says(facts, head) {
                    Says::Same => {
                        let agreed = same.entry(log).or_default().entry(head.position);
                        let (_, outside) = agreed.or_insert((checkpoint.number, false));
                        *outside |= known.outside;
                        continue;
                    }
                    Says::Beyond if damaged => continue,
                    says => against(
                        says,
                        head,
                        checkpoint,
                        (incarnation, shared(began, facts, log)),
                    ),
                };
                // One that was made before this folder began says what was lost on the way to it.
                let later = began.is_some_and(|ours| checkpoint.made_at > ours.checkpoint.made_at);
                if kind == Kind::Fork && !later {
                    elsewhere.push(head.clone());
                    continue;
                }
                let this = Wrong {
                    position: head.position,
                    kind,
                    number: checkpoint.number,
                    outside: known.outside,
                    incarnation: checkpoint.incarnation,
                };
                let first = wrong.entry(log).or_insert(this);
                if this.comes_before(first) {
                    *first = this;
                }
            }
            compared.note(checkpoint, elsewhere);
        }
        compared.signed = signed_up_to(facts, &same);
        for (log, wrong) in wrong {
            compared.bad.push(match wrong.kind {
                Kind::Fork => self.parted(facts, log, wrong),
                _ => bad(facts, same.get(&log), log, wrong),
            });
        }
        compared.bad.sort_by_key(|bad| (bad.log, bad.organisation));
        compared
    }

    /// Where the history of another folder parted from this one.
    fn parted(&self, facts: &Facts, log: LogId, wrong: Wrong) -> Bad {
        let checkpoints = self.known.iter().map(|known| &known.signed.checkpoint);
        let theirs = checkpoints
            .filter(|theirs| theirs.incarnation == wrong.incarnation)
            .flat_map(|theirs| theirs.logs.iter().filter(|head| head.id() == log));
        let (mut agreed, mut apart) = (0, wrong.position);
        for head in theirs {
            match says(facts, head) {
                Says::Same => agreed = head.position.max(agreed),
                Says::Other | Says::Beyond => apart = head.position.min(apart),
            }
        }
        let what = format!(
            "checkpoint {} of another folder ({}) that was made from the same backup signed other facts here, \
             after this one had gone on: two histories",
            wrong.number, wrong.incarnation
        );
        Bad::new(Kind::Fork, what).of(log, agreed + 1).up_to(apart)
    }

    /// The first checkpoint that this incarnation made.
    fn began(&self, incarnation: Uuid) -> Option<&Signed> {
        let all = self.known.iter().map(|known| &known.signed);
        all.filter(|signed| signed.checkpoint.incarnation == incarnation)
            .min_by_key(|signed| signed.checkpoint.number)
    }
}

impl Compared {
    fn note(&mut self, checkpoint: &Checkpoint, logs: Vec<LogHead>) {
        let one = NotHere {
            incarnation: checkpoint.incarnation,
            number: checkpoint.number,
            logs,
        };
        if !one.logs.is_empty() && !self.not_here.contains(&one) {
            self.not_here.push(one);
            self.not_here
                .sort_by_key(|one| (one.incarnation, one.number));
        }
    }
}

/// What it means that a checkpoint and the log differ. Of a history that parted from this one: a fork.
fn against(
    says: Says,
    head: &LogHead,
    checkpoint: &Checkpoint,
    (incarnation, shared): (Uuid, u64),
) -> Kind {
    let ours = checkpoint.incarnation == incarnation;
    match says {
        Says::Beyond if ours => Kind::CutOff,
        Says::Other if ours || head.position <= shared => Kind::Changed,
        _ => Kind::Fork,
    }
}

/// How much of a log this incarnation took over: all, as long as it has signed nothing itself.
fn shared(began: Option<&Signed>, facts: &Facts, log: LogId) -> u64 {
    let Some(began) = began else {
        return facts.position(log);
    };
    let mut logs = began.checkpoint.logs.iter();
    let head = logs.find(|head| head.id() == log);
    head.map_or(0, |head| head.position)
}

fn says(facts: &Facts, head: &LogHead) -> Says {
    if head.position > facts.position(head.id()) {
        return Says::Beyond;
    }
    let link = facts
        .asked
        .get(&head.id())
        .and_then(|asked| asked.get(&head.position));
    match link {
        Some(Some(link)) if hex::of(link) == head.chain => Says::Same,
        _ => Says::Other,
    }
}

fn bad(facts: &Facts, same: Option<&Agreed>, log: LogId, wrong: Wrong) -> Bad {
    let Wrong {
        position,
        kind,
        number,
        outside,
        ..
    } = wrong;
    let here = facts.position(log);
    if kind == Kind::CutOff {
        let what = format!(
            "checkpoint {number} signed {position} facts of this log and here are {here}: it was cut off, or an \
             older copy was put in its place"
        );
        return Bad::new(kind, what).of(log, here + 1).up_to(position);
    }
    // Against one from outside, what the folder says of itself counts for nothing.
    let mut agreed = same
        .into_iter()
        .flat_map(|same| same.range(..position).rev());
    let agreed = agreed.find(|(_, (_, from_outside))| *from_outside || !outside);
    let agreed = agreed.map_or(0, |(position, _)| *position);
    let what = format!("this is not what checkpoint {number} signed: it was changed after that");
    Bad::new(kind, what).of(log, agreed + 1).up_to(position)
}

fn signed_up_to(facts: &Facts, same: &HashMap<LogId, Agreed>) -> Vec<SignedUpTo> {
    let mut all = Vec::new();
    for (log, same) in same {
        let best = |from_outside: bool| {
            let mut of = same
                .iter()
                .rev()
                .filter(|(_, (_, outside))| *outside == from_outside);
            of.next()
                .map(|(position, (number, _))| (*position, *number))
        };
        let outside = best(true);
        let own = best(false).filter(|own| outside.is_none_or(|outside| own.0 > outside.0));
        for (best, outside) in [(outside, true), (own, false)] {
            let Some((position, number)) = best else {
                continue;
            };
            let link = facts
                .asked
                .get(log)
                .and_then(|asked| *asked.get(&position)?);
            all.push(SignedUpTo {
                head: LogHead::of(
                    *log,
                    crate::Head {
                        position,
                        chain: link.unwrap_or_default(),
                    },
                ),
                number,
                outside,
            });
        }
    }
    all.sort_by_key(|one| (one.head.id(), one.outside));
    all
}
