//! What people read: folds of one organisation's logs, pure and in memory.

pub mod cases;
pub mod counts;
pub mod feedback;
pub mod letters;
pub mod pace;
pub mod quarter;
pub mod queue;
pub mod session_letters;
pub mod timeline;
pub mod waits;
pub mod wording;

use std::collections::HashMap;

use pipss_domain::diary::Diaries;
use pipss_domain::directory::Directory;
use pipss_domain::group::Groups;
use pipss_domain::history::Fact;
use pipss_domain::stream::Stream;

use crate::cases::Cases;
use crate::feedback::Feedback;
use crate::letters::Letters;

/// Everything that is kept ready of one organisation. The same prefix of the log always gives the same.
#[derive(Default)]
pub struct Views {
    /// Its units, people and grants.
    pub directory: Directory,
    /// Its facilitators' bookings.
    pub diaries: Diaries,
    /// Its standing reflective groups.
    pub groups: Groups,
    /// Its cases.
    pub cases: Cases,
    /// The letters it owes and sent.
    pub letters: Letters,
    /// Its anonymous feedback.
    pub feedback: Feedback,
    versions: HashMap<Stream, u64>,
}

impl Views {
    /// Takes in the next fact of the log.
    pub fn evolve(&mut self, fact: &Fact) {
        self.versions.insert(fact.stream, fact.version);
        self.directory.evolve(fact);
        self.diaries.evolve(fact);
        self.groups.evolve(fact);
        self.cases.evolve(fact);
        self.letters.evolve(fact, &self.directory, &self.cases);
        self.feedback.evolve(fact);
    }

    /// The version of a stream; 0 if nothing happened in it.
    pub fn version(&self, stream: &Stream) -> u64 {
        self.versions.get(stream).copied().unwrap_or(0)
    }
}
