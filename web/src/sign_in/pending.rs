//! What waits while someone is at their sign-in service: what they wrote, and which ways back were used.

use std::collections::{HashMap, HashSet, VecDeque};
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
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    states: HashSet<String>,
    order: VecDeque<(String, DateTime<Utc>)>,
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

    /// Is this way back used for the first time? In a flood the oldest are forgotten, so that people still
    /// get in: a code works once at the service all the same.
    pub fn first_use(&self, state: &str, now: DateTime<Utc>) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let Used { states, order } = &mut *used;
        let over = |(_, at): &(String, DateTime<Utc>)| now - *at >= LIFE;
        while order.len() >= USED_MAX || order.front().is_some_and(over) {
            let oldest = order.pop_front();
            oldest.map(|(state, _)| states.remove(&state));
        }
        if !states.insert(state.to_owned()) {
            return false;
        }
        order.push_back((state.to_owned(), now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_used_once_and_a_flood_keeps_nobody_out() {
        let pending = Pending::default();
        let now: DateTime<Utc> = "2026-06-01T03:00:00Z".parse().unwrap();
        assert!(pending.first_use("a", now) && !pending.first_use("a", now));
        for n in 0..USED_MAX {
            assert!(pending.first_use(&n.to_string(), now));
        }
        let used = pending.used.lock().unwrap();
        assert!(used.order.len() <= USED_MAX && used.states.len() == used.order.len());
    }

    #[test]
    fn what_was_written_is_given_back_once_and_for_an_hour() {
        let pending = Pending::default();
        let now: DateTime<Utc> = "2026-06-01T03:00:00Z".parse().unwrap();
        pending.keep("one".into(), "sealed".into(), now);
        pending.keep("two".into(), "sealed".into(), now + KEPT);
        assert!(pending.take("one").is_none(), "an hour went by");
        assert_eq!(pending.take("two").as_deref(), Some("sealed"));
        assert!(pending.take("two").is_none());
        for n in 0..=KEPT_MAX {
            pending.keep(n.to_string(), "sealed".into(), now);
        }
        assert!(pending.kept.lock().unwrap().len() <= KEPT_MAX);
    }
}
