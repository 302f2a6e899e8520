//! What is refused at the start of how people sign in at the pages.

use pipss_api::token::{Issuer, Verifier};
use serde_json::{Value, json};

#[test]
fn how_people_sign_in_is_checked_at_the_start() {
    let sentence = |change: &dyn Fn(&mut Value)| {
        let mut written = json!({
            "issuer": "https://sign-in.trust.example", "audience": "pipss", "algorithm": "RS256",
            "keys": { "jwks_url": "https://sign-in.trust.example/keys" },
            "organisation": "00000000-0000-0000-0000-000000000007",
            "sign_in": { "client_id": "pages" },
        });
        change(&mut written);
        let issuer: Issuer = serde_json::from_value(written).unwrap();
        let refused = Verifier::new(vec![issuer]).err();
        refused.map(|said| said.to_string())
    };
    assert_eq!(sentence(&|_| {}), None);
    let entra = "https://login.microsoftonline.com";
    let tenant = "6f1f8f5e-6d0b-4c0e-9a86-3a4c8a9b7d10";
    assert_eq!(
        sentence(&|w| w["issuer"] = json!(format!("{entra}/{tenant}/v2.0"))),
        None
    );
    for (name, door) in [
        ("issuer", "common"),
        ("issuer", "organizations"),
        ("issuer", "consumers"),
        ("issuer", "Common"),
        ("issuer", "{tenantid}"),
        ("discovery", "common"),
        ("keys", "organizations"),
    ] {
        let said = sentence(&|w| {
            let address = json!(format!("{entra}/{door}/v2.0"));
            match name {
                "discovery" => w["sign_in"]["discovery"] = address,
                "keys" => w["keys"]["jwks_url"] = address,
                _ => w[name] = address,
            }
        });
        let said = said.unwrap_or_else(|| panic!("{name} {door}"));
        assert!(
            said.contains("name the trust's own tenant instead"),
            "{said}"
        );
    }
    for (field, value, expected) in [
        (
            "client_id",
            json!("pipss"),
            "client_id and audience are the same",
        ),
        ("client_id", json!(""), "client_id must not be empty"),
        (
            "scopes",
            json!(["profile email"]),
            "each of scopes must be one word",
        ),
        (
            "discovery",
            json!("http://sign-in.trust.example/d"),
            "must start with https",
        ),
        ("account", json!("a\nb"), "one line"),
    ] {
        let said = sentence(&|w| w["sign_in"][field] = value.clone()).unwrap();
        assert!(said.contains(expected), "{said}");
    }
    let said = sentence(&|w| w["issuer"] = json!("http://sign-in.trust.example")).unwrap();
    assert!(said.contains("must start with https"), "{said}");
}
