//! The key that signs checkpoints: made once, in a small file that nobody but the program may read.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use crate::folder;
use crate::{StoreError, hex};

/// Its name in a data folder.
pub const NAME: &str = "checkpoint-key";

/// The key, as the process holds it.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key in this file, which is made if there is none.
    ///
    /// # Errors
    /// `Refused`, when what is there is no key; `Full` or `Unavailable`.
    pub fn keep(path: &Path) -> Result<Self, StoreError> {
        if let Some(key) = read(path)? {
            return Ok(key);
        }
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| StoreError::Unavailable("no signing key could be made".into()))?;
        folder::replace(path, made.as_ref())?;
        read(path)?.ok_or_else(|| StoreError::Unavailable("the signing key is not there".into()))
    }

    /// What others check its signatures with, in hexadecimal.
    pub fn public_key(&self) -> String {
        hex::of(self.0.public_key().as_ref())
    }

    /// An Ed25519 signature.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// The public key of the key in this file, in hexadecimal; `None` if there is no key yet.
///
/// # Errors
/// `Refused`, when what is there is no key; `Unavailable`, when it cannot be read.
pub fn public_key(path: &Path) -> Result<Option<String>, StoreError> {
    Ok(read(path)?.map(|key| key.public_key()))
}

fn read(path: &Path) -> Result<Option<SigningKey>, StoreError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(folder::io_error("reading the signing key", &error)),
    };
    let key = Ed25519KeyPair::from_pkcs8(&bytes).map_err(|_| {
        StoreError::Refused(format!(
            "{} is not a key that signs checkpoints; put the right one back, or take it away: a new one is \
             then made, and its public key must be written down again",
            path.display()
        ))
    })?;
    Ok(Some(SigningKey(key)))
}
