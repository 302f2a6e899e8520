//! Copies by whoever runs the machine: taken of the running program, brought back, and taken elsewhere.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Demo, Person, fresh_key, pipss, referral};
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
async fn after_a_restore_a_tag_of_before_is_stale_though_the_version_is_the_same() {
    let world = World::new().await;
    let path = format!("/api/v1/cases/{}", world.case);
    // Whoever handles it, in the program that serves now.
    let lead = async |demo: &Demo| demo.person("Alex Kestrel").await;
    let tag = async |demo: &Demo| {
        let seen = demo.get(&lead(demo).await, &path).await;
        assert_eq!(seen.status, 200);
        seen.header("etag").to_owned()
    };
    let acknowledge = async |demo: &Demo, tag: &str| {
        let (key, body) = (fresh_key(), json!({ "by": "telephone" }));
        let headers = [("Idempotency-Key", key.as_str()), ("If-Match", tag)];
        let path = format!("{path}/acknowledge");
        let lead = lead(demo).await;
        let sent = demo.send(Method::POST, &path, Some(&lead), &headers, Some(&body));
        sent.await.status
    };
    let restored = |name: &str| {
        let places = [("", "log"), ("--keys", "keys"), ("--data", "data")];
        world.run("backup", &places, &[]).unwrap();
        let copies = std::fs::read_dir(world.at("log")).unwrap();
        let last = copies.map(|copy| copy.unwrap().file_name()).max().unwrap();
        let last = last.to_str().unwrap();
        let (log, keys) = (format!("log/{last}"), format!("keys/{last}"));
        let places = [("--log", &*log), ("--keys", &*keys), ("--data", name)];
        world
            .run("restore", &places, &["--without-erasures"])
            .unwrap();
        demo(&world.at(name))
    };
    let before = tag(&world.demo).await;
    let (one, two) = (restored("one"), restored("two"));
    let (of_one, of_two) = (tag(&one).await, tag(&two).await);
    let version = before.trim_matches('"');
    for tag in [&of_one, &of_two] {
        assert!(tag.starts_with(&format!("\"{version}.")), "{tag}");
    }
    assert_ne!(of_one, of_two);
    // Neither the one of the first folder nor that of another restored one fits, nor does the version alone.
    for stale in [&before, &of_two] {
        assert_eq!(acknowledge(&one, stale).await, 412, "{stale}");
    }
    assert_eq!(acknowledge(&world.demo, &of_one).await, 412);
    assert_eq!(tag(&one).await, of_one);
    // No answer is ever "not modified".
    let (robin, known) = (
        one.person("Robin Wren").await,
        [("If-None-Match", &*before)],
    );
    let again = one
        .send(Method::GET, &path, Some(&robin), &known, None)
        .await;
    assert_eq!(again.status, 200);
    assert_eq!(acknowledge(&one, &of_one).await, 200);
    assert_eq!(acknowledge(&world.demo, &before).await, 200);
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
