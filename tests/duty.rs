//! What cannot wait while nobody is at work: it goes to the duty contact at once, or the receipt says so.

#![allow(clippy::unwrap_used)]

mod support;

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
use support::demo::{fresh_key, referral};
use support::letters::said;
use support::smtp::SmtpPeer;
use support::ward::text;
use tempfile::TempDir;

/// The demonstration's trust in the night to a Saturday, with a mail server.
struct Night {
    app: Arc<App>,
    post: Arc<PostRoom>,
    peer: SmtpPeer,
    issuer: DemoIssuer,
    base: String,
    began: DateTime<Utc>,
    _folder: TempDir,
}

/// The coming Saturday after which people are at work on Monday, at two in the morning.
fn saturday() -> DateTime<Utc> {
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
    async fn falls(began: DateTime<Utc>) -> Self {
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
    async fn on_duty(&self, short: &str) {
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

    async fn asks(
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

    async fn raises(&self, key: &str, immediate: &str) -> Value {
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

    async fn passes(&self, time: Duration) -> Vec<String> {
        self.app.clock().move_to(self.began + time);
        self.post.clone().round().await;
        said(&self.peer.messages())
    }

    /// Gives a command to a version of a case; answers the status.
    async fn gives(&self, short: &str, path: &str, version: u64, body: &Value) -> u16 {
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

    async fn sees(&self, short: &str, case: &str) -> (u16, Value) {
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

#[tokio::test]
async fn at_night_with_no_duty_contact_answer_and_receipt_say_until_when_nobody_reads_it() {
    let night = Night::falls(saturday()).await;
    let key = fresh_key();
    let raised = night.raises(&key, "yes").await;
    let read_by = json!({
        "reader": "staff_support_later", "from": at_work_from(night.began),
        "sentence": "Nobody reads this until Monday 09:00."
    });
    assert_eq!(raised["read_by"], read_by);
    let numbers: Vec<_> = raised["urgent_help"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| text(&l["number"]))
        .collect();
    assert_eq!(
        numbers,
        ["999", "111, option 2", "116 123", "SHOUT to 85258"]
    );
    night.passes(Duration::minutes(1)).await;
    let mails = night.peer.messages();
    let receipt = mails
        .iter()
        .find(|mail| said(std::slice::from_ref(mail))[0].ends_with("received"));
    let receipt = &receipt.unwrap().text;
    for line in [
        "Nobody reads this until Monday 09:00.",
        "Samaritans: 116 123",
        "Shout, by text: SHOUT to 85258",
    ] {
        assert!(receipt.contains(line), "{receipt}");
    }
    // On Monday, with a duty contact appointed meanwhile, the repeat is answered as it was.
    night.on_duty("pat").await;
    night.passes(Duration::hours(60)).await;
    assert_eq!(night.raises(&key, "yes").await["read_by"], read_by);
}

#[tokio::test]
async fn at_night_the_duty_contact_is_told_at_once_and_sees_the_request_until_it_is_triaged() {
    let night = Night::falls(saturday()).await;
    night.on_duty("pat").await;
    let usual = text(&night.raises(&fresh_key(), "no").await["case"]);
    let raised = night.raises(&fresh_key(), "yes").await;
    let case = text(&raised["case"]);
    assert_eq!(raised["read_by"]["reader"], "duty_contact");
    let told = night.passes(Duration::minutes(1)).await;
    assert_eq!(
        told.iter()
            .filter(|said| *said == "pat.curlew: on_duty")
            .count(),
        1
    );
    assert_eq!(
        told.iter().filter(|said| said.starts_with("pat")).count(),
        1
    );
    let (status, seen) = night.sees("pat", &case).await;
    assert_eq!(status, 200);
    assert_eq!(
        seen["request"]["incidents"][0]["line"],
        "Staff were attacked on the night shift."
    );
    assert_eq!(seen["next"], json!(["acknowledge"]));
    assert!(
        seen.get("triage").is_none() && seen.get("clocks").is_none(),
        "{seen}"
    );
    assert_eq!(
        night.sees("pat", &usual).await.0,
        404,
        "what can wait is none of theirs"
    );
    assert_eq!(night.sees("lee", &case).await.0, 404, "nor anyone else's");
    let triage = json!({
        "urgency": "U1", "outcome": "accept", "reason": "As told.",
        "contraindications": {
            "threat_continuing": true, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    });
    let path = format!("/api/v1/cases/{case}/triage");
    assert_eq!(night.gives("pat", &path, 1, &triage).await, 403);
    let by = json!({ "by": "telephone" });
    let acknowledge = format!("/api/v1/cases/{case}/acknowledge");
    assert_eq!(night.gives("pat", &acknowledge, 1, &by).await, 200);
    assert_eq!(night.gives("alex", &path, 2, &triage).await, 200);
    assert_eq!(night.sees("pat", &case).await.0, 404);
}

#[tokio::test]
async fn what_was_raised_in_working_time_goes_to_the_duty_contact_when_people_go_home() {
    let tuesday = saturday() + Duration::days(3) + Duration::hours(12);
    let night = Night::falls(tuesday).await;
    night.on_duty("pat").await;
    let raised = night.raises(&fresh_key(), "yes").await;
    assert_eq!(raised["read_by"]["reader"], "staff_support");
    let told = night.passes(Duration::minutes(1)).await;
    assert!(!told.iter().any(|said| said.starts_with("pat")), "{told:?}");
    let told = night.passes(Duration::hours(4)).await;
    assert_eq!(
        told.iter().filter(|said| said.starts_with("pat")).count(),
        1,
        "{told:?}"
    );
}
