//! One-to-one support through the eyes of whoever asks: one's own, what is entrusted to one, and for a
//! lead that it is there, and since when.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipss_domain::facts::{Looked, ReadAs};
use pipss_domain::ids::OneToOneId;
use pipss_domain::one_to_one::{
    Around, AskForOneToOne, ONE_TO_ONE_COMMANDS, OneToOne, OneToOneCommand,
};
use pipss_domain::policy::{Act, Relation, may, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::actor::Actor;
use crate::after;
use crate::app::{App, Done};
use crate::door::{self, Asking, Caller, Named, Server, etag};
use crate::intent::{Asked, Intent, Named as NamedBy, Situation, Target};
use crate::lists::{limit, place};
use crate::one_to_one_answer::{
    MySupportAnswer, OneToOneAnswer, OneToOneDone, OneToOnesAnswer, answer,
};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// A page of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OneToOnesAsked {
    /// Only those in which someone still has something to do?
    #[serde(default)]
    pub open: Option<bool>,
    /// Go on from here: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// How many, at most 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

const SEEN_BY: &str = "You see this, and whoever is asked to support you. A PIPSS lead sees that someone \
    asked, and when; not who, and not why. Nobody who manages your team, belongs to it, or was named by \
    you sees anything.";

impl Intent<'static> {
    /// To ask for one-to-one support for oneself.
    pub fn ask_for_one_to_one(asked: Asked) -> Self {
        let act = Act::AskForOneToOne;
        Self::to_nothing(act, "one-to-ones", asked, |body, situation| {
            let command: AskForOneToOne = body.parse()?;
            let sign_in = situation.view.sign_in().ok_or(Refusal::NotAllowed)?;
            command.decide(sign_in, &situation.context)
        })
    }

    /// To give a command to a one-to-one.
    pub fn to_one_to_one<C: OneToOneCommand>(id: OneToOneId, asked: Asked) -> Self {
        Self {
            act: C::ACT,
            route: format!("one-to-ones/{id}/{}", C::NAME),
            target: Target::OneToOne(id),
            named: NamedBy::Key(asked.key),
            if_match: asked.if_match,
            body: asked.body,
            decide: Box::new(move |body, situation| {
                let command: C = body.parse()?;
                decided(command, id, situation)
            }),
        }
    }
}

fn decided<C: OneToOneCommand>(
    command: C,
    id: OneToOneId,
    situation: &Situation<'_>,
) -> pipss_domain::pathway::Decision {
    let view = situation.view;
    let one = view.views.one_to_ones.get(id).ok_or(Refusal::NotFound)?;
    let around = Around {
        context: situation.context,
        may_know: &|person| view.may_know(one, person),
    };
    let relation = view.stands_to(one);
    command
        .decide(one, &around)
        .map_err(|refusal| match refusal {
            Refusal::OutOfStep {
                code,
                sentence,
                next,
                faults,
            } => Refusal::OutOfStep {
                code,
                sentence,
                next: within_reach(view, next, relation),
                faults,
            },
            refusal => refusal,
        })
}

impl App {
    /// The one-to-ones that this actor may see, the newest first.
    ///
    /// # Errors
    /// `NotAllowed` for whoever sees none anywhere; `Malformed` for a foreign cursor.
    pub fn one_to_ones(
        &self,
        actor: &Actor,
        asked: &OneToOnesAsked,
    ) -> Result<OneToOnesAnswer, Refused> {
        type Place = (i64, OneToOneId);
        let limit = limit(asked.limit)?;
        let after: Option<Place> = place(self, actor, "one-to-ones", asked.after.as_ref())?;
        let key = |one: &OneToOne| (-one.asked_at.timestamp_micros(), one.id);
        self.view(actor, |view| {
            if !may_somewhere(Act::SeeOneToOnes, &view.hats) {
                return Err(Refusal::NotAllowed.into());
            }
            let mut seen: Vec<_> = view
                .views
                .one_to_ones
                .iter()
                .filter(|one| after.is_none_or(|after| key(one) > after))
                .filter(|one| asked.open.is_none_or(|open| one.state.is_open() == open))
                .map(|one| (one, view.stands_to(one)))
                .filter(|(_, relation)| may(Act::SeeOneToOnes, &view.hats, *relation))
                .collect();
            seen.sort_by_key(|(one, _)| key(one));
            let more = seen.len() > limit;
            seen.truncate(limit);
            let last = seen.last().filter(|_| more).map(|(one, _)| key(one));
            if view.everywhere(Act::SeeOneToOnes) || seen.iter().any(|(_, to)| !to.own) {
                view.looked(Looked::OneToOnes, "one-to-ones");
            }
            for (one, to) in seen.iter().filter(|(_, to)| to.assigned) {
                looked_at(view, one.id, *to);
            }
            let answers = seen.into_iter().map(|(one, to)| answer(view, one, to));
            Ok(OneToOnesAnswer {
                one_to_ones: answers.collect(),
                next: last.map(|place| self.cursors.seal(actor, "one-to-ones", &place)),
            })
        })
    }

    /// One of them.
    ///
    /// # Errors
    /// `NotFound` if there is none, or none for them.
    pub fn one_to_one(&self, actor: &Actor, id: OneToOneId) -> Result<OneToOneAnswer, Refusal> {
        self.view(actor, |view| {
            let relation = view.allow_one_to_one(Act::SeeOneToOnes, id)?;
            let one = view.views.one_to_ones.get(id).ok_or(Refusal::NotFound)?;
            looked_at(view, id, relation);
            Ok(answer(view, one, relation))
        })
    }

