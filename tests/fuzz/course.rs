//! A course of requests by everyone in turn, right and wrong, each answer checked against the description.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Datelike, Utc};
use reqwest::Client;
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::description::{Description, Operation};
use crate::ground::Visitor;
use crate::known::{Known, named};
use crate::right::{Maker, referral};
use crate::support::random::Random;
use crate::wild::CANARY;

/// One course; several go on at once.
pub struct Course<'c> {
    pub base: &'c str,
    pub description: &'c Description,
    pub everyone: &'c [Visitor],
    pub random: Random,
    pub known: Known,
    pub client: Client,
    /// Of a hundred requests, so many are spoilt.
    pub spoilt: u64,
    /// What time it is for whoever asks.
    pub now: DateTime<Utc>,
    pub answered: BTreeMap<u16, u64>,
    /// What was done, by its method and its path as described.
    pub accepted: BTreeSet<String>,
    keys: Vec<String>,
}

/// What came back.
struct Answer {
    status: u16,
    media_type: String,
    etag: String,
    text: String,
}

const LEADS: [&str; 2] = ["alex", "charlie"];

impl<'c> Course<'c> {
    pub fn new(
        (base, description): (&'c str, &'c Description),
        everyone: &'c [Visitor],
        (random, known): (Random, Known),
        (spoilt, now): (u64, DateTime<Utc>),
    ) -> Self {
        Self {
            base,
            description,
            everyone,
            random,
            known,
            // The program ends a connection on which nothing is said for half a minute: never begin on one then.
            client: Client::builder()
                .pool_idle_timeout(Duration::from_secs(10))
                .build()
                .expect("nothing unusual is asked of it"),
            spoilt,
            now,
            answered: BTreeMap::new(),
            accepted: BTreeSet::new(),
            keys: Vec::new(),
        }
    }

    /// So many requests.
    pub async fn run(&mut self, requests: u64) {
        for n in 0..requests {
            if n % 60 == 0 {
                self.known.turn();
            }
            let ask = match n % 120 {
                0 => self.raised(),
                _ => self.any(),
            };
            self.send(ask).await;
        }
    }

    /// A referral as it should be, so that there is always something to go on with.
    fn raised(&mut self) -> Ask {
        let team = self.known.one("", "team", &mut self.random);
        let body = referral(&team, self.now);
        let operation = self.find("POST", "/api/v1/referrals");
        let mut ask = self.ask(operation, "/api/v1/referrals".into(), "alex");
        ask.body = Some(body.to_string().into_bytes());
        ask
    }

    fn any(&mut self) -> Ask {
        let next = match self.random.below(10) {
            0..6 => self.known.step(&mut self.random),
            _ => None,
        };
        let mut ask = match next {
            Some(next) => self.next(next),
            None => {
                let operation = self.random.one_of(&self.description.operations).clone();
                let path = self.path(&operation);
                let short = match self.random.below(2) {
                    0 => *self.random.one_of(&LEADS),
                    _ => self.random.one_of(self.everyone).short,
                };
                self.ask(operation, path, short)
            }
        };
        self.fill(&mut ask);
        if self.random.below(100) < self.spoilt {
            ask.spoil(&mut self.random, &self.keys);
        }
        ask
    }

    /// A command that can be given now; now and then a look instead, so that what comes next is known.
    fn next(&mut self, (thing, who, name): (String, &'static str, String)) -> Ask {
        let described = ["/api/v1/cases/{case}", "/api/v1/one-to-ones/{one_to_one}"];
        let above = |described: &str| described.rsplit_once('/').unwrap().0.to_owned();
        let described = described
            .into_iter()
            .find(|one| thing.starts_with(&above(one)));
        let described = described.unwrap();
        if self.random.below(4) == 0 || self.known.version_of(&thing).is_none() {
            let short = match self.random.below(3) {
                0 | 1 => who,
                _ => self.random.one_of(self.everyone).short,
            };
            return self.ask(self.find("GET", described), thing, short);
        }
        let operation = self.find("POST", &format!("{described}/{name}"));
        self.ask(operation, format!("{thing}/{name}"), who)
    }

    fn find(&self, method: &str, path: &str) -> Operation {
        let mut all = self.description.operations.iter();
        let found = all.find(|one| one.method == method && one.path == path);
        found
            .unwrap_or_else(|| panic!("{method} {path} is named as a next step and not described"))
            .clone()
    }

    fn ask(&mut self, operation: Operation, path: String, short: &str) -> Ask {
        let who = self
            .everyone
            .iter()
            .find(|who| who.short == short)
            .unwrap()
            .clone();
        let mut headers = Vec::new();
        if operation.body.is_some() {
            let key = format!("{:016x}", self.random.below(u64::MAX));
            headers.push(("Content-Type", b"application/json".to_vec()));
            headers.push(("Idempotency-Key", key.clone().into_bytes()));
            self.keys.push(key);
        }
        if let Some(version) = self.known.version_of(thing_of(&path))
            && operation
                .parameters
                .iter()
                .any(|given| given.name == "If-Match")
        {
            headers.push(("If-Match", version.into()));
        }
        Ask {
            method: operation.method.parse().unwrap(),
            operation: Some(operation),
            path,
            who,
            headers,
            body: None,
        }
    }

    fn path(&mut self, operation: &Operation) -> String {
        let mut path = operation.path.clone();
        for given in operation
            .parameters
            .iter()
            .filter(|given| given.place == "path")
        {
            let value = match given.name.as_str() {
                "quarter" => quarter(self.now),
                "book" => "offers".into(),
                name => self.known.one(&path, name, &mut self.random),
            };
            path = path.replace(&format!("{{{}}}", given.name), &value);
        }
        path
    }

    fn maker(&mut self, path: &str) -> Maker<'_> {
        Maker {
            thing: thing_of(path).into(),
            description: self.description,
            known: &self.known,
            random: &mut self.random,
            now: self.now,
        }
    }

