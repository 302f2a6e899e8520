//! What day it is for people in England.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Europe::London;

/// The years in which summer time in England goes from the last Sunday of March to that of October, from
/// and to one in the morning UTC, and that the data of all time zones know as such.
const LAST_SUNDAYS: RangeInclusive<i32> = 1996..=2037;

/// The calendar day in Europe/London at an instant.
pub fn day_in_london(at: DateTime<Utc>) -> NaiveDate {
    let day = at.date_naive();
    // Lists ask this thousands of times, and looking it up in the data of time zones is dear.
    if LAST_SUNDAYS.contains(&day.year()) && (at.hour() < 23 || !is_summer(day)) {
        return day;
    }
    at.with_timezone(&London).date_naive()
}

/// Is it summer time on a day, from two in the morning on? Right for the years of [`LAST_SUNDAYS`].
fn is_summer(day: NaiveDate) -> bool {
    // Both months have 31 days: their last Sunday is the 25th or later.
    let last_sunday_came = || day.day() >= 25 + day.weekday().num_days_from_sunday();
    match day.month() {
        4..=9 => true,
        3 => last_sunday_came(),
        10 => !last_sunday_came(),
        _ => false,
    }
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
    let at = day.and_time(time);
    if LAST_SUNDAYS.contains(&day.year()) && time.hour() >= 2 {
        let ahead = TimeDelta::hours(is_summer(day).into());
        return Some((at - ahead).and_utc());
    }
    London
        .from_local_datetime(&at)
        .earliest()
        .map(|at| at.to_utc())
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
    fn days_and_times_are_those_of_the_data_of_time_zones() {
        let mut at = at("1994-12-31T22:59:59Z");
        while at.year() < 2040 {
            let local = at.with_timezone(&London);
            assert_eq!(day_in_london(at), local.date_naive(), "{at}");
            let (day, time) = (local.date_naive(), local.time());
            let theirs = London.from_local_datetime(&day.and_time(time)).earliest();
            let theirs = theirs.map(|at| at.to_utc());
            assert_eq!(in_london(day, time), theirs, "{at}");
            at += TimeDelta::minutes(30);
        }
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
