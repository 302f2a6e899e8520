//! Who holds which role, and until when; proposing, approving, refusing and ending it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::Role;
use pipss_domain::facts::Looked;
use pipss_domain::grants::{GrantNamed, Meant, NameDeputy, ProposeGrant};
use pipss_domain::history::Who;
use pipss_domain::ids::PersonId;
use pipss_domain::pathway::{Context, Decision};
use pipss_domain::policy::{Act, may_somewhere};
use pipss_domain::program::ProgramScope;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::cases::person_name;
use crate::door::{Caller, Named, Server, asked};
use crate::intent::{Asked, Intent, Situation};
use crate::problem::{Problem, Refused};
use crate::programs::ProgramAnswer;
use crate::view::View;

/// The grants that hold today. Managing a unit is not a grant and does not stand here.
#[derive(Serialize, ToSchema)]
pub struct GrantsAnswer {
    /// The grants, by role.
    pub grants: Vec<GrantAnswer>,
    /// What leads proposed and no auditor has decided.
    pub proposed: Vec<ProposalAnswer>,
    /// For auditors: does something wait that no lead may see, so that a deputy must be named?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deputy_needed: Option<bool>,
}

/// A grant that was proposed.
#[derive(Serialize, ToSchema)]
pub struct ProposalAnswer {
    /// The grant, as it would be.
    #[serde(flatten)]
    pub grant: GrantAnswer,
    /// Who proposed it.
    pub proposed_by: Option<String>,
    /// May whoever asks approve it? Not what they proposed, and not for themselves.
    pub may_approve: bool,
}

/// What was done to a person's grants.
#[derive(Serialize, ToSchema)]
pub struct GrantDone {
    /// The person.
    pub person: PersonId,
}

/// One grant.
#[derive(Serialize, ToSchema)]
pub struct GrantAnswer {
    /// Whose it is.
    pub person: PersonId,
    /// Their name; absent until it is known.
    pub name: Option<String>,
    /// Their address at work: of whoever is proposed, and where no name is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The role.
    pub role: Role,
    /// The last day, if there is one.
    pub until: Option<NaiveDate>,
    /// When it ends by itself, if it was given in an emergency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_until: Option<DateTime<Utc>>,
    /// What a program may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<ProgramAnswer>,
    /// May whoever asks end it?
    pub may_end: bool,
}

impl App {
    /// Who holds what today.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads and auditors.
    pub fn grants(&self, actor: &Actor) -> Result<GrantsAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeGrants, None)?;
            let held = view.views.directory.grants_on(day_in_london(view.now));
            let [ends, decides] = [Act::EndGrant, Act::DecideGrant].map(|act| view.everywhere(act));
            let answer = |(person, role, until): (_, Role, _)| {
                let name = person_name(view, person).name;
                GrantAnswer {
                    person,
                    email: address(view, person).filter(|_| name.is_none()),
                    name,
                    role,
                    until,
                    emergency_until: None,
                    program: None,
                    may_end: ends && (decides || !role.ended_only_by_auditors()),
                }
            };
            let of_program = |person, scope: &ProgramScope| GrantAnswer {
                program: Some(ProgramAnswer::of(view, scope)),
                ..answer((person, Role::Integration, Some(scope.until)))
            };
            let emergencies = view.views.directory.emergencies(view.now);
            let emergencies = emergencies.map(|(person, role, ends_at)| GrantAnswer {
                emergency_until: Some(ends_at),
                ..answer((person, role, None))
            });
            let granted = programs_granted(view);
            let granted = granted.map(|(id, scope)| of_program(id, scope));
            let proposed = view.views.directory.proposals();
            let proposed = proposed.map(|(person, role, proposal)| ProposalAnswer {
                grant: GrantAnswer {
                    may_end: false,
                    email: address(view, person),
                    ..answer((person, role, proposal.until))
                },
                proposed_by: proposer(view, proposal.by),
                may_approve: decides && ![proposal.by, Who::Person(person)].contains(&actor.who),
            });
            let programs = view.views.directory.programs();
            let programs = programs.filter_map(|(id, program)| {
                let (scope, by) = program.proposed.as_ref()?;
                Some(ProposalAnswer {
                    grant: GrantAnswer {
                        may_end: false,
                        ..of_program(id, scope)
                    },
                    proposed_by: proposer(view, *by),
                    may_approve: decides && *by != actor.who,
                })
            });
            let names_deputies = may_somewhere(Act::NameDeputy, &view.hats);
            view.looked(Looked::People, "grants");
            Ok(GrantsAnswer {
                proposed: proposed.chain(programs).collect(),
                grants: held
                    .into_iter()
                    .map(answer)
                    .chain(emergencies)
                    .chain(granted)
                    .collect(),
                deputy_needed: names_deputies.then(|| view.waits_unseen(None)),
            })
        })
    }
}

