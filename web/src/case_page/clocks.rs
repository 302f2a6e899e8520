//! The clocks of a case, each with how its due time was worked out: parts that add up.

use chrono::{DateTime, Utc};
use pipss_domain::clocks::{Clock as Ticking, ClockState, Counted};
use serde::Serialize;

use super::Tag;
use crate::london;

/// One clock.
#[derive(Serialize)]
pub struct Clock {
    name: &'static str,
    state: Tag,
    /// What it came to, in one line.
    line: Option<String>,
    /// How the due time was worked out.
    working: Option<Working>,
}

#[derive(Serialize)]
struct Working {
    /// What is counted, and how much of it.
    rule: String,
    parts: Vec<Part>,
    total: String,
    due: String,
}

#[derive(Serialize)]
struct Part {
    day: String,
    from: String,
    to: String,
    length: String,
}

/// A clock in words.
pub fn clock(clock: &Ticking) -> Clock {
    let stopped = clock
        .stopped
        .map(|at| format!("Reached {}", london::moment(at)));
    let due = clock.due.map(|at| format!("due {}", london::moment(at)));
    let line = match (stopped, due) {
        (Some(stopped), Some(due)) => Some(format!("{stopped}; {due}")),
        (Some(stopped), None) => Some(stopped),
        (None, Some(due)) => Some(super::capital(&due)),
        (None, None) => None,
    };
    Clock {
        name: clock.code.label(),
        state: tag(clock),
        line: line.filter(|_| clock.state != ClockState::Excluded),
        working: working(clock),
    }
}

fn tag(clock: &Ticking) -> Tag {
    let colour = match clock.state {
        ClockState::Overdue | ClockState::MetLate => "red",
        ClockState::DueSoon => "orange",
        ClockState::Running => "blue",
        ClockState::Met | ClockState::Before => "green",
        ClockState::Excluded => "grey",
    };
    // Without a target nothing is in time or late.
    let text = match clock.state {
        ClockState::Met if clock.due.is_none() => "done",
        state => state.label(),
    };
    Tag {
        text: super::capital(text),
        colour,
    }
}

fn working(clock: &Ticking) -> Option<Working> {
    let (counted, minutes) = (clock.counted?, clock.target_minutes?);
    let parts = clock.working.iter().map(|part| Part {
        day: london::day(part.from),
        from: london::time(part.from),
        to: end(part.from, part.to),
        length: length(part.minutes),
    });
    let parts: Vec<_> = parts.collect();
    let rule = match counted {
        Counted::Working => format!(
            "{} of working time: Monday to Friday, 09:00 to 17:00, without bank holidays.",
            super::capital(&days(minutes))
        ),
        Counted::Elapsed => format!(
            "{} by the clock, nights and weekends included.",
            length(minutes)
        ),
    };
    (!parts.is_empty()).then(|| Working {
        rule,
        total: length(clock.working.iter().map(|part| part.minutes).sum()),
        due: clock.due.map(london::moment).unwrap_or_default(),
        parts,
    })
}

/// The end of a part: with its day, where that is another one.
fn end(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    if london::day(from) == london::day(to) {
        london::time(to)
    } else {
        london::moment(to)
    }
}

/// `2 working days`, where it is whole days; else hours and minutes.
fn days(minutes: i64) -> String {
    const DAY: i64 = pipss_domain::working_time::DAY_MINUTES;
    match (minutes / DAY, minutes % DAY) {
        (1, 0) => format!("1 day of {}", length(DAY)),
        (n, 0) if n > 0 => format!("{n} days of {}", length(DAY)),
        _ => length(minutes),
    }
}

/// `3 hours 20 minutes`.
fn length(minutes: i64) -> String {
    let some = |n: i64, one: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let (days, hours) = match minutes / 60 {
        hours if hours >= 48 && minutes % 60 == 0 && hours % 24 == 0 => (hours / 24, 0),
        hours => (0, hours),
    };
    let parts = [
        some(days, "day"),
        some(hours, "hour"),
        some(minutes % 60, "minute"),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        return "no time".into();
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_words() {
        assert_eq!(length(200), "3 hours 20 minutes");
        assert_eq!(length(60), "1 hour");
        assert_eq!(length(28 * 24 * 60), "28 days");
        assert_eq!(days(960), "2 days of 8 hours");
        assert_eq!(days(240), "4 hours");
    }
}
