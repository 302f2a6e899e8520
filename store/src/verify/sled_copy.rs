//! Comparing the reading copy with the journal, on a copy of its own: opening it would change it.

use std::fs;
use std::path::Path;

use super::facts::Facts;
use super::report::{Bad, Kind, Report};
use super::walk::Walked;
use crate::StoreError;
use crate::folder::io_error;
use crate::frame::Frame;
use crate::replay::Comparison;
use crate::sled::Follower;

/// A copy of the reading copy.
pub struct SledCopy {
    comparison: Comparison,
    /// Open for as long as it is compared.
    _sled: Follower,
}

impl SledCopy {
    /// Copies it.
    ///
    /// # Errors
    /// `Full` or `Unavailable`.
    pub fn of(from: &Path, to: &Path) -> Result<Self, StoreError> {
        copy(from, to)?;
        let sled = Follower::open(to.to_owned());
        Ok(Self {
            comparison: Comparison::of(&sled),
            _sled: sled,
        })
    }

    /// Compares the next commit.
    pub fn compare(&mut self, frame: &Frame) {
        self.comparison.compare(frame);
    }

    /// Says what was found.
    pub fn finish(self, walked: &Walked, facts: &Facts, report: &mut Report) {
        let last = self.comparison.last;
        if !self.comparison.is_open() {
            let note =
                "the reading copy cannot be opened; the next start makes it again from the journal";
            report.notes.push(note.into());
        } else if last > walked.number {
            let what = format!(
                "the reading copy holds commit {last}, and the journal ends with commit {}",
                walked.number
            );
            let mut bad = Bad::new(Kind::ReadingCopy, what).at(walked.end);
            // Which log it was is only plain if there is one.
            if let [(log, of)] = facts.index.iter().collect::<Vec<_>>()[..] {
                bad = bad.of(*log, of.head().position + 1);
            }
            report.bad.push(bad);
        } else if let Err(doubt) = self.comparison.finish() {
            let what = format!("the reading copy is not what the journal says: {doubt}");
            report.bad.push(Bad::new(Kind::ReadingCopy, what));
        }
    }
}

/// Copies a folder and those in it. Nobody else may look into the copy: its folder is whoever's asked.
fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let copied = || -> std::io::Result<()> {
        let mut folders = vec![(from.to_owned(), to.to_owned())];
        while let Some((from, to)) = folders.pop() {
            fs::create_dir_all(&to)?;
            for entry in fs::read_dir(&from)? {
                let entry = entry?;
                let to = to.join(entry.file_name());
                if entry.file_type()?.is_dir() {
                    folders.push((entry.path(), to));
                } else {
                    fs::copy(entry.path(), to)?;
                }
            }
        }
        Ok(())
    };
    copied().map_err(|error| io_error("copying the reading copy", &error))
}
