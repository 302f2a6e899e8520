//! How people sign in at the pages with an issuer, and what is refused at the start.

use std::path::PathBuf;

use serde::Deserialize;

use crate::fetch::Peer;
use crate::keys::KeySource;
use crate::token::Issuer;

/// As which client of an issuer the pages send people there (OpenID Connect Core).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInClient {
    /// The pages' own id; never the API's audience.
    pub client_id: String,
    /// The file that holds the client's secret and nothing else; none for a public client.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for besides `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Where the issuer describes itself, if not at `/.well-known/openid-configuration` below its name.
    #[serde(default)]
    pub discovery: Option<String>,
    /// What people call the account with which they sign in; stands on the button.
    #[serde(default = "account")]
    pub account: String,
}

fn scopes() -> Vec<String> {
    vec!["profile".into(), "email".into()]
}

fn account() -> String {
    "your trust account".into()
}

impl Issuer {
    /// Where the issuer describes itself.
    pub fn discovery(&self) -> String {
        let written = self.sign_in.as_ref().and_then(|c| c.discovery.clone());
        written.unwrap_or_else(|| {
            let issuer = self.issuer.trim_end_matches('/');
            format!("{issuer}/.well-known/openid-configuration")
        })
    }
}

/// The error is a sentence for whoever wrote the configuration.
pub(crate) fn check(issuer: &Issuer) -> Result<(), String> {
    let mut addresses = vec![issuer.issuer.clone()];
    if let KeySource::JwksUrl(url) = &issuer.keys {
        addresses.push(url.clone());
    }
    if issuer.sign_in.is_some() {
        addresses.push(issuer.discovery());
    }
    if addresses.iter().any(|address| is_for_anyone(address)) {
        return Err(
            "common, organizations and consumers let in people of any organisation; \
             name the trust's own tenant instead"
                .into(),
        );
    }
    let Some(client) = &issuer.sign_in else {
        return Ok(());
    };
    if client.client_id.is_empty() {
        return Err("client_id must not be empty".into());
    }
    if client.client_id == issuer.audience {
        return Err(
            "client_id and audience are the same: what proves who signed in would open \
             the API too; register the API on its own"
                .into(),
        );
    }
    let word = |text: &String| {
        let printable = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        !text.is_empty() && text.bytes().all(printable)
    };
    if !client.scopes.iter().all(word) {
        return Err("each of scopes must be one word".into());
    }
    let account = client.account.chars();
    if !(1..=60).contains(&account.clone().count()) || account.clone().any(char::is_control) {
        return Err("account must be one line of 1 to 60 characters".into());
    }
    for address in [issuer.issuer.clone(), issuer.discovery()] {
        Peer::at(&address).map_err(|why| format!("{address}: {why}"))?;
    }
    Ok(())
}

/// Entra's doors that are not a tenant's.
fn is_for_anyone(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_ascii_lowercase();
    let entra = ["microsoftonline.com", "microsoftonline.us", "windows.net"];
    let entra = entra.iter().any(|name| host.ends_with(name));
    let first = path.split(['/', '?']).next().unwrap_or_default();
    let first = first.to_ascii_lowercase();
    entra && ["common", "organizations", "consumers", "{tenantid}"].contains(&first.as_str())
}
