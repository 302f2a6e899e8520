//! What is about a person, kept so that it can be made unreadable for ever without losing the story.
//!
//! A fact is decided with [`Personal::Known`] values. The store seals each under the key that the
//! field table names before anything is written; from then on everything kept in memory or on disk
//! holds [`Personal::Sealed`], and a window opens one value for one answer.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};

use crate::ids::KeyId;

/// A value about a person. `Debug` never shows it.
#[derive(Clone, PartialEq)]
pub enum Personal<T> {
    /// In the clear, on its way into the log or out of a window.
    Known(T),
    /// As it is kept; in a box, because most of the places for such a value stay empty.
    Sealed(Box<Sealed>),
    /// Its key was destroyed.
    Erased,
}

/// A sealed value: ciphertext, the key it needs, and the place it was sealed for.
#[derive(Clone, PartialEq)]
pub struct Sealed {
    /// The key it was sealed under.
    pub key: KeyId,
    /// Nonce and ciphertext, as the store lays them out.
    pub bytes: Vec<u8>,
    /// The fact it belongs to, as bytes that the store authenticates; filled in by the store.
    pub fact: Arc<[u8]>,
    /// The field of that fact.
    pub place: Place,
}

/// A field of a fact: the path as the field table writes it, and which one where the path has a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// For example `incidents[].line`.
    pub path: &'static str,
    /// The index within the list (0 where there is none).
    pub index: u32,
}

impl Place {
    /// A field that is not in a list.
    pub const fn of(path: &'static str) -> Self {
        Self { path, index: 0 }
    }
}

/// What the store needs of a personal value of any type, in order to seal it.
pub trait Sealable {
    /// The value as JSON if it is still known.
    fn known_json(&self) -> Option<Vec<u8>>;
    /// Puts the sealed value in its place.
    fn seal(&mut self, sealed: Sealed);
    /// The sealed value, if it is one.
    fn sealed_mut(&mut self) -> Option<&mut Sealed>;
}

impl<T: Serialize> Sealable for Personal<T> {
    fn known_json(&self) -> Option<Vec<u8>> {
        match self {
            Self::Known(value) => {
                Some(serde_json::to_vec(value).expect("personal values are plain JSON"))
            }
            Self::Sealed(_) | Self::Erased => None,
        }
    }

    fn seal(&mut self, sealed: Sealed) {
        *self = Self::Sealed(Box::new(sealed));
    }

    fn sealed_mut(&mut self) -> Option<&mut Sealed> {
        match self {
            Self::Sealed(sealed) => Some(sealed),
            Self::Known(_) | Self::Erased => None,
        }
    }
}

impl<T: DeserializeOwned> Personal<T> {
    /// Reads an opened value; text that does not parse counts as erased, because it says nothing.
    pub fn from_json(json: &[u8]) -> Self {
        serde_json::from_slice(json).map_or(Self::Erased, Self::Known)
    }
}

impl<T> Personal<T> {
    /// The value, if it is in the clear.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Sealed(_) | Self::Erased => None,
        }
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a sealed value stands in a stored fact.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<'a> {
    key: KeyId,
    #[serde(borrow)]
    sealed: std::borrow::Cow<'a, str>,
}

impl<T> Serialize for Personal<T> {
    /// Only sealed values can be written: a fact that still holds one in the clear is an error here,
    /// which is what keeps it out of the log.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Sealed(sealed) => Stored {
                key: sealed.key,
                sealed: base64::encode(&sealed.bytes).into(),
            }
            .serialize(serializer),
            Self::Known(_) | Self::Erased => Err(serde::ser::Error::custom(
                "personal data must be sealed before it is stored",
            )),
        }
    }
}

impl<'de, T> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let bytes = base64::decode(&stored.sealed)
            .ok_or_else(|| serde::de::Error::custom("a sealed value is not base64"))?;
        Ok(Self::Sealed(Box::new(Sealed {
            key: stored.key,
            bytes,
            fact: Arc::from([]),
            place: Place::of(""),
        })))
    }
}

mod base64 {
    use ::base64::Engine;
    use ::base64::engine::general_purpose::STANDARD_NO_PAD;

    pub fn encode(bytes: &[u8]) -> String {
        STANDARD_NO_PAD.encode(bytes)
    }

    pub fn decode(text: &str) -> Option<Vec<u8>> {
        STANDARD_NO_PAD.decode(text).ok()
    }
}

// The derive asks this of a generic type; utoipa has no public name for it.
impl<T> utoipa::__dev::ComposeSchema for Personal<T> {
    fn compose(_generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .extensions(Some(
                ExtensionsBuilder::new().add("x-personal", true).build(),
            ))
            .into()
    }
}
impl<T> utoipa::ToSchema for Personal<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Personal".into()
    }
}
