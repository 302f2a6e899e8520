//! What an honest access token says about the person who brings it.

use jsonwebtoken::get_current_timestamp;
use pipss_api::signing::DemoIssuer;
use pipss_api::token::{Algorithm, KeySource, SignedIn, Unauthorised, Verifier};
use serde_json::{Value, json};

use crate::signer::{
    AUDIENCE, ISSUER, ORGANISATION, Signer, claims, key_set, verifier, with, without,
};

#[tokio::test]
async fn an_honest_token_is_accepted_for_each_algorithm() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let signer = Signer::new(algorithm, "a");
        let signed_in = verifier(&signer).verify(&signer.token()).await;
        assert_eq!(
            signed_in,
            Ok(SignedIn {
                organisation: ORGANISATION,
                issuer: ISSUER.into(),
                subject: "subject-1".into(),
                name: Some("Asha Example".into()),
                email: Some("asha@trust.example".into()),
                just_proved: false,
                program: false,
            })
        );
    }
}

#[tokio::test]
async fn variants_that_mean_the_same_are_accepted() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let verifier = verifier(&signer);
    let now = get_current_timestamp();
    let header = |typ: &str| with(signer.header(), "typ", typ);
    for (what, header, claims) in [
        ("typ JWT", header("JWT"), claims()),
        ("typ jwt", header("jwt"), claims()),
        ("typ as media type", header("application/AT+JWT"), claims()),
        ("no typ", without(signer.header(), "typ"), claims()),
        (
            "aud of one",
            signer.header(),
            with(claims(), "aud", json!([AUDIENCE])),
        ),
        (
            "nbf within leeway",
            signer.header(),
            with(claims(), "nbf", now + 20),
        ),
        (
            "iat within leeway",
            signer.header(),
            with(claims(), "iat", now + 20),
        ),
        (
            "exp within leeway",
            signer.header(),
            with(claims(), "exp", now - 20),
        ),
        ("no iat", signer.header(), without(claims(), "iat")),
        (
            "other claims",
            signer.header(),
            with(claims(), "scope", "openid"),
        ),
    ] {
        let token = signer.sign(&header.to_string(), &claims.to_string());
        assert!(verifier.verify(&token).await.is_ok(), "refused: {what}");
    }
}

#[tokio::test]
async fn one_issuers_key_does_not_sign_for_another() {
    let (ours, theirs) = (
        Signer::new(Algorithm::ES256, "a"),
        Signer::new(Algorithm::ES256, "b"),
    );
    let mut other = theirs.issuer(KeySource::Jwks(key_set(&[&theirs])));
    other.issuer = "https://sign-in.other.example".into();
    let verifier =
        Verifier::new(vec![ours.issuer(KeySource::Jwks(key_set(&[&ours]))), other]).unwrap();
    assert!(verifier.verify(&ours.token()).await.is_ok());
    assert_eq!(verifier.verify(&theirs.token()).await, Err(Unauthorised));
}

#[tokio::test]
async fn an_address_the_issuer_did_not_verify_is_left_out() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let verifier = verifier(&signer);
    for verified in [json!(false), json!("true"), json!(1), Value::Null] {
        let claims = with(claims(), "email_verified", verified);
        let token = signer.sign(&signer.header().to_string(), &claims.to_string());
        assert_eq!(verifier.verify(&token).await.unwrap().email, None);
    }
}

#[tokio::test]
async fn the_subject_is_read_from_the_configured_claim() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let mut issuer = signer.issuer(KeySource::Jwks(key_set(&[&signer])));
    issuer.subject_claim = "oid".into();
    let verifier = Verifier::new(vec![issuer]).unwrap();
    let token = |claims: Value| signer.sign(&signer.header().to_string(), &claims.to_string());
    let signed_in = verifier
        .verify(&token(with(claims(), "oid", "object-1")))
        .await
        .unwrap();
    assert_eq!(signed_in.subject, "object-1");
    assert_eq!(verifier.verify(&token(claims())).await, Err(Unauthorised));
    let without_sub = token(without(with(claims(), "oid", "object-1"), "sub"));
    assert_eq!(verifier.verify(&without_sub).await, Err(Unauthorised));
}

#[tokio::test]
async fn the_demonstration_signs_people_in_through_the_same_door() {
    let demo = DemoIssuer::new();
    let verifier = Verifier::new(vec![demo.issuer(ORGANISATION)]).unwrap();
    let token = demo.token("person-1", "Asha Example", "asha@trust.example", 600);
    let signed_in = verifier.verify(&token).await.unwrap();
    assert_eq!(signed_in.subject, "person-1");
    assert_eq!(signed_in.email.as_deref(), Some("asha@trust.example"));
    let stranger = DemoIssuer::new().token("person-1", "Asha Example", "asha@trust.example", 600);
    assert_eq!(verifier.verify(&stranger).await, Err(Unauthorised));
}

#[tokio::test]
async fn printing_who_signed_in_gives_nobody_away() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let printed = format!(
        "{:?}",
        verifier(&signer).verify(&signer.token()).await.unwrap()
    );
    for secret in ["subject-1", "Asha", "asha@trust.example", ISSUER] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
