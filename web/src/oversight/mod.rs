//! What auditors look after: roles, bars, requests from outside, and whether the record is whole.

mod called;
mod decisions;
mod disclosures;
mod erasures;
mod glass;
mod grants;
mod holds;
mod programs;
mod readings;
mod retention;
mod subject_access;
mod which;

use std::sync::Arc;

use axum::extract::State;
use pipss_api::bars::BarsAnswer;
use pipss_api::disclosures::DisclosuresAnswer;
use pipss_api::verification::LogVerified;
use pipss_domain::policy::Act;
use pipss_domain::stream::Log;
use serde::Serialize;

use crate::pages::{Answer, Pages};
use crate::render::{Renderer, View};
use crate::routes::Routes;
use crate::tables::{Card, Cell, Table};
use crate::visitor::Visitor;
use crate::words::sentence;

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    let routes = routes.page("/oversight", &[], read);
    let routes = grants::routes(glass::routes(readings::routes(routes)));
    let routes = disclosures::routes(programs::routes(routes));
    retention::routes(routes)
}

#[derive(Serialize)]
struct OversightPage {
    grants: grants::Shown,
    /// Requests from outside that nobody decided yet.
    undecided: usize,
    /// What waits of those who asked to break the glass, if anything does.
    glass: Option<String>,
    bars: Option<String>,
    /// May whoever asks see what is kept and erased?
    retention: bool,
    logs: Vec<String>,
}

impl View for OversightPage {
    const TEMPLATE: &'static str = "oversight/oversight.html";

    fn title(&self) -> String {
        "Oversight".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let (app, actor) = (&pages.app, &visitor.actor);
    app.allow(actor, Act::SeeVerification, None)?;
    let logs = app.verification(actor)?.logs;
    let view = OversightPage {
        grants: grants::shown(&pages, &visitor, &app.grants(actor)?),
        undecided: undecided(&app.disclosures(actor)?),
        retention: app.allow_retention(actor, Act::SeeRetention).is_ok(),
        glass: glass::waiting(&pages, &visitor),
        bars: bars(pages.renderer, &app.bars(actor)?),
        logs: logs
            .iter()
            .map(|verified| log(pages.renderer, verified))
            .collect(),
    };
    Ok(pages.page(&visitor, &view))
}

fn undecided(disclosures: &DisclosuresAnswer) -> usize {
    let each = disclosures.disclosures.iter();
    each.filter(|disclosure| disclosure.parts.is_none()).count()
}

fn bars(renderer: &Renderer, bars: &BarsAnswer) -> Option<String> {
    let rows = bars.bars.iter().map(|bar| {
        let whom = match &bar.person {
            None => "Whoever manages the team".into(),
            Some(who) => who.name.clone().unwrap_or_else(|| "Name not known".into()),
        };
        vec![
            Cell::from(bar.reference.as_str()),
            whom.into(),
            sentence(bar.because.label()).into(),
        ]
    });
    let table = Table {
        caption: "Bars that hold today",
        headed: false,
        head: &["Case", "Who may not know of it", "Because"],
        rows: rows.collect(),
        numbers: false,
    };
    (!table.rows.is_empty()).then(|| table.drawn(renderer))
}

fn log(renderer: &Renderer, log: &LogVerified) -> String {
    let up_to = |position: u64| match position {
        0 => "No entries yet".to_owned(),
        position => format!("Entry {position}"),
    };
    let mut rows = vec![
        ("Checked at the start up to", up_to(log.checked_to)),
        ("Last entry now", up_to(log.position)),
    ];
    if log.position > 0 {
        rows.push(("Fingerprint up to it", log.chain.clone()));
    }
    let card = Card {
        heading: match log.log {
            Log::Main => "What happened on the pathway".into(),
            Log::Feedback => "Anonymous feedback".into(),
            Log::Access => "Who read what".into(),
        },
        rows,
        actions: Vec::new(),
    };
    card.drawn(renderer)
}
