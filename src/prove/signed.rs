//! A result that can be handed on: small, always written the same way, signed by the store that it is about.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, ensure};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use chrono::{DateTime, Utc};
use pipss_api::prove::Outcome;
use pipss_domain::ids::OrganisationId;
use pipss_store::hex;
use serde::{Deserialize, Serialize};

/// Beside the data, readable by nobody but the program.
const KEY: &str = "proof-key";
/// What is signed begins so: a signature under something else is none of these.
const PURPOSE: &[u8] = b"pipss privacy proof 1\n";
/// A file longer than this is no result.
const FILE_MAX: u64 = 64 << 10;

/// What was found, without anything that anyone wrote. The fields stand in the order in which they are signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Result {
    /// Answers and letters that were compared.
    pub answers: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// Bytes that differed.
    pub bytes_differ: u64,
    /// The fingerprint of the log up to there.
    pub chain: String,
    /// Did nothing differ, and was every planted leak caught?
    pub holds: bool,
    /// Every leak that was planted.
    pub leaks: Vec<Planted>,
    /// Managers who were answered.
    pub managers: usize,
    /// Whose record it is.
    pub organisation: OrganisationId,
    /// How far the log reached.
    pub position: u64,
    /// Private facts that were left out on one side.
    pub private_facts: usize,
    /// The version of the program.
    pub program: String,
    /// Routes that were asked, pages among them.
    pub routes: usize,
}

/// A leak that was planted on purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    /// Was it found?
    pub caught: bool,
    /// Its kind.
    pub kind: String,
}

/// A result with its signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The key of the store that it says it is from, in hexadecimal.
    pub public_key: String,
    /// What was found.
    pub result: Result,
    /// Ed25519 over the purpose and the result, in hexadecimal.
    pub signature: String,
}

impl Result {
    /// What came out.
    pub fn of(outcome: &Outcome, organisation: OrganisationId) -> Self {
        let leaks = outcome.planted.iter();
        Self {
            answers: outcome.answers,
            at: outcome.at,
            bytes_differ: outcome.bytes,
            chain: hex::of(&outcome.head.chain),
            holds: outcome.holds(),
            leaks: leaks
                .map(|(leak, caught)| Planted {
                    caught: caught.is_some(),
                    kind: leak.name().into(),
                })
                .collect(),
            managers: outcome.managers,
            organisation,
            position: outcome.head.position,
            private_facts: outcome.private,
            program: env!("CARGO_PKG_VERSION").into(),
            routes: outcome.routes,
        }
    }

    fn to_sign(&self) -> Vec<u8> {
        let json = serde_json::to_vec(self).expect("a result is plain JSON");
        [PURPOSE, &json].concat()
    }
}

impl Signed {
    /// Signs a result with the key of this data folder, which is made if there is none yet.
    ///
    /// # Errors
    /// When the key cannot be made, kept or read.
    pub fn by(folder: &Path, result: Result) -> anyhow::Result<Self> {
        let key = key(folder)?;
        Ok(Self {
            public_key: hex::of(key.public_key().as_ref()),
            signature: hex::of(key.sign(&result.to_sign()).as_ref()),
            result,
        })
    }

    /// As it is handed on.
    pub fn file(&self) -> String {
        let json = serde_json::to_string_pretty(self);
        json.expect("a result is plain JSON") + "\n"
    }

    /// Reads a file, and checks it against the key that was written down, or else the one in the file.
    ///
    /// # Errors
    /// When it is no result, is of another key, or was changed since.
    pub fn read(file: &Path, written_down: Option<&str>) -> anyhow::Result<Self> {
        let named = || format!("cannot read {}", file.display());
        let size = fs::metadata(file).with_context(named)?.len();
        ensure!(size <= FILE_MAX, "this is not the result of a proof");
        let bytes = fs::read(file).with_context(named)?;
        let signed: Self = serde_json::from_slice(&bytes)
            .ok()
            .context("this is not the result of a proof")?;
        let same = |key: &str| key.trim().eq_ignore_ascii_case(&signed.public_key);
        ensure!(
            written_down.is_none_or(same),
            "this is signed with another key than the one you gave"
        );
        let parts = hex::bytes(&signed.public_key).zip(hex::bytes(&signed.signature));
        let (key, signature) = parts.context("this is not the result of a proof")?;
        let fits =
            UnparsedPublicKey::new(&ED25519, key).verify(&signed.result.to_sign(), &signature);
        ensure!(
            fits.is_ok(),
            "the signature does not fit: this was changed after it was signed"
        );
        Ok(signed)
    }
}

/// The public key of a data folder, if it has one yet.
pub fn public_key(folder: &Path) -> Option<String> {
    let key = read(folder).ok().flatten()?;
    Some(hex::of(key.public_key().as_ref()))
}

fn read(folder: &Path) -> anyhow::Result<Option<Ed25519KeyPair>> {
    let bytes = match fs::read(folder.join(KEY)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("the signing key cannot be read"),
    };
    let key = Ed25519KeyPair::from_pkcs8(&bytes).ok();
    key.context("the signing key is not one").map(Some)
}

fn key(folder: &Path) -> anyhow::Result<Ed25519KeyPair> {
    if let Some(key) = read(folder)? {
        return Ok(key);
    }
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .map_err(|_| anyhow::anyhow!("no signing key could be made"))?;
    keep(folder, made.as_ref()).context("the signing key could not be kept")?;
    read(folder)?.context("the signing key is not there")
}

/// Whole or not at all, and never readable by others.
fn keep(folder: &Path, key: &[u8]) -> io::Result<()> {
    let fresh = folder.join("proof-key.new");
    let _ = fs::remove_file(&fresh);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(key)?;
    file.sync_all()?;
    fs::rename(fresh, folder.join(KEY))?;
    File::open(folder)?.sync_all()
}
