//! A facilitator's own sessions: what comes next, what waits for a record, what is past; and their leave.

use std::sync::Arc;

use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use pipss_api::case_answer::SessionState;
use pipss_api::intent::{Asked, Intent};
use pipss_api::people::{AppointmentLine, DiaryLine, LeaveLine};
use pipss_domain::ids::PersonId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::ask::{ask, give};
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Instead, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::sentence;

const PLAN: &str = "/sessions/leave";
const CANCEL: &str = "/sessions/leave/cancel";

/// The pages of a facilitator's diary.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page("/sessions", &[], read)
        .form(PLAN, ask_leave, plan_leave)
        .form(CANCEL, ask_cancel, cancel_leave)
}

#[derive(Serialize)]
struct DiaryPage {
    next: Vec<ShownSession>,
    unrecorded: Vec<ShownSession>,
    past: Vec<ShownSession>,
    appointments: Vec<ShownAppointment>,
    leave: Vec<String>,
}

impl View for DiaryPage {
    const TEMPLATE: &'static str = "people/diary.html";

    fn title(&self) -> String {
        "My sessions".into()
    }
}

#[derive(Serialize)]
struct ShownSession {
    title: String,
    teams: Vec<String>,
    case: String,
    reference: String,
    day: String,
    time: String,
    minutes: u16,
    site: Option<String>,
    link: Option<String>,
    with: Vec<String>,
    state: Option<Tag>,
    in_leave: bool,
    involved: bool,
    actions: Vec<Action>,
}

#[derive(Serialize)]
struct Tag {
    text: &'static str,
    colour: &'static str,
}

#[derive(Serialize)]
struct Action {
    text: &'static str,
    href: String,
}

#[derive(Serialize)]
struct ShownAppointment {
    href: String,
    day: String,
    time: String,
    minutes: u16,
    past: bool,
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let diary = pages.app.diary(&visitor.actor)?;
    let now = pages.app.clock().now();
    let (mut waiting, past): (Vec<_>, Vec<_>) = diary
        .sessions
        .into_iter()
        .partition(|line| line.state == SessionState::Arranged);
    waiting.reverse();
    let (next, unrecorded): (Vec<_>, Vec<_>) =
        waiting.into_iter().partition(|line| line.starts_at > now);
    let show = |lines: Vec<DiaryLine>| -> Vec<_> {
        let each = lines.into_iter();
        each.map(|line| shown(&pages, &visitor, line, now))
            .collect()
    };
    // What comes next first, then what was last.
    let (mut to_come, past_ones): (Vec<_>, Vec<_>) = diary
        .appointments
        .into_iter()
        .partition(|line| line.starts_at > now);
    to_come.reverse();
    let appointments = to_come.iter().chain(&past_ones);
    let view = DiaryPage {
        next: show(next),
        unrecorded: show(unrecorded),
        past: show(past),
        appointments: appointments.map(|line| appointment(line, now)).collect(),
        leave: diary.leave.iter().map(in_words).collect(),
    };
    Ok(pages.page(&visitor, &view))
}

fn shown(pages: &Pages, visitor: &Visitor, line: DiaryLine, now: DateTime<Utc>) -> ShownSession {
    let actions = actions(pages, visitor, &line, now);
    let joint = line.joint_with.iter().map(|joint| joint.team.name.clone());
    let teams = std::iter::once(line.team.name.clone()).chain(joint);
    ShownSession {
        title: sentence(line.kind.row().label),
        teams: teams.collect(),
        case: format!("/cases/{}", line.case),
        day: london::day(line.starts_at),
        time: london::time(line.starts_at),
        minutes: line.minutes,
        with: line
            .with
            .iter()
            .filter_map(|who| who.name.clone())
            .collect(),
        state: tag(&line, now),
        in_leave: line.in_leave && line.starts_at > now,
        involved: line.involved,
        actions,
        reference: line.reference,
        site: line.site,
        link: line.link,
    }
}

fn tag(line: &DiaryLine, now: DateTime<Utc>) -> Option<Tag> {
    let tag = |text, colour| Some(Tag { text, colour });
    match (line.state, line.accepted) {
        (SessionState::Held, _) => tag("Recorded", "green"),
        (SessionState::NotHeld, _) => tag("Not held", "grey"),
        (SessionState::Cancelled, _) => tag("Cancelled", "grey"),
        (SessionState::Arranged, _) if line.starts_at <= now => None,
        (SessionState::Arranged, Some(true)) => tag("You accepted", "green"),
        (SessionState::Arranged, Some(false)) => tag("You declined", "orange"),
        (SessionState::Arranged, None) => tag("Please answer", "blue"),
    }
}

