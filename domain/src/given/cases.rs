//! What a test about several cases starts from: a trust of two teams, and cases told by their facts.

use std::cell::Cell;
use std::collections::HashMap;

use chrono::{DateTime, Duration, TimeZone, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::arrange::ArrangeSession;
use crate::case::Case;
use crate::diary::Diaries;
use crate::directory::Directory;
use crate::directory_facts::{GrantGiven, ManagerNamed, Role, UnitLevel, UnitOpened};
use crate::history::{Event, Fact, Who};
use crate::ids::{CaseId, CommandId, Id, OrganisationId, PersonId, UnitId};
use crate::link::LinkIncident;
use crate::pathway::{CaseCommand, Context, Decision, Happened, concerned, to_case};
use crate::plan::PlanOffer;
use crate::refusal::Refusal;
use crate::session::RecordSession;
use crate::stream::{LogId, Stream};
use crate::triage::TriageCase;

pub const TEAM: UnitId = id(1);
pub const OTHER_TEAM: UnitId = id(2);
pub const MANAGER: PersonId = id(11);
pub const OTHER_MANAGER: PersonId = id(12);
pub const LEAD: PersonId = id(13);
pub const NURSE: PersonId = id(14);
pub const FACILITATORS: [PersonId; 2] = [id(15), id(16)];

const fn id<K>(n: u128) -> Id<K> {
    Id::new(Uuid::from_u128(n))
}

/// Hours after 09:00 on a day counted from Monday 5 January 2026.
pub fn at(day: i64, hours: i64) -> DateTime<Utc> {
    let monday = Utc.with_ymd_and_hms(2026, 1, 5, 9, 0, 0).unwrap();
    monday + Duration::days(day) + Duration::hours(hours)
}

/// A trust at an instant.
pub struct Given {
    pub now: DateTime<Utc>,
    pub directory: Directory,
    pub diaries: Diaries,
    cases: HashMap<CaseId, Case>,
    hidden: Vec<CaseId>,
    versions: HashMap<Stream, u64>,
    fresh: Box<dyn Fn() -> Uuid>,
}

impl Given {
    pub fn at(now: DateTime<Utc>) -> Self {
        let count = Cell::new(1000u128);
        let mut given = Self {
            now,
            directory: Directory::default(),
            diaries: Diaries::default(),
            cases: HashMap::new(),
            hidden: Vec::new(),
            versions: HashMap::new(),
            fresh: Box::new(move || Uuid::from_u128(count.replace(count.get() + 1))),
        };
        for (team, manager) in [(TEAM, MANAGER), (OTHER_TEAM, OTHER_MANAGER)] {
            let opened = UnitOpened {
                code: team.to_string(),
                name: "A team".into(),
                level: UnitLevel::Team,
                parent: None,
                headcount: 30,
                partner: false,
            };
            given.told(Stream::Unit(team), Event::UnitOpened(opened));
            let named = ManagerNamed { person: manager };
            given.told(Stream::Unit(team), Event::ManagerNamed(named));
        }
        given.grant(LEAD, Role::Lead);
        for person in FACILITATORS {
            given.grant(person, Role::Facilitator);
        }
        given
    }

    fn grant(&mut self, person: PersonId, role: Role) {
        let given = GrantGiven { role, until: None };
        self.told(Stream::Grants(person), Event::GrantGiven(given));
        if role == Role::Facilitator {
            self.told(Stream::Person(person), super::training::in_all());
        }
    }

    /// Something happened, recorded by the operator.
    pub fn told(&mut self, stream: Stream, event: Event) {
        let happened = Happened {
            stream,
            occurred_at: self.now,
            event,
        };
        self.record(Who::Operator, happened);
    }

    pub fn case(&self, case: CaseId) -> &Case {
        &self.cases[&case]
    }

    /// Someone gives a command to a case; what follows is taken in.
    pub fn gives<C: CaseCommand>(
        &mut self,
        who: PersonId,
        case: CaseId,
        body: Value,
    ) -> Result<Vec<Event>, Refusal> {
        let command: C = serde_json::from_value(body).unwrap();
        self.decided(who, |given| {
            let others = concerned(&command, given.case(case)).into_iter();
            let others: Vec<_> = others
                .filter(|id| !given.hidden.contains(id))
                .filter_map(|id| given.cases.get(&id))
                .collect();
            let context = Context {
                others: &others,
                ..given.context(who)
            };
            to_case(command, given.case(case), &context)
        })
    }

    pub fn open_with_defusion(
        &mut self,
        who: PersonId,
        body: Value,
    ) -> Result<Vec<Event>, Refusal> {
        let command: crate::defusion::OpenWithDefusion = serde_json::from_value(body).unwrap();
        self.decided(who, |given| command.decide(&given.context(who)))
    }

    pub fn raises(&mut self, who: PersonId, body: Value) -> Result<Vec<Event>, Refusal> {
        let command: crate::raise::RaiseReferral = serde_json::from_value(body).unwrap();
        self.decided(who, |given| command.decide(&given.context(who)))
    }

    /// Someone agrees a standing group; `case` is the case whose offer it resolves.
    pub fn agrees_group(
        &mut self,
        who: PersonId,
        case: CaseId,
        body: Value,
    ) -> Result<Vec<Event>, Refusal> {
        let command: crate::group::AgreeGroup = serde_json::from_value(body).unwrap();
        self.decided(who, |given| {
            command.decide(&Context {
                others: &[given.case(case)],
                ..given.context(who)
            })
        })
    }

    /// Someone hands over all sessions of a facilitator.
    pub fn reassigns(
        &mut self,
        who: PersonId,
        from: PersonId,
        body: Value,
    ) -> Result<Vec<Event>, Refusal> {
        let command: crate::hand_over::ReassignSessions = serde_json::from_value(body).unwrap();
        self.decided(who, |given| {
            command.decide(from, given.cases.values(), &given.context(who))
        })
    }

    /// From now on this case is only found by whoever asks for it itself.
    pub fn hide(&mut self, case: CaseId) {
        self.hidden.push(case);
    }

    /// Someone is granted to facilitate, and trained in everything.
    pub fn facilitates(&mut self, person: PersonId) {
        self.grant(person, Role::Facilitator);
    }

    /// The case that was opened last.
    pub fn newest(&self) -> CaseId {
        *self.cases.keys().max().unwrap()
    }

    fn decided(
        &mut self,
        who: PersonId,
        decide: impl FnOnce(&Self) -> Decision,
    ) -> Result<Vec<Event>, Refusal> {
        let happened = decide(self)?;
        let events = happened.iter().map(|h| h.event.clone()).collect();
        for one in happened {
            self.record(Who::Person(who), one);
        }
        Ok(events)
    }

    fn context(&self, who: PersonId) -> Context<'_> {
        Context {
            now: self.now,
            who: Who::Person(who),
            every_session: true,
            directory: &self.directory,
            diaries: &self.diaries,
            fresh: &*self.fresh,
            known_as: &|_| Vec::new(),
            others: &[],
        }
    }

    fn record(&mut self, who: Who, happened: Happened) {
        let version = self.versions.entry(happened.stream).or_default();
        *version += 1;
        let fact = Fact {
            log: LogId::main(OrganisationId::new(Uuid::from_u128(9))),
            position: 1,
            stream: happened.stream,
            version: *version,
            command: CommandId::new((self.fresh)()),
            number: 0,
            occurred_at: happened.occurred_at,
            recorded_at: self.now,
            who,
            policy: 1,
            event: happened.event,
        };
        self.directory.evolve(&fact);
        self.diaries.evolve(&fact);
        let Stream::Case(case) = fact.stream else {
            return;
        };
        match self.cases.get_mut(&case) {
            Some(case) => case.evolve(&fact),
            None => self
                .cases
                .extend(Case::begin(&fact).map(|begun| (case, begun))),
        }
    }
}

