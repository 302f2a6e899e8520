//! Every kind of bad access token, by name.

use aws_lc_rs::hmac;
use jsonwebtoken::get_current_timestamp;
use pipss_api::token::Algorithm;
use serde_json::{Value, json};

use crate::signer::{AUDIENCE, ISSUER, Signer, base64, claims, key_set, with, without};

/// The order of P-256 (SEC 2 §2.4.2): no part of a signature reaches it.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Bad tokens of one issuer.
pub struct Group {
    pub signer: Signer,
    pub tokens: Vec<(&'static str, String)>,
}

impl Group {
    fn of(signer: Signer, tokens: Vec<(&'static str, String)>) -> Group {
        Group { signer, tokens }
    }
}

/// The whole table.
pub fn every_kind() -> Vec<Group> {
    vec![
        forged_or_foreign(),
        another_algorithm(),
        own_keys_or_rules(),
        claims_that_do_not_hold(),
        times_that_do_not_hold(),
        not_exactly_a_token(),
    ]
}

fn forged_or_foreign() -> Group {
    let signer = Signer::new(Algorithm::ES256, "a");
    let stranger = Signer::new(Algorithm::ES256, "a");
    let unknown = Signer::new(Algorithm::ES256, "b");
    let token = signer.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let signed_with = |bytes: &[u8]| format!("{message}.{}", base64(bytes));
    let other_payload = base64(with(claims(), "sub", "someone-else").to_string());
    let header_for = |kid: &str| with(signer.header(), "kid", kid).to_string();
    let refused = vec![
        ("another key under the same id", stranger.token()),
        ("an unknown key", unknown.token()),
        ("all-zero signature", signed_with(&[0; 64])),
        (
            "r out of range",
            signed_with(&[ORDER.to_vec(), vec![1; 32]].concat()),
        ),
        (
            "s out of range",
            signed_with(&[vec![1; 32], ORDER.to_vec()].concat()),
        ),
        (
            "r = 1, s = 0",
            signed_with(&[vec![0; 31], vec![1], vec![0; 32]].concat()),
        ),
        (
            "r = 0, s = 1",
            signed_with(&[vec![0; 63], vec![1]].concat()),
        ),
        ("all-ones signature", signed_with(&[0xff; 64])),
        ("short signature", signed_with(&[1; 63])),
        ("long signature", format!("{message}.{}AA", signature)),
        ("empty signature", format!("{message}.")),
        (
            "changed claims",
            format!("{header}.{other_payload}.{signature}"),
        ),
        ("signature of another token", format!("{message}.{payload}")),
        (
            "kid in other case",
            signer.sign(&header_for("A"), &claims().to_string()),
        ),
        (
            "kid with a space",
            signer.sign(&header_for("a "), &claims().to_string()),
        ),
    ];
    Group::of(signer, refused)
}

fn another_algorithm() -> Group {
    let signer = Signer::new(Algorithm::EdDSA, "a");
    let headed = |alg: Value| with(signer.header(), "alg", alg).to_string();
    let unsigned = |alg: &str| {
        format!(
            "{}.{}.",
            base64(headed(json!(alg))),
            base64(claims().to_string())
        )
    };
    let hmac_with = |secret: &[u8]| {
        let message = format!(
            "{}.{}",
            base64(headed(json!("HS256"))),
            base64(claims().to_string())
        );
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            message.as_bytes(),
        );
        format!("{message}.{}", base64(tag))
    };
    let public = signer.jwk()["x"].as_str().unwrap().to_owned();
    let elliptic = Signer::new(Algorithm::ES256, "a");
    let signed = |alg: Value| signer.sign(&headed(alg), &claims().to_string());
    let refused = vec![
        ("none", unsigned("none")),
        ("None", unsigned("None")),
        ("NONE", unsigned("NONE")),
        ("nOnE", unsigned("nOnE")),
        ("EdDSA without a signature", unsigned("EdDSA")),
        ("none, signed", signed(json!("none"))),
        (
            "HS256 with the public key's text",
            hmac_with(public.as_bytes()),
        ),
        (
            "HS256 with the published set",
            hmac_with(key_set(&[&signer]).as_bytes()),
        ),
        ("HS256 with nothing", hmac_with(b"")),
        ("ES256 by an ES256 key", elliptic.token()),
        ("ES256 by the EdDSA key", signed(json!("ES256"))),
        ("eddsa", signed(json!("eddsa"))),
        ("Ed25519", signed(json!("Ed25519"))),
        ("alg as array", signed(json!(["EdDSA"]))),
        ("alg null", signed(Value::Null)),
        (
            "no alg",
            signer.sign(
                &without(signer.header(), "alg").to_string(),
                &claims().to_string(),
            ),
        ),
    ];
    Group::of(signer, refused)
}

fn own_keys_or_rules() -> Group {
    let signer = Signer::new(Algorithm::ES256, "a");
    let headed = |name: &str, value: Value| {
        signer.sign(
            &with(signer.header(), name, value).to_string(),
            &claims().to_string(),
        )
    };
    let twice = signer
        .header()
        .to_string()
        .replacen('{', r#"{"kid":"b","#, 1);
    let without_kid = without(signer.header(), "kid").to_string();
    let url = json!("https://evil.example/keys");
    let refused = vec![
        ("crit", headed("crit", json!(["exp"]))),
        ("empty crit", headed("crit", json!([]))),
        ("null crit", headed("crit", Value::Null)),
        ("jku", headed("jku", url.clone())),
        ("x5u", headed("x5u", url)),
        ("x5c", headed("x5c", json!(["MIIB"]))),
        ("jwk", headed("jwk", signer.jwk())),
        ("b64", headed("b64", json!(false))),
        ("zip", headed("zip", json!("DEF"))),
        ("enc", headed("enc", json!("A256GCM"))),
        ("typ of another kind", headed("typ", json!("logout+jwt"))),
        ("typ dpop", headed("typ", json!("dpop+jwt"))),
        ("typ as number", headed("typ", json!(1))),
        ("no kid", signer.sign(&without_kid, &claims().to_string())),
        ("empty kid", headed("kid", json!(""))),
        ("kid as number", headed("kid", json!(1))),
        ("kid as path", headed("kid", json!("../../../../dev/null"))),
        ("kid as statement", headed("kid", json!("a' OR '1'='1"))),
        (
            "kid of 201 characters",
            headed("kid", json!("k".repeat(201))),
        ),
        ("kid of 10 KiB", headed("kid", json!("k".repeat(10 * 1024)))),
        ("kid twice", signer.sign(&twice, &claims().to_string())),
    ];
    Group::of(signer, refused)
}

fn claims_that_do_not_hold() -> Group {
    let signer = Signer::new(Algorithm::ES256, "a");
    let signed = |claims: Value| signer.sign(&signer.header().to_string(), &claims.to_string());
    let claiming = |name: &str, value: Value| signed(with(claims(), name, value));
    let mut refused = vec![
        ("another audience", claiming("aud", json!("payroll"))),
        ("audience in other case", claiming("aud", json!("PIPSS"))),
        (
            "two audiences",
            claiming("aud", json!([AUDIENCE, "payroll"])),
        ),
        (
            "one audience twice",
            claiming("aud", json!([AUDIENCE, AUDIENCE])),
        ),
        ("no audience in the list", claiming("aud", json!([]))),
        ("audience null", claiming("aud", Value::Null)),
        (
            "audience as object",
            claiming("aud", json!({ "0": AUDIENCE })),
        ),
        (
            "another issuer",
            claiming("iss", json!("https://other.example")),
        ),
        (
            "issuer with a slash more",
            claiming("iss", json!(format!("{ISSUER}/"))),
        ),
        ("issuer in a list", claiming("iss", json!([ISSUER]))),
        ("ID token", claiming("nonce", json!("n-1"))),
        (
            "logout token",
            claiming(
                "events",
                json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
            ),
        ),
        ("ID token with a null nonce", claiming("nonce", Value::Null)),
        ("subject empty", claiming("sub", json!(""))),
        ("subject as number", claiming("sub", json!(1))),
        ("subject with NUL", claiming("sub", json!("a\u{0}b"))),
        ("subject with line end", claiming("sub", json!("a\nb"))),
        (
            "subject of 256 characters",
            claiming("sub", json!("s".repeat(256))),
        ),
    ];
    for name in ["exp", "aud", "iss", "sub"] {
        refused.push(("a required claim missing", signed(without(claims(), name))));
    }
    Group::of(signer, refused)
}

fn times_that_do_not_hold() -> Group {
    let signer = Signer::new(Algorithm::ES256, "a");
    let claiming = |name: &str, value: Value| {
        let claims = with(claims(), name, value).to_string();
        signer.sign(&signer.header().to_string(), &claims)
    };
    let now = get_current_timestamp();
    let refused = vec![
        ("ended", claiming("exp", json!(now - 40))),
        ("not begun", claiming("nbf", json!(now + 40))),
        ("nbf as text", claiming("nbf", json!("0"))),
        ("nbf as fraction", claiming("nbf", json!(0.5))),
        ("issued in the future", claiming("iat", json!(now + 40))),
        ("iat as text", claiming("iat", json!("now"))),
        (
            "exp as text",
            claiming("exp", json!((now + 60).to_string())),
        ),
        ("exp as fraction", claiming("exp", json!(now as f64 + 60.5))),
        ("exp negative", claiming("exp", json!(-1))),
        (
            "exp 10^18",
            claiming("exp", json!(1_000_000_000_000_000_000_u64)),
        ),
        (
            "exp in milliseconds",
            claiming("exp", json!((now + 60) * 1000)),
        ),
        ("exp null", claiming("exp", Value::Null)),
    ];
    Group::of(signer, refused)
}

fn not_exactly_a_token() -> Group {
    let signer = Signer::new(Algorithm::ES256, "a");
    let token = signer.token();
    let header = signer.header().to_string();
    let claims = claims().to_string();
    let parts: Vec<&str> = token.split('.').collect();
    let twice = claims.replacen('{', r#"{"sub":"someone-else","#, 1);
    let email_twice = claims.replacen('{', r#"{"email":"someone@else.example","#, 1);
    let header_twice = header.replacen('{', r#"{"cty":"a","cty":"b","#, 1);
    let deep = claims.replacen(
        '{',
        &format!("{{\"deep\":{}1{},", "[".repeat(500), "]".repeat(500)),
        1,
    );
    let jwe = r#"{"alg":"RSA-OAEP","enc":"A256GCM","kid":"a"}"#;
    let exp_twice = claims.replacen('{', r#"{"exp":7000000000,"#, 1);
    let refused = vec![
        ("empty", String::new()),
        ("dots", "..".into()),
        ("one part", parts[0].into()),
        ("two parts", parts[..2].join(".")),
        ("four parts", format!("{token}.{}", parts[2])),
        ("five parts", format!("{}.{}.{}", parts[0], token, parts[2])),
        ("leading space", format!(" {token}")),
        ("trailing space", format!("{token} ")),
        ("trailing line end", format!("{token}\n")),
        ("trailing data", format!("{token}!")),
        ("inner space", token.replacen('.', ". ", 1)),
        ("padding", format!("{token}==")),
        ("padded header", token.replacen('.', "=.", 1)),
        ("standard base64", format!("{}.{}.+/+/", parts[0], parts[1])),
        ("Bearer in front", format!("Bearer {token}")),
        ("claim twice", signer.sign(&header, &twice)),
        ("email twice", signer.sign(&header, &email_twice)),
        ("header member twice", signer.sign(&header_twice, &claims)),
        ("exp twice", signer.sign(&header, &exp_twice)),
        ("claims as array", signer.sign(&header, "[]")),
        (
            "claims followed by more",
            signer.sign(&header, &format!("{claims} {{}}")),
        ),
        (
            "claims cut off",
            signer.sign(&header, &claims[..claims.len() - 1]),
        ),
        (
            "claims not UTF-8",
            format!("{}.{}.{}", parts[0], base64([0xff, 0xfe]), parts[2]),
        ),
        ("claims too deep", signer.sign(&header, &"[".repeat(3000))),
        ("a claim too deep", signer.sign(&header, &deep)),
        ("a NUL in front", format!("\u{0}{token}")),
        (
            "a NUL in the claims",
            signer.sign(&header, &claims.replacen('{', "{\u{0}", 1)),
        ),
        ("a tab at its end", format!("{token}\t")),
        (
            "an encrypted token",
            format!("{}.AAAA.AAAA.{}.AAAA", base64(jwe), parts[1]),
        ),
        ("header as text", signer.sign("\"header\"", &claims)),
        (
            "9 KiB",
            signer.sign(&header, &claims.replace("Asha", &"A".repeat(9 * 1024))),
        ),
        ("not ASCII", format!("{token}é")),
    ];
    Group::of(signer, refused)
}
