//! One-to-one support over HTTP: asking for it, and what is done about it.

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};

use super::demo::{Answer, Demo, Person, fresh_key};
use super::schedule::Posted;
use super::ward::{team, text};

/// The people around one request, and their letters.
pub struct Private {
    pub posted: Posted,
    pub sam: Person,
    pub robin: Person,
    pub alex: Person,
    pub charlie: Person,
    pub kim: Person,
    pub ward: String,
    pub one: String,
}

impl Private {
    /// Sam, a nurse of the stroke ward, has asked for one-to-one support.
    pub async fn asked(more: Value) -> Self {
        let posted = Posted::start();
        let demo = &posted.demo;
        let sam = demo.person("Sam Heron").await;
        let ward = team(demo, &sam, "Harbour Stroke Ward").await;
        let mut private = Self {
            sam,
            robin: demo.person("Robin Wren").await,
            alex: demo.person("Alex Kestrel").await,
            charlie: demo.person("Charlie Dunnock").await,
            kim: demo.person("Kim Siskin").await,
            ward,
            posted,
            one: String::new(),
        };
        private.one = private.ask(more).await;
        private.posted.pass(Duration::minutes(2)).await;
        private
    }

    /// Sam asks, and answers the id.
    pub async fn ask(&self, more: Value) -> String {
        let mut body = json!({
            "call_me": "Sammy", "team": self.ward, "note": "I cannot sleep after the night.",
            "letters_to": "sammy.private@example.test", "phone": "07000 000000"
        });
        let more = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(more);
        let asked = self.post(&self.sam, "one-to-ones", &body).await;
        text(&asked.expect(201)["one_to_one"])
    }

    pub fn demo(&self) -> &Demo {
        &self.posted.demo
    }

    /// Anything that is not meant for a version, under a fresh key.
    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Answer {
        post(self.demo(), who, path, body).await
    }

    /// A command to the one-to-one at its present version.
    pub async fn give(&self, who: &Person, name: &str, body: Value) -> Answer {
        let path = format!("/api/v1/one-to-ones/{}", self.one);
        let etag = self.demo().get(who, &path).await.header("etag").to_owned();
        let key = fresh_key();
        let headers = [
            ("Idempotency-Key", key.as_str()),
            ("If-Match", etag.as_str()),
        ];
        let path = format!("{path}/{name}");
        let sent = self
            .demo()
            .send(Method::POST, &path, Some(who), &headers, Some(&body));
        sent.await
    }

    /// What someone sees of it.
    pub async fn seen(&self, who: &Person) -> Answer {
        let path = format!("/api/v1/one-to-ones/{}", self.one);
        self.demo().get(who, &path).await
    }

    /// Mails to an address, wherever it stands.
    pub fn mails_to(&self, address: &str) -> usize {
        let received = self.posted.peer.messages();
        let to = received
            .iter()
            .filter(|mail| mail.envelope_to[0] == address);
        to.count()
    }
}

/// Anything that is not meant for a version, under a fresh key.
pub async fn post(demo: &Demo, who: &Person, path: &str, body: &Value) -> Answer {
    let key = fresh_key();
    let headers = [("Idempotency-Key", key.as_str())];
    let path = format!("/api/v1/{path}");
    demo.send(Method::POST, &path, Some(who), &headers, Some(body))
        .await
}
