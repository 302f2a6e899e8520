//! Cuts made, and what was found after them.

use std::fmt;
use std::fs;
use std::path::Path;

use super::child::{Part, Task};
use super::dice::Dice;
use super::recording::{MODES, Mode, Recording, Restored, Way, Work};
use super::writer::PHASES;

/// Cuts of one recording, and of one that begins with what a cut left.
const OF_WRITING: usize = 20;
const OF_RECOVERY: usize = 10;
/// Cuts of what is known to fail, in one recording of it; then it is recorded anew.
pub const OF_PLANTED: usize = 64;

/// How many cuts ended how.
#[derive(Default)]
pub struct Found {
    pub cuts: usize,
    pub lost: usize,
    pub doubled: usize,
    pub unopenable: usize,
    pub wrong: usize,
    /// Acknowledgements that were looked for.
    pub kept: usize,
    /// How often our store cleared an unfinished commit, and had to make sled again.
    pub torn: usize,
    pub rebuilt: usize,
    /// What was found, in words, and where.
    pub words: Vec<String>,
}

impl Found {
    pub const fn faults(&self) -> usize {
        self.lost + self.doubled + self.unopenable + self.wrong
    }

    /// Cuts the power at one place and looks.
    pub fn cut(
        &mut self,
        recording: &Recording,
        part: Part,
        cut: usize,
        mode: Mode,
        dice: &mut Dice,
    ) {
        self.cuts += 1;
        let place = format!("{mode:?} after event {cut} of {}", recording.len());
        let said = recording.said(cut);
        self.kept += said.iter().filter(|line| line.starts_with("kept")).count();
        let mounted = match recording.cut(cut, mode, dice) {
            Ok(mounted) => mounted,
            Err(error) => {
                self.unopenable += 1;
                return self.words.push(format!("{place}: {error}"));
            }
        };
        let (out, errors) = look(part, &mounted.folder(), &said);
        let says = |words: &str| usize::from(errors.contains(words));
        self.torn += says("an unfinished commit was cleared");
        self.rebuilt += says("is set aside and rebuilt from the journal");
        self.take_in(&place, &out, &errors);
    }

    /// Takes in what a process said that looked.
    pub fn take_in(&mut self, place: &str, out: &str, errors: &str) {
        let has = |word: &str| usize::from(out.lines().any(|line| line.contains(word)));
        self.lost += has("lost: ");
        self.doubled += has("doubled: ");
        self.wrong += has("wrong: ");
        let checked = has("checked") == 1;
        self.unopenable += usize::from(!checked);
        let fault = |line: &&str| {
            ["lost: ", "doubled: ", "wrong: ", "it does not open"]
                .iter()
                .any(|word| line.contains(word))
        };
        let mut words: Vec<_> = out.lines().filter(fault).take(5).collect();
        if !checked {
            words.extend(errors.lines().take(5));
        }
        if !words.is_empty() {
            self.words.push(format!("{place}: {}", words.join("; ")));
        }
    }
}

/// What a process says that looks at a folder, given what was said before: its findings, its errors.
pub fn look(part: Part, folder: &Path, said: &[String]) -> (String, String) {
    let lines = tempfile::NamedTempFile::new().unwrap();
    fs::write(lines.path(), said.join("\n")).unwrap();
    let done = Task {
        part,
        folder,
        said: lines.path(),
        seed: 0,
        phase: PHASES - 1,
        variables: Vec::new(),
    }
    .run();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.stdout), text(&done.stderr))
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lost, {} doubled, {} unopenable, {} wrong",
            self.lost, self.doubled, self.unopenable, self.wrong
        )
    }
}

/// Cuts while our store is made, written, closed, opened again and mended after an earlier cut.
pub fn of_ours(way: &Way, cuts: usize, seed: u64) -> Found {
    let (mut found, mut dice) = (Found::default(), Dice::new(seed));
    let work = |phase, dice: &mut Dice| Work {
        part: Part::Write,
        seed: dice.throw(),
        phase,
        variables: Vec::new(),
    };
    while found.cuts < cuts {
        let empty = Restored::empty(way).unwrap();
        let first = Recording::of(&work(0, &mut dice), empty, Vec::new());
        found.cuts_of(&first, OF_WRITING.min(cuts - found.cuts), &mut dice);
        let cut = dice.below(first.len());
        let half = first.cut(cut, Mode::HalfDropped, &mut dice).unwrap();
        let mended = Recording::of(&work(3, &mut dice), half, first.said(cut));
        found.cuts_of(&mended, OF_RECOVERY.min(cuts - found.cuts), &mut dice);
    }
    found
}

impl Found {
    /// As many cuts of one recording, the modes in turn; a quarter of them before the first word.
    fn cuts_of(&mut self, recording: &Recording, cuts: usize, dice: &mut Dice) {
        for n in 0..cuts {
            let end = if n % 4 == 3 {
                recording.beginning()
            } else {
                recording.len()
            };
            let cut = dice.below(end + 1);
            self.cut(recording, Part::Check, cut, MODES[n % 3], dice);
        }
    }
}

/// Cuts of something that is known to fail, until it does or there were that many.
pub fn until(
    caught: fn(&Found) -> bool,
    recording: &Recording,
    part: Part,
    dice: &mut Dice,
) -> Found {
    let mut found = Found::default();
    while found.cuts < OF_PLANTED && !caught(&found) {
        let (cut, mode) = (dice.below(recording.len() + 1), MODES[found.cuts % 3]);
        found.cut(recording, part, cut, mode, dice);
    }
    found
}
