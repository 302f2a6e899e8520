//! The sessions of a week, day by day.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, Days, NaiveDate, Utc};
use pipss_api::case_answer::SessionState;
use pipss_api::weeks::{InvitedAnswer, WeekAsked, WeekLine};
use pipss_domain::calendar::{day_in_london, day_in_words, week_of_day};
use pipss_domain::text::Day;
use serde::Serialize;

use super::asked::{link, query};
use super::table::{Cell, Table};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;
use crate::words::sentence;

const COLUMNS: [&str; 6] = ["Time", "Session", "Team", "Where", "Facilitators", "State"];

#[derive(Serialize)]
struct WeekPage {
    /// `16 to 22 November 2026`.
    words: String,
    this_week: bool,
    before: String,
    after: String,
    /// Each day on which something is.
    days: Vec<Table>,
    sessions: usize,
    /// Invitations that nobody answered yet.
    open: usize,
}

impl View for WeekPage {
    const TEMPLATE: &'static str = "lists/week.html";

    fn title(&self) -> String {
        format!("Sessions in the week of {}", self.words)
    }
}

/// The week.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let asked = query(&visitor);
    let day: Option<NaiveDate> = asked.get("day").and_then(|day| day.parse().ok());
    let week = WeekAsked { day: day.map(Day) };
    let week = pages.app.week(&visitor.actor, &week)?;
    let monday = week.monday;
    let now = pages.app.clock().now();
    let today = day_in_london(now);
    let open = week.sessions.iter().map(unanswered).sum();
    let view = WeekPage {
        words: format!(
            "{} to {}",
            day_in_words(monday),
            day_in_words(later(monday, 6))
        ),
        this_week: week_of_day(today) == monday,
        before: to(monday.checked_sub_days(Days::new(7)).unwrap_or(monday)),
        after: to(later(monday, 7)),
        sessions: week.sessions.len(),
        open,
        days: days(&week.sessions, now),
    };
    Ok(pages.page(&visitor, &view))
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

fn to(monday: NaiveDate) -> String {
    link("/week", &[("day", &monday.to_string())])
}

fn days(sessions: &[WeekLine], now: DateTime<Utc>) -> Vec<Table> {
    let same =
        |a: &WeekLine, b: &WeekLine| day_in_london(a.starts_at) == day_in_london(b.starts_at);
    let of_day = |sessions: &[WeekLine]| {
        let day = sessions.first().map(|first| london::day(first.starts_at));
        Table::new(
            &COLUMNS,
            sessions.iter().map(|line| row(line, now)).collect(),
        )
        .caption(day.unwrap_or_default())
    };
    sessions.chunk_by(same).map(of_day).collect()
}

fn row(line: &WeekLine, now: DateTime<Utc>) -> Vec<Cell> {
    let ends = line.starts_at + chrono::Duration::minutes(line.minutes.into());
    let teams =
        std::iter::once(&line.team.name).chain(line.joint_with.iter().map(|j| &j.team.name));
    let teams: Vec<_> = teams.map(String::as_str).collect();
    let place = match (&line.site, line.by_link) {
        (Some(site), _) => site,
        (None, true) => "By video",
        (None, false) => "Not said",
    };
    let who: Vec<_> = line
        .facilitators
        .iter()
        .map(|f| invited(f, line.state))
        .collect();
    vec![
        Cell::text(format!(
            "{} to {}",
            london::time(line.starts_at),
            london::time(ends)
        )),
        Cell::text(sentence(line.kind.row().label)),
        Cell::link(
            format!("{}, {}", teams.join(" and "), line.reference),
            format!("/cases/{}", line.case),
        ),
        Cell::text(place),
        Cell::text(who.join("; ")),
        Cell::text(match line.state {
            SessionState::Arranged if ends <= now => "Waits for its record",
            SessionState::Arranged => "Arranged",
            SessionState::Held => "Held",
            SessionState::NotHeld => "Not held",
            SessionState::Cancelled => "Called off",
        }),
    ]
}

fn invited(invited: &InvitedAnswer, state: SessionState) -> String {
    let name = invited
        .facilitator
        .name
        .as_deref()
        .unwrap_or("a facilitator");
    let said = match (state, invited.accept) {
        (SessionState::Arranged, Some(true)) => " (will come)",
        (SessionState::Arranged, Some(false)) => " (cannot come)",
        (SessionState::Arranged, None) => " (has not answered)",
        _ => "",
    };
    format!("{name}{said}")
}

fn unanswered(line: &WeekLine) -> usize {
    let invited = line.facilitators.iter().filter(|f| f.accept.is_none());
    match line.state {
        SessionState::Arranged => invited.count(),
        _ => 0,
    }
}
