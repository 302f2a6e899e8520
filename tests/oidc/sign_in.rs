//! Signing in at a real service, and every way back that is not the right one.

use serde_json::Value;

use crate::browser::{Browser, Shown};
use crate::house::House;

const WAY: &str = "pipss-way";
const SESSION: &str = "pipss";

/// Nobody is signed in, and the page says so kindly, without a word of the address.
#[track_caller]
fn assert_refused(shown: &Shown, what: &str) {
    assert!(
        [400, 401].contains(&shown.status),
        "{what}: {}",
        shown.status
    );
    assert!(shown.text.contains("You are not signed in"), "{what}");
    assert!(shown.onward().is_none(), "{what}");
    assert!(!shown.text.contains("planted"), "{what}");
    let set = shown.headers.get_all("set-cookie").iter();
    let session = set.filter(|set| set.to_str().unwrap().starts_with("pipss="));
    assert_eq!(session.count(), 0, "{what}");
}

fn with(address: &str, name: &str, value: &str) -> String {
    let mut url = reqwest::Url::parse(address).unwrap();
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let others = kept.iter().filter(|(given, _)| given != name);
    url.query_pairs_mut().clear().extend_pairs(others);
    if !value.is_empty() {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.into()
}

fn value(address: &str, name: &str) -> String {
    let url = reqwest::Url::parse(address).unwrap();
    let found = url.query_pairs().find(|(given, _)| given == name);
    found
        .unwrap_or_else(|| panic!("{name} in {address}"))
        .1
        .into()
}

#[tokio::test]
async fn someone_signs_in_and_is_taken_to_where_they_wanted_to_be() {
    let house = House::open().await;
    let mut browser = Browser::new();
    let first = browser.get(&house.at("/support?x=1")).await;
    let asked = first.onward().unwrap();
    assert_eq!(asked.path(), "/sign-in");
    let page = browser.get(asked.as_str()).await;
    assert!(
        page.text.contains("Sign in with your trust account"),
        "{}",
        page.text
    );
    let link = page.between("href=\"/sign-in/go", "\"").unwrap();
    let sent = browser.get(&house.at(&format!("/sign-in/go{link}"))).await;
    let onward = sent.onward().unwrap();
    for (name, wanted) in [("response_type", "code"), ("code_challenge_method", "S256")] {
        assert_eq!(value(onward.as_str(), name), wanted);
    }
    let carried = sent.headers["set-cookie"].to_str().unwrap();
    for word in ["HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"] {
        assert!(carried.contains(word), "{carried}");
    }
    let state = value(onward.as_str(), "state");
    assert!(!carried.contains(&state) && state.len() >= 43);
    let (back, password) = browser.at_the_service(onward.as_str(), "sam").await;
    assert!(password);
    let arrived = browser.get(&back).await;
    assert_eq!(arrived.onward().unwrap().as_str(), house.at("/support?x=1"));
    assert!(browser.cookie(&house.base, WAY).is_none(), "it is used up");
    assert!(house.knows(&mut browser).await);
}

#[tokio::test]
async fn each_sign_in_begins_a_session_of_its_own_and_ends_the_one_before() {
    let house = House::open().await;
    let mut browser = Browser::new();
    browser.set_cookie(&house.base, SESSION, "chosen-by-someone-else");
    house.sign_in(&mut browser, "sam").await;
    let first = browser.cookie(&house.base, SESSION).unwrap();
    assert_ne!(first, "chosen-by-someone-else");
    house.sign_in(&mut browser, "sam").await;
    let second = browser.cookie(&house.base, SESSION).unwrap();
    assert_ne!(first, second);
    assert!(house.knows(&mut browser).await);
    browser.set_cookie(&house.base, SESSION, &first);
    assert!(!house.knows(&mut browser).await);
}

#[tokio::test]
async fn a_way_back_that_is_not_the_right_one_signs_nobody_in() {
    let house = House::open().await;
    let mut browser = Browser::new();
    let go = "/sign-in/go?to=0";
    let back = house.to_the_way_back(&mut browser, go, "sam").await;
    let way = browser.cookie(&house.base, WAY).unwrap();
    let elsewhere = Browser::new().get(&back).await;
    assert_refused(&elsewhere, "another browser");
    for (name, other) in [("state", "planted"), ("state", "")] {
        let shown = browser.get(&with(&back, name, other)).await;
        assert_refused(&shown, name);
    }
    let twice = format!("{back}&state={}", value(&back, "state"));
    assert_refused(&browser.get(&twice).await, "a state twice");
    browser.set_cookie(&house.base, WAY, &way.replace(&way[30..34], "AAAA"));
    assert_refused(&browser.get(&back).await, "another cookie");
    // None of that used the right one up.
    browser.set_cookie(&house.base, WAY, &way);
    assert!(browser.get(&back).await.onward().is_some());
    browser.set_cookie(&house.base, WAY, &way);
    assert_refused(&browser.get(&back).await, "a second time");
}

#[tokio::test]
async fn each_part_of_the_answer_must_be_this_service_s_and_this_sign_in_s() {
    let house = House::open().await;
    let mut browser = Browser::new();
    let go = "/sign-in/go?to=0";
    // A code works once, also with another state.
    let first = house.to_the_way_back(&mut browser, go, "sam").await;
    let code = value(&first, "code");
    assert!(browser.get(&first).await.onward().is_some());
    for (what, name, other) in [
        ("a code that was used", "code", code.as_str()),
        ("a made-up code", "code", "planted"),
        ("no code", "code", ""),
        ("another issuer", "iss", "https://planted.example"),
        ("an error", "error", "planted"),
    ] {
        let mut browser = Browser::new();
        let back = house.to_the_way_back(&mut browser, go, "sam").await;
        let shown = browser.get(&with(&back, name, other)).await;
        assert_refused(&shown, what);
        assert!(!house.knows(&mut browser).await, "{what}");
    }
}

#[tokio::test]
async fn an_id_token_with_another_nonce_or_for_another_verifier_is_not_taken() {
    let house = House::open().await;
    for (name, other) in [
        ("nonce", "planted-planted-planted-planted-planted-nonce"),
        ("nonce", ""),
        (
            "code_challenge",
            "plantedplantedplantedplantedplantedplantedp",
        ),
    ] {
        let mut browser = Browser::new();
        let sent = browser.get(&house.at("/sign-in/go?to=0")).await;
        let changed = with(sent.onward().unwrap().as_str(), name, other);
        let (back, _) = browser.at_the_service(&changed, "sam").await;
        assert_refused(&browser.get(&back).await, name);
    }
}

#[tokio::test]
async fn whoever_says_no_at_the_service_reads_a_kind_page_and_can_try_again() {
    let house = House::open().await;
    let mut browser = Browser::new();
    let sent = browser
        .get(&house.at("/sign-in/go?to=0&back=/support"))
        .await;
    let onward = with(sent.onward().unwrap().as_str(), "prompt", "none");
    let (back, _) = browser.at_the_service(&onward, "sam").await;
    assert_eq!(value(&back, "error"), "login_required");
    let shown = browser.get(&back).await;
    assert_refused(&shown, "an error of the service");
    assert!(!shown.text.contains("login_required"));
    // It goes on to where it would have gone.
    let again = house
        .to_the_way_back(&mut browser, "/sign-in/go?again=1", "sam")
        .await;
    let arrived = browser.get(&again).await.onward().unwrap();
    assert_eq!(arrived.as_str(), house.at("/support"));
}

#[tokio::test]
async fn back_leads_to_no_other_host() {
    let house = House::open().await;
    for planted in [
        "//planted.example",
        "https://planted.example",
        "/\\planted.example",
    ] {
        let mut browser = Browser::new();
        let mut go = reqwest::Url::parse(&house.at("/sign-in/go?to=0")).unwrap();
        go.query_pairs_mut().append_pair("back", planted);
        let sent = browser.get(go.as_str()).await.onward().unwrap();
        let (back, _) = browser.at_the_service(sent.as_str(), "sam").await;
        let arrived = browser.get(&back).await.onward().unwrap();
        assert_eq!(arrived.as_str(), house.at("/"), "{planted}");
    }
}

#[tokio::test]
async fn the_same_person_is_the_same_at_the_pages_and_with_a_token() {
    let house = House::open().await;
    let token = house.token("kim").await;
    let (_, unmet) = house.me(&token).await;
    assert_eq!(
        unmet["person"],
        Value::Null,
        "a token without their address"
    );
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "kim").await;
    let (status, met) = house.me(&token).await;
    assert_eq!(status, 200);
    assert_eq!(met["person"], "00000000-0000-0000-0000-000000000500");
}

#[tokio::test]
async fn an_address_that_the_service_did_not_verify_finds_nobody() {
    let house = House::open().await;
    let token = house.token("jo").await;
    house.sign_in(&mut Browser::new(), "jo").await;
    assert_eq!(house.me(&token).await.1["person"], Value::Null);
}

#[tokio::test]
async fn an_id_token_opens_no_api() {
    let house = House::open().await;
    let (access, id) = house.tokens("sam").await;
    assert_eq!(house.me(&access).await.0, 200);
    assert_eq!(house.me(&id).await.0, 401);
}

#[tokio::test]
async fn what_lies_on_the_disk_says_nothing_of_whoever_is_signed_in() {
    let house = House::open().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let file = house.folder.path().join("sessions.json");
    let written = std::fs::read_to_string(file).unwrap();
    let session = browser.cookie(&house.base, SESSION).unwrap();
    for word in ["sam", "Example", house.service.issuer.as_str(), &session] {
        assert!(!written.contains(word), "{word}");
    }
}
