//! Copies by whoever runs the machine: taken of the running program, brought back, and taken elsewhere.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use support::demo::{Demo, Person, pipss, referral};
use support::ward::{team, text};

fn demo(data: &Path) -> Demo {
    let mut command = pipss();
    command.args(["demo", "--port", "0", "--empty", "--data"]);
    Demo::run(command.arg(data))
}

/// Runs a command to its end. What it printed, or the one line that it said instead.
fn ran(command: &mut Command) -> Result<String, String> {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    match status.success() {
        true => Ok(String::from_utf8(stdout).unwrap()),
        false => Err(String::from_utf8(stderr).unwrap()),
    }
}

/// A demonstration that serves, with one request for support in it.
struct World {
    folder: tempfile::TempDir,
    demo: Demo,
    robin: Person,
    team: String,
    case: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = demo(&folder.path().join("data"));
        let robin = demo.person("Robin Wren").await;
        let stroke = team(&demo, &robin, "Harbour Stroke Ward").await;
        let raised = demo.raise(&robin, &referral(&stroke)).await.expect(201);
        Self {
            case: text(&raised["case"]),
            team: stroke,
            folder,
            demo,
            robin,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command with paths of this world after its options.
    fn run(&self, name: &str, arguments: &[(&str, &str)], more: &[&str]) -> Result<String, String> {
        let mut command = pipss();
        command.arg(name);
        for (option, path) in arguments {
            if !option.is_empty() {
                command.arg(option);
            }
            command.arg(self.at(path));
        }
        ran(command.args(more))
    }

    /// What the manager sees in a program over this folder: the team's story, and the words of the request.
    async fn seen(&self, demo: &Demo) -> (Value, String) {
        let robin = demo.person(&self.robin.name).await;
        let story = format!("/api/v1/teams/{}/timeline", self.team);
        let case = format!("/api/v1/cases/{}", self.case);
        let case = demo.get(&robin, &case).await.expect(200);
        let story = demo.get(&robin, &story).await.expect(200);
        (story, text(&case["request"]["incidents"][0]["line"]))
    }
}

fn organisation() -> String {
    pipss::demo::people::organisation().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_of_the_running_program_are_pruned_restored_and_served_again() {
    let world = World::new().await;
    let seen = world.seen(&world.demo).await;
    let take = |more: &[&str]| {
        let places = [("", "log"), ("--keys", "keys"), ("--data", "data")];
        world.run("backup", &places, more)
    };
    for _ in 0..3 {
        take(&[]).unwrap();
    }
    let said = take(&["--keep", "2", "--whole"]).unwrap();
    assert!(said.contains("2 older copies"), "{said}");
    assert!(said.contains("all read again"), "{said}");
    let mut kept: Vec<_> = std::fs::read_dir(world.at("log"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept.len(), 2);
    let last = kept.pop().unwrap();
    let (log, keys) = (format!("log/{last}"), format!("keys/{last}"));
    let places = [("--log", &*log), ("--keys", &*keys), ("--data", "back")];
    let said = world.run("restore", &places, &[]).unwrap_err();
    assert!(said.contains("--without-erasures"), "{said}");
    // The list under its other name; the folder is of a store that has erased nothing.
    std::fs::write(world.at("list"), "").unwrap();
    let with_list = [&places[..], &[("--ledger", "list")]].concat();
    world.run("restore", &with_list, &[]).unwrap();
    let said = world
        .run("restore", &places, &["--without-erasures"])
        .unwrap_err();
    assert_eq!(said, "pipss: the data folder is not empty\n");
    assert_eq!(world.seen(&demo(&world.at("back"))).await, seen);
    // A place that is not there harms nobody: one line, and the program serves on.
    let places = [
        ("", "not-mounted/log"),
        ("--keys", "keys"),
        ("--data", "data"),
    ];
    let said = world.run("backup", &places, &[]).unwrap_err();
    assert!(
        said.contains("is its disk mounted") && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(world.seen(&world.demo).await, seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_leaves_the_running_program_and_goes_on_elsewhere() {
    let world = World::new().await;
    let seen = world.seen(&world.demo).await;
    let own = organisation();
    let only = ["--organisation", own.as_str()];
    let out = [("--to", "out"), ("--keys", "its-keys"), ("--data", "data")];
    let said = world.run("export", &out, &only).unwrap();
    assert!(said.contains("good for 35 days"), "{said}");
    let into = |data| [("", "out"), ("--keys", "its-keys"), ("--data", data)];
    let without = ["--without-erasures"];
    let said = world.run("import", &into("data"), &without).unwrap_err();
    assert_eq!(said, "pipss: another process is using this data folder\n");
    let said = world.run("import", &into("new"), &[]).unwrap_err();
    assert!(said.contains("--without-erasures"), "{said}");
    let said = world.run("import", &into("new"), &without).unwrap();
    assert!(said.contains("its chains are the same"), "{said}");
    let new = demo(&world.at("new"));
    assert_eq!(world.seen(&new).await, seen);
    drop(new);
    let again = world.run("import", &into("new"), &without).unwrap_err();
    assert!(again.contains("has that organisation already"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_written_out_in_the_clear_only_if_that_is_meant_and_the_access_log_says_so() {
    let world = World::new().await;
    let own = organisation();
    let open = [("--to", "open"), ("--data", "data")];
    let mut meant = vec!["--organisation", own.as_str(), "--open"];
    let said = world.run("export", &open, &meant).unwrap_err();
    assert!(
        said.contains("IN THE CLEAR") && said.contains("--yes-in-the-clear"),
        "{said}"
    );
    assert!(!world.at("open").exists());
    meant.push("--yes-in-the-clear");
    world.run("export", &open, &meant).unwrap();
    let written = std::fs::read_to_string(world.at("open/main.jsonl")).unwrap();
    assert!(written.contains("Staff were attacked on the night shift."));
    let read = std::fs::read_to_string(world.at("open/access.jsonl")).unwrap();
    let records = read
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told: Vec<_> = records
        .filter(|record| record["data"]["what"] == "export")
        .collect();
    assert_eq!(told.len(), 1, "{read}");
    assert_eq!(told[0]["data"]["read_as"], json!("operator"));
}
