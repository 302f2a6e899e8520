//! Asking for support for a team: a few questions a page, then one look at everything before it is sent.

mod check;
mod command;
mod page;
mod step;
mod when;
pub mod words;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use pipss_api::problem::Refused;
use pipss_domain::incident::IncidentGroup;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::{Deserialize, Serialize};

pub use self::command::team as one_team;
use self::page::show;
pub use self::page::{OwnLine, own};
use self::step::{ANOTHER, Situation, Step};
use crate::case_forms::code;
use crate::draft::Draft;
use crate::fields::Fields;
use crate::form::{self, Form};
use crate::pages::{Answer, Instead, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::urgent::{self, Ring};
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
    each.page(URGENT, &[], get_help)
        .form(CHECK, check::read, check::send)
        .sent("/ask/start-again", start_again)
        .sent("/ask/remove-incident", remove_incident)
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
    let answers = draft.answers.clone();
    show(Step::Team, &pages, &visitor, (&draft, answers), None)
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

/// The request that they began. Where two worlds are compared, one in which several incidents were told, so
/// that every page of it is drawn.
fn kept(pages: &Pages, visitor: &Visitor) -> Option<Draft> {
    if !pages.is_proved() {
        return visitor.kept_draft(pages, KEPT);
    }
    let mut draft = visitor.begin_draft(pages, None);
    let team = visitor.me.manages.iter().map(|own| own.team.to_string());
    let team = team.chain([words::OTHER_TEAM.into()]).next()?;
    draft.answers.set("team", team);
    for n in 0..step::INCIDENTS_MAX {
        let group = format!("incidents.{n}.group");
        draft.answers.set(&group, code(&IncidentGroup::Hrm));
    }
    Some(draft)
}

async fn asked(step: Step, pages: Arc<Pages>, visitor: Visitor) -> Answer {
    allowed(&pages, &visitor)?;
    let Some(draft) = kept(&pages, &visitor) else {
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
    if early && !pages.is_proved() {
        return Ok(see_other(next.map_or(CHECK, Step::path)));
    }
    let answers = draft.answers.clone();
    show(step, &pages, &visitor, (&draft, answers), None)
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
    let mut answers = draft.answers.clone();
    take(step, &pages, &visitor, &mut answers, &fields)?;
    // What is asked next depends on what it is about.
    let group = "incidents.0.group";
    if step == Step::Team && draft.answers.get(group) != answers.get(group) {
        answers.forget(Step::Details.mark());
    }
    let situation = Situation {
        pages: &pages,
        visitor: &visitor,
        answers: &answers,
    };
    let faults = situation.faults(step)?;
    if !faults.is_empty() {
        let detail = Refused::Rule(Refusal::Invalid(faults.clone()))
            .problem()
            .detail;
        // What is not right is only shown: what is sealed stays short, whatever was pasted.
        return show(
            step,
            &pages,
            &visitor,
            (&draft, answers),
            Some((&detail, &faults)),
        );
    }
    let now = situation.now();
    answers.set(step.mark(), "yes");
    (0..step::INCIDENTS_MAX)
        .for_each(|n| when::dated(&mut answers, &format!("incidents.{n}"), now));
    draft.answers = answers;
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
    (0..step::INCIDENTS_MAX)
        .for_each(|n| words::infer_group(answers, &format!("incidents.{n}.group")));
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
    let said = Some((TOO_OLD, &[][..]));
    Ok(show(
        Step::Team,
        pages,
        visitor,
        (&draft, Fields::default()),
        said,
    )?
    .into())
}

#[derive(Serialize)]
struct UrgentPage {
    urgent_help: Vec<Ring>,
    on: &'static str,
}

impl View for UrgentPage {
    const TEMPLATE: &'static str = "ask-urgent.html";

    fn title(&self) -> String {
        "Get help now".into()
    }
}

/// Whom to ring, before it goes on.
async fn get_help(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    allowed(&pages, &visitor)?;
    let Some(draft) = kept(&pages, &visitor) else {
        return Ok(see_other(Step::Team.path()));
    };
    let view = UrgentPage {
        urgent_help: urgent::now(&pages),
        on: on(&pages, &visitor, &draft.answers)?,
    };
    Ok(pages.page(&visitor, &view))
}

/// Takes back the incident that was told last.
async fn remove_incident(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let Posted { visitor, draft, .. } = posted;
    allowed(&pages, &visitor)?;
    let Some(mut draft) = draft else {
        return Err(too_old(&pages, &visitor)?);
    };
    let situation = Situation {
        pages: &pages,
        visitor: &visitor,
        answers: &draft.answers,
    };
    if let last @ 1.. = situation.incidents().saturating_sub(1) {
        let of_it = format!("incidents.{last}.");
        let names = draft.answers.iter().map(|(name, _)| name.to_owned());
        let names: Vec<_> = names.filter(|name| name.starts_with(&of_it)).collect();
        names.iter().for_each(|name| draft.answers.forget(name));
    }
    visitor.keep_draft(&pages, KEPT, Some(&draft));
    Ok(see_other(CHECK))
}

async fn start_again(State(pages): State<Arc<Pages>>, posted: Posted) -> Response {
    posted.visitor.keep_draft(&pages, KEPT, None);
    see_other(Step::Team.path())
}
