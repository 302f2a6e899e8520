//! Requests for supervision: private between whoever asked and the supervision lead.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use pipss_domain::facts::{
    Looked, SupervisionAfter, SupervisionAnswered, SupervisionEnd, SupervisionOutcome,
    SupervisionWish,
};
use pipss_domain::history::Who;
use pipss_domain::ids::SupervisionId;
use pipss_domain::pathway::{Context, Decision};
use pipss_domain::policy::{Act, Relation, may, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_domain::supervision::{
    AnswerSupervision, AskForSupervision, CloseSupervision, Supervision,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, Done};
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Caller, Named, Server, asked};
use crate::intent::{self, Asked, Intent, Target};
use crate::problem::{Problem, Refused};
use crate::view::View;

const SHOWN_MAX: usize = 200;

/// The requests that whoever asks may see: their own; for the supervision lead all.
#[derive(Serialize, ToSchema)]
pub struct SupervisionsAnswer {
    /// Those that wait first, then the latest; at most 200.
    pub requests: Vec<SupervisionLine>,
}

/// One request.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the commands")]
pub struct SupervisionLine {
    pub supervision: SupervisionId,
    pub asked_by: Option<PersonName>,
    pub asked_at: DateTime<Utc>,
    pub after: SupervisionAfter,
    pub wish: SupervisionWish,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub state: SupervisionState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<SupervisionOutcome>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_because: Option<SupervisionEnd>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
}

/// Where a request stands.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupervisionState {
    /// Nobody answered it yet.
    Asked,
    /// The supervision lead answered it.
    Answered,
    /// Nothing more is waiting.
    Closed,
}

/// What was done to a request.
#[derive(Serialize, ToSchema)]
pub struct SupervisionDone {
    /// The request.
    pub supervision: SupervisionId,
}

impl View<'_> {
    /// May they, to this request? One that they may not see looks like one that does not exist.
    pub fn allow_supervision(&self, act: Act, id: SupervisionId) -> Result<&Supervision, Refusal> {
        let found = self.views.supervisions.get(id);
        let request = found
            .filter(|request| self.to_request(Act::SeeSupervision, request))
            .ok_or(Refusal::NotFound)?;
        let allowed = self.to_request(act, request);
        allowed.then_some(request).ok_or(Refusal::NotAllowed)
    }

    fn to_request(&self, act: Act, request: &Supervision) -> bool {
        let relation = Relation {
            own: matches!(self.actor.who, Who::Person(_)) && request.asked_by == self.actor.who,
            ..Relation::default()
        };
        may(act, &self.hats, relation)
    }
}

impl App {
    /// One request, if this actor may do this to it.
    ///
    /// # Errors
    /// `NotFound` for one that they may not see, else `NotAllowed`.
    pub fn supervision(
        &self,
        actor: &Actor,
        (act, id): (Act, SupervisionId),
    ) -> Result<SupervisionLine, Refusal> {
        self.view(actor, |view| {
            let request = view.allow_supervision(act, id)?;
            Ok(line(view, id, request))
        })
    }

    /// The requests that this actor may see.
    ///
    /// # Errors
    /// `NotAllowed` for whoever can have none.
    pub fn supervisions(&self, actor: &Actor) -> Result<SupervisionsAnswer, Refusal> {
        self.view(actor, |view| {
            if !may_somewhere(Act::SeeSupervision, &view.hats) {
                return Err(Refusal::NotAllowed);
            }
            let requests = view.views.supervisions.iter();
            let mut seen: Vec<_> = requests
                .filter(|(_, request)| view.to_request(Act::SeeSupervision, request))
                .collect();
            seen.sort_by_key(|(id, request)| {
                let latest = std::cmp::Reverse(request.asked_at);
                (request.closed.is_some(), latest, **id)
            });
            seen.truncate(SHOWN_MAX);
            Ok(SupervisionsAnswer {
                requests: seen.iter().map(|(id, r)| line(view, **id, r)).collect(),
            })
        })
    }
}

fn line(view: &View<'_>, id: SupervisionId, request: &Supervision) -> SupervisionLine {
    let requested = &request.requested;
    if request.asked_by != view.actor.who {
        view.looked(Looked::Supervision, Stream::Supervision(id));
    }
    let answered: Option<&SupervisionAnswered> = request.answered.as_ref();
    let note = requested.note.as_ref();
    SupervisionLine {
        supervision: id,
        asked_by: match request.asked_by {
            Who::Person(person) => Some(person_name(view, person)),
            Who::Operator | Who::Program => None,
        },
        asked_at: request.asked_at,
        after: requested.after,
        wish: requested.wish,
        note: note.and_then(|note| view.app.open_text(note)),
        state: match (&request.closed, answered) {
            (Some(_), _) => SupervisionState::Closed,
            (None, Some(_)) => SupervisionState::Answered,
            (None, None) => SupervisionState::Asked,
        },
        outcome: answered.map(|answered| answered.outcome),
        at: answered.and_then(|answered| answered.at),
        closed_because: request.closed.map(|(reason, _)| reason),
        closed_at: request.closed.map(|(_, at)| at),
    }
}

