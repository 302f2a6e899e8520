//! Pages of those who hold sessions, and of those who ask for support for themselves.

mod diary;
mod of_session;
mod record;

use crate::routes::Routes;

/// Each of them.
pub fn routes(routes: Routes) -> Routes {
    let areas = [diary::routes, record::routes];
    areas.into_iter().fold(routes, |routes, area| area(routes))
}
