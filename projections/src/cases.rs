//! Every case as it stands.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Included};
use std::ops::Range;

use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::{Case, Offer, Session, Stage};
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::Urgency;
use pipss_domain::follow_up::{self, FollowUp};
use pipss_domain::history::{Fact, Who};
use pipss_domain::ids::{CaseId, OfferId, PersonId, SessionId, UnitId};
use pipss_domain::policy::Relation;
use pipss_domain::stream::Stream;

use crate::case_sets::{Counts, Happened, Place, Sets};
use crate::known::Known;

/// All cases of an organisation: a fold of its `case/` streams. Most are over, and nobody asks for all of
/// them at once: those that wait, a team's, and the newest are found without looking at the others.
#[derive(Clone, Default)]
pub struct Cases {
    /// In boxes: a table has room for more than it holds, and a case is large.
    all: HashMap<CaseId, Box<Case>>,
    sets: Sets,
}

impl Cases {
    /// Takes in one fact; facts that are not about a case leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Case(id) = fact.stream else {
            return;
        };
        self.sets.note(id, fact);
        if let Some(case) = self.all.get_mut(&id) {
            case.evolve(fact);
            self.sets.keep(case, &fact.event);
        } else if let Some(case) = Case::begin(fact) {
            self.sets.add(&case);
            self.all.insert(case.case, Box::new(case));
        }
    }

    /// These cases without those that someone may not know of: as if they did not exist. `could` are the
    /// only ones that may have to be hidden.
    pub fn without<'c>(
        &'c self,
        could: impl IntoIterator<Item = &'c CaseId>,
        hidden: impl Fn(&Case) -> bool,
    ) -> Known<'c> {
        let could = could.into_iter().filter_map(|id| self.get(*id));
        let hidden = could.filter(|case| hidden(case)).map(|case| case.case);
        Known::new(self, hidden.collect())
    }

    /// One case.
    pub fn get(&self, id: CaseId) -> Option<&Case> {
        self.all.get(&id).map(Box::as_ref)
    }

    /// Every case, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Case> {
        self.all.values().map(Box::as_ref)
    }

    /// Every case, the newest first; those raised at one instant by their ids.
    pub fn newest_first(&self) -> impl Iterator<Item = &Case> {
        self.sets.newest.iter().filter_map(|(_, id)| self.get(*id))
    }

    /// The cases raised within a span of time, the newest first.
    pub fn raised_in(&self, span: Range<DateTime<Utc>>) -> impl Iterator<Item = &Case> {
        let last = |at| (Reverse(at), CaseId::new(uuid::Uuid::max()));
        let within = (Excluded(last(span.end)), Included(last(span.start)));
        self.these(self.sets.newest.range(within).map(|(_, id)| id))
    }

    /// At least every case of which a session was held within a span of time.
    pub fn held_in(&self, span: &Range<DateTime<Utc>>) -> impl Iterator<Item = &Case> {
        let ids = self.sets.held_in(span).into_iter();
        ids.filter_map(|id| self.get(id))
    }

    /// At least every case that is linked with another.
    pub fn linked(&self) -> impl Iterator<Item = &Case> {
        self.these(&self.sets.ever_linked)
    }

    /// The cases of a team, in the order in which they were raised.
    pub fn of_team(&self, team: UnitId) -> impl Iterator<Item = &Case> {
        self.these(self.sets.of_team.get(&team).into_iter().flatten())
    }

    /// The cases that are neither closed nor merged.
    pub fn open(&self) -> impl Iterator<Item = &Case> {
        self.these(self.sets.open.keys())
    }

    /// The places of the cases that are neither closed nor merged, in the order in which they need someone.
    pub(crate) fn queue(&self) -> impl Iterator<Item = &(Place, CaseId)> {
        self.sets.queue.iter()
    }

    /// How many of them there are.
    pub(crate) fn counts(&self) -> &Counts {
        &self.sets.counts
    }

    /// Where a case stands in the queue, if it is open.
    pub(crate) fn place(&self, id: CaseId) -> Option<Place> {
        self.sets.open.get(&id).copied()
    }

    /// At least every case of which a session begins within a span of time.
    pub fn arranged_in(&self, span: &Range<DateTime<Utc>>) -> impl Iterator<Item = &Case> {
        let ids = self.sets.arranged_in(span).into_iter();
        ids.filter_map(|id| self.get(id))
    }

    /// At least every case with a session that this person is or was asked to hold.
    pub fn ever_assigned(&self, person: PersonId) -> impl Iterator<Item = &Case> {
        self.these(self.sets.ever_assigned.get(&person).into_iter().flatten())
    }

    /// At least every case of which a clock can press: of one that is closed only a follow-up can.
    pub(crate) fn pressable(&self) -> impl Iterator<Item = &Case> {
        let asked = self.sets.unanswered.iter().map(|(_, id)| *id);
        let ids: BTreeSet<_> = self.sets.open.keys().copied().chain(asked).collect();
        ids.into_iter().filter_map(|id| self.get(id))
    }

    /// The cases with a session of which nothing came yet.
    pub fn unrecorded(&self) -> impl Iterator<Item = &Case> {
        self.these(&self.sets.unrecorded)
    }

    /// The follow-ups without an answer, by when they are due and by case.
    pub fn unanswered(&self) -> impl Iterator<Item = (&Case, FollowUp<'_>)> {
        let due = self.sets.unanswered.iter();
        let cases = due.filter_map(|(due, id)| Some((due, self.get(*id)?)));
        cases.flat_map(|(due, case)| {
            let follow_ups = follow_up::of_case(case).into_iter();
            let these = follow_ups.filter(move |f| f.due == *due && f.answered.is_none());
            these.map(move |follow_up| (case, follow_up))
        })
    }

    /// At least every case to which someone stands in any way (see [`relation`]), the newest first.
    pub fn concerning(
        &self,
        who: Who,
        directory: &Directory,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = &Case> {
        let mut ids: BTreeSet<CaseId> = BTreeSet::new();
        if let Who::Person(person) = who {
            ids.extend(self.sets.raised_by.get(&who).into_iter().flatten());
            ids.extend(self.sets.ever_assigned.get(&person).into_iter().flatten());
            for unit in directory.managed_by(person) {
                ids.extend(self.sets.of_team.get(&unit).into_iter().flatten());
            }
            if directory.holds(person, Role::DutyContact, day_in_london(now)) {
                ids.extend(self.sets.open.keys());
            }
        }
        let mut cases: Vec<_> = self.these(&ids).collect();
        cases.sort_unstable_by_key(|case| (Reverse(case.raised_at), case.case));
        cases.into_iter()
    }

    /// When the earliest and the latest of what was recorded of a case happened.
    pub fn happened(&self, id: CaseId) -> Option<Happened> {
        self.sets.happened(id)
    }

    fn these<'c, 'i>(
        &'c self,
        ids: impl IntoIterator<Item = &'i CaseId>,
    ) -> impl Iterator<Item = &'c Case> {
        ids.into_iter().filter_map(|id| self.get(*id))
    }
}