impl Intent<'static> {
    /// To ask for supervision.
    pub fn ask_for_supervision(asked: Asked) -> Self {
        let act = Act::AskForSupervision;
        Self::to_nothing(act, "supervision", asked, |body, situation| {
            let command: AskForSupervision = body.parse()?;
            command.decide(&situation.context)
        })
    }

    /// To say what can be done about a request.
    pub fn answer_supervision(id: SupervisionId, asked: Asked) -> Self {
        let act = (Act::AnswerSupervision, "answer");
        Self::to_supervision(act, id, asked, AnswerSupervision::decide)
    }

    /// To withdraw a request, or to say what became of it.
    pub fn close_supervision(id: SupervisionId, asked: Asked) -> Self {
        let act = (Act::CloseSupervision, "close");
        Self::to_supervision(act, id, asked, CloseSupervision::decide)
    }

    /// To give a command to a request, which nobody else changes: no version is asked for.
    fn to_supervision<C: DeserializeOwned + 'static>(
        (act, name): (Act, &str),
        id: SupervisionId,
        asked: Asked,
        decide: fn(C, SupervisionId, &Supervision, &Context<'_>) -> Decision,
    ) -> Self {
        Self {
            act,
            route: format!("supervision/{id}/{name}"),
            target: Target::Supervision(id),
            named: intent::Named::Key(asked.key),
            if_match: None,
            body: asked.body,
            decide: Box::new(move |body, situation| {
                let request = situation.view.allow_supervision(act, id)?;
                decide(body.parse()?, id, request, &situation.context)
            }),
        }
    }
}

fn done(done: &Done) -> SupervisionDone {
    let mut streams = done.facts.iter().map(|fact| fact.stream);
    let supervision = streams.find_map(|stream| match stream {
        Stream::Supervision(supervision) => Some(supervision),
        _ => None,
    });
    SupervisionDone {
        supervision: supervision.expect("a command to a request leaves a fact in its stream"),
    }
}

/// The requests for supervision that whoever asks may see.
#[utoipa::path(get, path = "/api/v1/supervision", tag = "supervision",
    responses((status = 200, body = SupervisionsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<SupervisionsAnswer>, Refused> {
    Ok(Json(server.app.supervisions(&actor)?))
}

/// Asks for supervision: only the supervision lead learns of it.
#[utoipa::path(post, path = "/api/v1/supervision", tag = "supervision",
    request_body = AskForSupervision,
    params(("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 201, body = SupervisionDone), (status = 422, body = Problem)))]
pub async fn ask(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<SupervisionDone>), Refused> {
    server.app.allow(&actor, Act::AskForSupervision, None)?;
    let intent = Intent::ask_for_supervision(asked(request).await?);
    let answer = done(&server.app.execute(&actor, intent).await?);
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Says what can be done about a request.
#[utoipa::path(post, path = "/api/v1/supervision/{supervision}/answer", tag = "supervision",
    request_body = AnswerSupervision,
    params(("supervision" = SupervisionId, Path, description = "The request"),
           ("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 200, body = SupervisionDone), (status = 404, body = Problem)))]
pub async fn answer(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<SupervisionId>,
    request: Request,
) -> Result<Json<SupervisionDone>, Refused> {
    let act = Act::AnswerSupervision;
    give(
        &server,
        &actor,
        (act, id),
        request,
        Intent::answer_supervision,
    )
    .await
}

/// Withdraws a request, or says what became of it.
#[utoipa::path(post, path = "/api/v1/supervision/{supervision}/close", tag = "supervision",
    request_body = CloseSupervision,
    params(("supervision" = SupervisionId, Path, description = "The request"),
           ("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 200, body = SupervisionDone), (status = 404, body = Problem)))]
pub async fn close(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<SupervisionId>,
    request: Request,
) -> Result<Json<SupervisionDone>, Refused> {
    let act = Act::CloseSupervision;
    give(
        &server,
        &actor,
        (act, id),
        request,
        Intent::close_supervision,
    )
    .await
}

async fn give(
    server: &Server,
    actor: &Actor,
    (act, id): (Act, SupervisionId),
    request: Request,
    intent: fn(SupervisionId, Asked) -> Intent<'static>,
) -> Result<Json<SupervisionDone>, Refused> {
    let allowed = server
        .app
        .view(actor, |view| view.allow_supervision(act, id).map(|_| ()));
    allowed?;
    let intent = intent(id, asked(request).await?);
    Ok(Json(done(&server.app.execute(actor, intent).await?)))
}
