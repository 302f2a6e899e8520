//! Feedback codes: fresh ones for everyone present, to show or to print, kept nowhere.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use pipss_api::feedback::CodesAsked;
use pipss_api::problem::Refused;
use pipss_domain::policy::Act;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::ask::{again, ask, body};
use crate::form::Form;
use crate::pages::{Answer, Pages};
use crate::people::counted;
use crate::people::of_session::OfSession;
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor};

const PATH: &str = "/cases/{case}/sessions/{session}/feedback-codes";
/// Up to so many with one tap.
const COUNTED: u16 = 20;

/// The page of a session on which codes are issued.
pub fn routes(routes: Routes) -> Routes {
    routes.form(PATH, read, issue)
}

/// A sheet of slips.
#[derive(Serialize)]
struct CodesPage {
    codes: Vec<String>,
    /// Where they are used.
    address: String,
    caption: String,
    back: String,
}

impl View for CodesPage {
    const TEMPLATE: &'static str = "people/codes.html";

    fn title(&self) -> String {
        "Feedback codes".into()
    }
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path((case, session)): Path<(String, String)>,
) -> Answer {
    let of = found(&pages, &visitor, (&case, &session))?;
    Ok(ask(&pages, &visitor, &form(&of, &visitor), None))
}

async fn issue(
    State(pages): State<Arc<Pages>>,
    Path((case, session)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let of = found(&pages, &posted.visitor, (&case, &session))?;
    let form = form(&of, &posted.visitor);
    let asked = body(&form, &posted.fields).and_then(|body| Ok(body.parse::<CodesAsked>()?));
    let visitor = &posted.visitor;
    let fresh = |asked: CodesAsked| {
        let of = (of.case.case, of.id);
        pages.app.feedback_codes(&visitor.actor, of, &asked)
    };
    match asked.and_then(fresh) {
        Ok(answer) => Ok(pages.page(visitor, &sheet(&pages, &of, visitor, answer.codes))),
        Err(refused) => Ok(shown_again(&pages, &posted, &form, &refused)),
    }
}

fn found(
    pages: &Pages,
    visitor: &Visitor,
    of: (&str, &str),
) -> Result<OfSession, crate::pages::Instead> {
    let found = OfSession::found(pages, visitor, Act::IssueFeedbackCodes, of)?;
    pages
        .app
        .handed_out(&visitor.actor, (found.case.case, found.id))?;
    Ok(found)
}

fn form(of: &OfSession, visitor: &Visitor) -> Form {
    let mut how_many = counted::question("how_many", "How many people were there?", COUNTED)
        .hint("One code for each person, 40 at most. Nobody has to use theirs.");
    let held = of.session().record.as_ref();
    let known = held.map(|record| record.headcount);
    let known = known.filter(|headcount| *headcount <= COUNTED);
    how_many.given = known.iter().map(u16::to_string).collect();
    Form::new("Feedback codes", vec![how_many])
        .caption(of.caption())
        .back(of.back(visitor))
        .lead(
            "A code lets someone who was there answer five questions, without signing in. Nothing is kept \
             that could link a code, or an answer, with this session or with a person.",
        )
        .button("Make the codes")
        .reshape(reshape)
}

fn reshape(body: &mut Map<String, Value>) {
    counted::settle(body, "how_many");
}

fn sheet(pages: &Pages, of: &OfSession, visitor: &Visitor, codes: Vec<String>) -> CodesPage {
    CodesPage {
        codes,
        address: format!("{}/feedback", pages.base_url),
        caption: of.caption(),
        back: of.back(visitor),
    }
}

fn shown_again(pages: &Pages, posted: &Posted, form: &Form, refused: &Refused) -> Response {
    let draft = posted.visitor.begin_draft(pages, None);
    again(
        pages,
        &posted.visitor,
        form,
        &draft,
        (&posted.fields, refused),
    )
}
