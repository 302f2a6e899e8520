//! How long a sign-in service's keys are believed, and what happens while they change.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use pipss_api::token::{Algorithm, Issuer, KeySource, Unauthorised, Verifier};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::signer::{Signer, base64, claims, key_set};

const MINUTE: Duration = Duration::from_secs(61);
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60 + 1);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A real server on this machine that publishes keys and counts who asks.
struct KeyServer {
    address: SocketAddr,
    answer: Arc<Mutex<(StatusCode, String)>>,
    asked: Arc<AtomicUsize>,
    /// One permit is one answer that may leave.
    may_answer: Arc<Semaphore>,
}

impl KeyServer {
    async fn start(signers: &[&Signer]) -> KeyServer {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let server = KeyServer {
            address: listener.local_addr().unwrap(),
            answer: Arc::new(Mutex::new((StatusCode::OK, key_set(signers)))),
            asked: Arc::default(),
            may_answer: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        };
        let (answer, asked) = (server.answer.clone(), server.asked.clone());
        let may_answer = server.may_answer.clone();
        let keys = move || async move {
            asked.fetch_add(1, Ordering::SeqCst);
            may_answer.acquire().await.unwrap().forget();
            let (status, text) = answer.lock().unwrap().clone();
            (status, [("location", "/moved")], text)
        };
        let moved = key_set(signers);
        let routes = Router::new()
            .route("/keys", get(keys))
            .route("/moved", get(async || moved));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        server
    }

    fn verifier(&self, signer: &Signer) -> Verifier {
        let url = format!("http://{}/keys", self.address);
        Verifier::new(vec![signer.issuer(KeySource::JwksUrl(url))]).unwrap()
    }

    fn publish(&self, signers: &[&Signer]) {
        self.say(StatusCode::OK, key_set(signers));
    }

