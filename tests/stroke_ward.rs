//! The stroke ward's case, seen from outside: over HTTP, and in the e-mail that people receive.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use support::demo::referral;
use support::letters::{called_by_time, carried, only_leads_are_told_and_once};
use support::silence::{forbidden, says};
use support::smtp::Received;
use support::ward::{AIMS, CHANGED, LINE, NOTE, PREFERRED, REASON, Ward, team, text};

#[tokio::test]
async fn the_manager_gets_a_random_reference_and_can_follow_it() {
    let ward = Ward::raised().await;
    let code = ward.reference.strip_prefix("PS-").unwrap();
    let plain = |c: char| c == '-' || (c.is_ascii_alphanumeric() && !"ILO".contains(c));
    assert!(code.len() == 11 && code.chars().all(plain), "{code}");
    let case = ward.case(&ward.robin).await;
    assert_eq!(case["reference"], ward.reference);
    assert_eq!(case["request"]["incidents"][0]["line"], LINE);
    assert_eq!(case["next"], json!([]));
    let again = ward.demo.raise(&ward.robin, &ward.referral()).await;
    assert_ne!(again.expect(201)["reference"], ward.reference);
}

#[tokio::test]
async fn the_lead_finds_it_first_in_the_queue() {
    let ward = Ward::raised().await;
    let ash = team(&ward.demo, &ward.robin, "Ash Ward").await;
    let val = ward.demo.person("Val Teal").await;
    ward.demo.raise(&val, &referral(&ash)).await.expect(201);
    let queue = ward.demo.get(&ward.alex, "/api/v1/queue").await.expect(200);
    assert_eq!(queue["cases"][0]["reference"], ward.reference);
    assert_eq!(queue["cases"][0]["urgency"], "U1");
    assert_eq!(queue["cases"][0]["next"], json!(["acknowledge", "triage"]));
}

#[tokio::test]
async fn triage_suggests_u1_because_of_the_safety_flag() {
    let ward = Ward::scoped().await;
    let triage = &ward.case(&ward.alex).await["triage"];
    assert_eq!(triage["suggested"], "U1");
    assert_eq!(triage["because"], json!(["safety_flag"]));
    assert_eq!(triage["urgency"], "U1");
}

#[tokio::test]
async fn five_offers_of_five_owners_stand_in_one_case() {
    let ward = Ward::planned().await;
    let case = ward.case(&ward.robin).await;
    let offers = case["offers"].as_array().unwrap();
    let owners: BTreeSet<_> = offers.iter().map(|offer| text(&offer["owner"])).collect();
    assert_eq!((offers.len(), owners.len()), (5, 5));
    assert!(offers.iter().all(|offer| offer["state"] == "planned"));
    assert_eq!(case["request"]["asked_for"], json!(["petr_debrief"]));
}

#[tokio::test]
async fn exactly_the_letters_that_are_owed_arrive() {
    let ward = Ward::closed().await;
    let mails = ward.post.messages();
    let (by_time, by_fact): (Vec<_>, Vec<_>) = mails.iter().partition(|mail| called_by_time(mail));
    let mut got: Vec<_> = by_fact.into_iter().map(to_and_subject).collect();
    got.sort();
    let mut wanted: Vec<_> = [
        ("robin.wren", "We have received your request"),
        ("alex.kestrel", "Please look at this now"),
        ("charlie.dunnock", "Please look at this now"),
        ("alex.kestrel", "You are asked to help"),
        ("kim.siskin", "You are asked to help"),
        ("robin.wren", "Something has been arranged"),
        ("robin.wren", "A request has been closed"),
    ]
    .map(|(to, subject)| {
        let subject = format!("{subject} ({})", ward.reference);
        (format!("{to}@example.test"), subject)
    })
    .into();
    wanted.sort();
    assert_eq!(got, wanted);
    only_leads_are_told_and_once(&by_time);
    let ids: BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), mails.len());
    let letters = ward.demo.get(&ward.alex, "/api/v1/letters").await;
    let letters = letters.expect(200)["letters"].as_array().unwrap().clone();
    assert!(letters.iter().all(|letter| letter["state"] == "sent"));
    assert_eq!(letters.len(), mails.len());
}

