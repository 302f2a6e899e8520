//! Who cannot say who they are gets the same answer everywhere, whatever was wrong: 401.

use crate::ask::{Ask, CANARY, assert_identical, assert_refused};
use crate::bodies::right;
use crate::ground::Ground;

/// The same request with no token, or with one that does not hold.
fn without_a_right_token(ask: &Ask, token: &str) -> Vec<(&'static str, Ask)> {
    let bare = || ask.clone().without("Authorization");
    let header = |value: &str| bare().also("Authorization", value);
    let in_query = |name: &str| {
        let mut ask = bare();
        ask.path += &format!("?{name}={token}");
        ask
    };
    let cut = &token[..token.len() - 3];
    let (head, rest) = token.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    vec![
        ("no token", bare()),
        ("an empty header", header("")),
        ("a scheme without a token", header("Bearer")),
        ("a scheme and a blank", header("Bearer ")),
        ("another scheme", header(&format!("Basic {token}"))),
        ("no scheme", header(token)),
        ("no token at all", header(&format!("Bearer {CANARY}"))),
        ("a token cut short", header(&format!("Bearer {cut}"))),
        (
            "a token without signature",
            header(&format!("Bearer {head}.{claims}.")),
        ),
        (
            "a signature of something else",
            header(&format!("Bearer {head}.{head}.{signature}")),
        ),
        (
            "a token and more",
            header(&format!("Bearer {token} {CANARY}")),
        ),
        (
            "a token that is too long",
            header(&format!("Bearer {}", CANARY.repeat(700))),
        ),
        ("not ASCII", header(&format!("Bearer {token}é"))),
        (
            "two",
            header(&format!("Bearer {token}")).also("Authorization", &format!("Bearer {token}")),
        ),
        (
            "a good one and a bad one",
            header(&format!("Bearer {token}")).also("Authorization", CANARY),
        ),
        ("in the query", in_query("access_token")),
        ("in the query by another name", in_query("token")),
        (
            "in a cookie",
            bare().also("Cookie", &format!("access_token={token}")),
        ),
    ]
}

#[tokio::test]
async fn no_token_and_every_bad_token_get_the_same_bytes_on_every_route() {
    let ground = Ground::new().await;
    let before = ground.seen().await;
    let token = ground.manager.token.clone();
    let (case, team) = (&ground.case.id, &ground.team);
    let reads = [
        "/api/v1/me".into(),
        "/api/v1/teams".into(),
        "/api/v1/facilitators".into(),
        "/api/v1/diary".into(),
        "/api/v1/queue".into(),
        "/api/v1/letters".into(),
        "/api/v1/cases".into(),
        "/api/v1/codebook/offers".into(),
        format!("/api/v1/cases/{case}"),
        format!("/api/v1/cases/{case}/timeline"),
        format!("/api/v1/teams/{team}/timeline"),
    ];
    let mut asks: Vec<_> = reads
        .iter()
        .map(|path| Ask::get(&ground.manager, path))
        .collect();
    asks.extend(
        right(&ground)
            .iter()
            .map(|(name, body)| ground.ask_for(name, body)),
    );
    let mut first = None;
    for ask in &asks {
        for (what, bad) in without_a_right_token(ask, &token) {
            let what = format!("{} {}: {what}", ask.method, ask.path);
            let answer = ground.ask(bad).await;
            assert_refused(&answer, 401, "unauthorised", &what);
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
            assert_identical(&answer, first.get_or_insert(answer_of(&answer)), &what);
        }
    }
    assert_eq!(before, ground.seen().await);
}

fn answer_of(answer: &crate::support::demo::Answer) -> crate::support::demo::Answer {
    crate::support::demo::Answer {
        status: answer.status,
        headers: answer.headers.clone(),
        text: answer.text.clone(),
    }
}

#[tokio::test]
async fn a_flood_by_one_person_is_held_back_while_another_is_still_served() {
    let ground = Ground::new().await;
    let flood = Ask::get(&ground.manager, "/api/v1/me");
    let mut held_back = 0;
    for _ in 0..40 {
        let asked = (0..16).map(|_| ground.ask_once(flood.clone()));
        for answer in crate::repeats::all_of(asked).await {
            if answer.status != 200 {
                assert_refused(&answer, 429, "too_many", "a flood");
                let seconds: u64 = answer.header("retry-after").parse().unwrap();
                assert!((1..60).contains(&seconds), "{seconds}");
                held_back += 1;
            }
        }
        let other = ground.demo.get(&ground.facilitator, "/api/v1/me").await;
        other.expect(200);
        if held_back > 0 {
            return;
        }
    }
    panic!("640 requests at once were all answered");
}
