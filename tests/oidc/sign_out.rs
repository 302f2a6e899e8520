//! Signing out here and there: each ends what it should, at once.

use crate::browser::Browser;
use crate::house::House;
use crate::program::tokens_in;

#[tokio::test]
async fn signing_out_here_leads_on_to_signing_out_there_and_back() {
    let house = House::open().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let home = browser.get(&house.at("/")).await;
    let csrf = home.fields("/sign-out");
    let csrf: Vec<_> = csrf.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let said = browser.send(&house.at("/sign-out"), &csrf).await;
    assert!(
        said.text.contains("You are signed out here"),
        "{}",
        said.text
    );
    assert!(!house.knows(&mut browser).await);
    let to = said.leads_to();
    assert!(to.starts_with(&house.service.issuer), "{to}");
    let (back, _) = browser.at_the_service(&to, "sam").await;
    assert_eq!(back, house.at("/"));
    // Signed out there too: the password is asked for again.
    let sent = browser.get(&house.at("/sign-in/go?to=0")).await;
    let onward = sent.onward().unwrap();
    let (_, password) = browser.at_the_service(onward.as_str(), "sam").await;
    assert!(password);
}

#[tokio::test]
async fn signing_out_there_ends_the_session_here_and_its_tokens_and_nobody_else_s() {
    let house = House::open().await;
    let (mut sam, mut elsewhere, mut robin) = (Browser::new(), Browser::new(), Browser::new());
    for (browser, login) in [
        (&mut sam, "sam"),
        (&mut elsewhere, "sam"),
        (&mut robin, "robin"),
    ] {
        house.sign_in(browser, login).await;
    }
    let callback = house.at("/sign-in/callback");
    let issuer = &house.service.issuer;
    let (of_session, _) = tokens_in(&mut sam, issuer, &callback, "sam").await;
    let (of_another, _) = tokens_in(&mut elsewhere, issuer, &callback, "sam").await;
    assert_eq!(house.me(&of_session).await.0, 200);
    sam.sign_out_there(issuer).await;
    assert!(!house.knows(&mut sam).await, "ended at once");
    assert_eq!(house.me(&of_session).await.0, 401, "its token too");
    assert!(
        house.knows(&mut elsewhere).await,
        "another session of the same person"
    );
    assert_eq!(house.me(&of_another).await.0, 200);
    assert!(house.knows(&mut robin).await, "someone else's");
}

#[tokio::test]
async fn what_is_no_message_of_the_service_ends_nothing() {
    let house = House::open().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    let (access, id) = house.tokens("sam").await;
    for planted in ["", "planted", "a.b.c", &access, &id] {
        let to = house.at("/sign-in/back-channel");
        let said = Browser::new().send(&to, &[("logout_token", planted)]).await;
        assert_eq!(said.status, 400, "{planted}");
        assert_eq!(said.headers["cache-control"], "no-store");
    }
    assert!(house.knows(&mut browser).await);
    assert_eq!(house.me(&access).await.0, 200);
}

#[tokio::test]
async fn one_signs_out_here_also_while_the_service_is_down() {
    let mut house = House::open().await;
    let mut browser = Browser::new();
    house.sign_in(&mut browser, "sam").await;
    house.service.stop();
    let home = browser.get(&house.at("/")).await;
    let csrf = home.fields("/sign-out");
    let csrf: Vec<_> = csrf.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let said = browser.send(&house.at("/sign-out"), &csrf).await;
    assert!([200, 303].contains(&said.status));
    assert!(!house.knows(&mut browser).await);
}