/// A referral that is right in every field.
pub fn referral(team: UnitId, kind: &str, occurred_at: DateTime<Utc>) -> Value {
    json!({
        "team": team,
        "incidents": [{ "type": kind, "occurred": { "at": occurred_at }, "place": "inpatient_ward" }],
        "affected": { "directly": "6-10", "indirectly": "unknown" },
        "injuries": "unknown", "signs_worsening": "no",
        "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" },
        "asked_for": ["petr_debrief"], "team_aware": "yes"
    })
}

/// A case of the team, raised by its manager for an incident at that time.
pub fn team_case(given: &mut Given, occurred_at: DateTime<Utc>) -> CaseId {
    let body = referral(TEAM, "threat_verbal", occurred_at);
    given.raises(MANAGER, body).unwrap();
    given.newest()
}

/// A case of the team with an offer of that kind, of which one session was held on that day after
/// the incident; the session asked for one thing by day 20.
pub fn held_case(given: &mut Given, kind: &str, incident_at: DateTime<Utc>, day: i64) -> CaseId {
    let case = team_case(given, incident_at);
    hold(given, case, kind, day);
    case
}

/// A case of each of the two teams about the same incident, linked.
pub fn linked_cases(given: &mut Given) -> [CaseId; 2] {
    let here = team_case(given, at(0, 0));
    let body = referral(OTHER_TEAM, "threat_verbal", at(0, 0));
    given.raises(OTHER_MANAGER, body).unwrap();
    let there = given.newest();
    let [incident, theirs] =
        [here, there].map(|case| given.case(case).request.incidents[0].incident);
    let body = json!({ "incident": incident, "case": there, "their_incident": theirs });
    given.gives::<LinkIncident>(LEAD, here, body).unwrap();
    [here, there]
}

/// The lead accepts a case.
pub fn triaged(given: &mut Given, case: CaseId) {
    let triage = json!({
        "urgency": given.case(case).request.suggested, "outcome": "accept",
        "contraindications": {
            "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    });
    given.gives::<TriageCase>(LEAD, case, triage).unwrap();
}

/// The lead plans an offer of that kind.
pub fn plan(given: &mut Given, case: CaseId, kind: &str) {
    let owner = if kind == "liaison" {
        "security_adviser"
    } else {
        "pipss_lead"
    };
    let plan = json!({ "kind": kind, "owner": owner });
    given.gives::<PlanOffer>(LEAD, case, plan).unwrap();
}

/// Takes a case from triage to a held session of an offer of that kind.
pub fn hold(given: &mut Given, case: CaseId, kind: &str, day: i64) {
    triaged(given, case);
    plan(given, case, kind);
    let offer = given.case(case).offers.last().unwrap().id();
    let arrange = json!({
        "offer": offer, "starts_at": at(day, 0), "minutes": 75, "site": "A site",
        "facilitators": FACILITATORS, "managers_attend": "no", "departs_because": "other"
    });
    given.gives::<ArrangeSession>(LEAD, case, arrange).unwrap();
    let session = given.case(case).offer(offer).unwrap().sessions[0].id();
    given.now = at(day, 2);
    let record = json!({
        "session": session, "minutes": 75, "mode": "in_person", "headcount": 9,
        "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
        "actions": [{ "what": "Agree whom to ring", "owner": "ward_management",
                      "due": at(20, 0).date_naive() }]
    });
    given.gives::<RecordSession>(LEAD, case, record).unwrap();
}
