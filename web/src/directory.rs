//! What one of the trust's lists would change in the directory, in plain words; nothing is recorded here.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use pipss_api::directory::{HandedIn, List};
use pipss_domain::policy::Act;
use pipss_domain::refusal::{Fault, Refusal};
use serde::Serialize;

use crate::asking::words::capital;
use crate::fields::Fields;
use crate::form::{self, Choice, Form, Kind, Question, Shown};
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor};

/// A form holds 64 KiB as it is sent, and a comma takes three bytes of that.
const CHARS_MAX: usize = 40_000;

/// Its page.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/directory", read, compare)
}

#[derive(Serialize)]
struct DirectoryPage {
    form: Shown,
    /// What would change; none before a list was handed in.
    difference: Option<Vec<String>>,
    /// How many changes that is.
    changes: usize,
    /// Where the directory stands as it is is for others.
    sees_teams: bool,
}

impl View for DirectoryPage {
    const TEMPLATE: &'static str = "oversight/directory.html";

    fn title(&self) -> String {
        match (&self.form.errors, &self.difference) {
            (Some(_), _) => "Error: Directory".into(),
            (None, Some(_)) => "What the list would change".into(),
            (None, None) => "Directory".into(),
        }
    }
}

fn questions() -> Form {
    let list = vec![
        Choice::new("units", "Units and their managers"),
        Choice::new("facilitators", "Facilitators"),
    ];
    Form::new(
        "Directory",
        vec![
            Question::new("list", "Which list is it?", Kind::Choice(list)),
            Question::new("csv", "The list", Kind::Area(CHARS_MAX))
                .hint("Paste the whole file with its first row, as CSV."),
            Question::new("end_many", "Ending more than a fifth is meant", Kind::Tick).optional(),
        ],
    )
    .button("Show what would change")
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow(&visitor.actor, Act::CompareDirectory, None)?;
    let form = form::shown(pages.renderer, &questions(), None, None);
    Ok(page(&pages, &visitor, StatusCode::OK, (form, None)))
}

async fn compare(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let Posted {
        visitor, fields, ..
    } = posted;
    pages
        .app
        .allow(&visitor.actor, Act::CompareDirectory, None)?;
    let questions = questions();
    let compared = questions
        .body(&fields)
        .map_err(Refusal::Invalid)
        .and_then(|_| difference(&pages, &visitor, &fields));
    match compared {
        Ok(lines) => {
            let form = form::shown(pages.renderer, &questions, Some(&fields), None);
            Ok(page(&pages, &visitor, StatusCode::OK, (form, Some(lines))))
        }
        Err(Refusal::Invalid(faults)) => {
            let faults: Vec<_> = faults.into_iter().map(in_the_list).collect();
            let refused = Some((form::PROBLEM, "Nothing was compared.", &faults[..]));
            let form = form::shown(pages.renderer, &questions, Some(&fields), refused);
            Ok(page(
                &pages,
                &visitor,
                StatusCode::UNPROCESSABLE_ENTITY,
                (form, None),
            ))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn difference(pages: &Pages, visitor: &Visitor, fields: &Fields) -> Result<Vec<String>, Refusal> {
    let list = match fields.get("list") {
        Some("facilitators") => List::Facilitators,
        _ => List::Units,
    };
    let csv = fields.get("csv").unwrap_or_default();
    let handed_in = HandedIn::read(list, csv, fields.get("end_many").is_some())?;
    pages.app.compare(&visitor.actor, &handed_in)
}

/// What several rows say alike is said once, with how many say it.
fn counted(lines: &[String]) -> Vec<String> {
    let alike = lines.chunk_by(|one, next| one == next);
    let said = |lines: &[String]| match lines {
        [one] => one.clone(),
        many => format!("{} times: {}", many.len(), many[0]),
    };
    alike.map(said).collect()
}

/// What points to a row and a column leads to the list.
fn in_the_list(fault: Fault) -> Fault {
    const BOX: &str = "say --yes-close-many";
    if fault.detail.contains(BOX) {
        let detail = fault.detail.replace(BOX, "tick the box under the list");
        return Fault::at("/end_many", detail);
    }
    let own = ["/list", "/csv", "/end_many"].contains(&fault.pointer.as_str());
    match own {
        true => fault,
        false => Fault::at("/csv", capital(&fault.detail)),
    }
}

fn page(
    pages: &Pages,
    visitor: &Visitor,
    status: StatusCode,
    (form, difference): (Shown, Option<Vec<String>>),
) -> Response {
    let sees_teams = pages.app.allow(&visitor.actor, Act::SeeTeams, None);
    let view = DirectoryPage {
        form,
        changes: difference.as_ref().map_or(0, Vec::len),
        difference: difference.map(|lines| counted(&lines)),
        sees_teams: sees_teams.is_ok(),
    };
    pages.draw(status, &visitor.shell(pages), &view)
}
