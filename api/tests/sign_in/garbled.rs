//! Tokens that are rightly signed and say anything at all: refused, or believed in what they plainly say.

use jsonwebtoken::get_current_timestamp;
use pipss_api::token::Algorithm;
use serde_json::Value;

use crate::refused::{Random, mutated_text, seed};
use crate::signer::{AUDIENCE, ISSUER, Signer, claims, verifier};

/// The most this process may grow meanwhile, in kB.
const GROWTH_MAX: u64 = 64 << 10;

/// The most memory this process ever held, in kB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1);
    kilobytes.unwrap().parse().unwrap()
}

/// What a believed token must say, whatever else stands in it.
fn plainly_says(claims: &str) -> bool {
    let Ok(claims) = serde_json::from_str::<Value>(claims) else {
        return false;
    };
    let lives = claims["exp"].as_f64() > Some(get_current_timestamp() as f64 - 600.0);
    let ours = claims["aud"] == AUDIENCE
        || claims["aud"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == AUDIENCE));
    claims["iss"] == ISSUER && ours && lives && claims["sub"].is_string()
}

#[tokio::test]
async fn what_is_signed_and_garbled_is_refused_or_plainly_right() {
    let seed = seed();
    println!("PIPSS_SEED={seed}");
    // The drill tries more.
    let inputs: u32 = std::env::var("PIPSS_FUZZ").map_or(3_000, |inputs| inputs.parse().unwrap());
    let signer = Signer::new(Algorithm::EdDSA, "a");
    let (verifier, mut random) = (verifier(&signer), Random(seed));
    let (mut refused, mut believed, before) = (0, 0, peak());
    for n in 0..inputs {
        let (mut header, mut said) = (signer.header().to_string(), claims().to_string());
        match random.below(3) {
            0 => header = mutated_text(&header, &mut random),
            1 => said = mutated_text(&said, &mut random),
            // Far more than any service says.
            _ if n % 50 == 0 => said = said.replace("Asha", &"Asha".repeat(20_000)),
            _ => {
                header = mutated_text(&header, &mut random);
                said = mutated_text(&said, &mut random);
            }
        }
        if verifier.verify(&signer.sign(&header, &said)).await.is_ok() {
            assert!(plainly_says(&said), "PIPSS_SEED={seed}, input {n}: {said}");
            believed += 1;
        } else {
            refused += 1;
        }
    }
    let grown = peak().saturating_sub(before);
    assert!(
        refused > 0 && believed > 0,
        "{refused} refused, {believed} believed"
    );
    assert!(grown < GROWTH_MAX, "{grown} kB more");
    println!(
        "signed tokens: {refused} refused, {believed} plainly right, 0 panics, {grown} kB more"
    );
}
