//! When something happened, as people say it at three in the morning: today, yesterday, on a day, over some days, not sure.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Europe::London;
use pipss_domain::refusal::Fault;
use serde_json::{Value, json};

use crate::fields::Fields;
use crate::form::{Choice, Kind, Question};
use crate::london;

const FUTURE: &str = "Give a time that is not in the future.";
const BACKWARDS: &str = "The period ends before it starts.";
const EXISTS: &str = "Give a date that exists, such as 2 3 2026.";

/// Its questions, named under an incident: `incidents.0`.
pub fn question(incident: &str, now: DateTime<Utc>) -> Question {
    let at = |part: &str| format!("{incident}.{part}");
    let time = |name: &str| {
        let time = Question::new(at(name), "About what time?", Kind::Line(20));
        time.hint("For example 2:30am or 14:30. Leave it empty if you are not sure.")
            .optional()
    };
    let day = |name: &str, label: &str| {
        let today = today(now);
        let hint = format!(
            "For example {} {} {}",
            today.day(),
            today.month(),
            today.year()
        );
        Question::new(at(name), label, Kind::Day).hint(hint)
    };
    let choices = vec![
        Choice::new("today", "Today").reveals(vec![time("time_today")]),
        Choice::new("yesterday", "Yesterday").reveals(vec![time("time_yesterday")]),
        Choice::new("day", "On another day").reveals(vec![day("day", "Which day?"), time("time")]),
        Choice::new("period", "Over several days")
            .reveals(vec![day("from", "First day"), day("to", "Last day")]),
        Choice::new("undated", "I do not know"),
    ];
    Question::new(at("when"), "When did it happen?", Kind::Choice(choices))
}

fn today(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&London).date_naive()
}

/// Says a day by its date, so that it means the same after midnight.
pub fn dated(fields: &mut Fields, incident: &str, now: DateTime<Utc>) {
    let at = |part: &str| format!("{incident}.{part}");
    let (day, time) = match fields.get(&at("when")) {
        Some("today") => (today(now), "time_today"),
        Some("yesterday") => (today(now) - Days::new(1), "time_yesterday"),
        _ => return,
    };
    let time = fields.get(&at(time)).unwrap_or_default().to_owned();
    fields.set(&at("when"), "day");
    for (part, value) in [
        ("day", day.day()),
        ("month", day.month()),
        ("year", day.year().unsigned_abs()),
    ] {
        fields.set(&format!("{}-{part}", at("day")), value.to_string());
    }
    fields.set(&at("time"), time);
    fields.forget(&at("time_today"));
    fields.forget(&at("time_yesterday"));
}

/// The other way round: a date that is today or yesterday is shown so.
pub fn undated(fields: &mut Fields, incident: &str, now: DateTime<Utc>) {
    let at = |part: &str| format!("{incident}.{part}");
    if fields.get(&at("when")) != Some("day") {
        return;
    }
    let (word, to) = match day_of(fields, &at("day")) {
        Some(day) if day == today(now) => ("today", "time_today"),
        Some(day) if day + Days::new(1) == today(now) => ("yesterday", "time_yesterday"),
        _ => return,
    };
    let time = fields.get(&at("time")).unwrap_or_default().to_owned();
    fields.set(&at("when"), word);
    fields.set(&at(to), time);
    fields.forget(&at("time"));
    for part in ["day", "month", "year"] {
        fields.forget(&format!("{}-{part}", at("day")));
    }
}

fn day_of(fields: &Fields, name: &str) -> Option<NaiveDate> {
    let part = |part| fields.get(&format!("{name}-{part}")).map(str::to_owned);
    london::typed_day(&part("day")?, &part("month")?, &part("year")?)
}

/// As the command has it: a time, or from when to when, or that nobody knows.
///
/// # Errors
/// The question that cannot be understood, and what would be right.
pub fn occurred(fields: &Fields, incident: &str, now: DateTime<Utc>) -> Result<Value, Fault> {
    let at = |part: &str| format!("{incident}.{part}");
    let fault = |part: &str, detail| Fault::at(format!("/{}", at(part).replace('.', "/")), detail);
    let day = |part: &str| day_of(fields, &at(part)).ok_or_else(|| fault(part, EXISTS));
    let (on, part) = match fields.get(&at("when")) {
        Some("today") => (today(now), "time_today"),
        Some("yesterday") => (today(now) - Days::new(1), "time_yesterday"),
        Some("day") => (day("day")?, "time"),
        Some("period") => {
            let (from, to) = (day("from")?, day("to")?);
            return match (from <= to, to <= today(now)) {
                (false, _) => Err(fault("to", BACKWARDS)),
                (_, false) => Err(fault("to", FUTURE)),
                _ => Ok(between(from, to, now)),
            };
        }
        _ => return Ok(json!("undated")),
    };
    if on > today(now) {
        return Err(fault("day", FUTURE));
    }
    let Some(time) = fields.get(&at(part)) else {
        return Ok(between(on, on, now));
    };
    let moment = london::typed_moment(on, time).map_err(|detail| fault(part, detail))?;
    match moment.parse::<DateTime<Utc>>() {
        Ok(at) if at <= now => Ok(json!({ "at": moment })),
        _ => Err(fault(part, FUTURE)),
    }
}

