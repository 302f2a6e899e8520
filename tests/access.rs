//! Who looked at what: kept before any answer leaves, once for each person, thing and hour, and shown to
//! those whom it concerns.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use chrono::{Datelike, Duration, Timelike, Utc};
use serde_json::{Value, json};
use support::demo::{Demo, Person, referral};
use support::private::Private;
use support::ward::{team, text};

const LEADS: [&str; 2] = ["Alex Kestrel", "Charlie Dunnock"];

/// What the auditor is shown of one thing.
async fn readings(demo: &Demo, of: &str) -> Vec<Value> {
    let toni = demo.person("Toni Godwit").await;
    let path = format!("/api/v1/access-log?object={of}&limit=200");
    let shown = demo.get(&toni, &path).await.expect(200);
    shown["readings"].as_array().unwrap().clone()
}

fn by<'r>(readings: &'r [Value], who: &Person) -> Vec<&'r Value> {
    let by = readings.iter();
    by.filter(|one| one["reader"]["person"] == who.id.as_str())
        .collect()
}

#[tokio::test]
async fn one_record_for_each_person_thing_and_hour_also_among_sixteen_at_once_and_after_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Demo::start(&["--empty", "--data", folder.path().to_str().unwrap()]);
    let demo = start();
    let sam = demo.person("Sam Heron").await;
    let ward = team(&demo, &sam, "Harbour Stroke Ward").await;
    let case = demo.raise(&sam, &referral(&ward)).await.expect(201);
    let (case, hour) = (text(&case["case"]), Utc::now().hour());
    let path = format!("/api/v1/cases/{case}");
    let mut readers = Vec::new();
    for name in LEADS {
        readers.push(demo.person(name).await);
    }
    let asking = (0..16).map(|n| demo.get(&readers[n % 2], &path));
    for answer in join_all(asking).await {
        answer.expect(200);
    }
    // Whatever was answered is kept, however the program ends.
    demo.kill();

    let demo = start();
    let of = format!("case/{case}");
    let kept = readings(&demo, &of).await;
    for reader in &readers {
        assert_eq!(by(&kept, reader).len(), 1, "{kept:?}");
    }
    let again = demo.person(LEADS[0]).await;
    demo.get(&again, &path).await.expect(200);
    let timeline = format!("{path}/timeline");
    demo.get(&again, &timeline).await.expect(200);
    let kept = readings(&demo, &of).await;
    let hours: BTreeSet<_> = kept
        .iter()
        .map(|one| (one["reader"]["person"].to_string(), one["hour"].to_string()))
        .collect();
    assert_eq!(hours.len(), kept.len(), "{kept:?}");
    if Utc::now().hour() == hour {
        assert_eq!(kept.len(), 2, "{kept:?}");
    }
    assert!(
        kept.iter()
            .all(|one| one["read_as"] == "lead" && one["what"] == "case")
    );
}

