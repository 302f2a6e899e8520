//! The organisation as it stands: its units, its people, who manages what and who was granted what.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use crate::bar::{self, Bars};
use crate::calendar::day_in_london;
use crate::case::Case;
use crate::directory_facts::{
    FacilitatorProfiled, PersonRecorded, PrivacyProved, Role, UnitLevel, UnitOpened,
};
use crate::history::{Event, Fact, Who};
use crate::ids::{PersonId, UnitId};
use crate::offer::OfferKind;
use crate::policy::Hat;
use crate::program::Program;
use crate::stream::Stream;

/// The directory: a fold of the `policy`, `unit/`, `person/` and `grants/` streams.
#[derive(Default)]
pub struct Directory {
    /// The trust's name, once founded.
    pub organisation: Option<String>,
    /// When privacy was last proved, and how it ended.
    pub proved: Option<(DateTime<Utc>, PrivacyProved)>,
    /// Every unit.
    pub units: BTreeMap<UnitId, Unit>,
    /// Every person, in each capacity.
    pub people: HashMap<PersonId, PersonRecorded>,
    /// The units again, by who manages them: whoever asks for anything is looked up here.
    managed: HashMap<PersonId, BTreeSet<UnitId>>,
    profiles: HashMap<PersonId, FacilitatorProfiled>,
    grants: HashMap<PersonId, BTreeMap<Role, Option<NaiveDate>>>,
    given: BTreeSet<Role>,
    /// Who may not know of which case.
    pub bars: Bars,
    proposals: BTreeMap<(PersonId, Role), Proposal>,
    programs: BTreeMap<PersonId, Program>,
    emergencies: BTreeMap<(PersonId, Role), DateTime<Utc>>,
}

/// A grant that was proposed and that nobody has approved or refused yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The last day.
    pub until: Option<NaiveDate>,
    /// Who proposed it.
    pub by: Who,
}

/// A directorate, service or team.
pub struct Unit {
    /// What it is.
    pub opened: UnitOpened,
    /// Who manages it.
    pub managers: BTreeSet<PersonId>,
    /// Is it closed? Nothing can be asked for it then.
    pub closed: bool,
}

