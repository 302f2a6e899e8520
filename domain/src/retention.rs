//! How long things are kept, what the law holds, and which erasures were asked for, decided and done.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveDate, Utc};

use crate::calendar::day_in_london;
use crate::facts::{ErasedCount, ErasureGround, HoldGround, Month, RetentionClass, Subject};
use crate::history::{Event, Fact, Who};
use crate::ids::{ErasureId, FactId, HoldId, PersonId};
use crate::personal::Personal;
use crate::stream::Log;

/// The `retention` stream, folded.
#[derive(Default)]
pub struct Retention {
    years: BTreeMap<RetentionClass, u8>,
    holds: BTreeMap<HoldId, Hold>,
    erasures: BTreeMap<ErasureId, Erasure>,
    /// The months in which the access and the feedback log took something in.
    months: BTreeSet<(Log, Month)>,
    /// What was written out for whom, when.
    given: Vec<(PersonId, DateTime<Utc>)>,
}

/// One legal hold.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Of what.
    pub subject: Subject,
    /// Why.
    pub ground: HoldGround,
    /// In words, sealed.
    pub reason: Personal<String>,
    /// Who set it, and when.
    pub set: (Who, DateTime<Utc>),
    /// When it was lifted, and why.
    pub lifted: Option<(DateTime<Utc>, Personal<String>)>,
}

/// One erasure, asked for or done.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// Of what.
    pub subjects: Vec<Subject>,
    /// Why.
    pub ground: ErasureGround,
    /// Who asked for it, and when.
    pub proposed: (Who, DateTime<Utc>),
    /// Who decided, when, and from when on it is carried out.
    pub decided: Option<Decided>,
    /// When it was withdrawn.
    pub withdrawn: Option<DateTime<Utc>>,
    /// The fact that it was begun.
    pub begun: Option<FactId>,
    /// When it was done, and what was destroyed.
    pub erased: Option<(DateTime<Utc>, Vec<ErasedCount>)>,
}

/// A decision about an erasure.
#[derive(Clone, Copy, Debug)]
pub struct Decided {
    /// By whom.
    pub by: Who,
    /// When.
    pub at: DateTime<Utc>,
    /// From when on it is carried out; `None` if it was refused.
    pub from: Option<DateTime<Utc>>,
    /// The fact.
    pub fact: FactId,
}

/// Where an erasure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureState {
    /// Nobody decided yet.
    Proposed,
    /// Refused.
    Refused,
    /// Withdrawn before it was carried out.
    Withdrawn,
    /// Approved, and waiting for its time, or for a hold to be lifted.
    Approved,
    /// Being carried out.
    Begun,
    /// Done.
    Erased,
}

impl Erasure {
    /// Where it stands.
    pub const fn state(&self) -> ErasureState {
        match (&self.erased, &self.begun, &self.withdrawn, &self.decided) {
            (Some(_), ..) => ErasureState::Erased,
            (_, Some(_), ..) => ErasureState::Begun,
            (_, _, Some(_), _) => ErasureState::Withdrawn,
            (_, _, _, Some(Decided { from: None, .. })) => ErasureState::Refused,
            (_, _, _, Some(_)) => ErasureState::Approved,
            (_, _, _, None) => ErasureState::Proposed,
        }
    }
}

