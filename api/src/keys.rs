//! The public keys of a sign-in service: where they come from.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use tracing::warn;

use crate::believed::{Believed, Place, read_file};
use crate::fetch::Peer;
use crate::key_set::{Algorithm, KeySet, read_key_set};

/// Where an issuer's JSON Web Key Set (RFC 7517) is found.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// An https address; http is accepted for this machine only.
    JwksUrl(String),
    /// A file, read at start and again when it may have changed.
    JwksFile(PathBuf),
    /// The key set itself, for an issuer inside this process; not offered to configuration files.
    #[serde(skip)]
    Jwks(String),
}

type ById = HashMap<String, Arc<DecodingKey>>;

/// One issuer's keys, read when they are needed.
pub(crate) struct Keys(Arc<Believed<ById>>);

impl Keys {
    /// Checks the source; a file is read at once, an address at first use.
    /// The error is a sentence for whoever wrote the configuration.
    pub(crate) fn open(source: &KeySource, algorithm: Algorithm) -> Result<Keys, String> {
        let (name, place, text) = match source {
            KeySource::JwksUrl(url) => {
                let peer = Peer::at(url).map_err(|why| format!("jwks_url: {why}"))?;
                (format!("jwks_url {url}"), Place::Web(peer), None)
            }
            KeySource::JwksFile(path) => {
                let name = format!("jwks_file {}", path.display());
                let text = read_file(path).map_err(|why| format!("{name}: {why}"))?;
                (name, Place::File(path.clone()), Some(text))
            }
            KeySource::Jwks(text) => (
                "the built-in key set".into(),
                Place::Memory,
                Some(text.as_bytes().to_vec()),
            ),
        };
        let first = text.map(|text| first_set(&text, algorithm)).transpose();
        let first = first.map_err(|why| format!("{name}: {why}"))?;
        let said = name.clone();
        let understand = move |text: &[u8]| later_set(&said, text, algorithm);
        Ok(Keys(Believed::new(
            name,
            place,
            first,
            Box::new(understand),
        )))
    }

    /// The key with exactly this id, reading the set again if it is old or lacks it.
    pub(crate) async fn find(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.0.find(|keys| keys.get(kid).cloned()).await
    }
}

/// At start a doubtful key stops the program: someone is there to put it right.
fn first_set(text: &[u8], algorithm: Algorithm) -> Result<ById, String> {
    let set = read_key_set(text, algorithm)?;
    if let Some(why) = set.refused.first() {
        return Err((*why).into());
    }
    if set.keys.is_empty() {
        return Err(format!("it holds no key for {}", algorithm.name()));
    }
    Ok(shared(set.keys))
}

/// Later it is left out: the others still serve.
fn later_set(name: &str, text: &[u8], algorithm: Algorithm) -> Result<ById, String> {
    let KeySet { keys, refused } = read_key_set(text, algorithm)?;
    for why in refused {
        warn!(from = name, "{name}: a sign-in key was left out: {why}");
    }
    Ok(shared(keys))
}

/// Whoever remembers what a key checked remembers that very key: read again it is another.
fn shared(keys: HashMap<String, DecodingKey>) -> ById {
    let each = keys.into_iter();
    each.map(|(kid, key)| (kid, Arc::new(key))).collect()
}
