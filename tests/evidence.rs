//! Evidence from end to end: the program signs and hands on how far its log reaches, and verify tells the rest.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::demo::pipss;
use support::program::{Trust, serve};
use support::served::Served;

fn verify(config: &Path, more: &[&str]) -> Output {
    let mut command = pipss();
    command.args(["verify", "--config"]).arg(config).args(more);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn grant(config: &Path, role: &str, email: &str) {
    let mut command = pipss();
    command.args(["grant", role, email, "--config"]).arg(config);
    assert!(command.output().unwrap().status.success());
}

#[test]
fn checkpoints_leave_the_machine_and_verify_says_where_a_log_was_changed() {
    let trust = Trust::new();
    let outside = trust.folder.path().join("outside");
    let config = trust.config(&format!("checkpoints = [{outside:?}]"));
    let served = Served::start(&mut serve(&config));
    grant(&config, "lead", "lead@trust.example");
    grant(&config, "auditor", "auditor@trust.example");
    let running = verify(&config, &[]);
    assert!(running.status.success(), "{}", said(&running));
    assert!(said(&running).contains("a program is using the folder"));
    let log = served.end();
    let list = fs::read_to_string(&outside).unwrap();
    for line in list.lines() {
        assert!(
            log.contains(line),
            "it stands in the program's own log: {log}"
        );
    }
    let key = said(&verify(&config, &["--public-key"]));
    let (key, last) = (key.trim(), list.lines().last().unwrap());
    assert_eq!(
        serde_json::from_str::<Value>(last).unwrap()["public_key"],
        key
    );
    let stopped = verify(&config, &["--key", key]);
    let words = said(&stopped);
    assert!(stopped.status.success(), "{words}");
    assert!(
        words.contains("Log main is the one that was signed"),
        "{words}"
    );
    assert!(!words.contains("Cannot be told"), "{words}");
    tampered(&trust, &config);
}

fn tampered(trust: &Trust, config: &Path) {
    let segment = trust.data().join("journal/00000001");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[300] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let output = verify(config, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let first = &report["bad"][0];
    assert_eq!(
        (
            &first["log"],
            &first["position"],
            &first["segment"],
            &first["byte"]
        ),
        (&"main".into(), &1.into(), &1.into(), &64.into()),
        "{first}"
    );
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("position 1 of log main") && complaint.lines().count() == 1,
        "{complaint}"
    );
}
