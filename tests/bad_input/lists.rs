//! Lists asked for with a cursor that is not ours, or with a query that is not known.

use crate::ask::{Ask, CANARY, assert_refused};
use crate::ground::{Ground, text};
use crate::support::demo::{Person, referral};

/// The cursor after the first item of a list.
async fn cursor(ground: &Ground, who: &Person, path: &str) -> String {
    let answer = ground.ask(Ask::get(who, &format!("{path}?limit=1"))).await;
    text(&answer.expect(200)["next"])
}

/// The lists that have pages.
fn lists(ground: &Ground) -> [String; 4] {
    [
        "/api/v1/cases".into(),
        "/api/v1/letters".into(),
        format!("/api/v1/cases/{}/timeline", ground.case.id),
        format!("/api/v1/teams/{}/timeline", ground.team),
    ]
}

#[tokio::test]
async fn a_cursor_that_was_not_given_to_this_person_for_this_list_is_refused() {
    let ground = Ground::new().await;
    ground
        .demo
        .raise(&ground.manager, &referral(&ground.team))
        .await
        .expect(201);
    let (one, other) = (ground.lead().clone(), ground.lead().clone());
    assert_ne!(one.id, other.id);
    for path in lists(&ground) {
        let good = cursor(&ground, &one, &path).await;
        let query = |cursor: &str| format!("{path}?after={cursor}");
        ground.ask(Ask::get(&one, &query(&good))).await.expect(200);
        let mut forged = good.clone().into_bytes();
        forged[40] ^= 1;
        let forged = String::from_utf8(forged).unwrap();
        let bad = [
            "",
            CANARY,
            &good[1..],
            &good[..good.len() - 4],
            &good[..32],
            &format!("{good}AAAA"),
            &forged,
            "%00",
            "AAAA",
            &CANARY.repeat(300),
            "1",
            "-1",
            "null",
            "{}",
            "eyJhIjoxfQ",
        ];
        for cursor in bad {
            let answer = ground.ask(Ask::get(&one, &query(cursor))).await;
            assert_refused(&answer, 400, "malformed", &query(cursor));
        }
        let borrowed = ground.ask(Ask::get(&other, &query(&good))).await;
        assert_refused(
            &borrowed,
            400,
            "malformed",
            &format!("{path}: another person's"),
        );
        for elsewhere in lists(&ground).iter().filter(|list| **list != path) {
            let query = format!("{elsewhere}?after={good}");
            let answer = ground.ask(Ask::get(&one, &query)).await;
            assert_refused(&answer, 400, "malformed", &query);
        }
    }
}

#[tokio::test]
async fn a_query_that_is_not_known_or_not_as_expected_is_refused() {
    let ground = Ground::new().await;
    let of_every_list = [
        "zqCANARY7x",
        "zqCANARY7x=1",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=1.5",
        "limit=1e400",
        "limit=zqCANARY7x",
        "limit=",
        "limit=99999999999999999999999",
        "limit=1&limit=2",
        "Limit=1",
        "limit=1&zqCANARY7x=1",
        "as_of=yesterday",
        "as_of=2199-01-01T00:00:00Z",
    ];
    let of_cases = [
        "state=zqCANARY7x",
        "state=",
        "state=Open",
        "urgency=U5",
        "urgency=u1",
        "team=zqCANARY7x",
        "changed_after=zqCANARY7x",
        "changed_after=2026-02-30T00:00:00Z",
        "changed_after=2026-01-01",
        "changed_after=2026-01-01T00:00:00",
        "state=open&state=open",
        "incident_ref=",
        "incident_reference=zqCANARY7x",
    ];
    for path in lists(&ground) {
        for query in of_every_list {
            let answer = ground
                .ask(Ask::get(ground.lead(), &format!("{path}?{query}")))
                .await;
            assert_refused(&answer, 422, "invalid", &format!("{path}?{query}"));
        }
    }
    for query in of_cases {
        let answer = ground
            .ask(Ask::get(ground.lead(), &format!("/api/v1/cases?{query}")))
            .await;
        assert_refused(&answer, 422, "invalid", query);
    }
}

#[tokio::test]
async fn a_filter_by_a_team_that_may_not_be_known_of_finds_nothing() {
    let ground = Ground::new().await;
    let other_manager = ground.demo.person("Val Teal").await;
    let nowhere = "00000000-0000-4000-8000-000000000000";
    for team in [ground.team.as_str(), nowhere] {
        let ask = Ask::get(&other_manager, &format!("/api/v1/cases?team={team}"));
        assert_eq!(ground.ask(ask).await.text, "{\"cases\":[],\"next\":null}");
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_not_found_and_not_repeated() {
    let ground = Ground::new().await;
    let case = &ground.case.id;
    let paths = [
        format!("/api/v1/{CANARY}"),
        format!("/api/v1/cases/{case}/{CANARY}"),
        format!("/api/v1/cases/{case}/triage/{CANARY}"),
        "/api/v1/cases/".into(),
        "/api/v1/cases/..%2fme".into(),
        "/api/v2/cases".into(),
        "/api/v1/CASES".into(),
        "/api/v1/cases%00".into(),
        "/api/v1/cases/%ff/timeline".into(),
    ];
    for path in paths {
        let answer = ground.ask(Ask::get(ground.lead(), &path)).await;
        assert_refused(&answer, 404, "not_found", &path);
    }
    for path in [
        format!("/{CANARY}"),
        format!("/cases/{case}/{CANARY}"),
        "//api/v1/cases".into(),
    ] {
        let page = ground.ask(Ask::get(ground.lead(), &path)).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(
            page.text.contains("There is nothing here") && !page.text.contains(CANARY),
            "{path}"
        );
    }
}