    /// The query and the body, as described.
    fn fill(&mut self, ask: &mut Ask) {
        let operation = ask.operation.clone().unwrap();
        let mut query = form_urlencoded();
        for given in operation
            .parameters
            .iter()
            .filter(|given| given.place == "query")
        {
            if given.required || self.random.below(3) == 0 {
                let value = match given.name.as_str() {
                    "limit" => json!(1 + self.random.below(200)),
                    "after" => continue,
                    name => self.maker(&ask.path).value(&given.schema, name),
                };
                query.append_pair(&given.name, value.as_str().unwrap_or(&value.to_string()));
            }
        }
        let query = query.finish().to_owned();
        if !query.is_empty() {
            ask.path = format!("{}?{query}", ask.path);
        }
        if let Some(schema) = &operation.body {
            let body = self.maker(&ask.path).value(schema, "");
            ask.body = Some(body.to_string().into_bytes());
        }
    }

    async fn send(&mut self, ask: Ask) {
        let mut request = self
            .client
            .request(ask.method.clone(), format!("{}{}", self.base, ask.path));
        if let Some(token) = &ask.who.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value.as_slice());
        }
        if let Some(body) = &ask.body {
            request = request.body(body.clone());
        }
        let sent = request.send().await;
        let sent = sent.unwrap_or_else(|error| panic!("{error:?}\n{}", ask.told()));
        let header = |name: &str| {
            let value = sent
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        let answer = Answer {
            status: sent.status().as_u16(),
            media_type: header("content-type"),
            etag: header("etag"),
            text: sent.text().await.unwrap(),
        };
        *self.answered.entry(answer.status).or_default() += 1;
        if let Some(fault) = self.fault(&ask, &answer) {
            panic!("{fault}\n{}\n{} {}", ask.told(), answer.status, answer.text);
        }
        self.learn(&ask, &answer);
    }

    fn fault(&self, ask: &Ask, answer: &Answer) -> Option<String> {
        if answer.status >= 500 {
            return Some("an error of the program's own".into());
        }
        if answer.status >= 400 && answer.text.to_lowercase().contains(&CANARY.to_lowercase()) {
            return Some("it repeats what was sent".into());
        }
        if let Some(operation) = &ask.operation {
            return self.description.fault(
                operation,
                answer.status,
                &answer.media_type,
                &answer.text,
            );
        }
        let problem: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let by_the_book =
            answer.media_type == "application/problem+json" && problem["status"] == answer.status;
        // Too much is refused before anybody looks what was asked for.
        let refused = [400, 401, 404, 405, 429].contains(&answer.status);
        (!refused || !by_the_book).then(|| "not refused as what does not exist is".into())
    }

    fn learn(&mut self, ask: &Ask, answer: &Answer) {
        if answer.status == 412 {
            self.known.forget_version(thing_of(&ask.path));
        }
        if answer.status >= 300 {
            return;
        }
        let Ok(value) = serde_json::from_str::<Value>(&answer.text) else {
            return;
        };
        if let Some(operation) = &ask.operation {
            let done = format!("{} {}", operation.method, operation.path);
            self.accepted.insert(done);
        }
        let path = ask.path.split('?').next().unwrap();
        let thing = named(&value).unwrap_or_else(|| path.to_owned());
        self.known.learn(&thing, ask.who.short, &value);
        self.known.version(&thing, &answer.etag);
        if answer.status == 201 && value["case"].is_string() {
            let raised = json!({ "next": ["acknowledge", "triage"] });
            self.known.learn_next(&thing, "alex", &raised);
        }
    }
}

/// What a command is given to: its path without the command.
fn thing_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(thing, _)| thing)
}

fn form_urlencoded() -> form_urlencoded::Serializer<'static, String> {
    form_urlencoded::Serializer::new(String::new())
}

/// The quarter before the present one.
fn quarter(now: DateTime<Utc>) -> String {
    let before = now - chrono::Duration::days(91);
    format!("{}-Q{}", before.year(), before.month0() / 3 + 1)
}
