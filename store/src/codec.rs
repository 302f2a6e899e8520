//! A record: one fact as one line of JSON, the same for ever on disk, in the chain and in an export.

use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{KeyId, OrganisationId};
use pipss_domain::stream::{Log, LogId};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::chain;
use crate::seal::Address;
use crate::spelling::{Rest, put_number, put_time, time};

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
    text: Vec<u8>,
    /// Where its position belongs.
    position_at: usize,
    /// Where the time of recording belongs.
    recorded_at: usize,
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
        let mut line = Vec::with_capacity(self.length());
        line.extend_from_slice(&self.text[..self.position_at]);
        put_number(&mut line, position);
        line.extend_from_slice(&self.text[self.position_at..self.recorded_at]);
        put_time(&mut line, recorded_at);
        line.extend_from_slice(&self.text[self.recorded_at..]);
        line
    }

    /// The most bytes the finished record can take.
    pub const fn length(&self) -> usize {
        self.text.len() + 56
    }

    fn write(fact: &Fact, body: Option<&Body>) -> Result<Self, StoreError> {
        let kind = fact.event.kind();
        let mut out = Vec::with_capacity(768);
        put(&mut out, r#"{"org":""#, &fact.log.organisation);
        put(&mut out, r#"","log":""#, &chain::name(fact.log.log));
        out.extend_from_slice(br#"","pos":"#);
        let position_at = out.len();
        put(&mut out, r#","stream":""#, &fact.stream);
        out.extend_from_slice(br#"","ver":"#);
        put_number(&mut out, fact.version);
        put(&mut out, r#","command":""#, &fact.command);
        out.extend_from_slice(br#"","n":"#);
        put_number(&mut out, u64::from(fact.number));
        put(&mut out, r#","kind":""#, &kind);
        out.extend_from_slice(br#"","v":"#);
        put_number(&mut out, u64::from(Event::shape_version(kind)));
        out.extend_from_slice(br#","occurred":""#);
        put_time(&mut out, fact.occurred_at);
        out.extend_from_slice(br#"","recorded":""#);
        let recorded_at = out.len();
        put(&mut out, r#"","who":""#, &fact.who);
        out.extend_from_slice(br#"","policy":"#);
        put_number(&mut out, u64::from(fact.policy));
        if let Some(body) = body {
            out.extend_from_slice(br#","body":"#);
            serde_json::to_writer(&mut out, body).expect("ids and hex are plain JSON");
        }
        out.push(b',');
        put_data(&mut out, &fact.event)?;
        Ok(Self {
            text: out,
            position_at,
            recorded_at,
        })
    }
}

/// Reads a record. `None` if it is not one that this program can have written: there is one spelling.
pub fn decode(line: &[u8]) -> Option<(Fact, Option<Body>)> {
    let mut rest = Rest(str::from_utf8(line).ok()?);
    rest.over(r#"{"org":""#)?;
    let organisation: OrganisationId = rest.text()?.parse().ok()?;
    rest.over(r#","log":""#)?;
    let name = rest.text()?;
    let log = Log::ALL.into_iter().find(|log| chain::name(*log) == name)?;
    rest.over(r#","pos":"#)?;
    let position = rest.number()?;
    rest.over(r#""stream":""#)?;
    let stream = rest.text()?.parse().ok()?;
    rest.over(r#","ver":"#)?;
    let version = rest.number()?;
    rest.over(r#""command":""#)?;
    let command = rest.text()?.parse().ok()?;
    rest.over(r#","n":"#)?;
    let number = u32::try_from(rest.number()?).ok()?;
    rest.over(r#""kind":""#)?;
    let kind = rest.text()?;
    rest.over(r#","v":"#)?;
    let shape = u16::try_from(rest.number()?).ok()?;
    rest.over(r#""occurred":""#)?;
    let occurred_at = time(rest.text()?)?;
    rest.over(r#","recorded":""#)?;
    let recorded_at = time(rest.text()?)?;
    rest.over(r#","who":""#)?;
    let who = rest.text()?.parse().ok()?;
    rest.over(r#","policy":"#)?;
    let policy = u32::try_from(rest.number()?).ok()?;
    let body = body(&mut rest)?;
    rest.over(r#""data":"#)?;
    let mut fact = Fact {
        log: LogId { organisation, log },
        position,
        stream,
        version,
        command,
        number,
        occurred_at,
        recorded_at,
        who,
        policy,
        event: Event::from_stored(kind, shape, rest.0.strip_suffix('}')?).ok()?,
    };
    place_sealed(&mut fact, kind, shape);
    Some((fact, body))
}

/// What is kept of a command's body, if anything is, and the comma after it.
fn body(rest: &mut Rest<'_>) -> Option<Option<Body>> {
    if rest.over(r#""body":"#).is_none() {
        return Some(None);
    }
    // It holds ids and hex: the first brace closes it.
    let (inside, after) = rest.0.split_once('}')?;
    let body = serde_json::from_str(&rest.0[..=inside.len()]).ok()?;
    *rest = Rest(after);
    rest.over(",")?;
    Some(Some(body))
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

/// Tells every sealed value which fact and field it stands in: it opens nowhere else.
fn place_sealed(fact: &mut Fact, kind: &str, shape: u16) {
    let (organisation, command, number) = (fact.log.organisation, fact.command, fact.number);
    let stream = fact.stream;
    // Few facts hold such a value, and their address is dear.
    let address = || {
        Address {
            organisation,
            stream: &stream,
            fact: pipss_domain::ids::FactId::of(command, number),
            kind,
            shape,
        }
        .bytes()
    };
    let mut bytes: Option<Arc<[u8]>> = None;
    fact.event.personals(&mut |place, value| {
        if let Some(sealed) = value.sealed_mut() {
            sealed.fact = Arc::clone(bytes.get_or_insert_with(address));
            sealed.place = place;
        }
    });
}

/// Adds the payload of an event and closes the record: what serde writes is `{"kind":…,"data":…}`.
fn put_data(out: &mut Vec<u8>, event: &Event) -> Result<(), StoreError> {
    let begin = out.len();
    serde_json::to_writer(&mut *out, event)
        .map_err(|_| StoreError::Invalid("a personal value was not sealed"))?;
    let kind = br#"{"kind":"","#.len() + event.kind().len();
    if !out[begin..]
        .get(kind..)
        .is_some_and(|rest| rest.starts_with(br#""data":"#))
    {
        return Err(StoreError::Invalid("an event has no payload"));
    }
    out.drain(begin..begin + kind);
    Ok(())
}

fn put(out: &mut Vec<u8>, before: &str, value: &impl std::fmt::Display) {
    out.extend_from_slice(before.as_bytes());
    write!(out, "{value}").expect("memory takes whatever is written to it");
}

#[cfg(test)]
mod tests {
    use super::*;
    use pipss_domain::directory_facts::{UnitLevel, UnitOpened};
    use pipss_domain::history::Who;
    use pipss_domain::ids::{CommandId, Id};
    use pipss_domain::stream::Stream;
    use uuid::Uuid;

    fn line() -> String {
        let id = Uuid::from_u128(0x0b6e_7f1c_3d52_4a8e_9c41_0000_0000_0001);
        let fact = Fact {
            log: LogId::main(Id::new(id)),
            position: 1,
            stream: Stream::Unit(Id::new(id)),
            version: 1,
            command: CommandId::new(id),
            number: 0,
            occurred_at: DateTime::UNIX_EPOCH,
            recorded_at: DateTime::UNIX_EPOCH,
            who: Who::Operator,
            policy: 1,
            event: Event::UnitOpened(UnitOpened {
                code: "a \"quoted\" \\ code".into(),
                name: "Ward }\",\"data\":{ seven".into(),
                level: UnitLevel::Team,
                parent: None,
                headcount: 30,
                partner: false,
            }),
        };
        let body = Body {
            keys: vec![KeyId::new(id)],
            mac: "0a".repeat(32),
        };
        let draft = Draft::new(&fact, Some(&body)).unwrap();
        String::from_utf8(draft.line(12, fact.recorded_at)).unwrap()
    }

    #[test]
    fn a_record_is_the_json_that_anyone_can_read() {
        let json: serde_json::Value = serde_json::from_str(&line()).unwrap();
        assert_eq!(json["pos"], 12);
        assert_eq!(json["recorded"], "1970-01-01T00:00:00Z");
        assert_eq!(json["data"]["code"], "a \"quoted\" \\ code");
        assert_eq!(json["body"]["mac"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn a_record_has_one_spelling() {
        let line = line();
        assert!(decode(line.as_bytes()).is_some());
        for (from, to) in [
            ("\"pos\":12", "\"pos\":012"),
            ("\"pos\":12", "\"pos\": 12"),
            ("\"ver\":1", "\"ver\":+1"),
            ("0b6e", "0B6E"),
            ("\"main\"", "\"ma\\u0069n\""),
            ("\"n\":0", "\"n\":0,\"n\":0"),
            (",\"policy\":1", ""),
            ("\"mac\"", "\"mac\":\"\",\"mac\""),
            ("operator", "operator\\"),
            ("}}", "}} "),
            ("}}", "},\"x\":1}"),
            ("}}", "}}}"),
            ("}}", "}"),
        ] {
            let other = match to {
                "}} " | "},\"x\":1}" | "}}}" | "}" => {
                    line.strip_suffix(from).unwrap().to_owned() + to
                }
                _ => line.replacen(from, to, 1),
            };
            assert_ne!(other, line);
            assert!(decode(other.as_bytes()).is_none(), "{other}");
        }
    }
}
