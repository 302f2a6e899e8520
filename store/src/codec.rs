//! A record: one fact as one line of JSON, the same for ever on disk, in the chain and in an export.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use pipss_domain::history::{Event, Fact, Who};
use pipss_domain::ids::{CommandId, KeyId, OrganisationId};
use pipss_domain::stream::{Log, LogId, Stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::StoreError;
use crate::chain;
use crate::seal::Address;

/// The longest record that is kept.
pub const RECORD_MAX: usize = 256 << 10;

/// What is kept of a command's body: enough to tell another body from the same one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The keys whose loss makes it untellable.
    pub keys: Vec<KeyId>,
    /// HMAC-SHA256 of the body, in hex.
    pub mac: String,
}

/// A record that only lacks its position and the time it is recorded at.
pub struct Draft {
    before: String,
    between: String,
    after: String,
}

/// A line of the log, read back. Fields stand in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    org: OrganisationId,
    log: Log,
    pos: u64,
    stream: Stream,
    ver: u64,
    command: CommandId,
    n: u32,
    kind: &'a str,
    v: u16,
    occurred: DateTime<Utc>,
    recorded: DateTime<Utc>,
    who: Who,
    policy: u32,
    #[serde(default)]
    body: Option<Body>,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl Draft {
    /// Prepares a fact, whose personal values are sealed, to be recorded.
    ///
    /// # Errors
    /// `TooLarge`; `Invalid`, when it could not be read back as the same fact.
    pub fn new(fact: &Fact, body: Option<&Body>) -> Result<Self, StoreError> {
        let draft = Self::write(fact, body)?;
        let line = draft.line(fact.position, fact.recorded_at);
        if line.len() > RECORD_MAX {
            return Err(StoreError::TooLarge);
        }
        // What could not be read again must never be written: it would close the log for ever.
        let back = decode(&line).filter(|(back, with)| back == fact && with.as_ref() == body);
        back.map(|_| draft)
            .ok_or(StoreError::Invalid("a fact would not read back as it was"))
    }

    /// The finished record.
    pub fn line(&self, position: u64, recorded_at: DateTime<Utc>) -> Vec<u8> {
        let mut line = String::with_capacity(self.length());
        line.push_str(&self.before);
        line.push_str(&position.to_string());
        line.push_str(&self.between);
        line.push_str(&time(recorded_at));
        line.push_str(&self.after);
        line.into_bytes()
    }

    /// The most bytes the finished record can take.
    pub const fn length(&self) -> usize {
        self.before.len() + self.between.len() + self.after.len() + 56
    }

    fn write(fact: &Fact, body: Option<&Body>) -> Result<Self, StoreError> {
        let kind = fact.event.kind();
        let shape = Event::shape_version(kind);
        let data = data(&fact.event)?;
        let body = body.map_or_else(String::new, |body| {
            let json = serde_json::to_string(body).expect("ids and hex are plain JSON");
            format!(r#","body":{json}"#)
        });
        Ok(Self {
            before: format!(
                r#"{{"org":"{}","log":"{}","pos":"#,
                fact.log.organisation,
                chain::name(fact.log.log),
            ),
            between: format!(
                r#","stream":"{}","ver":{},"command":"{}","n":{},"kind":"{kind}","v":{shape},"occurred":"{}","recorded":""#,
                fact.stream,
                fact.version,
                fact.command,
                fact.number,
                time(fact.occurred_at),
            ),
            after: format!(
                r#"","who":"{}","policy":{}{body},"data":{data}}}"#,
                fact.who, fact.policy
            ),
        })
    }
}

/// Reads a record. `None` if it is not one that this program can have written.
pub fn decode(line: &[u8]) -> Option<(Fact, Option<Body>)> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let mut fact = Fact {
        log: LogId {
            organisation: line.org,
            log: line.log,
        },
        position: line.pos,
        stream: line.stream,
        version: line.ver,
        command: line.command,
        number: line.n,
        occurred_at: line.occurred,
        recorded_at: line.recorded,
        who: line.who,
        policy: line.policy,
        event: Event::from_stored(line.kind, line.v, line.data.get()).ok()?,
    };
    place_sealed(&mut fact, line.kind, line.v);
    Some((fact, line.body))
}

/// Does a record stand as this program would write it? One of an earlier shape is taken as it is.
pub fn is_canonical(line: &[u8], fact: &Fact, body: Option<&Body>) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        v: u16,
    }
    let current = Event::shape_version(fact.event.kind());
    match serde_json::from_slice::<Shape>(line) {
        Ok(shape) if shape.v == current => Draft::write(fact, body)
            .is_ok_and(|draft| draft.line(fact.position, fact.recorded_at) == line),
        Ok(shape) => shape.v < current,
        Err(_) => false,
    }
}

/// A time as precisely as it is kept: whole microseconds.
pub fn kept(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Tells every sealed value which fact and field it stands in: it opens nowhere else.
fn place_sealed(fact: &mut Fact, kind: &str, shape: u16) {
    let address = Address {
        organisation: fact.log.organisation,
        stream: &fact.stream,
        fact: pipss_domain::ids::FactId::of(fact.command, fact.number),
        kind,
        shape,
    };
    let mut bytes: Option<Arc<[u8]>> = None;
    fact.event.personals(&mut |place, value| {
        if let Some(sealed) = value.sealed_mut() {
            sealed.fact = Arc::clone(bytes.get_or_insert_with(|| address.bytes()));
            sealed.place = place;
        }
    });
}

/// The payload of an event, without the kind beside it.
fn data(event: &Event) -> Result<String, StoreError> {
    let whole = serde_json::to_string(event)
        .map_err(|_| StoreError::Invalid("a personal value was not sealed"))?;
    let before = format!(r#"{{"kind":"{}","data":"#, event.kind());
    whole
        .strip_prefix(&before)
        .and_then(|rest| rest.strip_suffix('}'))
        .map(str::to_owned)
        .ok_or(StoreError::Invalid("an event has no payload"))
}
