//! Letters through the real program: whatever the mail server does, each arrives once or is given up in the open.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use chrono::Duration;
use support::demo::{Demo, fresh_key};
use support::letters::{carried, said};
use support::lives::RAISERS;
use support::night::{Night, saturday};
use support::office::{Office, free_port, reopened};
use support::smtp::{Received, SmtpPeer};

fn to<'m>(mails: &'m [Received], address: &str) -> Vec<&'m Received> {
    let ours = mails
        .iter()
        .filter(|mail| mail.envelope_to == [address.to_owned()]);
    ours.collect()
}

/// What comes of a request that nobody looks at for three days and a half.
const OVERDUE: [&str; 4] = [
    "alex.kestrel: overdue K2",
    "alex.kestrel: overdue K3",
    "charlie.dunnock: overdue K2",
    "charlie.dunnock: overdue K3",
];

#[tokio::test]
async fn a_letter_waits_for_a_mail_server_that_is_down_and_then_arrives_once() {
    let office = Office::open(free_port()).await;
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
    assert_eq!(
        said(&peer.messages()),
        [&OVERDUE[..], &["robin.wren: received"]].concat()
    );
}

#[tokio::test]
async fn a_letter_that_is_asked_to_come_back_later_comes_back_later() {
    let peer = SmtpPeer::start("450");
    let office = Office::open(peer.port).await;
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
    let office = Office::open(peer.port).await;
    office.raise("Robin Wren", false).await;
    for hours in [1, 24, 71] {
        office.wait(Duration::hours(hours)).await;
        assert_eq!(
            office.state_of("received").await,
            "owed",
            "after {hours} hours"
        );
    }
    office.wait(Duration::hours(73)).await;
    assert_eq!(office.state_of("received").await, "undelivered");
    peer.set_mode("ok");
    office.wait(Duration::hours(120)).await;
    let told = [&OVERDUE[..2], &["alex.kestrel: undelivered"], &OVERDUE[2..]].concat();
    assert_eq!(
        said(&peer.messages()),
        told,
        "the lead is told, and no letter comes late"
    );
    assert_eq!(office.state_of("received").await, "undelivered");
}

#[tokio::test]
async fn a_letter_whose_fate_is_unknown_is_sent_again_under_the_same_message_id() {
    let peer = SmtpPeer::start("drop-after-data");
    let office = Office::open(peer.port).await;
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
    let office = Office::open(peer.port).await;
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
    let mut office = Office::open(peer.port).await;
    office.raise("Robin Wren", true).await;
    office.wait(Duration::minutes(1)).await;
    assert_eq!(peer.messages().len(), 3);
    office.restart(|demo| assert!(demo.interrupt().success()));
    office.wait(Duration::hours(2)).await;
    assert_eq!(peer.messages().len(), 3);
    office.restart(Demo::kill);
    // After two working days the first contact of what is urgent is overdue, too.
    office.wait(Duration::hours(80)).await;
    let at_once = [
        "alex.kestrel: urgent",
        "charlie.dunnock: urgent",
        "robin.wren: received",
    ];
    let k4 = ["alex.kestrel: overdue K4", "charlie.dunnock: overdue K4"];
    let mut all = [&OVERDUE[..], &at_once, &k4].concat();
    all.sort_unstable();
    assert_eq!(said(&peer.messages()), all);
    office.restart(Demo::kill);
    office.wait(Duration::hours(90)).await;
    assert_eq!(said(&peer.messages()), all);
    assert_eq!(office.states().await, ["sent"; 9]);
}

#[tokio::test]
async fn what_was_owed_before_a_restart_is_sent_after_it() {
    let mut office = Office::open(free_port()).await;
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

#[tokio::test]
async fn what_was_owed_while_the_program_stood_still_is_not_given_up_at_the_first_try() {
    let night = Night::falls(saturday()).await;
    night.raises(&fresh_key(), "no").await;
    night.peer.set_mode("450");
    let received = |told: &[String]| told.iter().any(|said| said == "sam.heron: received");
    assert!(!received(&night.passes(Duration::hours(80)).await));
    night.peer.set_mode("ok");
    let told = night.passes(Duration::hours(81)).await;
    assert!(received(&told), "{told:?}");
}

#[tokio::test]
async fn nobody_hears_that_an_urgent_letter_did_not_arrive_before_it_was_tried() {
    let night = Night::falls(saturday()).await;
    night.raises(&fresh_key(), "yes").await;
    let told = night.passes(Duration::minutes(30)).await;
    let at_once = [
        "alex.kestrel: urgent",
        "charlie.dunnock: urgent",
        "sam.heron: received",
    ];
    assert_eq!(told, at_once);
}
