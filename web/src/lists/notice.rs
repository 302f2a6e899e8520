//! The notice of a session, on one page to print and hang up.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::notices::NoticeAnswer;
use pipss_domain::ids::{CaseId, SessionId};
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;
use crate::words::sentence;

#[derive(Serialize)]
struct NoticePage {
    back: String,
    session: String,
    facilitators: String,
    notice: NoticeAnswer,
}

impl View for NoticePage {
    const TEMPLATE: &'static str = "lists/notice.html";

    fn title(&self) -> String {
        format!("Notice for the team: {}", self.session)
    }
}

/// The notice.
pub async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path((case, session)): Path<(String, String)>,
) -> Answer {
    let case: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    let session: SessionId = session.parse().map_err(|_| Refusal::NotFound)?;
    let notice = pages.app.notice(&visitor.actor, case, session)?;
    let view = NoticePage {
        back: format!("/cases/{case}"),
        session: sentence(notice.session),
        facilitators: notice.facilitators.join(" and "),
        notice,
    };
    Ok(pages.page(&visitor, &view))
}
