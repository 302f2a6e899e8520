//! What every page carries beside its words, and how heavy it may be: asked over plain HTTP.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashSet;

use reqwest::Method;
use support::demo::{Answer, Demo};

/// The answer without styles and scripts, which browsers keep for a year.
const BYTES_MAX: usize = 60_000;

/// Whose page, and the page; the case and the team are of the stroke ward.
const PAGES: [(&str, &str); 21] = [
    ("nobody", "/"),
    ("nobody", "/nothing-here"),
    ("robin", "/"),
    ("robin", "/ask"),
    ("robin", "/teams"),
    ("robin", "/teams/{team}"),
    ("robin", "/cases/{case}"),
    ("robin", "/search"),
    ("robin", "/groups"),
    ("robin", "/queue"),
    ("alex", "/"),
    ("alex", "/queue"),
    ("alex", "/tasks"),
    ("alex", "/week"),
    ("alex", "/search"),
    ("alex", "/letters"),
    ("alex", "/teams"),
    ("alex", "/teams/{team}"),
    ("alex", "/cases/{case}"),
    ("alex", "/groups/agree"),
    ("max", "/reports"),
];

struct Read {
    who: &'static str,
    path: String,
    answer: Answer,
}

/// The pages of a whole trust after eighteen months, each of them twice.
async fn every_page_twice(demo: &Demo) -> Vec<[Read; 2]> {
    let robin = demo.person("Robin Wren").await;
    let me = demo.get(&robin, "/api/v1/me").await.json();
    let team = me["manages"][0]["team"].as_str().unwrap().to_owned();
    let cases = demo.get(&robin, "/api/v1/cases").await.json();
    let case = cases["cases"][0]["case"].as_str().unwrap().to_owned();
    let mut read = Vec::new();
    for (who, page) in PAGES {
        let path = page.replace("{team}", &team).replace("{case}", &case);
        let cookie = match who {
            "nobody" => String::new(),
            short => demo.cookie(short).await,
        };
        let headers = [("Cookie", cookie.as_str())];
        let once = async || Read {
            who,
            path: path.clone(),
            answer: demo.send(Method::GET, &path, None, &headers, None).await,
        };
        read.push([once().await, once().await]);
    }
    read
}

fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    let after = policy.split_once("script-src 'nonce-").unwrap().1;
    after.split_once('\'').unwrap().0.to_owned()
}

#[tokio::test]
async fn every_page_is_light_kept_by_nobody_and_runs_nothing_but_its_own_scripts() {
    let demo = Demo::start(&[]);
    let mut nonces = HashSet::new();
    for Read { who, path, answer } in every_page_twice(&demo).await.iter().flatten() {
        let named = format!("{path} of {who}");
        let expected: u16 = match (*who, path.as_str()) {
            ("nobody", "/nothing-here") => 404,
            ("robin", "/queue") => 403,
            _ => 200,
        };
        assert_eq!(answer.status, expected, "{named}");
        let bytes = answer.text.len();
        assert!(bytes < BYTES_MAX, "{named}: {bytes} bytes");
        let nonce = nonce(answer);
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        for (name, value) in [
            ("content-security-policy", policy.as_str()),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {named}");
        }
        let scripts = answer.text.matches("<script").count();
        let carried = format!("nonce=\"{nonce}\"");
        assert_eq!(answer.text.matches(&carried).count(), scripts, "{named}");
        assert!(!answer.text.contains(" style=\""), "{named}");
        assert!(nonces.insert(nonce), "{named}: a nonce came twice");
    }
}

#[tokio::test]
async fn styles_and_scripts_are_kept_for_a_year_under_an_address_that_changes_with_them() {
    let demo = Demo::start(&["--only-stroke-ward"]);
    let home = demo.send(Method::GET, "/", None, &[], None).await;
    let text = home.text.replace("&#x2f;", "/");
    let quoted = text.split('"');
    let assets: HashSet<_> = quoted.filter(|part| part.starts_with("/static/")).collect();
    assert!(assets.len() >= 4, "{assets:?}");
    for asset in assets {
        let answer = demo.send(Method::GET, asset, None, &[], None).await;
        assert_eq!(answer.status, 200, "{asset}");
        let kept = answer.header("cache-control");
        assert_eq!(kept, "public, max-age=31536000, immutable", "{asset}");
        let folder = asset.split('/').nth(2).unwrap();
        assert_eq!(folder.len(), 12, "{asset}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}
