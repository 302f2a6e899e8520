//! What is kept of a reading: only if the disk takes it, sealed by the month, and gone with its key.

#![allow(clippy::unwrap_used)]

use std::num::NonZeroU32;
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

/// The disk is below its floor, and time goes on: each hour of looking is a record of its own.
#[tokio::test(flavor = "multi_thread")]
async fn once_the_reserve_is_used_up_nothing_is_shown_that_must_leave_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new(folder.path(), Purpose::Demo);
    (options.segment_bytes, options.floor_bytes) = (256 << 10, 0);
    let begun = App::open(options.clone(), Clock::Machine).unwrap();
    record(&begun).await.unwrap();
    drop(begun);
    options.floor_bytes = u64::MAX;
    let clock = Clock::starting_at(chrono::Utc::now());
    let app = Arc::new(App::open(options, clock).unwrap());
    let issuer = DemoIssuer::new();
    let verifier = Verifier::new(vec![issuer.issuer(organisation().uuid())]).unwrap();
    let many = NonZeroU32::new(1_000_000).unwrap();
    let (per_second, burst) = (many, many);
    let server = Server::new(Arc::clone(&app), verifier, Limits { per_second, burst });
    let routes = pipss_api::routes(Arc::new(server));
    let token = issuer.token("demo-alex", "Alex Kestrel", "alex@example.test", 600);
    let ask = async |path: &str| {
        let asked =
            axum::http::Request::get(path).header("Authorization", format!("Bearer {token}"));
        let asked = asked.body(axum::body::Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(routes.clone(), asked).await;
        answer.unwrap().status().as_u16()
    };
    let (mut shown, mut status) = (0, 200);
    while status == 200 {
        app.clock()
            .move_to(app.clock().now() + chrono::Duration::hours(1));
        status = ask("/api/v1/queue").await;
        shown += usize::from(status == 200);
        assert!(shown < 2000, "there is no end to it");
    }
    assert_eq!(status, 507);
    assert!(shown > 100, "only {shown} were kept");
    assert_eq!(ask("/api/v1/me").await, 200);
    println!("{shown} readings were kept out of the reserve, then 507");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_sealed_by_the_month_and_goes_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let both = ["/api/v1/me", "/api/v1/queue"];
    assert_eq!(answered(folder.path(), 0, &both[..1]).await, [200]);
    // Below the floor of the disk there is a reserve for this; see below.
    assert_eq!(answered(folder.path(), u64::MAX, &both).await, [200, 200]);
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