#[tokio::test]
async fn no_letter_gives_anything_away() {
    let ward = Ward::closed().await;
    let words = forbidden(&ward).await;
    let planted = |word: &&String| says("The PETR after the attack on Harbour Stroke Ward", word);
    assert_eq!(words.iter().filter(planted).count(), 6);
    for mail in ward.post.messages() {
        let headers = mail.headers.iter().filter(|(name, _)| name != "To");
        let headers: Vec<_> = headers.map(|(_, value)| value.as_str()).collect();
        let said = format!("{}\n{}", headers.join("\n"), mail.text);
        for word in &words {
            assert!(!says(&said, word), "{word:?} stands in:\n{said}");
        }
        assert_eq!(mail.envelope_from, "staff-support@example.test");
        let from = "Staff support <staff-support@example.test>";
        assert_eq!(mail.header("From"), [from]);
        assert!(mail.header("Message-ID")[0].ends_with("@example.test>"));
    }
}

#[tokio::test]
async fn each_letter_carries_the_reference_and_a_link_that_needs_sign_in() {
    let ward = Ward::closed().await;
    for mail in ward.post.messages() {
        let digest = carried(&mail).iter().all(|letter| letter.kind == "digest");
        assert!(
            digest || mail.text.contains(&ward.reference),
            "{}",
            mail.text
        );
        let link = mail.text.lines().find(|line| line.starts_with("http"));
        let path = link.unwrap().strip_prefix(&ward.demo.base).unwrap();
        let nobody = ward.demo.send(Method::GET, path, None, &[], None).await;
        assert!(nobody.text.contains("Sign in"), "{}", nobody.text);
        assert!(!nobody.text.contains(&ward.reference));
        let to = &mail.envelope_to[0];
        let page = ward.demo.page(to.split('.').next().unwrap(), path).await;
        assert_eq!(page.status, 200, "{to}: {path}");
    }
}

#[tokio::test]
async fn the_external_counsellor_sees_her_session_and_its_offer_only() {
    let ward = Ward::nearly_done().await;
    let case = ward.case(&ward.kim).await;
    let offers = case["offers"].as_array().unwrap();
    assert_eq!(offers.len(), 1);
    assert_eq!(offers[0]["kind"], "petr_debrief");
    assert_eq!(offers[0]["sessions"][0]["session"], ward.session);
    assert_eq!(offers[0]["sessions"][0]["record"]["headcount"], 9);
    assert!(case.get("triage").is_none() && case.get("scoping").is_none());
    let path = format!("/api/v1/cases/{}", ward.case);
    let outline = ward.demo.get(&ward.kim, &path).await.text;
    let story = format!("{path}/timeline");
    let story = ward.demo.get(&ward.kim, &story).await.text;
    for secret in [
        LINE, PREFERRED, REASON, NOTE, AIMS[1], AIMS[2], AIMS[3], "W-20417", "U1",
    ] {
        assert!(!outline.contains(secret), "{secret} in {outline}");
        assert!(!story.contains(secret), "{secret} in {story}");
    }
    for offer in ward.offers.iter().filter(|o| o.kind != "petr_debrief") {
        assert!(!outline.contains(&offer.id) && !story.contains(&offer.id));
    }
}

#[tokio::test]
async fn the_external_counsellor_reads_only_her_part_of_the_story() {
    let ward = Ward::closed().await;
    let path = format!("/api/v1/cases/{}/timeline", ward.case);
    assert_eq!(
        ward.headlines(&ward.kim, &path).await,
        [
            asked(),
            "A person answered whoever asked, by telephone.".into(),
            "Planned: PETR debrief, by the PIPSS lead.".into(),
            arranged(&ward),
            "Held: PETR debrief, 75 minutes.".into(),
            "The case was closed: support was provided and the rest handed over.".into(),
        ]
    );
}

