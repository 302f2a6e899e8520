//! What people read: folds of one organisation's logs, pure and in memory.

mod case_letters;
mod case_sets;
pub mod cases;
pub mod clock_letters;
pub mod counts;
pub mod digest;
pub mod feedback;
pub mod known;
mod letter_book;
pub mod letters;
mod numbered;
mod once;
pub mod owed_by_time;
pub mod pace;
mod private_letters;
pub mod quarter;
pub mod queue;
pub mod retention;
pub mod session_letters;
pub mod timeline;
pub mod waits;
pub mod wording;

use std::collections::{BTreeSet, HashMap};

use pipss_domain::diary::Diaries;
use pipss_domain::directory::Directory;
use pipss_domain::disclosure::Disclosures;
use pipss_domain::escalation::Escalations;
use pipss_domain::glass::Glasses;
use pipss_domain::group::Groups;
use pipss_domain::history::Fact;
use pipss_domain::ids::CaseId;
use pipss_domain::one_to_one::OneToOnes;
use pipss_domain::retention::Retention;
use pipss_domain::stream::{Log, Stream};
use pipss_domain::supervision::Supervisions;

use crate::cases::Cases;
use crate::feedback::Feedback;
use crate::letters::{Around, Letters};

/// Everything that is kept ready of one organisation. The same prefix of the log always gives the same.
#[derive(Default)]
pub struct Views {
    /// Its units, people and grants.
    pub directory: Directory,
    /// Its facilitators' bookings.
    pub diaries: Diaries,
    /// What people do about one-to-one support, each in a stream of its own.
    pub one_to_ones: OneToOnes,
    /// What people from outside asked to be shown.
    pub disclosures: Disclosures,
    /// How long things are kept, and what was erased.
    pub retention: Retention,
    /// Its standing reflective groups.
    pub groups: Groups,
    /// Its requests for supervision.
    pub supervisions: Supervisions,
    /// What was reported of serious danger.
    pub escalations: Escalations,
    /// Who asked to see what they otherwise could not.
    pub glasses: Glasses,
    /// Its cases.
    pub cases: Cases,
    /// The letters it owes and sent.
    pub letters: Letters,
    /// Its anonymous feedback.
    pub feedback: Feedback,
    /// The cases that ever had a bar: few, and the only ones that may have to be hidden from someone.
    pub once_barred: BTreeSet<CaseId>,
    versions: HashMap<Stream, u64>,
}

impl Views {
    /// Takes in the next fact of the log.
    pub fn evolve(&mut self, fact: &Fact) {
        // Nothing that people do follows from who looked at what, and there is a great deal of it; but that
        // its month is there is known, so that it is erased in its time.
        if fact.log.log == Log::Access {
            self.retention.evolve(fact);
            return;
        }
        // Those of letters are known from the letters: they would be most of them.
        if !matches!(fact.stream, Stream::Letter(..)) {
            self.versions.insert(fact.stream, fact.version);
        }
        if let Stream::Bars(case) = fact.stream {
            self.once_barred.insert(case);
        }
        self.directory.evolve(fact);
        self.diaries.evolve(fact);
        self.one_to_ones.evolve(fact);
        self.disclosures.evolve(fact);
        self.retention.evolve(fact);
        self.groups.evolve(fact);
        self.supervisions.evolve(fact);
        self.escalations.evolve(fact);
        self.glasses.evolve(fact);
        self.cases.evolve(fact);
        let around = Around {
            directory: &self.directory,
            cases: &self.cases,
            one_to_ones: &self.one_to_ones,
            disclosures: &self.disclosures,
            supervisions: &self.supervisions,
            escalations: &self.escalations,
            glasses: &self.glasses,
        };
        self.letters.evolve(fact, around);
        self.feedback.evolve(fact);
    }

    /// What letters rest on.
    pub const fn around(&self) -> Around<'_> {
        Around {
            directory: &self.directory,
            cases: &self.cases,
            one_to_ones: &self.one_to_ones,
            disclosures: &self.disclosures,
            supervisions: &self.supervisions,
            escalations: &self.escalations,
            glasses: &self.glasses,
        }
    }

    /// The version of a stream; 0 if nothing happened in it.
    pub fn version(&self, stream: &Stream) -> u64 {
        match *stream {
            Stream::Letter(cause, to) => self.letters.version(cause, to),
            _ => self.versions.get(stream).copied().unwrap_or(0),
        }
    }
}
