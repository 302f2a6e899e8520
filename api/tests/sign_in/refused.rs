//! Whatever is wrong with a token, whoever brought it learns the same, and nobody was looked for.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jsonwebtoken::get_current_timestamp;
use pipss_api::token::{Algorithm, Unauthorised};

use crate::bad_tokens::every_kind;
use crate::door::{Door, EXPECTED};
use crate::signer::{Signer, base64, claims, verifier, with};

const PLENTY: u32 = 1_000_000;
const KINDS_MIN: usize = 60;
const MUTATIONS: usize = 5_000;

#[tokio::test]
async fn every_kind_of_bad_token_gets_the_same_bytes() {
    let mut kinds = BTreeSet::new();
    let (mut asked, mut said) = (0, BTreeSet::new());
    for group in every_kind() {
        let alone = verifier(&group.signer);
        assert!(alone.verify(&group.signer.token()).await.is_ok());
        let door = Door::open(verifier(&group.signer), PLENTY).await;
        let honest = door.me(&group.signer.token()).await.unwrap();
        assert_eq!(honest.0, 200, "{}", honest.1);
        for (kind, token) in group.tokens {
            kinds.insert(kind);
            assert_eq!(
                alone.verify(&token).await,
                Err(Unauthorised),
                "accepted: {kind}"
            );
            if let Some((status, body)) = door.me(&token).await {
                assert_eq!(status, 401, "{kind}");
                said.insert(body);
                asked += 1;
            }
        }
    }
    assert_eq!(said.len(), 1, "{said:?}");
    println!(
        "{} kinds of bad token, {asked} asked over HTTP, one answer",
        kinds.len()
    );
    assert!(
        kinds.len() >= KINDS_MIN && asked >= KINDS_MIN,
        "{}",
        kinds.len()
    );
}

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn printable(&mut self) -> char {
        char::from(0x21 + u8::try_from(self.below(0x7f - 0x21)).unwrap())
    }
}

/// Where a random test begins.
pub fn seed() -> u64 {
    let seed = std::env::var("PIPSS_SEED").ok();
    seed.map_or(20_260_601, |text| {
        text.parse().expect("PIPSS_SEED is a number")
    })
}

/// Changes a token in one of ten ways.
fn mutated(token: &str, random: &mut Random) -> String {
    match random.below(10) {
        // One bit of one part.
        0 => bit_flipped(token, random),
        _ => mutated_text(token, random),
    }
}

/// Changes a text in one of nine ways.
pub fn mutated_text(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = random.below(chars.len());
    let other = random.below(chars.len());
    match random.below(9) {
        0 => chars[at] = random.printable(),
        1 => drop(chars.remove(at)),
        2 => chars.insert(at, random.printable()),
        3 => chars.swap(at, other),
        4 => chars.truncate(at),
        5 => drop(chars.drain(..at)),
        6 => chars.extend_from_within(at..),
        7 => chars.rotate_left(at),
        _ => chars[at.min(other)..at.max(other)].reverse(),
    }
    chars.into_iter().collect()
}

fn bit_flipped(token: &str, random: &mut Random) -> String {
    use base64::Engine;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let parts = token.split('.').map(|part| engine.decode(part).unwrap());
    let mut parts: Vec<Vec<u8>> = parts.collect();
    let part = random.below(3);
    let at = random.below(parts[part].len());
    parts[part][at] ^= 1 << random.below(8);
    parts.iter().map(base64).collect::<Vec<_>>().join(".")
}

#[tokio::test]
async fn no_mutation_of_a_good_token_is_accepted() {
    let seed = seed();
    println!("PIPSS_SEED={seed}");
    let signer = Signer::new(Algorithm::EdDSA, "a");
    let door = Door::open(verifier(&signer), PLENTY).await;
    let token = signer.token();
    let (_, wanted) = door.me("").await.unwrap();
    // It is known from now on that this one holds: nothing like it does.
    assert_eq!(door.me(&token).await.unwrap().0, 200);
    let mut random = Random(seed);
    let mut tried = 0;
    while tried < MUTATIONS {
        let bad = mutated(&token, &mut random);
        if bad == token {
            continue;
        }
        let answer = door.me(&bad).await.expect("all are printable");
        assert_eq!(answer, (401, wanted.clone()), "PIPSS_SEED={seed}: {bad}");
        tried += 1;
    }
    assert_eq!(door.me(&token).await.unwrap().0, 200);
    println!("{tried} mutations, one answer");
}

