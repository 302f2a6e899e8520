//! The service changes its keys, says something else, or rests: what people then see.

use crate::browser::Browser;
use crate::house::House;

#[tokio::test]
async fn while_the_service_is_down_a_page_says_so_and_whoever_is_in_stays_in() {
    let mut house = House::open().await;
    let (mut inside, mut outside) = (Browser::new(), Browser::new());
    house.sign_in(&mut inside, "sam").await;
    let token = house.token("sam").await;
    assert_eq!(house.me(&token).await.0, 200);
    let go = "/sign-in/go?to=0&back=/support";
    let back = house.to_the_way_back(&mut outside, go, "robin").await;
    house.service.stop();
    let said = outside.get(&back).await;
    assert_eq!(said.status, 503);
    assert!(
        said.text.contains("Your sign-in service does not answer"),
        "{}",
        said.text
    );
    assert!(house.knows(&mut inside).await);
    assert_eq!(house.me(&token).await.0, 200, "its keys are still believed");
}

#[tokio::test]
async fn a_service_that_was_never_reached_gives_a_kind_page() {
    let mut house = House::open().await;
    house.service.stop();
    let said = Browser::new().get(&house.at("/sign-in/go?to=0")).await;
    assert_eq!(said.status, 503);
    assert!(
        said.text.contains("Signing in is not possible right now"),
        "{}",
        said.text
    );
    assert!(said.text.contains("#urgent-help"), "whom to ring");
}

#[tokio::test]
async fn what_does_not_describe_the_configured_issuer_is_not_believed() {
    let mut house = House::open().await;
    let mut said = described(&house).await;
    let wrong = [
        ("issuer", "https://planted.example"),
        ("authorization_endpoint", "http://planted.example/auth"),
        ("token_endpoint", "http://planted.example/token"),
        ("end_session_endpoint", "http://planted.example/out"),
    ];
    for (name, planted) in wrong {
        let right = said[name].clone();
        said[name] = planted.into();
        let mut other = House::open().await;
        let text = said
            .to_string()
            .replace(&house.service.issuer, &other.service.issuer);
        other.service.answer(200, &text);
        let shown = Browser::new().get(&other.at("/sign-in/go?to=0")).await;
        assert_eq!(shown.status, 503, "{name}");
        said[name] = right;
    }
    for (status, text) in [
        (302, said.to_string()),
        (200, "x".into()),
        (200, "x".repeat(300_000)),
    ] {
        let mut other = House::open().await;
        other.service.answer(status, &text);
        let shown = Browser::new().get(&other.at("/sign-in/go?to=0")).await;
        assert_eq!(shown.status, 503, "{status}");
    }
    house.service.answer(200, &said.to_string());
    let shown = Browser::new().get(&house.at("/sign-in/go?to=0")).await;
    assert_eq!(shown.status, 303, "unchanged, it is");
}

async fn described(house: &House) -> serde_json::Value {
    let address = format!("{}/.well-known/openid-configuration", house.service.issuer);
    let text = Browser::new().get(&address).await.text;
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn a_key_that_was_never_published_signs_nobody_in() {
    let mut house = House::open().await;
    house.sign_in(&mut Browser::new(), "sam").await;
    // Within a minute of the last reading the new key cannot be known.
    house.service.publish(&["new"]);
    let mut browser = Browser::new();
    let back = house
        .to_the_way_back(&mut browser, "/sign-in/go?to=0", "sam")
        .await;
    assert_eq!(browser.get(&back).await.status, 401);
    assert!(!house.knows(&mut browser).await);
    house.service.publish(&["old", "new"]);
    house.sign_in(&mut browser, "sam").await;
    assert!(house.knows(&mut browser).await, "the old one still signs");
}
