//! Anonymous feedback from end to end: codes handed out, answers given by nobody, what is kept and shown.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use pipss_domain::feedback::week_of;
use pipss_domain::history::{Fact, Who};
use pipss_domain::stream::{Log, LogId, Stream};
use pipss_store::{EventStore, Options, Purpose, SledStore};
use reqwest::Method;
use serde_json::{Value, json};
use support::demo::{Answer, Demo, Person};
use support::pathway::Trust;
use tempfile::TempDir;

/// A trust with a session that has begun.
struct Begun {
    trust: Trust,
    case: String,
    path: String,
    folder: TempDir,
}

async fn begun() -> Begun {
    let begun = arranged().await;
    let started = begun.trust.now + Duration::days(2) + Duration::hours(1);
    begun.trust.demo.move_clock(started).await;
    begun
}

async fn arranged() -> Begun {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let trust = Trust::over(Demo::start(&["--empty", "--data", data])).await;
    let case = trust.raise().await;
    let session = trust.arrange(&case).await;
    let path = format!("/api/v1/cases/{case}/sessions/{session}/feedback-codes");
    Begun {
        trust,
        case,
        path,
        folder,
    }
}

impl Begun {
    async fn ask(&self, who: &Person, how_many: Value) -> Answer {
        let body = json!({ "how_many": how_many });
        let demo = &self.trust.demo;
        demo.send(Method::POST, &self.path, Some(who), &[], Some(&body))
            .await
    }

    async fn codes(&self, who: &Person, how_many: usize) -> Vec<String> {
        let codes = self.ask(who, json!(how_many)).await.expect(200)["codes"].clone();
        let codes: Vec<String> = serde_json::from_value(codes).unwrap();
        assert_eq!(codes.len(), how_many);
        codes
    }

    /// Answers without signing in; a flood is answered as it is.
    async fn give(&self, body: &Value) -> Answer {
        let demo = &self.trust.demo;
        let sent = demo.try_send(Method::POST, "/api/v1/feedback", None, &[], Some(body));
        sent.await.unwrap()
    }

    async fn report(&self, who: &Person, quarter: &str) -> Answer {
        let path = format!("/api/v1/reports/feedback?quarter={quarter}");
        self.trust.demo.get(who, &path).await
    }

    /// What the feedback log holds, once the program has ended.
    fn log(self) -> Vec<Fact> {
        self.trust.demo.kill();
        let options = Options::new(self.folder.path(), Purpose::Demo);
        let store = SledStore::open(options, Box::new(|_| {})).unwrap();
        let log = LogId {
            organisation: pipss::demo::people::organisation(),
            log: Log::Feedback,
        };
        store.log(log, 0, 1000).unwrap()
    }
}

fn answers(code: &str) -> Value {
    json!({ "code": code, "helpful": 4, "safe_to_speak": 5, "know_where_to_get_help": "yes",
            "timing": "right", "would_recommend": "yes" })
}

fn with(code: &str, field: &str, value: Value) -> Value {
    let mut body = answers(code);
    body[field] = value;
    body
}

fn quarter(at: DateTime<Utc>) -> String {
    format!("{}-Q{}", at.year(), at.month0() / 3 + 1)
}

/// Well within the quarter after.
fn next_quarter(at: DateTime<Utc>) -> DateTime<Utc> {
    let first = NaiveDate::from_ymd_opt(at.year(), at.month0() / 3 * 3 + 1, 1).unwrap();
    let day = first + Months::new(3) + Duration::days(8);
    day.and_hms_opt(12, 0, 0).unwrap().and_utc()
}

#[tokio::test]
async fn codes_are_given_to_whoever_holds_the_session_once_it_has_begun() {
    let begun = arranged().await;
    let trust = &begun.trust;
    let early = begun.ask(&trust.facilitator, json!(3)).await;
    assert_eq!(early.expect(409)["code"], "session_not_begun");
    let started = trust.now + Duration::days(2) + Duration::hours(1);
    trust.demo.move_clock(started).await;
    begun.codes(&trust.facilitator, 40).await;
    begun.codes(&trust.lead, 1).await;
    begun.ask(&trust.manager, json!(3)).await.expect(403);
    begun.ask(&trust.other_manager, json!(3)).await.expect(404);
    for how_many in [json!(0), json!(41), json!(-1), json!("3"), Value::Null] {
        begun.ask(&trust.facilitator, how_many).await.expect(422);
    }
    let before = trust.case(&trust.lead, &begun.case).await["version"].clone();
    begun.codes(&trust.facilitator, 9).await;
    assert_eq!(
        trust.case(&trust.lead, &begun.case).await["version"],
        before
    );
}

