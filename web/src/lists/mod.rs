//! Lists that people read: what waits, what comes, what was sent, what happened in a team.

pub(crate) mod as_known;
pub(crate) mod asked;
mod clocks;
mod follow_up;
mod groups;
mod letters;
mod notice;
mod queue;
mod search;
mod table;
mod tasks;
mod teams;
mod week;
mod words;

use crate::routes::Routes;

/// A page for each of them.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page("/queue", &["as_of", "page"], queue::read)
        .page("/tasks", &[], tasks::read)
        .page("/week", &["day"], week::read)
        .page("/search", &search::ASKED, search::read)
        .page("/letters", &["state", "after"], letters::read)
        .form(
            "/cases/{case}/answer-follow-up",
            follow_up::ask_it,
            follow_up::take,
        )
        .page("/cases/{case}/sessions/{session}/notice", &[], notice::read)
        .page("/groups", &[], groups::read)
        .form("/groups/agree", groups::ask_agree, groups::agree)
        .form("/groups/{group}/end", groups::ask_end, groups::end)
        .page("/teams", &["page"], teams::read_all)
        .page("/teams/{team}", &["as_of", "after"], teams::read)
}
