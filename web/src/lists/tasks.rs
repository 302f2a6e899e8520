//! Everything else that waits for the lead, each with the way to where it is done.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::actions::{ActionLine, ActionsAsked};
use pipss_api::as_known::AsOfAsked;
use pipss_api::escalations::EscalationLine;
use pipss_api::letters::{LetterAnswer, LetterStateCode, LettersAsked};
use pipss_api::one_to_one_answer::{OneToOneAnswer, StateCode};
use pipss_api::one_to_ones::OneToOnesAsked;
use pipss_api::tasks::{RecordLine, TaskLine};
use pipss_domain::action::ActionState;
use pipss_domain::calendar::day_in_words;
use pipss_domain::follow_up::FollowUpState;
use serde::Serialize;

use super::words::Tag;
use crate::case_forms::code;
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;
use crate::words::sentence;

/// So many of a kind stand here; the rest come up as these are done.
const SHOWN: usize = 50;

#[derive(Serialize)]
struct TasksPage {
    kinds: Vec<Kind>,
}

/// Tasks of one kind.
#[derive(Serialize)]
struct Kind {
    heading: &'static str,
    /// What to do about them.
    what: &'static str,
    tasks: Vec<Task>,
    /// Are there more than stand here?
    more: bool,
}

#[derive(Serialize)]
struct Task {
    /// What is done, with the way to it.
    act: &'static str,
    href: String,
    /// What tells this task from the others.
    about: String,
    lines: Vec<String>,
    tag: Option<Tag>,
}

impl View for TasksPage {
    const TEMPLATE: &'static str = "lists/tasks.html";

    fn title(&self) -> String {
        "Tasks".into()
    }
}

/// The tasks.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let (app, actor) = (&pages.app, &visitor.actor);
    let queue = app.queue(actor, &AsOfAsked { as_of: None })?;
    let escalations = app.escalations(actor, None)?.escalations.into_iter();
    let escalations = escalations.filter(|one| one.handled_at.is_none());
    let asked = OneToOnesAsked {
        open: Some(true),
        after: None,
        limit: Some(200),
    };
    let new = app.one_to_ones(actor, &asked)?.one_to_ones.into_iter();
    let new = new.filter(|one| one.state == StateCode::Asked);
    let letters = app.letters(actor, &undelivered())?.letters;
    let (confirm, due): (Vec<_>, Vec<_>) = queue
        .tasks
        .iter()
        .partition(|task| task.state == FollowUpState::ToConfirm);
    let kinds = vec![
        kind(DANGER, escalations.map(|one| danger(&one))),
        kind(ONE_TO_ONE, new.map(|one| one_to_one(&one))),
        kind(LETTERS, letters.iter().map(letter)),
        kind(RECORDS, queue.records.iter().map(record)),
        kind(CONFIRM, confirm.into_iter().map(to_confirm)),
        kind(ANSWERS, due.into_iter().map(to_answer)),
        kind(OVERDUE, actions(&pages, &visitor, ActionState::Overdue)?),
        kind(OPEN, actions(&pages, &visitor, ActionState::Open)?),
    ];
    let kinds = kinds.into_iter().filter(|kind| !kind.tasks.is_empty());
    let view = TasksPage {
        kinds: kinds.collect(),
    };
    Ok(pages.page(&visitor, &view))
}

type Words = (&'static str, &'static str);

const DANGER: Words = (
    "Serious danger was reported",
    "See to these first. Only PIPSS leads see them.",
);
const ONE_TO_ONE: Words = (
    "New requests for one-to-one support",
    "Ask someone to provide it. You see that someone asked, not who or why.",
);
const LETTERS: Words = (
    "Letters that could not be delivered",
    "Tell each person in another way.",
);
const RECORDS: Words = (
    "Sessions with no record",
    "Ask the facilitators, or record what you know yourself.",
);
const CONFIRM: Words = (
    "Follow-ups: whom to ask",
    "Say who is asked how the team is doing, so that nobody affected is asked unawares.",
);
const ANSWERS: Words = (
    "Follow-ups that wait for an answer",
    "Whoever you named was asked. You can name someone else.",
);
const OVERDUE: Words = (
    "Actions that are overdue",
    "Ask whoever does it how it stands.",
);
const OPEN: Words = (
    "Actions that are due later",
    "Nothing to do about these yet.",
);

