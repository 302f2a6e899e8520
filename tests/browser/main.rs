//! Journeys in a real browser, at a phone's width and a desk's, with what would keep people out looked
//! for on every page.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use reqwest::Method;

use support::demo::Demo;
use support::program::{Trust, serve};

/// Runs the journeys of a file against a demonstration that was started so.
#[track_caller]
fn walk(file: &str, how: &[&str]) {
    walk_through(file, &Demo::start(how));
}

/// Runs the journeys of a file against a program that serves.
#[track_caller]
fn walk_through(file: &str, demo: &Demo) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let output = Command::new("node")
        .arg(tests.join("run.mjs"))
        .args([&demo.base, file])
        .arg(pictures)
        .output()
        .expect("node runs; make test installs what these tests need");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    println!("{said}");
}

#[test]
fn what_everyone_can_see() {
    walk("open_pages.mjs", &["--only-stroke-ward"]);
}

#[test]
fn what_waits_and_what_happened() {
    walk("lists.mjs", &["--only-stroke-ward"]);
}

#[test]
fn lists_in_which_nothing_stands_yet() {
    walk("lists_empty.mjs", &["--empty"]);
}

#[test]
fn a_case_from_raised_to_arranged_and_closed() {
    walk("case.mjs", &["--only-stroke-ward"]);
}

#[test]
fn asking_for_a_team() {
    walk("ask.mjs", &["--only-stroke-ward"]);
}

#[test]
fn the_pages_of_a_trust_that_may_show_the_nhs_logo() {
    let trust = Trust::new();
    let brand = "brand = { nhs = true, organisation = 'Harbour and Hills Community NHS Foundation Trust', \
                 service = 'Support after incidents', colour = '#003087' }";
    let served = Demo::run(&mut serve(&trust.config(brand)));
    walk_through("nhs_brand.mjs", &served);
}

#[test]
fn what_oversight_sees() {
    walk("oversight.mjs", &[]);
}

#[test]
fn what_is_watched_over() {
    walk("watch.mjs", &["--only-stroke-ward"]);
}

#[test]
fn an_auditor_has_it_proved_that_no_manager_can_see_who_asked() {
    walk("proof.mjs", &["--only-stroke-ward"]);
}

#[test]
fn what_facilitators_do_and_what_people_ask_for_themselves() {
    walk("people.mjs", &["--only-stroke-ward"]);
}

#[test]
fn the_stroke_ward_from_start_to_finish() {
    walk("stroke_ward.mjs", &["--empty"]);
}

#[tokio::test]
async fn a_service_that_is_not_of_the_nhs_shows_its_own_logo() {
    let trust = Trust::new();
    let logo = trust.folder.path().join("hospice.svg");
    let picture = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'></svg>";
    std::fs::write(&logo, picture).unwrap();
    let brand = format!("brand = {{ organisation = 'Harbour Hospice', logo = {logo:?} }}");
    let served = Demo::run(&mut serve(&trust.config(&brand)));
    let home = served.send(Method::GET, "/", None, &[], None).await;
    assert!(home.text.contains("Harbour Hospice") && !home.text.contains(">NHS<"));
    let address = home
        .text
        .split("src=\"")
        .find(|part| part.contains("logo.svg"));
    let address = address
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#x2f;", "/");
    let shown = served.send(Method::GET, &address, None, &[], None).await;
    assert_eq!(
        (shown.header("content-type"), shown.text.as_str()),
        ("image/svg+xml", picture)
    );
}
