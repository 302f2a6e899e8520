//! What auditors look after: roles, bars, requests from outside, and whether the record is whole.

mod disclosures;
mod grants;

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
use crate::tables::{Cell, Table};
use crate::visitor::Visitor;

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    let routes = routes.page("/oversight", &[], read);
    disclosures::routes(grants::routes(routes))
}

#[derive(Serialize)]
struct OversightPage {
    grants: grants::Shown,
    /// Requests from outside that nobody decided yet.
    undecided: usize,
    bars: Option<String>,
    logs: Vec<ShownLog>,
}

#[derive(Serialize)]
struct ShownLog {
    name: &'static str,
    checked_to: u64,
    position: u64,
    chain: String,
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
        bars: bars(pages.renderer, &app.bars(actor)?),
        logs: logs.into_iter().map(log).collect(),
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
            bar.because.label().into(),
        ]
    });
    let table = Table {
        caption: "Bars that hold today",
        head: &["Case", "Who may not know of it", "Because"],
        rows: rows.collect(),
        numbers: false,
    };
    (!table.rows.is_empty()).then(|| table.drawn(renderer))
}

fn log(log: LogVerified) -> ShownLog {
    ShownLog {
        name: match log.log {
            Log::Main => "What happened on the pathway",
            Log::Feedback => "Anonymous feedback",
            Log::Access => "Who read what",
        },
        checked_to: log.checked_to,
        position: log.position,
        chain: log.chain,
    }
}
