//! Schemathesis: a program that reads the description of an interface and tries to prove it wrong.

use std::process::Command;

use serde_json::json;

use crate::ground::Visitor;
use crate::support::smtp::{python, root};

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method";
/// Who gets furthest in; asks every second time.
const LEAD: &str = "alex";

/// Lets it ask as everyone in turn; answers how often it asked. Stops at what it finds, in its own words.
pub fn in_turn(base: &str, everyone: &[Visitor], seed: u64) -> u64 {
    let lead = everyone.iter().find(|who| who.short == LEAD).unwrap();
    let turns: Vec<_> = everyone.iter().flat_map(|who| [lead, who]).collect();
    run(base, &turns, (seed, 3))
}

/// Lets it ask everything as each of them alone.
pub fn one_by_one(base: &str, everyone: &[Visitor], seed: u64) -> u64 {
    let run = |who| run(base, &[who], (seed, 100));
    everyone.iter().map(run).sum()
}

fn run(base: &str, turns: &[&Visitor], (seed, examples): (u64, u64)) -> u64 {
    let place = tempfile::tempdir().unwrap();
    let who: Vec<_> = turns.iter().map(|who| (who.short, &who.token)).collect();
    let mut command = Command::new(python().with_file_name("schemathesis"));
    command
        .current_dir(place.path())
        .env("PYTHONPATH", root().join("tests/peers"))
        .env("SCHEMATHESIS_HOOKS", "fuzz_hooks")
        .env("PIPSS_WHO", json!(who).to_string())
        .arg("run")
        .arg(format!("{base}/api/v1/openapi.json"))
        .args(["--checks", CHECKS, "--phases", "coverage,fuzzing"])
        .args(["--max-examples", &examples.to_string()])
        .args(["--seed", &seed.to_string(), "--continue-on-failure"])
        .args(["--no-color", "--warnings", "off"])
        .args(["--suppress-health-check", "all"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    asked(&said)
}

/// `4387 generated, 4387 passed`.
fn asked(said: &str) -> u64 {
    let (before, _) = said
        .split_once(" generated")
        .expect("it says how often it asked");
    before.rsplit([' ', '\n']).next().unwrap().parse().unwrap()
}
