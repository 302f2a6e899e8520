//! What cannot wait while nobody is at work: it goes to the duty contact at once, or the receipt says so.

#![allow(clippy::unwrap_used)]

mod support;

use chrono::Duration;
use pipss_domain::working_time::at_work_from;
use serde_json::json;
use support::demo::fresh_key;
use support::letters::said;
use support::night::{Night, saturday};
use support::ward::text;

#[tokio::test]
async fn at_night_with_no_duty_contact_answer_and_receipt_say_until_when_nobody_reads_it() {
    let night = Night::falls(saturday()).await;
    let key = fresh_key();
    let raised = night.raises(&key, "yes").await;
    let read_by = json!({
        "reader": "staff_support_later", "from": at_work_from(night.began),
        "sentence": "Nobody reads this until Monday 09:00."
    });
    assert_eq!(raised["read_by"], read_by);
    let numbers: Vec<_> = raised["urgent_help"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| text(&l["number"]))
        .collect();
    assert_eq!(
        numbers,
        ["999", "111, option 2", "116 123", "SHOUT to 85258"]
    );
    night.passes(Duration::minutes(1)).await;
    let mails = night.peer.messages();
    let receipt = mails
        .iter()
        .find(|mail| said(std::slice::from_ref(mail))[0].ends_with("received"));
    let receipt = &receipt.unwrap().text;
    for line in [
        "Nobody reads this until Monday 09:00.",
        "Samaritans: 116 123",
        "Shout, by text: SHOUT to 85258",
    ] {
        assert!(receipt.contains(line), "{receipt}");
    }
    // On Monday, with a duty contact appointed meanwhile, the repeat is answered as it was.
    night.on_duty("pat").await;
    night.passes(Duration::hours(60)).await;
    assert_eq!(night.raises(&key, "yes").await["read_by"], read_by);
}

#[tokio::test]
async fn at_night_the_duty_contact_is_told_at_once_and_sees_the_request_until_it_is_triaged() {
    let night = Night::falls(saturday()).await;
    night.on_duty("pat").await;
    let usual = text(&night.raises(&fresh_key(), "no").await["case"]);
    let raised = night.raises(&fresh_key(), "yes").await;
    let case = text(&raised["case"]);
    assert_eq!(raised["read_by"]["reader"], "duty_contact");
    let told = night.passes(Duration::minutes(1)).await;
    assert_eq!(
        told.iter()
            .filter(|said| *said == "pat.curlew: on_duty")
            .count(),
        1
    );
    assert_eq!(
        told.iter().filter(|said| said.starts_with("pat")).count(),
        1
    );
    let (status, seen) = night.sees("pat", &case).await;
    assert_eq!(status, 200);
    assert_eq!(
        seen["request"]["incidents"][0]["line"],
        "Staff were attacked on the night shift."
    );
    assert_eq!(seen["next"], json!(["acknowledge"]));
    assert!(
        seen.get("triage").is_none() && seen.get("clocks").is_none(),
        "{seen}"
    );
    assert_eq!(
        night.sees("pat", &usual).await.0,
        404,
        "what can wait is none of theirs"
    );
    assert_eq!(night.sees("lee", &case).await.0, 404, "nor anyone else's");
    let triage = json!({
        "urgency": "U1", "outcome": "accept", "reason": "As told.",
        "contraindications": {
            "threat_continuing": true, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false
        }
    });
    let path = format!("/api/v1/cases/{case}/triage");
    assert_eq!(night.gives("pat", &path, 1, &triage).await, 403);
    let by = json!({ "by": "telephone" });
    let acknowledge = format!("/api/v1/cases/{case}/acknowledge");
    assert_eq!(night.gives("pat", &acknowledge, 1, &by).await, 200);
    assert_eq!(night.gives("alex", &path, 2, &triage).await, 200);
    assert_eq!(night.sees("pat", &case).await.0, 404);
}

#[tokio::test]
async fn what_was_raised_in_working_time_goes_to_the_duty_contact_when_people_go_home() {
    let tuesday = saturday() + Duration::days(3) + Duration::hours(12);
    let night = Night::falls(tuesday).await;
    night.on_duty("pat").await;
    let raised = night.raises(&fresh_key(), "yes").await;
    assert_eq!(raised["read_by"]["reader"], "staff_support");
    let told = night.passes(Duration::minutes(1)).await;
    assert!(!told.iter().any(|said| said.starts_with("pat")), "{told:?}");
    let told = night.passes(Duration::hours(4)).await;
    assert_eq!(
        told.iter().filter(|said| said.starts_with("pat")).count(),
        1,
        "{told:?}"
    );
}
