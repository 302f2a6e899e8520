//! A page of questions as it is shown: with the answers so far, what is in the way, and on the first page whom to ring.

use axum::http::StatusCode;
use pipss_api::lists::CaseLine;
use pipss_domain::refusal::{Fault, Refusal};
use serde::Serialize;

use super::step::{INCIDENTS_MAX, Situation, Step};
use super::{CHECK, when};
use crate::draft::Draft;
use crate::fields::Fields;
use crate::form::{self, PROBLEM, Shown};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::urgent::{self, Ring};
use crate::visitor::Visitor;

/// What a page of questions shows besides them.
#[derive(Serialize)]
struct StepPage {
    form: Shown,
    action: String,
    draft: String,
    /// On the first page: whom to ring, and what one asked before.
    first: Option<First>,
}

#[derive(Serialize)]
struct First {
    urgent_help: Vec<Ring>,
    own: Vec<OwnLine>,
    /// Was it begun before?
    begun: bool,
}

/// A request that whoever asks made before and that still goes on.
#[derive(Serialize)]
pub struct OwnLine {
    reference: String,
    team: String,
    raised: String,
    href: String,
}

impl From<CaseLine> for OwnLine {
    fn from(line: CaseLine) -> Self {
        Self {
            href: format!("/cases/{}", line.case),
            reference: line.reference,
            team: line.team.name,
            raised: london::moment(line.raised_at),
        }
    }
}

impl View for StepPage {
    const TEMPLATE: &'static str = "ask-step.html";

    fn title(&self) -> String {
        match self.form.errors {
            Some(_) => format!("Error: {}", self.form.title),
            None => self.form.title.clone(),
        }
    }
}

/// Shows a page of questions with the answers so far; `faults` are in the way.
pub fn show(
    step: Step,
    pages: &Pages,
    visitor: &Visitor,
    (draft, mut answers): (&Draft, Fields),
    faults: Option<(&str, &[Fault])>,
) -> Answer {
    if faults.is_none() {
        let now = pages.app.clock().now();
        (0..INCIDENTS_MAX)
            .for_each(|n| when::undated(&mut answers, &format!("incidents.{n}"), now));
    }
    let situation = Situation {
        pages,
        visitor,
        answers: &answers,
    };
    let form = situation.form(step)?.back(back(step, &situation)?);
    let said = faults.map(|(detail, faults)| (PROBLEM, detail, faults));
    let view = StepPage {
        form: form::shown(pages.renderer, &form, Some(&answers), said),
        action: step.path().to_owned(),
        draft: pages.drafts.sealed(draft),
        first: (step == Step::Team).then(|| First {
            urgent_help: urgent::now(pages),
            own: own(pages, visitor),
            begun: answers.get(Step::Team.mark()).is_some(),
        }),
    };
    let status = if faults.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(pages.draw(status, &visitor.shell(pages), &view))
}

/// Where the way back leads: to the page before, or, once everything is answered, to all of it.
fn back(step: Step, situation: &Situation<'_>) -> Result<&'static str, Refusal> {
    if situation.next()?.is_none() || matches!(step, Step::Another(_)) {
        return Ok(CHECK);
    }
    let place = Step::ALL.iter().position(|one| *one == step).unwrap_or(0);
    let before = place.checked_sub(1).map(|before| Step::ALL[before].path());
    Ok(before.unwrap_or("/"))
}

/// What they asked for and what still goes on.
pub fn own(pages: &Pages, visitor: &Visitor) -> Vec<OwnLine> {
    let own = pages.app.own_requests(&visitor.actor);
    own.into_iter().map(OwnLine::from).collect()
}