#[tokio::test]
async fn a_session_that_was_not_held_has_no_codes() {
    let begun = begun().await;
    let session = begun.path.split('/').nth(6).unwrap().to_owned();
    let body = json!({ "session": session, "reason": "nobody_came" });
    let told = begun
        .trust
        .lead(&begun.case, "record-session-not-held", body);
    told.await.expect(200);
    let refused = begun.ask(&begun.trust.lead, json!(3)).await;
    assert_eq!(refused.expect(409)["code"], "session_not_begun");
}

#[tokio::test]
async fn a_code_works_once_and_the_same_again_is_the_same_answer() {
    let begun = begun().await;
    let codes = begun.codes(&begun.trust.facilitator, 2).await;
    let first = begun.give(&answers(&codes[0])).await;
    assert_eq!(first.expect(200), json!({ "kept": true }));
    let typed = codes[0].to_lowercase().replace('-', " ");
    assert_eq!(begun.give(&answers(&typed)).await.text, first.text);
    let other = begun.give(&with(&codes[0], "helpful", json!(1))).await;
    assert_eq!(other.expect(409)["code"], "code_used");
    begun.give(&answers(&codes[1])).await.expect(200);
    assert_eq!(begun.log().len(), 2);
}

#[tokio::test]
async fn what_is_kept_says_the_week_and_the_kind_and_tells_no_two_answers_apart() {
    let begun = begun().await;
    let codes = begun.codes(&begun.trust.facilitator, 3).await;
    let different = [
        answers(&codes[0]),
        with(&codes[1], "timing", json!("too_late")),
        with(&codes[2], "would_recommend", json!("no")),
    ];
    for body in &different {
        begun.give(body).await.expect(200);
    }
    let week = week_of(begun.trust.now + Duration::days(2) + Duration::hours(1));
    let told_by = [
        begun.case.clone(),
        begun.path.split('/').nth(6).unwrap().to_owned(),
    ];
    let team = begun.trust.team.clone();
    let facts = begun.log();
    let plain = |fact: &Fact| {
        let mut event = serde_json::to_value(&fact.event).unwrap();
        let sealed = event["data"]["answers"].take();
        let length = sealed["sealed"].as_str().unwrap().len();
        (event.to_string(), sealed["key"].clone(), length)
    };
    assert_eq!(facts.len(), 3);
    for fact in &facts {
        assert_eq!((fact.occurred_at, fact.recorded_at), (week, week));
        assert_eq!(fact.who, Who::Program);
        assert!(matches!(fact.stream, Stream::Feedback(_)) && fact.version == 1);
        assert_eq!(plain(fact), plain(&facts[0]));
        let all = format!("{fact:?} {}", plain(fact).0);
        for secret in told_by.iter().chain([&team]).chain(&codes) {
            assert!(!all.contains(secret.as_str()), "{all}");
        }
    }
    let expected = json!({ "kind": "FeedbackGiven",
                           "data": { "offer_kind": "petr_debrief", "answers": null } });
    assert_eq!(plain(&facts[0]).0, expected.to_string());
}

#[tokio::test]
async fn every_code_that_is_not_good_gets_the_same_answer_and_none_is_guessed_from_another() {
    let begun = begun().await;
    let code = begun.codes(&begun.trust.facilitator, 1).await.remove(0);
    let malformed = begun.give(&answers("no code at all")).await;
    malformed.expect(422);
    let mut guesses: Vec<String> = ["", "00000-00000-0000", "É", &code[1..]]
        .map(str::to_owned)
        .into();
    for n in (0..code.len()).filter(|n| &code[*n..=*n] != "-") {
        let other = if &code[n..=n] == "7" { "8" } else { "7" };
        guesses.push(format!("{}{other}{}", &code[..n], &code[n + 1..]));
    }
    assert_eq!(guesses.len(), 18);
    for guess in guesses {
        let answer = begun.give(&answers(&guess)).await;
        assert_eq!(
            (answer.status, &answer.text),
            (malformed.status, &malformed.text),
            "{guess}"
        );
    }
    begun.give(&answers(&code)).await.expect(200);
}