impl Retention {
    /// Takes in one fact; facts of other streams only say that their month is there.
    pub fn evolve(&mut self, fact: &Fact) {
        if fact.log.log != Log::Main {
            let month = Month::of(day_in_london(fact.recorded_at));
            self.months.insert((fact.log.log, month));
        }
        let at = fact.occurred_at;
        match &fact.event {
            Event::RetentionSet(set) => {
                self.years.insert(set.class, set.years);
            }
            Event::HoldSet(set) => {
                let hold = Hold {
                    id: set.hold,
                    subject: set.subject,
                    ground: set.ground,
                    reason: set.reason.clone(),
                    set: (fact.who, at),
                    lifted: None,
                };
                self.holds.insert(set.hold, hold);
            }
            Event::HoldLifted(lifted) => {
                if let Some(hold) = self.holds.get_mut(&lifted.hold) {
                    hold.lifted = Some((at, lifted.reason.clone()));
                }
            }
            Event::ErasureProposed(proposed) => {
                let erasure = Erasure {
                    id: proposed.erasure,
                    subjects: proposed.subjects.clone(),
                    ground: proposed.ground,
                    proposed: (fact.who, at),
                    decided: None,
                    withdrawn: None,
                    begun: None,
                    erased: None,
                };
                self.erasures.insert(proposed.erasure, erasure);
            }
            Event::SubjectAccessGiven(given) => self.given.push((given.person, at)),
            _ => self.carry_on(fact),
        }
    }

    fn carry_on(&mut self, fact: &Fact) {
        let id = match &fact.event {
            Event::ErasureDecided(decided) => decided.erasure,
            Event::ErasureWithdrawn(withdrawn) => withdrawn.erasure,
            Event::ErasureBegun(begun) => begun.erasure,
            Event::Erased(erased) => erased.erasure,
            _ => return,
        };
        let (Some(erasure), at) = (self.erasures.get_mut(&id), fact.occurred_at) else {
            return;
        };
        match &fact.event {
            Event::ErasureDecided(decided) => {
                erasure.decided = Some(Decided {
                    by: fact.who,
                    at,
                    from: decided.from,
                    fact: fact.id(),
                });
            }
            Event::ErasureWithdrawn(_) => erasure.withdrawn = Some(at),
            Event::ErasureBegun(_) => erasure.begun = Some(fact.id()),
            Event::Erased(erased) => erasure.erased = Some((at, erased.destroyed.clone())),
            _ => {}
        }
    }

    /// For how many years something is kept; `None` as long as nobody erases it.
    pub fn years(&self, class: RetentionClass) -> Option<u8> {
        self.years.get(&class).copied().or(class.years())
    }

    /// The first day on which what ended then is kept no longer.
    pub fn due_on(&self, class: RetentionClass, ended: NaiveDate) -> Option<NaiveDate> {
        ended.checked_add_months(Months::new(u32::from(self.years(class)?) * 12))
    }

    /// Does the law hold any of this?
    pub fn is_held(&self, subject: Subject) -> bool {
        let mut holding = self.holds.values().filter(|hold| hold.lifted.is_none());
        holding.any(|hold| hold.subject.overlaps(subject))
    }

    /// Is an erasure of this asked for, approved or under way?
    pub fn is_asked_for(&self, subject: Subject) -> bool {
        let open = |erasure: &&Erasure| {
            use ErasureState as E;
            matches!(erasure.state(), E::Proposed | E::Approved | E::Begun)
        };
        let mut open = self.erasures.values().filter(open);
        open.any(|erasure| erasure.subjects.contains(&subject))
    }

    /// When it was last erased.
    pub fn erased_at(&self, subject: Subject) -> Option<DateTime<Utc>> {
        let its = self
            .erasures
            .values()
            .filter(|e| e.subjects.contains(&subject));
        its.filter_map(|erasure| Some(erasure.erased.as_ref()?.0))
            .max()
    }

    /// Every hold, in a stable order.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// One hold.
    pub fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.get(&id)
    }

    /// Every erasure, in a stable order.
    pub fn erasures(&self) -> impl Iterator<Item = &Erasure> {
        self.erasures.values()
    }

    /// One erasure.
    pub fn erasure(&self, id: ErasureId) -> Option<&Erasure> {
        self.erasures.get(&id)
    }

    /// The months in which the access and the feedback log took something in.
    pub fn months(&self) -> impl Iterator<Item = (Log, Month)> {
        self.months.iter().copied()
    }

    /// What was written out for whom, when.
    pub fn given(&self) -> &[(PersonId, DateTime<Utc>)] {
        &self.given
    }
}
