//! Times as people in England write and read them.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Europe::London;

/// `2 March 2026, 14:30`.
pub fn moment(at: DateTime<Utc>) -> String {
    at.with_timezone(&London)
        .format("%-d %B %Y, %H:%M")
        .to_string()
}

/// `Monday 2 March 2026`.
pub fn day(at: DateTime<Utc>) -> String {
    at.with_timezone(&London).format("%A %-d %B %Y").to_string()
}

/// `14:30`.
pub fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&London).format("%H:%M").to_string()
}

/// `2026-03-02T14:30:00Z`, for machines.
pub fn machine(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A day that someone typed in three parts; the year in two or four digits.
pub fn typed_day(day: &str, month: &str, year: &str) -> Option<NaiveDate> {
    let year = match year.len() {
        2 => format!("20{year}"),
        _ => year.to_owned(),
    };
    NaiveDate::from_ymd_opt(year.parse().ok()?, month_of(month)?, day.parse().ok()?)
}

fn month_of(typed: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let number = typed.parse().ok();
    number.or_else(|| {
        let typed = typed.to_lowercase();
        let found = NAMES.iter().position(|name| typed.starts_with(name))?;
        u32::try_from(found + 1).ok()
    })
}

/// A time of a day that someone typed: `14:30`, `1430`, `14.30`, `9`, `9am`, `2:30 pm`; and `01:30 GMT` or
/// `01:30 BST` where the clocks going back make it two.
///
/// # Errors
/// What would be right.
pub fn typed_moment(day: NaiveDate, typed: &str) -> Result<String, &'static str> {
    const WRITE: &str = "Write the time as hours and minutes, such as 14:30.";
    let (time, zone) = parted(typed);
    let time = typed_time(&time).ok_or(WRITE)?;
    let local = London.from_local_datetime(&day.and_time(time));
    let at = match (local, zone) {
        (LocalResult::Single(at), _) => at,
        (LocalResult::Ambiguous(first, _), Some("bst")) => first,
        (LocalResult::Ambiguous(_, second), Some("gmt")) => second,
        (LocalResult::Ambiguous(..), _) => {
            return Err(
                "The clocks went back then, so this time came twice. Write BST after it for \
                        the first time, or GMT for the second.",
            );
        }
        (LocalResult::None, _) => {
            return Err(
                "The clocks went forward then: this time did not exist. Write a time an hour later.",
            );
        }
    };
    Ok(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The time, and BST or GMT if that was written after it.
fn parted(typed: &str) -> (String, Option<&'static str>) {
    let typed = typed.to_lowercase();
    let zone = ["bst", "gmt"]
        .into_iter()
        .find(|zone| typed.ends_with(zone));
    let time = zone.map_or(typed.as_str(), |zone| typed.trim_end_matches(zone));
    (time.trim().to_owned(), zone)
}

fn typed_time(typed: &str) -> Option<NaiveTime> {
    let afternoon = typed.ends_with("pm");
    let half = afternoon || typed.ends_with("am");
    let digits = typed.trim_end_matches("am").trim_end_matches("pm").trim();
    let (hours, minutes) = match digits.split_once([':', '.']) {
        Some(parts) => parts,
        None if (3..=4).contains(&digits.len()) && digits.is_ascii() => {
            digits.split_at(digits.len() - 2)
        }
        None => (digits, "0"),
    };
    let hours: u32 = hours.trim().parse().ok()?;
    let hours = match (half, afternoon, hours) {
        (false, ..) => hours,
        (true, _, 0 | 13..) => return None,
        (true, false, 12) => 0,
        (true, true, 12) => 12,
        (true, pm, hours) => hours + u32::from(pm) * 12,
    };
    NaiveTime::from_hms_opt(hours, minutes.trim().parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: &str, typed: &str) -> Result<String, &'static str> {
        typed_moment(day.parse().unwrap(), typed)
    }

    #[test]
    fn a_time_can_be_written_as_people_write_it() {
        for typed in ["14:30", "1430", "14.30", "2:30pm", "2.30 PM"] {
            assert_eq!(
                on("2026-03-02", typed).unwrap(),
                "2026-03-02T14:30:00Z",
                "{typed}"
            );
        }
        assert_eq!(on("2026-07-01", "9").unwrap(), "2026-07-01T09:00:00+01:00");
        assert_eq!(
            on("2026-07-01", "12am").unwrap(),
            "2026-07-01T00:00:00+01:00"
        );
        for typed in ["", "25:00", "14:60", "13pm", "half past two", "1é", "-1:00"] {
            assert!(on("2026-03-02", typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn the_hours_of_a_clock_change_are_told_apart() {
        assert!(
            on("2026-03-29", "01:30")
                .unwrap_err()
                .contains("did not exist")
        );
        assert!(
            on("2026-10-25", "01:30")
                .unwrap_err()
                .contains("came twice")
        );
        assert_eq!(
            on("2026-10-25", "01:30 BST").unwrap(),
            "2026-10-25T01:30:00+01:00"
        );
        assert_eq!(on("2026-10-25", "0130gmt").unwrap(), "2026-10-25T01:30:00Z");
    }

    #[test]
    fn a_day_is_typed_in_three_parts() {
        let day = |d, m, y| typed_day(d, m, y).map(|day| day.to_string());
        assert_eq!(day("2", "3", "2026").as_deref(), Some("2026-03-02"));
        assert_eq!(day("2", "March", "26").as_deref(), Some("2026-03-02"));
        assert_eq!(day("29", "2", "2027"), None);
        assert_eq!(day("x", "2", "2027"), None);
    }
}
