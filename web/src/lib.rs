//! The pages: every one of them on this page, drawn by the server, working without scripts.

pub mod ask;
pub mod asking;
mod assets;
pub mod brand;
pub mod case_forms;
pub mod case_page;
mod chance;
pub mod chart;
pub mod defusions;
pub mod directory;
pub mod draft;
pub mod fields;
pub mod form;
pub mod go;
pub mod home;
pub mod kindly;
pub mod lists;
pub mod london;
pub mod nhs;
pub mod oversight;
pub mod pages;
pub mod people;
pub mod poster;
pub mod proving;
pub mod receipt;
pub mod render;
pub mod reports;
pub mod routes;
mod seal;
pub mod sessions;
pub mod shell;
pub mod sign_in;
pub mod supervision;
pub mod tables;
pub mod urgent;
pub mod visitor;
pub mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use pipss_api::access::answered;
use pipss_api::app::App;
use pipss_api::arrival::read_first;
use pipss_api::door::Server;
use pipss_api::problem::Refused;
use pipss_domain::refusal::Refusal;

use crate::brand::Brand;
use crate::pages::{Pages, Settings, SignInWay, ToDraw};
use crate::proving::Proving;
use crate::routes::{Page, Routes};
use crate::sign_in::provider::CALLBACK;
use crate::sign_in::{Aside, back_channel, journey};
use crate::visitor::{Around, Nonce};

/// Every page.
pub fn every_page() -> Routes {
    let routes = Routes::default().page("/", &[], home::read);
    let routes = go::routes(routes);
    let routes = case_page::routes(routes);
    let routes = asking::routes(routes);
    let routes = receipt::routes(routes);
    let routes = defusions::routes(routes);
    let routes = poster::routes(routes);
    let routes = case_forms::routes(routes);
    let routes = lists::routes(routes);
    let routes = reports::routes(routes);
    let routes = people::routes(routes);
    let routes = supervision::routes(routes);
    let routes = oversight::routes(routes);
    let routes = proving::routes(routes);
    directory::routes(routes)
}

/// The pages, ready to be served beside the JSON interface.
pub fn routes(pages: Arc<Pages>) -> Router {
    let (router, _) = every_page().parts();
    let entrance = Router::new()
        .route("/sign-in", get(sign_in::ask).post(sign_in::choose))
        .route("/sign-in/back-channel", post(back_channel::signed_out))
        .route(CALLBACK, get(journey::come_back))
        .route(
            "/sign-in/go",
            get(journey::set_out).post(journey::set_out_with),
        )
        .route_layer(middleware::from_fn_with_state(Arc::clone(&pages), entering));
    let router = router
        .merge(entrance)
        .route("/sign-in/again", get(sign_in::still_here))
        .route("/sign-out", post(sign_in::out))
        .route("/static/{version}/{name}", get(assets::read))
        .route("/{*nowhere}", any(nowhere))
        .method_not_allowed_fallback(async || pages::Instead::from(Refused::Method));
    dressed(router, pages)
}

/// Pages with everything that stands around each: refusals that are drawn, headers that are set.
pub fn dressed(router: Router<Arc<Pages>>, pages: Arc<Pages>) -> Router {
    router
        .with_state(Arc::clone(&pages))
        .layer(middleware::from_fn_with_state(Arc::clone(&pages), recorded))
        .layer(middleware::from_fn(read_first))
        .layer(middleware::from_fn_with_state(pages, around))
}

/// Whoever has not signed in yet takes from the share of their address.
async fn entering(
    State(pages): State<Arc<Pages>>,
    request: Request,
    next: Next,
) -> Result<Response, pages::Instead> {
    pages.server.take_to_sign_in(request.extensions())?;
    Ok(next.run(request).await)
}

/// No page leaves before it is kept who looked at what for it.
async fn recorded(State(pages): State<Arc<Pages>>, request: Request, next: Next) -> Response {
    let answer = answered(&pages.app, request, next).await;
    answer.unwrap_or_else(|refused| pages::Instead::from(refused).into_response())
}

async fn nowhere() -> pages::Instead {
    Refusal::NotFound.into()
}

/// The pages as they are asked when privacy is proved: whoever asks says who they are.
pub fn to_be_proved(app: Arc<App>) -> Router {
    let settings = Settings {
        brand: Brand::default(),
        way: SignInWay::Within,
        base_url: String::new(),
        sessions: None,
        proving: Proving::none(),
    };
    routes(Arc::new(Pages::new(
        Arc::new(Server::within(app)),
        settings,
    )))
}

/// What is asked of them then.
pub fn asked_when_proved() -> Vec<Page> {
    every_page().parts().1
}

/// Draws refusals, and sets what every answer carries: nothing is kept by a browser or a proxy, and
/// nothing runs or loads that is not ours.
async fn around(State(pages): State<Arc<Pages>>, mut request: Request, next: Next) -> Response {
    let nonce = pages.chance.token();
    request.extensions_mut().insert(Nonce(nonce.clone()));
    let aside = Aside::default();
    request.extensions_mut().insert(aside.clone());
    let read = request.method() == Method::GET;
    let path = request.uri().path_and_query().filter(|_| read);
    let path = path.map_or_else(|| "/".into(), ToString::to_string);
    let known = Around::default();
    request.extensions_mut().insert(known.clone());
    let mut response = next.run(request).await;
    if let Some(ToDraw(refused)) = response.extensions_mut().remove::<ToDraw>() {
        response = match refused {
            Refused::ProveAgain => sign_in::prove(&pages, &nonce, &path, aside.take()),
            refused => pages.refused(known.0.get(), &nonce, &refused),
        };
    }
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).expect("a nonce is plain ASCII");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
