//! Proving once more who one is, and coming back to what one was about to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use pipss_api::problem::Refused;
use pipss_api::token::{Issuer, SignedIn};
use pipss_web::ask::ask;
use pipss_web::form::{Form, Kind, Question};
use pipss_web::pages::{Answer, Pages, SignInWay, Someone};
use pipss_web::visitor::{Posted, Visitor};

use crate::browser::{Browser, Shown};
use crate::house::{House, in_its_way};

fn form() -> Form {
    let why = Question::new("why", "Why?", Kind::Line(80));
    Form::new("Something that may do harm", vec![why])
}

async fn shown(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    ask(&pages, &visitor, &form(), None)
}

/// As every act that asks who again.
async fn done(posted: Posted) -> Answer {
    if !posted.visitor.actor.has_just_proved() {
        return Err(Refused::ProveAgain.into());
    }
    let why = posted.fields.get("why").unwrap_or_default().to_owned();
    Ok(Html(format!("Done, because {why}")).into_response())
}

async fn read(visitor: Visitor) -> Answer {
    match visitor.actor.has_just_proved() {
        true => Ok(Html("What only you may read").into_response()),
        false => Err(Refused::ProveAgain.into()),
    }
}

/// With a form that does harm.
pub async fn house() -> House {
    let more = |pages| {
        let router = Router::new()
            .route("/harm", get(shown).post(done))
            .route("/secret", get(read));
        pipss_web::dressed(router, pages)
    };
    House::with(in_its_way, more).await
}

async fn sent(house: &House, browser: &mut Browser, shown: &Shown, to: &str) -> Shown {
    let fields = shown.fields(to);
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.send(&house.at(to), &fields).await
}

