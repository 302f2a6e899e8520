//! The proof as whoever runs the machine asks for it.

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
    assert!(said.contains("9 leaks were planted, 9 caught"), "{said}");
    assert!(said.contains("chain "), "{said}");
    assert!(progress.contains("4 of 4 managers"), "{progress}");
    for name in ["Robin", "Wren", "Stroke", "example.test", "W-20417"] {
        assert!(!said.contains(name) && !progress.contains(name), "{name}");
    }
}

#[tokio::test]
async fn whoever_asks_for_themselves_reads_when_the_last_proof_passed_and_none_of_its_figures() {
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
    let kept = std::fs::read_dir(folder.path()).unwrap();
    let kept: Vec<_> = kept.map(|file| file.unwrap().path()).collect();
    let named = |path: &&std::path::PathBuf| path.to_string_lossy().contains("privacy-proof-");
    let [file] = kept.iter().filter(named).collect::<Vec<_>>()[..] else {
        panic!("{kept:?}");
    };
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let members: Vec<_> = kept.as_object().unwrap().keys().collect();
    assert_eq!(members, ["at", "holds"]);
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
