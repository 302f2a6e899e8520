//! A body that is not JSON, or is JSON that means two things: 400.

use crate::ask::{Ask, CANARY, assert_refused, by_hand};
use crate::bodies::{TEXTS, right, right_for, spoilt};
use crate::ground::Ground;

/// One more member in the outermost object.
fn with_member(body: &str, member: &str) -> String {
    let open = body.strip_suffix('}').unwrap();
    format!("{open},{member}}}")
}

/// Bodies that are no JSON, or more than one.
#[rustfmt::skip] // a table is read by its columns
fn no_json(body: &str) -> Vec<(&'static str, Vec<u8>)> {
    let with = |member: &str| with_member(body, member).into_bytes();
    let not_utf8 = [with("\"x\":\"").as_slice(), b"\xff\xfe\"}"].concat();
    vec![
        ("nothing", Vec::new()),
        ("blanks", b"  \n".to_vec()),
        ("no JSON", CANARY.as_bytes().to_vec()),
        ("its end is missing", body.as_bytes()[..body.len() - 1].to_vec()),
        ("a brace too many", format!("{body}}}").into_bytes()),
        ("data after it", format!("{body} \"{CANARY}\"").into_bytes()),
        ("two bodies", format!("{body}{body}").into_bytes()),
        ("a byte order mark", format!("\u{feff}{body}").into_bytes()),
        ("a comment", format!("/*{CANARY}*/{body}").into_bytes()),
        ("no quotes", with(&format!("{CANARY}:1"))),
        ("single quotes", with(&format!("'{CANARY}':1"))),
        ("a comma at the end", with("")),
        ("a number out of range", with(&format!("\"{CANARY}\":1e400"))),
        ("a number with a zero before it", with("\"x\":01")),
        ("no number", with("\"x\":NaN")),
        ("half a word", with("\"x\":tru")),
        ("not UTF-8", not_utf8),
        ("UTF-16", body.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

/// Bodies that are JSON and still mean no one thing, or hide what they mean.
#[rustfmt::skip] // a table is read by its columns
fn treacherous(body: &str) -> Vec<(&'static str, Vec<u8>)> {
    let with = |member: &str| with_member(body, member).into_bytes();
    let value = |text: &str| with(&format!("\"{CANARY}\":\"{CANARY}{text}\""));
    let deep = |depth| format!("\"x\":{}\"{CANARY}\"{}", "[".repeat(depth), "]".repeat(depth));
    vec![
        ("too deep", with(&deep(128))),
        ("far too deep", with(&deep(20_000))),
        ("a name twice", with(&format!("\"{CANARY}\":1,\"{CANARY}\":1"))),
        ("a name twice, spelt otherwise", with("\"x\":1,\"\\u0078\":1")),
        ("a name twice below", with("\"x\":[{\"y\":{\"z\":1,\"z\":2}}]")),
        ("a zero character", value("\\u0000")),
        ("a zero character in a name", with(&format!("\"{CANARY}\\u0000\":1"))),
        ("a bell", value("\\u0007")),
        ("an escape", value("\\u001b[31m")),
        ("a delete", value("\\u007f")),
        ("a next line of the upper controls", value("\\u0085")),
        ("a bare line break in a text", value("\n")),
        ("an override of direction", value("\\u202e")),
        ("an override of direction, unescaped", value("\u{202e}")),
        ("an isolate of direction", value("\\u2066")),
        ("a mark of direction", value("\\u200f")),
        ("an Arabic letter mark", value("\\u061c")),
        ("half a character", value("\\ud800")),
    ]
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_on_every_route_and_saves_nothing() {
    // Each part in a program of its own, so that nobody asks too much at once.
    for part in [0..4, 4..8, 8..12] {
        let ground = Ground::new().await;
        let before = ground.seen().await;
        for (name, body) in &right(&ground)[part] {
            let text = body.to_string();
            for (what, bytes) in no_json(&text).into_iter().chain(treacherous(&text)) {
                let mut ask = ground.ask_for(name, body);
                ask.body = Some(bytes);
                let answer = ground.ask(ask).await;
                assert_refused(&answer, 400, "malformed", &format!("{name}: {what}"));
            }
        }
        assert_eq!(before, ground.seen().await);
    }
}

#[tokio::test]
async fn control_characters_and_overrides_are_refused_in_every_text() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, pointer, _, _) in TEXTS {
        for spoiler in ['\0', '\u{1b}', '\u{9b}', '\u{202e}', '\u{2067}'] {
            let text = format!("{CANARY}{spoiler}{CANARY}");
            let body = spoilt(&right_for(&ground, name), pointer, text.into());
            let ask = ground.ask_for(name, &body);
            let answer = ground.ask(ask).await;
            let what = format!("{name} {pointer} {spoiler:?}");
            assert_refused(&answer, 400, "malformed", &what);
        }
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused_however_it_is_sent() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    for (name, body) in right(&ground) {
        let long = body.to_string() + &" ".repeat(64 * 1024);
        let answer = ground.ask(ground.ask_for(name, &body).saying(&long)).await;
        assert_refused(&answer, 413, "too_large", name);
        let ask = ground.ask_for(name, &body).saying(&long);
        let answer = by_hand(&ground.demo.base, ask, true);
        assert_refused(&answer, 413, "too_large", &format!("{name} in chunks"));
    }
    assert_eq!(before, ground.seen().await);
}

#[tokio::test]
async fn a_body_of_exactly_64_kib_is_read() {
    let ground = Ground::new().await;
    let body = right_for(&ground, "acknowledge").to_string();
    let padded = format!("{body}{}", " ".repeat(64 * 1024 - body.len()));
    let ask = Ask::command(ground.lead(), &ground.case, "acknowledge", &body.into());
    ground.ask(ask.clone().saying(&padded)).await.expect(200);
}
