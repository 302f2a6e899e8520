//! When something is due, and how that was worked out.

use pipss_domain::clocks::{Clock, ClockState, Counted, Part};
use serde::Serialize;

use super::words::{Tag, counted};
use crate::london;

/// A due time, with its working.
#[derive(Serialize)]
pub struct Due {
    /// What is due.
    what: &'static str,
    /// When, in a few words.
    when: String,
    /// That it is late, or nearly.
    tag: Option<Tag>,
    /// From when it was counted.
    from: String,
    /// What was counted.
    target: String,
    /// Each part; together they are the target.
    parts: Vec<String>,
}

/// The due times of a case.
pub fn due(clocks: &[Clock]) -> Vec<Due> {
    clocks.iter().filter_map(one).collect()
}

fn one(clock: &Clock) -> Option<Due> {
    let (from, due) = clock.from.zip(clock.due)?;
    let tag = |text, colour| Some(Tag { text, colour });
    let at = london::moment(due);
    let (when, tag) = match clock.state {
        ClockState::Overdue => (format!("since {at}"), tag("Overdue", "red")),
        ClockState::DueSoon => (format!("by {at}"), tag("Due soon", "yellow")),
        _ => (format!("by {at}"), None),
    };
    Some(Due {
        what: clock.code.label(),
        when,
        tag,
        from: london::moment(from),
        target: target(clock),
        parts: clock.working.iter().map(part).collect(),
    })
}

fn target(clock: &Clock) -> String {
    let time = hours(clock.target_minutes.unwrap_or(0));
    match clock.counted {
        Some(Counted::Working) => {
            format!(
                "{time} of working time (Monday to Friday, 09:00 to 17:00, not on bank holidays)"
            )
        }
        _ => format!("{time}, day and night"),
    }
}

fn part(part: &Part) -> String {
    let (from, to) = (london::moment(part.from), london::moment(part.to));
    let same_day = london::day(part.from) == london::day(part.to);
    let to = if same_day { london::time(part.to) } else { to };
    format!("{from} to {to}: {}", hours(part.minutes))
}

fn hours(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => counted(minutes, "minute"),
        (hours, 0) => counted(hours, "hour"),
        (hours, minutes) => format!("{} {}", counted(hours, "hour"), counted(minutes, "minute")),
    }
}
