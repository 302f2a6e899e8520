//! Working time in England: Monday to Friday, 09:00 to 17:00 in Europe/London, but for bank holidays.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc, Weekday};

use crate::calendar::{day_in_london, in_london};

/// The version of this data; it stands in every fact as part of the policy version.
pub const WORKING_TIME_VERSION: u32 = 1;

const OPENS: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("there is such a time");
const CLOSES: NaiveTime = NaiveTime::from_hms_opt(17, 0, 0).expect("there is such a time");
/// The length of a working day in minutes.
pub const DAY_MINUTES: i64 = 8 * 60;
/// Nothing is due further ahead; a bound, not a rule.
const DAYS_MAX: usize = 3660;

/// Bank holidays in England, as (year, month, day), substitute days included.
#[rustfmt::skip] // a table is read by its rows
const BANK_HOLIDAYS: [(i32, u32, u32); 56] = [
    (2024, 1, 1), (2024, 3, 29), (2024, 4, 1), (2024, 5, 6), (2024, 5, 27), (2024, 8, 26), (2024, 12, 25), (2024, 12, 26),
    (2025, 1, 1), (2025, 4, 18), (2025, 4, 21), (2025, 5, 5), (2025, 5, 26), (2025, 8, 25), (2025, 12, 25), (2025, 12, 26),
    (2026, 1, 1), (2026, 4, 3), (2026, 4, 6), (2026, 5, 4), (2026, 5, 25), (2026, 8, 31), (2026, 12, 25), (2026, 12, 28),
    (2027, 1, 1), (2027, 3, 26), (2027, 3, 29), (2027, 5, 3), (2027, 5, 31), (2027, 8, 30), (2027, 12, 27), (2027, 12, 28),
    (2028, 1, 3), (2028, 4, 14), (2028, 4, 17), (2028, 5, 1), (2028, 5, 29), (2028, 8, 28), (2028, 12, 25), (2028, 12, 26),
    (2029, 1, 1), (2029, 3, 30), (2029, 4, 2), (2029, 5, 7), (2029, 5, 28), (2029, 8, 27), (2029, 12, 25), (2029, 12, 26),
    (2030, 1, 1), (2030, 4, 19), (2030, 4, 22), (2030, 5, 6), (2030, 5, 27), (2030, 8, 26), (2030, 12, 25), (2030, 12, 26),
];

/// Is this a day on which people work?
pub fn is_working_day(day: NaiveDate) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let ymd = (day.year(), day.month(), day.day());
    !weekend && BANK_HOLIDAYS.binary_search(&ymd).is_err()
}

/// A stretch of working time within one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its start.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
}

impl Stretch {
    /// Its length in minutes.
    pub fn minutes(&self) -> i64 {
        (self.to - self.from).num_minutes()
    }
}

/// The working day of a date, if it is one. Clocks change at night, so that every one is as long.
fn hours_of(day: NaiveDate) -> Option<Stretch> {
    if !is_working_day(day) {
        return None;
    }
    let from = in_london(day, OPENS)?;
    Some(Stretch {
        from,
        to: from + (CLOSES - OPENS),
    })
}

/// Nine in the morning of the last working day before the day of an instant.
pub fn working_morning_before(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let day = day_in_london(at);
    let before = day.iter_days().rev().skip(1).take(DAYS_MAX);
    before
        .into_iter()
        .find_map(hours_of)
        .map(|hours| hours.from)
}

/// When people are at work at or after an instant: that instant itself, if they are then.
pub fn at_work_from(at: DateTime<Utc>) -> DateTime<Utc> {
    let first = stretches(at, 1).into_iter().next();
    first.map_or(at, |stretch| stretch.from)
}

/// When people go home on the day of an instant at which they are at work.
pub fn goes_home_at(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let hours = hours_of(day_in_london(at))?;
    (hours.from <= at && at < hours.to).then_some(hours.to)
}

