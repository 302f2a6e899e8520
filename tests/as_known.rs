//! A case, a timeline and the queue as they were known on a date; and what a quarter shows of it.

mod support;

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use support::demo::{Demo, Person};

struct Ward {
    demo: Demo,
    manager: Person,
    lead: Person,
    team: String,
    case: String,
}

/// The demonstration with its story, and the stroke ward in it.
async fn ward() -> Ward {
    let demo = Demo::start(&["--only-stroke-ward"]);
    let manager = demo.person("Robin Wren").await;
    let lead = demo.person("Alex Kestrel").await;
    let me = demo.get(&manager, "/api/v1/me").await.expect(200);
    let cases = demo.get(&manager, "/api/v1/cases").await.expect(200);
    Ward {
        team: me["manages"][0]["team"].as_str().unwrap().into(),
        case: cases["cases"][0]["case"].as_str().unwrap().into(),
        demo,
        manager,
        lead,
    }
}

impl Ward {
    async fn story(&self, who: &Person, query: &str) -> Vec<Value> {
        let path = format!("/api/v1/teams/{}/timeline?limit=200{query}", self.team);
        let timeline = self.demo.get(who, &path).await.expect(200);
        timeline["entries"].as_array().unwrap().clone()
    }

    /// The end of the day on which the case was triaged.
    async fn triaged(&self) -> DateTime<Utc> {
        let story = self.story(&self.lead, "").await;
        let triaged = story
            .iter()
            .find(|entry| entry["kind"] == "CaseTriaged")
            .unwrap();
        let at: DateTime<Utc> = triaged["recorded_at"].as_str().unwrap().parse().unwrap();
        at + Duration::hours(3)
    }
}

fn query(at: DateTime<Utc>) -> String {
    at.to_rfc3339().replace('+', "%2B")
}

#[tokio::test]
async fn the_day_after_triage_shows_only_what_was_known_then() {
    let ward = ward().await;
    let then = query(ward.triaged().await);
    let story = ward.story(&ward.manager, &format!("&as_of={then}")).await;
    let kinds: Vec<_> = story
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["ReferralRaised", "ReferralAcknowledged", "CaseTriaged"]
    );

    let path = format!("/api/v1/cases/{}?as_of={then}", ward.case);
    let case = ward.demo.get(&ward.lead, &path).await.expect(200);
    assert_eq!(
        (&case["state"], &case["version"]),
        (&"open".into(), &3.into())
    );
    assert_eq!(case["offers"], Value::Array(vec![]));

    let queue = format!("/api/v1/queue?as_of={then}");
    let queue = ward.demo.get(&ward.lead, &queue).await.expect(200);
    assert_eq!(queue["cases"].as_array().unwrap().len(), 1);
    assert_eq!(queue["cases"][0]["case"], ward.case.as_str());
}

#[tokio::test]
async fn before_it_was_raised_a_case_is_not_there() {
    let ward = ward().await;
    let before = query(ward.triaged().await - Duration::days(1));
    let path = format!("/api/v1/cases/{}?as_of={before}", ward.case);
    ward.demo.get(&ward.lead, &path).await.expect(404);
    assert!(
        ward.story(&ward.lead, &format!("&as_of={before}"))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn the_future_is_refused() {
    let ward = ward().await;
    let tomorrow = query(Utc::now() + Duration::days(1));
    for path in [
        format!("/api/v1/cases/{}?as_of={tomorrow}", ward.case),
        format!("/api/v1/cases/{}/timeline?as_of={tomorrow}", ward.case),
        format!("/api/v1/queue?as_of={tomorrow}"),
    ] {
        let problem = ward.demo.get(&ward.lead, &path).await.expect(422);
        assert_eq!(problem["code"], "invalid");
    }
}

#[tokio::test]
async fn the_lead_sees_each_clock_with_a_working_that_adds_up() {
    let ward = ward().await;
    let path = format!("/api/v1/cases/{}", ward.case);
    let case = ward.demo.get(&ward.lead, &path).await.expect(200);
    let clocks = case["clocks"].as_array().unwrap();
    assert!(clocks.len() >= 6);
    for clock in clocks
        .iter()
        .filter(|clock| !clock["target_minutes"].is_null())
    {
        let parts = clock["working"].as_array().unwrap();
        let sum: i64 = parts
            .iter()
            .map(|part| part["minutes"].as_i64().unwrap())
            .sum();
        assert_eq!(Some(sum), clock["target_minutes"].as_i64(), "{clock}");
    }
    let seen = ward.demo.get(&ward.manager, &path).await.expect(200);
    assert!(seen["clocks"].is_null());
}

#[tokio::test]
async fn a_closed_quarter_counts_themes_and_withholds_what_is_too_few() {
    let ward = ward().await;
    let governance = ward.demo.person("Max Dipper").await;
    let path = format!("/api/v1/reports/quarters/{}", quarter(ward.triaged().await));
    ward.demo.move_clock(Utc::now() + Duration::days(100)).await;
    let report = ward.demo.get(&governance, &path).await.expect(200);
    let themes = report["themes"].as_array().unwrap();
    let of = |code: &str| themes.iter().find(|row| row["theme"] == code).unwrap();
    // One case is too few to be shown, and none can be shown as none.
    assert_eq!(of("psy")["any"], Value::Null);
    assert_eq!(of("gov")["any"], 0);
    assert_eq!(report["referrals"], Value::Null);
    ward.demo.get(&ward.manager, &path).await.expect(403);
    ward.demo
        .get(&governance, &format!("{path}/waits"))
        .await
        .expect(403);
    ward.demo
        .get(&ward.lead, &format!("{path}/waits"))
        .await
        .expect(200);
}

fn quarter(at: DateTime<Utc>) -> String {
    use chrono::Datelike;
    format!("{}-Q{}", at.year(), at.month0() / 3 + 1)
}
