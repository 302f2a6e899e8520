//! What the program writes to its log, however much it is told to write: nothing that someone said, and
//! nothing with which one could sign in.

use pipss::demo::people::{organisation, record, unit};
use pipss_api::app::App;
use pipss_api::clock::Clock;
use pipss_store::{Options, Purpose};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::support::demo::{fresh_key, referral};
use crate::support::program::{ORGANISATION, Trust, serve};
use crate::support::served::Served;
use crate::support::smtp::SmtpPeer;

/// Stands in everything that is sent, and long and strange enough to be found.
const CANARY: &str = "zqLOGGED9y";

fn canary(what: &str) -> String {
    format!("{CANARY} {what}")
}

/// Everything that a person can say of a case, with something to be found in each text.
fn told(team: &str) -> Value {
    let mut body = referral(team);
    body["incidents"][0]["line"] = canary("line").into();
    body["incidents"][0]["local_ref"] = CANARY.into();
    for name in ["preferred_times", "preferred_venue", "contact_out_of_hours"] {
        body[name] = canary(name).into();
    }
    body["not_seen_by"] = json!(["Charlie Dunnock"]);
    body["not_through_my_manager"] = json!(true);
    body
}

fn asked_for_oneself() -> Value {
    json!({ "call_me": canary("me"), "phone": CANARY, "note": canary("note"),
        "letters_to": format!("{CANARY}@example.test"), "not_seen_by": ["Charlie Dunnock"] })
}

/// A trust whose directory is recorded, with a mail server.
async fn trust() -> (Trust, SmtpPeer, String) {
    let trust = Trust::new();
    let options = Options::new(trust.data(), Purpose::Real);
    let app = App::open(options, Clock::Machine).unwrap();
    record(&app).await.unwrap();
    drop(app);
    let peer = SmtpPeer::start("ok");
    let smtp = format!(
        "smtp = {{ host = '127.0.0.1', port = {}, security = 'plain', from = 'PIPSS <pipss@example.test>' }}",
        peer.port
    );
    (trust, peer, smtp)
}

fn with_everything(request: RequestBuilder, token: &str) -> RequestBuilder {
    request
        .bearer_auth(token)
        .header("Content-Type", "application/json")
        .header("Cookie", format!("pipss={CANARY}"))
        .header(
            "Referer",
            format!("https://elsewhere.example.test/{CANARY}"),
        )
        .header("User-Agent", CANARY)
        .header("X-Forwarded-For", CANARY)
        .header("Pipss-Organisation", organisation().uuid().to_string())
}

#[tokio::test]
async fn at_its_most_talkative_it_writes_nothing_that_was_said_and_no_token() {
    let (trust, peer, smtp) = trust().await;
    let config = trust.config(&smtp);
    let written = std::fs::read_to_string(&config).unwrap();
    let own = organisation().uuid().to_string();
    std::fs::write(&config, written.replace(ORGANISATION, &own)).unwrap();
    let served = Served::start(serve(&config).env("RUST_LOG", "trace"));
    let client = Client::new();
    let mut tokens = Vec::new();
    for subject in ["demo-sam", "demo-alex", CANARY] {
        let email = format!("{CANARY}@trust.example");
        let token = trust.issuer.token(subject, &canary("name"), &email, 600);
        writes(&client, &served, &token, subject == "demo-sam").await;
        reads(&client, &served, &token).await;
        tokens.push(token);
    }
    assert_eq!(triaged(&client, &served, &tokens[1]).await, 200);
    peer.wait_for(1);
    let said = served.end();
    assert!(said.contains("DEBUG"), "it was not at its most talkative");
    said.lines().for_each(|line| says_nothing(line, &tokens));
}

async fn writes(client: &Client, served: &Served, token: &str, accepted: bool) {
    let team = unit("stroke").to_string();
    let email = format!("{CANARY}@trust.example");
    let nowhere = format!("/api/v1/cases/{CANARY}/close?{CANARY}={CANARY}");
    for (path, body, right) in [
        ("/api/v1/referrals", told(&team), true),
        ("/api/v1/one-to-ones", asked_for_oneself(), true),
        (
            "/api/v1/grants",
            json!({ "email": email, "role": CANARY }),
            false,
        ),
        ("/api/v1/feedback", json!({ "code": CANARY }), false),
        (nowhere.as_str(), json!({}), false),
    ] {
        let request = client.post(format!("{}{path}", served.base));
        let key = format!("{CANARY}-{}", fresh_key());
        let request = with_everything(request, token).header("Idempotency-Key", key);
        let answer = request.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(status < 500, "{path}");
        assert!(!(accepted && right) || status == 201, "{path}: {status}");
    }
}

async fn reads(client: &Client, served: &Served, token: &str) {
    for path in [
        format!("/api/v1/cases?incident_ref={CANARY}"),
        format!("/{CANARY}"),
        "/api/v1/my-support".into(),
        "/api/v1/queue".into(),
    ] {
        let request = client.get(format!("{}{path}", served.base));
        with_everything(request, token).send().await.unwrap();
    }
    // A token that does not hold is refused for a reason that the log may say, and no more.
    let bad = format!("{}{CANARY}", &token[..token.len() - 9]);
    let request = client.get(format!("{}/api/v1/me", served.base));
    let refused = with_everything(request, &bad).send().await.unwrap();
    assert_eq!(refused.status(), 401);
}

fn says_nothing(line: &str, tokens: &[String]) {
    let known = [
        CANARY,
        "@example.test",
        "@trust.example",
        "Kestrel",
        "Heron",
        "Dunnock",
    ];
    let parts = tokens.iter().flat_map(|token| token.split('.').skip(1));
    for word in known.into_iter().chain(parts) {
        assert!(
            !line.to_lowercase().contains(&word.to_lowercase()),
            "{line}"
        );
    }
}

/// A lead brings the newest case on; so that letters are owed, too.
async fn triaged(client: &Client, served: &Served, token: &str) -> u16 {
    let url = |path: &str| format!("{}/api/v1/{path}", served.base);
    let cases = client
        .get(url("cases"))
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    let cases: Value = serde_json::from_str(&cases.text().await.unwrap()).unwrap();
    let case = cases["cases"][0]["case"].as_str().unwrap().to_owned();
    let read = client.get(url(&format!("cases/{case}"))).bearer_auth(token);
    let etag = read.send().await.unwrap().headers()["etag"].clone();
    let body = json!({ "urgency": "U2", "outcome": "accept", "reason": canary("reason"),
        "contraindications": { "threat_continuing": false, "staff_not_safe_or_rested": false,
            "witness_position_unsettled": false, "very_different_exposure_or_conflict": false,
            "manager_implicated": false, "really_an_investigation": false } });
    let request = client
        .post(url(&format!("cases/{case}/triage")))
        .bearer_auth(token);
    let request = request
        .header("Content-Type", "application/json")
        .header("Idempotency-Key", CANARY)
        .header("If-Match", etag);
    let answer = request.body(body.to_string()).send().await.unwrap();
    answer.status().as_u16()
}
