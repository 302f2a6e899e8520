//! A trust, a moment and a case told in facts: what the tests of every step stand on.

pub mod cases;
pub mod sessions;
mod training;

use std::cell::Cell;

use chrono::{DateTime, Duration, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::case::Case;
use crate::diary::Diaries;
use crate::directory::Directory;
use crate::directory_facts::*;
use crate::history::{Event, Fact, Who};
use crate::ids::{CommandId, Id, OrganisationId, PersonId, UnitId};
use crate::pathway::{CaseCommand, Context, Decision, Happened, raise};
use crate::refusal::Refusal;
use crate::stream::{LogId, Stream};

/// An id that is easily recognised.
pub const fn id<K>(n: u128) -> Id<K> {
    Id::new(Uuid::from_u128(n))
}

pub const DIRECTORATE: UnitId = id(1);
pub const SERVICE: UnitId = id(2);
/// The team of the case; its manager, and those of the units above.
pub const TEAM: UnitId = id(3);
pub const OTHER_TEAM: UnitId = id(4);
pub const MANAGER: PersonId = id(11);
pub const SERVICE_MANAGER: PersonId = id(12);
pub const DIRECTOR: PersonId = id(13);
pub const OTHER_MANAGER: PersonId = id(14);
pub const LEAD: PersonId = id(20);
/// Two facilitators from outside the team.
pub const ASH: PersonId = id(21);
pub const KIM: PersonId = id(22);
/// A facilitator who works in the team.
pub const OF_THE_TEAM: PersonId = id(23);
/// Nobody granted them anything.
pub const STAFF: PersonId = id(24);

/// Monday 16 March 2026, ten in the morning.
pub fn monday() -> DateTime<Utc> {
    "2026-03-16T10:00:00Z".parse().unwrap()
}

/// So many days after that Monday morning.
pub fn day(days: i64) -> DateTime<Utc> {
    monday() + Duration::days(days)
}

/// What has happened so far, and who asks when.
pub struct Given {
    case: Option<Case>,
    pub directory: Directory,
    pub diaries: Diaries,
    pub now: DateTime<Utc>,
    pub who: Who,
    pub every_session: bool,
    drawn: Cell<u128>,
    recorded: u64,
}

impl Given {
    /// The trust and its people, and no case.
    pub fn a_trust() -> Self {
        let mut given = Self {
            case: None,
            directory: Directory::default(),
            diaries: Diaries::default(),
            now: monday(),
            who: Who::Person(LEAD),
            every_session: true,
            drawn: Cell::new(1000),
            recorded: 0,
        };
        given.units();
        given.people();
        given
    }

    fn units(&mut self) {
        let units = [
            (DIRECTORATE, UnitLevel::Directorate, None, DIRECTOR),
            (
                SERVICE,
                UnitLevel::Service,
                Some(DIRECTORATE),
                SERVICE_MANAGER,
            ),
            (TEAM, UnitLevel::Team, Some(SERVICE), MANAGER),
            (OTHER_TEAM, UnitLevel::Team, Some(SERVICE), OTHER_MANAGER),
        ];
        for (unit, level, parent, person) in units {
            let opened = UnitOpened {
                code: unit.to_string(),
                name: format!("{level:?}"),
                level,
                parent,
                headcount: 30,
                partner: false,
            };
            self.record(Stream::Unit(unit), Event::UnitOpened(opened));
            let named = ManagerNamed { person };
            self.record(Stream::Unit(unit), Event::ManagerNamed(named));
        }
    }

    fn people(&mut self) {
        for (person, home_unit) in [
            (ASH, Some(OTHER_TEAM)),
            (KIM, None),
            (OF_THE_TEAM, Some(TEAM)),
            (MANAGER, Some(TEAM)),
            (STAFF, Some(TEAM)),
        ] {
            let recorded = PersonRecorded {
                name: None,
                email: None,
                sign_in: None,
                home_unit,
                external: person == KIM,
            };
            self.record(Stream::Person(person), Event::PersonRecorded(recorded));
        }
        let managers = [MANAGER, SERVICE_MANAGER, DIRECTOR, OTHER_MANAGER];
        for person in [ASH, KIM, OF_THE_TEAM].into_iter().chain(managers) {
            self.granted(person, Role::Facilitator, None);
        }
        self.granted(LEAD, Role::Lead, None);
    }

    /// Someone was granted a role.
    pub fn granted(&mut self, person: PersonId, role: Role, until: Option<chrono::NaiveDate>) {
        self.record(
            Stream::Grants(person),
            Event::GrantGiven(GrantGiven { role, until }),
        );
        if role == Role::Facilitator {
            self.record(Stream::Person(person), training::in_all());
        }
    }

    /// A case of the team about an assault two days ago, raised this Monday.
    pub fn a_case() -> Self {
        Self::a_case_of(referral())
    }

    /// A case with this referral.
    pub fn a_case_of(referral: Value) -> Self {
        let mut given = Self::a_trust();
        let happened = given.raise(referral).unwrap();
        given.take_in(happened);
        given
    }

    /// A case that was accepted as it was suggested.
    pub fn an_open_case() -> Self {
        let case = Self::a_case();
        let urgency = case.case().request.suggested;
        case.after::<crate::triage::TriageCase>(triage(&format!("{urgency:?}"), "accept"))
    }

    /// An open case with one offer; answers it and the offer's id as JSON.
    pub fn an_offer(kind: &str) -> (Self, Value) {
        let owner = if kind == "reflective_practice" {
            "facilitator"
        } else {
            "pipss_lead"
        };
        let plan = json!({ "kind": kind, "owner": owner });
        let given = Self::an_open_case().after::<crate::plan::PlanOffer>(plan);
        let offer = given.last_offer();
        (given, offer)
    }

    /// An open case with a PETR debrief and a session of it on day 5; answers offer and session.
    pub fn a_session() -> (Self, Value, Value) {
        let (given, offer) = Self::an_offer("petr_debrief");
        let given = given.after::<crate::arrange::ArrangeSession>(arrange(&offer, 5));
        let session = given.last_session();
        (given, offer, session)
    }

    /// With what follows from a command that is accepted.
    pub fn after<C: CaseCommand>(mut self, command: Value) -> Self {
        let happened = self.when::<C>(command).unwrap();
        self.take_in(happened);
        self
    }

    /// With one more fact of the case.
    pub fn and(mut self, event: Event) -> Self {
        let stream = Stream::Case(self.case().case);
        self.record(stream, event);
        self
    }

    /// So many days after the Monday on which the case was raised.
    pub fn on_day(mut self, days: i64) -> Self {
        self.now = day(days);
        self
    }

    /// Asked by a facilitator whose right reaches what they are assigned to.
    pub fn by_assigned(mut self, person: PersonId) -> Self {
        self.who = Who::Person(person);
        self.every_session = false;
        self
    }

    /// What the rule answers to a command.
    pub fn when<C: CaseCommand>(&self, command: Value) -> Decision {
        self.decide(parsed::<C>(command))
    }

    /// The same for a command that was read already.
    pub fn decide<C: CaseCommand>(&self, command: C) -> Decision {
        self.asked(|context| command.decide(self.case(), context))
    }

    /// What the rule answers to a referral.
    pub fn raise(&self, referral: Value) -> Decision {
        self.asked(|context| raise(parsed(referral), context))
    }

    pub fn asked(&self, rule: impl FnOnce(&Context<'_>) -> Decision) -> Decision {
        let fresh = || {
            self.drawn.set(self.drawn.get() + 1);
            Uuid::from_u128(self.drawn.get())
        };
        rule(&Context {
            now: self.now,
            who: self.who,
            every_session: self.every_session,
            directory: &self.directory,
            diaries: &self.diaries,
            fresh: &fresh,
            known_as: &|_| Vec::new(),
            others: &[],
        })
    }

    /// Folds what was decided.
    pub fn take_in(&mut self, happened: Vec<Happened>) {
        for one in happened {
            self.fold(one);
        }
    }

    /// Takes in one fact.
    pub fn record(&mut self, stream: Stream, event: Event) {
        let occurred_at = self.now;
        self.fold(Happened {
            stream,
            occurred_at,
            event,
        });
    }

    fn fold(&mut self, happened: Happened) {
        self.recorded += 1;
        let fact = Fact {
            log: LogId::main(OrganisationId::new(Uuid::nil())),
            position: self.recorded,
            stream: happened.stream,
            version: self.recorded,
            command: CommandId::new(Uuid::from_u128(self.recorded.into())),
            number: 0,
            occurred_at: happened.occurred_at,
            recorded_at: self.now,
            who: self.who,
            policy: 1,
            event: happened.event,
        };
        self.directory.evolve(&fact);
        self.diaries.evolve(&fact);
        match &mut self.case {
            Some(case) if fact.stream == Stream::Case(case.case) => case.evolve(&fact),
            Some(_) => {}
            None => self.case = Case::begin(&fact),
        }
    }

    /// The case as it stands.
    pub fn case(&self) -> &Case {
        self.case.as_ref().expect("a referral opened it")
    }

    /// The offer that was planned last, as a command names it.
    pub fn last_offer(&self) -> Value {
        json!(self.case().offers.last().unwrap().id())
    }

    /// The session that was arranged last, as a command names it.
    pub fn last_session(&self) -> Value {
        let last = |offer: &crate::case::Offer| offer.sessions.last().map(crate::case::Session::id);
        json!(
            self.case()
                .offers
                .iter()
                .filter_map(last)
                .next_back()
                .unwrap()
        )
    }
}

/// A command as the door reads it.
pub fn parsed<T: DeserializeOwned>(command: Value) -> T {
    serde_json::from_value(command).unwrap()
}

/// The facts that follow from an accepted command.
#[track_caller]
pub fn events(decision: Decision) -> Vec<Event> {
    let happened = decision.unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert!(!happened.is_empty(), "an accepted command yields a fact");
    happened.into_iter().map(|one| one.event).collect()
}

/// The fields that a refusal points at.
#[track_caller]
pub fn faults(decision: Decision) -> Vec<String> {
    match decision {
        Err(Refusal::Invalid(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
        other => panic!("{other:?}"),
    }
}

/// The code of a refusal that is about the state of the case.
#[track_caller]
pub fn code_of(decision: Decision) -> &'static str {
    match decision {
        Err(Refusal::OutOfStep { code, sentence, .. }) => {
            assert!(sentence.ends_with('.'), "{sentence}");
            code
        }
        other => panic!("{other:?}"),
    }
}

/// A referral that is right in every field and not urgent.
pub fn referral() -> Value {
    json!({
        "team": TEAM,
        "incidents": [{
            "type": "assault_physical", "occurred": { "at": day(-2) }, "place": "inpatient_ward"
        }],
        "affected": { "directly": "6-10", "indirectly": "unknown" },
        "injuries": "no", "signs_worsening": "no",
        "safety": {
            "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no"
        },
        "asked_for": ["petr_debrief"], "team_aware": "yes"
    })
}

/// A triage of this urgency with this outcome.
pub fn triage(urgency: &str, outcome: &str) -> Value {
    json!({
        "urgency": urgency, "outcome": outcome,
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    })
}

/// A usual session of a PETR debrief by two neutral facilitators, on that day.
pub fn arrange(offer: &Value, days: i64) -> Value {
    json!({
        "offer": offer, "starts_at": day(days), "minutes": 75, "site": "Garden Room",
        "facilitators": [ASH, KIM], "managers_attend": "no"
    })
}

/// A record of a session.
pub fn record(session: &Value) -> Value {
    json!({
        "session": session, "minutes": 75, "mode": "in_person", "headcount": 9,
        "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }]
    })
}

/// The same with one more or one other member.
pub fn but(mut command: Value, pointer: &str, value: impl Into<Value>) -> Value {
    let (above, last) = pointer.rsplit_once('/').unwrap();
    command.pointer_mut(above).unwrap()[last] = value.into();
    command
}
