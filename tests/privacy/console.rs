//! The proof as whoever runs the machine asks for it.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::private;
use crate::story::told;
use crate::support::demo::{Demo, pipss};
use crate::support::program::Trust;

fn prove(arguments: &[&str]) -> (bool, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = pipss()
        .args(["prove", "privacy"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

#[tokio::test]
async fn a_folder_that_nobody_serves_is_proved_by_opening_it() {
    let folder = told();
    private::asked(folder.path(), &["sam"]).await;
    let (held, said, progress) = prove(&["--data", folder.path().to_str().unwrap()]);
    assert!(held, "{said}{progress}");
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("4 managers, "), "{said}");
    assert!(first.ends_with(" answers, 0 bytes differ"), "{said}");
    assert!(said.contains("12 leaks were planted, 12 caught"), "{said}");
    assert!(said.contains("chain "), "{said}");
    assert!(progress.contains("4 of 4 managers"), "{progress}");
    for name in ["Robin", "Wren", "Stroke", "example.test", "W-20417"] {
        assert!(!said.contains(name) && !progress.contains(name), "{name}");
    }
}

#[tokio::test]
async fn whoever_asks_for_themselves_reads_when_the_last_proof_passed() {
    let folder = told();
    let data = folder.path().to_str().unwrap();
    let demo = Demo::start(&["--data", data]);
    let before = demo.page("sam", "/my-support").await;
    assert_eq!(before.status, 200);
    assert!(!before.text.contains("privacy proof"), "{}", before.text);
    let (held, said, why) = prove(&["--data", data]);
    assert!(held, "{said}{why}");
    for path in ["/my-support", "/support"] {
        let page = demo.page("sam", path).await.text;
        assert!(page.contains("The last privacy proof passed on "), "{page}");
    }
}

/// What checks a result: whether it was taken, and what was said.
fn verified(arguments: &[&str]) -> (bool, String) {
    let output = pipss().args(["prove", "verify"]).args(arguments).output();
    let output = output.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn a_signed_result_can_be_checked_elsewhere_and_a_changed_one_is_refused() {
    let folder = told();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("result.json");
    let (data, result) = (folder.path().to_str().unwrap(), file.to_str().unwrap());
    let (held, said, why) = prove(&["--data", data, "--result", result]);
    assert!(held, "{said}{why}");
    let key = said.split("Signed with the key ").nth(1).unwrap();
    let key = key.lines().next().unwrap();
    let mode = std::fs::metadata(folder.path().join("proof-key")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let (taken, said) = verified(&[result, "--key", key]);
    assert!(
        taken && said.contains("12 leaks were planted, 12 caught"),
        "{said}"
    );
    let (taken, said) = verified(&[result]);
    assert!(taken && said.contains(key), "{said}");
    let other = "0".repeat(64);
    let (taken, said) = verified(&[result, "--key", &other]);
    assert!(!taken && said.contains("another key"), "{said}");
    // The key stays the same.
    let (held, said, _) = prove(&["--data", data]);
    assert!(held && said.contains(key), "{said}");
    let kept = std::fs::read_to_string(&file).unwrap();
    for name in ["Robin", "Wren", "Stroke", "example.test", "W-20417"] {
        assert!(!kept.contains(name), "{name}");
    }
    let whole: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let fields = whole["result"].as_object().unwrap();
    for (name, value) in fields {
        let mut changed = whole.clone();
        changed["result"][name] = match value {
            serde_json::Value::Bool(holds) => (!holds).into(),
            serde_json::Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
            serde_json::Value::Array(_) => serde_json::json!([]),
            _ if name == "at" => "2020-01-01T00:00:00Z".into(),
            _ if name == "organisation" => "5b0c7c1e-7d0a-4c39-9f0e-2f1f3f7a9d12".into(),
            _ => "else".into(),
        };
        std::fs::write(&file, changed.to_string()).unwrap();
        let (taken, said) = verified(&[result, "--key", key]);
        assert!(
            !taken && said.contains("changed after it was signed"),
            "{name}: {said}"
        );
    }
}

#[test]
fn a_running_program_proves_it_through_its_socket_and_says_when_it_cannot() {
    let trust = Trust::new();
    let config = trust.config("");
    let _serving = trust.serve();
    let (held, said, why) = prove(&["--config", config.to_str().unwrap()]);
    assert!(!held && said.is_empty(), "{said}");
    assert_eq!(
        why.trim(),
        "pipss: nobody manages a unit yet: there is nothing to prove"
    );
    let units = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/directory.csv");
    let applied = [
        "directory",
        "apply",
        units,
        "--yes",
        "--config",
        config.to_str().unwrap(),
    ];
    assert!(pipss().args(applied).status().unwrap().success());
    let (held, said, why) = prove(&["--config", config.to_str().unwrap()]);
    assert!(held, "{said}{why}");
    assert!(said.contains(" 0 bytes differ\n"), "{said}");
    let other = [
        "--config",
        config.to_str().unwrap(),
        "--organisation",
        "5b0c7c1e-7d0a-4c39-9f0e-2f1f3f7a9d12",
    ];
    let (held, _, why) = prove(&other);
    assert!(!held);
    assert_eq!(why.trim(), "pipss: There is no such organisation here.");
}