/// What part of a case something is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The case as a whole.
    Case,
    /// One offer.
    Offer(OfferId),
    /// One session.
    Session(SessionId),
}

/// How someone stands to a case or to a part of it. Whether they manage its team, the directory says;
/// whoever is assigned to a session is assigned to that session, its offer, and the case's outline.
pub fn relation(
    case: &Case,
    about: About,
    who: Who,
    directory: &Directory,
    now: DateTime<Utc>,
) -> Relation {
    let Who::Person(person) = who else {
        return Relation::default();
    };
    let concerns = |offer: &Offer, session: &Session| match about {
        About::Case => true,
        About::Offer(id) => offer.id() == id,
        About::Session(id) => session.id() == id,
    };
    Relation {
        // What a lead raised for someone else is not the lead's own.
        own: case.raised_by == who
            && case.request.on_behalf.is_none()
            // A team that a program no longer serves is no longer its business.
            && directory.may_ask_for(who, case.team()),
        assigned: case
            .sessions()
            .any(|(offer, session)| concerns(offer, session) && session.assigned(person, now)),
        team: directory.manages(person, case.team()),
        on_duty: about == About::Case
            && waits_for_anyone(case)
            && directory.holds(person, Role::DutyContact, day_in_london(now)),
        barred: directory.barred(person, case),
    }
}

/// As urgent as can be, and nobody has triaged it: the duty contact may look (product: "Clocks").
pub(crate) fn waits_for_anyone(case: &Case) -> bool {
    case.urgency() == Urgency::U1 && case.triage.is_none() && case.stage() == Stage::Raised
}
