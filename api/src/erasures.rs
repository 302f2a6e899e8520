//! The way in for what is kept and erased: thin callers of the windows and the door.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use pipss_domain::erasure::{
    DecideErasure, GiveSubjectAccess, LiftHold, ProposeErasure, SetHold, SetRetention,
};
use pipss_domain::history::Event;
use pipss_domain::ids::{ErasureId, HoldId};
use pipss_domain::policy::Act;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::Done;
use crate::door::{Caller, Named, Server, asked};
use crate::intent::{Asked, Intent};
use crate::problem::{Problem, Refused};
use crate::retention_answer::{NoMore, RetentionAnswer};
use crate::subject_access::SubjectAccess;

/// What was recorded.
#[derive(Serialize, ToSchema)]
pub struct RetentionDone {
    /// The hold, if it was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// The erasure, if it was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erasure: Option<ErasureId>,
}

/// How long things are kept, what is due, what is held, and every erasure.
#[utoipa::path(get, path = "/api/v1/retention", tag = "retention",
    responses((status = 200, body = RetentionAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<RetentionAnswer>, Refused> {
    Ok(Json(server.app.retention(&actor)?))
}

/// Says for how long something is kept.
#[utoipa::path(post, path = "/api/v1/retention/policy", tag = "retention", request_body = SetRetention,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RetentionDone), (status = 422, body = Problem)))]
pub async fn set_policy(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<RetentionDone>, Refused> {
    server.app.allow_retention(&actor, Act::SetRetention)?;
    give(&server, &actor, request, Intent::set_retention).await
}

/// Keeps something from being erased, as the law wants.
#[utoipa::path(post, path = "/api/v1/holds", tag = "retention", request_body = SetHold,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = RetentionDone), (status = 422, body = Problem)))]
pub async fn set_hold(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<RetentionDone>), Refused> {
    server.app.allow_retention(&actor, Act::HoldForLaw)?;
    let done = give(&server, &actor, request, Intent::set_hold).await?;
    Ok((StatusCode::CREATED, done))
}

/// Lets it be erased again.
#[utoipa::path(post, path = "/api/v1/holds/{hold}/lift", tag = "retention", request_body = LiftHold,
    params(("hold" = HoldId, Path, description = "The hold"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RetentionDone), (status = 409, body = Problem)))]
pub async fn lift_hold(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<HoldId>,
    request: Request,
) -> Result<Json<RetentionDone>, Refused> {
    server.app.allow_hold(&actor, id)?;
    give(&server, &actor, request, |asked| {
        Intent::lift_hold(id, asked)
    })
    .await
}

/// Asks that something be erased. Somebody else decides.
#[utoipa::path(post, path = "/api/v1/erasures", tag = "retention", request_body = ProposeErasure,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = RetentionDone), (status = 422, body = Problem)))]
pub async fn propose(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<RetentionDone>), Refused> {
    server.app.allow_retention(&actor, Act::ProposeErasure)?;
    let done = give(&server, &actor, request, Intent::propose_erasure).await?;
    Ok((StatusCode::CREATED, done))
}

/// Approves or refuses what somebody else proposed. Asks for a fresh sign-in.
#[utoipa::path(post, path = "/api/v1/erasures/{erasure}/decide", tag = "retention",
    request_body = DecideErasure,
    params(("erasure" = ErasureId, Path, description = "The erasure"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RetentionDone), (status = 401, body = Problem), (status = 409, body = Problem)))]
pub async fn decide(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<ErasureId>,
    request: Request,
) -> Result<Json<RetentionDone>, Refused> {
    server.app.allow_erasure(&actor, Act::DecideErasure, id)?;
    give(&server, &actor, request, |asked| {
        Intent::decide_erasure(id, asked)
    })
    .await
}

/// Takes a proposal back, or an approval whose time has not come.
#[utoipa::path(post, path = "/api/v1/erasures/{erasure}/withdraw", tag = "retention", request_body = NoMore,
    params(("erasure" = ErasureId, Path, description = "The erasure"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = RetentionDone), (status = 409, body = Problem)))]
pub async fn withdraw(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<ErasureId>,
    request: Request,
) -> Result<Json<RetentionDone>, Refused> {
    server.app.allow_erasure(&actor, Act::WithdrawErasure, id)?;
    give(&server, &actor, request, |asked| {
        Intent::withdraw_erasure(id, asked)
    })
    .await
}

/// Writes out what is kept about a person, and records that it was. Asks for a fresh sign-in.
#[utoipa::path(post, path = "/api/v1/subject-access", tag = "retention", request_body = GiveSubjectAccess,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = SubjectAccess), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn subject_access(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<SubjectAccess>, Refused> {
    server.app.allow_retention(&actor, Act::GiveSubjectAccess)?;
    let intent = Intent::give_subject_access(asked(request).await?);
    let done = server.app.execute(&actor, intent).await?;
    Ok(Json(server.app.subject_access(&actor, &done)?))
}

async fn give(
    server: &Server,
    actor: &Actor,
    request: Request,
    intent: impl FnOnce(Asked) -> Intent<'static>,
) -> Result<Json<RetentionDone>, Refused> {
    let intent = intent(asked(request).await?);
    Ok(Json(done(&server.app.execute(actor, intent).await?)))
}

fn done(done: &Done) -> RetentionDone {
    let first = done.facts.first().map(|fact| &fact.event);
    let (hold, erasure) = match first {
        Some(Event::HoldSet(set)) => (Some(set.hold), None),
        Some(Event::HoldLifted(lifted)) => (Some(lifted.hold), None),
        Some(Event::ErasureProposed(proposed)) => (None, Some(proposed.erasure)),
        Some(Event::ErasureDecided(decided)) => (None, Some(decided.erasure)),
        Some(Event::ErasureWithdrawn(withdrawn)) => (None, Some(withdrawn.erasure)),
        _ => (None, None),
    };
    RetentionDone { hold, erasure }
}
