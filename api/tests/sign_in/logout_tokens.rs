//! What an issuer must say for a session to end, and what it says of who signed in.

use jsonwebtoken::get_current_timestamp;
use pipss_api::token::{Algorithm, KeySource, SignInClient, Unauthorised, Verifier};
use serde_json::{Value, json};

use crate::signer::{AUDIENCE, ISSUER, Signer, claims, key_set, with, without};

const CLIENT: &str = "pipss-pages";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Trusts this signer alone, also for the pages.
pub fn verifier(signer: &Signer) -> Verifier {
    let mut issuer = signer.issuer(KeySource::Jwks(key_set(&[signer])));
    issuer.sign_in = Some(SignInClient {
        client_id: CLIENT.into(),
        client_secret_file: None,
        scopes: Vec::new(),
        discovery: None,
        account: "your account".into(),
    });
    Verifier::new(vec![issuer]).unwrap()
}

/// An honest message that `subject-1` signed out, changed.
pub fn message(signer: &Signer, change: impl Fn(&mut Value)) -> String {
    let now = get_current_timestamp();
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "subject-1", "iat": now, "exp": now + 120,
        "jti": "message-1", "events": { EVENT: {} },
    });
    change(&mut claims);
    let header = with(signer.header(), "typ", "logout+jwt");
    signer.sign(&header.to_string(), &claims.to_string())
}

#[tokio::test]
async fn only_a_message_that_says_everything_ends_a_session_and_only_once() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let stranger = Signer::new(Algorithm::ES256, "a");
    let verifier = verifier(&signer);
    let now = get_current_timestamp();
    let set = |name: &str, value: Value| message(&signer, |claims| claims[name] = value.clone());
    let lacking = |name: &str| message(&signer, |claims| *claims = without(claims.clone(), name));
    let typed = |typ: &str| {
        let header = with(signer.header(), "typ", typ).to_string();
        let now = get_current_timestamp();
        let claims = json!({
            "iss": ISSUER, "aud": CLIENT, "sub": "subject-1", "iat": now, "exp": now + 120,
            "jti": "typed", "events": { EVENT: {} },
        });
        signer.sign(&header, &claims.to_string())
    };
    for (what, bad) in [
        ("another key", message(&stranger, |_| {})),
        ("another issuer", set("iss", json!("https://other.example"))),
        ("for the API", set("aud", json!(AUDIENCE))),
        ("for another program", set("aud", json!("payroll"))),
        ("for two programs", set("aud", json!([CLIENT, "payroll"]))),
        ("for nobody", lacking("aud")),
        ("without iat", lacking("iat")),
        ("of an hour ago", set("iat", json!(now - 3600))),
        ("of the future", set("iat", json!(now + 120))),
        ("ended", set("exp", json!(now - 60))),
        ("without end", lacking("exp")),
        ("without id", lacking("jti")),
        ("without events", lacking("events")),
        ("of another event", set("events", json!({ "other": {} }))),
        (
            "with the event as text",
            set("events", json!({ EVENT: "" })),
        ),
        ("with a nonce", set("nonce", json!("n"))),
        ("about nobody", lacking("sub")),
        ("as an access token", typed("at+jwt")),
        (
            "cut short",
            message(&signer, |_| {}).split_at(60).0.to_owned(),
        ),
        ("nothing", String::new()),
    ] {
        assert!(verifier.signed_out(&bad).await.is_err(), "taken: {what}");
    }
    let good = message(&signer, |_| {});
    assert!(verifier.signed_out(&good).await.is_ok());
    assert!(verifier.signed_out(&good).await.is_err(), "taken twice");
    let of_session = message(&signer, |claims| {
        *claims = without(claims.clone(), "sub");
        claims["sid"] = "session-1".into();
        claims["jti"] = "message-2".into();
    });
    assert!(verifier.signed_out(&of_session).await.is_ok());
    assert!(
        verifier.signed_out(&typed("JWT")).await.is_ok(),
        "as some services type it"
    );
}

#[tokio::test]
async fn an_id_token_is_taken_only_for_the_pages_and_for_this_sign_in() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let verifier = verifier(&signer);
    let header = with(signer.header(), "typ", "JWT").to_string();
    let honest = with(with(claims(), "aud", CLIENT), "nonce", "n-1");
    let signed = |claims: &Value| signer.sign(&header, &claims.to_string());
    let changed = |name: &str, value: Value| signed(&with(honest.clone(), name, value));
    let taken = async |token: &str| verifier.identity(ISSUER, token, "n-1").await.is_ok();
    assert!(taken(&signed(&honest)).await);
    assert!(taken(&changed("azp", json!(CLIENT))).await);
    let access = signer.sign(
        &signer.header().to_string(),
        &with(honest.clone(), "aud", CLIENT).to_string(),
    );
    for (what, bad) in [
        ("an access token", signer.token()),
        ("typed as one", access),
        ("for the API", changed("aud", json!(AUDIENCE))),
        (
            "for two programs",
            changed("aud", json!([CLIENT, AUDIENCE])),
        ),
        ("another nonce", changed("nonce", json!("n-2"))),
        ("no nonce", signed(&without(honest.clone(), "nonce"))),
        ("a nonce as a number", changed("nonce", json!(1))),
        ("another party", changed("azp", json!("payroll"))),
        ("a party as a list", changed("azp", json!([CLIENT]))),
        ("an event", changed("events", json!({ EVENT: {} }))),
        (
            "another issuer",
            changed("iss", json!("https://other.example")),
        ),
        ("ended", changed("exp", json!(get_current_timestamp() - 60))),
        ("no subject", signed(&without(honest.clone(), "sub"))),
    ] {
        assert!(!taken(&bad).await, "taken: {what}");
    }
    let token = signed(&honest);
    let elsewhere = verifier.identity("https://other.example", &token, "n-1");
    assert!(elsewhere.await.is_err());
    // And it opens no API, though everything else about it holds.
    assert_eq!(verifier.verify(&signed(&honest)).await, Err(Unauthorised));
    let plain = crate::signer::verifier(&signer);
    assert!(
        plain
            .identity(ISSUER, &signed(&honest), "n-1")
            .await
            .is_err(),
        "no pages there"
    );
}

#[tokio::test]
async fn the_same_person_has_one_identity_in_both_kinds_of_token() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let verifier = verifier(&signer);
    let now = get_current_timestamp();
    let id = with(with(claims(), "aud", CLIENT), "nonce", "n-1");
    let id = with(with(id, "auth_time", now), "sid", "session-1");
    let header = without(signer.header(), "typ").to_string();
    let token = signer.sign(&header, &id.to_string());
    let Ok(identity) = verifier.identity(ISSUER, &token, "n-1").await else {
        panic!("an honest ID token is refused");
    };
    let access = with(claims(), "auth_time", now).to_string();
    let access = signer.sign(&signer.header().to_string(), &access);
    assert_eq!(Ok(identity.signed_in), verifier.verify(&access).await);
    assert_eq!(identity.proved_at, Some(now));
    assert_eq!(identity.named.sid.as_deref(), Some("session-1"));
    assert_eq!(identity.named.sub.as_deref(), Some("subject-1"));
}
