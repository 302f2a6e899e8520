//! Who has looked at a case: for whoever raised it, and for auditors.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::who_looked::LookAnswer;
use pipss_domain::ids::CaseId;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use super::name;
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::tables::{Cell, Table};
use crate::visitor::Visitor;

/// This page.
pub fn routes(routes: Routes) -> Routes {
    routes.page("/cases/{case}/readings", &[], read)
}

#[derive(Serialize)]
struct ReadingsPage {
    back: String,
    table: Option<String>,
}

impl View for ReadingsPage {
    const TEMPLATE: &'static str = "readings.html";

    fn title(&self) -> String {
        "Who has looked at this case".into()
    }
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let id: CaseId = case.parse().map_err(|_| Refusal::NotFound)?;
    let looked = pages.app.who_looked(&visitor.actor, id)?.looked;
    let table = Table {
        caption: "The latest first, one line for each person and hour",
        headed: false,
        head: &["From", "Who", "As what"],
        rows: looked.iter().map(row).collect(),
        numbers: false,
    };
    let view = ReadingsPage {
        back: format!("/cases/{id}/why"),
        table: (!table.rows.is_empty()).then(|| table.drawn(pages.renderer)),
    };
    Ok(pages.page(&visitor, &view))
}

fn row(look: &LookAnswer) -> Vec<Cell> {
    let who = look.reader.as_ref().map(name);
    vec![
        Cell::from(london::moment(look.hour)),
        who.unwrap_or_else(|| "No longer readable".into()).into(),
        look.read_as.label().into(),
    ]
}
