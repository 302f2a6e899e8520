//! Everything that was answered, at a glance: what can be changed, what should be looked at again, and the one button that sends it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use pipss_api::body::Body;
use pipss_api::intent::{Asked, Intent};
use pipss_api::problem::Refused;
use pipss_domain::refusal::{Fault, Refusal};
use serde::Serialize;

use super::step::{INCIDENTS_MAX, Situation, Step};
use super::{CHECK, KEPT, allowed, kept, on, too_old, when, words, worrying};
use crate::draft::Draft;
use crate::fields::Fields;
use crate::form::{self, Kind, PROBLEM, Question, Summary, SummaryItem};
use crate::kindly;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::{Posted, Visitor, see_other};

#[derive(Serialize)]
struct CheckPage {
    parts: Vec<Part>,
    /// What should be looked at again; it can be sent all the same.
    again: Vec<Again>,
    errors: Option<Summary>,
    draft: String,
    /// Can the last incident be taken back?
    removes: bool,
    /// Where another incident is added, if there is room.
    another: Option<&'static str>,
    worrying: bool,
}

/// The answers of one page.
#[derive(Serialize)]
struct Part {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    question: String,
    answer: String,
    href: String,
}

#[derive(Serialize)]
struct Again {
    question: String,
    holds: &'static str,
    href: String,
}

impl View for CheckPage {
    const TEMPLATE: &'static str = "ask-check.html";

    fn title(&self) -> String {
        match self.errors {
            Some(_) => "Error: Check your answers".into(),
            None => "Check your answers".into(),
        }
    }
}

/// Everything at a glance.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    allowed(&pages, &visitor)?;
    let Some(draft) = kept(&pages, &visitor) else {
        return Ok(see_other(Step::Team.path()));
    };
    match on(&pages, &visitor, &draft.answers)? {
        _ if pages.is_proved() => show(&pages, &visitor, &draft, None),
        CHECK => show(&pages, &visitor, &draft, None),
        unanswered => Ok(see_other(unanswered)),
    }
}

fn show(pages: &Pages, visitor: &Visitor, draft: &Draft, refused: Option<&Refused>) -> Answer {
    let answers = &draft.answers;
    let situation = Situation {
        pages,
        visitor,
        answers,
    };
    let incidents = situation.incidents();
    let further = (1..incidents).map(Step::Another);
    let mut steps = vec![Step::Team, Step::Details];
    steps.extend(further);
    steps.extend([Step::People, Step::Support]);
    let (mut parts, mut again) = (Vec::new(), Vec::new());
    for step in &steps {
        let questions = situation.form(*step)?.questions;
        again.extend(looked_at_again(&questions, answers, *step));
        let rows = rows(&questions, answers, *step);
        parts.push(Part {
            title: step.part(),
            rows,
        });
    }
    let problem = refused.map(Refused::problem);
    let view = CheckPage {
        parts,
        again,
        errors: match &problem {
            Some(problem) => Some(Summary {
                calm: false,
                title: PROBLEM,
                detail: problem.detail.clone(),
                items: errors(
                    &situation,
                    &steps,
                    problem.errors.iter().map(|e| (&*e.pointer, &*e.detail)),
                )?,
            }),
            None => None,
        },
        draft: pages.drafts.sealed(draft),
        another: (1..INCIDENTS_MAX)
            .contains(&incidents)
            .then(|| Step::Another(incidents).path()),
        removes: incidents > 1,
        worrying: worrying(answers),
    };
    let status = problem.and_then(|problem| StatusCode::from_u16(problem.status).ok());
    Ok(pages.draw(
        status.unwrap_or(StatusCode::OK),
        &visitor.shell(pages),
        &view,
    ))
}

/// What is in the way, each with the page and the question where it can be put right.
fn errors<'e>(
    situation: &Situation<'_>,
    steps: &[Step],
    errors: impl Iterator<Item = (&'e str, &'e str)>,
) -> Result<Vec<SummaryItem>, Refusal> {
    let mut items = Vec::new();
    for (pointer, detail) in errors {
        let mut href = None;
        for step in steps {
            let questions = situation.form(*step)?.questions;
            href = href
                .or_else(|| form::found(&questions, pointer).map(|question| to(*step, question)));
        }
        items.push(SummaryItem {
            text: detail.to_owned(),
            href,
        });
    }
    Ok(items)
}

fn to(step: Step, question: &Question) -> String {
    format!("{}#{}", step.path(), form::first_id(question))
}

