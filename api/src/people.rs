//! People and teams: who I am, which teams there are, who facilitates, and a facilitator's own diary.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::{Role, UnitLevel};
use pipss_domain::facts::Looked;
use pipss_domain::history::Who;
use pipss_domain::ids::{PersonId, UnitId};
use pipss_domain::offer::{OFFERS, OfferKind};
use pipss_domain::policy::{Act, Hat, Relation, may, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::case_answer::TeamName;
use crate::cases::{person_name, team_name};
use crate::diary_answer::{AppointmentLine, DiaryAnswer, LeaveLine, diary_line};
use crate::door::{Caller, Server};
use crate::problem::{Problem, Refused};

const DIARY_MAX: usize = 200;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct MeAnswer {
    /// Their id; absent until their first act.
    pub person: Option<PersonId>,
    /// Their name.
    pub name: Option<String>,
    /// The trust.
    pub organisation: Option<String>,
    /// What they are here.
    pub roles: Vec<RoleCode>,
    /// The units they manage.
    pub manages: Vec<TeamName>,
    /// The unit they work in, if the directory says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub works_in: Option<TeamName>,
}

/// What someone can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RoleCode {
    Staff,
    Manager,
    Lead,
    Facilitator,
    SupervisionLead,
    Governance,
    Auditor,
    Administrator,
    Integration,
    DutyContact,
}

impl RoleCode {
    /// The role of a hat; the operator and the program are nobody.
    pub const fn of(hat: Hat) -> Option<Self> {
        Some(match hat {
            Hat::Staff => Self::Staff,
            Hat::Manager => Self::Manager,
            Hat::Lead => Self::Lead,
            Hat::Facilitator => Self::Facilitator,
            Hat::SupervisionLead => Self::SupervisionLead,
            Hat::Governance => Self::Governance,
            Hat::Auditor => Self::Auditor,
            Hat::Administrator => Self::Administrator,
            Hat::Integration(_) => Self::Integration,
            Hat::DutyContact => Self::DutyContact,
            Hat::Operator | Hat::Program => return None,
        })
    }
}

/// The units one may know of.
#[derive(Serialize, ToSchema)]
pub struct TeamsAnswer {
    /// The units; support is asked for a unit of level `team`.
    pub teams: Vec<TeamAnswer>,
}

/// A unit.
#[derive(Serialize, ToSchema)]
pub struct TeamAnswer {
    /// Its id.
    pub team: UnitId,
    /// As people know it.
    pub name: String,
    /// Its level.
    pub level: UnitLevel,
    /// What it is part of.
    pub parent: Option<UnitId>,
    /// Is it closed? Nothing can be asked for it then.
    pub closed: bool,
}

/// Everyone who facilitates.
#[derive(Serialize, ToSchema)]
pub struct FacilitatorsAnswer {
    /// The facilitators.
    pub facilitators: Vec<FacilitatorAnswer>,
}

/// A facilitator.
#[derive(Serialize, ToSchema)]
pub struct FacilitatorAnswer {
    /// Their id.
    pub person: PersonId,
    /// Their name.
    pub name: Option<String>,
    /// Do they work for someone else?
    pub external: bool,
    /// The unit they work in.
    pub home_unit: Option<UnitId>,
    /// What they are trained for today.
    pub trained: Vec<OfferKind>,
}

