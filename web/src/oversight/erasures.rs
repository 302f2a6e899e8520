//! Erasures: proposed by one, decided by another, withdrawn before their time.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::intent::{Asked, Intent};
use pipss_domain::facts::ErasureGround;
use pipss_domain::ids::ErasureId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde_json::{Map, Value};

use super::called::{listed, words};
use super::retention::{HOME, NAMED_SO, back};
use super::which::{Meant, give_meant};
use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .form("/oversight/erasures/due", propose_due, proposed_due)
        .form("/oversight/erasures/new", propose, proposed)
        .form("/oversight/erasures/{erasure}/decide", decide, decided)
        .form(
            "/oversight/erasures/{erasure}/withdraw",
            withdraw,
            withdrawn,
        )
}

async fn propose_due(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let form = due_form(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn proposed_due(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let form = due_form(&pages, &posted.visitor)?;
    let (visitor, _) = give(&pages, posted, &form, None, Intent::propose_erasure).await?;
    visitor.tell(&pages, PROPOSED);
    Ok(see_other(HOME))
}

const PROPOSED: &str = "Proposed. An auditor who did not propose it decides.";

fn due_form(pages: &Pages, visitor: &Visitor) -> Result<Form, Refusal> {
    let kept = pages.app.retention(&visitor.actor)?;
    let due = kept.classes.iter().flat_map(|class| &class.subjects);
    let choices = due.map(|due| {
        let since = due.since.format("%-d %B %Y");
        Choice::new(
            due.subject.to_string(),
            format!("{}, since {since}", words(pages, visitor, due.subject)),
        )
    });
    let which = Question::new("subjects", "Which?", Kind::Several(choices.collect()));
    let ground = (("ground"), Value::from(code(&ErasureGround::RetentionOver)));
    let mut form = Form::new("Propose what is due to be erased", vec![which])
        .lead("All of it has been kept as long as it is to be kept. An auditor who did not propose it decides.")
        .button("Propose it")
        .back(HOME);
    form.settled.push(ground);
    Ok(form)
}

async fn propose(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::ProposeErasure)?;
    let form = propose_form().back(back(&pages, &visitor));
    Ok(ask(&pages, &visitor, &form, None))
}

async fn proposed(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let (by, act) = (&posted.visitor, Act::ProposeErasure);
    pages.app.allow_retention(&by.actor, act)?;
    let form = propose_form().back(back(&pages, by));
    let meant = Meant {
        name: "subjects",
        act,
        id_only: false,
    };
    let intent = Intent::propose_erasure;
    let (visitor, _) = give_meant(&pages, posted, &form, meant, intent).await?;
    visitor.tell(&pages, PROPOSED);
    Ok(see_other(back(&pages, &visitor)))
}

fn propose_form() -> Form {
    let grounds = ErasureGround::ALL.into_iter();
    let grounds = grounds.filter(|ground| *ground != ErasureGround::RetentionOver);
    let grounds = grounds.map(|ground| Choice::new(code(&ground), ground.label()));
    Form::new(
        "Propose an erasure",
        vec![
            Question::new("subjects", "What? One a line.", Kind::Area(4000)).hint(NAMED_SO),
            Question::new("ground", "Why?", Kind::Choice(grounds.collect())),
        ],
    )
    .lead("Somebody else decides. Seven days after an approval it is erased for ever; until then it can be withdrawn.")
    .button("Propose it")
    .reshape(a_line_each)
}

fn a_line_each(body: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = body.get("subjects") {
        let lines = text.split_whitespace().map(Value::from).collect();
        body.insert("subjects".into(), Value::Array(lines));
    }
}

async fn decide(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let id = the_erasure(&pages, &visitor, Act::DecideErasure, &id)?;
    let form = decide_form(&pages, &visitor, id)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn decided(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let id = the_erasure(&pages, &posted.visitor, Act::DecideErasure, &id)?;
    let form = decide_form(&pages, &posted.visitor, id)?;
    let intent = |asked: Asked| Intent::decide_erasure(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Decided.");
    Ok(see_other(HOME))
}

fn the_erasure(pages: &Pages, visitor: &Visitor, act: Act, id: &str) -> Result<ErasureId, Refusal> {
    pages.app.allow_retention(&visitor.actor, act)?;
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    pages
        .app
        .allow_erasure(&visitor.actor, act, id)
        .map(|()| id)
}

fn decide_form(pages: &Pages, visitor: &Visitor, id: ErasureId) -> Result<Form, Refusal> {
    let kept = pages.app.retention(&visitor.actor)?;
    let erasure = kept.erasures.into_iter().find(|one| one.erasure == id);
    let erasure = erasure.ok_or(Refusal::NotFound)?;
    let approve = Question::new("approve", "Is it to be erased?", Kind::YesNo);
    let wait = match erasure.ground.cooling_off_days() {
        0 => "After a yes it is erased at once, and for ever.".to_owned(),
        days => format!(
            "After a yes it is erased in {days} days, and for ever. Until then it can be withdrawn."
        ),
    };
    Ok(Form::new("Decide an erasure", vec![approve])
        .lead(format!(
            "To be erased: {}.",
            listed(pages, visitor, &erasure.subjects)
        ))
        .lead(format!("Why: {}.", erasure.ground.label()))
        .lead(wait)
        .button("Record the decision")
        .back(HOME))
}

async fn withdraw(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    the_erasure(&pages, &visitor, Act::WithdrawErasure, &id)?;
    let form = withdraw_form().back(back(&pages, &visitor));
    Ok(ask(&pages, &visitor, &form, None))
}

async fn withdrawn(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let id = the_erasure(&pages, &posted.visitor, Act::WithdrawErasure, &id)?;
    let intent = |asked: Asked| Intent::withdraw_erasure(id, asked);
    let form = withdraw_form().back(back(&pages, &posted.visitor));
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Withdrawn. Nothing is erased.");
    Ok(see_other(back(&pages, &visitor)))
}

fn withdraw_form() -> Form {
    Form::new("Withdraw an erasure", Vec::new())
        .lead("Nothing is erased then. It can be proposed again.")
        .button("Withdraw it")
}
