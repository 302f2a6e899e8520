//! Whose share is used up: that of whoever asks, as told by a proxy that is named, and by no other.

use reqwest::Client;
use serde_json::json;

use crate::raw::served;
use crate::support::program::Trust;
use crate::support::served::Served;

/// Gives feedback without a good code, so often, as forwarded for an address; answers the last status.
async fn tries(served: &Served, times: usize, forwarded: impl Fn(usize) -> String) -> u16 {
    let client = Client::new();
    let mut last = 0;
    for n in 0..times {
        let request = client.post(format!("{}/api/v1/feedback", served.base));
        let request = request
            .header("Content-Type", "application/json")
            .header("X-Forwarded-For", forwarded(n))
            .body(json!({ "code": "none" }).to_string());
        last = request.send().await.unwrap().status().as_u16();
    }
    last
}

#[tokio::test]
async fn behind_a_named_proxy_each_address_has_its_own_share() {
    let trust = Trust::new();
    let served = served(&trust, "trusted_proxies = ['127.0.0.1']");
    let one = |_| "203.0.113.9, 198.51.100.1".to_owned();
    assert_eq!(tries(&served, 90, one).await, 429);
    let another = |_| "203.0.113.9, 198.51.100.2".to_owned();
    assert_ne!(tries(&served, 1, another).await, 429);
    // What whoever asks wrote there themselves changes nothing.
    let forged = |n| format!("203.0.113.{n}, 198.51.100.1");
    assert_eq!(tries(&served, 2, forged).await, 429);
}

#[tokio::test]
async fn without_a_named_proxy_nobody_gets_a_new_share_by_saying_so() {
    let trust = Trust::new();
    let served = served(&trust, "");
    let forged = |n| format!("198.51.100.{n}");
    assert_eq!(tries(&served, 90, forged).await, 429);
}

#[tokio::test]
async fn the_way_to_sign_in_has_shares_of_its_own_wide_enough_for_a_hospital() {
    let trust = Trust::new();
    let served = served(&trust, "trusted_proxies = ['127.0.0.1']");
    let client = Client::new();
    let asked = async |from: &str| {
        let request = client.get(format!("{}/sign-in", served.base));
        let request = request.header("X-Forwarded-For", from);
        request.send().await.unwrap().status().as_u16()
    };
    let mut answered = 0;
    while answered < 5_000 && asked("198.51.100.7").await == 200 {
        answered += 1;
    }
    assert!((400..5_000).contains(&answered), "{answered}");
    assert_eq!(asked("198.51.100.8").await, 200, "another address");
    let same = |_| "198.51.100.7".to_owned();
    assert_ne!(tries(&served, 1, same).await, 429, "another share");
}

#[test]
fn a_proxy_that_is_no_address_is_refused_at_the_start() {
    use crate::support::program::{refused, serve};
    let trust = Trust::new();
    let config = trust.config("trusted_proxies = ['proxy.example.test']");
    let said = refused(&mut serve(&config));
    assert!(said.contains("is not an address or a network"), "{said}");
}
