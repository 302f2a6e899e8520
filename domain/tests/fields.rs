//! The field table holds every field of every fact, and says of each what the code really does.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use pipss_domain::fields::{self, Kept};
use pipss_domain::history::Event;
use serde_json::Value;
use utoipa::ToSchema;

/// Every leaf of every fact, read from the types themselves: (kind, path) → is it personal?
fn fields_of_the_code() -> BTreeMap<(String, String), bool> {
    let mut schemas = Vec::new();
    Event::schemas(&mut schemas);
    let by_name: BTreeMap<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap()))
        .collect();
    let event = serde_json::to_value(<Event as utoipa::PartialSchema>::schema()).unwrap();
    let mut found = BTreeMap::new();
    for variant in event["oneOf"].as_array().unwrap() {
        let kind = variant["properties"]["kind"]["enum"][0].as_str().unwrap();
        walk(
            kind,
            "",
            &variant["properties"]["data"],
            &by_name,
            &mut found,
        );
    }
    found
}

fn walk(
    kind: &str,
    path: &str,
    schema: &Value,
    by_name: &BTreeMap<String, Value>,
    found: &mut BTreeMap<(String, String), bool>,
) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return walk(kind, path, &by_name[name], by_name, found);
    }
    if schema["x-personal"] == true {
        found.insert((kind.into(), path.into()), true);
        return;
    }
    let alternatives = ["oneOf", "anyOf", "allOf"]
        .iter()
        .find_map(|k| schema[k].as_array());
    if let Some(alternatives) = alternatives {
        for one in alternatives.iter().filter(|one| one["type"] != "null") {
            walk(kind, path, one, by_name, found);
        }
        return;
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            let below = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            walk(kind, &below, property, by_name, found);
        }
        return;
    }
    if !schema["items"].is_null() {
        return walk(kind, &format!("{path}[]"), &schema["items"], by_name, found);
    }
    if path.is_empty() {
        // A fact that holds nothing but that it happened.
        return;
    }
    assert!(
        !schema["type"].is_null() || !schema["enum"].is_null(),
        "{kind} {path}: {schema}"
    );
    found.entry((kind.into(), path.into())).or_insert(false);
}

#[test]
fn every_field_of_every_fact_has_a_row_and_no_row_is_left_over() {
    let code: BTreeSet<_> = fields_of_the_code().into_keys().collect();
    let table: BTreeSet<_> = fields::rows()
        .map(|(kind, path, _)| (kind.to_owned(), path.to_owned()))
        .collect();
    let missing: Vec<_> = code
        .difference(&table)
        .map(|(k, p)| format!("{k} {p}"))
        .collect();
    let left_over: Vec<_> = table.difference(&code).collect();
    assert!(
        missing.is_empty(),
        "fields without a row:\n{}",
        missing.join("\n")
    );
    assert!(left_over.is_empty(), "rows without a field: {left_over:?}");
}

#[test]
fn a_row_says_sealed_exactly_where_the_type_is_personal() {
    let table: BTreeMap<_, _> = fields::rows()
        .map(|(kind, path, row)| ((kind.to_owned(), path.to_owned()), row))
        .collect();
    for (field, personal) in fields_of_the_code() {
        let sealed = matches!(table[&field].kept, Kept::Sealed { .. });
        assert_eq!(sealed, personal, "{field:?}");
    }
}

#[test]
fn a_field_has_one_row() {
    let mut seen = BTreeSet::new();
    for (kind, path, _) in fields::rows() {
        assert!(seen.insert((kind, path)), "{kind} {path} stands twice");
    }
}
