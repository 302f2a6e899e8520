//! The real program, started as a person would start it, and asked over HTTP.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running demonstration; killed when it goes out of scope.
pub struct Demo {
    child: Mutex<Child>,
    pub base: String,
    client: Client,
    /// What a killed process leaves behind goes with it.
    _temporary: TempDir,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// Someone of the demonstration, with a token.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub token: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A header as text; empty if absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body, after checking the status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }
}

impl Demo {
    /// `pipss demo --port 0` with more arguments; returns when it says that it is ready.
    pub fn start(more: &[&str]) -> Self {
        Self::run(pipss().args(["demo", "--port", "0"]).args(more))
    }

    /// Any command that serves; returns when it says that it is ready.
    pub fn run(command: &mut Command) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        if !command.get_envs().any(|(name, _)| name == "TMPDIR") {
            command.env("TMPDIR", temporary.path());
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().expect("it says something").unwrap();
        let base = ready
            .strip_prefix("ready ")
            .unwrap_or_else(|| panic!("{ready}"))
            .to_owned();
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self {
            child: Mutex::new(child),
            base,
            client,
            _temporary: temporary,
        }
    }

    /// Pulls it down at once, as `kill -9` does.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks it to end, as Ctrl-C does, and waits.
    pub fn interrupt(&self) -> std::process::ExitStatus {
        let mut child = self.child.lock().unwrap();
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        child.wait().unwrap()
    }

    /// Someone by name, signed in.
    pub async fn person(&self, name: &str) -> Person {
        let people = self
            .send(Method::GET, "/demo/people", None, &[], None)
            .await
            .expect(200);
        let people = people["people"].as_array().unwrap().clone();
        let found = people
            .iter()
            .find(|p| p["name"] == name)
            .unwrap_or_else(|| panic!("no {name}"));
        let id = found["person"].as_str().unwrap().to_owned();
        let asked = json!({ "person": id });
        let token = self
            .send(Method::POST, "/demo/token", None, &[], Some(&asked))
            .await
            .expect(200);
        Person {
            id,
            name: name.into(),
            token: token["access_token"].as_str().unwrap().into(),
        }
    }

    /// Whoever chose to be a person of the demonstration, at their browser.
    pub async fn cookie(&self, short: &str) -> String {
        let stay = reqwest::redirect::Policy::none();
        let browser = Client::builder().redirect(stay).build().unwrap();
        let chosen = browser
            .post(format!("{}/sign-in", self.base))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("subject=demo-{short}"));
        let chosen = chosen.send().await.unwrap();
        let cookie = chosen.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// A page, as they see it.
    pub async fn page(&self, short: &str, path: &str) -> Answer {
        let cookie = self.cookie(short).await;
        let headers = [("Cookie", cookie.as_str())];
        self.send(Method::GET, path, None, &headers, None).await
    }

    /// Moves the clock forward.
    pub async fn move_clock(&self, to: chrono::DateTime<chrono::Utc>) {
        let asked = json!({ "to": to });
        self.send(Method::POST, "/demo/clock", None, &[], Some(&asked))
            .await
            .expect(200);
    }

    /// Reads, as someone.
    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        self.send(Method::GET, path, Some(who), &[], None).await
    }

    /// Raises a referral under a fresh key.
    pub async fn raise(&self, who: &Person, body: &Value) -> Answer {
        let key = fresh_key();
        let headers = [("Idempotency-Key", key.as_str())];
        self.send(
            Method::POST,
            "/api/v1/referrals",
            Some(who),
            &headers,
            Some(body),
        )
        .await
    }

    /// Gives a command to a case at its present version, under a fresh key.
    pub async fn command(&self, who: &Person, case: &str, name: &str, body: &Value) -> Answer {
        let etag = self
            .get(who, &format!("/api/v1/cases/{case}"))
            .await
            .header("etag")
            .to_owned();
        let key = fresh_key();
        let headers = [
            ("Idempotency-Key", key.as_str()),
            ("If-Match", etag.as_str()),
        ];
        let path = format!("/api/v1/cases/{case}/{name}");
        self.send(Method::POST, &path, Some(who), &headers, Some(body))
            .await
    }

    /// Sends anything, and again when told to wait.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        who: Option<&Person>,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        loop {
            let sent = self.try_send(method.clone(), path, who, headers, body);
            let answer = sent.await.unwrap();
            if answer.status != 429 {
                return answer;
            }
            later(&answer).await;
        }
    }

    /// Sends anything to a program that may not live to answer.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        who: Option<&Person>,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(who) = who {
            request = request.bearer_auth(&who.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await?;
        Ok(Answer {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await?,
        })
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// The program, to be told what to do.
pub fn pipss() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pipss"))
}

/// Waits as long as an answer says.
pub async fn later(answer: &Answer) {
    let seconds = answer.header("retry-after").parse().unwrap();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A key that nobody used before.
pub fn fresh_key() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// A referral that is right in every field; tests change what they need.
pub fn referral(team: &str) -> Value {
    let two_days_ago = chrono::Utc::now() - chrono::Duration::days(2);
    json!({
        "team": team,
        "incidents": [{
            "type": "assault_physical", "occurred": { "at": two_days_ago },
            "place": "inpatient_ward", "line": "Staff were attacked on the night shift.",
            "local_ref": "W-1"
        }],
        "affected": { "directly": "6-10", "indirectly": "unknown", "groups": ["night_staff"] },
        "injuries": "unknown", "signs_worsening": "no",
        "safety": {
            "threat_continuing": "no", "area_safe": "yes", "someone_at_immediate_risk": "no"
        },
        "asked_for": ["petr_debrief"], "team_aware": "yes"
    })
}
