//! Asking for support for a team: a few questions a page, then one look at everything before it is sent.

mod check;
mod command;
pub mod step;
mod when;
pub mod words;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use pipss_api::lists::CaseLine;
use pipss_api::problem::Refused;
use pipss_api::reading::HelpLine;
use pipss_domain::policy::Act;
use pipss_domain::refusal::{Fault, Refusal};
use serde::{Deserialize, Serialize};

pub use self::command::team as one_team;
use self::step::{ANOTHER, Situation, Step};
use crate::draft::Draft;
use crate::fields::Fields;
use crate::form::{self, Form, PROBLEM, Shown};
use crate::london;
use crate::pages::{Answer, Instead, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// Under which name the draft is kept.
const KEPT: &str = "ask";
const CHECK: &str = "/ask/check";
const URGENT: &str = "/ask/urgent";
const TOO_OLD: &str = "This request was begun more than a day ago, and its answers are gone. Nothing was sent. \
    Please begin again.";

/// The pages of a request.
pub fn routes(routes: Routes) -> Routes {
    let first = routes
        .page("/ask", &["team"], begun)
        .sent("/ask", |State(pages): State<Arc<Pages>>, posted: Posted| {
            given(Step::Team, pages, posted)
        });
    let rest = Step::ALL.into_iter().skip(1);
    let further = (1..=ANOTHER.len()).map(Step::Another);
    let each = rest.chain(further).fold(first, |routes, step| {
        routes.form(
            step.path(),
            move |State(pages): State<Arc<Pages>>, visitor: Visitor| asked(step, pages, visitor),
            move |State(pages): State<Arc<Pages>>, posted: Posted| given(step, pages, posted),
        )
    });
    each.page(URGENT, &[], urgent)
        .form(CHECK, check::read, check::send)
        .sent("/ask/start-again", start_again)
}

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
    urgent_help: Vec<HelpLine>,
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

/// May they ask for support at all?
fn allowed(pages: &Pages, visitor: &Visitor) -> Result<(), Refusal> {
    pages.app.allow(&visitor.actor, Act::RaiseReferral, None)
}

/// From a poster: which team.
#[derive(Deserialize)]
struct FromPoster {
    #[serde(default)]
    team: Option<String>,
}

async fn begun(
    State(pages): State<Arc<Pages>>,
    Query(poster): Query<FromPoster>,
    visitor: Visitor,
) -> Answer {
    allowed(&pages, &visitor)?;
    let mut draft = match visitor.kept_draft(&pages, KEPT) {
        Some(draft) => draft,
        None => visitor.begin_draft(&pages, None),
    };
    if let Some(team) = poster.team {
        fill_in(&pages, &visitor, &mut draft.answers, &team)?;
    }
    show(Step::Team, &pages, &visitor, &draft, None)
}

/// Fills in the team of a poster, if there is one by that id.
fn fill_in(
    pages: &Pages,
    visitor: &Visitor,
    answers: &mut Fields,
    team: &str,
) -> Result<(), Refusal> {
    let question = words::team(pages, visitor)?;
    let every = form::every(std::slice::from_ref(&question));
    let offered = |question: &&&form::Question| match &question.kind {
        form::Kind::Choice(choices) | form::Kind::Select(choices) => {
            choices.iter().any(|choice| choice.value == team)
        }
        _ => false,
    };
    match every.iter().find(offered) {
        Some(found) if found.name == "team" => answers.set("team", team),
        Some(found) => {
            answers.set("team", words::OTHER_TEAM);
            answers.set(&found.name, team);
        }
        None => {}
    }
    Ok(())
}

async fn asked(step: Step, pages: Arc<Pages>, visitor: Visitor) -> Answer {
    allowed(&pages, &visitor)?;
    let Some(draft) = visitor.kept_draft(&pages, KEPT) else {
        return Ok(see_other(Step::Team.path()));
    };
    let answers = &draft.answers;
    let situation = Situation {
        pages: &pages,
        visitor: &visitor,
        answers,
    };
    let (next, incidents) = (situation.next()?, situation.incidents());
    // Nobody is asked for details of what they have not said yet.
    let early = match step {
        Step::Another(n) => next.is_some_and(|next| next != step) || n > incidents.max(1),
        _ => {
            let place = |step| Step::ALL.iter().position(|one| *one == step);
            next.is_some_and(|next| place(next).is_some_and(|next| place(step) > Some(next)))
        }
    };
    if early {
        return Ok(see_other(next.map_or(CHECK, Step::path)));
    }
    show(step, &pages, &visitor, &draft, None)
}

/// Shows a page of questions with the answers so far; `faults` are in the way.
fn show(
    step: Step,
    pages: &Pages,
    visitor: &Visitor,
    draft: &Draft,
    faults: Option<(&str, &[Fault])>,
) -> Answer {
    let mut answers = draft.answers.clone();
    if faults.is_none() {
        let now = pages.app.clock().now();
        (0..step::INCIDENTS_MAX)
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
            urgent_help: pages.app.urgent_help().to_vec(),
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

async fn given(step: Step, pages: Arc<Pages>, posted: Posted) -> Answer {
    let Posted {
        visitor,
        fields,
        draft,
    } = posted;
    allowed(&pages, &visitor)?;
    let Some(mut draft) = draft else {
        return Err(too_old(&pages, &visitor)?);
    };
    let before = draft.answers.get("incidents.0.group").map(str::to_owned);
    take(step, &pages, &visitor, &mut draft.answers, &fields)?;
    // What is asked next depends on what it is about.
    if step == Step::Team && before.as_deref() != draft.answers.get("incidents.0.group") {
        draft.answers.forget(Step::Details.mark());
    }
    let situation = Situation {
        pages: &pages,
        visitor: &visitor,
        answers: &draft.answers,
    };
    let faults = situation.faults(step)?;
    if !faults.is_empty() {
        let detail = Refused::Rule(Refusal::Invalid(faults.clone()))
            .problem()
            .detail;
        return show(step, &pages, &visitor, &draft, Some((&detail, &faults)));
    }
    let now = situation.now();
    draft.answers.set(step.mark(), "yes");
    (0..step::INCIDENTS_MAX)
        .for_each(|n| when::dated(&mut draft.answers, &format!("incidents.{n}"), now));
    visitor.keep_draft(&pages, KEPT, Some(&draft));
    if step == Step::People && worrying(&draft.answers) {
        return Ok(see_other(URGENT));
    }
    Ok(see_other(on(&pages, &visitor, &draft.answers)?))
}

/// Where it goes on: the next question, or all of them at a glance.
fn on(pages: &Pages, visitor: &Visitor, answers: &Fields) -> Result<&'static str, Refusal> {
    let situation = Situation {
        pages,
        visitor,
        answers,
    };
    Ok(situation.next()?.map_or(CHECK, Step::path))
}

/// Puts the answers of one page in the place of those it had.
fn take(
    step: Step,
    pages: &Pages,
    visitor: &Visitor,
    answers: &mut Fields,
    fields: &Fields,
) -> Result<(), Refusal> {
    let form: Form = Situation {
        pages,
        visitor,
        answers,
    }
    .form(step)?;
    let questions = &form.questions;
    let named = form::every(questions);
    let of_this_page = |name: &str| {
        named.iter().any(|question| {
            let rest = name.strip_prefix(&question.name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    };
    let old: Vec<_> = answers.iter().map(|(name, _)| name.to_owned()).collect();
    old.iter()
        .filter(|name| of_this_page(name))
        .for_each(|name| answers.forget(name));
    let new = fields
        .iter()
        .filter(|(name, value)| of_this_page(name) && !value.trim().is_empty());
    new.for_each(|(name, value)| answers.add(name, value));
    Ok(())
}

/// Anything but safe: whom to ring is shown before it goes on.
fn worrying(answers: &Fields) -> bool {
    let said = |name: &str, safe: &str| answers.get(name) == Some(safe);
    let all_safe = said("safety.threat_continuing", "no")
        && said("safety.area_safe", "yes")
        && said("safety.someone_at_immediate_risk", "no");
    !said("safe", "yes") && !all_safe
}

fn too_old(pages: &Pages, visitor: &Visitor) -> Result<Instead, Instead> {
    visitor.keep_draft(pages, KEPT, None);
    let draft = visitor.begin_draft(pages, None);
    Ok(show(Step::Team, pages, visitor, &draft, Some((TOO_OLD, &[])))?.into())
}

#[derive(Serialize)]
struct UrgentPage {
    urgent_help: Vec<HelpLine>,
    on: &'static str,
}

impl View for UrgentPage {
    const TEMPLATE: &'static str = "ask-urgent.html";

    fn title(&self) -> String {
        "Get help now".into()
    }
}

/// Whom to ring, before it goes on.
async fn urgent(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    allowed(&pages, &visitor)?;
    let Some(draft) = visitor.kept_draft(&pages, KEPT) else {
        return Ok(see_other(Step::Team.path()));
    };
    let view = UrgentPage {
        urgent_help: pages.app.urgent_help().to_vec(),
        on: on(&pages, &visitor, &draft.answers)?,
    };
    Ok(pages.page(&visitor, &view))
}

async fn start_again(State(pages): State<Arc<Pages>>, posted: Posted) -> Response {
    posted.visitor.keep_draft(&pages, KEPT, None);
    see_other(Step::Team.path())
}
