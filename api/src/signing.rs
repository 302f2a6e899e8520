//! The demonstration's own sign-in service, with keys that live as long as the process.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::token::{Algorithm, Issuer, KeySource};

const AUDIENCE: &str = "pipss-demo";
const KID: &str = "demo";

/// Signs tokens for invented people. Never trusted unless its [`DemoIssuer::issuer`] is configured.
pub struct DemoIssuer {
    private: EncodingKey,
    public: Vec<u8>,
}

impl DemoIssuer {
    /// Its name: the `iss` of its tokens.
    pub const NAME: &str = "https://sign-in.demo.invalid";

    /// Makes a fresh Ed25519 key pair.
    pub fn new() -> DemoIssuer {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .expect("the operating system gives random bytes");
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())
            .expect("a key pair just written can be read");
        DemoIssuer {
            private: EncodingKey::from_ed_der(document.as_ref()),
            public: pair.public_key().as_ref().to_vec(),
        }
    }

    /// What a [`crate::token::Verifier`] needs to trust it.
    pub fn issuer(&self, organisation: Uuid) -> Issuer {
        Issuer {
            issuer: Self::NAME.into(),
            audience: AUDIENCE.into(),
            algorithm: Algorithm::EdDSA,
            subject_claim: "sub".into(),
            keys: KeySource::Jwks(self.jwks()),
            organisation,
            sign_in: None,
        }
    }

    /// Its public key as a JSON Web Key Set.
    pub fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(&self.public);
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KID, "x": x
        }] })
        .to_string()
    }

    /// A token that is good from now on for so many seconds by the machine's clock.
    pub fn token(&self, subject: &str, name: &str, email: &str, lifetime_seconds: u64) -> String {
        let now = get_current_timestamp();
        self.signed(&json!({
            "iss": Self::NAME, "aud": AUDIENCE, "sub": subject, "name": name,
            "email": email, "email_verified": true,
            "iat": now, "auth_time": now, "exp": now.saturating_add(lifetime_seconds),
        }))
    }

    /// The same for someone who proved who they are an hour ago, and whose token is still good.
    pub fn old_token(&self, subject: &str, email: &str, lifetime_seconds: u64) -> String {
        let now = get_current_timestamp();
        self.signed(&json!({
            "iss": Self::NAME, "aud": AUDIENCE, "sub": subject,
            "email": email, "email_verified": true,
            "iat": now, "auth_time": now - 3600, "exp": now.saturating_add(lifetime_seconds),
        }))
    }

    /// A token that a program got for itself.
    pub fn program_token(&self, client: &str, lifetime_seconds: u64) -> String {
        let now = get_current_timestamp();
        self.signed(&json!({
            "iss": Self::NAME, "aud": AUDIENCE, "sub": client, "client_id": client,
            "iat": now, "exp": now.saturating_add(lifetime_seconds),
        }))
    }

    fn signed(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA.into());
        header.kid = Some(KID.into());
        encode(&header, claims, &self.private).expect("an own key signs plain text")
    }
}

impl Default for DemoIssuer {
    fn default() -> DemoIssuer {
        DemoIssuer::new()
    }
}
