//! The walk of the README, run as a reader would.

use std::process::Command;

fn blocks() -> String {
    let readme = include_str!("../../README.md");
    let (_, walk) = readme.split_once("<!-- walk").expect("the walk begins");
    let (walk, _) = walk
        .split_once("<!-- end of the walk -->")
        .expect("the walk ends");
    let blocks = walk.split("```bash\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// Runs every line of it against a demonstration.
pub fn walk(base: &str) {
    let script = format!("set -euo pipefail\n{}", blocks());
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("PIPSS", base)
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
