//! Tells whether a repeated command asked for the same, without keeping what it asked for.

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::codec::Body;
use crate::seal::Needed;
use crate::vault::{Key, Vault};

/// The mark of a body, under all the keys its facts were sealed with: it dies with the first of them.
pub fn mark(body: &[u8], keys: &[Needed]) -> Body {
    let bytes: Vec<&Key> = keys.iter().map(|(_, key)| key).collect();
    Body {
        keys: keys.iter().map(|(id, _)| *id).collect(),
        mac: mac(body, &bytes),
    }
}

/// Is it the same body? Also true when that can no longer be told, or was never to be.
pub fn same(body: &[u8], kept: Option<&Body>, vault: &Vault) -> bool {
    let Some(kept) = kept else { return true };
    let keys: Option<Vec<Key>> = kept.keys.iter().map(|id| vault.key(*id)).collect();
    keys.is_none_or(|keys| mac(body, &keys.iter().collect::<Vec<_>>()) == kept.mac)
}

fn mac(body: &[u8], keys: &[&Key]) -> String {
    let mut all = Zeroizing::new(Vec::with_capacity(keys.len() * 32));
    keys.iter()
        .for_each(|key| all.extend_from_slice(key.as_slice()));
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, &all)
        .expand(b"pipss body 1", key.as_mut_slice())
        .expect("32 bytes are few enough for HKDF");
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_slice())
        .expect("an HMAC takes keys of any length");
    mac.update(body);
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
