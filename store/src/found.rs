//! Finding people by what is sealed: an index in memory that tells nothing to whoever copies it.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, PoisonError, RwLock};

use hmac::{Hmac, Mac};
use pipss_domain::fields::{self, Kept};
use pipss_domain::history::Fact;
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::Stream;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::StoreError;
use crate::seal::{self, prefixed, random};
use crate::vault::Vault;

/// The fields that people are found by, as (kind, path).
static FOUND_BY: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| {
    fields::rows()
        .filter(|(_, _, row)| matches!(row.kept, Kept::Sealed { found_by: true, .. }))
        .map(|(kind, path, _)| (kind, path))
        .collect()
});

/// A stream in which a value stands, and the key it dies with.
type Place = (Stream, KeyId);

/// From an HMAC of a value, under a key that lives as long as this process, to where it stands.
pub struct FoundBy {
    key: Zeroizing<[u8; 32]>,
    entries: RwLock<HashMap<[u8; 32], Vec<Place>>>,
}

impl FoundBy {
    /// An empty index.
    ///
    /// # Errors
    /// `Unavailable`, when the machine gives no random key.
    pub fn new() -> Result<Self, StoreError> {
        Ok(Self {
            key: random()?,
            entries: RwLock::default(),
        })
    }

    /// The same of a fact that is shared: few kinds of fact hold such a thing.
    pub fn note_of(&self, fact: &Fact, vault: &Vault) {
        let kind = fact.event.kind();
        if FOUND_BY.iter().any(|(known, _)| *known == kind) {
            self.note(&mut fact.clone(), vault);
        }
    }

    /// Takes in what a fact holds that people are found by.
    pub fn note(&self, fact: &mut Fact, vault: &Vault) {
        let kind = fact.event.kind();
        if !FOUND_BY.iter().any(|(known, _)| *known == kind) {
            return;
        }
        let (organisation, stream) = (fact.log.organisation, fact.stream);
        fact.event.personals(&mut |place, value| {
            if !FOUND_BY.contains(&(kind, place.path)) {
                return;
            }
            let Some(sealed) = value.sealed_mut() else {
                return;
            };
            if let Some(plain) = seal::open(sealed, vault) {
                let mark = self.mark(organisation, &plain);
                let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
                let streams = entries.entry(mark).or_default();
                // Each reading has a stream of its own, and one person has many.
                let new = matches!(stream, Stream::Reading(_));
                if new || !streams.contains(&(stream, sealed.key)) {
                    streams.push((stream, sealed.key));
                }
            }
        });
    }

    /// Where a value stands, or once stood, whose key was not destroyed.
    pub fn find(&self, organisation: OrganisationId, plain: &[u8], vault: &Vault) -> Vec<Stream> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries
            .get(&self.mark(organisation, plain))
            .into_iter()
            .flatten()
            .filter(|(_, key)| vault.key(*key).is_some())
            .map(|(stream, _)| *stream)
            .collect()
    }

    /// Drops what died with these keys.
    pub fn forget(&self, gone: &HashSet<KeyId>) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, places| {
            places.retain(|(_, key)| !gone.contains(key));
            !places.is_empty()
        });
    }

    fn mark(&self, organisation: OrganisationId, plain: &[u8]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.key.as_slice())
            .expect("an HMAC takes keys of any length");
        mac.update(&prefixed(&[organisation.uuid().as_bytes(), plain]));
        mac.finalize().into_bytes().into()
    }
}
