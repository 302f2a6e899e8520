//! What only the demonstration answers: its people, tokens to act as them, and its clock.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use pipss_api::arrival::{read_first, whole};
use pipss_api::body::Body;
use pipss_api::problem::Refused;
use pipss_domain::ids::PersonId;
use pipss_domain::refusal::Refusal;
use pipss_domain::text::Moment;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::people::{Shown, everyone, person, shown};
use super::{Demo, page};

const TOKEN_SECONDS: u64 = 8 * 3600;

/// The demonstration's routes around those of the program; all only for this machine.
pub fn routes(demo: Arc<Demo>, program: Router) -> Router {
    Router::new()
        .route("/demo", get(look))
        .route("/demo/people", get(people))
        .route("/demo/token", post(token))
        .route("/demo/clock", post(clock))
        .with_state(demo)
        .layer(middleware::from_fn(read_first))
        .merge(program)
        .layer(middleware::from_fn(this_machine_only))
}

/// A page elsewhere that had its name point here would send its own name as Host.
async fn this_machine_only(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let name = host.map(|host| match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    });
    if matches!(name, Some("localhost" | "127.0.0.1" | "[::1]")) {
        next.run(request).await
    } else {
        Refused::Rule(Refusal::NotAllowed).into_response()
    }
}

#[derive(Serialize)]
struct People {
    people: Vec<Shown>,
}

async fn people(State(demo): State<Arc<Demo>>) -> Json<People> {
    Json(People {
        people: shown(&demo.app, true),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenAsked {
    person: PersonId,
}

#[derive(Serialize)]
struct Token {
    access_token: String,
    expires_in: u64,
}

async fn token(State(demo): State<Arc<Demo>>, request: Request) -> Result<Json<Token>, Refused> {
    let asked: TokenAsked = parsed(request).await?;
    let who = everyone().find(|who| person(who.short) == asked.person);
    let who =
        who.ok_or_else(|| Refusal::invalid("/person", "Choose someone from /demo/people."))?;
    Ok(Json(Token {
        access_token: demo
            .issuer
            .token(&who.subject(), who.name, &who.email(), TOKEN_SECONDS),
        expires_in: TOKEN_SECONDS,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockAsked {
    to: Moment,
}

#[derive(Serialize)]
struct Now {
    now: DateTime<Utc>,
}

/// Moves time forward, tries the letters that are due then, and says what time it is.
async fn clock(State(demo): State<Arc<Demo>>, request: Request) -> Result<Response, Refused> {
    let asked: ClockAsked = parsed(request).await?;
    if !demo.app.clock().move_to(asked.to.0) {
        let backwards = Refusal::OutOfStep {
            code: "backwards",
            sentence: "Time only moves forward.".into(),
            next: Vec::new(),
            faults: Vec::new(),
        };
        return Err(backwards.into());
    }
    crate::erase::once(&demo.app).await;
    demo.post.clone().round().await;
    let now = demo.app.clock().now();
    Ok((StatusCode::OK, Json(Now { now })).into_response())
}

async fn parsed<T: DeserializeOwned>(request: Request) -> Result<T, Refused> {
    let (parts, body) = request.into_parts();
    let bytes = whole(&parts, body).await?;
    Ok(Body::read(&bytes).map_err(Refused::Malformed)?.parse()?)
}

async fn look(State(demo): State<Arc<Demo>>) -> Result<Response, Refused> {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let headers = [(header::CONTENT_SECURITY_POLICY, policy)];
    let page = demo.app.reading(async { page::drawn(&demo) }).await??;
    Ok((headers, Html(page)).into_response())
}
