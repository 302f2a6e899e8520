//! The running system and its JSON face: every route on this one page.

pub mod actor;
pub mod app;
pub mod body;
pub mod case_answer;
pub mod cases;
mod claims;
pub mod clock;
pub mod codebook;
mod cursor;
pub mod directory;
pub mod door;
pub mod grants;
pub mod intent;
mod key_set;
mod keys;
pub mod letters;
pub mod lists;
pub mod openapi;
pub mod people;
pub mod problem;
pub mod sheet;
pub mod signing;
pub mod timelines;
pub mod token;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::response::Response;
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::close::{CloseCase, ReopenCase};
use pipss_domain::plan::{CompleteHandover, EndOffer, PlanOffer};
use pipss_domain::refusal::Refusal;
use pipss_domain::scope::RecordScoping;
use pipss_domain::session::{RecordSession, RecordSessionNotHeld};
use pipss_domain::triage::{AcknowledgeReferral, TriageCase};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::door::Server;
use crate::openapi::Commands;
use crate::problem::Refused;

/// Every route, with the description it is served with at `/api/v1/openapi.json`.
pub fn routes(server: Arc<Server>) -> Router {
    let (reads, mut described) = OpenApiRouter::with_openapi(openapi::about())
        .routes(routes!(people::read_me))
        .routes(routes!(people::read_teams))
        .routes(routes!(timelines::of_team))
        .routes(routes!(lists::cases))
        .routes(routes!(cases::read))
        .routes(routes!(timelines::of_case))
        .routes(routes!(lists::read_queue))
        .routes(routes!(people::read_facilitators))
        .routes(routes!(people::read_diary))
        .routes(routes!(grants::read))
        .routes(routes!(letters::read))
        .routes(routes!(codebook::read))
        .split_for_parts();

    let commands = Commands::new(reads, &mut described)
        .raise("Ask for support for a team")
        .to_case::<AcknowledgeReferral>("Record that a person answered whoever asked")
        .to_case::<TriageCase>("Decide how urgent a case is and what becomes of it")
        .to_case::<RecordScoping>("Record what the team needs")
        .to_case::<PlanOffer>("Add an offer to the support plan")
        .to_case::<ArrangeSession>("Arrange a session of an offer")
        .to_case::<RecordSession>("Record a session that was held")
        .to_case::<RecordSessionNotHeld>("Record that a session was not held")
        .to_case::<EndOffer>("End an offer or hand it over")
        .to_case::<CompleteHandover>("Record that what was handed over was done")
        .to_case::<CloseCase>("Close a case")
        .to_case::<ReopenCase>("Open a closed case again");

    commands
        .done()
        .method_not_allowed_fallback(async || Refused::Method)
        .fallback(async || Refused::from(Refusal::NotFound))
        .with_state(server)
        .merge(SwaggerUi::new("/api/v1/docs").url("/api/v1/openapi.json", described))
        .layer(middleware::map_response(kept_private))
}

/// Nothing that is answered is kept by a browser or a proxy, or taken for what it is not.
async fn kept_private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
