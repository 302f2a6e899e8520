//! What the program can say of the record's integrity: how far it was checked, and its fingerprint now.

use std::collections::HashMap;
use std::sync::RwLock;

use pipss_domain::ids::OrganisationId;
use pipss_domain::policy::{Act, Hat};
use pipss_domain::refusal::Refusal;
use pipss_domain::stream::{Log, LogId};
use pipss_projections::Views;
use pipss_store::{Backend, EventStore, Head};
use serde::Serialize;

use crate::actor::Actor;
use crate::app::App;

/// What can be said of each log.
#[derive(Serialize)]
pub struct VerificationAnswer {
    /// They; none to an auditor who manages a team: how far a log reaches grows with what is private to
    /// managers.
    pub logs: Vec<LogVerified>,
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
            return Ok(VerificationAnswer { logs: Vec::new() });
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
                chain: chain.iter().map(|byte| format!("{byte:02x}")).collect(),
            }
        };
        Ok(VerificationAnswer {
            logs: Log::ALL.into_iter().map(of_log).collect(),
        })
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
