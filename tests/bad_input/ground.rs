//! An invented trust with one rich case, and a way to see that nothing about it changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use reqwest::Client;
use serde_json::{Value, json};

use crate::ask::{Ask, Place, by_hand};
use crate::support::demo::{Answer, Demo, Person, later, referral};

/// A running program with a case in the middle of its path.
pub struct Ground {
    pub demo: Demo,
    client: Client,
    /// Two leads, asked in turn, so that none of them is ever too much at once.
    leads: [Person; 2],
    turn: AtomicUsize,
    /// Manages the team of the case.
    pub manager: Person,
    /// A facilitator who is assigned to the case.
    pub facilitator: Person,
    /// The team of the case.
    pub team: String,
    pub case: Place,
    /// A PETR debrief with a session to come.
    pub petr: String,
    pub session: String,
    /// A liaison that was only planned.
    pub liaison: String,
    /// A process change that was handed over.
    pub handed_over: String,
}

impl Ground {
    /// Starts the program and brings a case to the middle of its path.
    pub async fn new() -> Self {
        let demo = Demo::start(&["--empty"]);
        let lead = demo.person("Alex Kestrel").await;
        let team = team(&demo, &lead, "Harbour Stroke Ward").await;
        let manager = demo.person("Robin Wren").await;
        let id = text(&demo.raise(&manager, &referral(&team)).await.expect(201)["case"]);
        let mut ground = Self {
            client: Client::builder()
                .timeout(Duration::from_secs(60))
                .build()
                .unwrap(),
            leads: [lead, demo.person("Charlie Dunnock").await],
            turn: AtomicUsize::new(0),
            manager,
            facilitator: demo.person("Ash Linnet").await,
            team,
            case: Place {
                id,
                etag: String::new(),
            },
            petr: String::new(),
            session: String::new(),
            liaison: String::new(),
            handed_over: String::new(),
            demo,
        };
        ground.plan().await;
        ground
    }

    async fn plan(&mut self) {
        let triage = crate::bodies::triage();
        self.done("triage", &triage).await;
        let offer = |kind: &str, owner: &str| json!({ "kind": kind, "owner": owner });
        self.petr = self.planned(&offer("petr_debrief", "pipss_lead")).await;
        self.liaison = self.planned(&offer("liaison", "security_adviser")).await;
        let change = offer("process_change", "ward_management");
        self.handed_over = self.planned(&change).await;
        let end = json!({ "offer": self.handed_over, "how": "handed_over", "owner": "estates",
            "due": (Utc::now() + chrono::Duration::days(9)).date_naive() });
        self.done("end-offer", &end).await;
        let arrange = crate::bodies::arrange(self, 5);
        let arranged = self.done("arrange-session", &arrange).await;
        self.session = text(&arranged["session"]);
        self.case.etag = self.version(&self.case.id).await;
    }

    async fn planned(&self, offer: &Value) -> String {
        text(&self.done("plan-offer", offer).await["offer"])
    }

    /// Gives a command to the case that is accepted.
    pub async fn done(&self, name: &str, body: &Value) -> Value {
        let case = &self.case.id;
        self.demo
            .command(self.lead(), case, name, body)
            .await
            .expect(200)
    }

    /// One of the leads, in turn.
    pub fn lead(&self) -> &Person {
        &self.leads[self.turn.fetch_add(1, Ordering::Relaxed) % self.leads.len()]
    }

    /// The version of a case, as `ETag` gives it.
    pub async fn version(&self, case: &str) -> String {
        let path = format!("/api/v1/cases/{case}");
        let answer = self.demo.get(self.lead(), &path).await;
        answer.expect(200);
        answer.header("etag").into()
    }

    /// A command to the case by a lead.
    pub fn command(&self, name: &str, body: &Value) -> Ask {
        Ask::command(self.lead(), &self.case, name, body)
    }

    /// Either a referral or a command to the case, by its name.
    pub fn ask_for(&self, name: &str, body: &Value) -> Ask {
        match name {
            "referrals" => Ask::raise(self.lead(), body),
            _ => self.command(name, body),
        }
    }

    /// Sends a request.
    pub async fn ask(&self, ask: Ask) -> Answer {
        loop {
            let answer = self.ask_once(ask.clone()).await;
            if answer.status != 429 {
                return answer;
            }
            later(&answer).await;
        }
    }

    /// Sends a request, and takes being told to wait for an answer.
    pub async fn ask_once(&self, ask: Ask) -> Answer {
        if ask.body.as_ref().is_some_and(|body| body.len() > 60_000) {
            return by_hand(&self.demo.base, ask, false);
        }
        let url = format!("{}{}", self.demo.base, ask.path);
        let mut request = self.client.request(ask.method, url);
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        if let Some(body) = ask.body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// Everything a lead can see, with the version of each case: the same before and after.
    pub async fn seen(&self) -> String {
        // What became of a letter changes by itself; which are owed does not.
        let letters = "/api/v1/letters?limit=200";
        let letters = self.demo.get(self.lead(), letters).await.expect(200);
        let letters = letters["letters"].as_array().unwrap().iter();
        let mut seen: String = letters
            .map(|letter| format!("{} {}", letter["kind"], letter["to"]))
            .collect();
        let cases = self.demo.get(self.lead(), "/api/v1/cases?limit=200").await;
        seen += &cases.text;
        for case in cases.expect(200)["cases"].as_array().unwrap() {
            let path = format!("/api/v1/cases/{}", text(&case["case"]));
            let whole = self.demo.get(self.lead(), &path).await;
            seen += whole.header("etag");
            seen += &whole.text;
            let story = format!("{path}/timeline?limit=200");
            seen += &self.demo.get(self.lead(), &story).await.text;
        }
        assert!(seen.contains("SessionArranged"), "{seen}");
        seen
    }
}

/// The id of a team by its name.
pub async fn team(demo: &Demo, who: &Person, name: &str) -> String {
    let teams = demo.get(who, "/api/v1/teams").await.expect(200);
    let mut teams = teams["teams"].as_array().unwrap().iter();
    text(&teams.find(|team| team["name"] == name).unwrap()["team"])
}

/// A JSON text as a string.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).into()
}
