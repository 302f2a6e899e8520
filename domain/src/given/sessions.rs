//! A small trust for the tests of the steps: one team, its case, facilitators; facts go in, rules are asked.

use chrono::{DateTime, Duration, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::case::Case;
use crate::diary::Diaries;
use crate::directory::Directory;
use crate::history::{Event, Fact, Who};
use crate::ids::{CaseId, CommandId, OfferId, OrganisationId, PersonId, SessionId, UnitId};
use crate::pathway::{CaseCommand, Context, Decision, Happened};
use crate::refusal::Refusal;
use crate::stream::{LogId, Stream};

pub const CASE: CaseId = CaseId::new(Uuid::from_u128(1));
pub const OFFER: OfferId = OfferId::new(Uuid::from_u128(2));
pub const TEAM: UnitId = UnitId::new(Uuid::from_u128(3));
pub const LEAD: PersonId = PersonId::new(Uuid::from_u128(10));
pub const ONE: PersonId = PersonId::new(Uuid::from_u128(11));
pub const OTHER: PersonId = PersonId::new(Uuid::from_u128(12));
/// A facilitator about whom nobody said anything.
pub const UNKNOWN: PersonId = PersonId::new(Uuid::from_u128(13));

pub struct World {
    pub now: DateTime<Utc>,
    pub directory: Directory,
    pub diaries: Diaries,
    case: Option<Case>,
    facts: u64,
}

impl World {
    /// A triaged case with one PETR debrief; `ONE` and `OTHER` are trained, at most two sessions.
    pub fn new() -> Self {
        let mut world = Self {
            now: "2026-06-01T09:00:00Z".parse().unwrap(),
            directory: Directory::default(),
            diaries: Diaries::default(),
            case: None,
            facts: 0,
        };
        for person in [LEAD, ONE, OTHER, UNKNOWN] {
            world.given(
                Stream::Grants(person),
                "GrantGiven",
                json!({ "role": "facilitator" }),
            );
        }
        let trained = json!({ "model": "petr_debrief", "until": "2027-06-01" });
        for person in [ONE, OTHER] {
            let profile = json!({ "trained": [trained], "sessions_max": 2 });
            world.given(Stream::Person(person), "FacilitatorProfiled", profile);
        }
        let case = Stream::Case(CASE);
        world.given(case, "ReferralRaised", json!({
            "reference": "PS-TEST", "team": TEAM, "incidents": [],
            "affected": { "directly": "6-10", "indirectly": "unknown" },
            "injuries": "no", "staff_in_hospital": "no", "absence": "no", "signs_worsening": "no",
            "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" },
            "asked_for": ["petr_debrief"], "team_aware": "yes", "suggested": "U3", "because": []
        }));
        world.given(case, "CaseTriaged", json!({
            "suggested": "U3", "because": [], "decided": "U3", "outcome": "accept",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            }
        }));
        world.given(
            case,
            "OfferPlanned",
            json!({
                "offer": OFFER, "kind": "petr_debrief", "owner": "pipss_lead"
            }),
        );
        world
    }

    pub fn given(&mut self, stream: Stream, kind: &str, data: Value) {
        let event = serde_json::from_value(json!({ "kind": kind, "data": data })).unwrap();
        self.take(stream, event);
    }

    fn take(&mut self, stream: Stream, event: Event) {
        self.facts += 1;
        let fact = Fact {
            log: LogId::main(OrganisationId::new(Uuid::nil())),
            position: self.facts,
            stream,
            version: self.facts,
            command: CommandId::new(Uuid::from_u128(self.facts.into())),
            number: 0,
            occurred_at: self.now,
            recorded_at: self.now,
            who: Who::Person(LEAD),
            policy: 1,
            event,
        };
        self.directory.evolve(&fact);
        self.diaries.evolve(&fact);
        match (&mut self.case, stream) {
            (Some(case), Stream::Case(_)) => case.evolve(&fact),
            (None, Stream::Case(_)) => self.case = Case::begin(&fact),
            _ => {}
        }
    }

    pub fn case(&self) -> &Case {
        self.case.as_ref().unwrap()
    }

    pub fn decide(&self, who: PersonId, rule: impl FnOnce(&Context<'_>) -> Decision) -> Decision {
        rule(&Context {
            known_as: &|_| Vec::new(),
            others: &[],
            now: self.now,
            who: Who::Person(who),
            every_session: who == LEAD,
            directory: &self.directory,
            diaries: &self.diaries,
            fresh: &|| Uuid::from_u128(u128::from(self.facts) + 1000),
        })
    }

    /// Gives a command as the lead or someone else, and keeps what follows.
    pub fn when<C: CaseCommand + DeserializeOwned>(
        &mut self,
        who: PersonId,
        body: Value,
    ) -> Result<Vec<Happened>, Refusal> {
        let command: C = serde_json::from_value(body).unwrap();
        let happened = self.decide(who, |context| command.decide(self.case(), context))?;
        self.keep(&happened);
        Ok(happened)
    }

    pub fn keep(&mut self, happened: &[Happened]) {
        for fact in happened {
            self.take(fact.stream, fact.event.clone());
        }
    }

    /// The body of an `arrange-session` so many days from now.
    pub fn session(&self, days: i64, facilitators: &[PersonId]) -> Value {
        json!({
            "offer": OFFER, "starts_at": self.now + Duration::days(days), "site": "Garden Room",
            "facilitators": facilitators, "managers_attend": "no", "departs_because": "other"
        })
    }

    /// The session that was arranged last.
    pub fn last(&self) -> SessionId {
        let sessions = self.case().sessions();
        sessions.last().unwrap().1.id()
    }
}

/// The pointers of a refusal, whatever its shape.
pub fn pointers(decision: &Result<Vec<Happened>, Refusal>) -> Vec<&str> {
    let faults = match decision {
        Err(Refusal::Invalid(faults) | Refusal::OutOfStep { faults, .. }) => faults,
        other => panic!("{other:?}"),
    };
    faults.iter().map(|fault| fault.pointer.as_str()).collect()
}
