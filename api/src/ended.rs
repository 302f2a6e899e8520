//! Sessions that an issuer ended before their access tokens did.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// So many are remembered; the oldest are forgotten first, long after their tokens ended.
const REMEMBERED_MAX: usize = 10_000;

/// What is remembered, since the process began.
#[derive(Default)]
pub(crate) struct Ended(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    /// When, in seconds since 1970, by issuer and what ended.
    at: HashMap<What, u64>,
    order: VecDeque<What>,
    /// Which messages were taken, so that none is taken twice.
    messages: HashSet<(String, String)>,
    message_order: VecDeque<(String, String)>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum What {
    /// One session, for good.
    Session(String, String),
    /// Everything of one person that was issued before.
    Person(String, String),
}

impl Ended {
    /// Is this message new? It is not afterwards.
    pub(crate) fn first(&self, issuer: &str, message: &str) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (issuer.to_owned(), message.to_owned());
        if !kept.messages.insert(name.clone()) {
            return false;
        }
        kept.message_order.push_back(name);
        if kept.message_order.len() > REMEMBERED_MAX
            && let Some(oldest) = kept.message_order.pop_front()
        {
            kept.messages.remove(&oldest);
        }
        true
    }

    /// An issuer ended a session, or all of a person's.
    pub(crate) fn end(&self, issuer: &str, (sid, sub): (Option<&str>, Option<&str>), now: u64) {
        // With a session named, only that one ended (Back-Channel Logout §2.4).
        let what = match (sid, sub) {
            (Some(sid), _) => What::Session(issuer.into(), sid.into()),
            (None, Some(sub)) => What::Person(issuer.into(), sub.into()),
            (None, None) => return,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.at.insert(what.clone(), now).is_none() {
            kept.order.push_back(what);
        }
        if kept.order.len() > REMEMBERED_MAX
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.at.remove(&oldest);
        }
    }

    /// Was a token with these names, issued then, of a session that ended?
    pub(crate) fn has_ended(
        &self,
        issuer: &str,
        (sid, sub): (Option<&str>, Option<&str>),
        issued_at: Option<u64>,
    ) -> bool {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.at.is_empty() {
            return false;
        }
        let session = sid.map(|sid| What::Session(issuer.into(), sid.into()));
        let person = sub.map(|sub| What::Person(issuer.into(), sub.into()));
        let before = |at: &u64| issued_at.is_none_or(|issued| issued <= *at);
        session.is_some_and(|what| kept.at.contains_key(&what))
            || person.is_some_and(|what| kept.at.get(&what).is_some_and(before))
    }
}
