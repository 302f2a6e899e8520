//! What stands above a form that is shown again: each thing in the way, with the question it is about.

use pipss_domain::refusal::Fault;
use serde::Serialize;

use super::Form;
use super::question::{Kind, Question};
use super::read::REQUIRED;
use crate::kindly;

/// Above what is in the way.
pub const PROBLEM: &str = "There is a problem";

/// The error summary: the same text as in the JSON interface, each error with a link to its question.
#[derive(Serialize)]
pub struct Summary {
    /// What kind of thing it is.
    pub title: &'static str,
    /// What is wrong altogether.
    pub detail: String,
    /// Is it only asked, kindly? Nothing is wrong then.
    pub calm: bool,
    /// Each with where it leads.
    pub items: Vec<SummaryItem>,
}

/// One error.
#[derive(Serialize)]
pub struct SummaryItem {
    /// What would be right.
    pub text: String,
    /// The question, if it is one of this page.
    pub href: Option<String>,
}

/// What is only asked once more is drawn as no error.
pub(super) fn is_calm(title: &str) -> bool {
    title == kindly::TITLE
}

/// The summary of a form.
pub(super) fn summary(
    form: &Form,
    (title, detail, faults): (&'static str, &str, &[Fault]),
) -> Summary {
    let item = |fault: &Fault| {
        let question = found(&form.questions, &fault.pointer);
        SummaryItem {
            text: in_summary(question, &fault.detail),
            href: question.map(|question| format!("#{}", first_id(question))),
        }
    };
    Summary {
        calm: is_calm(title),
        title,
        detail: detail.to_owned(),
        items: faults.iter().map(item).collect(),
    }
}

/// What is in the way, as it stands above everything else: an answer that is missing says of which question.
pub(crate) fn in_summary(question: Option<&Question>, detail: &str) -> String {
    match question {
        Some(question) if detail == REQUIRED => {
            let asks = question.label.ends_with(['?', '.']);
            format!("{}{} {detail}", question.label, if asks { "" } else { ":" })
        }
        _ => detail.to_owned(),
    }
}

/// The question that a pointer means: the one with that name, else the nearest above or below it.
pub(crate) fn found<'q>(questions: &'q [Question], pointer: &str) -> Option<&'q Question> {
    let all = every(questions);
    let exact = all.iter().find(|question| question.pointer() == pointer);
    let within = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
    let near = |question: &&&Question| {
        let own = question.pointer();
        within(pointer, &own) || within(&own, pointer)
    };
    exact.or_else(|| all.iter().find(near)).copied()
}

/// Every question, also those that a choice reveals.
pub(crate) fn every(questions: &[Question]) -> Vec<&Question> {
    let mut all = Vec::new();
    for question in questions {
        all.push(question);
        if let Kind::Choice(choices) | Kind::Several(choices) = &question.kind {
            all.extend(choices.iter().flat_map(|choice| every(&choice.reveals)));
        }
    }
    all
}

/// What takes the focus when an error's link is followed.
pub(crate) fn first_id(question: &Question) -> String {
    match question.kind {
        Kind::Day | Kind::Moment => format!("{}-day", question.id()),
        _ => question.id(),
    }
}
