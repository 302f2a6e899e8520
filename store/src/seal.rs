//! Sealing: turns what is about a person into bytes that only its key, in its own place, can open.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as Cipher, XChaCha20Poly1305, XNonce};
use chrono::{DateTime, Utc};
use pipss_domain::calendar::day_in_london;
use pipss_domain::fields::{self, Kept, KeyScope};
use pipss_domain::history::Event;
use pipss_domain::ids::{FactId, KeyId, OrganisationId};
use pipss_domain::personal::{Place, Sealed};
use pipss_domain::stream::{Log, Stream};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::chain;
use crate::keyfile::Bytes;
use crate::vault::{Key, Vault};

const NONCE: usize = 24;

/// Where a fact stands, for ever: what its sealed values are bound to.
#[derive(Clone, Copy)]
pub struct Address<'a> {
    /// Whose log.
    pub organisation: OrganisationId,
    /// The stream.
    pub stream: &'a Stream,
    /// The fact.
    pub fact: FactId,
    /// Its kind.
    pub kind: &'a str,
    /// The version of its shape, as stored.
    pub shape: u16,
}

/// The month in which a log takes a fact in: what is sealed by the month is destroyed by the month.
#[derive(Clone, Copy)]
pub struct TakenIn {
    /// The log.
    pub log: Log,
    /// When the fact is recorded.
    pub recorded_at: DateTime<Utc>,
}

impl TakenIn {
    /// For example `2026-11` of the feedback log, by the calendar in England.
    fn month(self) -> (Log, String) {
        let day = day_in_london(self.recorded_at);
        (self.log, day.format("%Y-%m").to_string())
    }
}

impl Address<'_> {
    /// As the length-prefixed bytes that are authenticated with every value.
    pub fn bytes(&self) -> Arc<[u8]> {
        prefixed(&[
            self.organisation.uuid().as_bytes(),
            self.stream.to_string().as_bytes(),
            self.fact.uuid().as_bytes(),
            self.kind.as_bytes(),
            &self.shape.to_be_bytes(),
        ])
        .into()
    }
}

/// The id of the key of everything that a log takes in within a month, such as `2026-11`.
pub fn month_key(organisation: OrganisationId, log: Log, month: &str) -> KeyId {
    let name = format!("{}/{month}", chain::name(log));
    KeyId::new(Uuid::new_v5(&organisation.uuid(), name.as_bytes()))
}

/// A key that a fact needs, with its id.
pub type Needed = (KeyId, Key);

/// Seals every personal value of an event and adds the keys it used to `keys`.
///
/// # Errors
/// `Invalid`, when a value is not known or the field table has no fitting row for it.
pub fn seal_event(
    event: &mut Event,
    address: Address<'_>,
    taken_in: TakenIn,
    vault: &Vault,
    keys: &mut Vec<Needed>,
) -> Result<(), StoreError> {
    let fact = address.bytes();
    let mut wrong = None;
    event.personals(&mut |place, value| {
        let sealed = value
            .known_json()
            .map(Zeroizing::new)
            .ok_or(StoreError::Invalid("a personal value was not known"))
            .and_then(|plain| {
                let (id, scope) = key_id(address, taken_in, place)?;
                let key = key_for(id, scope, vault, keys)?;
                seal(&plain, id, &key, Arc::clone(&fact), place)
            });
        match sealed {
            Ok(sealed) => value.seal(sealed),
            Err(error) => wrong = Some(error),
        }
    });
    wrong.map_or(Ok(()), Err)
}

/// Opens one value. `None` if its key is gone, or it was sealed under another or for another place.
pub fn open(sealed: &Sealed, vault: &Vault) -> Option<Zeroizing<Vec<u8>>> {
    open_under(sealed, &*vault.key(sealed.key)?)
}

