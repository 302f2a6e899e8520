//! Stories of cases that were read lately, so that a team's timeline is not made anew of the log each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use pipss_domain::ids::CaseId;
use pipss_projections::timeline::Entry;

/// So many entries are remembered, and as many of those before them: a bound on memory, not a rule.
const ENTRIES_MAX: usize = 50_000;

/// The stories of cases as they are in the log up to a version of their stream. What people typed is
/// sealed in them, and opened for one answer like everywhere.
#[derive(Default)]
pub(crate) struct Stories(Mutex<Kept>);

type Story = (u64, Arc<Vec<Entry>>);

#[derive(Default)]
struct Kept {
    lately: HashMap<CaseId, Story>,
    before: HashMap<CaseId, Story>,
    entries: usize,
}

impl Stories {
    /// The story of a case up to exactly this version, if it is remembered.
    pub fn get(&self, case: CaseId, version: u64) -> Option<Arc<Vec<Entry>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, story)) = kept.lately.get(&case) {
            return (*known == version).then(|| Arc::clone(story));
        }
        let (known, story) = kept.before.remove(&case)?;
        if known != version {
            return None;
        }
        kept.add(case, (version, Arc::clone(&story)));
        Some(story)
    }

    /// Remembers a story, and forgets the oldest.
    pub fn add(&self, case: CaseId, version: u64, story: &Arc<Vec<Entry>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.add(case, (version, Arc::clone(story)));
    }
}

impl Kept {
    fn add(&mut self, case: CaseId, story: Story) {
        if self.entries >= ENTRIES_MAX {
            self.before = std::mem::take(&mut self.lately);
            self.entries = 0;
        }
        self.entries += story.1.len();
        self.lately.insert(case, story);
    }
}
