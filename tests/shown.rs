//! What docs/asvs.md and docs/threats.md say is shown by tests that exist, and no requirement is passed over.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Requirements of levels 1 and 2 of OWASP ASVS 5.0.0.
const REQUIREMENTS: usize = 253;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|_| panic!("{path} is not there"))
}

/// Every `file.rs::test` that a page names.
fn named(page: &str) -> BTreeSet<(String, String)> {
    let marked = page.split('`').skip(1).step_by(2);
    let named = marked.filter_map(|mark| mark.split_once(".rs::"));
    let named: BTreeSet<_> = named
        .map(|(file, test)| (format!("{file}.rs"), test.to_owned()))
        .collect();
    assert!(named.len() > 20, "{named:?}");
    named
}

fn is_a_test(file: &str, test: &str) -> bool {
    let source = read(file);
    let Some((before, _)) = source.split_once(&format!("fn {test}(")) else {
        return false;
    };
    let attributes = before.rsplit("\n\n").next().unwrap();
    attributes.contains("#[test]") || attributes.contains("#[tokio::test")
}

#[test]
fn every_test_that_is_named_as_showing_something_exists() {
    for page in ["docs/asvs.md", "docs/threats.md"] {
        for (file, test) in named(&read(page)) {
            assert!(is_a_test(&file, &test), "{page}: {file}::{test}");
        }
    }
}

#[test]
fn every_requirement_is_shown_or_does_not_apply_or_is_said_not_to_be_met() {
    let page = read("docs/asvs.md");
    let mut seen = BTreeSet::new();
    for row in page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('.'))
    {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [numbers, words, answer] = cells.as_slice() else {
            panic!("{row}");
        };
        assert!(!words.is_empty());
        let known = ["shown by `", "does not apply, because ", "not met yet: "];
        assert!(
            known.iter().any(|begins| answer.starts_with(begins)),
            "{row}"
        );
        for number in numbers.split_whitespace() {
            assert_eq!(number.split('.').count(), 3, "{number}");
            assert!(seen.insert(number.to_owned()), "{number} stands twice");
        }
    }
    assert_eq!(seen.len(), REQUIREMENTS);
}

#[test]
fn what_does_not_exist_is_not_taken_for_a_test() {
    let here = PathBuf::from(file!());
    let here = here.to_str().unwrap();
    assert!(is_a_test(
        here,
        "what_does_not_exist_is_not_taken_for_a_test"
    ));
    assert!(!is_a_test(here, "is_a_test"));
    assert!(!is_a_test(here, "nothing_of_the_kind"));
}
