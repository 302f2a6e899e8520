//! The real door with a verifier behind it, asked within this process.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::intent::Intent;
use pipss_api::token::Verifier;
use pipss_domain::directory_facts::{OrganisationFounded, PersonRecorded};
use pipss_domain::history::Event;
use pipss_domain::ids::{OrganisationId, PersonId};
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use pipss_store::{Options, Purpose};
use tempfile::TempDir;
use tower::ServiceExt;
use uuid::Uuid;

use crate::signer::ORGANISATION;

pub const EXPECTED: Uuid = Uuid::from_u128(0x500);

/// Someone's way in.
pub struct Door {
    routes: Router,
    _folder: TempDir,
}

/// What it answers: status and body.
pub type Answer = (u16, String);

impl Door {
    /// The directory expects one person by their address.
    pub async fn open(verifier: Verifier, burst: u32) -> Door {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().join("data"), Purpose::Demo);
        let app = Arc::new(App::open(options, Clock::Machine).unwrap());
        let founded = Event::OrganisationFounded(OrganisationFounded {
            name: "Example Trust".into(),
        });
        let expected = Event::PersonRecorded(PersonRecorded {
            name: None,
            email: Some(Personal::Known("asha@trust.example".into())),
            sign_in: None,
            home_unit: None,
            external: false,
        });
        let happened = [
            (Stream::Policy, founded),
            (Stream::Person(PersonId::new(EXPECTED)), expected),
        ];
        let occurred_at = app.clock().now();
        let happened = happened.map(|(stream, event)| Happened {
            stream,
            occurred_at,
            event,
        });
        let operator = Actor::operator(OrganisationId::new(ORGANISATION));
        let intent = Intent::keep_directory("begin", happened.into());
        app.execute(&operator, intent).await.unwrap();
        let limits = Limits {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(burst).unwrap(),
        };
        let server = Arc::new(Server::new(app, verifier, limits));
        Door {
            routes: pipss_api::routes(server),
            _folder: folder,
        }
    }

    /// Asks who one is. None if a header cannot carry the token.
    pub async fn me(&self, token: &str) -> Option<Answer> {
        let header = HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).ok()?;
        let request = Request::get("/api/v1/me").header(header::AUTHORIZATION, header);
        let answer = self
            .routes
            .clone()
            .oneshot(request.body(Body::empty()).unwrap());
        let answer = answer.await.unwrap();
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
        Some((status, String::from_utf8(body.unwrap().to_vec()).unwrap()))
    }
}