fn proposer(view: &View<'_>, by: Who) -> Option<String> {
    match by {
        Who::Person(by) => person_name(view, by).name,
        Who::Operator | Who::Program => None,
    }
}

/// Somebody's address at work: whoever approves a role must know whose it is, before they first sign in too.
fn address(view: &View<'_>, person: PersonId) -> Option<String> {
    let recorded = view.views.directory.people.get(&person)?;
    view.app.open_text(recorded.email.as_ref()?)
}

/// The programs that may do something today, and what.
fn programs_granted<'v>(view: &'v View<'_>) -> impl Iterator<Item = (PersonId, &'v ProgramScope)> {
    let today = day_in_london(view.now);
    let programs = view.views.directory.programs();
    programs.filter_map(move |(id, program)| {
        let scope = program.granted.as_ref()?;
        (today <= scope.until).then_some((id, scope))
    })
}

/// Whom an address means, or a fault at `/email`.
fn meant(situation: &Situation<'_>, address: Option<String>) -> Result<Meant, Refusal> {
    let address = address.ok_or_else(|| Refusal::invalid("/email", "Give an e-mail address."))?;
    let view = situation.view;
    let directory = &view.views.directory;
    let organisation = view.actor.organisation;
    let mut found = view.app.recorded_with(organisation, directory, &address);
    match (found.pop(), found.is_empty()) {
        (None, _) => Ok(Meant {
            person: PersonId::new((situation.context.fresh)()),
            recorded: None,
        }),
        (Some((person, recorded)), true) => Ok(Meant {
            person,
            recorded: Some(recorded),
        }),
        (Some(_), false) => {
            let detail = "Two people are recorded with this address.";
            Err(Refusal::invalid("/email", detail))
        }
    }
}

impl Intent<'static> {
    /// To propose that someone is given a role.
    pub fn propose_grant(asked: Asked) -> Self {
        Self::to_nothing(Act::ProposeGrant, "grants", asked, |body, situation| {
            let command: ProposeGrant = body.parse()?;
            let meant = meant(situation, command.address())?;
            command.decide(meant, &situation.context)
        })
    }

    /// To approve what was proposed for a person.
    pub fn approve_grant(person: PersonId, asked: Asked) -> Self {
        let act = (Act::DecideGrant, "approve");
        Self::to_grant(act, person, asked, GrantNamed::approve)
    }

    /// To refuse what was proposed for a person.
    pub fn refuse_grant(person: PersonId, asked: Asked) -> Self {
        let act = (Act::DecideGrant, "refuse");
        Self::to_grant(act, person, asked, GrantNamed::refuse)
    }

    /// To end what a person was granted.
    pub fn end_grant(person: PersonId, asked: Asked) -> Self {
        Self::to_grant((Act::EndGrant, "end"), person, asked, GrantNamed::end)
    }

    fn to_grant(
        (act, name): (Act, &str),
        person: PersonId,
        asked: Asked,
        decide: fn(GrantNamed, PersonId, &Context<'_>) -> Decision,
    ) -> Self {
        let route = format!("grants/{person}/{name}");
        Self::to_nothing(act, route, asked, move |body, situation| {
            decide(body.parse()?, person, &situation.context)
        })
    }

    /// To name a deputy where something waits that no lead may see.
    pub fn name_deputy(asked: Asked) -> Self {
        Self::to_nothing(Act::NameDeputy, "deputies", asked, |body, situation| {
            let command: NameDeputy = body.parse()?;
            let meant = meant(situation, command.address())?;
            let view = situation.view;
            let waits = view.waits_unseen(None);
            let helps = |person| view.waits_unseen(Some(person));
            command.decide(meant, waits, helps, &situation.context)
        })
    }
}