#[tokio::test]
async fn nobody_is_looked_for_before_the_signature_holds() {
    let (signer, stranger) = (
        Signer::new(Algorithm::ES256, "a"),
        Signer::new(Algorithm::ES256, "a"),
    );
    let door = Door::open(verifier(&signer), 3).await;
    // Everything in them is as an honest token says it, but for the signature. Looking for the person would
    // use up their share of three; and whoever first comes with an expected address is taken for them.
    let header = stranger.header().to_string();
    let thief = with(claims(), "sub", "thief").to_string();
    for forged in [stranger.token(), stranger.sign(&header, &thief)] {
        for _ in 0..25 {
            assert_eq!(door.me(&forged).await.unwrap().0, 401);
        }
    }
    let (status, me) = door.me(&signer.token()).await.unwrap();
    assert_eq!(status, 200);
    assert!(me.contains(&EXPECTED.to_string()), "{me}");
    // Once the signature holds, they are met, and nobody else with that address is.
    let thief = signer.sign(&signer.header().to_string(), &thief);
    let (status, me) = door.me(&thief).await.unwrap();
    assert_eq!(status, 200);
    assert!(!me.contains(&EXPECTED.to_string()), "{me}");
}

#[tokio::test]
async fn a_token_of_a_session_that_its_issuer_ended_is_refused() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let verifier = crate::logout_tokens::verifier(&signer);
    let now = get_current_timestamp();
    let token = |claims: String| signer.sign(&signer.header().to_string(), &claims);
    let of =
        |sid: &str, issued: u64| token(with(with(claims(), "sid", sid), "iat", issued).to_string());
    let without = token(with(claims(), "iat", now - 5).to_string());
    let (one, two) = (of("one", now), of("two", now - 5));
    for good in [&one, &two, &without, &one, &two, &without] {
        assert!(verifier.verify(good).await.is_ok());
    }
    let out = crate::logout_tokens::message(&signer, |claims| {
        claims["sid"] = "one".into();
    });
    assert!(verifier.signed_out(&out).await.is_ok());
    for ended in [&one, &of("one", now)] {
        assert_eq!(verifier.verify(ended).await, Err(Unauthorised));
    }
    for still in [&two, &of("two", now)] {
        assert!(verifier.verify(still).await.is_ok());
    }
    let out = crate::logout_tokens::message(&signer, |claims| {
        claims["jti"] = "another".into();
    });
    assert!(verifier.signed_out(&out).await.is_ok());
    for ended in [&two, &of("two", now - 5), &without] {
        assert_eq!(verifier.verify(ended).await, Err(Unauthorised));
    }
    let later = of("three", get_current_timestamp() + 1);
    assert!(
        verifier.verify(&later).await.is_ok(),
        "they signed in again"
    );
}

/// It held a moment ago, and its signature need not be checked again: its end is looked at all the same.
#[tokio::test]
async fn a_token_that_held_is_refused_once_it_has_ended() {
    let signer = Signer::new(Algorithm::ES256, "a");
    let verifier = crate::logout_tokens::verifier(&signer);
    // Clocks may differ by half a minute: it still holds, and in two seconds it does not.
    let mut claims = claims();
    claims["exp"] = (get_current_timestamp() - 28).into();
    let token = signer.sign(&signer.header().to_string(), &claims.to_string());
    let (began, mut held) = (Instant::now(), 0);
    while verifier.verify(&token).await.is_ok() {
        held += 1;
        assert!(began.elapsed() < Duration::from_secs(20), "it holds on");
    }
    assert!(held > 1, "{held}");
}