#[tokio::test]
async fn the_external_counsellor_sees_nothing_else_in_the_trust() {
    let ward = Ward::arranged().await;
    let jo = ward.demo.person("Jo Plover").await;
    let rehab = team(&ward.demo, &jo, "Meadow Rehabilitation Ward").await;
    let other = ward.demo.raise(&jo, &referral(&rehab)).await.expect(201);
    let get = async |path: &str| ward.demo.get(&ward.kim, path).await;

    let teams = get("/api/v1/teams").await.expect(200);
    let teams = teams["teams"].as_array().unwrap().clone();
    assert_eq!(teams.len(), 1);
    assert_eq!(teams[0]["team"], ward.team);
    let cases = get("/api/v1/cases").await.expect(200);
    assert_eq!(cases["cases"].as_array().unwrap().len(), 1);
    assert_eq!(cases["cases"][0]["case"], ward.case);
    assert!(cases["cases"][0].get("urgency").is_none());
    let diary = get("/api/v1/diary").await.expect(200);
    assert_eq!(diary["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(diary["sessions"][0]["session"], ward.session);
    for path in ["queue", "letters", "facilitators"] {
        get(&format!("/api/v1/{path}")).await.expect(403);
    }
    let absent = get("/api/v1/cases/00000000-0000-4000-8000-000000000000").await;
    absent.expect(404);
    for path in [
        format!("/api/v1/cases/{}", text(&other["case"])),
        format!("/api/v1/cases/{}/timeline", text(&other["case"])),
        format!("/api/v1/teams/{}/timeline", ward.team),
        format!("/api/v1/teams/{rehab}/timeline"),
    ] {
        let answer = get(&path).await;
        answer.expect(404);
        assert_eq!(answer.text, absent.text, "{path}");
    }
    let refused = ward.demo.raise(&ward.kim, &referral(&rehab)).await;
    refused.expect(403);
}

#[tokio::test]
async fn the_counsellor_records_the_session_in_one_request() {
    let ward = Ward::arranged().await;
    let next = ward.case(&ward.kim).await["next"].clone();
    assert!(next.as_array().unwrap().contains(&"record-session".into()));
    ward.wait(8, 7).await;
    let before = ward.case(&ward.kim).await["version"].as_u64().unwrap();
    let recorded = ward.give(&ward.kim, "record-session", &ward.record()).await;
    assert_eq!(recorded.expect(200)["version"], before + 1);
    let offer = &ward.case(&ward.robin).await["offers"][0];
    assert_eq!(offer["state"], "held");
    let again = ward.give(&ward.kim, "record-session", &ward.record()).await;
    assert_eq!(again.expect(409)["code"], "session_recorded");
}

#[tokio::test]
async fn closing_is_refused_while_the_training_is_open_and_says_so() {
    let ward = Ward::nearly_done().await;
    let before = ward.case(&ward.alex).await;
    assert!(!before["next"].as_array().unwrap().contains(&json!("close")));
    let close = json!({ "outcome": "support_provided_and_handed_over" });
    let refused = ward.give(&ward.alex, "close", &close).await.expect(409);
    assert_eq!(refused["code"], "offers_open");
    let sentence = "Still open: training. Record, end or hand over each before closing.";
    assert_eq!(refused["detail"], sentence);
    let next = refused["next"].as_array().unwrap();
    assert!(next.contains(&json!("end-offer")) && !next.contains(&json!("close")));
    assert_eq!(ward.case(&ward.alex).await, before);
}

#[tokio::test]
async fn it_closes_when_everything_has_ended_or_was_handed_over() {
    let ward = Ward::nearly_done().await;
    let training = json!({ "offer": ward.offer("training"), "how": "handed_over",
                           "owner": "training_department", "due": ward.day(40) });
    ward.lead("end-offer", training).await;
    ward.lead(
        "close",
        json!({ "outcome": "support_provided_and_handed_over" }),
    )
    .await;
    let case = ward.case(&ward.robin).await;
    assert_eq!(case["state"], "closed");
    assert_eq!(case["outcome"], "support_provided_and_handed_over");
    let states = case["offers"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|offer| text(&offer["state"])).collect();
    let wanted = ["held", "done", "handed_over", "handed_over", "done"];
    assert_eq!(states, wanted);
}

#[tokio::test]
async fn the_manager_reads_the_whole_story_in_order_and_in_plain_words() {
    let ward = Ward::closed().await;
    let path = format!("/api/v1/teams/{}/timeline", ward.team);
    let due = chrono::NaiveDate::format(&ward.at(35, 0).date_naive(), "%-d %B %Y");
    assert_eq!(
        ward.headlines(&ward.robin, &path).await,
        [
            asked(),
            "A person answered whoever asked, by telephone.".into(),
            "The PIPSS lead triaged the request: accepted, with changes to what was asked for. \
             Urgency U1, someone acts at once."
                .into(),
            "The PIPSS lead asked the managers and the operational leads what the team needs. \
             Found: bereavement; feeling unsafe; training and skills; handover; distress."
                .into(),
            "Planned: PETR debrief, by the PIPSS lead.".into(),
            "Planned: one-to-one support will be made known to the whole team.".into(),
            "Planned: liaison with another service, by the security management adviser.".into(),
            "Planned: training, by the training department.".into(),
            "Planned: a change in how things are done, by ward management.".into(),
            arranged(&ward),
            "Held: PETR debrief, 75 minutes.".into(),
            "One-to-one support was made known to the whole team. Who asks for it, and whether \
             anyone does, stays private."
                .into(),
            "Done: a change in how things are done.".into(),
            format!(
                "Handed over to the security management adviser, due {due}: liaison with another \
                 service."
            ),
            "Done: training.".into(),
            "The case was closed: support was provided and the rest handed over.".into(),
            "Done after it was handed over: liaison with another service.".into(),
        ]
    );
}

#[tokio::test]
async fn the_manager_reads_what_was_agreed_and_the_lead_reads_more() {
    let ward = Ward::closed().await;
    let paths = [
        format!("/api/v1/teams/{}/timeline", ward.team),
        format!("/api/v1/cases/{}/timeline", ward.case),
        format!("/api/v1/cases/{}", ward.case),
    ];
    let seen = async |who| {
        let mut all = String::new();
        for path in &paths {
            all += &ward.demo.get(who, path).await.text;
        }
        all
    };
    let (manager, lead) = (seen(&ward.robin).await, seen(&ward.alex).await);
    let agreed = "Agree who may ring security at night, and how";
    for shown in [LINE, agreed, CHANGED, "Garden Room"]
        .into_iter()
        .chain(AIMS)
    {
        assert!(manager.contains(shown), "{shown} not in {manager}");
    }
    let lead_only = [
        REASON,
        NOTE,
        "headcount",
        "team.cohesion",
        "env.security",
        "polarity",
        "contraindications",
        "suggested",
    ];
    for more in lead_only {
        assert!(!manager.contains(more), "{more} in {manager}");
        assert!(lead.contains(more), "{more} not in {lead}");
    }
}

#[tokio::test]
async fn of_one_to_one_support_the_case_says_only_that_it_was_offered_to_all() {
    let ward = Ward::closed().await;
    for who in [&ward.robin, &ward.alex] {
        let case = ward.case(who).await;
        let mut offers = case["offers"].as_array().unwrap().iter();
        let one_to_one = offers.find(|o| o["kind"] == "one_to_one").unwrap();
        let mut said: Vec<_> = one_to_one.as_object().unwrap().keys().collect();
        said.sort();
        assert_eq!(said, ["kind", "offer", "owner", "sessions", "state"]);
        assert_eq!(one_to_one["sessions"], json!([]));
        assert!(text(&case["one_to_one"]).starts_with("One-to-one support is there for everyone"));
    }
    let fresh = Ward::raised().await;
    let with = ward.case(&ward.robin).await;
    let without = fresh.case(&fresh.robin).await;
    assert_eq!(with["one_to_one"], without["one_to_one"]);
}

#[tokio::test]
async fn the_manager_of_another_ward_finds_no_trace_of_it() {
    let ward = Ward::closed().await;
    let jo = ward.demo.person("Jo Plover").await;
    let cases = ward.demo.get(&jo, "/api/v1/cases").await.expect(200);
    assert_eq!(cases, json!({ "cases": [], "next": Value::Null }));
    for path in [
        format!("/api/v1/cases/{}", ward.case),
        format!("/api/v1/cases/{}/timeline", ward.case),
        format!("/api/v1/teams/{}/timeline", ward.team),
    ] {
        ward.demo.get(&jo, &path).await.expect(404);
    }
}

fn asked() -> String {
    "Support for the team was asked for: PETR debrief. Reported: physical assault; verbal abuse or \
     threat."
        .into()
}

fn arranged(ward: &Ward) -> String {
    let starts = pipss_domain::calendar::in_words(ward.at(8, 5));
    format!("Arranged: PETR debrief on {starts}, 75 minutes. Coming is voluntary.")
}

fn to_and_subject(mail: &Received) -> (String, String) {
    assert_eq!(mail.envelope_to, mail.header("To"));
    (
        mail.header("To")[0].into(),
        mail.header("Subject")[0].into(),
    )
}