    /// What this actor asked for themselves.
    ///
    /// # Errors
    /// `NotAllowed` for people from outside and programs.
    pub fn my_support(&self, actor: &Actor) -> Result<MySupportAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeMySupport, None)?;
            let sign_in = view.sign_in().ok_or(Refusal::NotAllowed)?;
            let mut own = view.own_one_to_ones(&sign_in);
            own.sort_by_key(|one| (std::cmp::Reverse(one.asked_at), one.id));
            let mine = Relation {
                own: true,
                ..Relation::default()
            };
            Ok(MySupportAnswer {
                seen_by: SEEN_BY,
                one_to_ones: own.into_iter().map(|one| answer(view, one, mine)).collect(),
            })
        })
    }
}

/// Their own is nobody's business; whoever provides it looks as that.
fn looked_at(view: &View<'_>, id: OneToOneId, relation: Relation) {
    let of = Stream::Support(id);
    if relation.own {
        return;
    }
    match relation.assigned {
        true => view.looked_as(Looked::OneToOne, of, ReadAs::Provider),
        false => view.looked(Looked::OneToOne, of),
    }
}

/// Of the steps that could be taken next, those that their rights reach.
pub(crate) fn within_reach(
    view: &View<'_>,
    mut steps: Vec<&'static str>,
    relation: Relation,
) -> Vec<&'static str> {
    steps.retain(|name| {
        let mut commands = ONE_TO_ONE_COMMANDS.iter();
        commands.any(|(command, act)| command == name && may(*act, &view.hats, relation))
    });
    steps
}

impl IntoResponse for OneToOneDone {
    fn into_response(self) -> Response {
        let after = after::told(Stream::Support(self.one_to_one), self.version);
        let headers = [(header::ETAG, etag(self.version)), (after::HEADER, after)];
        (headers, Json(self)).into_response()
    }
}

impl Done {
    /// The one-to-one that it was done to, if it was done to one, and its version since.
    pub fn one_to_one(&self) -> Option<(OneToOneId, u64)> {
        let mut facts = self.facts.iter().rev();
        facts.find_map(|fact| match fact.stream {
            Stream::Support(id) => Some((id, fact.version)),
            _ => None,
        })
    }
}

fn done(done: &Done) -> OneToOneDone {
    let (one_to_one, version) = done
        .one_to_one()
        .expect("a command to a one-to-one leaves a fact in its stream");
    OneToOneDone {
        one_to_one,
        version,
    }
}

/// Asks for one-to-one support for oneself.
#[utoipa::path(post, path = "/api/v1/one-to-ones", tag = "one-to-one", request_body = AskForOneToOne,
    params(("Idempotency-Key" = String, Header, description = "The same for a repeat of the same act")),
    responses((status = 201, body = OneToOneDone), (status = 422, body = Problem)))]
pub async fn ask(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Response, Refused> {
    server.app.allow(&actor, Act::AskForOneToOne, None)?;
    let intent = Intent::ask_for_one_to_one(door::asked(request).await?);
    let done = done(&server.app.execute(&actor, intent).await?);
    let location = format!("/api/v1/one-to-ones/{}", done.one_to_one);
    let location = HeaderValue::try_from(location).expect("an id is plain ASCII");
    let mut response = (StatusCode::CREATED, done).into_response();
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Gives a command to a one-to-one.
pub async fn command<C: OneToOneCommand + 'static>(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(one): Named<OneToOneId>,
    request: Request,
) -> Result<Response, Refused> {
    let allowed = server
        .app
        .view(&actor, |view| view.allow_one_to_one(C::ACT, one));
    allowed?;
    let intent = Intent::to_one_to_one::<C>(one, door::asked(request).await?);
    Ok(done(&server.app.execute(&actor, intent).await?).into_response())
}

/// The one-to-ones that whoever asks may see, the newest first.
#[utoipa::path(get, path = "/api/v1/one-to-ones", tag = "one-to-one", params(OneToOnesAsked),
    responses((status = 200, body = OneToOnesAnswer), (status = 403, body = Problem)))]
pub async fn read_all(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Asking(asked): Asking<OneToOnesAsked>,
) -> Result<Json<OneToOnesAnswer>, Refused> {
    server.app.one_to_ones(&actor, &asked?).map(Json)
}

/// One of them.
#[utoipa::path(get, path = "/api/v1/one-to-ones/{one_to_one}", tag = "one-to-one",
    params(("one_to_one" = OneToOneId, Path, description = "The one-to-one")),
    responses((status = 200, body = OneToOneAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(one): Named<OneToOneId>,
) -> Result<Response, Refused> {
    let answer = server.app.one_to_one(&actor, one)?;
    Ok(([(header::ETAG, etag(answer.version))], Json(answer)).into_response())
}

/// What one asked for oneself, and who sees it.
#[utoipa::path(get, path = "/api/v1/my-support", tag = "one-to-one",
    responses((status = 200, body = MySupportAnswer), (status = 403, body = Problem)))]
pub async fn read_mine(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<MySupportAnswer>, Refused> {
    Ok(Json(server.app.my_support(&actor)?))
}