#[tokio::test]
async fn a_code_is_good_for_thirteen_weeks_and_not_for_more() {
    let begun = begun().await;
    let codes = begun.codes(&begun.trust.facilitator, 2).await;
    let issued = begun.trust.now + Duration::days(2);
    let monday = week_of(issued);
    begun
        .trust
        .demo
        .move_clock(monday + Duration::weeks(13) - Duration::hours(2))
        .await;
    begun.give(&answers(&codes[0])).await.expect(200);
    begun
        .trust
        .demo
        .move_clock(monday + Duration::weeks(13) + Duration::hours(2))
        .await;
    begun.give(&answers(&codes[1])).await.expect(422);
}

#[tokio::test]
async fn bad_input_is_refused_and_keeps_nothing() {
    let begun = begun().await;
    let code = begun.codes(&begun.trust.facilitator, 1).await.remove(0);
    for (field, value) in [
        ("helpful", json!(0)),
        ("safe_to_speak", json!(6)),
        ("helpful", json!("4")),
        ("timing", json!("now")),
        ("would_recommend", json!(true)),
        ("code", json!(7)),
    ] {
        let answer = begun.give(&with(&code, field, value)).await.expect(422);
        assert_eq!(answer["errors"][0]["pointer"], format!("/{field}"));
    }
    begun
        .give(&with(&code, "name", json!("Robin")))
        .await
        .expect(422);
    let mut less = answers(&code);
    less.as_object_mut().unwrap().remove("timing");
    begun.give(&less).await.expect(422);
    begun
        .give(&with(&code, "code", json!("\u{202e}")))
        .await
        .expect(400);
    let long = "x".repeat(70_000);
    begun
        .give(&with(&code, "code", json!(long)))
        .await
        .expect(413);
    assert_eq!(begun.log().len(), 0);
}

#[tokio::test]
async fn seven_answers_show_nothing_and_eight_do() {
    let begun = begun().await;
    let trust = &begun.trust;
    let governance = trust.demo.person("Max Dipper").await;
    let first = trust.now + Duration::days(2);
    let then = next_quarter(first);
    // Where the week began in the quarter before, it counts there.
    let (few, enough) = (quarter(week_of(first)), quarter(then));
    for code in begun.codes(&trust.facilitator, 7).await {
        begun.give(&answers(&code)).await.expect(200);
    }
    trust.demo.move_clock(then).await;
    for code in begun.codes(&trust.lead, 8).await {
        begun.give(&answers(&code)).await.expect(200);
    }
    begun.report(&governance, &enough).await.expect(404);
    trust.demo.move_clock(next_quarter(then)).await;
    let petr = async |quarter: &str| {
        let report = begun.report(&governance, quarter).await.expect(200);
        assert_eq!(report["kinds"].as_array().unwrap().len(), 5);
        report["kinds"][0].clone()
    };
    let hidden = petr(&few).await;
    for (name, value) in hidden
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "kind")
    {
        assert!(value.is_null(), "{name} is shown of seven answers");
    }
    assert_eq!(
        petr(&enough).await,
        json!({
            "kind": "petr_debrief", "answers": 8, "helpful": [0, 0, 0, 8, 0], "safe_to_speak": [0, 0, 0, 0, 8],
            "know_where_to_get_help": { "yes": 8, "no": 0 },
            "timing": { "too_soon": 0, "right": 8, "too_late": 0 },
            "would_recommend": { "yes": 8, "no": 0 }
        })
    );
    for wrong in ["2026", "x", "2026-Q5"] {
        begun.report(&governance, wrong).await.expect(404);
    }
}

#[tokio::test]
async fn a_flood_from_one_address_is_stopped_and_stops_nobody_who_signed_in() {
    let begun = begun().await;
    let mut answered = 0;
    let refused = loop {
        let answer = begun.give(&answers("guess")).await;
        match answer.status.as_u16() {
            422 => answered += 1,
            429 => break answer,
            other => panic!("{other}"),
        }
        assert!(answered < 500, "nobody stops it");
    };
    assert!(answered >= 40, "a room full of people may answer at once");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(refused.json()["code"], "too_many");
    let me = begun.trust.demo.get(&begun.trust.lead, "/api/v1/me").await;
    me.expect(200);
}
