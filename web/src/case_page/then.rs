//! The case as it was known on a day: which instant that means, and what stands there then.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::CaseAnswer;
use pipss_api::problem::Refused;
use pipss_domain::calendar::in_london;
use pipss_domain::refusal::Refusal;
use pipss_domain::text::Moment;
use serde::Serialize;

use crate::london;
use crate::pages::{Instead, Pages};
use crate::visitor::Visitor;

const WRITE: &str = "Give a date that exists, such as 2 3 2026.";
const FUTURE: &str = "Give a date that is not in the future.";
const BEFORE: &str = "Nothing was known of this case then. Give a later date.";

/// When one looks at.
#[derive(Default, Serialize)]
pub struct Then {
    #[serde(skip)]
    pub instant: Option<DateTime<Utc>>,
    /// In words, if it is not today.
    pub at: Option<String>,
    /// What was asked for.
    pub typed: String,
    /// Why that cannot be shown.
    pub error: Option<&'static str>,
}

/// The case as it was known then; or why not.
pub fn known(
    pages: &Pages,
    visitor: &Visitor,
    today: &CaseAnswer,
    typed: &str,
) -> Result<Result<(CaseAnswer, Then), Then>, Instead> {
    let not = |error| Then {
        typed: typed.to_owned(),
        error: Some(error),
        ..Then::default()
    };
    let now = pages.app.clock().now();
    let instant = match instant(typed, now) {
        Ok(instant) => instant,
        Err(error) => return Ok(Err(not(error))),
    };
    let asked = AsOfAsked {
        as_of: Some(Moment(instant)),
    };
    match pages.app.case(&visitor.actor, today.case, &asked) {
        Ok(case) => Ok(Ok((
            case,
            Then {
                instant: Some(instant),
                at: Some(london::moment(instant)),
                typed: typed.to_owned(),
                error: None,
            },
        ))),
        Err(Refused::Rule(Refusal::NotFound)) => Ok(Err(not(BEFORE))),
        Err(refused) => Err(refused.into()),
    }
}

/// An instant, or a day, which means its end in London; today's is not over yet.
fn instant(typed: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    if let Ok(at) = DateTime::parse_from_rfc3339(&typed.replace(' ', "+")) {
        let at = at.to_utc();
        return if at > now { Err(FUTURE) } else { Ok(at) };
    }
    let day = day(typed).ok_or(WRITE)?;
    if day > pipss_domain::calendar::day_in_london(now) {
        return Err(FUTURE);
    }
    let next = day.checked_add_days(Days::new(1)).ok_or(WRITE)?;
    let over = in_london(next, NaiveTime::MIN).ok_or(WRITE)?;
    Ok((over - chrono::Duration::microseconds(1)).min(now))
}

/// `2026-03-02`, or as people write it: `2/3/2026`, `2 March 2026`.
fn day(typed: &str) -> Option<NaiveDate> {
    if let Ok(day) = typed.parse() {
        return Some(day);
    }
    let parts = typed.split(['/', '.', ' ', '-']);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [day, month, year] => london::typed_day(day, month, year),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_means_its_end_in_london_and_today_means_now() {
        let now = at("2026-07-05T10:00:00Z");
        let end = at("2026-07-01T22:59:59.999999Z");
        for typed in ["2026-07-01", "1/7/2026", "1 July 2026", "1 7 26"] {
            assert_eq!(instant(typed, now), Ok(end), "{typed}");
        }
        assert_eq!(instant("2026-07-05", now), Ok(now));
        assert_eq!(instant("2026-07-06", now), Err(FUTURE));
        assert_eq!(instant("soon", now), Err(WRITE));
    }

    #[test]
    fn an_instant_is_taken_as_it_is() {
        let now = at("2026-07-05T10:00:00Z");
        let three = at("2026-07-01T03:00:00Z");
        assert_eq!(instant("2026-07-01T03:00:00Z", now), Ok(three));
        assert_eq!(instant("2026-07-01T04:00:00 01:00", now), Ok(three));
        assert_eq!(instant("2026-07-09T03:00:00Z", now), Err(FUTURE));
    }
}
