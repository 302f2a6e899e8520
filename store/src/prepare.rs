//! What an append goes through in its caller's own thread: numbered, sealed, written out as records.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Utc};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::OrganisationId;
use tokio::sync::oneshot;

use crate::body;
use crate::codec::{Body, Draft, kept};
use crate::committer::{Answer, Job};
use crate::index::LOG_MAX;
use crate::seal::{self, Address, Needed, TakenIn};
use crate::vault::Vault;
use crate::{Append, StoreError};

/// The most facts of one append.
const FACTS_MAX: usize = 4096;

/// Does everything for an append that does not depend on what others append meanwhile.
///
/// # Errors
/// `TooLarge`; `Invalid`, also if a stream stands in it twice; `Full` or `Unavailable`, when the organisation's first key cannot be kept.
pub fn prepare(
    append: Append,
    vault: &Vault,
) -> Result<(Job, oneshot::Receiver<Answer>), StoreError> {
    let written = append
        .writes
        .iter()
        .map(|write| (write.stream, write.expected));
    let expected = written.chain(append.guards.iter().copied()).collect();
    let (log, command, now, body) = (append.log, append.command, append.now, append.body.clone());
    let mut facts = numbered(append)?;
    let mut keys = Vec::new();
    for fact in &mut facts {
        seal(fact, vault, &mut keys)?;
    }
    let mark = body
        .map(|body| mark(&body, log.organisation, &keys, vault))
        .transpose()?;
    let mut drafts = Vec::with_capacity(facts.len());
    for fact in facts {
        let draft = Draft::new(&fact, mark.as_ref().filter(|_| fact.number == 0))?;
        drafts.push((fact, draft));
    }
    let (answer, answered) = oneshot::channel();
    let job = Job {
        log,
        command,
        now,
        facts: drafts,
        expected,
        keys,
        answer,
    };
    Ok((job, answered))
}

/// The facts of an append, numbered under its command, not yet sealed or placed.
pub(crate) fn numbered(append: Append) -> Result<Vec<Fact>, StoreError> {
    let recorded_at = in_range(append.now)?;
    let mut facts = Vec::new();
    let mut streams = HashSet::new();
    for write in append.writes {
        // Two that expect one version would both be given it, and the log could not be read again.
        if !streams.insert(write.stream) {
            return Err(StoreError::Invalid("a stream stands twice in an append"));
        }
        // No stream is as long as that: it will be told which version it is at.
        let first = write.expected.min(LOG_MAX) + 1;
        for (version, (occurred_at, event)) in (first..).zip(write.events) {
            facts.push(Fact {
                log: append.log,
                position: 0,
                stream: write.stream,
                version,
                command: append.command,
                number: u32::try_from(facts.len()).map_err(|_| StoreError::TooLarge)?,
                occurred_at: in_range(occurred_at)?,
                recorded_at,
                who: append.who,
                policy: append.policy,
                event,
            });
        }
    }
    match facts.len() {
        0 => Err(StoreError::Invalid("an append without facts")),
        1..=FACTS_MAX => Ok(facts),
        _ => Err(StoreError::TooLarge),
    }
}

fn seal(fact: &mut Fact, vault: &Vault, keys: &mut Vec<Needed>) -> Result<(), StoreError> {
    let (id, kind) = (fact.id(), fact.event.kind());
    let address = Address {
        organisation: fact.log.organisation,
        stream: &fact.stream,
        fact: id,
        kind,
        shape: Event::shape_version(kind),
    };
    let taken_in = TakenIn {
        log: fact.log.log,
        recorded_at: fact.recorded_at,
    };
    seal::seal_event(&mut fact.event, address, taken_in, vault, keys)
}

fn mark(
    body: &[u8],
    organisation: OrganisationId,
    keys: &[Needed],
    vault: &Vault,
) -> Result<Body, StoreError> {
    if keys.is_empty() {
        return Ok(body::mark(body, &[vault.organisation_key(organisation)?]));
    }
    Ok(body::mark(body, keys))
}

fn in_range(time: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
    match time.year() {
        0..=9999 => Ok(kept(time)),
        _ => Err(StoreError::Invalid("a time outside the years 0 to 9999")),
    }
}
