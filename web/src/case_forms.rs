//! Commands to a case, each with its form: one row a command.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::CaseAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::facts::{TriageOutcome, Urgency};
use pipss_domain::ids::CaseId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::triage::TriageCase;
use serde::Serialize;

use crate::ask::{ask, give};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Instead, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// A command to a case.
#[derive(Clone, Copy)]
struct CaseForm {
    path: &'static str,
    act: Act,
    /// Its questions, asked of a case that whoever asks may see.
    form: fn(&Pages, &Visitor, &CaseAnswer) -> Result<Form, Instead>,
    intent: fn(CaseId, Asked) -> Intent<'static>,
    /// What is told when it is done.
    done: &'static str,
}

const FORMS: [CaseForm; 1] = [CaseForm {
    path: "/cases/{case}/triage",
    act: Act::TriageCase,
    form: triage,
    intent: Intent::to_case::<TriageCase>,
    done: "Triage recorded.",
}];

/// A page for each of them.
pub fn routes(routes: Routes) -> Routes {
    FORMS.into_iter().fold(routes, |routes, form| {
        routes.form(
            form.path,
            move |State(pages): State<Arc<Pages>>, visitor: Visitor, Path(case): Path<String>| {
                asked(form, pages, visitor, case)
            },
            move |State(pages): State<Arc<Pages>>, Path(case): Path<String>, posted: Posted| {
                given(form, pages, case, posted)
            },
        )
    })
}

async fn asked(form: CaseForm, pages: Arc<Pages>, visitor: Visitor, case: String) -> Answer {
    let case = seen(&pages, &visitor, form.act, &case)?;
    let questions = about(&case, (form.form)(&pages, &visitor, &case)?);
    Ok(ask(&pages, &visitor, &questions, Some(case.version)))
}

async fn given(form: CaseForm, pages: Arc<Pages>, case: String, posted: Posted) -> Answer {
    let case = seen(&pages, &posted.visitor, form.act, &case)?;
    let questions = about(&case, (form.form)(&pages, &posted.visitor, &case)?);
    let to = |asked| (form.intent)(case.case, asked);
    let (visitor, _) = give(&pages, posted, &questions, Some(case.version), to).await?;
    visitor.tell(&pages, form.done);
    Ok(see_other(&format!("/cases/{}", case.case)))
}

/// The case, if they may see it and do this to it.
pub fn seen(pages: &Pages, visitor: &Visitor, act: Act, case: &str) -> Result<CaseAnswer, Instead> {
    let case: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    pages.app.allow(&visitor.actor, act, Some(case))?;
    let today = AsOfAsked { as_of: None };
    Ok(pages.app.case(&visitor.actor, case, &today)?)
}

/// With the case above the heading, and the way back to it.
fn about(case: &CaseAnswer, form: Form) -> Form {
    form.caption(format!("{}, {}", case.team.name, case.reference))
        .back(format!("/cases/{}", case.case))
}

/// The code of a word of the codebook, as the interface has it.
pub fn code(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("codes are plain JSON");
    value.as_str().unwrap_or_default().to_owned()
}

fn triage(_: &Pages, _: &Visitor, case: &CaseAnswer) -> Result<Form, Instead> {
    let suggested = case.triage.as_ref().and_then(|triage| triage.suggested);
    let urgency = |urgency: Urgency, label: &str| Choice::new(code(&urgency), label);
    let urgencies = vec![
        urgency(Urgency::U1, "U1: at once"),
        urgency(Urgency::U2, "U2: within days"),
        urgency(Urgency::U3, "U3: in the usual time"),
        urgency(Urgency::U4, "U4: planned"),
    ];
    let mut how = Question::new("urgency", "How urgent is it?", Kind::Choice(urgencies));
    how.given = suggested.iter().map(code).collect();
    let outcomes = TriageOutcome::ALL.iter();
    let outcomes = outcomes.map(|outcome| Choice::new(code(outcome), outcome.label()));
    Ok(Form::new(
        "Triage",
        vec![
            how,
            Question::new(
                "outcome",
                "What becomes of it?",
                Kind::Select(outcomes.collect()),
            ),
            Question::new("reason", "Why?", Kind::Area(500)).optional(),
        ],
    ))
}
