//! Letters that the time calls for, through the real program and a real mail server.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{Datelike, Duration, NaiveTime, Weekday};
use serde_json::json;
use support::demo::Demo;
use support::letters::{carried, said};
use support::office::{Office, free_port, reopened};
use support::smtp::{Received, SmtpPeer};
use support::ward::text;

/// Not one of these may stand in a mail (product: "Letters"), nor any digit but those of references,
/// links and a digest's numbers.
const NEVER: [&str; 14] = [
    "Harbour", "Stroke", "Robin", "Wren", "Alex", "Kestrel", "Charlie", "assault", "debrief",
    "PETR", "attacked", "night", "W-1", "ward",
];

fn since(mails: &[Received], before: usize) -> &[Received] {
    &mails[before..]
}

#[tokio::test]
async fn the_lead_then_the_deputy_hear_of_a_reply_that_is_due_and_once_it_was_given_nobody_does() {
    let peer = SmtpPeer::start("ok");
    let office = Office::open(peer.port).await;
    let slow = office.raise_with("Robin Wren", json!({})).await;
    let quick = office
        .raise_with("Robin Wren", json!({ "preferred_venue": "x" }))
        .await;
    office.wait(Duration::minutes(60)).await;
    let by = json!({ "by": "telephone" });
    office
        .lead(&text(&quick["case"]), "acknowledge", by.clone())
        .await;
    let at_once = peer.messages().len();
    // Ten in the morning: four working hours end at two, the last quarter begins at one.
    office.wait(Duration::minutes(185)).await;
    let mails = peer.messages();
    assert_eq!(said(since(&mails, at_once)), ["alex.kestrel: due_soon K2"]);
    assert_eq!(
        carried(&mails[at_once])[0].reference,
        text(&slow["reference"])
    );
    office.wait(Duration::minutes(215)).await;
    let mails = peer.messages();
    let both = ["alex.kestrel: due_soon K2", "charlie.dunnock: due_soon K2"];
    assert_eq!(said(since(&mails, at_once)), both);
    office.lead(&text(&slow["case"]), "acknowledge", by).await;
    office.wait(Duration::hours(20)).await;
    assert_eq!(said(since(&peer.messages(), at_once)), both);
    for mail in peer.messages() {
        let all = format!("{:?} {}", mail.header("Subject"), mail.text);
        let found = NEVER.iter().find(|word| all.contains(*word));
        assert_eq!(found, None, "{all}");
    }
}

#[tokio::test]
async fn a_resend_about_a_due_time_carries_the_same_message_id_even_after_a_crash() {
    let peer = SmtpPeer::start("ok");
    let mut office = Office::open(peer.port).await;
    office.raise("Robin Wren", false).await;
    office.wait(Duration::minutes(1)).await;
    peer.set_mode("drop-after-data");
    office.wait(Duration::minutes(185)).await;
    let dropped = peer.dropped().unwrap();
    office.restart(Demo::kill);
    peer.set_mode("ok");
    office.wait(Duration::minutes(190)).await;
    let mails = peer.messages();
    let mails: Vec<_> = mails
        .iter()
        .filter(|mail| said_one(mail) == "alex.kestrel: due_soon K2")
        .collect();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].header("Message-ID"), [dropped]);
}

fn said_one(mail: &Received) -> String {
    said(std::slice::from_ref(mail)).join(", ")
}

#[tokio::test]
async fn an_urgent_letter_that_reaches_no_lead_is_told_of_once_the_mail_server_is_back() {
    let mut office = Office::open(free_port()).await;
    let unsafe_now = json!({ "safety": {
        "threat_continuing": "yes", "area_safe": "no", "someone_at_immediate_risk": "yes" } });
    office.raise_with("Robin Wren", unsafe_now).await;
    office.wait(Duration::minutes(1)).await;
    office.wait(Duration::minutes(11)).await;
    let kinds = |letters: Vec<support::letters::Shown>| {
        let mut kinds: Vec<_> = letters
            .into_iter()
            .map(|l| (l.carried.kind, l.state))
            .collect();
        kinds.sort();
        kinds
            .into_iter()
            .map(|(kind, state)| format!("{kind} {state}"))
            .collect::<Vec<_>>()
    };
    let owed = [
        "received owed",
        "undelivered owed",
        "undelivered owed",
        "urgent owed",
        "urgent owed",
    ];
    assert_eq!(kinds(office.letters().await), owed);
    let peer = reopened(office.port);
    office.restart(Demo::kill);
    office.wait(Duration::minutes(13)).await;
    office.wait(Duration::minutes(20)).await;
    let mails = said(&peer.messages());
    for reached in [
        "alex.kestrel: urgent",
        "charlie.dunnock: urgent",
        "robin.wren: received",
    ] {
        assert!(mails.iter().any(|mail| mail == reached), "{mails:?}");
    }
    office.wait(Duration::hours(2)).await;
    assert_eq!(said(&peer.messages()), mails, "nothing comes twice");
}

#[tokio::test]
async fn on_monday_morning_the_lead_reads_numbers_and_nothing_else() {
    let peer = SmtpPeer::start("ok");
    let office = Office::open(peer.port).await;
    let case = office.raise_with("Robin Wren", json!({})).await;
    let case = text(&case["case"]);
    office
        .lead(&case, "acknowledge", json!({ "by": "telephone" }))
        .await;
    let monday = office.began + Duration::days(6);
    assert_eq!(monday.weekday(), Weekday::Mon);
    let early = monday
        .with_time(NaiveTime::from_hms_opt(6, 30, 0).unwrap())
        .unwrap();
    office.demo.move_clock(early).await;
    let before = peer.messages().len();
    office.demo.move_clock(early + Duration::hours(2)).await;
    office.demo.move_clock(early + Duration::hours(4)).await;
    let mails = peer.messages();
    let digests: Vec<_> = since(&mails, before)
        .iter()
        .filter(|mail| said_one(mail).ends_with("digest"))
        .collect();
    assert_eq!(digests.len(), 1, "one, to the lead");
    assert_eq!(said_one(digests[0]), "alex.kestrel: digest");
    assert_eq!(digests[0].header("Subject"), ["This week"]);
    let numbers: Vec<_> = digests[0]
        .text
        .lines()
        .filter(|line| line.contains(": "))
        .collect();
    assert_eq!(
        numbers,
        [
            "Waiting for triage: 1",
            "Open: 0",
            "Sessions this week: 0",
            "Overdue: 1"
        ]
    );
}
