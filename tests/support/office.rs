//! A program with a kept folder, a mail server that may fail, and a clock that begins on a working day.

use std::net::{Ipv4Addr, TcpListener};

use chrono::{DateTime, Datelike, Duration, NaiveTime, Utc, Weekday};
use pipss_domain::working_time::{DAY_MINUTES, stretches};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::demo::{Demo, referral};
use super::letters::{Shown, letters};
use super::smtp::SmtpPeer;
use super::ward::{team, text};

/// A program with a kept folder and one mail server, which may or may not be there.
pub struct Office {
    pub demo: Demo,
    folder: TempDir,
    pub port: u16,
    pub began: DateTime<Utc>,
}

impl Office {
    pub async fn open(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = start(&folder, port);
        let began = next_tuesday();
        demo.move_clock(began).await;
        Self {
            demo,
            folder,
            port,
            began,
        }
    }

    /// Ends the process and starts another over the same folder.
    pub fn restart(&mut self, end: impl FnOnce(&Demo)) {
        end(&self.demo);
        self.demo = start(&self.folder, self.port);
    }

    /// Someone asks for support; answers the reference.
    pub async fn raise(&self, name: &str, urgent: bool) -> String {
        let change = json!({ "signs_worsening": if urgent { "yes" } else { "no" } });
        text(&self.raise_with(name, change).await["reference"])
    }

    /// Someone asks for support with more said of it; answers what they are told.
    pub async fn raise_with(&self, name: &str, more: Value) -> Value {
        let who = self.demo.person(name).await;
        let stroke = team(&self.demo, &who, "Harbour Stroke Ward").await;
        let mut body = referral(&stroke);
        for (field, value) in more.as_object().unwrap() {
            body[field] = value.clone();
        }
        self.demo.raise(&who, &body).await.expect(201)
    }

    /// The lead gives a command to a case.
    pub async fn lead(&self, case: &str, command: &str, body: Value) {
        let lead = self.demo.person("Alex Kestrel").await;
        let done = self.demo.command(&lead, case, command, &body).await;
        done.expect(200);
    }

    /// Lets time pass since the beginning; what was due by then has been tried.
    pub async fn wait(&self, time: Duration) {
        self.demo.move_clock(self.began + time).await;
    }

    /// What the lead sees has become of each letter, the latest first.
    pub async fn states(&self) -> Vec<String> {
        let letters = self.letters().await;
        letters.into_iter().map(|letter| letter.state).collect()
    }

    /// What the lead sees has become of the one letter of a kind.
    pub async fn state_of(&self, kind: &str) -> String {
        let mut letters = self.letters().await;
        letters.retain(|letter| letter.carried.kind == kind);
        assert_eq!(letters.len(), 1, "{letters:?}");
        letters.remove(0).state
    }

    /// Every letter as the lead sees it, the latest first.
    pub async fn letters(&self) -> Vec<Shown> {
        let lead = self.demo.person("Alex Kestrel").await;
        letters(&self.demo, &lead).await
    }
}

/// The coming Tuesday at ten in the morning: a working day with two before the weekend, so that due
/// times fall alike whenever the test runs.
fn next_tuesday() -> DateTime<Utc> {
    let mut at = Utc::now()
        .with_time(NaiveTime::from_hms_opt(10, 0, 0).unwrap())
        .unwrap();
    loop {
        at += Duration::days(1);
        let three_days = stretches(at, 3 * DAY_MINUTES).pop().unwrap();
        if at.weekday() == Weekday::Tue && three_days.to - at <= Duration::days(3) {
            return at;
        }
    }
}

fn start(folder: &TempDir, port: u16) -> Demo {
    let smtp = format!("127.0.0.1:{port}");
    let folder = folder.path().to_str().unwrap();
    Demo::start(&["--empty", "--data", folder, "--smtp", &smtp])
}

/// A port at which nothing listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

pub fn reopened(port: u16) -> SmtpPeer {
    SmtpPeer::start_with("ok", &["--port", &port.to_string()])
}
