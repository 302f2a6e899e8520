//! The body of a request: refused unless it is JSON that means one thing only.

use std::fmt;

use pipss_domain::refusal::{Fault, Refusal};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use serde_path_to_error::Segment;

use crate::shape::Shape;

/// A well-formed body: not over-deep, no name twice in an object, no control character but line
/// breaks and tabs, nothing that reorders text on a screen.
#[derive(Clone)]
pub struct Body(Value);

/// Bodies longer than this are not read (64 KiB).
pub const BODY_MAX: usize = 64 * 1024;

impl Body {
    /// Reads a body.
    ///
    /// # Errors
    /// A sentence that never repeats what was sent.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice::<Strict>(bytes)
            .map(|strict| Self(strict.0))
            .map_err(|error| {
                if error.to_string().contains(UNSAFE_TEXT) {
                    UNSAFE_TEXT
                } else {
                    "the body is not JSON, is nested too deeply, or has a name twice in one object"
                }
            })
    }

    /// The body of a command that has none.
    pub fn empty() -> Self {
        Self(Value::Object(Map::new()))
    }

    /// The same bytes for every spelling of the same body.
    pub fn canonical(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }

    /// Understands the body as a command.
    ///
    /// # Errors
    /// `Invalid`, pointing at the field and saying what was expected.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_path_to_error::deserialize(Shape(&self.0)).map_err(|error| fault(&error).into())
    }
}

struct Found(Fault);

impl From<Found> for Refusal {
    fn from(found: Found) -> Self {
        Self::Invalid(vec![found.0])
    }
}

/// What was wrong, in our words: serde's repeat the value, so only what it expected is taken from it.
fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Found {
    let said = error.inner().to_string();
    let mut segments: Vec<_> = error.path().iter().collect();
    if names_unknown_field(&said, segments.last()) {
        // The name is the sender's: it is not repeated, neither in the sentence nor in the pointer.
        segments.pop();
    }
    let mut pointer: String = segments.into_iter().map(pointed).collect();
    let detail = if let Some(field) = said.strip_prefix("missing field `") {
        let field = field.split('`').next().unwrap_or_default();
        pointer = format!("{pointer}/{field}");
        "This answer is required.".to_owned()
    } else if said.starts_with("unknown field") {
        format!(
            "There is a field here that is not known. {}",
            expected(&said)
        )
    } else {
        expected(&said)
    };
    Found(Fault::at(pointer, detail))
}

/// Serde says what it expected last; whatever the sender wrote stands before it.
fn expected(said: &str) -> String {
    said.rfind("expected ")
        .map_or("This is not as expected.".into(), |at| {
            let what = said[at + "expected ".len()..].replace('`', "");
            let what = what
                .split(" at line ")
                .next()
                .unwrap_or_default()
                .to_owned();
            // What a type is called in the program says nothing to whoever sent the body.
            if what.starts_with("struct ") {
                return "Expected an object with named answers.".into();
            }
            format!("Expected {what}.")
        })
}

fn pointed(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { variant } => format!("/{variant}"),
        Segment::Unknown => String::new(),
    }
}

fn names_unknown_field(said: &str, last: Option<&&Segment>) -> bool {
    matches!(last, Some(Segment::Map { key }) if said.starts_with(&format!("unknown field `{key}`")))
}

const UNSAFE_TEXT: &str = "the body contains a control character, or one that reorders text";

/// Line breaks and tabs are text; other control characters, and those that make text read in
/// another order than it is written, are not.
pub(crate) fn is_safe(text: &str) -> bool {
    text.chars().all(|c| {
        let reorders = matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        !reorders && (!c.is_control() || matches!(c, '\n' | '\r' | '\t'))
    })
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        if is_safe(value) {
            Ok(Value::String(value.to_owned()))
        } else {
            Err(E::custom(UNSAFE_TEXT))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(Strict(name)) = members.next_key()? {
            let Value::String(name) = name else {
                return Err(serde::de::Error::custom("a name that is not text"));
            };
            let Strict(value) = members.next_value()?;
            if map.insert(name, value).is_some() {
                return Err(serde::de::Error::custom("a name twice"));
            }
        }
        Ok(Value::Object(map))
    }
}
