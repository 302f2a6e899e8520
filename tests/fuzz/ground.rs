//! The real program over a trust in which something has happened already, and everyone who can sign in.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use pipss::demo::people::{PEOPLE, organisation, person, record, unit};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::signing::DemoIssuer;
use pipss_api::token::Verifier;
use pipss_store::{Options, Purpose};
use tempfile::TempDir;

use crate::course::Course;
use crate::description::Description;
use crate::known::Known;
use crate::support::program::serve;
use crate::support::random::Random;
use crate::support::served::Served;

/// Sessions that were arranged then are over now.
const AGO_DAYS: i64 = 45;
const TOKEN_SECONDS: u64 = 8 * 3600;

/// Someone who can sign in, or nobody.
#[derive(Clone)]
pub struct Visitor {
    pub short: &'static str,
    pub token: Option<String>,
}

/// A folder with a trust in it.
pub struct Ground {
    folder: TempDir,
    issuer: DemoIssuer,
}

impl Ground {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            issuer: DemoIssuer::new(),
        }
    }

    /// Everyone of the demonstration, someone whom the directory never met, and nobody.
    pub fn everyone(&self) -> Vec<Visitor> {
        let of = |subject: &str, name: &str, email: &str| {
            Some(self.issuer.token(subject, name, email, TOKEN_SECONDS))
        };
        let known = PEOPLE.iter().map(|who| Visitor {
            short: who.short,
            token: of(&who.subject(), who.name, &who.email()),
        });
        let stranger = Visitor {
            short: "stranger",
            token: of("someone-new", "Some One", "some.one@example.test"),
        };
        let nobody = Visitor {
            short: "nobody",
            token: None,
        };
        known.chain([stranger, nobody]).collect()
    }

    fn options(&self) -> Options {
        Options::new(self.folder.path().join("data"), Purpose::Real)
    }

    /// What happened some weeks ago: a course of requests that are mostly right, in this process.
    pub async fn lives(&self, random: Random, requests: u64) -> Known {
        let ago = Utc::now() - Duration::days(AGO_DAYS);
        let app = Arc::new(App::open(self.options(), Clock::starting_at(ago)).unwrap());
        record(&app).await.unwrap();
        let verifier = Verifier::new(vec![self.issuer.issuer(organisation().uuid())]).unwrap();
        let plenty = std::num::NonZeroU32::new(1_000_000).unwrap();
        let limits = Limits {
            per_second: plenty,
            burst: plenty,
        };
        let server = Arc::new(Server::new(Arc::clone(&app), verifier, limits));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let serving =
            axum::serve(listener, pipss_api::routes(server)).with_graceful_shutdown(async {
                let _ = ended.await;
            });
        let serving = tokio::spawn(serving.into_future());
        let known = self.course(&base, random, requests, ago).await;
        drop(end);
        serving.await.unwrap().unwrap();
        drop(Arc::into_inner(app).expect("nothing is under way"));
        known
    }

    async fn course(&self, base: &str, random: Random, requests: u64, ago: DateTime<Utc>) -> Known {
        let description = described(base).await;
        let everyone = self.everyone();
        let known = (random, to_begin_with());
        let mut course = Course::new((base, &description), &everyone, known, (5, ago));
        course.run(requests).await;
        course.known
    }

    /// `pipss serve`, with so much for everyone that nobody is ever too much.
    pub fn serve(&self) -> Served {
        let keys = self.folder.path().join("keys.json");
        std::fs::write(&keys, self.issuer.jwks()).unwrap();
        let trust = organisation().uuid();
        let config = format!(
            "data = {data:?}\nlisten = '127.0.0.1:0'\nbase_url = 'https://pipss.trust.example'\n\
             [limits]\nper_second = 1000000\nburst = 1000000\n\
             [[organisations]]\nid = '{trust}'\nname = 'Example Partnership NHS Trust'\n\
             [[issuers]]\nissuer = '{issuer}'\naudience = 'pipss-demo'\nalgorithm = 'EdDSA'\n\
             organisation = '{trust}'\nkeys = {{ jwks_file = {keys:?} }}\n",
            data = self.folder.path().join("data"),
            issuer = DemoIssuer::NAME,
        );
        let path = self.folder.path().join("pipss.toml");
        std::fs::write(&path, config).unwrap();
        Served::start(serve(&path).env("RUST_LOG", "error"))
    }

    /// Opens the folder as every start does: each record, key and chain is checked.
    pub fn verifies(&self) {
        let app = App::open(self.options(), Clock::Machine);
        assert!(app.is_ok(), "the folder cannot be opened again");
    }
}

/// The ids that everyone has before anything was asked.
pub fn to_begin_with() -> Known {
    let mut known = Known::default();
    for who in PEOPLE {
        known.add("person", &person(who.short).to_string());
    }
    for who in ["alex", "ash", "kim", "lee"] {
        known.add("facilitator", &person(who).to_string());
    }
    for team in ["stroke", "ash", "willow"] {
        known.add("team", &unit(team).to_string());
    }
    known
}

/// What a program says of its interface.
pub async fn described(base: &str) -> Description {
    let answer = reqwest::get(format!("{base}/api/v1/openapi.json")).await;
    let text = answer.unwrap().text().await.unwrap();
    Description::read(serde_json::from_str(&text).unwrap())
}
