//! The data folder and the process that holds it: who may open it, what stays in it, and an orderly end.

#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use chrono::{DateTime, Duration, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Answer, Demo, pipss, referral};
use support::program::{Trust, refused, serve};
use support::random::Random;
use support::ward::team;

fn demo(folder: &Path) -> Command {
    let mut command = pipss();
    command.args(["demo", "--port", "0", "--data"]).arg(folder);
    command
}

async fn post(demo: &Demo, path: &str, body: &Value) -> Answer {
    demo.send(Method::POST, path, None, &[], Some(body)).await
}

#[test]
fn a_second_process_on_the_same_folder_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let first = Demo::run(demo(folder.path()).arg("--empty"));
    let said = refused(&mut demo(folder.path()));
    assert_eq!(said, "pipss: another process is using this data folder\n");
    first.kill();
    Demo::run(&mut demo(folder.path()));
}

#[test]
fn a_demonstration_is_never_served_as_real() {
    let trust = Trust::new();
    assert!(
        Demo::run(demo(&trust.data()).arg("--empty"))
            .interrupt()
            .success()
    );
    let said = refused(&mut serve(&trust.config("")));
    let sentence = "this data folder holds a demonstration and cannot be served as real";
    assert_eq!(said, format!("pipss: {sentence}\n"));
}

#[test]
fn a_real_folder_is_never_used_for_a_demonstration() {
    let trust = Trust::new();
    assert!(trust.serve().interrupt().success());
    let said = refused(&mut demo(&trust.data()));
    let sentence = "this data folder is real and cannot be used for a demonstration";
    assert_eq!(said, format!("pipss: {sentence}\n"));
    trust.serve();
}

#[test]
fn a_port_in_use_is_refused_in_one_line() {
    let first = Demo::start(&["--empty"]);
    let port = first.base.rsplit(':').next().unwrap();
    let said = refused(pipss().args(["demo", "--port", port]));
    assert!(
        said.starts_with(&format!(
            "pipss: cannot listen on port {port}; try --port 0"
        )),
        "{said}"
    );
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = pipss();
    command.args(["demo", "--port", "0", "--only-stroke-ward"]);
    let demo = Demo::run(command.env("TMPDIR", temporary.path()));
    assert_eq!(entries(temporary.path()), 1);
    assert!(demo.interrupt().success());
    assert_eq!(entries(temporary.path()), 0);
}

