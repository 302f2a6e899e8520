//! What a broken glass opens: the content of one thing, for whoever asked, for one hour, as one record.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use pipss_domain::facts::{GlassOver, Looked, ReadAs};
use pipss_domain::glass::{Glass, GlassState};
use pipss_domain::ids::{CaseId, EscalationId, GlassId, OneToOneId};
use pipss_domain::policy::{Act, Hat, Relation};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use pipss_projections::timeline;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::door::{Caller, Named, Server};
use crate::escalations::EscalationLine;
use crate::one_to_one_answer::{OneToOneAnswer, answer};
use crate::problem::{Problem, Refused};
use crate::timelines::{self, EntryAnswer};
use crate::view::View;

/// What it opens.
#[derive(Serialize, ToSchema)]
pub struct GlassContentAnswer {
    /// Until when.
    pub open_until: DateTime<Utc>,
    /// The one-to-one, if it is one: as whoever provides it sees it. Nothing can be done to it from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub one_to_one: Option<OneToOneAnswer>,
    /// The story of the case, if it is one: as a lead sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<Vec<EntryAnswer>>,
    /// The report of danger, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalation: Option<EscalationLine>,
}

impl App {
    /// What a broken glass opens, for whoever asked, while it is open.
    ///
    /// # Errors
    /// `NotFound` for everyone else, and at any other time; or that the log cannot be read.
    pub fn glass_content(&self, actor: &Actor, id: GlassId) -> Result<GlassContentAnswer, Refused> {
        let story = self.view(actor, |view| {
            let (glass, _) = open(view, id)?;
            let object = glass.asked.object.uuid();
            let case = glass.asked.what == GlassOver::Case;
            Ok::<_, Refusal>(case.then_some(CaseId::new(object)))
        })?;
        let story = match story {
            Some(case) => timeline::of_case(&self.known_at(actor, case, None)?),
            None => Vec::new(),
        };
        self.view(actor, |view| {
            let (glass, open_until) = open(view, id)?;
            // Whoever broke the glass sees with these eyes, and only here.
            let lent = |hat| View {
                app: view.app,
                views: view.views,
                actor: view.actor,
                now: view.now,
                hats: vec![hat],
            };
            let object = glass.asked.object.uuid();
            let mut content = GlassContentAnswer {
                open_until,
                one_to_one: None,
                case: None,
                escalation: None,
            };
            let (what, of) = match glass.asked.what {
                GlassOver::OneToOne => {
                    let id = OneToOneId::new(object);
                    let one = view.views.one_to_ones.get(id).ok_or(Refusal::NotFound)?;
                    let provider = Relation {
                        assigned: true,
                        ..Relation::default()
                    };
                    let mut seen = answer(&lent(Hat::Facilitator), one, provider);
                    seen.next = Vec::new();
                    content.one_to_one = Some(seen);
                    (Looked::OneToOne, Stream::Support(id).to_string())
                }
                GlassOver::Case => {
                    let id = CaseId::new(object);
                    let case = view.views.cases.get(id).ok_or(Refusal::NotFound)?;
                    let lead = lent(Hat::Lead);
                    let entries = story.iter();
                    let seen = entries.filter(|entry| lead.sees(entry.part, case, entry.about));
                    let seen = seen.map(|entry| timelines::answer(&lead, case, entry));
                    content.case = Some(seen.collect());
                    (Looked::Case, Stream::Case(id).to_string())
                }
                GlassOver::Escalation => {
                    let id = EscalationId::new(object);
                    let seen = lent(Hat::Lead).report(id).ok_or(Refusal::NotFound)?;
                    content.escalation = Some(seen);
                    (Looked::Escalation, format!("escalation/{id}"))
                }
            };
            view.looked_through(what, of, ReadAs::BreakGlass, glass.opened_at());
            Ok(content)
        })
    }
}

/// One that whoever asks asked for, while it is open; a bar that came since shuts it.
fn open<'v>(view: &'v View<'_>, id: GlassId) -> Result<(&'v Glass, DateTime<Utc>), Refusal> {
    if !crate::glass::somewhere(view) {
        return Err(Refusal::NotFound);
    }
    let glass = view.known_glass(id)?;
    match glass.state(view.now) {
        GlassState::Open(until) if glass.asked_by == view.actor.who => Ok((glass, until)),
        _ => Err(Refusal::NotFound),
    }
}

/// What a broken glass opens, for whoever asked, while it is open.
#[utoipa::path(get, path = "/api/v1/break-glass/{glass}/content", tag = "oversight",
    params(("glass" = GlassId, Path, description = "Which")),
    responses((status = 200, body = GlassContentAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(id): Named<GlassId>,
) -> Result<Json<GlassContentAnswer>, Refused> {
    server.app.allow(&actor, Act::AskToBreakGlass, None)?;
    server.app.glass_content(&actor, id).map(Json)
}
