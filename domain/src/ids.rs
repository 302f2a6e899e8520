//! The names that things carry: random, meaning nothing, and never mixed up with one another.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use uuid::Uuid;

/// A random identifier of one kind of thing. In JSON: a lower-case hyphenated UUID.
pub struct Id<Kind>(Uuid, PhantomData<fn() -> Kind>);

/// What an [`Id`] can identify. Never built: they only tell ids apart.
pub mod kind {
    #![allow(missing_docs, reason = "each is named by its alias below")]
    pub enum Organisation {}
    pub enum Unit {}
    pub enum Person {}
    pub enum Case {}
    pub enum Incident {}
    pub enum Offer {}
    pub enum Session {}
    pub enum Fact {}
    pub enum Command {}
    pub enum Key {}
    pub enum Action {}
    pub enum SharedIncident {}
    pub enum Group {}
    pub enum OneToOne {}
    pub enum Supervision {}
    pub enum Escalation {}
    pub enum Disclosure {}
    pub enum Hold {}
    pub enum Erasure {}
    pub enum Feedback {}
    pub enum Reading {}
    pub enum Glass {}
    pub enum Thing {}
}

/// A trust: the unit of order, isolation and export.
pub type OrganisationId = Id<kind::Organisation>;
/// A directorate, service or team.
pub type UnitId = Id<kind::Unit>;
/// A person in one capacity; a self-referral never carries the working id.
pub type PersonId = Id<kind::Person>;
/// What a referral opens.
pub type CaseId = Id<kind::Case>;
/// One incident within a case.
pub type IncidentId = Id<kind::Incident>;
/// One offer of a support plan.
pub type OfferId = Id<kind::Offer>;
/// One meeting of an offer.
pub type SessionId = Id<kind::Session>;
/// Something practical that a session asked for.
pub type ActionId = Id<kind::Action>;
/// One incident that several cases are about.
pub type SharedIncidentId = Id<kind::SharedIncident>;
/// A standing reflective group.
pub type GroupId = Id<kind::Group>;
/// What one person does about one-to-one support: part of no case.
pub type OneToOneId = Id<kind::OneToOne>;
/// A private request for supervision.
pub type SupervisionId = Id<kind::Supervision>;
/// That someone reported serious danger, in a case.
pub type EscalationId = Id<kind::Escalation>;
/// A request from outside to be shown what is recorded.
pub type DisclosureId = Id<kind::Disclosure>;
/// Something that the law wants kept.
pub type HoldId = Id<kind::Hold>;
/// An erasure that somebody asked for.
pub type ErasureId = Id<kind::Erasure>;
/// One anonymous answer.
pub type FeedbackId = Id<kind::Feedback>;
/// That someone asked to break the glass.
pub type GlassId = Id<kind::Glass>;
/// A one-to-one, a case or a report of danger: which, is said beside it.
pub type ThingId = Id<kind::Thing>;
/// That one person looked at one thing in one hour.
pub type ReadingId = Id<kind::Reading>;
/// A recorded fact: UUIDv5 of its command and its number under that command.
pub type FactId = Id<kind::Fact>;
/// A command: an HMAC of who asked for what under which Idempotency-Key.
pub type CommandId = Id<kind::Command>;
/// A key that seals what is erased together.
pub type KeyId = Id<kind::Key>;

impl<K> Id<K> {
    /// Takes an identifier that was drawn elsewhere.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub const fn uuid(&self) -> Uuid {
        self.0
    }
}

impl FactId {
    /// The id of the `n`-th fact of a command (from 0): the same for ever, so a repeat is recognised.
    pub fn of(command: CommandId, n: u32) -> Self {
        Self::new(Uuid::new_v5(&command.0, &n.to_be_bytes()))
    }
}

impl CommandId {
    /// The id of a step that the program itself owes because of a fact.
    pub fn of_step(cause: FactId, step: &str) -> Self {
        Self::new(Uuid::new_v5(&cause.0, step.as_bytes()))
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K> FromStr for Id<K> {
    type Err = &'static str;

    /// Only the one spelling we write ourselves, so that an id has one URL.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        hyphenated(text).map(Self::new).ok_or("expected an id")
    }
}

/// Reads a UUID in lower case with its hyphens, and nothing else, in one pass: a log holds millions of them.
fn hyphenated(text: &str) -> Option<Uuid> {
    /// Where the two digits of each byte stand.
    const DIGITS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let (mut bytes, mut worst) = ([0; 16], 0);
    for (byte, at) in bytes.iter_mut().zip(DIGITS) {
        let (high, low) = (HEX[usize::from(text[at])], HEX[usize::from(text[at + 1])]);
        worst |= high | low;
        *byte = (high << 4) | (low & 0xF);
    }
    let hyphens = [8, 13, 18, 23].iter().all(|at| text[*at] == b'-');
    (hyphens && worst <= 0xF).then(|| Uuid::from_bytes(bytes))
}

/// The value of each digit, and for what is none more than a digit can have.
const HEX: [u8; 256] = {
    let (mut table, mut value) = ([0xFF; 256], 0);
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

impl<K> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        spelled(deserializer)
    }
}

/// Reads what has one spelling as text, without copying the text.
pub(crate) fn spelled<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err = &'static str>,
    D: Deserializer<'de>,
{
    struct Spelled<T>(PhantomData<T>);

    impl<T: FromStr<Err = &'static str>> serde::de::Visitor<'_> for Spelled<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(Spelled(PhantomData))
}

impl<K> utoipa::PartialSchema for Id<K> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .into()
    }
}
impl<K> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling_and_it_is_the_usual_one() {
        let usual = |text: &str| {
            let id = Uuid::try_parse(text).ok()?;
            (id.hyphenated().to_string() == text).then_some(id)
        };
        let text = "0b6e5f2a-93c1-7d48-8e0f-a1b2c3d4e5f6";
        assert!(hyphenated(text).is_some());
        for at in 0..text.len() {
            for byte in 0..128u8 {
                let mut other = text.as_bytes().to_vec();
                other[at] = byte;
                let other = String::from_utf8(other).unwrap();
                assert_eq!(hyphenated(&other), usual(&other), "{other}");
            }
            assert_eq!(hyphenated(&text[..at]), None);
        }
        for longer in [
            format!("{text}0"),
            format!("{{{text}}}"),
            text.replace('-', "é"),
        ] {
            assert_eq!(hyphenated(&longer), None, "{longer}");
        }
    }
}