/// Waits for all of them at once.
async fn join_all<T>(asking: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut asking: Vec<_> = asking.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (one, answer) in &mut asking {
            if answer.is_none()
                && let std::task::Poll::Ready(ready) = one.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        match asking.iter().all(|(_, answer)| answer.is_some()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    asking
        .into_iter()
        .filter_map(|(_, answer)| answer)
        .collect()
}

#[tokio::test]
async fn whoever_asked_sees_who_looked_and_their_own_reading_is_not_kept() {
    let private = Private::asked(json!({})).await;
    let (demo, kim, alex) = (private.demo(), &private.kim, &private.alex);
    let mine = async || {
        let mine = demo
            .get(&private.sam, "/api/v1/my-support")
            .await
            .expect(200);
        mine["one_to_ones"][0]["who_looked"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(mine().await, Vec::<Value>::new());
    let offered = private.give(alex, "offer", json!({ "provider": kim.id }));
    offered.await.expect(200);
    private.seen(kim).await.expect(200);
    private.seen(&private.robin).await.expect(404);

    let looked = mine().await;
    let named = |who: &Person| {
        let found = looked
            .iter()
            .find(|one| one["reader"]["name"] == who.name.as_str());
        found.unwrap_or_else(|| panic!("{looked:?}"))
    };
    assert_eq!(named(kim)["read_as"], "provider");
    assert_eq!(named(alex)["read_as"], "lead");
    assert_eq!(looked.len(), 2, "{looked:?}");
    let page = demo.page("sam", "/my-support").await;
    assert!(
        page.text
            .contains("Kim Siskin, whoever provides the support"),
        "{}",
        page.text
    );

    // A page is a reading like any other.
    let charlie = &private.charlie;
    demo.page("charlie", &format!("/one-to-ones/{}", private.one))
        .await
        .expect(200);
    let looked = mine().await;
    assert_eq!(by(&looked, charlie).len(), 1, "{looked:?}");
    // Nobody else is told that anyone looked.
    let others = private.seen(alex).await.expect(200);
    assert!(others["who_looked"].is_null());
}

#[tokio::test]
async fn auditors_alone_read_the_access_log_and_raisers_who_looked_at_what_they_raised() {
    let demo = Demo::start(&["--empty"]);
    let [sam, robin, alex, kim, toni] = people(&demo).await;
    let ward = team(&demo, &sam, "Harbour Stroke Ward").await;
    let case = text(&demo.raise(&sam, &referral(&ward)).await.expect(201)["case"]);
    demo.get(&alex, &format!("/api/v1/cases/{case}"))
        .await
        .expect(200);
    for path in ["/api/v1/access-log", "/api/v1/access-log/unusual"] {
        for who in [&sam, &robin, &alex, &kim] {
            demo.get(who, path).await.expect(403);
        }
        demo.get(&toni, path).await.expect(200);
    }
    let path = format!("/api/v1/cases/{case}/readings");
    for who in [&robin, &alex, &kim] {
        demo.get(who, &path).await.expect(404);
    }
    for who in [&sam, &toni] {
        let looked = demo.get(who, &path).await.expect(200);
        let looked = looked["looked"].as_array().unwrap().clone();
        assert_eq!(by(&looked, &alex).len(), 1, "{looked:?}");
    }
    let kept = readings(&demo, "access-log").await;
    assert_eq!(by(&kept, &toni).len(), 1, "{kept:?}");
    let page = demo.page("sam", &format!("/cases/{case}/readings")).await;
    assert!(page.text.contains("Alex Kestrel"), "{}", page.text);
    let page = demo.page("toni", "/oversight/access-log").await;
    assert!(page.text.contains("Alex Kestrel"), "{}", page.text);
}

async fn people(demo: &Demo) -> [Person; 5] {
    [
        demo.person("Sam Heron").await,
        demo.person("Robin Wren").await,
        demo.person("Alex Kestrel").await,
        demo.person("Kim Siskin").await,
        demo.person("Toni Godwit").await,
    ]
}

#[tokio::test]
async fn the_log_is_read_page_by_page_and_kept_to_a_person_a_thing_or_a_day() {
    let demo = Demo::start(&["--empty"]);
    let [sam, _, alex, _, toni] = people(&demo).await;
    let ward = team(&demo, &sam, "Harbour Stroke Ward").await;
    let case = text(&demo.raise(&sam, &referral(&ward)).await.expect(201)["case"]);
    for path in ["queue", "week", "letters", &format!("cases/{case}")] {
        demo.get(&alex, &format!("/api/v1/{path}"))
            .await
            .expect(200);
    }
    demo.get(&sam, &format!("/api/v1/cases/{case}"))
        .await
        .expect(200);
    for filter in [
        "",
        &format!("&person={}", alex.id),
        &format!("&object=case/{case}"),
    ] {
        let path = format!("/api/v1/access-log?limit=200{filter}");
        let all = demo.get(&toni, &path).await.expect(200)["readings"].clone();
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/access-log?limit=1{filter}{after}");
            let page = demo.get(&toni, &path).await.expect(200);
            paged.extend(page["readings"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        // That one reads the log is the first line, from the second page on.
        let seen = |one: &&Value| one["what"] != "access_log";
        let all: Vec<_> = all
            .as_array()
            .unwrap()
            .iter()
            .filter(seen)
            .cloned()
            .collect();
        let paged: Vec<_> = paged.iter().filter(seen).cloned().collect();
        assert!(all.len() >= 2, "{filter}: {all:?}");
        assert_eq!(paged, all, "{filter}");
    }
    let today = Utc::now().date_naive();
    let on = async |day: chrono::NaiveDate| {
        let path = format!("/api/v1/access-log?day={day}");
        demo.get(&toni, &path).await.expect(200)["readings"]
            .as_array()
            .unwrap()
            .len()
    };
    let (days, before) = (on(today).await, on(today - Duration::days(2)).await);
    assert!(days >= 5, "{days}");
    assert_eq!(before, 0);
    demo.get(&toni, "/api/v1/access-log?after=forged")
        .await
        .expect(400);
    demo.get(&toni, "/api/v1/access-log?limit=201")
        .await
        .expect(422);
}

#[tokio::test]
async fn reading_at_the_weekend_what_one_does_not_work_on_is_shown_with_the_reason() {
    let demo = Demo::start(&["--empty"]);
    let [sam, _, alex, _, toni] = people(&demo).await;
    let charlie = demo.person("Charlie Dunnock").await;
    let ward = team(&demo, &sam, "Harbour Stroke Ward").await;
    let case = text(&demo.raise(&sam, &referral(&ward)).await.expect(201)["case"]);
    demo.command(&alex, &case, "acknowledge", &json!({ "by": "telephone" }))
        .await
        .expect(200);
    let now = Utc::now();
    let to_saturday = 13 - i64::from(now.weekday().num_days_from_monday());
    let saturday = (now + Duration::days(to_saturday)).with_hour(12).unwrap();
    demo.move_clock(saturday).await;
    for who in [&alex, &charlie] {
        demo.get(who, &format!("/api/v1/cases/{case}"))
            .await
            .expect(200);
    }
    let unusual = demo
        .get(&toni, "/api/v1/access-log/unusual")
        .await
        .expect(200);
    let findings = unusual["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{unusual}");
    assert_eq!(findings[0]["rule"], "out_of_hours");
    assert_eq!(findings[0]["reader"]["name"], charlie.name.as_str());
    assert!(text(&findings[0]["because"]).contains("weekend"));
    let page = demo.page("toni", "/oversight/access-log").await;
    assert!(page.text.contains("or at a weekend"), "{}", page.text);
}

#[tokio::test]
async fn an_auditor_who_manages_a_unit_learns_here_of_nothing_that_is_private() {
    let private = Private::asked(json!({})).await;
    let demo = private.demo();
    let (alex, robin) = (&private.alex, &private.robin);
    private.seen(alex).await.expect(200);
    let toni = demo.person("Toni Godwit").await;
    let kinds = async |who: &Person| -> BTreeSet<String> {
        let shown = demo
            .get(who, "/api/v1/access-log?limit=200")
            .await
            .expect(200);
        let readings = shown["readings"].as_array().unwrap().clone();
        readings.iter().map(|one| text(&one["what"])).collect()
    };
    let proposal = json!({ "email": "robin.wren@example.test", "role": "auditor" });
    let proposed = private.post(alex, "grants", &proposal).await;
    assert!(proposed.status.is_success(), "{}", proposed.text);
    let approve = format!("grants/{}/approve", robin.id);
    let approved = private
        .post(&toni, &approve, &json!({ "role": "auditor" }))
        .await;
    approved.expect(200);
    assert!(kinds(&toni).await.contains("one_to_one"));
    let shown = kinds(robin).await;
    assert!(
        shown.contains("people") || shown.contains("access_log"),
        "{shown:?}"
    );
    for private in ["one_to_one", "one_to_ones", "escalation", "supervision"] {
        assert!(!shown.contains(private), "{shown:?}");
    }
}
