//! Requests from outside to be shown what is recorded: information governance decides, and those
//! concerned are told.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::disclosure::{DecideDisclosure, Disclosure, MakeDisclosure, RequestDisclosure};
use pipss_domain::facts::{DisclosedPart, DisclosureSource, LegalBasis, Looked, Telling};
use pipss_domain::ids::{CaseId, DisclosureId};
use pipss_domain::pathway::{Context, Decision};
use pipss_domain::policy::{Act, Relation, may, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, Done};
use crate::door::{Caller, Named, Server, asked};
use crate::intent::{Asked, Intent};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// The requests that whoever asks may know of, the newest first.
#[derive(Serialize, ToSchema)]
pub struct DisclosuresAnswer {
    /// They.
    pub disclosures: Vec<DisclosureAnswer>,
}

/// One request.
#[derive(Serialize, ToSchema)]
pub struct DisclosureAnswer {
    /// Its id.
    pub disclosure: DisclosureId,
    /// When it was written down.
    pub asked_at: DateTime<Utc>,
    /// Who asked.
    pub by: DisclosureSource,
    /// On what they rest it.
    pub basis: LegalBasis,
    /// The case, if they asked about one.
    pub case: Option<CaseId>,
    /// What people quote of that case; for information governance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What they want to see; for information governance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// What they quote; for information governance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_reference: Option<String>,
    /// What may be shown: nothing if it is empty; absent until it is decided.
    pub parts: Option<Vec<DisclosedPart>>,
    /// Why; for information governance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Are those concerned told? For information governance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telling: Option<Telling>,
    /// When it was handed over.
    pub made_on: Option<NaiveDate>,
}

/// What was done to a request.
#[derive(Serialize, ToSchema)]
pub struct DisclosureDone {
    /// Its id.
    pub disclosure: DisclosureId,
}

impl Intent<'static> {
    /// To write down that someone from outside asks to be shown what is recorded.
    pub fn request_disclosure(asked: Asked) -> Self {
        let act = Act::RequestDisclosure;
        Self::to_nothing(act, "disclosures", asked, |body, situation| {
            let command: RequestDisclosure = body.parse()?;
            let view = situation.view;
            let case = command.reference.as_ref().and_then(|reference| {
                let mut cases = situation.cases.iter();
                cases.find(|case| {
                    case.request.reference == reference.as_str() && !view.bars_from(case)
                })
            });
            command.decide(case.map(|case| case.case), &situation.context)
        })
    }

    /// To decide what may be shown.
    pub fn decide_disclosure(id: DisclosureId, asked: Asked) -> Self {
        Self::to_disclosure((id, "decide"), asked, DecideDisclosure::decide)
    }

    /// To record that what was decided was handed over.
    pub fn make_disclosure(id: DisclosureId, asked: Asked) -> Self {
        Self::to_disclosure((id, "made"), asked, MakeDisclosure::decide)
    }

    fn to_disclosure<C: DeserializeOwned + 'static>(
        (id, name): (DisclosureId, &str),
        asked: Asked,
        decide: fn(C, &Disclosure, &Context<'_>) -> Decision,
    ) -> Self {
        let route = format!("disclosures/{id}/{name}");
        Self::to_nothing(
            Act::DecideDisclosure,
            route,
            asked,
            move |body, situation| {
                decide(
                    body.parse()?,
                    known(situation.view, id)?,
                    &situation.context,
                )
            },
        )
    }
}

impl App {
    /// The requests that this actor may know of: information governance all, whoever asked for the
    /// support those they were told of.
    ///
    /// # Errors
    /// `NotAllowed` for whoever can know of none.
    pub fn disclosures(&self, actor: &Actor) -> Result<DisclosuresAnswer, Refusal> {
        self.view(actor, |view| {
            if !may_somewhere(Act::SeeDisclosures, &view.hats) {
                return Err(Refusal::NotAllowed);
            }
            let all = view.views.disclosures.iter();
            let seen = all.filter(|disclosure| {
                may(Act::SeeDisclosures, &view.hats, stands_to(view, disclosure))
            });
            let mut seen: Vec<_> = seen.collect();
            seen.sort_by_key(|disclosure| (std::cmp::Reverse(disclosure.asked_at), disclosure.id));
            Ok(DisclosuresAnswer {
                disclosures: seen.into_iter().map(|each| answer(view, each)).collect(),
            })
        })
    }
}

impl App {
    /// One request, for whoever decides it.
    ///
    /// # Errors
    /// `NotAllowed` for all but information governance, `NotFound` for one they may not know of.
    pub fn disclosure(&self, actor: &Actor, id: DisclosureId) -> Result<DisclosureAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::DecideDisclosure, None)?;
            Ok(answer(view, known(view, id)?))
        })
    }
}

