//! What day it is for people in England.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;

/// The calendar day in Europe/London at an instant.
pub fn day_in_london(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&London).date_naive()
}

/// An instant as people in England write it: `Monday 2 March 2026 at 14:30`.
pub fn in_words(at: DateTime<Utc>) -> String {
    at.with_timezone(&London)
        .format("%A %-d %B %Y at %H:%M")
        .to_string()
}

/// A day as people in England write it: `2 March 2026`.
pub fn day_in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}
