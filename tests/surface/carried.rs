//! What every answer carries, whichever part of the program gives it.

use reqwest::redirect::Policy;
use reqwest::{Client, Method};

use crate::raw::served;
use crate::support::program::Trust;

/// One of each kind: answers of the API, refusals, its documentation, pages, files of pages, nothing.
const ASKED: [(&str, &str); 14] = [
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/nothing"),
    ("PUT", "/api/v1/me"),
    ("POST", "/api/v1/feedback"),
    ("POST", "/api/v1/referrals"),
    ("GET", "/api/v1/docs/"),
    ("GET", "/api/v1/docs/swagger-ui-bundle.js"),
    ("GET", "/"),
    ("GET", "/sign-in"),
    ("GET", "/cases"),
    ("POST", "/cases"),
    ("GET", "/nothing"),
    ("TRACE", "/"),
];

#[tokio::test]
async fn every_answer_keeps_browsers_from_doing_what_is_not_needed() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    for (method, path) in ASKED {
        let method: Method = method.parse().unwrap();
        let request = client.request(method, format!("{}{path}", served.base));
        let answer = request.send().await.unwrap();
        let said = |name: &str| {
            let mut values = answer.headers().get_all(name).iter();
            let value = values.next().map_or("", |value| value.to_str().unwrap());
            assert!(values.next().is_none(), "{path}: {name} stands twice");
            value
        };
        let policy = said("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(policy.contains("default-src"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains('*'),
            "{path}: {policy}"
        );
        assert_eq!(said("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(said("x-frame-options"), "DENY", "{path}");
        assert_eq!(said("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(
            said("cross-origin-resource-policy"),
            "same-origin",
            "{path}"
        );
        assert!(
            ["no-referrer", "same-origin"].contains(&said("referrer-policy")),
            "{path}"
        );
        assert!(said("permissions-policy").contains("camera=()"), "{path}");
        assert!(
            said("strict-transport-security").starts_with("max-age="),
            "{path}"
        );
        assert!(!said("cache-control").is_empty(), "{path}");
        assert!(said("access-control-allow-origin").is_empty(), "{path}");
        assert!(
            said("server").is_empty() && said("x-powered-by").is_empty(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_but_files_that_say_nothing_of_anyone_is_kept_by_a_browser() {
    let trust = Trust::new();
    let served = served(&trust, "");
    for (method, path) in ASKED {
        let method: Method = method.parse().unwrap();
        let request = Client::new().request(method, format!("{}{path}", served.base));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn every_answer_says_what_it_is_and_in_which_letters() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    for (method, path) in ASKED {
        let method: Method = method.parse().unwrap();
        let request = client.request(method, format!("{}{path}", served.base));
        let answer = request.send().await.unwrap();
        let media_type = answer.headers().get("content-type").cloned();
        if answer.content_length() == Some(0) || answer.status().is_redirection() {
            continue;
        }
        let media_type = media_type.unwrap_or_else(|| panic!("{path} has no type"));
        let media_type = media_type.to_str().unwrap();
        let text = media_type.starts_with("text/");
        assert!(
            !text || media_type.contains("charset=utf-8") || path.contains("/docs/"),
            "{path}: {media_type}"
        );
    }
}
