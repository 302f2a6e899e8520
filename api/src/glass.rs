//! Breaking the glass: who may ask, who may know of it, and what it opens for an hour.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use pipss_domain::facts::{GlassFinding, GlassOver, GlassTelling};
use pipss_domain::glass::{
    AskToBreakGlass, DecideBreakGlass, Glass, GlassState, ReviewBreakGlass, Within,
};
use pipss_domain::history::Who;
use pipss_domain::ids::{CaseId, EscalationId, GlassId, OneToOneId, PersonId, ThingId};
use pipss_domain::pathway::{Context, Decision};
use pipss_domain::policy::{Act, Hat, Relation, may, may_somewhere};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_projections::cases::About;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::{App, Done};
use crate::case_answer::PersonName;
use crate::cases::person_name;
use crate::door::{Caller, Named, Server, asked};
use crate::intent::{Asked, Intent};
use crate::problem::{Problem, Refused};
use crate::view::View;

const SHOWN_MAX: usize = 200;

/// Every breaking of the glass that whoever asks may know of: what waits first, then the latest.
#[derive(Serialize, ToSchema)]
pub struct GlassesAnswer {
    /// They; at most 200.
    pub asked: Vec<GlassAnswer>,
}

/// One breaking of the glass.
#[derive(Serialize, ToSchema)]
pub struct GlassAnswer {
    /// Its id.
    pub glass: GlassId,
    /// Who asked.
    pub asked_by: Option<PersonName>,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What kind of thing it opens.
    pub what: GlassOver,
    /// Which.
    pub object: ThingId,
    /// Why.
    pub reason: Option<String>,
    /// Is a life at risk?
    pub life_at_risk: bool,
    /// Is whoever it is about told?
    pub telling: GlassTelling,
    /// Where it stands.
    pub state: GlassStateCode,
    /// Until when it is open.
    pub open_until: Option<DateTime<Utc>>,
    /// Who decided.
    pub decided_by: Option<PersonName>,
    /// By when it is to be reviewed, while it is not.
    pub review_due: Option<DateTime<Utc>>,
    /// Who reviewed it.
    pub reviewed_by: Option<PersonName>,
    /// What they found.
    pub finding: Option<GlassFinding>,
    /// Did whoever reads this ask for it?
    pub own: bool,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum GlassStateCode {
    Waiting,
    Lapsed,
    Refused,
    Open,
    Over,
}

/// What was done.
#[derive(Serialize, ToSchema)]
pub struct GlassDone {
    /// Which.
    pub glass: GlassId,
}

impl Intent<'static> {
    /// To ask to see one thing that one otherwise could not.
    pub fn ask_to_break_glass(asked: Asked) -> Self {
        let act = Act::AskToBreakGlass;
        Self::to_nothing(act, "break-glass", asked, |body, situation| {
            let command: AskToBreakGlass = body.parse()?;
            let stands = situation.view.within(command.what, command.object);
            command.decide(stands, &situation.context)
        })
    }

    /// To open it for an hour, or refuse.
    pub fn decide_break_glass(id: GlassId, asked: Asked) -> Self {
        Self::to_glass((id, "decide"), asked, DecideBreakGlass::decide)
    }

    /// To say afterwards whether there was a good reason.
    pub fn review_break_glass(id: GlassId, asked: Asked) -> Self {
        Self::to_glass((id, "review"), asked, ReviewBreakGlass::decide)
    }

    fn to_glass<C: DeserializeOwned + 'static>(
        (id, name): (GlassId, &str),
        asked: Asked,
        decide: fn(C, &Glass, &Context<'_>) -> Decision,
    ) -> Self {
        let route = format!("break-glass/{id}/{name}");
        Self::to_nothing(
            Act::DecideBreakGlass,
            route,
            asked,
            move |body, situation| {
                let glass = situation.view.known_glass(id)?;
                if situation.view.concerns_themselves(glass) {
                    return Err(Refusal::NotAllowed);
                }
                decide(body.parse()?, glass, &situation.context)
            },
        )
    }
}

