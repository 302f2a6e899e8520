//! Words that several lists use.

use chrono::{DateTime, Duration, Utc};
use pipss_api::case_answer::CaseState;
use pipss_domain::facts::Urgency;
use serde::Serialize;

/// A word that stands out.
#[derive(Clone, Copy, Serialize)]
pub struct Tag {
    /// The word.
    pub text: &'static str,
    /// Its colour, one of those of the official tag.
    pub colour: &'static str,
}

/// How urgent a case is.
pub const fn urgency(urgency: Urgency) -> Tag {
    let (text, colour) = match urgency {
        Urgency::U1 => ("U1, at once", "red"),
        Urgency::U2 => ("U2, urgent", "orange"),
        Urgency::U3 => ("U3, routine", "blue"),
        Urgency::U4 => ("U4, planned ahead", "grey"),
    };
    Tag { text, colour }
}

/// Where a case stands.
pub const fn state(state: CaseState) -> Tag {
    let (text, colour) = match state {
        CaseState::Raised => ("Waits for triage", "purple"),
        CaseState::Open => ("Open", "blue"),
        CaseState::Closed => ("Closed", "grey"),
        CaseState::Merged => ("Merged", "grey"),
    };
    Tag { text, colour }
}

/// A length of time as people say it: only its largest part.
pub fn lasted(time: Duration) -> String {
    let (n, what) = match time.num_minutes().max(0) {
        minutes @ 0..60 => (minutes, "minute"),
        minutes @ 60..2880 => (minutes / 60, "hour"),
        minutes => (minutes / 1440, "day"),
    };
    counted(n, what)
}

/// `1 day`, `2 days`.
pub fn counted(n: i64, what: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {what}{s}")
}

/// How long it is since then.
pub fn since(from: DateTime<Utc>, now: DateTime<Utc>) -> String {
    lasted(now - from)
}
