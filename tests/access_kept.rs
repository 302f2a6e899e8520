//! What is kept of a reading: only if the disk takes it, sealed by the month, and gone with its key.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;

use chrono::Timelike;
use pipss::demo::people::{organisation, person, record};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_api::door::{Limits, Server};
use pipss_api::signing::DemoIssuer;
use pipss_api::token::Verifier;
use pipss_domain::history::{Event, Who};
use pipss_domain::personal::Personal;
use pipss_domain::stream::LogId;
use pipss_store::{EventStore, Options, Purpose, SledStore};

/// What the lead is answered by a program over this folder, whose disk must keep so much free.
async fn answered(folder: &Path, floor_bytes: u64, paths: &[&str]) -> Vec<u16> {
    let mut options = Options::new(folder, Purpose::Demo);
    options.floor_bytes = floor_bytes;
    let app = Arc::new(App::open(options, Clock::Machine).unwrap());
    let issuer = DemoIssuer::new();
    let verifier = Verifier::new(vec![issuer.issuer(organisation().uuid())]).unwrap();
    let server = Server::new(Arc::clone(&app), verifier, Limits::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let routes = pipss_api::routes(Arc::new(server));
    let serving = tokio::spawn(async { axum::serve(listener, routes).await });
    if floor_bytes == 0 {
        record(&app).await.unwrap();
    }
    let token = issuer.token(
        "demo-alex",
        "Alex Kestrel",
        "alex.kestrel@example.test",
        600,
    );
    let mut statuses = Vec::new();
    for path in paths {
        let asking = reqwest::Client::new().get(format!("{base}{path}"));
        let asking = asking.header("Connection", "close").bearer_auth(&token);
        statuses.push(asking.send().await.unwrap().status().as_u16());
    }
    serving.abort();
    let _ = serving.await;
    // A connection that is being closed holds the store for a moment longer.
    while Arc::strong_count(&app) > 1 {
        tokio::task::yield_now().await;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_not_shown_and_what_is_kept_is_sealed_by_the_month() {
    let folder = tempfile::tempdir().unwrap();
    let both = ["/api/v1/me", "/api/v1/queue"];
    assert_eq!(answered(folder.path(), 0, &both[..1]).await, [200]);
    assert_eq!(answered(folder.path(), u64::MAX, &both).await, [200, 507]);
    assert_eq!(answered(folder.path(), 0, &both).await, [200, 200]);

    let options = Options::new(folder.path().to_owned(), Purpose::Demo);
    let store = SledStore::open(options, Box::new(|_| {})).unwrap();
    let facts = store.log(LogId::access(organisation()), 0, 10).unwrap();
    let [fact] = &facts[..] else {
        panic!("{facts:?}");
    };
    let Event::RecordRead(read) = &fact.event else {
        panic!("{fact:?}");
    };
    assert_eq!(fact.who, Who::Program);
    assert_eq!(
        (fact.occurred_at.minute(), fact.occurred_at.second()),
        (0, 0)
    );
    let reader = read.reader.clone().unwrap();
    assert_eq!(store.open(&reader).known(), Some(&person("alex")));
    assert_eq!(store.open(&read.object).known().unwrap(), "queue");
    assert_eq!(store.find(organisation(), b"\"queue\""), [fact.stream]);
    let (Personal::Sealed(who), Personal::Sealed(what)) = (&reader, &read.object) else {
        panic!("{read:?}");
    };
    assert_eq!(who.key, what.key);
    store
        .erase(uuid::Uuid::from_u128(1), chrono::Utc::now(), &[who.key])
        .unwrap();
    assert!(store.open(&reader).known().is_none());
    assert!(store.find(organisation(), b"\"queue\"").is_empty());
}