/// The same under a key at hand.
pub fn open_under(sealed: &Sealed, key: &Bytes) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, text) = sealed.bytes.split_at_checked(NONCE)?;
    let payload = Payload {
        msg: text,
        aad: &authenticated(&sealed.fact, sealed.place, sealed.key),
    };
    XChaCha20Poly1305::new(Cipher::from_slice(key.as_slice()))
        .decrypt(XNonce::from_slice(nonce), payload)
        .ok()
        .map(Zeroizing::new)
}

/// Random bytes of the operating system.
///
/// # Errors
/// `Unavailable`, when it has none.
pub fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, StoreError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice())
        .map_err(|_| StoreError::Unavailable("the machine gives no random numbers".into()))?;
    Ok(bytes)
}

/// Each part after its own length, so that no two lists of parts look alike.
pub fn prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(parts.iter().map(|part| 4 + part.len()).sum());
    for part in parts {
        let length = u32::try_from(part.len()).expect("parts are bounded far below 4 GiB");
        out.extend(length.to_be_bytes());
        out.extend(*part);
    }
    out
}

/// The id of the key that the field table gives a value, and whom it covers.
fn key_id(
    address: Address<'_>,
    taken_in: TakenIn,
    place: Place,
) -> Result<(KeyId, KeyScope), StoreError> {
    let Some(Kept::Sealed { key: scope, .. }) =
        fields::row(address.kind, place.path).map(|row| row.kept)
    else {
        return Err(StoreError::Invalid(
            "a personal field has no row that seals it",
        ));
    };
    let id = match (scope, address.stream) {
        (KeyScope::Text, _) => {
            let name = format!("{}/{}", place.path, place.index);
            Uuid::new_v5(&address.fact.uuid(), name.as_bytes())
        }
        (KeyScope::Month, _) => {
            let (log, month) = taken_in.month();
            return Ok((month_key(address.organisation, log, &month), scope));
        }
        (KeyScope::Person, Stream::Person(_))
        | (
            KeyScope::Stream,
            Stream::Support(_)
            | Stream::Restricted(_)
            | Stream::Supervision(_)
            | Stream::Glass(_)
            | Stream::Disclosure(_),
        ) => {
            let name = address.stream.to_string();
            Uuid::new_v5(&address.organisation.uuid(), name.as_bytes())
        }
        (KeyScope::Person | KeyScope::Stream, _) => {
            return Err(StoreError::Invalid(
                "a key seals only what stands in the stream it is for",
            ));
        }
    };
    Ok((KeyId::new(id), scope))
}

fn key_for(
    id: KeyId,
    scope: KeyScope,
    vault: &Vault,
    keys: &mut Vec<Needed>,
) -> Result<Key, StoreError> {
    if let Some((_, key)) = keys.iter().find(|(known, _)| *known == id) {
        return Ok(Key::clone(key));
    }
    let key = match scope {
        KeyScope::Text => vault.key_or_new(id)?,
        // Two appends about one person, or in one month, at once must seal under the same key.
        KeyScope::Person | KeyScope::Stream | KeyScope::Month => vault.promise(id)?,
    };
    keys.push((id, Key::clone(&key)));
    Ok(key)
}

fn seal(
    plain: &[u8],
    id: KeyId,
    key: &Key,
    fact: Arc<[u8]>,
    place: Place,
) -> Result<Sealed, StoreError> {
    let nonce = random::<NONCE>()?;
    let payload = Payload {
        msg: plain,
        aad: &authenticated(&fact, place, id),
    };
    let text = XChaCha20Poly1305::new(Cipher::from_slice(key.as_slice()))
        .encrypt(XNonce::from_slice(nonce.as_slice()), payload)
        .map_err(|_| StoreError::TooLarge)?;
    Ok(Sealed {
        key: id,
        bytes: [nonce.as_slice(), &text].concat(),
        fact,
        place,
    })
}

fn authenticated(fact: &[u8], place: Place, key: KeyId) -> Vec<u8> {
    let index = place.index.to_be_bytes();
    let mut aad = fact.to_vec();
    aad.extend(prefixed(&[
        place.path.as_bytes(),
        &index,
        key.uuid().as_bytes(),
    ]));
    aad
}