impl App {
    /// Who this actor is.
    ///
    /// # Errors
    /// `NotAllowed` for what is not a person.
    pub fn me(&self, actor: &Actor) -> Result<MeAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeMe, None)?;
            let Who::Person(person) = actor.who else {
                return Err(Refusal::NotAllowed);
            };
            let known = view.views.directory.people.contains_key(&person);
            let units = view.views.directory.managed_by(person);
            Ok(MeAnswer {
                person: known.then_some(person),
                name: person_name(view, person).name,
                organisation: view.views.directory.organisation.clone(),
                roles: view
                    .hats
                    .iter()
                    .filter_map(|hat| RoleCode::of(*hat))
                    .collect(),
                manages: units.map(|unit| team_name(view, unit)).collect(),
                works_in: view
                    .views
                    .directory
                    .people
                    .get(&person)
                    .and_then(|recorded| recorded.home_unit)
                    .map(|unit| team_name(view, unit)),
            })
        })
    }

    /// The units this actor may know of.
    ///
    /// # Errors
    /// `NotAllowed` for those who have nothing to do with teams.
    pub fn teams(&self, actor: &Actor) -> Result<TeamsAnswer, Refusal> {
        self.view(actor, |view| {
            if !may_somewhere(Act::SeeTeams, &view.hats) {
                return Err(Refusal::NotAllowed);
            }
            let assigned = |unit: UnitId| {
                let mut cases = view.views.cases.of_team(unit);
                cases.any(|case| match actor.who {
                    Who::Person(p) => case.sessions().any(|(_, s)| s.assigned(p, view.now)),
                    _ => false,
                })
            };
            let everywhere = view.everywhere(Act::SeeTeams);
            let units = view.views.directory.units.iter();
            let seen = units.filter(|(id, _)| {
                everywhere
                    || may(
                        Act::SeeTeams,
                        &view.hats,
                        Relation {
                            assigned: assigned(**id),
                            ..Relation::default()
                        },
                    )
            });
            let answer = |(id, unit): (&UnitId, &pipss_domain::directory::Unit)| TeamAnswer {
                team: *id,
                name: unit.opened.name.clone(),
                level: unit.opened.level,
                parent: unit.opened.parent.filter(|_| everywhere),
                closed: unit.closed,
            };
            Ok(TeamsAnswer {
                teams: seen.map(answer).collect(),
            })
        })
    }

    /// Everyone who facilitates today.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads.
    pub fn facilitators(&self, actor: &Actor) -> Result<FacilitatorsAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeFacilitators, None)?;
            let directory = &view.views.directory;
            let holders = directory.holders(Role::Facilitator, day_in_london(view.now));
            let today = day_in_london(view.now);
            let trained = |person| {
                let kinds = OFFERS.iter().map(|row| row.kind);
                kinds
                    .filter(|kind| directory.trained(person, *kind, today))
                    .collect()
            };
            let answer = |person: PersonId| {
                let recorded = directory.people.get(&person);
                FacilitatorAnswer {
                    person,
                    name: person_name(view, person).name,
                    external: recorded.is_some_and(|p| p.external),
                    home_unit: recorded.and_then(|p| p.home_unit),
                    trained: trained(person),
                }
            };
            view.looked(Looked::People, "facilitators");
            Ok(FacilitatorsAnswer {
                facilitators: holders.into_iter().map(answer).collect(),
            })
        })
    }

    /// This facilitator's own sessions, as long as they are assigned to them.
    ///
    /// # Errors
    /// `NotAllowed` for all but facilitators.
    pub fn diary(&self, actor: &Actor) -> Result<DiaryAnswer, Refusal> {
        self.view(actor, |view| {
            let (Who::Person(person), true) = (actor.who, may_somewhere(Act::SeeDiary, &view.hats))
            else {
                return Err(Refusal::NotAllowed);
            };
            let cases = view.without_barred(&view.views.cases);
            let mut sessions: Vec<_> = cases
                .ever_assigned(person)
                .flat_map(|case| case.sessions().map(move |(o, session)| (case, o, session)))
                .filter(|(_, _, session)| {
                    session.is_led_here() && session.assigned(person, view.now)
                })
                .map(|(case, offer, session)| diary_line(view, person, case, (offer, session)))
                .collect();
            sessions.sort_by_key(|line| (std::cmp::Reverse(line.starts_at), line.session));
            sessions.truncate(DIARY_MAX);
            let mut appointments: Vec<_> = view
                .views
                .one_to_ones
                .iter()
                .filter(|one| one.assigned(person, view.now))
                .filter_map(|one| {
                    let arranged = one.arranged.as_ref()?;
                    Some(AppointmentLine {
                        one_to_one: one.id,
                        starts_at: arranged.starts_at,
                        minutes: arranged.minutes,
                    })
                })
                .collect();
            appointments.sort_by_key(|line| (std::cmp::Reverse(line.starts_at), line.one_to_one));
            appointments.truncate(DIARY_MAX);
            let today = day_in_london(view.now);
            let leave = view.views.diaries.leave_of(person).iter();
            let leave = leave.filter(|leave| leave.to >= today);
            let mut leave: Vec<_> = leave
                .map(|leave| LeaveLine {
                    from: leave.from,
                    to: leave.to,
                })
                .collect();
            leave.sort_by_key(|leave| leave.from);
            view.looked(Looked::Diary, Stream::Diary(person));
            Ok(DiaryAnswer {
                sessions,
                appointments,
                leave,
            })
        })
    }
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/me", tag = "people",
    responses((status = 200, body = MeAnswer), (status = 401, body = Problem)))]
pub async fn read_me(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<MeAnswer>, Refused> {
    Ok(Json(server.app.me(&actor)?))
}

/// The units whoever asks may know of.
#[utoipa::path(get, path = "/api/v1/teams", tag = "teams",
    responses((status = 200, body = TeamsAnswer), (status = 403, body = Problem)))]
pub async fn read_teams(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<TeamsAnswer>, Refused> {
    Ok(Json(server.app.teams(&actor)?))
}

/// Everyone who facilitates.
#[utoipa::path(get, path = "/api/v1/facilitators", tag = "people",
    responses((status = 200, body = FacilitatorsAnswer), (status = 403, body = Problem)))]
pub async fn read_facilitators(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<FacilitatorsAnswer>, Refused> {
    Ok(Json(server.app.facilitators(&actor)?))
}

/// A facilitator's own sessions.
#[utoipa::path(get, path = "/api/v1/diary", tag = "people",
    responses((status = 200, body = DiaryAnswer), (status = 403, body = Problem)))]
pub async fn read_diary(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<DiaryAnswer>, Refused> {
    Ok(Json(server.app.diary(&actor)?))
}
