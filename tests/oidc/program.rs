//! Tokens for a program: asked for as one would, by someone who signs in for it.

use reqwest::{Client, Url};
use serde_json::Value;

use super::browser::Browser;
use super::service::{CLIENT, SECRET};

// A verifier and its S256 (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// An access token for the API and an ID token with the nonce `n`.
pub async fn tokens(issuer: &str, callback: &str, login: &str) -> (String, String) {
    tokens_in(&mut Browser::new(), issuer, callback, login).await
}

/// In the session of a browser at the service.
pub async fn tokens_in(
    browser: &mut Browser,
    issuer: &str,
    callback: &str,
    login: &str,
) -> (String, String) {
    let mut to = Url::parse(&format!("{issuer}/auth")).unwrap();
    to.query_pairs_mut().extend_pairs([
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("scope", "openid"),
        ("redirect_uri", callback),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("nonce", "n"),
    ]);
    let (back, _) = browser.at_the_service(to.as_str(), login).await;
    let back = Url::parse(&back).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code");
    let code = code.expect("a code").1.into_owned();
    let mut form = Url::parse("http://form.invalid").unwrap();
    form.query_pairs_mut().extend_pairs([
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", callback),
        ("code_verifier", VERIFIER),
    ]);
    let encoded = |text: &str| text.replace('/', "%2F").replace('+', "%2B");
    let answer = Client::new()
        .post(format!("{issuer}/token"))
        .basic_auth(CLIENT, Some(encoded(SECRET)))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap().to_owned());
    let text = answer.send().await.unwrap().text().await.unwrap();
    let given: Value = serde_json::from_str(&text).unwrap();
    let token = |name: &str| {
        let token = given[name].as_str();
        token.unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    (token("access_token"), token("id_token"))
}