impl Directory {
    /// Takes in one fact; facts that are not about the directory leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        match (&fact.stream, &fact.event) {
            (Stream::Policy, Event::PrivacyProved(proved)) => {
                self.proved = Some((fact.occurred_at, *proved));
            }
            (Stream::Policy, Event::OrganisationFounded(founded)) => {
                self.organisation = Some(founded.name.clone());
            }
            (Stream::Unit(id), event) => self.evolve_unit(*id, event),
            (Stream::Person(id), Event::PersonRecorded(person)) => {
                self.people.insert(*id, person.clone());
            }
            (Stream::Person(id), Event::FacilitatorProfiled(profile)) => {
                self.profiles.insert(*id, profile.clone());
            }
            (Stream::Grants(id), Event::GrantGiven(given)) => {
                let grants = self.grants.entry(*id).or_default();
                grants.insert(given.role, given.until);
                self.given.insert(given.role);
                self.proposals.remove(&(*id, given.role));
            }
            (Stream::Grants(id), Event::GrantProposed(proposed)) => {
                let proposal = Proposal {
                    until: proposed.until,
                    by: fact.who,
                };
                self.proposals.insert((*id, proposed.role), proposal);
            }
            (Stream::Grants(id), Event::GrantRefused(refused)) => {
                self.proposals.remove(&(*id, refused.role));
                if let (Role::Integration, Some(program)) =
                    (refused.role, self.programs.get_mut(id))
                {
                    program.proposed = None;
                }
            }
            (Stream::Grants(id), Event::EmergencyGranted(granted)) => {
                self.emergencies
                    .insert((*id, granted.role), granted.ends_at);
            }
            (Stream::Grants(id), Event::ProgramProposed(proposed)) => {
                let program = self.programs.entry(*id).or_default();
                program.proposed = Some((proposed.scope.clone(), fact.who));
            }
            (Stream::Grants(id), Event::ProgramGranted(granted)) => {
                let program = self.programs.entry(*id).or_default();
                program.proposed = None;
                program.granted = Some(granted.scope.clone());
            }
            (Stream::Bars(case), _) => self.bars.evolve(*case, fact),
            (Stream::Grants(id), Event::GrantEnded(ended)) => {
                if let Some(grants) = self.grants.get_mut(id) {
                    grants.remove(&ended.role);
                }
                self.emergencies.remove(&(*id, ended.role));
                if let (Role::Integration, Some(program)) = (ended.role, self.programs.get_mut(id))
                {
                    program.granted = None;
                }
            }
            _ => {}
        }
    }

    fn evolve_unit(&mut self, id: UnitId, event: &Event) {
        if let Event::UnitOpened(opened) = event {
            let unit = Unit {
                opened: opened.clone(),
                managers: BTreeSet::new(),
                closed: false,
            };
            let before = self.units.insert(id, unit);
            let managed_it = before.into_iter().flat_map(|unit| unit.managers);
            managed_it.for_each(|person| self.no_longer_manages(person, id));
        } else if let Some(unit) = self.units.get_mut(&id) {
            match event {
                Event::ManagerNamed(named) => {
                    unit.managers.insert(named.person);
                    self.managed.entry(named.person).or_default().insert(id);
                }
                Event::ManagerEnded(ended) => {
                    unit.managers.remove(&ended.person);
                    self.no_longer_manages(ended.person, id);
                }
                Event::UnitChanged(changed) => {
                    unit.opened.name.clone_from(&changed.name);
                    unit.opened.parent = changed.parent;
                    unit.opened.headcount = changed.headcount;
                }
                Event::UnitClosed(_) => unit.closed = true,
                _ => {}
            }
        }
    }

    fn no_longer_manages(&mut self, person: PersonId, unit: UnitId) {
        if let Some(managed) = self.managed.get_mut(&person) {
            managed.remove(&unit);
        }
    }

    /// The team, if there is one by this id; only teams can be asked for.
    pub fn team(&self, id: UnitId) -> Option<&Unit> {
        self.units
            .get(&id)
            .filter(|unit| unit.opened.level == UnitLevel::Team && !unit.closed)
    }

    /// Does this person manage this very unit?
    pub fn manages(&self, person: PersonId, unit: UnitId) -> bool {
        self.units
            .get(&unit)
            .is_some_and(|unit| unit.managers.contains(&person))
    }

    /// Every unit that this person manages, closed or not, in a stable order.
    pub fn managed_by(&self, person: PersonId) -> impl Iterator<Item = UnitId> {
        self.managed.get(&person).into_iter().flatten().copied()
    }

    /// What a facilitator can be asked for, if anyone said.
    pub fn profile(&self, person: PersonId) -> Option<&FacilitatorProfiled> {
        self.profiles.get(&person)
    }

    /// May this person not know of that case, whatever their rights?
    pub fn barred(&self, person: PersonId, case: &Case) -> bool {
        let own = case.raised_by == Who::Person(person) && case.request.on_behalf.is_none();
        let manages = self.manages(person, case.team());
        bar::barred(&self.bars, person, case.case, manages, own)
    }

    /// Is a facilitator trained in a model on that day?
    pub fn trained(&self, person: PersonId, model: OfferKind, on: NaiveDate) -> bool {
        let profile = self.profile(person);
        profile.is_some_and(|p| p.trained.iter().any(|t| t.model == model && on <= t.until))
    }

    /// The unit and all it is part of, from the bottom up. Ends even if the directory is circular.
    pub fn line_of(&self, unit: UnitId) -> Vec<UnitId> {
        let mut line = Vec::new();
        let mut next = Some(unit);
        while let Some(id) = next.filter(|id| !line.contains(id)) {
            line.push(id);
            next = self.units.get(&id).and_then(|unit| unit.opened.parent);
        }
        line
    }

    /// Would this person be neutral to that team: neither of it nor in its line of management?
    pub fn neutral_to(&self, person: PersonId, team: UnitId) -> bool {
        let of_the_team = self.people.get(&person).and_then(|p| p.home_unit) == Some(team);
        let in_its_line = self
            .line_of(team)
            .into_iter()
            .any(|unit| self.manages(person, unit));
        !of_the_team && !in_its_line
    }

    /// Was this person granted a role that still holds on that day?
    pub fn holds(&self, person: PersonId, role: Role, on: NaiveDate) -> bool {
        self.grants
            .get(&person)
            .and_then(|grants| grants.get(&role))
            .is_some_and(|until| until.is_none_or(|last| on <= last))
    }

    /// Until when someone was granted a role: `Some(None)` without an end, `None` if not granted or ended.
    pub fn granted(&self, person: PersonId, role: Role) -> Option<Option<NaiveDate>> {
        self.grants.get(&person)?.get(&role).copied()
    }

    /// A grant that waits for an auditor.
    pub fn proposal(&self, person: PersonId, role: Role) -> Option<Proposal> {
        self.proposals.get(&(person, role)).copied()
    }

    /// Every grant that waits for an auditor, in a stable order.
    pub fn proposals(&self) -> impl Iterator<Item = (PersonId, Role, Proposal)> {
        let all = self.proposals.iter();
        all.map(|((person, role), proposal)| (*person, *role, *proposal))
    }

    /// Did anyone ever have this role?
    pub fn was_given(&self, role: Role) -> bool {
        self.given.contains(&role)
    }

    /// Was this person named for this role in an emergency that has not ended?
    pub fn in_emergency(&self, person: PersonId, role: Role, now: DateTime<Utc>) -> bool {
        let ends_at = self.emergencies.get(&(person, role));
        ends_at.is_some_and(|ends_at| now < *ends_at)
    }

    /// Everyone who was named in an emergency that has not ended, in a stable order.
    pub fn emergencies(
        &self,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = (PersonId, Role, DateTime<Utc>)> {
        let all = self
            .emergencies
            .iter()
            .map(|((person, role), ends_at)| (*person, *role, *ends_at));
        all.filter(move |(_, _, ends_at)| now < *ends_at)
    }

    /// A program, if whoever this is was ever proposed as one.
    pub fn program(&self, id: PersonId) -> Option<&Program> {
        self.programs.get(&id)
    }

    /// Every program, in a stable order.
    pub fn programs(&self) -> impl Iterator<Item = (PersonId, &Program)> {
        self.programs.iter().map(|(id, program)| (*id, program))
    }

    /// May whoever acts ask for something for this team? A program only for those that were listed.
    pub fn may_ask_for(&self, who: Who, team: UnitId) -> bool {
        match who {
            Who::Person(person) => self
                .program(person)
                .is_none_or(|program| program.serves(team)),
            Who::Operator | Who::Program => true,
        }
    }

    /// Every grant that holds on that day, in a stable order.
    pub fn grants_on(&self, on: NaiveDate) -> Vec<(PersonId, Role, Option<NaiveDate>)> {
        let mut all: Vec<_> = self
            .grants
            .iter()
            .flat_map(|(person, roles)| roles.iter().map(|(role, until)| (*person, *role, *until)))
            .filter(|(person, role, _)| self.holds(*person, *role, on))
            .collect();
        all.sort_by_key(|(person, role, _)| (*role, *person));
        all
    }

    /// Everyone who holds a role on that day, in a stable order.
    pub fn holders(&self, role: Role, on: NaiveDate) -> Vec<PersonId> {
        let mut holders: Vec<_> = self
            .grants
            .keys()
            .filter(|person| self.holds(**person, role, on))
            .copied()
            .collect();
        holders.sort();
        holders
    }

    /// The hats someone wears at an instant. Whoever is not an external person is staff; a sign-in the
    /// directory has never met is staff too (product: "anyone signed in, no grant needed").
    pub fn hats(&self, who: Who, now: DateTime<Utc>) -> Vec<Hat> {
        let on = day_in_london(now);
        let person = match who {
            Who::Operator => return vec![Hat::Operator],
            Who::Program => return vec![Hat::Program],
            Who::Person(person) => person,
        };
        if let Some(program) = self.program(person) {
            return vec![Hat::Integration(program.acts_on(on))];
        }
        let mut hats = Vec::new();
        if !self.people.get(&person).is_some_and(|p| p.external) {
            hats.push(Hat::Staff);
        }
        if self.managed_by(person).next().is_some() {
            hats.push(Hat::Manager);
        }
        let granted = [
            (Role::Lead, Hat::Lead),
            (Role::Facilitator, Hat::Facilitator),
            (Role::SupervisionLead, Hat::SupervisionLead),
            (Role::Governance, Hat::Governance),
            (Role::Auditor, Hat::Auditor),
            (Role::Administrator, Hat::Administrator),
            (Role::DutyContact, Hat::DutyContact),
        ];
        let held = granted.into_iter().filter(|(role, _)| {
            self.holds(person, *role, on) || self.in_emergency(person, *role, now)
        });
        hats.extend(held.map(|(_, hat)| hat));
        hats
    }
}

#[cfg(test)]
mod tests;
