//! How much one address may ask without signing in: enough for a room full of people, too little to guess.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::Extensions;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::door::Server;
use crate::problem::Refused;

/// What is open without a token; the page that does the same takes from the same shares.
pub const OPEN: &str = "/api/v1/feedback";
/// Addresses share so many buckets, so that a flood from everywhere takes no more memory than this.
const BUCKETS: u64 = 4096;
/// From one address: forty people behind one router answer at once, then one a second.
const EACH: (u32, u32) = (1, 60);
/// From all together. At this rate a code is guessed once in a decade: 65 of 2^40 proofs are good.
const ALL: (u32, u32) = (50, 400);

/// On the way to sign in: a whole hospital may stand behind one address when a shift begins.
const EACH_SIGNING_IN: (u32, u32) = (20, 400);
const ALL_SIGNING_IN: (u32, u32) = (200, 2_000);

/// What each address, and all together, have used of their share. Kept in memory, never written.
pub struct Addresses {
    each: DefaultKeyedRateLimiter<u64>,
    all: DefaultDirectRateLimiter,
    hasher: RandomState,
}

impl Addresses {
    /// Of what is open to whoever has a code; nobody has asked anything.
    pub fn new() -> Self {
        Self::with(EACH, ALL)
    }

    /// Of the way to sign in.
    pub fn signing_in() -> Self {
        Self::with(EACH_SIGNING_IN, ALL_SIGNING_IN)
    }

    fn with(each: (u32, u32), all: (u32, u32)) -> Self {
        Self {
            each: RateLimiter::keyed(quota(each)),
            all: RateLimiter::direct(quota(all)),
            hasher: RandomState::new(),
        }
    }

    /// Takes one from the share of an address.
    fn take(&self, address: Option<IpAddr>) -> Result<(), Refused> {
        let now = DefaultClock::default().now();
        let wait = |seconds: std::time::Duration| Refused::TooMany(seconds.as_secs() + 1);
        let bucket = self.hasher.hash_one(address.map(home)) % BUCKETS;
        self.each
            .check_key(&bucket)
            .map_err(|until| wait(until.wait_time_from(now)))?;
        self.all
            .check()
            .map_err(|until| wait(until.wait_time_from(now)))
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self::new()
    }
}

fn quota((per_second, burst): (u32, u32)) -> Quota {
    let not_zero = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(not_zero(per_second)).allow_burst(not_zero(burst))
}

/// Whoever has one IPv6 address has the 2^64 around it.
fn home(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Server {
    /// Takes one request from the share of the address that it comes from; within this process there are
    /// no shares.
    ///
    /// # Errors
    /// `TooMany`.
    pub fn take_from_address(&self, of: &Extensions) -> Result<(), Refused> {
        taken(self.addresses.as_ref(), of)
    }

    /// The same on the way to sign in, which has shares of its own.
    ///
    /// # Errors
    /// `TooMany`.
    pub fn take_to_sign_in(&self, of: &Extensions) -> Result<(), Refused> {
        taken(self.signing_in.as_ref(), of)
    }
}

fn taken(shares: Option<&Addresses>, of: &Extensions) -> Result<(), Refused> {
    let from = of.get::<ConnectInfo<SocketAddr>>();
    shares.map_or(Ok(()), |shares| shares.take(from.map(|from| from.0.ip())))
}

/// Asked before anything else of what is open without a token, once the body is read. Behind a proxy every
/// address is the proxy's: then the share is that of the trust.
pub async fn limited(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    if request.uri().path() == OPEN
        && let Err(refused) = server.take_from_address(request.extensions())
    {
        return refused.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_uses_up_its_own_share_and_not_that_of_another() {
        let addresses = Addresses::new();
        let one = Some(IpAddr::from([192, 0, 2, 1]));
        let mut taken = 0;
        while addresses.take(one).is_ok() {
            taken += 1;
        }
        assert!((60..70).contains(&taken), "{taken}");
        let others = (2..20).map(|n| Some(IpAddr::from([192, 0, 2, n])));
        assert!(
            others
                .filter(|other| addresses.take(*other).is_ok())
                .count()
                > 15
        );
    }

    #[test]
    fn the_addresses_of_one_house_are_one() {
        let at = |text: &str| home(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2::1"), at("2001:db8:1:2:ffff::9"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }
}
