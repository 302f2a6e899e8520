//! The same house through a browser: everyone signed in by a cookie, and pages compared without what
//! differs each time by design.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipss::demo::people::organisation;
use pipss_api::door::Server;
use pipss_api::signing::DemoIssuer;
use pipss_api::token::SignedIn;
use pipss_web::brand::Brand;
use pipss_web::pages::{Pages, Settings, SignInWay, Someone};
use pipss_web::proving::Proving;
use reqwest::header::{HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::{Client, redirect};

use crate::who::Who;

/// The pages, with everyone of the house to choose from.
pub fn opened(server: Arc<Server>, base: &str, everyone: Vec<Who>) -> axum::Router {
    let someone = |who: &Who| Someone {
        signed_in: SignedIn {
            organisation: organisation().uuid(),
            issuer: DemoIssuer::NAME.into(),
            subject: who.subject.clone(),
            name: Some(who.name.clone()),
            email: Some(who.email.clone()),
            just_proved: true,
            program: false,
        },
        what: String::new(),
        first: true,
    };
    let settings = Settings {
        brand: Brand::default(),
        way: SignInWay::Choose(Box::new(move || everyone.iter().map(someone).collect())),
        base_url: base.to_owned(),
        sessions: None,
        proving: Proving::none(),
    };
    pipss_web::routes(Arc::new(Pages::new(server, settings)))
}

/// A browser that shows where it is sent instead of going there.
pub fn browser() -> Client {
    let stay = redirect::Policy::none();
    Client::builder().redirect(stay).build().unwrap()
}

/// Everyone's cookie.
pub async fn signed_in(
    client: &Client,
    base: &str,
    everyone: &[Who],
) -> BTreeMap<&'static str, String> {
    let mut cookies = BTreeMap::new();
    for who in everyone {
        let request = client
            .post(format!("{base}/sign-in"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("subject={}", who.subject));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()[LOCATION], "/");
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        cookies.insert(who.short, cookie.split(';').next().unwrap().to_owned());
    }
    cookies
}

/// Every page that can be read.
pub fn every_page() -> Vec<(String, String)> {
    let pages = pipss_web::asked_when_proved().into_iter();
    let read = pages.filter(|page| !page.sent);
    read.map(|page| ("GET".to_owned(), page.path.to_owned()))
        .collect()
}

/// Without what is drawn anew for every answer.
pub fn without_chance(headers: &mut HeaderMap, text: String) -> String {
    if let Some(policy) = headers.get_mut("content-security-policy") {
        *policy = HeaderValue::from_static("as ever");
    }
    let marks = [
        "nonce=\"",
        "name=\"csrf\" value=\"",
        "name=\"draft\" value=\"",
    ];
    marks.into_iter().fold(text, |text, mark| {
        let mut parts = text.split(mark);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |before, part| {
            let after = part.split_once('"').map_or("", |(_, after)| after);
            format!("{before}{mark}\"{after}")
        })
    })
}