/// Fills in the form and sends it.
async fn answered(house: &House, browser: &mut Browser) -> Shown {
    let form = browser.get(&house.at("/harm")).await;
    let mut fields = form.fields("/harm");
    fields.retain(|(name, _)| name != "why");
    fields.push(("why".into(), "a life is at risk".into()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.send(&house.at("/harm"), &fields).await
}

/// Signs in from a page that keeps what was written, as someone, and sends that once more.
async fn gone_and_come_back(house: &House, browser: &mut Browser, page: &Shown) -> (Shown, bool) {
    let onward = sent(house, browser, page, "/sign-in/go").await;
    let (back, password) = browser.at_the_service(&onward.leads_to(), "sam").await;
    let arrived = browser.get(&back).await;
    assert_eq!(arrived.onward().unwrap().path(), "/sign-in/again");
    let again = browser.get(&house.at("/sign-in/again")).await;
    (again, password)
}

#[tokio::test]
async fn what_may_do_harm_asks_who_again_and_loses_no_answer() {
    let house = house().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let before = browser.cookie(&house.base, "pipss");
    let refused = answered(&house, &mut browser).await;
    assert_eq!(refused.status, 401);
    assert!(
        refused.text.contains("Show once more that it is you"),
        "{}",
        refused.text
    );
    assert!(!refused.text.contains("a life is at risk"), "it is sealed");
    let (again, password) = gone_and_come_back(&house, &mut browser, &refused).await;
    assert!(password, "though they were signed in there");
    assert_ne!(browser.cookie(&house.base, "pipss"), before);
    assert!(
        again.text.contains("Nothing was done yet"),
        "{}",
        again.text
    );
    let done = sent(&house, &mut browser, &again, "/harm").await;
    assert_eq!(
        (done.status, done.text.as_str()),
        (200, "Done, because a life is at risk")
    );
    let twice = answered(&house, &mut browser).await;
    assert_eq!(twice.status, 200, "they proved it just now");
}

#[tokio::test]
async fn what_is_read_leads_back_to_the_same_page() {
    let house = house().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let refused = browser.get(&house.at("/secret?of=case")).await;
    assert_eq!(refused.status, 401);
    let link = refused.between("href=\"/sign-in/go", "\"").unwrap();
    let link = format!("/sign-in/go{link}");
    let back = house.to_the_way_back(&mut browser, &link, "sam").await;
    let onward = browser.get(&back).await.onward().unwrap();
    assert_eq!(onward.as_str(), house.at("/secret?of=case"));
    assert_eq!(
        browser.get(onward.as_str()).await.text,
        "What only you may read"
    );
}

#[tokio::test]
async fn a_service_that_does_not_say_when_proves_nothing() {
    let house = house().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let go = house.at("/sign-in/go?to=0&prove=1&back=/secret");
    let mut onward = browser.get(&go).await.onward().unwrap();
    // As if the service ignored that it was asked.
    let pairs: Vec<(String, String)> = onward.query_pairs().into_owned().collect();
    let pairs = pairs
        .iter()
        .filter(|(n, _)| n != "prompt" && n != "max_age");
    onward.query_pairs_mut().clear().extend_pairs(pairs);
    let (back, password) = browser.at_the_service(onward.as_str(), "sam").await;
    assert!(!password);
    let said = browser.get(&back).await;
    assert_eq!(said.status, 401);
    assert!(
        said.text.contains("We could not tell that it is you"),
        "{}",
        said.text
    );
}

#[tokio::test]
async fn in_the_demonstration_one_chooses_once_more_who_to_be() {
    let way = |issuer: &Issuer, _: &str| {
        let sam = SignedIn {
            organisation: issuer.organisation,
            issuer: issuer.issuer.clone(),
            subject: "demo-sam".into(),
            name: Some("Sam Example".into()),
            email: None,
            just_proved: true,
            program: false,
        };
        SignInWay::Choose(Box::new(move || {
            vec![Someone {
                signed_in: sam.clone(),
                what: String::new(),
                first: true,
            }]
        }))
    };
    let more = |pages| {
        let asked = Arc::new(AtomicBool::new(false));
        // Choosing proves it for five minutes: the first time it counts as longer ago.
        let take = move |posted: Posted| async move {
            match asked.swap(true, Ordering::SeqCst) {
                false => Err(Refused::ProveAgain.into()),
                true => done(posted).await,
            }
        };
        pipss_web::dressed(Router::new().route("/harm", get(shown).post(take)), pages)
    };
    let house = House::with(way, more).await;
    let mut browser = Browser::new();
    let chosen = [("subject", "demo-sam"), ("back", "/")];
    browser.send(&house.at("/sign-in"), &chosen).await;
    let refused = answered(&house, &mut browser).await;
    assert_eq!(refused.status, 401);
    assert!(
        refused.text.contains("Show once more that it is you"),
        "{}",
        refused.text
    );
    let mut fields = refused.fields("/sign-in");
    fields.push(("subject".into(), "demo-sam".into()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let arrived = browser.send(&house.at("/sign-in"), &fields).await;
    let again = browser.get(arrived.onward().unwrap().as_str()).await;
    let done = sent(&house, &mut browser, &again, "/harm").await;
    assert_eq!(done.text, "Done, because a life is at risk");
}

#[tokio::test]
async fn what_was_written_before_a_session_ended_is_there_after_signing_in() {
    let house = house().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let form = browser.get(&house.at("/harm")).await;
    let session = browser.cookie(&house.base, "pipss").unwrap();
    browser.set_cookie(&house.base, "pipss", "ended");
    let refused = sent(&house, &mut browser, &form, "/harm").await;
    assert_eq!(refused.status, 401);
    assert!(
        refused.text.contains("What you wrote is not lost"),
        "{}",
        refused.text
    );
    let (again, _) = gone_and_come_back(&house, &mut browser, &refused).await;
    assert!(
        again.text.contains("Your answers are still here"),
        "{}",
        again.text
    );
    assert_ne!(browser.cookie(&house.base, "pipss").unwrap(), session);
    // For nobody else.
    let mut other = Browser::new();
    let onward = sent(&house, &mut other, &refused, "/sign-in/go").await;
    let (back, _) = other.at_the_service(&onward.leads_to(), "robin").await;
    assert_eq!(other.get(&back).await.onward().unwrap().path(), "/");
}

#[tokio::test]
async fn what_was_written_is_there_also_after_a_sign_in_that_failed() {
    let house = house().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let refused = answered(&house, &mut browser).await;
    sent(&house, &mut browser, &refused, "/sign-in/go").await;
    let failed = browser
        .get(&house.at("/sign-in/callback?state=other"))
        .await;
    assert_eq!(failed.status, 400);
    assert!(
        failed.text.contains("What you wrote is still here"),
        "{}",
        failed.text
    );
    let go = "/sign-in/go?again=1";
    let back = house.to_the_way_back(&mut browser, go, "sam").await;
    let onward = browser.get(&back).await.onward().unwrap();
    assert_eq!(onward.path(), "/sign-in/again");
}