/// What was answered, in words.
fn rows(questions: &[Question], answers: &Fields, step: Step) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for question in form::asked(questions, answers) {
        let name = question.name.rsplit('.').next().unwrap_or_default();
        // What was asked in several ways is said in one.
        let part_of_when =
            ["time_today", "time_yesterday", "day", "time", "from", "to"].contains(&name);
        let answer = match name {
            "when" => Some(when::in_words(
                answers,
                question.name.trim_end_matches(".when"),
            )),
            _ if part_of_when => None,
            _ => in_words(question, answers),
        };
        let Some(answer) = answer else { continue };
        let row = Row {
            question: question.label.clone(),
            answer,
            href: to(step, question),
        };
        // Which of them stands for what kind of thing, and the other team for “another”.
        match rows.last_mut() {
            Some(last) if name == "team_other" || name.starts_with("group_") => {
                last.answer = row.answer
            }
            _ => rows.push(row),
        }
    }
    rows
}

fn in_words(question: &Question, answers: &Fields) -> Option<String> {
    let part = |part: &str| answers.get(&question.part(part)).unwrap_or_default();
    match &question.kind {
        Kind::Choice(choices) | Kind::Select(choices) | Kind::Several(choices) => {
            let chosen = |value: &str| {
                choices
                    .iter()
                    .find(|c| c.value == value)
                    .map(|c| c.label.clone())
            };
            let labels: Vec<_> = answers.all(&question.name).filter_map(chosen).collect();
            (!labels.is_empty()).then(|| labels.join(", "))
        }
        Kind::Day | Kind::Moment => {
            let day = crate::london::typed_day(part("day"), part("month"), part("year"))?;
            let day = day.format("%-d %B %Y");
            Some(match part("time") {
                "" => day.to_string(),
                time => format!("{day}, {time}"),
            })
        }
        Kind::Tick => answers.get(&question.name).map(|_| "Yes".into()),
        Kind::YesNo => answers.get(&question.name).map(words::capital),
        // Nothing that is asked for a team asks for the themes of a session.
        Kind::Themes => None,
        Kind::Line(_) | Kind::Area(_) | Kind::Number(_) => {
            answers.get(&question.name).map(str::to_owned)
        }
    }
}

/// Texts in which something seems to stand that should not. Where a name or a number is asked for, it may.
fn looked_at_again(questions: &[Question], answers: &Fields, step: Step) -> Vec<Again> {
    let asked_for = [
        "contact_out_of_hours",
        "not_seen_by",
        "incidents.0.local_ref",
    ];
    let seen = |question: &&Question| {
        let text = matches!(question.kind, Kind::Line(_) | Kind::Area(_));
        let free =
            !asked_for.contains(&question.name.as_str()) && !question.name.ends_with("local_ref");
        let holds = kindly::looks_like(answers.get(&question.name).filter(|_| text && free)?)?;
        Some(Again {
            question: question.label.clone(),
            holds,
            href: to(step, question),
        })
    };
    form::asked(questions, answers)
        .iter()
        .filter_map(seen)
        .collect()
}

/// Sends it. Twice is once: the draft carries the key under which it happens.
pub async fn send(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let Posted { visitor, draft, .. } = posted;
    allowed(&pages, &visitor)?;
    let Some(draft) = draft else {
        return Err(too_old(&pages, &visitor)?);
    };
    match sent(&pages, &visitor, &draft).await {
        Ok(to) => {
            visitor.keep_draft(&pages, KEPT, None);
            Ok(see_other(&to))
        }
        Err(refused @ Refused::Rule(Refusal::NotAllowed | Refusal::NotFound)) => {
            Err(refused.into())
        }
        Err(refused @ (Refused::Unauthorised | Refused::TooMany(_))) => Err(refused.into()),
        Err(refused) => {
            visitor.keep_draft(&pages, KEPT, Some(&draft));
            show(&pages, &visitor, &draft, Some(&refused))
        }
    }
}

/// Where its receipt is.
async fn sent(pages: &Pages, visitor: &Visitor, draft: &Draft) -> Result<String, Refused> {
    let answers = &draft.answers;
    let body = Situation {
        pages,
        visitor,
        answers,
    }
    .command()?;
    let body = serde_json::to_vec(&body).expect("a body is plain JSON");
    let asked = Asked {
        key: draft.key.clone(),
        if_match: None,
        body: Body::read(&body).map_err(Refused::Malformed)?,
    };
    let done = pages
        .app
        .execute(&visitor.actor, Intent::raise(asked))
        .await?;
    let case = done.answer().case;
    let case = case.ok_or_else(|| Refusal::Invalid(vec![Fault::at("", "No case was opened.")]))?;
    Ok(format!("/cases/{case}/receipt"))
}
