//! What is not as it was written is refused, and the line is named.

use std::fs;

use chrono::TimeDelta;
use pipss_store::{Export, import};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::common::*;
use crate::ground::{Ground, neighbour};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_not_as_it_was_written_is_refused_and_named() {
    let ground = Ground::new().await;
    let lines = |name: &str, expected: &str, change: fn(&mut Vec<String>)| {
        let said = ground.refused_lines(name, change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    lines("main.jsonl", "line 9 of main.jsonl was changed", |lines| {
        lines[8] = lines[8].replacen("\"policy\":1", "\"policy\":2", 1);
    });
    lines("main.jsonl", "line 9 of main.jsonl is no record", |lines| {
        lines[8] = lines[8].replacen("\"policy\":1", "\"policy\": 1", 1);
    });
    lines(
        "access.jsonl",
        "line 3 of access.jsonl is not the next",
        |lines| lines.swap(2, 3),
    );
    lines(
        "main.jsonl",
        "line 5 of main.jsonl is not the next",
        |lines| drop(lines.remove(4)),
    );
    lines(
        "main.jsonl",
        "line 6 of main.jsonl is not the next",
        |lines| {
            lines.insert(5, lines[4].clone());
        },
    );
    lines(
        "feedback.jsonl",
        "line 39 of feedback.jsonl is where it ends",
        |lines| {
            lines.truncate(39);
        },
    );
    lines(
        "main.jsonl",
        "line 4 of main.jsonl is of another organisation",
        |lines| {
            let (own, other) = (organisation().to_string(), neighbour().to_string());
            lines[3] = lines[3].replacen(&own, &other, 1);
        },
    );
    lines(
        "main.jsonl",
        "line 4 of main.jsonl is of another log",
        |lines| {
            lines[3] = lines[3].replacen("\"main\"", "\"access\"", 1);
        },
    );
    ground.import("after-all").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_none_and_a_chain_that_was_changed_are_refused_and_named() {
    let ground = Ground::new().await;
    let lines = |name: &str, expected: &str, change: fn(&mut Vec<String>)| {
        let said = ground.refused_lines(name, change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    let bytes = |name: &str, expected: &str, change: fn(&mut Vec<u8>)| {
        let said = ground.refused_with(name, change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    lines("main.jsonl", "line 2 of main.jsonl is longer", |lines| {
        lines[1] = " ".repeat(300 << 10);
    });
    lines("main.jsonl", "line 7 of main.jsonl is no record", |lines| {
        lines[6] = "{}".into()
    });
    lines("main.chain", "line 1 of main.chain is longer", |lines| {
        lines[0].push('0')
    });
    lines("main.chain", "main.chain is not the file", |lines| {
        lines.swap(0, 1)
    });
    lines("main.chain", "main.chain is not the file", |lines| {
        drop(lines.pop())
    });
    bytes("main.jsonl", "line 1 of main.jsonl is no record", |bytes| {
        bytes[60] = 0xFF
    });
    bytes(
        "access.jsonl",
        "line 40 of access.jsonl is cut off",
        |bytes| bytes.truncate(bytes.len() - 1),
    );
    ground.import("after-all").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_bit_is_refused_or_changes_nothing_that_is_kept() {
    let ground = Ground::new().await;
    let tries: u64 = std::env::var("PIPSS_FLIPS").map_or(60, |n| n.parse().unwrap());
    let seed: u64 = std::env::var("PIPSS_SEED").map_or(4, |n| n.parse().unwrap());
    println!("PIPSS_SEED={seed}");
    let mut random = seed;
    let mut files: Vec<_> = ["main", "access", "feedback"]
        .into_iter()
        .flat_map(|log| [format!("export/{log}.jsonl"), format!("export/{log}.chain")])
        .collect();
    files.extend(["its-keys/keys".into(), "its-keys/wrapping.key".into()]);
    for _ in 0..tries {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let path = ground.at(&files[(random >> 33) as usize % files.len()]);
        let whole = fs::read(&path).unwrap();
        flip(&path, (random >> 20) as usize % whole.len());
        ground.refused();
        fs::write(&path, whole).unwrap();
    }
    println!("{tries} bits flipped in an export and its keys, 0 taken in");
}

/// Changes a manifest and puts it back afterwards.
#[track_caller]
fn manifest(ground: &Ground, path: &str, change: impl FnOnce(&mut Value)) -> String {
    let path = ground.at(path);
    let whole = fs::read(&path).unwrap();
    let mut manifest: Value = serde_json::from_slice(&whole).unwrap();
    change(&mut manifest);
    fs::write(&path, manifest.to_string()).unwrap();
    let said = ground.refused();
    fs::write(&path, whole).unwrap();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_manifest_and_wrong_keys_are_refused_with_a_sentence() {
    let ground = Ground::new().await;
    let of = |expected: &str, change: fn(&mut Value)| {
        let said = manifest(&ground, "export/manifest.json", change);
        assert!(said.contains(expected), "{expected}: {said}");
    };
    of("newer version", |m| m["format"] = json!(2));
    of("does not read", |m| m["more"] = json!(2));
    of("in the clear", |m| m["open"] = json!(true));
    of("three logs", |m| {
        m["logs"][0]["records"]["name"] = json!("../main.jsonl")
    });
    of("three logs", |m| {
        m["logs"].as_array_mut().unwrap().truncate(2)
    });
    of("of another organisation", |m| {
        m["organisation"] = json!(neighbour())
    });
    of("where the manifest says", |m| {
        m["logs"][0]["facts"] = json!(3)
    });
    of("where the manifest says", |m| {
        m["logs"][1]["chain"] = m["logs"][0]["chain"].clone()
    });
    of("not the file", |m| {
        m["logs"][0]["records"]["bytes"] = json!(3)
    });
    of("keys are not of", |m| m["store"] = json!(Uuid::nil()));
    let keys = manifest(&ground, "its-keys/keys.json", |m| {
        m["organisation"] = json!(neighbour())
    });
    assert!(keys.contains("keys are not of"), "{keys}");
    let late = import(&ground.asked("never"), at(2) + TimeDelta::days(36)).map(drop);
    assert!(late.unwrap_err().to_string().contains("35 days"));
    // The keys of a neighbour never come along, nor do those of another export fit.
    let store = open(&ground.at("data"));
    let theirs = Export {
        organisation: neighbour(),
        to: ground.at("theirs"),
        keys: Some(ground.at("their-keys")),
    };
    store.export(&theirs, at(2)).unwrap();
    for name in ["keys", "wrapping.key"] {
        fs::copy(
            ground.at("their-keys").join(name),
            ground.at("its-keys").join(name),
        )
        .unwrap();
    }
    assert!(ground.refused().contains("was changed"));
    fs::remove_dir_all(ground.at("its-keys")).unwrap();
    assert!(ground.refused().contains("there are no keys at"));
}
