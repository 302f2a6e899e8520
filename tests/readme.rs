//! The walk in the README works word for word.

#![allow(clippy::unwrap_used)]

mod support;

use std::process::Command;

use support::demo::Demo;

fn walk() -> String {
    let readme = include_str!("../README.md");
    let (_, walk) = readme.split_once("<!-- walk").expect("the walk begins");
    let (walk, _) = walk
        .split_once("<!-- end of the walk -->")
        .expect("the walk ends");
    let blocks = walk.split("```bash\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

#[test]
fn the_walk_in_the_readme_works_word_for_word() {
    let demo = Demo::start(&[]);
    let script = format!("set -euo pipefail\n{}", walk());
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("PIPSS", &demo.base)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for expected in [
        "Meadow Rehabilitation Ward",
        "PS-",
        "\"version\":4",
        "offers_open",
        "one-to-one",
    ] {
        assert!(said.contains(expected), "{expected} is missing in:\n{said}");
    }
}
