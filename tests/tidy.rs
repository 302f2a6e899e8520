//! The house stays tidy: floors point down, the bottom is pure, files and functions stay short.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const JOURNAL_AND_SLED_LINES_MAX: usize = 600;

/// Each floor and those below it that it may stand on.
const FLOORS: [(&str, &[&str]); 6] = [
    (
        "",
        &[
            "pipss-api",
            "pipss-store",
            "pipss-domain",
            "pipss-projections",
            "pipss-web",
        ],
    ),
    ("web", &["pipss-api", "pipss-domain"]),
    ("api", &["pipss-store", "pipss-projections", "pipss-domain"]),
    ("store", &["pipss-domain"]),
    ("projections", &["pipss-domain"]),
    ("domain", &[]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(floor: &str) -> toml::Table {
    let path = root().join(floor).join("Cargo.toml");
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Every source file of ours, by its path from the root.
fn sources() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = [
        "src",
        "tests",
        "domain",
        "projections",
        "store",
        "api",
        "web/src",
    ]
    .map(|folder| root().join(folder))
    .into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path
                    .strip_prefix(root())
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name.clone(), read(&name));
            }
        }
    }
    assert!(found.len() > 60, "{found:?}");
    found
}

/// What cargo says of the tree of parts.
fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--prefix", "none"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_arrows_between_the_floors_only_go_down() {
    let ours: BTreeSet<_> = [
        "pipss",
        "pipss-api",
        "pipss-store",
        "pipss-projections",
        "pipss-domain",
        "pipss-web",
    ]
    .into();
    for (floor, allowed) in FLOORS {
        let manifest = manifest(floor);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let named = manifest
                .get(kind)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten();
            let below: BTreeSet<_> = named
                .map(|(name, _)| name.as_str())
                .filter(|n| ours.contains(n))
                .collect();
            let allowed: BTreeSet<_> = allowed.iter().copied().collect();
            assert!(below.is_subset(&allowed), "{floor}: {below:?}");
            assert!(
                kind != "dependencies" || below == allowed,
                "{floor}: {below:?}"
            );
        }
    }
}

