//! Closing a case with an outcome, and opening it again.

use pipss_api::intent::Intent;
use pipss_domain::close::{CloseCase, ReopenCase};
use pipss_domain::facts::{CaseOutcome, ReopenReason};
use pipss_domain::policy::Act;

use super::{About, CaseForm, choices, plain};
use crate::form::{Form, Kind, Question};
use crate::pages::Instead;

/// The rows of these commands.
pub const FORMS: [CaseForm; 2] = [
    CaseForm {
        path: "/cases/{case}/close",
        query: &[],
        act: Act::CloseCase,
        form: close,
        intent: Intent::to_case::<CloseCase>,
        refused: plain,
        more: super::never,
        done: "The case is closed.",
    },
    CaseForm {
        path: "/cases/{case}/reopen",
        query: &[],
        act: Act::ReopenCase,
        form: reopen,
        intent: Intent::to_case::<ReopenCase>,
        refused: plain,
        more: super::never,
        done: "The case is open again.",
    },
];

fn close(_: &About<'_>) -> Result<Form, Instead> {
    let outcomes = choices(&CaseOutcome::ALL, CaseOutcome::label);
    let how = Question::new("outcome", "How does it end?", Kind::Choice(outcomes));
    let form = Form::new("Close the case", vec![how]);
    Ok(form
        .lead("Everything that happened stays. Follow-ups still come due, and the case can be opened again.")
        .button("Close the case"))
}

fn reopen(_: &About<'_>) -> Result<Form, Instead> {
    let reasons = choices(&ReopenReason::ALL, ReopenReason::label);
    let why = Question::new(
        "reason",
        "Why is the case opened again?",
        Kind::Choice(reasons),
    );
    Ok(Form::new("Why is the case opened again?", vec![why]).button("Open the case again"))
}