pub(crate) async fn give(
    server: &Server,
    actor: &Actor,
    act: Act,
    request: Request,
    intent: impl FnOnce(Asked) -> Intent<'static>,
) -> Result<Json<GrantDone>, Refused> {
    server.app.allow(actor, act, None)?;
    let intent = intent(asked(request).await?);
    let done = server.app.execute(actor, intent).await?;
    let mut streams = done.facts.iter().map(|fact| fact.stream);
    let person = streams.find_map(|stream| match stream {
        Stream::Grants(person) => Some(person),
        _ => None,
    });
    Ok(Json(GrantDone {
        person: person.expect("a command to someone's grants leaves a fact in their stream"),
    }))
}

/// Proposes that someone is given a role; an auditor approves.
#[utoipa::path(post, path = "/api/v1/grants", tag = "people", request_body = ProposeGrant,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GrantDone), (status = 422, body = Problem)))]
pub async fn propose(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<GrantDone>, Refused> {
    let act = Act::ProposeGrant;
    give(&server, &actor, act, request, Intent::propose_grant).await
}

/// Approves what was proposed for a person.
#[utoipa::path(post, path = "/api/v1/grants/{person}/approve", tag = "people", request_body = GrantNamed,
    params(("person" = PersonId, Path, description = "The person"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GrantDone), (status = 409, body = Problem)))]
pub async fn approve(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(person): Named<PersonId>,
    request: Request,
) -> Result<Json<GrantDone>, Refused> {
    let intent = |asked| Intent::approve_grant(person, asked);
    give(&server, &actor, Act::DecideGrant, request, intent).await
}

/// Refuses what was proposed for a person.
#[utoipa::path(post, path = "/api/v1/grants/{person}/refuse", tag = "people", request_body = GrantNamed,
    params(("person" = PersonId, Path, description = "The person"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GrantDone), (status = 409, body = Problem)))]
pub async fn refuse(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(person): Named<PersonId>,
    request: Request,
) -> Result<Json<GrantDone>, Refused> {
    let intent = |asked| Intent::refuse_grant(person, asked);
    give(&server, &actor, Act::DecideGrant, request, intent).await
}

/// Ends what a person was granted, at once.
#[utoipa::path(post, path = "/api/v1/grants/{person}/end", tag = "people", request_body = GrantNamed,
    params(("person" = PersonId, Path, description = "The person"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GrantDone), (status = 409, body = Problem)))]
pub async fn end(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(person): Named<PersonId>,
    request: Request,
) -> Result<Json<GrantDone>, Refused> {
    let intent = |asked| Intent::end_grant(person, asked);
    give(&server, &actor, Act::EndGrant, request, intent).await
}

/// Names a deputy where something waits that no lead may see.
#[utoipa::path(post, path = "/api/v1/deputies", tag = "people", request_body = NameDeputy,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GrantDone), (status = 409, body = Problem)))]
pub async fn name_deputy(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<GrantDone>, Refused> {
    let act = Act::NameDeputy;
    give(&server, &actor, act, request, Intent::name_deputy).await
}

/// Who holds what.
#[utoipa::path(get, path = "/api/v1/grants", tag = "people",
    responses((status = 200, body = GrantsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<GrantsAnswer>, Refused> {
    Ok(Json(server.app.grants(&actor)?))
}
