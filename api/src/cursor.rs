//! Where a list goes on: sealed, so that a cursor says nothing and cannot be forged or lent.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::dice::Dice;

const NONCE: usize = 24;

/// Seals and opens cursors under a key that lives as long as the process.
pub(crate) struct Cursors(XChaCha20Poly1305, Dice);

impl Cursors {
    /// Under a key of the dice.
    pub fn new(dice: Dice) -> Self {
        let roll = dice.roll(b"the key of cursors");
        let (a, b) = (roll.uuid(), roll.uuid());
        let mut key = Zeroizing::new([0; 32]);
        key[..16].copy_from_slice(a.as_bytes());
        key[16..].copy_from_slice(b.as_bytes());
        Self(XChaCha20Poly1305::new((&*key).into()), dice)
    }

    /// A cursor for this actor and this list only.
    pub fn seal(&self, actor: &Actor, list: &str, place: &impl Serialize) -> String {
        let place = serde_json::to_vec(place).expect("a place in a list is plain JSON");
        let roll = self
            .1
            .roll(&[bound_to(actor, list), place.clone()].concat());
        let (a, b) = (roll.uuid(), roll.uuid());
        let mut sealed = [a.as_bytes().as_slice(), &b.as_bytes()[..8]].concat();
        let nonce = XNonce::try_from(sealed.as_slice()).expect("24 bytes were drawn");
        let payload = Payload {
            msg: &place,
            aad: &bound_to(actor, list),
        };
        sealed.extend(
            self.0
                .encrypt(&nonce, payload)
                .expect("a short text can be sealed"),
        );
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The place, if the cursor is ours and was given to this actor for this list.
    pub fn open<T: DeserializeOwned>(&self, actor: &Actor, list: &str, cursor: &str) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let payload = Payload {
            msg: sealed,
            aad: &bound_to(actor, list),
        };
        let place = self.0.decrypt(&nonce, payload).ok()?;
        serde_json::from_slice(&place).ok()
    }
}

fn bound_to(actor: &Actor, list: &str) -> Vec<u8> {
    format!("{}/{}/{list}", actor.organisation, actor.who).into_bytes()
}
