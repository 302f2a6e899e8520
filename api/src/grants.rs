//! Who holds which role, and until when.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::Role;
use pipss_domain::ids::PersonId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::app::App;
use crate::cases::person_name;
use crate::door::{Caller, Server};
use crate::problem::{Problem, Refused};

/// The grants that hold today. Managing a unit is not a grant and does not stand here.
#[derive(Serialize, ToSchema)]
pub struct GrantsAnswer {
    /// The grants, by role.
    pub grants: Vec<GrantAnswer>,
}

/// One grant.
#[derive(Serialize, ToSchema)]
pub struct GrantAnswer {
    /// Whose it is.
    pub person: PersonId,
    /// Their name; absent until it is known.
    pub name: Option<String>,
    /// The role.
    pub role: Role,
    /// The last day, if there is one.
    pub until: Option<NaiveDate>,
}

impl App {
    /// Who holds what today.
    ///
    /// # Errors
    /// `NotAllowed` for all but leads and auditors.
    pub fn grants(&self, actor: &Actor) -> Result<GrantsAnswer, Refusal> {
        self.view(actor, |view| {
            view.allow(Act::SeeGrants, None)?;
            let held = view.views.directory.grants_on(day_in_london(view.now));
            let answer = |(person, role, until)| GrantAnswer {
                person,
                name: person_name(view, person).name,
                role,
                until,
            };
            Ok(GrantsAnswer {
                grants: held.into_iter().map(answer).collect(),
            })
        })
    }
}

/// Who holds what.
#[utoipa::path(get, path = "/api/v1/grants", tag = "people",
    responses((status = 200, body = GrantsAnswer), (status = 403, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
) -> Result<Json<GrantsAnswer>, Refused> {
    Ok(Json(server.app.grants(&actor)?))
}