#[test]
fn every_floor_is_in_the_list_of_floors() {
    let manifest = manifest("");
    let members = manifest["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<_> = members
        .iter()
        .map(|member| member.as_str().unwrap())
        .collect();
    let listed: BTreeSet<_> = FLOORS
        .iter()
        .map(|(floor, _)| *floor)
        .filter(|f| !f.is_empty())
        .collect();
    assert_eq!(members, listed);
}

#[test]
fn the_domain_has_no_clock_no_dice_and_no_network() {
    let parts = tree(&["-p", "pipss-domain", "-e", "normal,features"]);
    assert!(parts.contains("chrono feature \"serde\""), "{parts}");
    let forbidden = [
        "chrono feature \"clock\"",
        "chrono feature \"now\"",
        "uuid feature \"v4\"",
        "uuid feature \"v7\"",
        "tokio v",
        "axum v",
        "rand v",
        "getrandom v",
        "reqwest v",
        "hyper v",
    ];
    for part in forbidden {
        assert!(
            !parts.lines().any(|line| line.starts_with(part)),
            "the domain reaches {part}"
        );
    }
}

#[test]
fn there_is_one_cryptographic_library_for_tls() {
    let parts = tree(&["--workspace", "-e", "normal,build"]);
    let names: BTreeSet<_> = parts
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(names.contains("aws-lc-rs"), "{names:?}");
    for other in [
        "ring",
        "openssl",
        "openssl-sys",
        "native-tls",
        "boring",
        "mbedtls",
    ] {
        assert!(!names.contains(other), "{other} came in");
    }
}

#[test]
fn unsafe_code_is_forbidden_on_every_floor() {
    let workspace = manifest("");
    assert_eq!(
        workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
    for (floor, _) in FLOORS {
        let lints = manifest(floor);
        assert_eq!(lints["lints"]["workspace"].as_bool(), Some(true), "{floor}");
    }
}

#[test]
fn every_file_opens_with_a_sentence() {
    for (path, source) in sources() {
        let first = source.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! "), "{path} opens with: {first}");
    }
}

#[test]
fn no_file_is_longer_than_it_may_be() {
    let exceptions = read("tests/tidy.txt");
    let longest = |path: &str| {
        let mut rows = exceptions.lines().map(str::split_whitespace);
        let mut row = rows.find(|row| row.clone().next() == Some(path))?;
        Some(row.nth(1)?.parse::<usize>().unwrap())
    };
    for (path, source) in sources() {
        let max = longest(&path).unwrap_or(FILE_LINES_MAX);
        let lines = source.lines().count();
        assert!(
            lines <= max,
            "{path} has {lines} lines, and {max} are allowed"
        );
    }
}

#[test]
fn every_exception_is_still_needed_and_says_why() {
    let sources = sources();
    for row in read("tests/tidy.txt")
        .lines()
        .filter(|row| !row.starts_with('#'))
    {
        let mut columns = row.split_whitespace();
        let path = columns.next().unwrap();
        let lines = sources
            .get(path)
            .unwrap_or_else(|| panic!("{path} is gone"))
            .lines()
            .count();
        assert!(lines > FILE_LINES_MAX, "{path} is short enough now");
        assert!(columns.count() > 4, "{path}: say why");
    }
}

/// The functions of a file as rustfmt lays them out: name and number of lines.
fn functions(source: &str) -> Vec<(String, usize)> {
    let lines: Vec<_> = source.lines().collect();
    let mut found = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start().split("fn ").next().unwrap();
        let opens = line.contains("fn ")
            && words
                .split(' ')
                .all(|w| w.is_empty() || w.starts_with("pub") || ["const", "async"].contains(&w));
        let end = format!("{}}}", " ".repeat(indent));
        let body = lines[n..]
            .iter()
            .take_while(|l| !l.ends_with(';') || l.len() - l.trim_start().len() > indent);
        if opens && let Some(length) = body.clone().position(|l| **l == *end) {
            found.push((line.trim().to_owned(), length + 1));
        }
    }
    found
}

/// Lists, one line each: every kind of fact, so that a new one is not forgotten; every route.
const LISTS: [(&str, &str, usize); 6] = [
    ("api/src/lib.rs", "pub fn routes(", 130),
    ("domain/src/case.rs", "pub fn evolve(", 120),
    ("domain/src/headline.rs", "fn beside(", 120),
    ("domain/src/history.rs", "pub const fn kind(", 120),
    ("domain/src/history.rs", "pub fn personals(", 120),
    ("domain/src/private.rs", "pub fn stream_of(", 120),
];

fn lines_max(path: &str, name: &str) -> usize {
    let list = LISTS
        .iter()
        .find(|(of, begins, _)| *of == path && name.starts_with(begins));
    list.map_or(FUNCTION_LINES_MAX, |(.., max)| *max)
}

#[test]
fn no_function_is_longer_than_seventy_lines() {
    let (mut all, mut long) = (0, Vec::new());
    for (path, source) in sources() {
        let functions = functions(&source);
        all += functions.len();
        let too_long = functions
            .into_iter()
            .filter(|(name, lines)| *lines > lines_max(&path, name));
        long.extend(too_long.map(|(name, lines)| format!("{path}: {lines} lines: {name}")));
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
    assert!(all > 500, "only {all} functions were found");
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    for (path, source) in sources() {
        let of_tests = path.contains("tests/")
            || path.ends_with("/tests.rs")
            || path.contains("/given.rs")
            || path.contains("/given/");
        let program = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let unwraps = program.contains(".unwrap()")
            || program.contains("todo!(")
            || program.contains("dbg!(");
        assert!(of_tests || !unwraps, "{path}");
    }
}

#[test]
fn what_decides_about_durability_can_be_read_in_one_sitting() {
    let lines = |path| {
        let source = read(path);
        source
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty() && !l.starts_with("//"))
            .count()
    };
    let together = lines("store/src/journal.rs") + lines("store/src/sled.rs");
    assert!(
        together <= JOURNAL_AND_SLED_LINES_MAX,
        "journal.rs and sled.rs have {together} lines of code"
    );
}
