//! Standing reflective groups: leads agree and end them, a team's managers see their own.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::case::{Case, Offer, OfferState, Stage};
use pipss_domain::facts::GroupEndReason;
use pipss_domain::group::{AgreeGroup, EndGroup, Group};
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, GroupId, OfferId};
use pipss_domain::offer::OfferKind;
use pipss_domain::pathway::Context;
use pipss_domain::policy::{Act, Relation, may, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, Done};
use crate::case_answer::TeamName;
use crate::cases::team_name;
use crate::door::{self, Caller, Server, asked};
use crate::intent::{Asked, Intent, Named, Target};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// Few offers wait for a group at once.
const OFFERS_MAX: usize = 100;

/// The groups that whoever asks may see.
#[derive(Serialize, ToSchema)]
pub struct GroupsAnswer {
    /// The groups.
    pub groups: Vec<GroupLine>,
}

/// One group.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the commands")]
pub struct GroupLine {
    pub group: GroupId,
    pub team: TeamName,
    pub starts_on: NaiveDate,
    pub every_weeks: u8,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_because: Option<GroupEndReason>,
}

/// An offer of reflective practice that waits for a group to be agreed.
pub struct OfferToResolve {
    /// Its case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// The team.
    pub team: TeamName,
    /// The offer.
    pub offer: OfferId,
}

/// What was done to a group.
#[derive(Serialize, ToSchema)]
pub struct GroupDone {
    /// The group.
    pub group: GroupId,
}

impl Intent<'static> {
    /// To agree a group with a team.
    pub fn agree_group(asked: Asked) -> Self {
        Self {
            act: Act::AgreeGroup,
            route: "groups".into(),
            target: Target::Nothing,
            named: Named::Key(asked.key),
            if_match: None,
            body: asked.body,
            decide: Box::new(|body, situation| {
                let command: AgreeGroup = body.parse()?;
                let seen = command.resolves.and_then(|r| situation.seen(r.case));
                let others: Vec<_> = seen.into_iter().collect();
                let context = Context {
                    others: &others,
                    ..situation.context
                };
                command.decide(&context)
            }),
        }
    }

    /// To end a group.
    pub fn end_group(group: GroupId, asked: Asked) -> Self {
        Self {
            act: Act::EndGroup,
            route: format!("groups/{group}/end"),
            target: Target::Nothing,
            named: Named::Key(asked.key),
            if_match: None,
            body: asked.body,
            decide: Box::new(move |body, situation| {
                let found = situation.view.views.groups.get(group);
                let command: EndGroup = body.parse()?;
                command.decide(group, found.ok_or(Refusal::NotFound)?, &situation.context)
            }),
        }
    }
}

impl App {
    /// The groups that this actor may see.
    ///
    /// # Errors
    /// `NotAllowed` for whoever sees none anywhere.
    pub fn groups(&self, actor: &Actor) -> Result<GroupsAnswer, Refusal> {
        self.view(actor, |view| {
            if !may_somewhere(Act::SeeGroups, &view.hats) {
                return Err(Refusal::NotAllowed);
            }
            let groups = view.views.groups.iter();
            let seen = groups.filter(|(_, group)| sees(view, group));
            Ok(GroupsAnswer {
                groups: seen.map(|(id, group)| line(view, *id, group)).collect(),
            })
        })
    }
}

impl App {
    /// The offers that a group can be agreed for, in the cases that this actor may see.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads.
    pub fn offers_for_groups(&self, actor: &Actor) -> Result<Vec<OfferToResolve>, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::AgreeGroup, None)?;
            let waiting = view.views.cases.open();
            let open = waiting.filter(|case| case.stage() == Stage::Open);
            let offers = open.flat_map(|case| case.offers.iter().map(move |offer| (case, offer)));
            let waiting = offers.filter(|(case, offer)| {
                offer.planned.kind == OfferKind::ReflectivePractice
                    && offer.state() == OfferState::Planned
                    && view.sees(Act::SeePlan, case, About::Offer(offer.id()))
            });
            let answer = |(case, offer): (&Case, &Offer)| OfferToResolve {
                case: case.case,
                reference: case.request.reference.clone(),
                team: team_name(view, case.team()),
                offer: offer.id(),
            };
            Ok(waiting.take(OFFERS_MAX).map(answer).collect())
        })
    }
}

fn sees(view: &View<'_>, group: &Group) -> bool {
    let team = match view.actor.who {
        Who::Person(person) => view.views.directory.manages(person, group.agreed.team),
        Who::Operator | Who::Program => false,
    };
    let relation = Relation {
        team,
        ..Relation::default()
    };
    may(Act::SeeGroups, &view.hats, relation)
}

fn line(view: &View<'_>, id: GroupId, group: &Group) -> GroupLine {
    GroupLine {
        group: id,
        team: team_name(view, group.agreed.team),
        starts_on: group.agreed.starts_on,
        every_weeks: group.agreed.every_weeks,
        ended_at: group.ended.map(|(_, at)| at),
        ended_because: group.ended.map(|(reason, _)| reason),
    }
}

fn done(done: &Done) -> GroupDone {
    let mut streams = done.facts.iter().map(|fact| fact.stream);
    let group = streams.find_map(|stream| match stream {
        Stream::Group(group) => Some(group),
        _ => None,
    });
    GroupDone {
        group: group.expect("a command to a group leaves a fact in its stream"),
    }
}

/// The groups that whoever asks may see.
#[utoipa::path(get, path = "/api/v1/groups", tag = "groups",
    responses((status = 200, body = GroupsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<GroupsAnswer>, Refused> {
    Ok(Json(server.app.groups(&actor)?))
}

/// Agrees a standing group with a team.
#[utoipa::path(post, path = "/api/v1/groups", tag = "groups", request_body = AgreeGroup,
    params(("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 201, body = GroupDone), (status = 422, body = Problem)))]
pub async fn agree(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<GroupDone>), Refused> {
    server.app.allow(&actor, Act::AgreeGroup, None)?;
    let intent = Intent::agree_group(asked(request).await?);
    let answer = done(&server.app.execute(&actor, intent).await?);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Ends a group.
#[utoipa::path(post, path = "/api/v1/groups/{group}/end", tag = "groups", request_body = EndGroup,
    params(("group" = GroupId, Path, description = "The group"),
           ("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 200, body = GroupDone), (status = 409, body = Problem)))]
pub async fn end(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    door::Named(group): door::Named<GroupId>,
    request: Request,
) -> Result<Json<GroupDone>, Refused> {
    server.app.allow(&actor, Act::EndGroup, None)?;
    let intent = Intent::end_group(group, asked(request).await?);
    Ok(Json(done(&server.app.execute(&actor, intent).await?)))
}
