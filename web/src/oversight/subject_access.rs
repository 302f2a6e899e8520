//! What is kept about a person, written out to be printed and handed to them.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::intent::Intent;
use pipss_api::subject_access::SubjectAccess;
use pipss_domain::policy::Act;
use serde::Serialize;

use super::retention::HOME;
use super::which::meant_id;
use crate::ask::{ask, give};
use crate::form::{Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor};

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/oversight/subject-access", write_out, written_out)
}

async fn write_out(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::GiveSubjectAccess)?;
    Ok(ask(&pages, &visitor, &write_out_form(), None))
}

async fn written_out(State(pages): State<Arc<Pages>>, mut posted: Posted) -> Answer {
    let (by, act) = (&posted.visitor, Act::GiveSubjectAccess);
    pages.app.allow_retention(&by.actor, act)?;
    meant_id(&pages, by, act, "person", &mut posted.fields);
    let form = write_out_form();
    let (visitor, done) = give(&pages, posted, &form, None, Intent::give_subject_access).await?;
    let access = pages.app.subject_access(&visitor.actor, &done)?;
    Ok(pages.page(
        &visitor,
        &WrittenOut {
            made: london::moment(access.made_at),
            access,
        },
    ))
}

fn write_out_form() -> Form {
    let person =
        Question::new("person", "Whose?", Kind::Line(120)).hint("Their e-mail address at work.");
    Form::new("Write out what is kept about a person", vec![person])
        .lead("It is recorded that you did. The page that follows is to be printed and handed to the person.")
        .button("Write it out")
        .back(HOME)
}

#[derive(Serialize)]
struct WrittenOut {
    made: String,
    access: SubjectAccess,
}

impl View for WrittenOut {
    const TEMPLATE: &'static str = "oversight/subject-access.html";

    fn title(&self) -> String {
        "What is kept about you".into()
    }
}
