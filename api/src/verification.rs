//! What the program can say of the record's integrity: how far it was checked, and its fingerprint now.

use std::collections::HashMap;
use std::sync::RwLock;

use chrono::{DateTime, Utc};
use pipss_domain::ids::OrganisationId;
use pipss_domain::policy::{Act, Hat};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::{Log, LogId};
use pipss_projections::Views;
use pipss_store::{Backend, Checkpoints, EventStore, Head, Keeping, Latest, StoreError, Watched};
use serde::Serialize;

use crate::actor::Actor;
use crate::app::App;

/// What can be said of each log.
#[derive(Serialize)]
pub struct VerificationAnswer {
    /// They; none to an auditor who manages a team: how far a log reaches grows with what is private to
    /// managers.
    pub logs: Vec<LogVerified>,
    /// The last signed checkpoint, if they are made; none to whoever is shown no log.
    pub checkpoint: Option<CheckpointSigned>,
}

/// A checkpoint, as somebody may write it down.
#[derive(Serialize)]
pub struct CheckpointSigned {
    /// Its number.
    pub number: u64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The first 16 digits of its hash.
    pub hash: String,
}

impl From<Latest> for CheckpointSigned {
    fn from(latest: Latest) -> Self {
        Self {
            number: latest.number,
            made_at: latest.made_at,
            hash: latest.hash.chars().take(16).collect(),
        }
    }
}

/// One log.
#[derive(Serialize)]
pub struct LogVerified {
    /// Which.
    pub log: Log,
    /// The position up to which it was read and its chain recomputed when the program started.
    pub checked_to: u64,
    /// The position of the last fact now.
    pub position: u64,
    /// The chain up to there, in hexadecimal.
    pub chain: String,
}

impl App {
    /// How far the record was checked, and its fingerprint now.
    ///
    /// # Errors
    /// `NotAllowed` for all but auditors and the operator: positions are for nobody else.
    pub fn verification(&self, actor: &Actor) -> Result<VerificationAnswer, Refusal> {
        self.allow(actor, Act::SeeVerification, None)?;
        if self.view(actor, |view| view.hats.contains(&Hat::Manager)) {
            return Ok(VerificationAnswer {
                logs: Vec::new(),
                checkpoint: None,
            });
        }
        let of_log = |log| {
            let id = LogId {
                organisation: actor.organisation,
                log,
            };
            let Head { position, chain } = self.store.head(id);
            LogVerified {
                log,
                checked_to: self.checked.get(&id).copied().unwrap_or(0),
                position,
                chain: pipss_store::hex::of(&chain),
            }
        };
        Ok(VerificationAnswer {
            logs: Log::ALL.into_iter().map(of_log).collect(),
            checkpoint: self.signed.get().and_then(Watched::latest).map(Into::into),
        })
    }

    /// Begins to sign how far every log reaches, for as long as what it gives lives; shows nobody anything.
    ///
    /// # Errors
    /// Why nothing can be signed, in one sentence.
    pub fn keep_checkpoints(&self, keeping: Keeping) -> Result<Checkpoints, StoreError> {
        let Backend::Sled(store) = &self.store else {
            return Err(StoreError::Invalid("a copy is not signed"));
        };
        let checkpoints = store.keep_checkpoints(keeping)?;
        // Who began first is who is watched.
        let _ = self.signed.set(checkpoints.watched());
        Ok(checkpoints)
    }
}

/// How far every log reaches: the store has just read them from their beginning, and checked.
pub(crate) fn heads(
    store: &Backend,
    organisations: &RwLock<HashMap<OrganisationId, Views>>,
) -> HashMap<LogId, u64> {
    let organisations = organisations.read().expect("folding never panics");
    let logs = organisations.keys().flat_map(|organisation| {
        let id = |log| LogId {
            organisation: *organisation,
            log,
        };
        Log::ALL.map(id)
    });
    logs.map(|log| (log, store.head(log).position)).collect()
}
