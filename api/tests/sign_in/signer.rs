//! A sign-in service for tests: fresh keys, and tokens of any shape, honest or not.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::get_current_timestamp;
use pipss_api::token::{Algorithm, Issuer, KeySource, Verifier};
use serde_json::{Value, json};
use uuid::Uuid;

pub const ISSUER: &str = "https://sign-in.trust.example";
pub const AUDIENCE: &str = "pipss";
pub const ORGANISATION: Uuid = Uuid::from_u128(7);

/// One private key with its id.
pub struct Signer {
    private: Private,
    pub algorithm: Algorithm,
    pub kid: String,
}

enum Private {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    pub fn new(algorithm: Algorithm, kid: &str) -> Signer {
        let private = match algorithm {
            Algorithm::RS256 => Private::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            Algorithm::ES256 => {
                Private::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
            Algorithm::EdDSA => Private::Ed(Ed25519KeyPair::generate().unwrap()),
        };
        Signer {
            private,
            algorithm,
            kid: kid.into(),
        }
    }

    /// The public half as a JSON Web Key.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.private {
            Private::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": base64(public.n), "e": base64(public.e) })
            }
            Private::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y) })
            }
            Private::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64(pair.public_key()) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk
    }

    /// The issuer that signs in this way.
    pub fn issuer(&self, keys: KeySource) -> Issuer {
        Issuer {
            issuer: ISSUER.into(),
            audience: AUDIENCE.into(),
            algorithm: self.algorithm,
            subject_claim: "sub".into(),
            keys,
            organisation: ORGANISATION,
            sign_in: None,
        }
    }

    pub fn header(&self) -> Value {
        json!({ "typ": "at+jwt", "alg": format!("{:?}", self.algorithm), "kid": self.kid })
    }

    /// An honest token.
    pub fn token(&self) -> String {
        self.sign(&self.header().to_string(), &claims().to_string())
    }

    /// A token of exactly these texts, rightly signed.
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64(header), base64(claims));
        let signature = self.signature(message.as_bytes());
        format!("{message}.{}", base64(signature))
    }

    pub fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Private::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Private::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// The claims of an honest token.
pub fn claims() -> Value {
    let now = get_current_timestamp();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "subject-1", "iat": now, "exp": now + 86_400 * 3,
        "name": "Asha Example", "email": "asha@trust.example", "email_verified": true,
    })
}

pub fn key_set(signers: &[&Signer]) -> String {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Trusts this signer alone.
pub fn verifier(signer: &Signer) -> Verifier {
    Verifier::new(vec![signer.issuer(KeySource::Jwks(key_set(&[signer])))]).unwrap()
}

pub fn with(mut object: Value, name: &str, value: impl Into<Value>) -> Value {
    object[name] = value.into();
    object
}

pub fn without(mut object: Value, name: &str) -> Value {
    object.as_object_mut().unwrap().remove(name);
    object
}
