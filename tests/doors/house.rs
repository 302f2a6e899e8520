//! The demonstration's trust with a case for every way of standing to one, behind the real door.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Duration, Utc};
use pipss::demo::people::{PEOPLE, organisation, person, record, unit};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::signing::DemoIssuer;
use pipss_api::token::Verifier;
use pipss_store::{Options, Purpose};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::duty::{put_a_program_in, put_on_duty};
use crate::pages;
use crate::visit::{Answer, NOWHERE, Visit};
use crate::who::{Who, known};

/// A running program with its cases.
pub struct House {
    pub app: Arc<App>,
    issuer: DemoIssuer,
    base: String,
    client: Client,
    cookies: BTreeMap<&'static str, String>,
    keys: AtomicUsize,
    /// Of the stroke ward, raised by its nurse, with a session to come by two facilitators.
    pub now: String,
    /// Of the stroke ward, raised by its manager; its session was held more than 30 days ago.
    pub past: String,
    /// Of another ward, raised by the lead.
    pub other: String,
    /// Of the stroke ward, raised by its nurse: not through the manager, and not to be seen by one lead.
    pub kept: String,
    /// What the police asked to be shown of the first.
    disclosure: String,
    /// What the lead asked to be erased, and what the law holds.
    to_be_erased: (String, String),
    /// One-to-one support that the nurse asked for, offered by the external counsellor.
    one_to_one: String,
    /// Of the stroke ward, raised by its nurse: it cannot wait, and nobody has triaged it.
    pub urgent: String,
    /// The sessions of the first two.
    sessions: [String; 2],
    /// A standing group of the stroke ward.
    group: String,
    /// A request for supervision by ash.
    supervision: String,
    /// What kim reported of the first case.
    escalation: String,
    /// The glass that charlie broke over the one-to-one.
    glass: String,
    _folder: tempfile::TempDir,
}

/// Someone who comes to the door.
#[derive(Clone)]
pub struct Visitor {
    pub short: &'static str,
    token: Option<String>,
    cookie: Option<String>,
}