/// Their own is a request about what they asked for themselves, once they are told. A bar from the case
/// keeps an auditor from knowing of it too.
fn stands_to(view: &View<'_>, disclosure: &Disclosure) -> Relation {
    let case = disclosure.requested.case;
    let case = case.and_then(|case| view.views.cases.get(case));
    let Some(case) = case else {
        return Relation::default();
    };
    Relation {
        own: disclosure.tells(case, view.actor.who),
        barred: view.bars_from(case),
        ..Relation::default()
    }
}

fn answer(view: &View<'_>, disclosure: &Disclosure) -> DisclosureAnswer {
    let decides = view.everywhere(Act::SeeDisclosures);
    let requested = &disclosure.requested;
    let decided = disclosure.decided.as_ref().map(|(decided, _)| decided);
    let case = requested.case.filter(|_| decides);
    let case = case.and_then(|case| view.views.cases.get(case));
    let text = |text| view.app.open_text(text).filter(|_| decides);
    if decides {
        view.looked(Looked::Disclosure, Stream::Disclosure(disclosure.id));
    }
    DisclosureAnswer {
        disclosure: disclosure.id,
        asked_at: disclosure.asked_at,
        by: requested.by,
        basis: requested.basis,
        case: requested.case,
        reference: case.map(|case| case.request.reference.clone()),
        wanted: text(&requested.wanted),
        their_reference: requested.their_reference.as_ref().and_then(text),
        parts: decided.map(|decided| decided.parts.clone()),
        reason: decided.and_then(|decided| text(&decided.reason)),
        telling: decided.map(|decided| decided.telling).filter(|_| decides),
        made_on: disclosure.made_on,
    }
}

fn done(done: &Done) -> DisclosureDone {
    let mut streams = done.facts.iter().map(|fact| fact.stream);
    let disclosure = streams.find_map(|stream| match stream {
        Stream::Disclosure(id) => Some(id),
        _ => None,
    });
    DisclosureDone {
        disclosure: disclosure.expect("a command to a request leaves a fact in its stream"),
    }
}

fn known<'v>(view: &'v View<'_>, id: DisclosureId) -> Result<&'v Disclosure, Refusal> {
    let found = view.views.disclosures.get(id).ok_or(Refusal::NotFound)?;
    let barred = stands_to(view, found).barred;
    (!barred).then_some(found).ok_or(Refusal::NotFound)
}

/// The requests that whoever asks may know of.
#[utoipa::path(get, path = "/api/v1/disclosures", tag = "disclosures",
    responses((status = 200, body = DisclosuresAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<DisclosuresAnswer>, Refused> {
    Ok(Json(server.app.disclosures(&actor)?))
}

/// Writes down that someone from outside asks to be shown what is recorded.
#[utoipa::path(post, path = "/api/v1/disclosures", tag = "disclosures", request_body = RequestDisclosure,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = DisclosureDone), (status = 422, body = Problem)))]
pub async fn request(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<DisclosureDone>), Refused> {
    server.app.allow(&actor, Act::RequestDisclosure, None)?;
    let intent = Intent::request_disclosure(asked(request).await?);
    let done = done(&server.app.execute(&actor, intent).await?);
    Ok((StatusCode::CREATED, Json(done)))
}

/// Decides what may be shown.
#[utoipa::path(post, path = "/api/v1/disclosures/{disclosure}/decide", tag = "disclosures",
    request_body = DecideDisclosure,
    params(("disclosure" = DisclosureId, Path, description = "The request"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DisclosureDone), (status = 409, body = Problem)))]
pub async fn decide(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<DisclosureId>,
    request: Request,
) -> Result<Json<DisclosureDone>, Refused> {
    give(&server, &actor, id, request, Intent::decide_disclosure).await
}

/// Records that what was decided was handed over.
#[utoipa::path(post, path = "/api/v1/disclosures/{disclosure}/made", tag = "disclosures",
    request_body = MakeDisclosure,
    params(("disclosure" = DisclosureId, Path, description = "The request"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = DisclosureDone), (status = 409, body = Problem)))]
pub async fn made(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<DisclosureId>,
    request: Request,
) -> Result<Json<DisclosureDone>, Refused> {
    give(&server, &actor, id, request, Intent::make_disclosure).await
}

/// Gives a command to a request that they may know of.
async fn give(
    server: &Server,
    actor: &Actor,
    id: DisclosureId,
    request: Request,
    intent: fn(DisclosureId, Asked) -> Intent<'static>,
) -> Result<Json<DisclosureDone>, Refused> {
    server.app.allow(actor, Act::DecideDisclosure, None)?;
    server.app.view(actor, |view| known(view, id).map(|_| ()))?;
    let intent = intent(id, asked(request).await?);
    Ok(Json(done(&server.app.execute(actor, intent).await?)))
}
