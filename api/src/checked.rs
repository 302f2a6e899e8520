//! Tokens whose signature held lately: that sum alone is not done again, everything else is at every request.
//!
//! What is kept of a token says nothing of whoever it names: a sum of its bytes under a key that lasts as long
//! as this process, and the key that checked them. A key that its issuer no longer publishes checks nothing any
//! more, also for tokens that it checked before; and when a token ends is looked at each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use jsonwebtoken::DecodingKey;

/// So many are remembered, and as many of those before them: a bound on memory, not a rule.
const REMEMBERED_MAX: usize = 8192;

/// The tokens, by their sums.
pub(crate) struct Checked {
    summing: hmac::Key,
    kept: Mutex<Kept>,
}

type Sum = [u8; 32];

#[derive(Default)]
struct Kept {
    lately: HashMap<Sum, Arc<DecodingKey>>,
    before: HashMap<Sum, Arc<DecodingKey>>,
}

impl Default for Checked {
    fn default() -> Self {
        let random = SystemRandom::new();
        let summing = hmac::Key::generate(hmac::HMAC_SHA256, &random);
        Self {
            summing: summing.expect("the operating system gives random bytes"),
            kept: Mutex::default(),
        }
    }
}

impl Checked {
    /// Did exactly this token hold by this very key, as it was last read?
    pub fn holds(&self, token: &str, key: &Arc<DecodingKey>) -> bool {
        let sum = self.sum(token);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.lately.get(&sum) {
            return Arc::ptr_eq(known, key);
        }
        let before = kept.before.remove(&sum);
        let Some(known) = before.filter(|known| Arc::ptr_eq(known, key)) else {
            return false;
        };
        kept.add(sum, known);
        true
    }

    /// Remembers that a token held by a key, and forgets the oldest.
    pub fn add(&self, token: &str, key: &Arc<DecodingKey>) {
        let sum = self.sum(token);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.add(sum, Arc::clone(key));
    }

    fn sum(&self, token: &str) -> Sum {
        let sum = hmac::sign(&self.summing, token.as_bytes());
        sum.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}

impl Kept {
    fn add(&mut self, sum: Sum, key: Arc<DecodingKey>) {
        if self.lately.len() >= REMEMBERED_MAX {
            self.before = std::mem::take(&mut self.lately);
        }
        self.lately.insert(sum, key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Arc<DecodingKey> {
        Arc::new(DecodingKey::from_ed_der(&[byte; 32]))
    }

    #[test]
    fn a_token_is_known_by_every_byte_and_by_the_key_that_checked_it() {
        let (checked, one) = (Checked::default(), key(1));
        checked.add("a.b.c", &one);
        assert!(checked.holds("a.b.c", &one));
        for other in ["a.b.d", "a.b.c ", "A.b.c", "", "a.b."] {
            assert!(!checked.holds(other, &one), "{other}");
        }
        // The same bytes, read from the issuer another time: the token is checked again.
        assert!(!checked.holds("a.b.c", &key(1)));
        assert!(!checked.holds("a.b.c", &key(2)));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for_and_those_in_use_stay() {
        let (checked, one) = (Checked::default(), key(1));
        checked.add("in use", &one);
        for n in 0..5 * REMEMBERED_MAX {
            checked.add(&n.to_string(), &one);
            assert!(checked.holds("in use", &one), "{n}");
        }
        let kept = checked.kept.lock().unwrap();
        assert!(kept.lately.len() <= REMEMBERED_MAX && kept.before.len() <= REMEMBERED_MAX);
        drop(kept);
        assert!(!checked.holds("0", &one));
    }
}
