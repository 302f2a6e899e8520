//! The other form of an export, for an organisation that leaves: the same lines with personal values opened.

use std::collections::HashMap;

use pipss_domain::history::Fact;
use pipss_domain::personal::{Personal, Sealed};
use serde_json::{Value, json};

use crate::seal;
use crate::vault::Vault;

/// A record with each sealed value in its place opened, or marked as erased. `None` if it is no record.
pub fn line(record: &[u8], fact: &mut Fact, vault: &Vault) -> Option<Vec<u8>> {
    let mut opened = HashMap::new();
    fact.event.personals(&mut |_, value| {
        let Some(sealed) = value.sealed_mut() else {
            return;
        };
        let plain = seal::open(sealed, vault);
        let plain = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        let plain = plain.unwrap_or_else(|| json!({ "erased": true }));
        opened.extend(stored(sealed).map(|text| (text, plain)));
    });
    let mut record: Value = serde_json::from_slice(record).ok()?;
    let left = put(&mut record["data"], &mut opened);
    (left && opened.is_empty()).then(|| record.to_string().into_bytes())
}

/// How a sealed value is spelled in a record.
fn stored(sealed: &Sealed) -> Option<String> {
    let value = serde_json::to_value(Personal::<()>::Sealed(Box::new(sealed.clone()))).ok()?;
    value["sealed"].as_str().map(str::to_owned)
}

/// Puts every opened value where its ciphertext stands. False if one was not among them.
fn put(value: &mut Value, opened: &mut HashMap<String, Value>) -> bool {
    if let Some(sealed) = value.get("sealed").and_then(Value::as_str)
        && value.get("key").is_some()
    {
        let plain = opened.remove(sealed);
        let known = plain.is_some();
        *value = plain.unwrap_or_default();
        return known;
    }
    match value {
        Value::Object(fields) => fields.values_mut().all(|value| put(value, opened)),
        Value::Array(items) => items.iter_mut().all(|value| put(value, opened)),
        _ => true,
    }
}