impl View<'_> {
    /// How whoever asks stands to a thing that could be opened.
    fn within(&self, what: GlassOver, object: ThingId) -> Within {
        let Who::Person(person) = self.actor.who else {
            return Within::Nothing;
        };
        // That a one-to-one or a report exists is private to whoever manages a unit, unless they lead.
        let manages = self.hats.contains(&Hat::Manager) && !self.hats.contains(&Hat::Lead);
        let private = manages && what != GlassOver::Case;
        if private || self.kept_from(what, object, person) {
            return Within::Nothing;
        }
        let sees = match what {
            GlassOver::OneToOne => {
                let one = self.views.one_to_ones.get(OneToOneId::new(object.uuid()));
                one.is_some_and(|one| may(Act::SeeOneToOneRequest, &self.hats, self.stands_to(one)))
            }
            GlassOver::Case => {
                let case = self.views.cases.get(CaseId::new(object.uuid()));
                case.is_some_and(|case| self.sees(Act::SeeRequestText, case, About::Case))
            }
            GlassOver::Escalation => {
                let id = EscalationId::new(object.uuid());
                self.sees_escalation(id)
            }
        };
        if sees { Within::Sight } else { Within::Reach }
    }

    /// Is there nothing with this id, or a bar that keeps someone from knowing of it? One who asked for a
    /// one-to-one is not kept from their own.
    fn kept_from(&self, what: GlassOver, object: ThingId, person: PersonId) -> bool {
        match what {
            GlassOver::OneToOne => {
                let one = self.views.one_to_ones.get(OneToOneId::new(object.uuid()));
                one.is_none_or(|one| !self.asked_for(one, person) && !self.may_know(one, person))
            }
            GlassOver::Case => {
                let case = self.views.cases.get(CaseId::new(object.uuid()));
                case.is_none_or(|case| self.views.directory.barred(person, case))
            }
            GlassOver::Escalation => {
                let id = EscalationId::new(object.uuid());
                self.kept_from_report(id, person)
            }
        }
    }

    /// One that whoever asks may know of. Auditors know of all but what they are barred from; whoever
    /// manages a unit, and everyone else, of what they asked themselves.
    pub(crate) fn known_glass(&self, id: GlassId) -> Result<&Glass, Refusal> {
        let found = self.views.glasses.get(id).ok_or(Refusal::NotFound)?;
        self.may_know_glass(found)
            .then_some(found)
            .ok_or(Refusal::NotFound)
    }

    fn may_know_glass(&self, glass: &Glass) -> bool {
        let Who::Person(person) = self.actor.who else {
            return false;
        };
        let relation = Relation {
            own: glass.asked_by == self.actor.who,
            barred: self.kept_from(glass.asked.what, glass.asked.object, person),
            ..Relation::default()
        };
        let others = relation.own || !self.hats.contains(&Hat::Manager);
        others && may(Act::SeeBreakGlass, &self.hats, relation)
    }

    /// Is it about the one-to-one of whoever looks?
    fn concerns_themselves(&self, glass: &Glass) -> bool {
        matches!(self.actor.who, Who::Person(person) if self.is_asker_of(glass, person))
    }

    fn is_asker_of(&self, glass: &Glass, person: PersonId) -> bool {
        let id = OneToOneId::new(glass.asked.object.uuid());
        let one = self.views.one_to_ones.get(id);
        let over = glass.asked.what == GlassOver::OneToOne;
        over && one.is_some_and(|one| self.asked_for(one, person))
    }

    /// Is it about what the person with this id asked for? That id is of nobody in the directory.
    pub(crate) fn is_concerned(&self, glass: &Glass, to: PersonId) -> bool {
        let id = OneToOneId::new(glass.asked.object.uuid());
        let one = self.views.one_to_ones.get(id);
        let over = glass.asked.what == GlassOver::OneToOne;
        over && one.is_some_and(|one| one.asker == Who::Person(to))
    }

    /// May a letter about it reach this person? Whoever manages a unit is written to about nobody else's.
    pub(crate) fn letter_reaches(&self, glass: &Glass, to: PersonId) -> bool {
        let manages = |unit: &pipss_domain::directory::Unit| unit.managers.contains(&to);
        let manager = self.views.directory.units.values().any(manages);
        let asked = &glass.asked;
        let auditor = !manager && !self.kept_from(asked.what, asked.object, to);
        self.is_concerned(glass, to) || glass.asked_by == Who::Person(to) || auditor
    }
}

impl App {
    /// Every breaking of the glass that this actor may know of.
    ///
    /// # Errors
    /// `NotAllowed` for whoever can ask for none.
    pub fn glasses(&self, actor: &Actor) -> Result<GlassesAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::AskToBreakGlass, None)?;
            let all = view.views.glasses.iter();
            let mut seen: Vec<_> = all.filter(|glass| view.may_know_glass(glass)).collect();
            seen.sort_by_key(|glass| {
                let waits =
                    glass.state(view.now) == GlassState::Waiting || glass.review_due().is_some();
                (!waits, std::cmp::Reverse(glass.asked_at), glass.id)
            });
            seen.truncate(SHOWN_MAX);
            let answers = seen.into_iter().map(|glass| answer(view, glass));
            Ok(GlassesAnswer {
                asked: answers.collect(),
            })
        })
    }

    /// One of them, for whoever decides or reviews it.
    ///
    /// # Errors
    /// `NotAllowed` for all but auditors and for one's own, `NotFound` for one they may not know of.
    pub fn glass(&self, actor: &Actor, id: GlassId) -> Result<GlassAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::DecideBreakGlass, None)?;
            let glass = view.known_glass(id)?;
            if glass.asked_by == actor.who || view.concerns_themselves(glass) {
                return Err(Refusal::NotAllowed);
            }
            Ok(answer(view, glass))
        })
    }
}

