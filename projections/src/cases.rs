//! Every case as it stands.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::case::{Case, Offer, Session, Stage};
use pipss_domain::directory::Directory;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::Urgency;
use pipss_domain::history::{Fact, Who};
use pipss_domain::ids::{CaseId, OfferId, SessionId};
use pipss_domain::policy::Relation;
use pipss_domain::stream::Stream;

/// All cases of an organisation: a fold of its `case/` streams.
#[derive(Clone, Default)]
pub struct Cases(HashMap<CaseId, Case>);

impl Cases {
    /// Takes in one fact; facts that are not about a case leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Case(id) = fact.stream else {
            return;
        };
        if let Some(case) = self.0.get_mut(&id) {
            case.evolve(fact);
        } else if let Some(case) = Case::begin(fact) {
            self.0.insert(id, case);
        }
    }

    /// These cases without those that someone may not know of: as if they did not exist.
    pub fn without(&self, hidden: impl Fn(&Case) -> bool) -> Cow<'_, Self> {
        if !self.iter().any(&hidden) {
            return Cow::Borrowed(self);
        }
        let seen = self.iter().filter(|case| !hidden(case));
        Cow::Owned(Self(seen.map(|case| (case.case, case.clone())).collect()))
    }

    /// One case.
    pub fn get(&self, id: CaseId) -> Option<&Case> {
        self.0.get(&id)
    }

    /// Every case, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Case> {
        self.0.values()
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
