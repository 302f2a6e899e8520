//! What waits for the lead: every open case, the most urgent first, and what each waits for.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use pipss_api::as_known::AsOfAsked;
use pipss_api::case_answer::CaseState;
use pipss_api::lists::{QueueCount, QueueLine};
use pipss_domain::facts::Urgency;
use serde::Serialize;

use super::as_known::AsKnown;
use super::asked::{Turns, page, query};
use super::clocks::{Due, due};
use super::words::{Tag, since, state, urgency};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;

const PAGE: usize = 20;

#[derive(Serialize)]
struct QueuePage {
    known: AsKnown,
    counts: Vec<Count>,
    total: usize,
    /// Follow-ups and records that wait too.
    tasks: usize,
    cases: Vec<Waiting>,
    turns: Turns,
}

/// How many wait, of one urgency.
#[derive(Serialize)]
struct Count {
    urgency: Tag,
    raised: usize,
    open: usize,
}

#[derive(Serialize)]
struct Waiting {
    href: String,
    reference: String,
    team: String,
    urgency: Option<Tag>,
    state: Tag,
    raised: String,
    waited: String,
    waits_for: Vec<&'static str>,
    due: Vec<Due>,
}

impl View for QueuePage {
    const TEMPLATE: &'static str = "lists/queue.html";

    fn title(&self) -> String {
        let error = if self.known.error.is_some() {
            "Error: "
        } else {
            ""
        };
        format!("{error}Queue")
    }
}

/// The queue.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let asked = query(&visitor);
    let known = AsKnown::asked(&pages, &asked, "/queue");
    let as_of = known.moment();
    let queue = pages.app.queue(&visitor.actor, &AsOfAsked { as_of })?;
    let now = as_of.map_or(pages.app.clock().now(), |moment| moment.0);
    let (shown, turns) = page(
        queue.cases,
        PAGE,
        &asked,
        |n| known.link("page", n),
        ("More urgent", "Less urgent"),
    );
    let view = QueuePage {
        counts: counts(&queue.counts),
        total: queue.counts.iter().map(|count| count.cases).sum(),
        tasks: queue.tasks.len() + queue.records.len(),
        cases: shown.iter().map(|line| waiting(line, now)).collect(),
        turns,
        known,
    };
    let status = match view.known.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(pages.draw(status, &visitor.shell(&pages), &view))
}

fn counts(given: &[QueueCount]) -> Vec<Count> {
    let each = [Urgency::U1, Urgency::U2, Urgency::U3, Urgency::U4];
    let count = |of: Urgency| {
        let number = |state| {
            let found = given.iter().filter(|c| c.urgency == of && c.state == state);
            found.map(|count| count.cases).sum()
        };
        Count {
            urgency: urgency(of),
            raised: number(CaseState::Raised),
            open: number(CaseState::Open),
        }
    };
    let all = each.map(count).into_iter();
    all.filter(|count| count.raised + count.open > 0).collect()
}

fn waiting(waiting: &QueueLine, now: DateTime<Utc>) -> Waiting {
    let line = &waiting.line;
    Waiting {
        href: format!("/cases/{}", line.case),
        reference: line.reference.clone(),
        team: line.team.name.clone(),
        urgency: line.urgency.map(urgency),
        state: state(line.state),
        raised: london::moment(line.raised_at),
        waited: since(line.raised_at, now),
        waits_for: waiting.waits_for.iter().map(|what| what.label()).collect(),
        due: due(&waiting.clocks),
    }
}