/// From the beginning of a day to the end of another, or until now.
fn between(from: NaiveDate, to: NaiveDate, now: DateTime<Utc>) -> Value {
    let midnight = |day: NaiveDate| {
        let local = day.and_time(NaiveTime::MIN).and_local_timezone(London);
        // The clocks never change at midnight in England.
        local.earliest().map_or(now, |at| at.to_utc())
    };
    let end = midnight(to + Days::new(1)) - chrono::Duration::minutes(1);
    json!({ "between": { "from": london::machine(midnight(from)), "to": london::machine(end.min(now)) } })
}

/// In words, for someone to check.
pub fn in_words(fields: &Fields, incident: &str) -> String {
    let at = |part: &str| format!("{incident}.{part}");
    let day = |part: &str| {
        let day = day_of(fields, &at(part));
        day.map_or_else(String::new, |day| day.format("%A %-d %B %Y").to_string())
    };
    match (fields.get(&at("when")), fields.get(&at("time"))) {
        (Some("day"), Some(time)) => format!("{}, about {time}", day("day")),
        (Some("day"), None) => day("day"),
        (Some("period"), _) => format!("{} to {}", day("from"), day("to")),
        _ => "Not known".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            fields.add(&format!("incidents.0.{name}"), *value);
        }
        fields
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const I: &str = "incidents.0";

    #[test]
    fn today_is_the_day_in_england_and_stays_that_day_after_midnight() {
        let late = at("2026-06-01T22:30:00Z"); // 23:30 in England
        let mut given = fields(&[("when", "today"), ("time_today", "11pm")]);
        let meant = json!({ "at": "2026-06-01T23:00:00+01:00" });
        assert_eq!(occurred(&given, I, late).unwrap(), meant);
        dated(&mut given, I, late);
        let later = at("2026-06-01T23:30:00Z");
        assert_eq!(occurred(&given, I, later).unwrap(), meant);
        assert_eq!(in_words(&given, I), "Monday 1 June 2026, about 11pm");
        undated(&mut given, I, later);
        assert_eq!(given.get("incidents.0.when"), Some("yesterday"));
        assert_eq!(given.get("incidents.0.time_yesterday"), Some("11pm"));
    }

    #[test]
    fn a_day_without_a_time_is_the_whole_day_or_what_of_it_is_over() {
        let now = at("2026-06-02T09:00:00Z");
        let whole = occurred(&fields(&[("when", "yesterday")]), I, now).unwrap();
        assert_eq!(
            whole,
            json!({ "between": { "from": "2026-05-31T23:00:00Z", "to": "2026-06-01T22:59:00Z" } })
        );
        let so_far = occurred(&fields(&[("when", "today")]), I, now).unwrap();
        assert_eq!(so_far["between"]["to"], "2026-06-02T09:00:00Z");
    }

    #[test]
    fn what_cannot_be_is_told_where_it_was_typed() {
        let now = at("2026-06-02T09:00:00Z");
        let refused =
            |given: &[(&str, &str)]| occurred(&fields(given), I, now).unwrap_err().pointer;
        assert_eq!(
            refused(&[("when", "today"), ("time_today", "23:00")]),
            "/incidents/0/time_today"
        );
        assert_eq!(
            refused(&[("when", "today"), ("time_today", "soon")]),
            "/incidents/0/time_today"
        );
        assert_eq!(
            refused(&[("when", "day"), ("day-day", "31")]),
            "/incidents/0/day"
        );
        let period = [
            ("when", "period"),
            ("from-day", "2"),
            ("from-month", "6"),
            ("from-year", "2026"),
            ("to-day", "1"),
            ("to-month", "6"),
            ("to-year", "2026"),
        ];
        assert_eq!(refused(&period), "/incidents/0/to");
        assert_eq!(
            occurred(&fields(&[("when", "undated")]), I, now).unwrap(),
            json!("undated")
        );
    }
}