fn kind((heading, what): Words, tasks: impl Iterator<Item = Task>) -> Kind {
    let mut tasks: Vec<_> = tasks.take(SHOWN + 1).collect();
    let more = tasks.len() > SHOWN;
    tasks.truncate(SHOWN);
    Kind {
        heading,
        what,
        tasks,
        more,
    }
}

const fn undelivered() -> LettersAsked {
    LettersAsked {
        state: Some(LetterStateCode::Undelivered),
        after: None,
        limit: Some(200),
    }
}

fn actions(
    pages: &Pages,
    visitor: &Visitor,
    state: ActionState,
) -> Result<impl Iterator<Item = Task>, crate::pages::Instead> {
    let asked = ActionsAsked {
        state: Some(state),
        after: None,
        limit: Some(200),
    };
    let actions = pages.app.actions(&visitor.actor, &asked)?.actions;
    Ok(actions.into_iter().map(|line| action(&line)))
}

fn danger(one: &EscalationLine) -> Task {
    let by = one.reported_by.as_ref().and_then(|who| who.name.clone());
    Task {
        act: "See to it",
        href: format!("/cases/{}/escalations/{}", one.case, one.escalation),
        about: one.reference.clone(),
        lines: vec![
            sentence(one.danger.label()),
            format!(
                "Reported {} by {}",
                london::moment(one.reported_at),
                by.unwrap_or_else(|| "someone whose name is not known".into())
            ),
        ],
        tag: None,
    }
}

fn one_to_one(one: &OneToOneAnswer) -> Task {
    Task {
        act: "Ask someone to provide it",
        href: format!("/one-to-ones/{}", one.one_to_one),
        about: format!("Asked {}", london::moment(one.asked_at)),
        lines: Vec::new(),
        tag: one.soon.then_some(Tag {
            text: "Within two working days",
            colour: "orange",
        }),
    }
}

fn letter(letter: &LetterAnswer) -> Task {
    let to = letter.to.name.as_deref();
    let to = to.unwrap_or("someone whose name is not known");
    Task {
        act: letter.kind.label(),
        href: letter
            .case
            .map_or("/letters?state=undelivered".into(), |case| {
                format!("/cases/{case}")
            }),
        about: letter.reference.clone().unwrap_or_default(),
        lines: vec![format!(
            "For {to}, since {}",
            london::moment(letter.owed_at)
        )],
        tag: None,
    }
}

fn record(record: &RecordLine) -> Task {
    let names = record.facilitators.iter().filter_map(|f| f.name.as_deref());
    let names: Vec<_> = names.collect();
    Task {
        act: "Record what came of it",
        href: format!("/cases/{}/sessions/{}/record", record.case, record.session),
        about: format!("{}, {}", record.team.name, record.reference),
        lines: vec![
            format!(
                "{}, over since {}",
                sentence(record.kind.row().label),
                london::moment(record.ended_at)
            ),
            format!("Facilitators: {}", names.join(", ")),
        ],
        tag: None,
    }
}

fn to_confirm(task: &TaskLine) -> Task {
    Task {
        act: "Say whom to ask",
        href: format!(
            "/cases/{}/confirm-follow-up?follow_up={}",
            task.case,
            code(&task.follow_up)
        ),
        ..follow_up(task)
    }
}

fn to_answer(task: &TaskLine) -> Task {
    Task {
        act: "Look at the case",
        href: format!("/cases/{}", task.case),
        ..follow_up(task)
    }
}

fn follow_up(task: &TaskLine) -> Task {
    Task {
        act: "",
        href: String::new(),
        about: format!("{}, {}", task.team.name, task.reference),
        lines: vec![format!(
            "{}, to be asked from {}",
            sentence(task.follow_up.label()),
            london::moment(task.due)
        )],
        tag: None,
    }
}

fn action(line: &ActionLine) -> Task {
    let command = match (line.action, line.offer) {
        (Some(action), _) => format!("complete-action?action={action}"),
        (None, Some(offer)) => format!("complete-handover?offer={offer}"),
        (None, None) => String::new(),
    };
    let what = line.what.as_deref().unwrap_or("what was agreed");
    Task {
        act: "Record that it was done",
        href: format!("/cases/{}/{command}", line.case),
        about: format!("{}, {}", line.team.name, line.reference),
        lines: vec![
            sentence(what),
            format!("By {}, due {}", line.owner.label(), day_in_words(line.due)),
        ],
        tag: None,
    }
}
