//! The running system and its JSON face: every route on this one page.

pub mod access;
pub mod access_log;
pub mod actions;
pub mod actor;
pub mod addresses;
pub mod after;
pub mod aftercare_answer;
pub mod app;
pub mod arrival;
pub mod as_known;
pub mod bars;
pub mod believed;
pub mod body;
mod carry_out;
pub mod case_answer;
pub mod cases;
mod checked;
mod claims;
pub mod clock;
pub mod codebook;
pub mod concerned;
mod copies;
mod cursor;
pub mod defusions;
mod described;
pub mod diaries;
pub mod diary_answer;
mod dice;
pub mod directory;
pub mod disclosures;
pub mod door;
mod ended;
pub mod erasures;
pub mod escalations;
pub mod feedback;
pub mod fetch;
pub mod glass;
pub mod glass_content;
pub mod grants;
pub mod groups;
mod guard;
pub mod identity;
pub mod intent;
pub mod invitations;
mod joint;
mod key_set;
mod keys;
mod leads;
pub mod letters;
mod letters_seen;
pub mod lists;
pub mod meant;
mod next_steps;
pub mod notices;
pub mod one_to_one_answer;
pub mod one_to_ones;
pub mod openapi;
pub mod people;
pub mod privacy_proof;
mod private;
pub mod problem;
pub mod programs;
pub mod prove;
pub mod reading;
pub mod receipts;
mod rehearsal;
pub mod reports;
pub mod retention;
pub mod retention_answer;
mod shape;
pub mod sheet;
mod sign_in_client;
pub mod signing;
mod staffing;
mod stories;
pub mod subject_access;
pub mod supervision;
mod tags;
pub mod tasks;
pub mod timelines;
pub mod token;
pub mod unusual;
pub mod verification;
mod view;
pub mod weeks;
pub mod who_looked;
mod writes;
mod written;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::any;
use pipss_domain::action::CompleteAction;
use pipss_domain::arrange::ArrangeSession;
use pipss_domain::bar::{LiftBar, SetBar};
use pipss_domain::change_session::{CancelSession, MoveSession};
use pipss_domain::close::{CloseCase, ReopenCase};
use pipss_domain::defusion::LogDefusion;
use pipss_domain::follow_up::{AnswerFollowUp, ConfirmFollowUp};
use pipss_domain::hand_over::HandOverSession;
use pipss_domain::invitation::{AnswerInvitation, DeclareInvolved};
use pipss_domain::link::LinkIncident;
use pipss_domain::merge::{MergeCase, UnmergeCase};
use pipss_domain::one_to_one::{
    ArrangeOneToOne, DeclineOneToOne, EndOneToOne, FlagRisk, OfferOneToOne, TakeUpOneToOne,
};
use pipss_domain::plan::{CompleteHandover, EndOffer, PlanOffer};
use pipss_domain::refusal::Refusal;
use pipss_domain::scope::RecordScoping;
use pipss_domain::session::{RecordSession, RecordSessionNotHeld};
use pipss_domain::triage::{AcknowledgeReferral, TriageCase};
use pipss_domain::unlink::UnlinkIncident;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::door::Server;
use crate::openapi::Commands;
use crate::problem::Refused;

