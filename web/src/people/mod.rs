//! Pages of those who hold sessions, and of those who ask for support for themselves.

mod codes;
mod counted;
mod diary;
mod feedback;
mod help;
mod of_session;
mod one_to_one_forms;
mod one_to_ones;
mod record;
mod supervision;
mod support;

use crate::routes::Routes;

/// Each of them.
pub fn routes(routes: Routes) -> Routes {
    let areas = [
        diary::routes,
        record::routes,
        codes::routes,
        feedback::routes,
        support::routes,
        one_to_ones::routes,
        one_to_one_forms::routes,
        supervision::routes,
    ];
    areas.into_iter().fold(routes, |routes, area| area(routes))
}
