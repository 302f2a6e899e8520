//! The cases that someone may know of: all but those from which a bar keeps them.

use std::collections::HashSet;
use std::ops::Range;

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::follow_up::FollowUp;
use pipss_domain::ids::{CaseId, PersonId};

use crate::case_sets::{Counts, Place, one_fewer};
use crate::cases::Cases;

/// Cases without those that someone may not know of, as if these did not exist. Nothing is copied: what is
/// hidden is left out of whatever is asked for.
pub struct Known<'c> {
    cases: &'c Cases,
    hidden: HashSet<CaseId>,
}

impl<'c> Known<'c> {
    pub(crate) fn new(cases: &'c Cases, hidden: HashSet<CaseId>) -> Self {
        Self { cases, hidden }
    }

    fn shows(&self, id: CaseId) -> bool {
        self.hidden.is_empty() || !self.hidden.contains(&id)
    }

    fn these(&self, cases: impl Iterator<Item = &'c Case>) -> impl Iterator<Item = &'c Case> {
        cases.filter(|case| self.shows(case.case))
    }

    /// Every one, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &'c Case> {
        self.these(self.cases.iter())
    }

    /// Those that are neither closed nor merged and where they stand in the queue, in its order.
    pub(crate) fn queue(&self) -> impl Iterator<Item = (Place, CaseId)> {
        let queue = self.cases.queue();
        queue.copied().filter(|(_, id)| self.shows(*id))
    }

    /// How many stand in the queue.
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.cases.counts().clone();
        for place in self.hidden.iter().filter_map(|id| self.cases.place(*id)) {
            one_fewer(&mut counts, place);
        }
        counts
    }

    /// One of them.
    pub(crate) fn get(&self, id: CaseId) -> Option<&'c Case> {
        self.cases.get(id).filter(|_| self.shows(id))
    }

    /// Those that were raised within a span of time, the newest first.
    pub fn raised_in(&self, span: Range<DateTime<Utc>>) -> impl Iterator<Item = &'c Case> {
        self.these(self.cases.raised_in(span))
    }

    /// At least every one of which a session was held within a span of time.
    pub fn held_in(&self, span: &Range<DateTime<Utc>>) -> impl Iterator<Item = &'c Case> {
        self.these(self.cases.held_in(span))
    }

    /// At least every one that is linked with another.
    pub fn linked(&self) -> impl Iterator<Item = &'c Case> {
        self.these(self.cases.linked())
    }

    /// At least every one with a session that this person is or was asked to hold.
    pub fn ever_assigned(&self, person: PersonId) -> impl Iterator<Item = &'c Case> {
        self.these(self.cases.ever_assigned(person))
    }

    /// Those with a session of which nothing came yet.
    pub fn unrecorded(&self) -> impl Iterator<Item = &'c Case> {
        self.these(self.cases.unrecorded())
    }

    /// Their follow-ups without an answer, by when they are due and by case.
    pub fn unanswered(&self) -> impl Iterator<Item = (&'c Case, FollowUp<'c>)> {
        let unanswered = self.cases.unanswered();
        unanswered.filter(|(case, _)| self.shows(case.case))
    }
}