/// Where the interactive documentation is.
const DOCS: &str = "/api/v1/docs";

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
        .routes(routes!(weeks::read))
        .routes(routes!(people::read_facilitators))
        .routes(routes!(people::read_diary))
        .routes(routes!(grants::read, grants::propose))
        .routes(routes!(grants::approve))
        .routes(routes!(grants::refuse))
        .routes(routes!(grants::end))
        .routes(routes!(grants::name_deputy))
        .routes(routes!(programs::propose))
        .routes(routes!(bars::read))
        .routes(routes!(disclosures::read, disclosures::request))
        .routes(routes!(disclosures::decide))
        .routes(routes!(disclosures::made))
        .routes(routes!(erasures::read))
        .routes(routes!(erasures::set_policy))
        .routes(routes!(erasures::set_hold))
        .routes(routes!(erasures::lift_hold))
        .routes(routes!(erasures::propose))
        .routes(routes!(erasures::decide))
        .routes(routes!(erasures::withdraw))
        .routes(routes!(erasures::subject_access))
        .routes(routes!(bars::why))
        .routes(routes!(who_looked::read))
        .routes(routes!(glass::read, glass::ask))
        .routes(routes!(glass::decide))
        .routes(routes!(glass::review))
        .routes(routes!(glass_content::read))
        .routes(routes!(access_log::read))
        .routes(routes!(unusual::read))
        .routes(routes!(letters::read))
        .routes(routes!(codebook::read))
        .routes(routes!(reports::quarter))
        .routes(routes!(reports::waits))
        .routes(routes!(notices::read))
        .routes(routes!(actions::read))
        .routes(routes!(groups::read, groups::agree))
        .routes(routes!(groups::end))
        .routes(routes!(one_to_ones::read_all, one_to_ones::ask))
        .routes(routes!(one_to_ones::read))
        .routes(routes!(one_to_ones::read_mine))
        .routes(routes!(diaries::reassign))
        .routes(routes!(diaries::plan_leave))
        .routes(routes!(diaries::cancel_leave))
        .routes(routes!(supervision::read, supervision::ask))
        .routes(routes!(supervision::answer))
        .routes(routes!(supervision::close))
        .routes(routes!(escalations::escalate))
        .routes(routes!(escalations::of_case))
        .routes(routes!(escalations::handled))
        .routes(routes!(escalations::read))
        .routes(routes!(feedback::issue))
        .routes(routes!(feedback::give))
        .routes(routes!(feedback::read))
        .split_for_parts();

    let commands = Commands::new(reads, &mut described)
        .raise("Ask for support for a team")
        .open_with_defusion("Log a defusion that was held, and open a case with it")
        .command::<AcknowledgeReferral>("Record that a person answered whoever asked")
        .command::<TriageCase>("Decide how urgent a case is and what becomes of it")
        .command::<RecordScoping>("Record what the team needs")
        .command::<PlanOffer>("Add an offer to the support plan")
        .command::<ArrangeSession>("Arrange a session of an offer")
        .command::<RecordSession>("Record a session that was held")
        .command::<RecordSessionNotHeld>("Record that a session was not held")
        .command::<EndOffer>("End an offer or hand it over")
        .command::<CompleteHandover>("Record that what was handed over was done")
        .command::<CloseCase>("Close a case")
        .command::<ReopenCase>("Open a closed case again")
        .command::<LogDefusion>("Log a defusion that was held, in a case that exists")
        .command::<CompleteAction>("Record that something a session asked for was done")
        .command::<ConfirmFollowUp>("Say whom to ask how the team is doing")
        .command::<AnswerFollowUp>("Answer how the team is doing, never who or how many")
        .command::<LinkIncident>("Link an incident with another case that is about it")
        .command::<MergeCase>("Merge a case into another one")
        .command::<UnmergeCase>("Undo a merge")
        .command::<DeclareInvolved>("Declare a facilitator too close to be neutral")
        .command::<MoveSession>("Move a session")
        .command::<CancelSession>("Cancel a session")
        .command::<HandOverSession>("Put another facilitator in the place of one")
        .command::<AnswerInvitation>("Accept or decline an invitation")
        .command::<SetBar>("Keep someone from knowing of a case, whatever their rights")
        .command::<LiftBar>("Let someone know of a case again, as far as their rights reach")
        .one_to_one::<OfferOneToOne>("Ask someone to provide it")
        .one_to_one::<ArrangeOneToOne>("Say when they meet next")
        .one_to_one::<TakeUpOneToOne>("Say that they spoke, and that it goes on")
        .one_to_one::<DeclineOneToOne>("Say that whoever asked does not want it")
        .one_to_one::<EndOneToOne>("End it, with a code and nothing else")
        .one_to_one::<FlagRisk>("Say whether someone may be in danger")
        .command::<UnlinkIncident>("Undo a link of an incident with another case");

    let tagged = middleware::from_fn_with_state(Arc::clone(&server), tags::of_this_history);
    let limited = middleware::from_fn_with_state(Arc::clone(&server), addresses::limited);
    let recorded = middleware::from_fn_with_state(Arc::clone(&server), access::recorded);
    commands
        .done()
        .method_not_allowed_fallback(async || Refused::Method)
        .route(
            "/api/{*nowhere}",
            any(async || Refused::from(Refusal::NotFound)),
        )
        .fallback(async || Refused::from(Refusal::NotFound))
        .with_state(server)
        .layer(recorded)
        .layer(tagged)
        .merge(documentation(described))
        .layer(limited)
        .layer(middleware::from_fn(arrival::read_first))
        .layer(middleware::from_fn(kept_private))
}

/// The interactive documentation. Unless told "none" it shows a badge from its makers' own server, and
/// so tells them where this program runs.
fn documentation(described: OpenApi) -> SwaggerUi {
    SwaggerUi::new(DOCS)
        .config(Config::default().validator_url("none"))
        .url("/api/v1/openapi.json", described::completed(described))
}

/// Nothing that is answered is kept by a browser or a proxy, taken for what it is not, or able to load
/// anything from another host. The documentation is a page and needs its own scripts and styles.
async fn kept_private(request: Request, next: Next) -> Response {
    let policy = if request.uri().path().starts_with(DOCS) {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    } else {
        "default-src 'none'; frame-ancestors 'none'"
    };
    let mut response = next.run(request).await;
    let fixed = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
