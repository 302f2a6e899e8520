//! Commands to a facilitator's diary: leave, and handing over all sessions that are to come.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::hand_over::ReassignSessions;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CaseId, PersonId, SessionId};
use pipss_domain::leave::{CancelLeave, PlanLeave, affected};
use pipss_domain::policy::Act;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Done;
use crate::door::{Caller, Named, Server, asked};
use crate::intent::{Asked, Intent};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// What a command to a diary did.
#[derive(Serialize, ToSchema)]
pub struct DiaryCommandAnswer {
    /// The facilitator.
    pub facilitator: PersonId,
    /// The sessions it concerns: those handed over, or those that fall into the leave.
    pub sessions: Vec<SessionMark>,
}

/// A session by its case and time.
#[derive(Serialize, ToSchema)]
pub struct SessionMark {
    /// The session.
    pub session: SessionId,
    /// Its case.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// Start.
    pub starts_at: DateTime<Utc>,
}

impl Intent<'static> {
    /// To plan a facilitator's leave.
    pub fn plan_leave(person: PersonId, asked: Asked) -> Self {
        let act = (Act::PlanLeave, "leave");
        Self::to_diary(act, person, asked, move |body, situation| {
            let command: PlanLeave = body.parse()?;
            command.decide(person, &situation.context)
        })
    }

    /// To cancel the leave of a facilitator that begins on a day.
    pub fn cancel_leave(person: PersonId, asked: Asked) -> Self {
        let act = (Act::PlanLeave, "cancel-leave");
        Self::to_diary(act, person, asked, move |body, situation| {
            let command: CancelLeave = body.parse()?;
            command.decide(person, &situation.context)
        })
    }

    /// To hand all sessions of a facilitator that are to come over to another.
    pub fn reassign_sessions(person: PersonId, asked: Asked) -> Self {
        let act = (Act::ReassignSessions, "reassign");
        Self::to_diary(act, person, asked, move |body, situation| {
            let command: ReassignSessions = body.parse()?;
            let cases = situation.view.without_barred(situation.cases);
            command.decide(person, cases.iter(), &situation.context)
        })
    }
}

fn mark(view: &View<'_>, case: CaseId, session: SessionId) -> Option<SessionMark> {
    let case = view.views.cases.get(case)?;
    if !view.sees(Act::SeeCase, case, About::Case) {
        return None;
    }
    let (_, found) = case.session(session)?;
    // One that is held for several teams is named once, where it is led.
    found.is_led_here().then(|| SessionMark {
        session,
        case: case.case,
        reference: case.request.reference.clone(),
        starts_at: found.arranged.starts_at,
    })
}

/// Hands all sessions of a facilitator that are to come over to another, or none.
#[utoipa::path(post, path = "/api/v1/facilitators/{person}/reassign", tag = "commands",
    request_body = ReassignSessions,
    params(("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DiaryCommandAnswer), (status = 409, body = Problem)))]
pub async fn reassign(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(person): Named<PersonId>,
    request: Request,
) -> Result<Json<DiaryCommandAnswer>, Refused> {
    let to = |asked| Intent::reassign_sessions(person, asked);
    let done = give(&server, &actor, Act::ReassignSessions, person, request, to).await?;
    let handed_over = |fact: &Fact| match (fact.stream, &fact.event) {
        (Stream::Case(case), Event::SessionHandedOver(hands)) => Some((case, hands.session)),
        _ => None,
    };
    let sessions = server.app.view(&actor, |view| {
        let each = done.facts.iter().filter_map(handed_over);
        each.filter_map(|(case, session)| mark(view, case, session))
            .collect()
    });
    Ok(Json(DiaryCommandAnswer {
        facilitator: person,
        sessions,
    }))
}

/// Plans a facilitator's leave, and answers which of their sessions it affects.
#[utoipa::path(post, path = "/api/v1/facilitators/{person}/leave", tag = "commands",
    request_body = PlanLeave,
    params(("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DiaryCommandAnswer), (status = 409, body = Problem)))]
pub async fn plan_leave(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(person): Named<PersonId>,
    request: Request,
) -> Result<Json<DiaryCommandAnswer>, Refused> {
    let to = |asked| Intent::plan_leave(person, asked);
    give(&server, &actor, Act::PlanLeave, person, request, to).await?;
    Ok(Json(leave_answer(&server, &actor, person)))
}

/// Cancels the leave of a facilitator that begins on a day.
#[utoipa::path(post, path = "/api/v1/facilitators/{person}/cancel-leave", tag = "commands",
    request_body = CancelLeave,
    params(("person" = String, Path), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DiaryCommandAnswer), (status = 422, body = Problem)))]
pub async fn cancel_leave(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(person): Named<PersonId>,
    request: Request,
) -> Result<Json<DiaryCommandAnswer>, Refused> {
    let to = |asked| Intent::cancel_leave(person, asked);
    give(&server, &actor, Act::PlanLeave, person, request, to).await?;
    Ok(Json(leave_answer(&server, &actor, person)))
}

fn leave_answer(
    server: &Server,
    actor: &crate::actor::Actor,
    person: PersonId,
) -> DiaryCommandAnswer {
    let sessions = server.app.view(actor, |view| {
        let today = day_in_london(view.now);
        let each = affected(&view.views.diaries, person, today);
        each.filter_map(|booked| mark(view, booked.case, booked.session))
            .collect()
    });
    DiaryCommandAnswer {
        facilitator: person,
        sessions,
    }
}

async fn give(
    server: &Server,
    actor: &crate::actor::Actor,
    act: Act,
    person: PersonId,
    request: Request,
    to: impl FnOnce(Asked) -> Intent<'static>,
) -> Result<Done, Refused> {
    let allowed = server.app.view(actor, |view| view.allow_diary(act, person));
    allowed?;
    let asked = asked(request).await?;
    server.app.execute(actor, to(asked)).await
}
