//! A case is found by its reference in the local incident system, by whoever may read that reference.

mod support;

use support::demo::{Demo, referral};

#[tokio::test]
async fn a_case_is_found_by_its_local_reference_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--empty", "--data", folder.path().to_str().unwrap()];
    let mut demo = Demo::start(&options);
    let sam = demo.person("Sam Heron").await;
    let teams = demo.get(&sam, "/api/v1/teams").await.expect(200);
    let teams = teams["teams"].as_array().unwrap().clone();
    let ward = teams
        .iter()
        .find(|team| team["name"] == "Harbour Stroke Ward")
        .unwrap();
    let mut asked = referral(ward["team"].as_str().unwrap());
    asked["incidents"][0]["local_ref"] = "Datix 20417/B".into();
    let raised = demo.raise(&sam, &asked).await.expect(201);

    for round in 0..2 {
        let found = async |who: &str, reference: &str| {
            let who = demo.person(who).await;
            let path = format!("/api/v1/cases?incident_ref={reference}");
            let cases = demo.get(&who, &path).await.expect(200);
            cases["cases"].as_array().unwrap().clone()
        };
        for who in ["Alex Kestrel", "Sam Heron"] {
            let cases = found(who, "Datix%2020417/B").await;
            assert_eq!(cases.len(), 1, "{who}, round {round}");
            assert_eq!(cases[0]["case"], raised["case"]);
            assert!(found(who, "Datix").await.is_empty());
        }
        // The ward's manager sees the case, but did not write the reference and may not read it.
        assert!(found("Robin Wren", "Datix%2020417/B").await.is_empty());
        // An address is not a reference.
        assert!(
            found("Alex Kestrel", "sam.heron@example.test")
                .await
                .is_empty()
        );
        if round == 0 {
            demo.interrupt();
            demo = Demo::start(&options);
        }
    }
}
