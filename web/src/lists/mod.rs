//! Lists that people read: what waits, what comes, what was sent, what happened in a team.

mod as_known;
mod asked;
mod clocks;
mod queue;
mod teams;
mod words;

use crate::routes::Routes;

/// A page for each of them.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page("/queue", &["as_of", "page"], queue::read)
        .page("/teams", &["page"], teams::read_all)
        .page("/teams/{team}", &["as_of", "after"], teams::read)
}
