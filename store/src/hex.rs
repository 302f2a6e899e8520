//! Bytes as small hexadecimal digits, also in JSON.

use serde::{Deserialize, Deserializer, Serializer};

/// Two small digits for each byte.
pub fn of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that such digits stand for; `None` for anything that [`of`] does not write.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(pair).collect();
    bytes.filter(|bytes| of(bytes) == text)
}

/// The 32 bytes that 64 small digits stand for.
pub fn read(text: &str) -> Option<[u8; 32]> {
    bytes(text)?.try_into().ok()
}

/// For serde.
///
/// # Errors
/// Those of what it is written to.
pub fn serialize<S: Serializer>(bytes: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&of(bytes))
}

/// For serde.
///
/// # Errors
/// When these are not 32 bytes.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(from)?;
    read(&text).ok_or_else(|| serde::de::Error::custom("these are not 32 bytes in hex"))
}
