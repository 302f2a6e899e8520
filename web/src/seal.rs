//! Sealing what is handed to a browser, or kept for a while, so that only this program can read it again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chance::Chance;

const NONCE: usize = 24;

/// A key.
pub struct Seal(XChaCha20Poly1305);

impl Seal {
    /// Under a key of 256 bits.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals something for one use: opened for another, it stays closed.
    pub fn seal(&self, chance: Chance, purpose: &str, value: &impl Serialize) -> String {
        let plain = serde_json::to_vec(value).expect("what is sealed is plain JSON");
        let nonce: [u8; NONCE] = chance.bytes();
        let payload = Payload {
            msg: &plain,
            aad: purpose.as_bytes(),
        };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("a short text can be sealed");
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// What was sealed, if it was sealed here and for this.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &str) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let payload = Payload {
            msg: sealed,
            aad: purpose.as_bytes(),
        };
        let plain = self.0.decrypt(&XNonce::try_from(nonce).ok()?, payload);
        serde_json::from_slice(&plain.ok()?).ok()
    }
}
