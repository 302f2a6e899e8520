//! The keys of a real sign-in service: they change, they go, and it rests.

use std::time::Duration;

use pipss_api::token::{Algorithm, Issuer, KeySource, Unauthorised, Verifier};
use reqwest::Url;

use crate::browser::Browser;
use crate::program::tokens_in;
use crate::service::{AUDIENCE, Service};
use crate::signer::ORGANISATION;

const PAGES: &str = "http://127.0.0.1:9";
const MINUTE: Duration = Duration::from_secs(61);
const TEN_MINUTES: Duration = Duration::from_secs(601);
const HOUR: Duration = Duration::from_secs(3600);

fn verifier(service: &Service) -> Verifier {
    let keys = format!("{}/jwks", service.issuer);
    assert!(Url::parse(&keys).is_ok());
    Verifier::new(vec![Issuer {
        issuer: service.issuer.clone(),
        audience: AUDIENCE.into(),
        algorithm: Algorithm::ES256,
        subject_claim: "sub".into(),
        keys: KeySource::JwksUrl(keys),
        organisation: ORGANISATION,
        sign_in: None,
    }])
    .unwrap()
}

async fn token(service: &Service) -> String {
    let callback = format!("{PAGES}/sign-in/callback");
    let mut browser = Browser::new();
    tokens_in(&mut browser, &service.issuer, &callback, "sam")
        .await
        .0
}

/// Moves the clock by which keys are believed; nothing waits.
async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn keys_rotate_with_an_overlap_and_a_removed_one_is_believed_ten_minutes_at_most() {
    let mut service = Service::start(PAGES);
    let verifier = verifier(&service);
    let old = token(&service).await;
    assert!(verifier.verify(&old).await.is_ok());
    service.publish(&["new", "old"]);
    let new = token(&service).await;
    assert_eq!(
        verifier.verify(&new).await,
        Err(Unauthorised),
        "within a minute"
    );
    later(MINUTE).await;
    assert!(verifier.verify(&new).await.is_ok());
    assert!(
        verifier.verify(&old).await.is_ok(),
        "both, while both are published"
    );
    service.publish(&["new"]);
    later(TEN_MINUTES).await;
    assert_eq!(
        verifier.verify(&old).await,
        Err(Unauthorised),
        "its key is gone"
    );
    assert!(verifier.verify(&new).await.is_ok());
}

#[tokio::test]
async fn while_the_service_rests_its_keys_serve_for_a_day_and_then_nobody_gets_in() {
    let mut service = Service::start(PAGES);
    let verifier = verifier(&service);
    let token = token(&service).await;
    assert!(verifier.verify(&token).await.is_ok());
    service.stop();
    later(HOUR).await;
    assert!(verifier.verify(&token).await.is_ok(), "down for an hour");
    later(HOUR * 22).await;
    assert!(verifier.verify(&token).await.is_ok(), "down for 23 hours");
    later(HOUR * 2).await;
    assert_eq!(
        verifier.verify(&token).await,
        Err(Unauthorised),
        "down for 25 hours"
    );
}
