//! Where a letter leads: its link says nothing, and takes whoever it was written to where something can be done.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_domain::refusal::Refusal;

use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Visitor, see_other};

/// The one page of it.
pub fn routes(routes: Routes) -> Routes {
    routes.page("/go/{letter}", &[], read)
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(letter): Path<String>,
) -> Answer {
    let letter = letter.parse().map_err(|_| Refusal::NotFound)?;
    Ok(see_other(&pages.app.leads_to(&visitor.actor, letter)?))
}
