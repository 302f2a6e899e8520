//! What waits while someone is at their sign-in service: what they wrote, and which ways back were used.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

/// Someone who is longer there begins anew.
pub(crate) const LIFE: Duration = Duration::minutes(10);
/// What they wrote is kept longer: they may begin anew.
const KEPT: Duration = Duration::hours(1);
/// Only those who were signed in today can leave something here.
const KEPT_MAX: usize = 200;
const USED_MAX: usize = 20_000;

/// Lost with the process: who comes back then begins anew.
#[derive(Default)]
pub(crate) struct Pending {
    kept: Mutex<HashMap<String, (String, DateTime<Utc>)>>,
    used: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Pending {
    /// Keeps something sealed under a fresh name.
    pub fn keep(&self, name: String, sealed: String, now: DateTime<Utc>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (_, at)| now - *at < KEPT);
        if kept.len() >= KEPT_MAX {
            let oldest = kept.iter().min_by_key(|(_, (_, at))| *at);
            let oldest = oldest.map(|(name, _)| name.clone());
            oldest.and_then(|name| kept.remove(&name));
        }
        kept.insert(name, (sealed, now));
    }

    /// Gives it back, once.
    pub fn take(&self, name: &str) -> Option<String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.remove(name).map(|(sealed, _)| sealed)
    }

    /// Is this way back used for the first time? With too many at once, none is.
    pub fn first_use(&self, state: &str, now: DateTime<Utc>) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= USED_MAX {
            used.retain(|_, at| now - *at < LIFE);
        }
        used.len() < USED_MAX && used.insert(state.to_owned(), now).is_none()
    }
}
