//! What day it is for people in England.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Europe::London;

/// The calendar day in Europe/London at an instant.
pub fn day_in_london(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&London).date_naive()
}

/// The Monday of the week in Europe/London to which an instant belongs.
pub fn monday_of(at: DateTime<Utc>) -> NaiveDate {
    week_of_day(day_in_london(at))
}

/// The Monday of the week of a day.
pub fn week_of_day(day: NaiveDate) -> NaiveDate {
    let since = Days::new(day.weekday().num_days_from_monday().into());
    day.checked_sub_days(since).unwrap_or(day)
}

/// A time of a day in Europe/London; the first, where the clocks going back make it two. None in the
/// hour that the clocks going forward leave out.
pub fn in_london(day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    let local = London.from_local_datetime(&day.and_time(time)).earliest();
    local.map(|at| at.to_utc())
}

/// The hour of the day in Europe/London at an instant, 0 to 23.
pub fn hour_in_london(at: DateTime<Utc>) -> u32 {
    at.with_timezone(&London).hour()
}

/// An instant as people in England write it: `Monday 2 March 2026 at 14:30`.
pub fn in_words(at: DateTime<Utc>) -> String {
    at.with_timezone(&London)
        .format("%A %-d %B %Y at %H:%M")
        .to_string()
}

/// An instant of the coming days as people in England write it: `Monday 09:00`.
pub fn weekday_in_words(at: DateTime<Utc>) -> String {
    at.with_timezone(&London).format("%A %H:%M").to_string()
}

/// A day as people in England write it: `2 March 2026`.
pub fn day_in_words(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_in_london_whatever_the_season() {
        let day = |text| day_in_london(at(text)).to_string();
        assert_eq!(day("2026-01-31T23:59:59Z"), "2026-01-31");
        assert_eq!(day("2026-06-30T22:59:59Z"), "2026-06-30");
        assert_eq!(day("2026-06-30T23:00:00Z"), "2026-07-01");
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_in_london() {
        let monday = |text| monday_of(at(text)).to_string();
        assert_eq!(monday("2026-06-07T22:59:59Z"), "2026-06-01");
        assert_eq!(monday("2026-06-07T23:00:00Z"), "2026-06-08");
        let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        let on = |text| in_london(monday_of(at(text)), eight);
        assert_eq!(on("2026-06-10T12:00:00Z"), Some(at("2026-06-08T07:00:00Z")));
        assert_eq!(on("2026-11-25T12:00:00Z"), Some(at("2026-11-23T08:00:00Z")));
    }

    #[test]
    fn the_clock_goes_forward_and_back_as_it_does_on_the_wall() {
        let words = |text| in_words(at(text));
        assert_eq!(
            words("2026-03-29T00:59:00Z"),
            "Sunday 29 March 2026 at 00:59"
        );
        assert_eq!(
            words("2026-03-29T01:00:00Z"),
            "Sunday 29 March 2026 at 02:00"
        );
        assert_eq!(
            words("2026-10-25T00:30:00Z"),
            "Sunday 25 October 2026 at 01:30"
        );
        assert_eq!(
            words("2026-10-25T01:30:00Z"),
            "Sunday 25 October 2026 at 01:30"
        );
    }

    #[test]
    fn a_day_is_written_without_a_leading_zero() {
        assert_eq!(
            day_in_words(day_in_london(at("2026-03-02T12:00:00Z"))),
            "2 March 2026"
        );
    }
}
