//! Reports of closed quarters: themes, demand and feedback for governance, and waits for the lead.

mod feedback;
mod sections;

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::feedback::FeedbackAnswer;
use pipss_api::reports::{Quarter, QuarterAnswer, WaitsAnswer};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::chart::{Chart, HIDDEN, Row};
use crate::pages::{Answer, Pages};
use crate::render::{Renderer, View};
use crate::routes::Routes;
use crate::tables::{Cell, Link, Table};
use crate::visitor::Visitor;
use sections::Section;

/// The pages of the reports.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page("/reports", &[], every)
        .page("/reports/{quarter}", &[], one)
}

#[derive(Serialize)]
struct ReportsPage {
    chart: Chart,
    table: String,
}

impl View for ReportsPage {
    const TEMPLATE: &'static str = "oversight/reports.html";

    fn title(&self) -> String {
        "Reports".into()
    }
}

#[derive(Serialize)]
struct ReportPage {
    name: String,
    sections: Vec<Section>,
}

impl View for ReportPage {
    const TEMPLATE: &'static str = "oversight/report.html";

    fn title(&self) -> String {
        format!("Report for {}", self.name)
    }
}

/// A number, or the words for one that is hidden.
pub(crate) fn shown(number: Option<usize>) -> String {
    number.map_or_else(|| HIDDEN.to_owned(), |number| number.to_string())
}

async fn every(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let mut quarters = Vec::new();
    for quarter in pages.app.quarters(&visitor.actor)? {
        let referrals = pages.app.quarter(&visitor.actor, quarter)?.referrals;
        quarters.push((quarter, referrals));
    }
    Ok(pages.page(&visitor, &overview(pages.renderer, &quarters)))
}

fn overview(renderer: &Renderer, quarters: &[(Quarter, Option<usize>)]) -> ReportsPage {
    const TITLE: &str = "Requests for support, quarter by quarter";
    let rows = quarters.iter();
    let table = Table {
        caption: TITLE,
        headed: true,
        head: &["Quarter", "Requests"],
        rows: rows
            .map(|(quarter, referrals)| {
                let link = Link::new(format!("/reports/{quarter}"), quarter.in_words());
                vec![Cell::Link(link), shown(*referrals).into()]
            })
            .collect(),
        numbers: true,
    };
    let rows: Vec<_> = quarters
        .iter()
        .map(|(quarter, referrals)| Row::one(quarter.in_words(), *referrals))
        .collect();
    ReportsPage {
        chart: Chart::new("demand", TITLE, &rows),
        table: table.drawn(renderer),
    }
}

async fn one(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(quarter): Path<String>,
) -> Answer {
    let (app, actor) = (&pages.app, &visitor.actor);
    app.allow(actor, Act::SeeReports, None)?;
    let quarter: Quarter = quarter.parse().map_err(|_| Refusal::NotFound)?;
    let counts = app.quarter(actor, quarter)?;
    let feedback = app.feedback(actor, quarter)?;
    let waits = match app.waits(actor, quarter) {
        Ok(waits) => Some(waits),
        Err(Refusal::NotAllowed) => None,
        Err(refusal) => return Err(refusal.into()),
    };
    let view = ReportPage {
        name: quarter.in_words(),
        sections: all(pages.renderer, &counts, waits.as_ref(), &feedback),
    };
    Ok(pages.page(&visitor, &view))
}

fn all(
    renderer: &Renderer,
    counts: &QuarterAnswer,
    waits: Option<&WaitsAnswer>,
    answers: &FeedbackAnswer,
) -> Vec<Section> {
    let mut all = vec![
        sections::demand(renderer, counts),
        sections::incidents(renderer, counts),
        sections::themes(renderer, counts),
    ];
    all.extend(sections::any_theme(counts).then(|| sections::polarity(renderer, counts)));
    all.extend(waits.map(|waits| sections::waits(renderer, waits)));
    all.extend(feedback::parts(renderer, answers));
    all
}
