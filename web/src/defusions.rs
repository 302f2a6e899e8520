//! “We already held a defusion”: six answers, told afterwards, which open a case. Never refused for being late.

use std::sync::Arc;

use axum::extract::State;
use chrono::Datelike;
use chrono_tz::Europe::London;
use pipss_api::intent::Intent;
use pipss_domain::facts::Band;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde_json::{Map, Value};

use crate::ask::{ask, give};
use crate::asking::one_team;
use crate::asking::words::{self, HAPPENED};
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// The page of a defusion.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/defusion", asked, given)
}

async fn asked(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow(&visitor.actor, Act::OpenWithDefusion, None)?;
    let form = form(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn given(State(pages): State<Arc<Pages>>, mut posted: Posted) -> Answer {
    words::infer_group(&mut posted.fields, "group");
    let visitor = &posted.visitor;
    pages
        .app
        .allow(&visitor.actor, Act::OpenWithDefusion, None)?;
    let form = form(&pages, visitor)?;
    let (_, done) = give(&pages, posted, &form, None, Intent::open_with_defusion).await?;
    let case = done.answer().case.ok_or(Refusal::NotFound)?;
    Ok(see_other(&format!("/cases/{case}/receipt")))
}

fn form(pages: &Pages, visitor: &Visitor) -> Result<Form, Refusal> {
    let today = pages.app.clock().now().with_timezone(&London);
    let moment = |name: &str, label: &str| {
        let question = Question::new(name, label, Kind::Moment)
            .hint("About is enough. For the time, write for example 2:30am or 14:30.");
        let parts = [today.day(), today.month(), today.year().unsigned_abs()];
        parts
            .iter()
            .fold(question, |question, part| question.given(part.to_string()))
    };
    let mut bands = words::bands();
    bands.retain(|band| band.value != crate::case_forms::code(&Band::None));
    let questions = vec![
        words::team(pages, visitor)?,
        words::about("group", "What had happened?", &HAPPENED),
        moment("occurred_at", "When did it happen?"),
        moment("held_at", "When was the defusion held?"),
        Question::new("led_by", "Who led it?", Kind::Choice(words::led_by())),
        Question::new("headcount", "How many were there?", Kind::Choice(bands)).hint("Never who."),
    ];
    let place = Question::new(
        "place",
        "Where had it happened?",
        Kind::Choice(words::places()),
    );
    let more: Vec<Choice> = words::kinds_of_support();
    let more = Question::new("asked_for", "What more would help?", Kind::Several(more));
    let fold = vec![
        Question::new(
            "minutes",
            "How long did the defusion take?",
            Kind::Number("minutes"),
        )
        .optional(),
        place.optional(),
        more.hint("Choose up to five.").optional(),
    ];
    Ok(Form::new("We already held a defusion", questions)
        .lead("A defusion is a short talk of the team on the same shift. Tell us afterwards, however late: six answers are enough.")
        .fold("Say more, or ask for more support", fold)
        .button("Record the defusion")
        .back("/")
        .reshape(reshape))
}

/// What was chosen in two steps is said in one.
fn reshape(body: &mut Map<String, Value>) {
    one_team(body);
    let Some(group) = body.remove("group") else {
        return;
    };
    let group = group.as_str().unwrap_or_default();
    let chosen = body.remove(&format!("group_{group}"));
    if let Some(kind) = words::kind_of(group, chosen.as_ref().and_then(Value::as_str)) {
        body.insert("incident_type".into(), kind.into());
    }
}