/// The stretches of working time from an instant until so many minutes were worked. Together they are
/// exactly that long; the end of the last is when it is due.
pub fn stretches(from: DateTime<Utc>, minutes: i64) -> Vec<Stretch> {
    let mut left = Duration::minutes(minutes);
    let mut found = Vec::new();
    let mut day = day_in_london(from);
    for _ in 0..DAYS_MAX {
        if let Some(hours) = hours_of(day).filter(|hours| hours.to > from) {
            let starts = hours.from.max(from);
            let ends = hours.to.min(starts + left);
            found.push(Stretch {
                from: starts,
                to: ends,
            });
            left -= ends - starts;
            if left <= Duration::zero() {
                break;
            }
        }
        let Some(next) = day.succ_opt() else { break };
        day = next;
    }
    found
}

/// The working time between two instants.
pub fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    let mut day = day_in_london(from);
    let last = day_in_london(to);
    let mut worked = Duration::zero();
    while day <= last {
        if let Some(hours) = hours_of(day) {
            worked += (hours.to.min(to) - hours.from.max(from)).max(Duration::zero());
        }
        let Some(next) = day.succ_opt() else { break };
        day = next;
    }
    worked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn bank_holidays_stand_in_order_so_that_they_are_found() {
        assert!(BANK_HOLIDAYS.is_sorted());
    }

    fn due(from: &str, minutes: i64) -> DateTime<Utc> {
        stretches(at(from), minutes).last().unwrap().to
    }

    #[test]
    fn four_working_hours_from_friday_afternoon_end_on_monday() {
        // 20 November 2026 is a Friday.
        let parts = stretches(at("2026-11-20T15:30:00Z"), 240);
        let minutes: Vec<_> = parts.iter().map(Stretch::minutes).collect();
        assert_eq!(minutes, [90, 150]);
        assert_eq!(parts[1].to, at("2026-11-23T11:30:00Z"));
    }

    #[test]
    fn nobody_is_at_work_before_nine_from_five_on_or_over_easter() {
        let from = |text| at_work_from(at(text));
        assert_eq!(from("2026-11-20T16:59:59Z"), at("2026-11-20T16:59:59Z"));
        assert_eq!(from("2026-11-20T17:00:00Z"), at("2026-11-23T09:00:00Z"));
        assert_eq!(from("2026-04-02T16:00:00Z"), at("2026-04-07T08:00:00Z"));
        let home = |text| goes_home_at(at(text));
        assert_eq!(
            home("2026-11-20T16:59:59Z"),
            Some(at("2026-11-20T17:00:00Z"))
        );
        assert_eq!(home("2026-11-20T17:00:00Z"), None);
        assert_eq!(home("2026-11-21T12:00:00Z"), None);
    }

    #[test]
    fn bank_holidays_and_the_days_between_them_do_not_count() {
        // Thursday 2 April 2026, then Good Friday, a weekend and Easter Monday. Summer time.
        assert_eq!(due("2026-04-02T15:00:00Z", 120), at("2026-04-07T09:00:00Z"));
    }

    #[test]
    fn the_working_morning_before_a_monday_after_the_clocks_went_back_is_friday_in_summer_time() {
        let monday = at("2026-10-26T14:00:00Z");
        let morning = working_morning_before(monday);
        assert_eq!(morning, Some(at("2026-10-23T08:00:00Z")));
    }

    #[test]
    fn both_clock_changes_leave_the_working_day_eight_hours_long() {
        assert_eq!(due("2026-03-27T16:00:00Z", 120), at("2026-03-30T09:00:00Z"));
        assert_eq!(due("2026-10-23T15:00:00Z", 120), at("2026-10-26T10:00:00Z"));
    }

    #[test]
    fn what_is_asked_at_night_begins_in_the_morning() {
        assert_eq!(due("2026-11-17T03:00:00Z", 60), at("2026-11-17T10:00:00Z"));
        assert_eq!(due("2026-11-21T23:00:00Z", 60), at("2026-11-23T10:00:00Z"));
    }

    #[test]
    fn the_parts_add_up_and_agree_with_the_time_between() {
        for hours in 0..400 {
            let from = at("2026-03-20T00:10:00Z") + Duration::hours(hours * 7);
            for minutes in [1, 59, 240, 960, 4800] {
                let parts = stretches(from, minutes);
                let sum: i64 = parts.iter().map(Stretch::minutes).sum();
                assert_eq!(sum, minutes);
                let ends = parts.last().unwrap().to;
                assert_eq!(between(from, ends).num_minutes(), minutes);
            }
        }
    }
}
