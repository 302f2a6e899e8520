//! Eighteen months of made-up work, counted from outside: does it have the shapes it promises?

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use serde_json::{Value, json};
use support::demo::{Demo, Person};
use support::readme;
use support::smtp::SmtpPeer;

const DAYS: i64 = 548;

/// The demonstration as `make demo` starts it, and every case as the lead reads it.
struct Told {
    demo: Demo,
    lead: Person,
    cases: Vec<Value>,
}

async fn told(more: &[&str]) -> Told {
    let demo = tokio::task::block_in_place(|| Demo::start(more));
    let lead = demo.person("Alex Kestrel").await;
    let mut cases = Vec::new();
    let mut page = demo.get(&lead, "/api/v1/cases?limit=200").await.expect(200);
    for line in page["cases"].as_array_mut().unwrap() {
        let path = format!("/api/v1/cases/{}", line["case"].as_str().unwrap());
        cases.push(demo.get(&lead, &path).await.expect(200));
    }
    assert!(page["next"].is_null(), "one page holds them all");
    Told { demo, lead, cases }
}

fn at(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

fn all(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// When the latest dated incident of a case happened.
fn incident(case: &Value) -> Option<DateTime<Utc>> {
    all(&case["request"]["incidents"])
        .filter_map(|incident| at(&incident["occurred"]["at"]))
        .max()
}

fn sessions(case: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    all(&case["offers"]).flat_map(|offer| all(&offer["sessions"]).map(move |s| (offer, s)))
}

fn median(mut hours: Vec<i64>) -> f64 {
    assert!(hours.len() > 50, "only {}", hours.len());
    hours.sort_unstable();
    i64::midpoint(hours[(hours.len() - 1) / 2], hours[hours.len() / 2]) as f64 / 24.0
}

#[track_caller]
fn near(what: &str, found: f64, low: f64, high: f64) {
    println!("{what}: {found:.2}");
    assert!(
        (low..=high).contains(&found),
        "{what}: {found} is not within {low} to {high}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn eighteen_months_have_the_shapes_of_published_programmes_and_come_out_the_same_twice() {
    let post = SmtpPeer::start("ok");
    let smtp = format!("127.0.0.1:{}", post.port);
    let with_post = ["--smtp", smtp.as_str()];
    let (first, second) = tokio::join!(
        async { tokio::spawn(told(&[])).await.unwrap() },
        told(&with_post)
    );
    counts(&first.cases);
    waits(&first.cases);
    asked_on_mondays(&first.cases);
    states(&first).await;
    trust(&first).await;
    no_flood(&second, post).await;
    assert!(
        story(&first.cases) == story(&second.cases),
        "the same day, another story"
    );
    readme::walk(&first.demo.base);
}

/// The story is drawn anew for every day, and sessions go to the next working day on which two are free:
/// how near is near enough holds for any day.
fn counts(cases: &[Value]) {
    let a_year = cases.len() as f64 * 365.0 / DAYS as f64;
    near("referrals a year", a_year, 60.0, 70.0);
    let mut teams: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        *teams
            .entry(case["team"]["name"].as_str().unwrap())
            .or_default() += 1;
    }
    let mut most: Vec<_> = teams.values().copied().collect();
    most.sort_unstable_by(|a, b| b.cmp(a));
    let five = most.iter().take(5).sum::<usize>() as f64 / cases.len() as f64;
    near("share of the five teams that ask most", five, 0.3, 0.55);
    let planned: Vec<_> = cases
        .iter()
        .map(|case| all(&case["offers"]).count())
        .filter(|n| *n > 0)
        .collect();
    let several = planned.iter().filter(|n| **n > 1).count() as f64 / planned.len() as f64;
    near("plans with more than one offer", several, 0.22, 0.4);
    let states: Vec<_> = cases
        .iter()
        .flat_map(sessions)
        .map(|(_, s)| s["state"].as_str().unwrap())
        .collect();
    let number = |state| states.iter().filter(|s| **s == state).count() as f64;
    near(
        "sessions not held",
        number("not_held") / (number("held") + number("not_held")),
        0.07,
        0.17,
    );
    assert!(number("cancelled") > 0.0);
}

fn waits(cases: &[Value]) {
    let lags = cases
        .iter()
        .filter_map(|case| Some((at(&case["raised_at"])? - incident(case)?).num_hours()));
    near(
        "median days from incident to referral",
        median(lags.collect()),
        1.5,
        2.5,
    );
    let held = |(offer, session): &(&Value, &Value)| {
        offer["kind"] == "petr_debrief" && session["state"] == "held"
    };
    let first = |case: &Value| {
        let starts = sessions(case)
            .filter(held)
            .filter_map(|(_, s)| at(&s["starts_at"]))
            .min()?;
        Some((starts - incident(case)?).num_hours())
    };
    near(
        "median day of a PETR debrief",
        median(cases.iter().filter_map(first).collect()),
        9.5,
        13.0,
    );
}

fn asked_on_mondays(cases: &[Value]) {
    let mut days = [0; 7];
    for case in cases {
        let day = pipss_domain::calendar::day_in_london(at(&case["raised_at"]).unwrap());
        days[day.weekday().num_days_from_monday() as usize] += 1;
    }
    println!("by day of the week: {days:?}");
    assert!(days[1..].iter().all(|day| days[0] > *day), "{days:?}");
}

type Stands = (&'static str, Box<dyn Fn(&Value) -> bool>);

/// How a case that waits can stand.
fn stands(now: DateTime<Utc>) -> Vec<Stands> {
    let none = |value: &Value| all(value).next().is_none();
    let open = |case: &Value| case["state"] == "open";
    let offer =
        |state: &'static str| move |case: &Value| all(&case["offers"]).any(|o| o["state"] == state);
    let session = |test: fn(&Value, DateTime<Utc>) -> bool| {
        move |case: &Value| sessions(case).any(|(_, session)| test(session, now))
    };
    vec![
        (
            "unanswered",
            Box::new(|case| case["acknowledged_at"].is_null()),
        ),
        (
            "answered, to be triaged",
            Box::new(|case| case["state"] == "raised" && !case["acknowledged_at"].is_null()),
        ),
        (
            "to be scoped",
            Box::new(move |case| open(case) && none(&case["scoping"])),
        ),
        (
            "to be planned",
            Box::new(move |case| !none(&case["scoping"]) && none(&case["offers"])),
        ),
        (
            "to be arranged",
            Box::new(move |case| !none(&case["offers"]) && sessions(case).next().is_none()),
        ),
        ("arranged", Box::new(offer("arranged"))),
        (
            "to come",
            Box::new(session(|s, now| {
                s["state"] == "arranged" && at(&s["starts_at"]).unwrap() > now
            })),
        ),
        (
            "to be recorded",
            Box::new(session(|s, now| {
                s["state"] == "arranged" && at(&s["starts_at"]).unwrap() < now
            })),
        ),
        (
            "not held",
            Box::new(session(|s, _| s["state"] == "not_held")),
        ),
        ("held", Box::new(offer("held"))),
        ("done", Box::new(offer("done"))),
        ("handed over", Box::new(offer("handed_over"))),
    ]
}

/// The queue and the list of cases hold work in every state.
async fn states(told: &Told) {
    let queue = told.demo.get(&told.lead, "/api/v1/queue").await.expect(200);
    let waiting: BTreeSet<_> = all(&queue["cases"])
        .map(|line| line["case"].to_string())
        .collect();
    let waiting: Vec<_> = told
        .cases
        .iter()
        .filter(|case| waiting.contains(&case["case"].to_string()))
        .collect();
    for (name, stands) in &stands(Utc::now()) {
        assert!(
            waiting.iter().any(|case| stands(case)),
            "nothing waits that is {name}"
        );
    }
    for state in ["to_confirm", "due"] {
        assert!(
            all(&queue["tasks"]).any(|task| task["state"] == state),
            "{state}"
        );
    }
    for state in ["raised", "open", "closed", "merged"] {
        assert!(
            told.cases.iter().any(|case| case["state"] == state),
            "{state}"
        );
    }
}

/// The whole trust is there, and whoever manages the ward that asks most can be acted as.
async fn trust(told: &Told) {
    let units = told.demo.get(&told.lead, "/api/v1/teams").await.expect(200);
    let of = |level: &str| {
        all(&units["teams"])
            .filter(|unit| unit["level"] == level)
            .count()
    };
    assert_eq!([of("directorate"), of("service"), of("team")], [6, 25, 134]);
    let val = told.demo.person("Val Teal").await;
    let seen = told.demo.get(&val, "/api/v1/cases").await.expect(200);
    assert!(all(&seen["cases"]).count() > 5);
    assert!(all(&seen["cases"]).all(|case| case["team"]["name"] == "Ash Ward"));
}

/// What lies in the past counts as posted then; a mail server that is given now gets today's letters only.
async fn no_flood(told: &Told, post: SmtpPeer) {
    let ahead = json!({ "to": Utc::now() + Duration::seconds(5) });
    let moved = told.demo.send(
        reqwest::Method::POST,
        "/demo/clock",
        None,
        &[],
        Some(&ahead),
    );
    moved.await.expect(200);
    let posted = post.messages().len();
    assert!(posted < 15, "{posted} letters at once");
    let letters = told
        .demo
        .get(&told.lead, "/api/v1/letters?limit=200")
        .await
        .expect(200);
    assert_eq!(
        all(&letters["letters"]).count(),
        200,
        "there are many letters"
    );
    assert!(all(&letters["letters"]).all(|letter| letter["state"] == "sent"));
}

/// A story without the ids and references that chance gives, and without the seconds the machine took.
fn story(cases: &[Value]) -> BTreeSet<String> {
    cases
        .iter()
        .map(|case| {
            let minute = |value: &Value| at(value).map(|at| at.format("%F %H:%M").to_string());
            let held = |(offer, session): (&Value, &Value)| {
                (
                    offer["kind"].clone(),
                    minute(&session["starts_at"]),
                    session["state"].clone(),
                    session["record"]["headcount"].clone(),
                )
            };
            let offers: Vec<_> = all(&case["offers"])
                .map(|o| (o["kind"].clone(), o["state"].clone()))
                .collect();
            let day = at(&case["raised_at"]).map(|at| at.date_naive() as NaiveDate);
            let lines: Vec<_> = all(&case["request"]["incidents"])
                .map(|i| i["line"].clone())
                .collect();
            let sessions: Vec<_> = sessions(case).map(held).collect();
            format!(
                "{day:?} {} {} {offers:?} {lines:?} {sessions:?}",
                case["team"]["name"], case["state"]
            )
        })
        .collect()
}