/// What can be done about it now, what is done most often first.
fn actions(pages: &Pages, visitor: &Visitor, line: &DiaryLine, now: DateTime<Utc>) -> Vec<Action> {
    let of = format!("/cases/{}/sessions/{}", line.case, line.session);
    let action = |text, name: &str| Action {
        text,
        href: format!("{of}/{name}"),
    };
    let to_come = line.starts_at > now;
    let mut actions = Vec::new();
    match (line.state, to_come) {
        (SessionState::Arranged, true) => {
            actions.push(match line.accepted {
                None => action("Accept or decline", "answer"),
                Some(_) => action("Change your answer", "answer"),
            });
            let notice = pages
                .app
                .allow(&visitor.actor, Act::SeeNotice, Some(line.case));
            if notice.is_ok() {
                actions.push(action("Notice for the team", "notice"));
            }
            actions.push(action("Not held", "not-held"));
        }
        (SessionState::Arranged, false) => {
            actions.push(action("Record", "record"));
            actions.push(action("Not held", "not-held"));
            actions.push(action("Feedback codes", "feedback-codes"));
        }
        (SessionState::Held, _) => actions.push(action("Feedback codes", "feedback-codes")),
        (SessionState::NotHeld | SessionState::Cancelled, _) => {}
    }
    if line.state == SessionState::Arranged && to_come && !line.involved {
        actions.push(Action {
            text: "I am too close to be neutral",
            href: format!("/cases/{}/declare-involved", line.case),
        });
    }
    actions
}

fn appointment(line: &AppointmentLine, now: DateTime<Utc>) -> ShownAppointment {
    ShownAppointment {
        href: format!("/one-to-ones/{}", line.one_to_one),
        day: london::day(line.starts_at),
        time: london::time(line.starts_at),
        minutes: line.minutes,
        past: line.starts_at <= now,
    }
}

fn in_words(leave: &LeaveLine) -> String {
    let day = |day: NaiveDate| day.format("%A %-d %B %Y").to_string();
    if leave.from == leave.to {
        day(leave.from)
    } else {
        format!("{} to {}", day(leave.from), day(leave.to))
    }
}

async fn ask_leave(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    me(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &leave_form(), None))
}

async fn plan_leave(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let person = me(&pages, &posted.visitor)?;
    let to = |asked: Asked| Intent::plan_leave(person, asked);
    let (visitor, _) = give(&pages, posted, &leave_form(), None, to).await?;
    planned(&pages, &visitor)
}

/// What is booked meanwhile stays booked: it is said how much that is.
fn planned(pages: &Pages, visitor: &Visitor) -> Answer {
    let diary = pages.app.diary(&visitor.actor)?;
    let now = pages.app.clock().now();
    let falls = |line: &&DiaryLine| {
        line.in_leave && line.state == SessionState::Arranged && line.starts_at > now
    };
    visitor.tell(
        pages,
        match diary.sessions.iter().filter(falls).count() {
            0 => "Your leave is saved. Nothing is booked for you then.".to_owned(),
            1 => "Your leave is saved. One session falls into leave: the lead decides what becomes of it.".to_owned(),
            n => format!("Your leave is saved. {n} sessions fall into leave: the lead decides what becomes of them."),
        },
    );
    Ok(see_other("/sessions"))
}

async fn ask_cancel(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let form = cancel_form(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn cancel_leave(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let person = me(&pages, &posted.visitor)?;
    let form = cancel_form(&pages, &posted.visitor)?;
    let to = |asked: Asked| Intent::cancel_leave(person, asked);
    let (visitor, _) = give(&pages, posted, &form, None, to).await?;
    visitor.tell(&pages, "The leave is cancelled.");
    Ok(see_other("/sessions"))
}

/// Whose diary it is: whoever has none may not plan leave in it.
fn me(pages: &Pages, visitor: &Visitor) -> Result<PersonId, Instead> {
    pages.app.diary(&visitor.actor)?;
    Ok(visitor.me.person.ok_or(Refusal::NotAllowed)?)
}

fn leave_form() -> Form {
    let from = Question::new("from", "First day", Kind::Day).hint("For example, 27 3 2026");
    let to = Question::new("to", "Last day", Kind::Day);
    Form::new("Plan leave", vec![from, to])
        .lead("Nobody books you for these days. What is booked already stays booked until the lead decides.")
        .back("/sessions")
}

fn cancel_form(pages: &Pages, visitor: &Visitor) -> Result<Form, Instead> {
    let diary = pages.app.diary(&visitor.actor)?;
    let each = diary.leave.iter();
    let each = each.map(|leave| Choice::new(leave.from.to_string(), in_words(leave)));
    let from = Question::new("from", "Which leave?", Kind::Choice(each.collect()));
    Ok(Form::new("Cancel leave", vec![from])
        .button("Cancel this leave")
        .back("/sessions"))
}
