//! Programs: other systems of the trust that may ask for support, for the teams they were granted.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use pipss_domain::policy::Act;
use pipss_domain::program::{ProgramAct, ProgramScope, ProposeProgram};
use serde::Serialize;
use utoipa::ToSchema;

use crate::case_answer::TeamName;
use crate::cases::team_name;
use crate::door::{Caller, Server};
use crate::grants::{GrantDone, give};
use crate::intent::{Asked, Intent};
use crate::problem::{Problem, Refused};
use crate::view::View;

/// What a program may do, and for which teams.
#[derive(Serialize, ToSchema)]
pub struct ProgramAnswer {
    /// What it may do.
    pub acts: Vec<ProgramAct>,
    /// The teams.
    pub teams: Vec<TeamName>,
}

impl ProgramAnswer {
    pub(crate) fn of(view: &View<'_>, scope: &ProgramScope) -> Self {
        let teams = scope.teams.iter();
        Self {
            acts: scope.acts.clone(),
            teams: teams.map(|team| team_name(view, *team)).collect(),
        }
    }
}

impl Intent<'static> {
    /// To propose what a program is granted.
    pub fn propose_program(asked: Asked) -> Self {
        let act = Act::ProposeGrant;
        Self::to_nothing(act, "programs", asked, |body, situation| {
            let command: ProposeProgram = body.parse()?;
            let view = situation.view;
            let sign_in = command.sign_in();
            let organisation = view.actor.organisation;
            let met = view.app.met(organisation, &view.views.directory, &sign_in);
            command.decide(met, &situation.context)
        })
    }
}

/// Proposes what a program is granted; an auditor approves, refuses and ends it like any grant, as the
/// role `integration`.
#[utoipa::path(post, path = "/api/v1/programs", tag = "people", request_body = ProposeProgram,
    params(("Idempotency-Key" = String, Header)),
    responses((status = 200, body = GrantDone), (status = 422, body = Problem)))]
pub async fn propose(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    request: Request,
) -> Result<Json<GrantDone>, Refused> {
    let act = Act::ProposeGrant;
    give(&server, &actor, act, request, Intent::propose_program).await
}