#[test]
fn ctrl_c_before_it_is_ready_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = pipss()
        .args(["demo", "--port", "0"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let began = std::time::Instant::now();
    while entries(temporary.path()) == 0 {
        assert!(began.elapsed().as_secs() < 60, "it never made its folder");
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    let told = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(told.success());
    let ended = child.wait().unwrap();
    assert_eq!(entries(temporary.path()), 0);
    assert!(ended.success(), "{ended}");
}

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn a_kept_folder_is_gone_on_with_and_its_clock_never_runs_back() {
    let folder = tempfile::tempdir().unwrap();
    let first = Demo::run(demo(folder.path()).arg("--only-stroke-ward"));
    let robin = first.person("Robin Wren").await;
    let stroke = team(&first, &robin, "Harbour Stroke Ward").await;
    let ahead = Utc::now() + Duration::days(40);
    first.move_clock(ahead).await;
    let raised = first.raise(&robin, &referral(&stroke)).await.expect(201);
    let path = format!("/api/v1/teams/{stroke}/timeline");
    let before = first.get(&robin, &path).await.expect(200);
    assert_eq!(before["entries"].as_array().unwrap().len(), 18);
    first.kill();

    let second = Demo::run(&mut demo(folder.path()));
    let robin = second.person("Robin Wren").await;
    assert_eq!(second.get(&robin, &path).await.expect(200), before);
    let back = post(&second, "/demo/clock", &json!({ "to": ahead })).await;
    assert_eq!(back.expect(409)["code"], "backwards");
    let again = second.raise(&robin, &referral(&stroke)).await.expect(201);
    assert_ne!(again["reference"], raised["reference"]);
}

#[tokio::test]
async fn killed_at_any_moment_of_its_first_start_it_still_begins_with_everyone() {
    let mut random = Random::printed();
    for _ in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let mut command = demo(folder.path());
        let command = command.arg("--empty").stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        while !folder.path().join("sled").exists() {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_micros(random.below(30_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let again = Demo::run(demo(folder.path()).arg("--empty"));
        let robin = again.person("Robin Wren").await;
        let me = again.get(&robin, "/api/v1/me").await.expect(200);
        assert_eq!(me["manages"][0]["name"], "Harbour Stroke Ward");
    }
}

#[tokio::test]
async fn killed_while_its_story_is_told_it_begins_again_with_the_whole_story() {
    let mut random = Random::printed();
    for _ in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut command = demo(&data);
        let command = command.arg("--only-stroke-ward").stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        while !folder.path().join("data.unfinished/sled").exists() {
            std::thread::yield_now();
        }
        std::thread::sleep(std::time::Duration::from_micros(random.below(400_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let again = Demo::run(demo(&data).arg("--only-stroke-ward"));
        let robin = again.person("Robin Wren").await;
        let stroke = team(&again, &robin, "Harbour Stroke Ward").await;
        let path = format!("/api/v1/teams/{stroke}/timeline");
        let story = again.get(&robin, &path).await.expect(200);
        assert_eq!(story["entries"].as_array().unwrap().len(), 17);
        assert_eq!(entries(folder.path()), 1);
    }
}

#[test]
fn a_folder_with_something_else_in_it_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("letter.txt"), "mine").unwrap();
    let said = refused(demo(&data).arg("--only-stroke-ward"));
    let sentence = format!("pipss: {} is not a new or empty folder", data.display());
    assert!(said.starts_with(&sentence), "{said}");
    assert_eq!(entries(&data), 1);
}

#[tokio::test]
async fn a_folder_that_is_moved_away_while_it_is_served_takes_in_nothing_more() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let demo = Demo::run(demo(&data).arg("--empty"));
    let robin = demo.person("Robin Wren").await;
    let stroke = team(&demo, &robin, "Harbour Stroke Ward").await;
    demo.raise(&robin, &referral(&stroke)).await.expect(201);
    let away = folder.path().join("away");
    std::fs::rename(&data, &away).unwrap();
    let refused = demo.raise(&robin, &referral(&stroke)).await.expect(503);
    let sentence = "This cannot be done right now. Nothing was saved.";
    assert_eq!(refused["detail"], sentence);
    demo.get(&robin, "/api/v1/me").await.expect(200);
    // Back in its place it is trusted again only by a new start.
    std::fs::rename(&away, &data).unwrap();
    demo.raise(&robin, &referral(&stroke)).await.expect(503);
    demo.kill();
    let again = Demo::run(self::demo(&data).arg("--empty"));
    let robin = again.person("Robin Wren").await;
    again.raise(&robin, &referral(&stroke)).await.expect(201);
    let mine = again.get(&robin, "/api/v1/cases").await.expect(200);
    assert_eq!(mine["cases"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn time_only_moves_forward() {
    let demo = Demo::start(&["--empty"]);
    let hour = Duration::hours(1);
    let later = Utc::now() + hour;
    let moved = post(&demo, "/demo/clock", &json!({ "to": later })).await;
    let now: DateTime<Utc> = moved.expect(200)["now"].as_str().unwrap().parse().unwrap();
    assert!(now >= later && now < later + hour);
    let back = post(&demo, "/demo/clock", &json!({ "to": later - hour })).await;
    assert_eq!(back.expect(409)["code"], "backwards");
    for wrong in [
        json!({}),
        json!({ "to": "tomorrow" }),
        json!({ "to": later, "x": 1 }),
    ] {
        post(&demo, "/demo/clock", &wrong).await.expect(422);
    }
}

#[tokio::test]
async fn a_token_is_given_only_for_someone_of_the_demonstration() {
    let demo = Demo::start(&["--empty"]);
    for wrong in [
        json!({ "person": "00000000-0000-4000-8000-000000000000" }),
        json!({ "person": "robin" }),
        json!({ "person": null }),
        json!({}),
    ] {
        let refused = post(&demo, "/demo/token", &wrong).await.expect(422);
        assert_eq!(refused["errors"][0]["pointer"], "/person", "{wrong}");
    }
}

#[tokio::test]
async fn a_name_that_only_points_here_reaches_nothing() {
    let demo = Demo::start(&["--empty"]);
    let ask = async |path: &str, host: &str| {
        let headers = [("Host", host)];
        demo.send(Method::GET, path, None, &headers, None).await
    };
    for path in [
        "/",
        "/demo",
        "/demo/people",
        "/demo/token",
        "/demo/clock",
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/api/v1/docs/",
        "/nowhere",
    ] {
        for host in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "",
        ] {
            let answer = ask(path, host).await;
            assert_eq!(answer.status, 403, "{path} as {host:?}: {}", answer.text);
        }
    }
    for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"] {
        ask("/demo/people", host).await.expect(200);
    }
}

#[tokio::test]
async fn the_page_shows_the_people_the_letters_and_the_ward_s_story() {
    let demo = Demo::start(&["--only-stroke-ward"]);
    let page = demo.send(Method::GET, "/demo", None, &[], None).await;
    assert_eq!(page.status, 200);
    for shown in [
        "Robin Wren",
        "kim.siskin@example.test",
        "You are asked to help",
        "Held: PETR debrief, 75 minutes.",
        "One-to-one support was made known to the whole team.",
    ] {
        assert!(page.text.contains(shown), "{shown}");
    }
}

#[tokio::test]
async fn whoever_listens_only_until_it_is_ready_does_not_end_it() {
    use std::io::{BufRead, BufReader};
    let temporary = tempfile::tempdir().unwrap();
    let mut child = pipss()
        .args(["demo", "--port", "0", "--empty"])
        .env("TMPDIR", temporary.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    // The pipe is closed at the end of the statement.
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    let base = ready.trim().strip_prefix("ready ").unwrap();
    let answer = reqwest::get(format!("{base}/demo/people")).await.unwrap();
    assert_eq!(answer.status(), 200);
    child.kill().unwrap();
    child.wait().unwrap();
}
