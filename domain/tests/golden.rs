//! Every kind of fact as it was first stored can be read for ever, and is written as it was read.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pipss_domain::fields;
use pipss_domain::history::Event;
use serde_json::Value;

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Every committed shape: (kind, version, data). A file may say after the version which of several
/// forms it holds.
fn shapes() -> Vec<(String, u16, Value)> {
    let files = std::fs::read_dir(golden()).unwrap();
    let shape = |file: std::fs::DirEntry| {
        let name = file.file_name().into_string().unwrap();
        let (kind, version) = name.strip_suffix(".json").unwrap().split_once('.').unwrap();
        let data = std::fs::read_to_string(file.path()).unwrap();
        let data = serde_json::from_str(&data).unwrap_or_else(|error| panic!("{name}: {error}"));
        let version = version.split('.').next().unwrap();
        (kind.to_owned(), version.parse().unwrap(), data)
    };
    files.map(|file| shape(file.unwrap())).collect()
}

/// Every kind of fact, read from the type itself.
fn kinds() -> BTreeSet<String> {
    let event = serde_json::to_value(<Event as utoipa::PartialSchema>::schema()).unwrap();
    let variants = event["oneOf"].as_array().unwrap().clone();
    let kind = |variant: Value| {
        variant["properties"]["kind"]["enum"][0]
            .as_str()
            .unwrap()
            .to_owned()
    };
    variants.into_iter().map(kind).collect()
}

/// The paths of all values, as the field table writes them.
fn paths(data: &Value, above: &str, found: &mut BTreeSet<String>) {
    match data {
        Value::Object(members) if !members.contains_key("sealed") => {
            for (name, value) in members {
                let dot = if above.is_empty() { "" } else { "." };
                paths(value, &format!("{above}{dot}{name}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                paths(item, &format!("{above}[]"), found);
            }
        }
        _ => {
            found.insert(above.to_owned());
        }
    }
}

#[test]
fn every_stored_shape_is_read_and_written_back_as_it_was() {
    for (kind, version, data) in shapes() {
        let event = Event::from_stored(&kind, version, &data.to_string())
            .unwrap_or_else(|error| panic!("{kind}.{version}: {error}"));
        assert_eq!(event.kind(), kind);
        let again = serde_json::to_value(&event).unwrap();
        assert_eq!(again["kind"], kind.as_str());
        if version == Event::shape_version(&kind) {
            assert_eq!(again["data"], data, "{kind}.{version}");
        }
    }
}

#[test]
fn every_kind_has_a_golden_file_of_each_version_up_to_the_present_one() {
    let shapes = shapes();
    let kinds = kinds();
    for kind in &kinds {
        for version in 1..=Event::shape_version(kind) {
            let found = shapes.iter().any(|(k, v, _)| k == kind && *v == version);
            assert!(found, "add domain/tests/golden/{kind}.{version}.json");
        }
    }
    for (kind, _, _) in &shapes {
        assert!(kinds.contains(kind.as_str()), "{kind} is no kind of fact");
    }
}

#[test]
fn every_field_of_every_kind_stands_in_its_golden_file() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (kind, version, data) in shapes() {
        if version == Event::shape_version(&kind) {
            paths(&data, "", found.entry(kind).or_default());
        }
    }
    for (kind, found) in found {
        for (_, path, _) in fields::rows().filter(|(k, _, _)| *k == kind) {
            assert!(found.contains(path), "{kind}: no {path}");
        }
    }
}

#[test]
fn what_a_session_asked_for_has_the_same_id_at_every_reading() {
    let (_, _, old) = shapes()
        .into_iter()
        .find(|(kind, version, _)| kind == "SessionRecorded" && *version == 1)
        .unwrap();
    let read = || Event::from_stored("SessionRecorded", 1, &old.to_string()).unwrap();
    let Event::SessionRecorded(record) = read() else {
        panic!("{old}");
    };
    assert!(record.actions.iter().all(|a| !a.action.uuid().is_nil()));
    assert_eq!(read(), Event::SessionRecorded(record));
}

#[test]
fn a_shape_of_tomorrow_or_of_nobody_is_not_read() {
    for (kind, version) in [
        ("CaseClosed", 2),
        ("CaseClosed", 0),
        ("CaseForgotten", 1),
        ("", 1),
    ] {
        let data = r#"{"outcome":"not_needed"}"#;
        assert!(
            Event::from_stored(kind, version, data).is_err(),
            "{kind}.{version}"
        );
    }
    assert!(Event::from_stored("CaseClosed", 1, r#"{"outcome":"forgotten"}"#).is_err());
    assert!(Event::from_stored("CaseClosed", 1, "").is_err());
}

#[test]
fn what_a_person_typed_is_never_written_in_the_clear() {
    let (_, _, data) = shapes()
        .into_iter()
        .find(|(kind, ..)| kind == "OfferPlanned")
        .unwrap();
    let text = data.to_string();
    let in_the_clear = text.replace(&data["aim"].to_string(), "\"Rest for the night staff\"");
    assert!(Event::from_stored("OfferPlanned", 1, &in_the_clear).is_err());
    let Ok(Event::OfferPlanned(mut planned)) = Event::from_stored("OfferPlanned", 1, &text) else {
        panic!("{text}");
    };
    planned.aim = Some(pipss_domain::personal::Personal::Known("Rest".into()));
    assert!(serde_json::to_string(&planned).is_err());
}