    fn say(&self, status: StatusCode, text: String) {
        *self.answer.lock().unwrap() = (status, text);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Moves the clock that key ages are measured by; nothing waits.
async fn later(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

fn two_signers() -> (Signer, Signer) {
    (
        Signer::new(Algorithm::ES256, "old"),
        Signer::new(Algorithm::ES256, "new"),
    )
}

#[tokio::test]
async fn keys_at_an_address_rotate() {
    let (old, new) = two_signers();
    let server = KeyServer::start(&[&old]).await;
    let verifier = server.verifier(&old);
    assert_eq!(server.asked(), 0, "fetched before first use");
    assert!(verifier.verify(&old.token()).await.is_ok());

    server.publish(&[&old, &new]);
    assert_eq!(
        verifier.verify(&new.token()).await,
        Err(Unauthorised),
        "asked twice in a minute"
    );
    later(MINUTE).await;
    assert!(verifier.verify(&new.token()).await.is_ok());
    assert_eq!(server.asked(), 2);

    server.publish(&[&new]);
    later(TEN_MINUTES).await;
    assert_eq!(verifier.verify(&old.token()).await, Err(Unauthorised));
    assert!(verifier.verify(&new.token()).await.is_ok());
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn keys_in_a_file_rotate() {
    let (old, new) = two_signers();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    std::fs::write(&path, key_set(&[&old])).unwrap();
    let verifier = Verifier::new(vec![old.issuer(KeySource::JwksFile(path.clone()))]).unwrap();
    assert!(verifier.verify(&old.token()).await.is_ok());

    std::fs::write(&path, key_set(&[&new])).unwrap();
    assert!(verifier.verify(&new.token()).await.is_ok());
    assert_eq!(verifier.verify(&old.token()).await, Err(Unauthorised));

    std::fs::write(&path, key_set(&[&old])).unwrap();
    later(TEN_MINUTES).await;
    assert_eq!(
        verifier.verify(&new.token()).await,
        Err(Unauthorised),
        "a removed key still opens"
    );
}

#[tokio::test]
async fn a_token_that_held_is_refused_once_its_key_is_gone_or_another_has_its_name() {
    let (old, new) = two_signers();
    let another = Signer::new(Algorithm::ES256, "old");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    for published in [&new, &another] {
        std::fs::write(&path, key_set(&[&old])).unwrap();
        let verifier = Verifier::new(vec![old.issuer(KeySource::JwksFile(path.clone()))]).unwrap();
        let token = old.token();
        for _ in 0..3 {
            assert!(verifier.verify(&token).await.is_ok());
        }
        std::fs::write(&path, key_set(&[published])).unwrap();
        later(TEN_MINUTES).await;
        for _ in 0..3 {
            assert_eq!(verifier.verify(&token).await, Err(Unauthorised));
        }
        assert!(verifier.verify(&published.token()).await.is_ok());
    }
}

#[tokio::test]
async fn a_flood_of_unknown_keys_makes_one_fetch() {
    let (known, unknown) = two_signers();
    let server = KeyServer::start(&[&known]).await;
    let verifier = server.verifier(&known);
    assert!(verifier.verify(&known.token()).await.is_ok());
    later(MINUTE).await;
    for number in 0..500 {
        let mut header = unknown.header();
        header["kid"] = json!(format!("unknown-{number}"));
        let token = unknown.sign(&header.to_string(), &claims().to_string());
        assert_eq!(verifier.verify(&token).await, Err(Unauthorised));
    }
    assert!(verifier.verify(&known.token()).await.is_ok());
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn callers_at_one_time_share_one_fetch() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let server = KeyServer::start(&[&signer]).await;
    let verifier = Arc::new(server.verifier(&signer));
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (verifier, token) = (verifier.clone(), signer.token());
        callers.spawn(async move { verifier.verify(&token).await.is_ok() });
    }
    assert!(
        callers
            .join_all()
            .await
            .into_iter()
            .all(|accepted| accepted)
    );
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_stop_the_fetch() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let server = KeyServer::start(&[&signer]).await;
    server.may_answer.forget_permits(Semaphore::MAX_PERMITS);
    let verifier = server.verifier(&signer);
    let token = signer.token();
    tokio::select! {
        biased;
        _ = verifier.verify(&token) => panic!("answered without keys"),
        () = asked_once(&server) => {}
    }
    server.may_answer.add_permits(1);
    assert!(verifier.verify(&token).await.is_ok());
    assert_eq!(server.asked(), 1);
}

async fn asked_once(server: &KeyServer) {
    while server.asked() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn old_keys_serve_for_a_day_while_the_address_fails_and_then_no_longer() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let server = KeyServer::start(&[&signer]).await;
    let verifier = server.verifier(&signer);
    assert!(verifier.verify(&signer.token()).await.is_ok());
    server.say(StatusCode::INTERNAL_SERVER_ERROR, String::new());
    for hour in 1..24 {
        later(HOUR).await;
        assert!(
            verifier.verify(&signer.token()).await.is_ok(),
            "refused after {hour} hours"
        );
    }
    later(HOUR).await;
    assert_eq!(verifier.verify(&signer.token()).await, Err(Unauthorised));
    assert_eq!(server.asked(), 25);
}

#[tokio::test]
async fn an_answer_that_is_no_small_key_set_is_not_taken() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let many: Vec<Value> = vec![signer.jwk(); 101];
    let large = format!("{}{}", key_set(&[&signer]), " ".repeat(256 * 1024));
    for (what, status, text) in [
        ("redirect", StatusCode::FOUND, key_set(&[&signer])),
        ("error", StatusCode::NOT_FOUND, key_set(&[&signer])),
        ("partial", StatusCode::PARTIAL_CONTENT, key_set(&[&signer])),
        ("large", StatusCode::OK, large),
        ("many", StatusCode::OK, json!({ "keys": many }).to_string()),
        ("page", StatusCode::OK, "<html></html>".into()),
    ] {
        let server = KeyServer::start(&[&signer]).await;
        let verifier = server.verifier(&signer);
        server.say(status, text);
        assert_eq!(
            verifier.verify(&signer.token()).await,
            Err(Unauthorised),
            "taken: {what}"
        );
        assert_eq!(server.asked(), 1);
    }
}

#[tokio::test]
async fn a_key_for_another_purpose_is_passed_over() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let changed = |name: &str, value: Value| {
        let mut key = signer.jwk();
        key[name] = value;
        key
    };
    for key in [
        changed("use", json!("enc")),
        changed("alg", json!("ES384")),
        changed("kty", json!("OKP")),
        changed("crv", json!("secp256k1")),
        changed("key_ops", json!(["encrypt"])),
        changed("kid", json!("b")),
        changed("x", json!(1)),
        changed("x", json!("AAAA")),
    ] {
        let server = KeyServer::start(&[]).await;
        server.say(StatusCode::OK, json!({ "keys": [key.clone()] }).to_string());
        let verifier = server.verifier(&signer);
        assert_eq!(
            verifier.verify(&signer.token()).await,
            Err(Unauthorised),
            "used: {key}"
        );
    }
    let server = KeyServer::start(&[]).await;
    let fitting = [changed("use", json!("enc")), changed("alg", json!("ES256"))];
    server.say(StatusCode::OK, json!({ "keys": fitting }).to_string());
    assert!(
        server
            .verifier(&signer)
            .verify(&signer.token())
            .await
            .is_ok()
    );
}

fn sentence(issuers: Vec<Issuer>) -> String {
    Verifier::new(issuers)
        .err()
        .expect("the configuration is refused")
        .to_string()
}

#[tokio::test]
async fn a_bad_configuration_is_refused_at_start() {
    let signer = Signer::new(Algorithm::RS256, "a");
    let issuer = |keys: KeySource| signer.issuer(keys);
    let url = |url: &str| sentence(vec![issuer(KeySource::JwksUrl(url.into()))]);
    let set = |set: String| sentence(vec![issuer(KeySource::Jwks(set))]);
    let mut weak = signer.jwk();
    weak["n"] = json!(base64([0xff; 128]));
    let mut open = signer.jwk();
    open["e"] = json!(base64([0, 1]));
    let good = || issuer(KeySource::Jwks(key_set(&[&signer])));
    for (said, expected) in [
        (url("http://keys.example/"), "must start with https"),
        (
            url("http://localhost.evil.example/"),
            "must start with https",
        ),
        (url("file:///etc/passwd"), "must start with https"),
        (url("keys"), "is not an address"),
        (
            url("https://user:secret@keys.example/"),
            "must not carry a user name or password",
        ),
        (
            sentence(vec![issuer(KeySource::JwksFile("/no/such/file".into()))]),
            "cannot be read",
        ),
        (set("{}".into()), "not a JSON Web Key Set"),
        (set(r#"{"keys":[]}"#.into()), "holds no key for RS256"),
        (
            set(json!({ "keys": [weak] }).to_string()),
            "fewer than 2048 bits",
        ),
        (
            set(json!({ "keys": [open] }).to_string()),
            "unsafe exponent",
        ),
        (
            set(json!({ "keys": [signer.jwk(), signer.jwk()] }).to_string()),
            "share an id",
        ),
        (sentence(vec![good(), good()]), "configured twice"),
        (
            sentence(vec![Issuer {
                audience: String::new(),
                ..good()
            }]),
            "must not be empty",
        ),
    ] {
        assert!(
            said.contains(expected),
            "{said:?} does not say {expected:?}"
        );
    }
}

#[test]
fn an_issuer_is_configured_with_exactly_its_fields() {
    let written = json!({
        "issuer": "https://sign-in.trust.example", "audience": "pipss", "algorithm": "RS256",
        "keys": { "jwks_url": "https://sign-in.trust.example/keys" },
        "organisation": "00000000-0000-0000-0000-000000000007",
    });
    let issuer: Issuer = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(issuer.subject_claim, "sub");
    for (name, value) in [
        ("algorithm", json!("HS256")),
        ("algorithm", json!("none")),
        ("leeway", json!(3600)),
        ("keys", json!({ "jwks": "{}" })),
        (
            "keys",
            json!({ "jwks_url": "https://a.example", "jwks_file": "/keys" }),
        ),
    ] {
        let mut changed = written.clone();
        changed[name] = value;
        assert!(
            serde_json::from_value::<Issuer>(changed).is_err(),
            "accepted: {name}"
        );
    }
}
