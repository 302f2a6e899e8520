//! How long the program takes for each page, beside the answer of the interface that it is drawn from.
//! Measured by hand (`make page-times`), never asserted: machines are shared and noisy.

#![allow(clippy::unwrap_used)]

mod support;

use std::fmt::Write;
use std::time::{Duration, Instant};

use reqwest::Method;
use support::demo::Demo;

const ROUNDS: usize = 40;
/// Fifty requests a second are everyone's share: a refusal for too many would be timed as a page.
const PACE: Duration = Duration::from_millis(45);

/// Whose page, the page, and the answer it is drawn from.
const PAGES: [(&str, &str, &str); 14] = [
    ("robin", "/", "/api/v1/me"),
    ("robin", "/teams/{team}", "/api/v1/teams/{team}/timeline"),
    ("robin", "/cases/{case}", "/api/v1/cases/{case}"),
    ("robin", "/ask", "/api/v1/teams"),
    ("robin", "/my-support", "/api/v1/my-support"),
    ("alex", "/queue", "/api/v1/queue"),
    ("alex", "/tasks", "/api/v1/queue"),
    ("alex", "/week", "/api/v1/queue"),
    ("alex", "/search", "/api/v1/cases"),
    ("alex", "/cases/{case}", "/api/v1/cases/{case}"),
    (
        "alex",
        "/cases/{case}/arrange-session",
        "/api/v1/cases/{case}",
    ),
    ("alex", "/reports", "/api/v1/queue"),
    ("kim", "/sessions", "/api/v1/diary"),
    ("toni", "/oversight", "/api/v1/grants"),
];

/// The middle and the slowest but one of a hundred, in milliseconds.
fn figures(mut took: Vec<Duration>) -> (f64, f64) {
    took.sort();
    let at = |share: usize| took[(took.len() * share).div_ceil(100) - 1].as_secs_f64() * 1e3;
    (at(50), at(99))
}

#[tokio::test]
#[ignore = "a measurement: make page-times"]
async fn how_long_each_page_takes() {
    let demo = Demo::start(&["--only-stroke-ward"]);
    let robin = demo.person("Robin Wren").await;
    let me = demo.get(&robin, "/api/v1/me").await.json();
    let team = me["manages"][0]["team"].as_str().unwrap().to_owned();
    let cases = demo.get(&robin, "/api/v1/cases?limit=200").await.json();
    let case = cases["cases"][0]["case"].as_str().unwrap().to_owned();
    let filled = |path: &str| path.replace("{team}", &team).replace("{case}", &case);
    let mut table = String::from(
        "| who | page | p50 ms | p99 ms | kB | p50 of the answer beneath, ms |\n|---|---|---|---|---|---|\n",
    );
    for (short, page, beneath) in PAGES {
        let cookie = demo.cookie(short).await;
        let name = pipss::demo::people::PEOPLE
            .iter()
            .find(|who| who.short == short);
        let person = demo.person(name.unwrap().name).await;
        let (mut pages, mut answers, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            tokio::time::sleep(PACE).await;
            let began = Instant::now();
            let headers = [("Cookie", cookie.as_str())];
            let answer = demo
                .send(Method::GET, &filled(page), None, &headers, None)
                .await;
            pages.push(began.elapsed());
            assert_eq!(answer.status, 200, "{page}: {}", answer.text);
            bytes = answer.text.len();
            let began = Instant::now();
            demo.get(&person, &filled(beneath)).await.expect(200);
            answers.push(began.elapsed());
        }
        let ((p50, p99), (under, _)) = (figures(pages), figures(answers));
        let kilobytes = bytes as f64 / 1e3;
        let _ = writeln!(
            table,
            "| {short} | `{page}` | {p50:.1} | {p99:.1} | {kilobytes:.1} | {under:.1} |"
        );
    }
    println!("\n{table}");
}
