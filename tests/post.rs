//! Letters through the real program: whatever the mail server does, each arrives once or is given up in the open.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use support::demo::{Demo, referral};
use support::letters::{carried, letters};
use support::lives::RAISERS;
use support::smtp::{Received, SmtpPeer};
use support::ward::{team, text};
use tempfile::TempDir;

/// A program with a kept folder and one mail server, which may or may not be there.
struct Office {
    demo: Demo,
    folder: TempDir,
    port: u16,
    began: DateTime<Utc>,
}

impl Office {
    fn open(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = start(&folder, port);
        let began = Utc::now();
        Self {
            demo,
            folder,
            port,
            began,
        }
    }

    /// Ends the process and starts another over the same folder.
    fn restart(&mut self, end: impl FnOnce(&Demo)) {
        end(&self.demo);
        self.demo = start(&self.folder, self.port);
    }

    /// Someone asks for support; answers the reference.
    async fn raise(&self, name: &str, urgent: bool) -> String {
        let who = self.demo.person(name).await;
        let stroke = team(&self.demo, &who, "Harbour Stroke Ward").await;
        let mut body = referral(&stroke);
        body["signs_worsening"] = json!(if urgent { "yes" } else { "no" });
        let raised: Value = self.demo.raise(&who, &body).await.expect(201);
        text(&raised["reference"])
    }

    /// Lets time pass since the beginning; what was due by then has been tried.
    async fn wait(&self, time: Duration) {
        self.demo.move_clock(self.began + time).await;
    }

    /// What the lead sees has become of each letter, the latest first.
    async fn states(&self) -> Vec<String> {
        let lead = self.demo.person("Alex Kestrel").await;
        let letters = letters(&self.demo, &lead).await;
        letters.into_iter().map(|letter| letter.state).collect()
    }
}

fn start(folder: &TempDir, port: u16) -> Demo {
    let smtp = format!("127.0.0.1:{port}");
    let folder = folder.path().to_str().unwrap();
    Demo::start(&["--empty", "--data", folder, "--smtp", &smtp])
}

/// A port at which nothing listens.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

fn reopened(port: u16) -> SmtpPeer {
    SmtpPeer::start_with("ok", &["--port", &port.to_string()])
}

fn to<'m>(mails: &'m [Received], address: &str) -> Vec<&'m Received> {
    let ours = mails
        .iter()
        .filter(|mail| mail.envelope_to == [address.to_owned()]);
    ours.collect()
}

#[tokio::test]
async fn a_letter_waits_for_a_mail_server_that_is_down_and_then_arrives_once() {
    let office = Office::open(free_port());
    let reference = office.raise("Robin Wren", false).await;
    office.wait(Duration::seconds(10)).await;
    assert_eq!(office.states().await, ["owed"]);
    let peer = reopened(office.port);
    office.wait(Duration::seconds(20)).await;
    assert_eq!(peer.seen(), "", "it was tried again within the minute");
    office.wait(Duration::minutes(2)).await;
    let mails = peer.messages();
    assert_eq!(mails.len(), 1);
    assert_eq!(carried(&mails[0])[0].reference, reference);
    assert_eq!(office.states().await, ["sent"]);
    office.wait(Duration::hours(80)).await;
    assert_eq!(peer.messages().len(), 1);
}

#[tokio::test]
async fn a_letter_that_is_asked_to_come_back_later_comes_back_later() {
    let peer = SmtpPeer::start("450");
    let office = Office::open(peer.port);
    office.raise("Robin Wren", false).await;
    office.wait(Duration::seconds(10)).await;
    assert_eq!(office.states().await, ["owed"]);
    peer.set_mode("ok");
    office.wait(Duration::minutes(2)).await;
    assert_eq!(peer.messages().len(), 1);
    assert_eq!(office.states().await, ["sent"]);
}

#[tokio::test]
async fn a_letter_nobody_takes_is_given_up_after_72_hours_and_the_lead_sees_it() {
    let peer = SmtpPeer::start("550");
    let office = Office::open(peer.port);
    office.raise("Robin Wren", false).await;
    for hours in [1, 24, 71] {
        office.wait(Duration::hours(hours)).await;
        assert_eq!(office.states().await, ["owed"], "after {hours} hours");
    }
    office.wait(Duration::hours(73)).await;
    assert_eq!(office.states().await, ["undelivered"]);
    peer.set_mode("ok");
    office.wait(Duration::hours(200)).await;
    assert!(peer.messages().is_empty());
    assert_eq!(office.states().await, ["undelivered"]);
}

#[tokio::test]
async fn a_letter_whose_fate_is_unknown_is_sent_again_under_the_same_message_id() {
    let peer = SmtpPeer::start("drop-after-data");
    let office = Office::open(peer.port);
    office.raise("Robin Wren", false).await;
    office.wait(Duration::seconds(10)).await;
    let dropped = peer.dropped().unwrap();
    assert_eq!(office.states().await, ["owed"]);
    peer.set_mode("ok");
    office.wait(Duration::minutes(2)).await;
    let mails = peer.messages();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].header("Message-ID"), [dropped]);
}

#[tokio::test]
async fn sixty_urgent_requests_are_not_sixty_mails_and_yet_every_one_reaches_the_lead() {
    let peer = SmtpPeer::start("ok");
    let office = Office::open(peer.port);
    let lead = "alex.kestrel@example.test";
    let mut raised = BTreeSet::from([office.raise(RAISERS[0], true).await]);
    office.wait(Duration::seconds(30)).await;
    let mails = peer.messages();
    assert_eq!(to(&mails, lead).len(), 1, "the first goes at once");
    for n in 1..60 {
        raised.insert(office.raise(RAISERS[n % RAISERS.len()], true).await);
    }
    for minutes in [1, 5, 10, 14] {
        office.wait(Duration::minutes(minutes)).await;
    }
    let mails = to(&peer.messages(), lead).len();
    assert!(mails <= 7, "{mails} mails in 15 minutes");
    for minutes in [31, 47, 63] {
        office.wait(Duration::minutes(minutes)).await;
    }
    let mails = peer.messages();
    let mut told: Vec<_> = to(&mails, lead)
        .into_iter()
        .flat_map(carried)
        .map(|letter| letter.reference)
        .collect();
    told.sort();
    assert_eq!(told, raised.into_iter().collect::<Vec<_>>());
    assert!(office.states().await.iter().all(|state| state == "sent"));
}

#[tokio::test]
async fn restarts_send_nothing_twice() {
    let peer = SmtpPeer::start("ok");
    let mut office = Office::open(peer.port);
    office.raise("Robin Wren", true).await;
    office.wait(Duration::minutes(1)).await;
    assert_eq!(peer.messages().len(), 3);
    office.restart(|demo| assert!(demo.interrupt().success()));
    office.wait(Duration::hours(2)).await;
    office.restart(Demo::kill);
    office.wait(Duration::hours(80)).await;
    assert_eq!(peer.messages().len(), 3);
    assert_eq!(office.states().await, ["sent"; 3]);
}

#[tokio::test]
async fn what_was_owed_before_a_restart_is_sent_after_it() {
    let mut office = Office::open(free_port());
    let reference = office.raise("Robin Wren", false).await;
    office.wait(Duration::minutes(1)).await;
    office.restart(Demo::kill);
    assert_eq!(office.states().await, ["owed"]);
    let peer = reopened(office.port);
    office.wait(Duration::hours(1)).await;
    let mails = peer.messages();
    assert_eq!(mails.len(), 1);
    assert_eq!(carried(&mails[0])[0].reference, reference);
}
