//! How a team is doing some weeks on: three answers and one button, never who or how many.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use pipss_api::case_answer::CaseAnswer;
use pipss_api::intent::Intent;
use pipss_domain::facts::{Going, Milestone, YesOrNo};
use pipss_domain::follow_up::{AnswerFollowUp, FollowUpState};
use pipss_domain::policy::Act;
use serde::Serialize;
use serde_json::{Map, Value};

use super::words::capital;
use crate::ask::{ask, give};
use crate::case_forms::{code, seen};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::{Posted, Visitor, see_other};

#[derive(Serialize)]
struct NothingDue {
    team: String,
    back: String,
    answered: bool,
}

impl View for NothingDue {
    const TEMPLATE: &'static str = "lists/nothing_due.html";

    fn title(&self) -> String {
        "Nothing waits for your answer".into()
    }
}

/// The three questions, or that there is nothing to answer.
pub async fn ask_it(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let case = seen(&pages, &visitor, Act::AnswerFollowUp, &case)?;
    Ok(match waiting(&case) {
        Some(milestone) => ask(
            &pages,
            &visitor,
            &form(&case, milestone),
            Some(case.version),
        ),
        None => nothing(&pages, &visitor, &case),
    })
}

/// Takes the answers.
pub async fn take(
    State(pages): State<Arc<Pages>>,
    Path(case): Path<String>,
    posted: Posted,
) -> Answer {
    let case = seen(&pages, &posted.visitor, Act::AnswerFollowUp, &case)?;
    let Some(milestone) = waiting(&case).or_else(|| answered(&case)) else {
        return Ok(nothing(&pages, &posted.visitor, &case));
    };
    let to = |asked| Intent::to_case::<AnswerFollowUp>(case.case, asked);
    let form = form(&case, milestone);
    let (visitor, _) = give(&pages, posted, &form, Some(case.version), to).await?;
    visitor.tell(&pages, "Thank you. Your answer is with the PIPSS lead.");
    Ok(see_other(&format!("/teams/{}", case.team.team)))
}

/// The follow-up that waits for whoever looks at the case.
fn waiting(case: &CaseAnswer) -> Option<Milestone> {
    let mut all = case.aftercare.follow_ups.iter().flatten();
    let found = all.find(|one| one.yours && one.state == FollowUpState::Due);
    found.map(|one| one.follow_up)
}

/// The last that was answered: a second click is a repeat of the first.
fn answered(case: &CaseAnswer) -> Option<Milestone> {
    let all = case.aftercare.follow_ups.iter().flatten();
    let mut answered = all.filter(|one| one.yours && one.state == FollowUpState::Answered);
    answered.next_back().map(|one| one.follow_up)
}

fn nothing(pages: &Pages, visitor: &Visitor, case: &CaseAnswer) -> Response {
    let view = NothingDue {
        team: case.team.name.clone(),
        back: format!("/teams/{}", case.team.team),
        answered: answered(case).is_some(),
    };
    pages.page(visitor, &view)
}

fn form(case: &CaseAnswer, milestone: Milestone) -> Form {
    let going = Going::ALL.iter();
    let going = going.map(|one| Choice::new(code(one), capital(one.label())));
    let yes_no = || {
        let both = YesOrNo::ALL.iter();
        let both = both.map(|one| Choice::new(code(one), one.label()));
        Kind::Choice(both.collect())
    };
    let questions = vec![
        Question::new(
            "going",
            "Compared with then, how is the team doing?",
            Kind::Choice(going.collect()),
        ),
        Question::new(
            "reminded_how_to_ask",
            "Has the team been reminded how to ask for support privately?",
            yes_no(),
        ),
        Question::new(
            "more_team_support",
            "Would the team like more support together?",
            yes_no(),
        ),
    ];
    Form::new("How is the team doing?", questions)
        .caption(format!("{}, {}", case.team.name, milestone.label()))
        .lead("Three questions about the team as a whole. Nobody is named, and you are not asked who wanted support, or how many.")
        .back(format!("/teams/{}", case.team.team))
        .button("Send")
        .reshape(about(milestone))
}

/// Which follow-up it is about is not asked: it is the one that waits.
fn about(milestone: Milestone) -> fn(&mut Map<String, Value>) {
    fn named(body: &mut Map<String, Value>, milestone: Milestone) {
        body.insert("follow_up".into(), code(&milestone).into());
    }
    match milestone {
        Milestone::FourWeeks => |body| named(body, Milestone::FourWeeks),
        Milestone::ThreeMonths => |body| named(body, Milestone::ThreeMonths),
        Milestone::SixMonths => |body| named(body, Milestone::SixMonths),
        Milestone::TwelveMonths => |body| named(body, Milestone::TwelveMonths),
    }
}
