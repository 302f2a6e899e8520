//! Which keys of a published set may check a signature.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

const KEYS_MAX: usize = 100;
const KID_CHARS_MAX: usize = 200;
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The one way an issuer signs, fixed by configuration and never by a token.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256; keys of 2048 to 8192 bits.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::RS256 => "RS256",
            Algorithm::ES256 => "ES256",
            Algorithm::EdDSA => "EdDSA",
        }
    }

    fn key_type(self) -> (&'static str, Option<&'static str>) {
        match self {
            Algorithm::RS256 => ("RSA", None),
            Algorithm::ES256 => ("EC", Some("P-256")),
            Algorithm::EdDSA => ("OKP", Some("Ed25519")),
        }
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::ES256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

/// The usable keys by id, and why others that claim to fit are not.
pub(crate) struct KeySet {
    pub(crate) keys: HashMap<String, DecodingKey>,
    pub(crate) refused: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// The members of a JSON Web Key that decide (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Reads a published set. Keys for other purposes are passed over in silence.
pub(crate) fn read_key_set(text: &[u8], algorithm: Algorithm) -> Result<KeySet, String> {
    let published: Published =
        serde_json::from_slice(text).map_err(|_| "it is not a JSON Web Key Set")?;
    if published.keys.len() > KEYS_MAX {
        return Err(format!("it holds more than {KEYS_MAX} keys"));
    }
    let mut set = KeySet {
        keys: HashMap::new(),
        refused: Vec::new(),
    };
    let readable = published
        .keys
        .into_iter()
        .filter_map(|key| serde_json::from_value(key).ok());
    for jwk in readable.filter(|jwk: &Jwk| jwk.fits(algorithm)) {
        match jwk.key(algorithm) {
            Ok((kid, _)) if set.keys.contains_key(&kid) => set.refused.push("two keys share an id"),
            Ok((kid, key)) => drop(set.keys.insert(kid, key)),
            Err(why) => set.refused.push(why),
        }
    }
    Ok(set)
}

impl Jwk {
    fn fits(&self, algorithm: Algorithm) -> bool {
        let (kty, crv) = algorithm.key_type();
        self.kty == kty
            && (crv.is_none() || self.crv.as_deref() == crv)
            && self.alg.as_ref().is_none_or(|alg| alg == algorithm.name())
            && self.purpose.as_ref().is_none_or(|purpose| purpose == "sig")
            && self
                .key_ops
                .as_ref()
                .is_none_or(|ops| ops.iter().any(|op| op == "verify"))
    }

    fn key(self, algorithm: Algorithm) -> Result<(String, DecodingKey), &'static str> {
        let key = match algorithm {
            Algorithm::RS256 => rsa_key(&number(self.n)?, &number(self.e)?)?,
            Algorithm::ES256 => {
                // The uncompressed point of SEC 1 §2.3.3.
                let point = [vec![4], coordinate(self.x)?, coordinate(self.y)?].concat();
                DecodingKey::from_ec_der(&point)
            }
            Algorithm::EdDSA => DecodingKey::from_ed_der(&coordinate(self.x)?),
        };
        let kid = self
            .kid
            .filter(|kid| !kid.is_empty() && kid.chars().count() <= KID_CHARS_MAX);
        Ok((kid.ok_or("a key has no id of 1 to 200 characters")?, key))
    }
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Result<DecodingKey, &'static str> {
    let bits = modulus.len() * 8
        - modulus
            .first()
            .map_or(0, |byte| byte.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err("an RSA key has fewer than 2048 bits or more than 8192");
    }
    // With an exponent of 1 anyone could sign.
    if exponent.len() > 4 || exponent == [1] || exponent.last().is_none_or(|last| last % 2 == 0) {
        return Err("an RSA key has an unsafe exponent");
    }
    Ok(DecodingKey::from_rsa_raw_components(modulus, exponent))
}

/// A big-endian number without leading zeros.
fn number(text: Option<String>) -> Result<Vec<u8>, &'static str> {
    bytes(text).map(|bytes| bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn coordinate(text: Option<String>) -> Result<Vec<u8>, &'static str> {
    bytes(text).and_then(|bytes| match bytes.len() {
        32 => Ok(bytes),
        _ => Err("a key has the wrong length for its curve"),
    })
}

fn bytes(text: Option<String>) -> Result<Vec<u8>, &'static str> {
    text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or("a key is incomplete or damaged")
}
