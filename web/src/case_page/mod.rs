//! The page of a case: every part that whoever looks may see, the most important first.

mod beside;
mod clocks;
mod danger;
mod plan;
mod readings;
mod request;
pub(crate) mod steps;
mod then;
pub(crate) mod timeline;
mod why;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::{CaseAnswer, CaseState};
use pipss_domain::facts::Urgency;
use pipss_domain::ids::CaseId;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::london;
use crate::pages::{Answer, Instead, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::Visitor;

pub(crate) use request::{PROMPTS, occurred};
use then::Then;

/// The page of a case.
pub fn routes(routes: Routes) -> Routes {
    let routes = routes.page("/cases/{case}", &["as_of"], read);
    danger::routes(why::routes(routes))
}

/// A row of a summary: what it is, and what it says, a line each.
#[derive(Serialize)]
pub(crate) struct Row {
    key: &'static str,
    values: Vec<String>,
}

/// A row with one line.
pub(crate) fn row(key: &'static str, value: impl Into<String>) -> Row {
    Row {
        key,
        values: vec![value.into()],
    }
}

/// A row with several.
pub(crate) fn rows(key: &'static str, values: Vec<String>) -> Option<Row> {
    (!values.is_empty()).then_some(Row { key, values })
}

/// A coloured word.
#[derive(Serialize)]
pub(crate) struct Tag {
    pub text: String,
    pub colour: &'static str,
}

/// Somewhere to go on.
#[derive(Clone, Serialize)]
pub(crate) struct Link {
    pub text: String,
    /// What it is about, for those who hear the page.
    pub about: Option<String>,
    pub href: String,
}

impl Link {
    pub(crate) fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            about: None,
            href: href.into(),
        }
    }

    pub(crate) fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }
}

#[derive(Serialize)]
struct CasePage {
    case: String,
    reference: String,
    team: String,
    team_href: Option<String>,
    state: Tag,
    urgency: Option<Tag>,
    facts: Vec<Row>,
    one_to_one: &'static str,
    then: Then,
    next: steps::Next,
    request: Option<Vec<Row>>,
    triage: Option<Vec<Row>>,
    scopings: Option<Vec<request::Scoping>>,
    offers: Option<Vec<plan::Offer>>,
    defusions: Vec<Row>,
    follow_ups: Vec<beside::FollowUp>,
    clocks: Vec<clocks::Clock>,
    others: Vec<beside::Other>,
    involved: Vec<String>,
    timeline: Vec<timeline::Entry>,
}

impl View for CasePage {
    const TEMPLATE: &'static str = "case.html";

    fn title(&self) -> String {
        let then = self.then.at.as_ref();
        let then = then.map_or(String::new(), |at| format!(" as known on {at}"));
        let error = if self.then.error.is_some() {
            "Error: "
        } else {
            ""
        };
        format!("{error}{}, {}{then}", self.reference, self.team)
    }
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let id: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    let now = AsOfAsked { as_of: None };
    let today = pages.app.case(&visitor.actor, id, &now)?;
    let typed = visitor.asked("as_of").filter(|typed| !typed.is_empty());
    let (shown, then) = match typed {
        None => (today, Then::default()),
        Some(typed) => match then::known(&pages, &visitor, &today, &typed)? {
            Ok((shown, then)) => (shown, then),
            Err(then) => (today, then),
        },
    };
    let status = match then.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = drawn(&pages, &visitor, shown, then)?;
    Ok(pages.draw(status, &visitor.shell(&pages), &page))
}

fn drawn(
    pages: &Pages,
    visitor: &Visitor,
    case: CaseAnswer,
    then: Then,
) -> Result<CasePage, Instead> {
    let timeline = timeline::of(pages, visitor, case.case, then.instant)?;
    let can = steps::Can::of(pages, visitor, &case, then.instant.is_none());
    Ok(CasePage {
        case: case.case.to_string(),
        reference: case.reference.clone(),
        team: case.team.name.clone(),
        team_href: can
            .team_timeline
            .then(|| format!("/teams/{}", case.team.team)),
        state: state(case.state),
        urgency: case.triage.as_ref().map(|triage| urgency(triage.urgency)),
        facts: facts(&case),
        one_to_one: case.one_to_one,
        next: steps::next(&case, &can),
        request: case.request.as_ref().map(|asked| {
            let on_behalf = case.aftercare.on_behalf.as_ref();
            request::rows_of(asked, on_behalf)
        }),
        triage: case.triage.as_ref().map(request::triage),
        scopings: case
            .scoping
            .as_ref()
            .map(|all| all.iter().map(request::scoping).collect()),
        offers: case.offers.as_ref().map(|offers| {
            let offers = offers.iter();
            offers.map(|offer| plan::offer(offer, &can)).collect()
        }),
        defusions: beside::defusions(&case),
        follow_ups: beside::follow_ups(&case, &can),
        clocks: case.clocks.iter().flatten().map(clocks::clock).collect(),
        others: beside::others(&case, &can),
        involved: case.involved.iter().flatten().map(name).collect(),
        timeline,
        then,
    })
}

fn facts(case: &CaseAnswer) -> Vec<Row> {
    let mut facts = vec![row("Asked for on", london::moment(case.raised_at))];
    let answered = case.acknowledged_at.map_or_else(
        || "Not yet".to_owned(),
        |at| format!("By a person, {}", london::moment(at)),
    );
    facts.push(row("Answered", answered));
    if let Some(outcome) = case.outcome {
        facts.push(row("Closed because", capital(outcome.label())));
    }
    facts
}

fn state(state: CaseState) -> Tag {
    let (text, colour) = match state {
        CaseState::Raised => ("Waits for triage", "yellow"),
        CaseState::Open => ("Open", "blue"),
        CaseState::Closed => ("Closed", "grey"),
        CaseState::Merged => ("Merged into another case", "grey"),
    };
    Tag {
        text: text.into(),
        colour,
    }
}

/// How urgent, as a tag.
pub(crate) fn urgency(urgency: Urgency) -> Tag {
    let colour = match urgency {
        Urgency::U1 => "red",
        Urgency::U2 => "orange",
        Urgency::U3 => "blue",
        Urgency::U4 => "grey",
    };
    Tag {
        text: urgency.label().into(),
        colour,
    }
}

/// A person by name.
pub(crate) fn name(person: &pipss_api::case_answer::PersonName) -> String {
    let name = person.name.clone();
    name.unwrap_or_else(|| "someone whose name is not kept".into())
}

/// With a capital, to begin a line.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
