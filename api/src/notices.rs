//! The notice of a session that a manager prints for the team.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pipss_domain::calendar::in_words;
use pipss_domain::facts::Looked;
use pipss_domain::ids::{CaseId, SessionId};
use pipss_domain::notice;
use pipss_domain::offer::Audience;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::Stream;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::cases::person_name;
use crate::door::{Caller, NamedIn, Server};
use crate::problem::{Problem, Refused};

/// What the team is told about a session. Nothing of what happened.
#[derive(Serialize, ToSchema)]
pub struct NoticeAnswer {
    /// The plain name of the session.
    pub session: &'static str,
    /// When it starts, in England.
    pub when: String,
    /// How long it takes.
    pub minutes: u16,
    /// Where: the site.
    pub site: Option<String>,
    /// The link, if it is held by video.
    pub link: Option<String>,
    /// Who facilitates, by name; someone whose name is not known is left out.
    pub facilitators: Vec<String>,
    /// That coming is voluntary.
    pub voluntary: &'static str,
    /// What is written down.
    pub recorded: &'static str,
    /// What is not.
    pub not_recorded: &'static str,
    /// Where confidentiality ends.
    pub confidentiality: &'static str,
    /// How to get one-to-one support directly.
    pub one_to_one: &'static str,
    /// What this is not.
    pub emergency: &'static str,
}

impl App {
    /// The notice of a session that is still to come.
    ///
    /// # Errors
    /// `NotFound` if there is none for this actor, or if it is over or not for the team.
    pub fn notice(
        &self,
        actor: &Actor,
        case: CaseId,
        session: SessionId,
    ) -> Result<NoticeAnswer, Refused> {
        self.view(actor, |view| {
            view.allow(Act::SeeNotice, Some(case))?;
            let case = view.views.cases.get(case).ok_or(Refusal::NotFound)?;
            let (offer, session) = case
                .session(session)
                .filter(|(offer, session)| {
                    session.outcome.is_none() && offer.row().audience == Audience::Team
                })
                .ok_or(Refusal::NotFound)?;
            let arranged = &session.arranged;
            let named = arranged.facilitators.iter();
            let open = |text| self.open_text(text);
            view.looked(Looked::Case, Stream::Case(case.case));
            Ok(NoticeAnswer {
                session: offer.row().label,
                when: in_words(arranged.starts_at),
                minutes: arranged.minutes,
                site: arranged.site.as_ref().and_then(open),
                link: arranged.link.as_ref().and_then(open),
                facilitators: named.filter_map(|f| person_name(view, *f).name).collect(),
                voluntary: notice::VOLUNTARY,
                recorded: notice::RECORDED,
                not_recorded: notice::NOT_RECORDED,
                confidentiality: notice::CONFIDENTIALITY,
                one_to_one: notice::ONE_TO_ONE,
                emergency: notice::NOT_AN_EMERGENCY_SERVICE,
            })
        })
    }
}

/// The notice of a session, for the team's manager to print.
#[utoipa::path(get, path = "/api/v1/cases/{case}/sessions/{session}/notice", tag = "cases",
    params(("case" = CaseId, Path, description = "The case"),
           ("session" = SessionId, Path, description = "The session")),
    responses((status = 200, body = NoticeAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    NamedIn(case, session): NamedIn<CaseId, SessionId>,
) -> Result<Json<NoticeAnswer>, Refused> {
    server.app.notice(&actor, case, session).map(Json)
}