/// The things that a path can name: by what they are called in the table.
pub struct Things {
    pub present: Vec<(&'static str, String)>,
    pub absent: &'static str,
}

impl House {
    pub async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().to_owned(), Purpose::Demo);
        let clock = Clock::starting_at(Utc::now() - Duration::days(60));
        let app = Arc::new(App::open(options, clock).unwrap());
        record(&app).await.unwrap();
        let issuer = DemoIssuer::new();
        let verifier = Verifier::new(vec![issuer.issuer(organisation().uuid())]).unwrap();
        let plenty = NonZeroU32::new(1_000_000).unwrap();
        let limits = Limits {
            per_second: plenty,
            burst: plenty,
        };
        let server = Arc::new(Server::new(Arc::clone(&app), verifier, limits));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let pages = pages::opened(Arc::clone(&server), &base, known());
        let routes = pipss_api::routes(server).merge(pages);
        tokio::spawn(async { axum::serve(listener, routes).await });
        let client = pages::browser();
        let mut house = Self {
            app,
            issuer,
            cookies: pages::signed_in(&client, &base, &known()).await,
            base,
            client,
            keys: AtomicUsize::new(0),
            now: String::new(),
            past: String::new(),
            other: String::new(),
            kept: String::new(),
            one_to_one: String::new(),
            disclosure: String::new(),
            to_be_erased: Default::default(),
            urgent: String::new(),
            sessions: Default::default(),
            group: String::new(),
            supervision: String::new(),
            escalation: String::new(),
            glass: String::new(),
            _folder: folder,
        };
        house.tell().await;
        house
    }

    async fn tell(&mut self) {
        put_on_duty(&self.app).await;
        put_a_program_in(&self.app).await;
        self.past = self.raised("robin", "stroke").await;
        let session = self.planned(&self.past, 4).await;
        self.app
            .clock()
            .move_to(self.app.clock().now() + Duration::days(5));
        let due = (Utc::now() + Duration::days(30)).date_naive();
        self.give(&self.past, "record-session", json!({
            "session": session, "minutes": 75, "mode": "in_person", "headcount": 9, "phases": ["coping"],
            "themes": [{ "theme": "psy.safety", "polarity": "difficulty" }],
            "actions": [{ "what": "A lock", "owner": "estates", "due": due }]
        })).await;
        self.app.clock().move_to(Utc::now());
        self.now = self.raised("sam", "stroke").await;
        let to_come = self.planned(&self.now, 4).await;
        self.sessions = [&to_come, &session].map(|id| id.as_str().unwrap().into());
        self.other = self.raised("alex", "ash").await;
        let kept = json!({ "not_through_my_manager": true, "not_seen_by": ["Alex Kestrel"] });
        self.kept = self.raised_with("sam", "stroke", kept).await;
        self.one_to_one = self.helped().await;
        self.glass = self.broken(&self.one_to_one).await;
        self.disclosure = self.asked_from_outside().await;
        self.to_be_erased = self.to_be_erased().await;
        let urgent = json!({ "safety": {
            "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "yes"
        } });
        self.urgent = self.raised_with("sam", "stroke", urgent).await;
        self.group = self.agreed().await;
        self.supervision = self.wanted().await;
        self.escalation = self.reported().await;
    }

    async fn raised(&self, who: &str, team: &str) -> String {
        self.raised_with(who, team, json!({})).await
    }

    async fn raised_with(&self, who: &str, team: &str, more: Value) -> String {
        let ago = self.app.clock().now() - Duration::days(2);
        let mut body = json!({
            "team": unit(team),
            "incidents": [{
                "type": "assault_physical", "occurred": { "at": ago }, "place": "inpatient_ward",
                "known_at": ago, "line": "On the night shift.", "local_ref": "W-1"
            }],
            "anticipated": { "expected_on": (Utc::now() + Duration::days(9)).date_naive(), "line": "An inquest." },
            "strain": { "type": "sustained_strain", "line": "Short of staff." },
            "affected": { "directly": "6-10", "indirectly": "unknown", "groups": ["bank"] },
            "injuries": "no", "signs_worsening": "no", "shift_pattern": "mixed",
            "safety": { "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no" },
            "defusion_held": { "at": ago, "led_by": "manager" },
            "asked_for": ["petr_debrief"], "team_aware": "yes", "preferred_times": "Early.",
            "preferred_venue": "Off the ward.", "contact_out_of_hours": "The site office."
        });
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        let visitor = self.someone(who);
        let raised = self.post(&visitor, "/api/v1/referrals", None, &body).await;
        assert_eq!(raised.status, 201, "{}", raised.text);
        raised.json()["case"].as_str().unwrap().into()
    }

    /// Brings a case to a session by two facilitators so many days ahead; answers the session.
    async fn planned(&self, case: &str, days: i64) -> Value {
        let ahead = self.app.clock().now() + Duration::days(days);
        self.give(case, "acknowledge", json!({ "by": "telephone" }))
            .await;
        self.give(case, "triage", json!({
            "urgency": "U3", "outcome": "accept", "reason": "As told.",
            "contraindications": {
                "threat_continuing": false, "staff_not_safe_or_rested": false,
                "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
                "manager_implicated": false, "really_an_investigation": false
            }
        })).await;
        self.give(
            case,
            "record-scoping",
            json!({
                "held_at": self.app.clock().now(), "with": ["managers"],
                "needs": [{ "theme": "psy.safety", "note": "Fear of the nights." }]
            }),
        )
        .await;
        let liaison = json!({ "kind": "liaison", "owner": "estates", "aim": "A lock" });
        let liaison = self.give(case, "plan-offer", liaison).await["offer"].clone();
        self.give(
            case,
            "end-offer",
            json!({ "offer": liaison, "how": "handed_over", "owner": "estates",
            "due": ahead.date_naive(), "note": "By the month's end." }),
        )
        .await;
        self.give(
            case,
            "complete-handover",
            json!({ "offer": liaison, "what_changed": "It locks." }),
        )
        .await;
        let petr = json!({ "kind": "petr_debrief", "owner": "pipss_lead", "aim": "Reflection" });
        let petr = self.give(case, "plan-offer", petr).await["offer"].clone();
        let arranged = self.give(case, "arrange-session", json!({
            "offer": petr, "starts_at": ahead, "minutes": 75, "site": "Garden Room",
            "link": "https://meet.example.test/x", "facilitators": [person("ash"), person("kim")],
            "managers_attend": "no"
        })).await;
        arranged["session"].clone()
    }

    async fn give(&self, case: &str, name: &str, body: Value) -> Value {
        let lead = self.someone("alex");
        let path = format!("/api/v1/cases/{case}");
        let seen = self.visit(&lead, &Visit::of("GET", &path, "")).await;
        let etag = seen.headers["etag"].to_str().unwrap().to_owned();
        let answer = self
            .post(&lead, &format!("{path}/{name}"), Some(&etag), &body)
            .await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        answer.json()
    }

    /// Everyone of the demonstration, someone the directory never met, and nobody.
    pub fn everyone(&self) -> Vec<Visitor> {
        let shorts = PEOPLE.iter().map(|who| who.short);
        shorts
            .chain(["duty", "program", "stranger", "nobody"])
            .map(|short| self.someone(short))
            .collect()
    }

    pub fn someone(&self, short: &str) -> Visitor {
        let who = known().into_iter().find(|who| who.short == short);
        let token = |who: &Who| self.issuer.token(&who.subject, &who.name, &who.email, 3600);
        Visitor {
            short: who.as_ref().map_or("nobody", |who| who.short),
            token: who.as_ref().map(token),
            cookie: who.and_then(|who| self.cookies.get(who.short).cloned()),
        }
    }

    /// Tries a door without changing anything: a referral says nothing, a command names no version.
    pub async fn visit(&self, who: &Visitor, visit: &Visit) -> Answer {
        if visit.method == Method::POST {
            return self.post(who, &visit.path, None, &json!({})).await;
        }
        let url = format!("{}{}", self.base, visit.path);
        self.send(who, self.client.request(visit.method.clone(), url))
            .await
    }

    pub async fn post(
        &self,
        who: &Visitor,
        path: &str,
        version: Option<&str>,
        body: &Value,
    ) -> Answer {
        let key = self.keys.fetch_add(1, Ordering::Relaxed).to_string();
        let mut request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("Idempotency-Key", key)
            .header("Content-Type", "application/json")
            .body(body.to_string());
        if let Some(version) = version {
            request = request.header("If-Match", version);
        }
        self.send(who, request).await
    }

    async fn send(&self, who: &Visitor, mut request: reqwest::RequestBuilder) -> Answer {
        if let Some(token) = &who.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &who.cookie {
            request = request.header("Cookie", cookie);
        }
        let response = request.send().await.unwrap();
        let (status, mut headers) = (response.status(), response.headers().clone());
        headers.remove("date");
        let text = response.text().await.unwrap();
        Answer {
            status,
            text: pages::without_chance(&mut headers, text),
            headers,
        }
    }

    /// The things that a path names, if it names one that can be hidden.
    pub fn things_in(&self, path: &str) -> Option<Things> {
        let present = if path.contains("{session}") {
            let [to_come, held] = &self.sessions;
            vec![
                ("now", format!("{}/{to_come}", self.now)),
                ("past", format!("{}/{held}", self.past)),
                ("other", format!("{}/{to_come}", self.other)),
                ("kept", format!("{}/{to_come}", self.kept)),
            ]
        } else if path.contains("{escalation}") {
            let reported = &self.escalation;
            vec![
                ("now", format!("{}/{reported}", self.now)),
                ("other", format!("{}/{reported}", self.other)),
            ]
        } else if path.contains("{group}") {
            vec![("group", self.group.clone())]
        } else if path.contains("{supervision}") {
            vec![("ash's", self.supervision.clone())]
        } else if path.contains("{case}") {
            vec![
                ("now", self.now.clone()),
                ("past", self.past.clone()),
                ("other", self.other.clone()),
                ("kept", self.kept.clone()),
                ("urgent", self.urgent.clone()),
            ]
        } else if path.contains("{one_to_one}") {
            vec![("helped", self.one_to_one.clone())]
        } else if path.contains("{erasure}") {
            vec![("proposed", self.to_be_erased.0.clone())]
        } else if path.contains("{hold}") {
            vec![("held", self.to_be_erased.1.clone())]
        } else if path.contains("{glass}") {
            vec![("broken", self.glass.clone())]
        } else if path.contains("{disclosure}") {
            vec![("police", self.disclosure.clone())]
        } else if path.contains("{person}") {
            vec![("ash", person("ash").to_string())]
        } else if path.contains("{team}") {
            ["stroke", "ash", "willow"]
                .map(|short| (short, unit(short).to_string()))
                .into()
        } else {
            return None;
        };
        Some(Things {
            present,
            absent: NOWHERE,
        })
    }
}
