//! What one person asked for in private cannot be seen by any manager: on the ward's story, on random
//! stories, and through the console; and the proof of it catches every leak that is planted.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod console;
mod every_route;
mod large;
mod private;
mod random_stories;
mod story;
mod telling;

use pipss::prove::privacy;
use pipss_api::app::App;
use pipss_api::prove::{Leak, Outcome};
use pipss_domain::ids::OrganisationId;

/// Proves, and plants these leaks.
pub fn proved(app: &App, organisation: OrganisationId, leaks: &[Leak]) -> Outcome {
    privacy(app, organisation, leaks, &|_, _| true).unwrap()
}
