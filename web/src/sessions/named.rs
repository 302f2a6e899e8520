//! What an issuer calls a session, kept so that it can be found again and not read.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pipss_api::identity::Named;
use serde::{Deserialize, Serialize};

/// Names under a key of the file that they lie in.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Handles {
    session: Option<String>,
    person: Option<String>,
}

impl Handles {
    pub fn of(key: &[u8; 32], named: Option<&Named>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        // A key of its own: the file's also seals drafts.
        let own = hmac::sign(&key, b"names of sessions");
        let own = hmac::Key::new(hmac::HMAC_SHA256, own.as_ref());
        let handle = |what: &str, issuer: &str, name: &str| {
            let text = serde_json::json!([what, issuer, name]).to_string();
            URL_SAFE_NO_PAD.encode(hmac::sign(&own, text.as_bytes()))
        };
        let of = |what, pick: fn(&Named) -> Option<&String>| {
            named.and_then(|named| Some(handle(what, &named.issuer, pick(named)?)))
        };
        Self {
            session: of("session", |named| named.sid.as_ref()),
            person: of("person", |named| named.sub.as_ref()),
        }
    }

    /// Does this session end with a message about that one? One that was not named when it began ends
    /// with any of the person's.
    pub fn is_meant_by(&self, meant: &Self) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let whole = meant.session.is_none() || self.session.is_none();
        same(&self.session, &meant.session) || whole && same(&self.person, &meant.person)
    }
}
