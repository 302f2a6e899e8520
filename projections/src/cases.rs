//! Every case as it stands.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::directory::Directory;
use pipss_domain::history::{Fact, Who};
use pipss_domain::ids::CaseId;
use pipss_domain::policy::Relation;
use pipss_domain::stream::Stream;

/// All cases of an organisation: a fold of its `case/` streams.
#[derive(Default)]
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

    /// One case.
    pub fn get(&self, id: CaseId) -> Option<&Case> {
        self.0.get(&id)
    }

    /// Every case, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Case> {
        self.0.values()
    }
}

/// How someone stands to a case: what the case knows, and whether the directory says they manage its team.
pub fn relation(case: &Case, who: Who, directory: &Directory, now: DateTime<Utc>) -> Relation {
    let team = match who {
        Who::Person(person) => directory.manages(person, case.team()),
        Who::Operator | Who::Program => false,
    };
    Relation {
        team,
        ..case.relation(who, now)
    }
}