fn answer(view: &View<'_>, glass: &Glass) -> GlassAnswer {
    use pipss_domain::facts::Looked;
    view.looked(Looked::BreakGlass, Stream::Glass(glass.id));
    let named = |who| match who {
        Who::Person(person) => Some(person_name(view, person)),
        Who::Operator | Who::Program => None,
    };
    let (state, open_until) = match glass.state(view.now) {
        GlassState::Waiting => (GlassStateCode::Waiting, None),
        GlassState::Lapsed => (GlassStateCode::Lapsed, None),
        GlassState::Refused => (GlassStateCode::Refused, None),
        GlassState::Open(until) => (GlassStateCode::Open, Some(until)),
        GlassState::Over => (GlassStateCode::Over, None),
    };
    GlassAnswer {
        glass: glass.id,
        asked_by: named(glass.asked_by),
        asked_at: glass.asked_at,
        what: glass.asked.what,
        object: glass.asked.object,
        reason: view.app.open_text(&glass.asked.reason),
        life_at_risk: glass.asked.life_at_risk,
        telling: glass.asked.telling,
        state,
        open_until,
        decided_by: glass.decided.and_then(|(who, ..)| named(who)),
        review_due: glass.review_due(),
        reviewed_by: glass.reviewed.and_then(|(who, ..)| named(who)),
        finding: glass.reviewed.map(|(_, finding, _)| finding),
        own: glass.asked_by == view.actor.who,
    }
}

fn done(done: &Done) -> GlassDone {
    let mut streams = done.facts.iter().map(|fact| fact.stream);
    let glass = streams.find_map(|stream| match stream {
        Stream::Glass(id) => Some(id),
        _ => None,
    });
    GlassDone {
        glass: glass.expect("a command to a glass leaves a fact in its stream"),
    }
}

/// Every breaking of the glass that whoever asks may know of.
#[utoipa::path(get, path = "/api/v1/break-glass", tag = "oversight",
    responses((status = 200, body = GlassesAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<GlassesAnswer>, Refused> {
    Ok(Json(server.app.glasses(&actor)?))
}

/// Asks to see one thing that one otherwise could not. Whoever asks proves again who they are.
#[utoipa::path(post, path = "/api/v1/break-glass", tag = "oversight", request_body = AskToBreakGlass,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 201, body = GlassDone), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub async fn ask(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<(StatusCode, Json<GlassDone>), Refused> {
    server.app.allow(&actor, Act::AskToBreakGlass, None)?;
    let intent = Intent::ask_to_break_glass(asked(request).await?);
    let done = done(&server.app.execute(&actor, intent).await?);
    Ok((StatusCode::CREATED, Json(done)))
}

/// Opens it for an hour, or refuses. Whoever decides proves again who they are.
#[utoipa::path(post, path = "/api/v1/break-glass/{glass}/decide", tag = "oversight",
    request_body = DecideBreakGlass,
    params(("glass" = GlassId, Path, description = "Which"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GlassDone), (status = 409, body = Problem)))]
pub async fn decide(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<GlassId>,
    request: Request,
) -> Result<Json<GlassDone>, Refused> {
    give(&server, &actor, id, request, Intent::decide_break_glass).await
}

/// Says afterwards whether there was a good reason.
#[utoipa::path(post, path = "/api/v1/break-glass/{glass}/review", tag = "oversight",
    request_body = ReviewBreakGlass,
    params(("glass" = GlassId, Path, description = "Which"), ("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GlassDone), (status = 409, body = Problem)))]
pub async fn review(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<GlassId>,
    request: Request,
) -> Result<Json<GlassDone>, Refused> {
    give(&server, &actor, id, request, Intent::review_break_glass).await
}

/// Gives a command to one that they may know of, and that is not their own.
async fn give(
    server: &Server,
    actor: &Actor,
    id: GlassId,
    request: Request,
    intent: fn(GlassId, Asked) -> Intent<'static>,
) -> Result<Json<GlassDone>, Refused> {
    server.app.glass(actor, id)?;
    let intent = intent(id, asked(request).await?);
    Ok(Json(done(&server.app.execute(actor, intent).await?)))
}

/// Can they ask for any, or know of any?
pub(crate) fn somewhere(view: &View<'_>) -> bool {
    may_somewhere(Act::AskToBreakGlass, &view.hats)
}
