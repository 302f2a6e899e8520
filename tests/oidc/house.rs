//! A trust whose people sign in at a real service, served within the test.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use pipss::demo::people::{organisation, record};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::intent::Intent;
use pipss_api::token::{Algorithm, Issuer, KeySource, SignInClient, Verifier};
use pipss_domain::directory_facts::PersonRecorded;
use pipss_domain::history::Event;
use pipss_domain::ids::PersonId;
use pipss_domain::pathway::Happened;
use pipss_domain::personal::Personal;
use pipss_domain::stream::Stream;
use pipss_store::{Options, Purpose};
use pipss_web::brand::Brand;
use pipss_web::pages::{Pages, Settings, SignInWay};
use pipss_web::sign_in::provider::Provider;
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::browser::{Browser, Shown};
use crate::program::tokens;
use crate::service::{AUDIENCE, CLIENT, SECRET, Service};

pub struct House {
    pub base: String,
    pub service: Service,
    pub folder: TempDir,
}

impl House {
    pub async fn open() -> Self {
        Self::with(in_its_way, |_| Router::new()).await
    }

    /// People sign in this way, and there are other pages too.
    pub async fn with(
        way: impl Fn(&Issuer, &str) -> SignInWay,
        more: impl Fn(Arc<Pages>) -> Router,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let service = Service::start(&base);
        let folder = tempfile::tempdir().unwrap();
        let issuer = issuer(&service.issuer, &folder);
        let options = Options::new(folder.path().join("data"), Purpose::Demo);
        let app = Arc::new(App::open(options, Clock::Machine).unwrap());
        record(&app).await.unwrap();
        expect(&app, &["kim", "jo"]).await;
        let verifier = Verifier::new(vec![issuer.clone()]).unwrap();
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let limits = Limits {
            per_second: plenty,
            burst: plenty,
        };
        let server = Arc::new(Server::new(app, verifier, limits));
        let settings = Settings {
            brand: Brand::default(),
            way: way(&issuer, &base),
            base_url: base.clone(),
            sessions: Some(folder.path().join("sessions.json")),
            proving: pipss_web::proving::Proving::none(),
        };
        let pages = Arc::new(Pages::new(Arc::clone(&server), settings));
        let routes = pipss_api::routes(server).merge(more(Arc::clone(&pages)));
        let routes = routes.merge(pipss_web::routes(pages));
        tokio::spawn(async { axum::serve(listener, routes).await });
        Self {
            base,
            service,
            folder,
        }
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// From a link of ours to the address that leads back, which is not asked yet.
    pub async fn to_the_way_back(&self, browser: &mut Browser, path: &str, login: &str) -> String {
        let sent = browser.get(&self.at(path)).await;
        let onward = sent.onward().unwrap_or_else(|| panic!("{}", sent.text));
        browser.at_the_service(onward.as_str(), login).await.0
    }

    /// Signs in, and goes where that leads.
    pub async fn sign_in(&self, browser: &mut Browser, login: &str) -> Shown {
        let back = self.to_the_way_back(browser, "/sign-in/go?to=0", login);
        let back = back.await;
        let arrived = browser.get(&back).await;
        let onward = arrived
            .onward()
            .unwrap_or_else(|| panic!("{}", arrived.text));
        browser.get(onward.as_str()).await
    }

    /// Is someone signed in at this browser?
    pub async fn knows(&self, browser: &mut Browser) -> bool {
        let shown = browser.get(&self.at("/support")).await;
        match shown.onward() {
            Some(onward) => onward.path() != "/sign-in",
            None => true,
        }
    }

    /// What the API says of whoever has a token.
    pub async fn me(&self, token: &str) -> (u16, Value) {
        let asked = Client::new().get(self.at("/api/v1/me")).bearer_auth(token);
        let answer = asked.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

/// At the service.
pub fn in_its_way(issuer: &Issuer, base: &str) -> SignInWay {
    SignInWay::Elsewhere(vec![Provider::of(issuer, base).unwrap().unwrap()])
}

/// What the configuration says of a service.
pub fn issuer(name: &str, folder: &TempDir) -> Issuer {
    let secret = folder.path().join("client.secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    Issuer {
        issuer: name.into(),
        audience: AUDIENCE.into(),
        algorithm: Algorithm::ES256,
        subject_claim: "sub".into(),
        keys: KeySource::JwksUrl(format!("{name}/jwks")),
        organisation: organisation().uuid(),
        sign_in: Some(SignInClient {
            client_id: CLIENT.into(),
            client_secret_file: Some(secret),
            scopes: vec!["profile".into(), "email".into()],
            discovery: None,
            account: "your trust account".into(),
        }),
    }
}

/// The directory expects people by their address.
async fn expect(app: &App, logins: &[&str]) {
    let recorded = |(n, login): (usize, &&str)| Happened {
        stream: Stream::Person(PersonId::new(Uuid::from_u128(0x500 + n as u128))),
        occurred_at: app.clock().now(),
        event: Event::PersonRecorded(PersonRecorded {
            name: None,
            email: Some(Personal::Known(format!("{login}@trust.example"))),
            sign_in: None,
            home_unit: None,
            external: false,
        }),
    };
    let recorded = logins.iter().enumerate().map(recorded).collect();
    let operator = Actor::operator(organisation());
    let intent = Intent::keep_directory("expected", recorded);
    app.execute(&operator, intent).await.unwrap();
}

impl House {
    /// An access token for the API.
    pub async fn token(&self, login: &str) -> String {
        self.tokens(login).await.0
    }

    /// An access token and an ID token.
    pub async fn tokens(&self, login: &str) -> (String, String) {
        tokens(&self.service.issuer, &self.at("/sign-in/callback"), login).await
    }
}
