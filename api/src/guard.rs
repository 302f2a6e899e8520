//! Who says who asks: a token, or this process itself; and how much one person may ask.

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;

use axum::http::{Extensions, HeaderMap, header};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::actor::Actor;
use crate::problem::Refused;
use crate::token::{SignedIn, Verifier};

/// Who says who asks.
pub(crate) enum Guard {
    /// A token; and everyone has a share.
    Tokens(Box<Tokens>),
    /// Whoever asks within this process: [`Within`]. Such a server is never served to a network.
    Within,
}

pub(crate) struct Tokens {
    pub(crate) verifier: Verifier,
    limiter: DefaultKeyedRateLimiter<u64>,
    hasher: RandomState,
}

/// Who asks, said by this process itself: it travels in a request's extensions, which nothing that
/// arrives from a network can reach.
#[derive(Clone)]
pub(crate) struct Within(pub Actor);

/// Who asks, where this process itself said it.
pub fn within(extensions: &Extensions) -> Option<Actor> {
    extensions.get::<Within>().map(|within| within.0.clone())
}

/// How much one person may ask.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a second over time.
    pub per_second: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_second: NonZeroU32::new(50).expect("not zero"),
            burst: NonZeroU32::new(200).expect("not zero"),
        }
    }
}

impl Tokens {
    pub fn new(verifier: Verifier, limits: Limits) -> Self {
        let quota = Quota::per_second(limits.per_second).allow_burst(limits.burst);
        Self {
            verifier,
            limiter: RateLimiter::keyed(quota),
            hasher: RandomState::new(),
        }
    }

    pub async fn signed_in(&self, headers: &HeaderMap) -> Result<SignedIn, Refused> {
        let token = bearer(headers).ok_or(Refused::Unauthorised)?;
        let signed_in = self
            .verifier
            .verify(token)
            .await
            .map_err(|_| Refused::Unauthorised)?;
        self.take_share(&signed_in)?;
        Ok(signed_in)
    }

    pub fn take_share(&self, signed_in: &SignedIn) -> Result<(), Refused> {
        let person = self
            .hasher
            .hash_one((&signed_in.issuer, &signed_in.subject));
        self.limiter.check_key(&person).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Refused::TooMany(wait.as_secs() + 1)
        })
    }
}

/// The token, if there is exactly one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
