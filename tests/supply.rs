//! What comes into the program from others: from one registry, under licences that were agreed, and nothing
//! that is banned. The lists are those of deny.toml.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

fn lists() -> toml::Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn texts(lists: &toml::Table, part: &str, name: &str) -> BTreeSet<String> {
    let list = lists[part][name].as_array().unwrap();
    let texts: BTreeSet<_> = list
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect();
    assert!(!texts.is_empty());
    texts
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Every part that is locked, also those for other machines and for features that are switched off.
fn parts() -> Vec<Value> {
    let all: Value = serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).unwrap();
    let parts = all["packages"].as_array().unwrap().clone();
    assert!(parts.len() > 200);
    parts
}

#[test]
fn everything_comes_from_the_one_registry() {
    let lists = lists();
    let allowed = texts(&lists, "sources", "allow-registry");
    for part in parts() {
        if let Some(source) = part["source"].as_str() {
            let from = source.strip_prefix("registry+");
            let known = from.is_some_and(|from| allowed.contains(from));
            assert!(known, "{} comes from {source}", part["name"]);
        } else {
            assert!(
                part["name"].as_str().unwrap().starts_with("pipss"),
                "{}",
                part["name"]
            );
        }
    }
}

#[test]
fn everything_may_be_used_under_a_licence_that_was_agreed() {
    let lists = lists();
    let allowed = texts(&lists, "licenses", "allow");
    for part in parts().iter().filter(|part| part["source"].is_string()) {
        let licence = part["license"].as_str().unwrap_or("none");
        assert!(
            may_be_used(licence, &allowed),
            "{}: {licence}",
            part["name"]
        );
    }
}

#[test]
fn nothing_that_is_banned_is_built_in() {
    let lists = lists();
    let tree = cargo(&["tree", "--workspace", "--prefix", "none", "--target", "all"]);
    let names: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.contains("aws-lc-rs"));
    let banned = lists["bans"]["deny"].as_array().unwrap();
    assert!(banned.len() >= 4);
    for ban in banned {
        let name = ban["crate"].as_str().unwrap();
        assert!(!names.contains(name), "{name} came in: {:?}", ban["reason"]);
    }
}

#[test]
fn every_exception_from_an_advisory_says_why_and_when_it_is_looked_at_again() {
    let lists = lists();
    for exception in lists["advisories"]["ignore"].as_array().unwrap() {
        let id = exception["id"].as_str().unwrap();
        let reason = exception["reason"].as_str().unwrap();
        assert!(id.starts_with("RUSTSEC-"), "{id}");
        for part in ["Looked at 20", "again by 20"] {
            assert!(reason.contains(part), "{id}: {reason}");
        }
    }
}

/// `(MIT OR Apache-2.0) AND ISC`: one of what is offered, all of what is required. A slash once meant OR.
fn may_be_used(licence: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = licence
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (usable, rest) = any_of(&words, allowed);
    usable && rest.is_empty()
}

fn any_of<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    let (mut usable, mut rest) = all_of(words, allowed);
    while let ["OR", after @ ..] = rest {
        let (also, left) = all_of(after, allowed);
        (usable, rest) = (usable || also, left);
    }
    (usable, rest)
}

fn all_of<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    let (mut usable, mut rest) = one(words, allowed);
    while let ["AND", after @ ..] = rest {
        let (also, left) = one(after, allowed);
        (usable, rest) = (usable && also, left);
    }
    (usable, rest)
}

fn one<'w>(words: &'w [&'w str], allowed: &BTreeSet<String>) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inside @ ..] => match any_of(inside, allowed) {
            (usable, [")", rest @ ..]) => (usable, rest),
            (_, rest) => (false, rest),
        },
        [name, "WITH", exception, rest @ ..] => {
            (allowed.contains(&format!("{name} WITH {exception}")), rest)
        }
        [name, rest @ ..] => (allowed.contains(*name), rest),
        [] => (false, words),
    }
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    let allowed: BTreeSet<String> = ["MIT", "ISC"].map(str::to_owned).into();
    for good in [
        "MIT",
        "MIT/GPL-3.0",
        "GPL-3.0 OR MIT",
        "MIT AND ISC",
        "(GPL-3.0 OR ISC) AND MIT",
    ] {
        assert!(may_be_used(good, &allowed), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "",
        "MIT AND (GPL-3.0 OR X)",
        "MIT WITH X",
        "(MIT",
        "MIT ISC",
    ] {
        assert!(!may_be_used(bad, &allowed), "{bad}");
    }
}

/// The benchmarks have lock files of their own, which building the program does not bring up to date.
#[test]
fn the_benchmarks_are_locked_with_all_that_our_parts_need() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = |path: &str| -> toml::Table {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        text.parse().unwrap()
    };
    let mut looked = 0;
    for lock in ["bench/Cargo.lock", "bench/app/Cargo.lock"] {
        for part in table(lock)["package"].as_array().unwrap() {
            let name = part["name"].as_str().unwrap();
            let Some(folder) = name
                .strip_prefix("pipss-")
                .filter(|part| root.join(part).is_dir())
            else {
                continue;
            };
            if folder.starts_with("bench") {
                continue;
            }
            let locked: BTreeSet<_> = part["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one.as_str().unwrap().split(' ').next().unwrap())
                .collect();
            let needed = table(&format!("{folder}/Cargo.toml"));
            for (needs, what) in needed["dependencies"].as_table().unwrap() {
                let optional = what.get("optional").is_some();
                assert!(
                    optional || locked.contains(needs.as_str()),
                    "{lock}: {name} needs {needs}"
                );
                looked += 1;
            }
        }
    }
    assert!(looked > 20, "{looked}");
}
