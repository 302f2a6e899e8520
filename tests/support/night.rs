//! The demonstration's trust in this process, at a time and with rounds of post that the test chooses.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, NaiveTime, Utc, Weekday};
use pipss::demo::people::{PEOPLE, organisation, person, record};
use pipss::mail::{Postbox, Security, SmtpSettings};
use pipss::post::{PostRoom, Way};
use pipss_api::actor::Actor;
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::intent::Intent;
use pipss_api::signing::DemoIssuer;
use pipss_api::token::Verifier;
use pipss_domain::directory_facts::{GrantGiven, Role};
use pipss_domain::history::Event;
use pipss_domain::pathway::Happened;
use pipss_domain::stream::Stream;
use pipss_domain::working_time::at_work_from;
use pipss_store::{Options, Purpose};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::demo::{fresh_key, referral};
use super::letters::said;
use super::smtp::SmtpPeer;
use super::ward::text;

/// The demonstration's trust in the night to a Saturday, with a mail server.
pub struct Night {
    pub app: Arc<App>,
    post: Arc<PostRoom>,
    pub peer: SmtpPeer,
    issuer: DemoIssuer,
    base: String,
    pub began: DateTime<Utc>,
    _folder: TempDir,
}

/// The coming Saturday after which people are at work on Monday, at two in the morning.
pub fn saturday() -> DateTime<Utc> {
    let two = NaiveTime::from_hms_opt(2, 0, 0).unwrap();
    let mut at = Utc::now().with_time(two).unwrap();
    loop {
        at += Duration::days(1);
        if at.weekday() == Weekday::Sat && at_work_from(at).weekday() == Weekday::Mon {
            return at;
        }
    }
}

impl Night {
    pub async fn falls(began: DateTime<Utc>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().to_owned(), Purpose::Demo);
        let app = Arc::new(App::open(options, Clock::starting_at(began)).unwrap());
        record(&app).await.unwrap();
        let issuer = DemoIssuer::new();
        let verifier = Verifier::new(vec![issuer.issuer(organisation().uuid())]).unwrap();
        let server = Arc::new(Server::new(Arc::clone(&app), verifier, Limits::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, pipss_api::routes(server)).await });
        let peer = SmtpPeer::start("ok");
        let from = "Staff support <staff-support@example.test>";
        let settings = SmtpSettings {
            host: "127.0.0.1".into(),
            port: peer.port,
            security: Security::Plain,
            username: None,
            password: None,
            from: from.into(),
            ca_file: None,
            timeout_seconds: 20,
            hello_name: None,
        };
        let way = Way::Server(Box::new(Postbox::new(&settings).unwrap()));
        let post = Arc::new(PostRoom::new(Arc::clone(&app), way, &base, from));
        Self {
            app,
            post,
            peer,
            issuer,
            base,
            began,
            _folder: folder,
        }
    }

    /// From now on someone is the duty contact.
    pub async fn on_duty(&self, short: &str) {
        let granted = Happened {
            stream: Stream::Grants(person(short)),
            occurred_at: self.app.clock().now(),
            event: Event::GrantGiven(GrantGiven {
                role: Role::DutyContact,
                until: None,
            }),
        };
        let intent = Intent::keep_directory(short, vec![granted]);
        self.app
            .execute(&Actor::operator(organisation()), intent)
            .await
            .unwrap();
    }

    fn token(&self, short: &str) -> String {
        let who = PEOPLE.iter().find(|who| who.short == short).unwrap();
        self.issuer
            .token(&who.subject(), who.name, &who.email(), 3600)
    }

    pub async fn asks(
        &self,
        short: &str,
        method: Method,
        path: &str,
        key: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let request = Client::new().request(method, format!("{}{path}", self.base));
        let mut request = request.bearer_auth(self.token(short));
        if let Some(body) = body {
            request = request
                .header("Idempotency-Key", key)
                .header("Content-Type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null),
        )
    }

    pub async fn raises(&self, key: &str, immediate: &str) -> Value {
        let teams = self
            .asks("sam", Method::GET, "/api/v1/teams", "x", None)
            .await
            .1;
        let team = teams["teams"]
            .as_array()
            .unwrap()
            .iter()
            .find(|t| t["name"] == "Harbour Stroke Ward");
        let mut body = referral(&text(&team.unwrap()["team"]));
        let ago = self.began - Duration::days(3);
        body["incidents"][0]["occurred"] = json!({ "at": ago });
        body["safety"]["someone_at_immediate_risk"] = json!(immediate);
        let (status, raised) = self
            .asks("sam", Method::POST, "/api/v1/referrals", key, Some(&body))
            .await;
        assert_eq!(status, 201, "{raised}");
        raised
    }

    pub async fn passes(&self, time: Duration) -> Vec<String> {
        self.app.clock().move_to(self.began + time);
        self.post.clone().round().await;
        said(&self.peer.messages())
    }

    /// Gives a command to a version of a case; answers the status.
    pub async fn gives(&self, short: &str, path: &str, version: u64, body: &Value) -> u16 {
        let request = Client::new()
            .post(format!("{}{path}", self.base))
            .bearer_auth(self.token(short));
        let request = request
            .header("Idempotency-Key", fresh_key())
            .header("Content-Type", "application/json")
            .body(body.to_string());
        let sent = request.header("If-Match", format!("\"{version}\"")).send();
        sent.await.unwrap().status().as_u16()
    }

    pub async fn sees(&self, short: &str, case: &str) -> (u16, Value) {
        self.asks(
            short,
            Method::GET,
            &format!("/api/v1/cases/{case}"),
            "x",
            None,
        )
        .await
    }
}
