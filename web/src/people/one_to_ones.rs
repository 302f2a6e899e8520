//! One-to-ones for whoever provides them, and for a lead that they exist and since when: never what was said.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use pipss_api::one_to_one_answer::{OneToOneAnswer, StateCode};
use pipss_api::one_to_ones::OneToOnesAsked;
use pipss_api::people::RoleCode;
use pipss_domain::ids::OneToOneId;
use pipss_domain::refusal::Refusal;
use serde::{Deserialize, Serialize};

use crate::london;
use crate::pages::{Answer, Instead, Pages};
use crate::people::one_to_one_forms::WORDS;
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Visitor, see_other};
use crate::words::sentence;

const PATH: &str = "/one-to-ones";

/// The list, and one of them.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page(PATH, &["open", "after"], read_all)
        .page("/one-to-ones/{one_to_one}", &[], read)
}

/// What the list was asked for.
#[derive(Deserialize)]
struct ListAsked {
    open: Option<String>,
    after: Option<String>,
}

#[derive(Serialize)]
struct ListPage {
    lead: bool,
    all: bool,
    rows: Vec<Row>,
    next: Option<String>,
}

impl View for ListPage {
    const TEMPLATE: &'static str = "people/one_to_ones.html";

    fn title(&self) -> String {
        "One-to-ones".into()
    }
}

#[derive(Serialize)]
struct Row {
    href: String,
    asked: String,
    state: &'static str,
    colour: &'static str,
    since: String,
    provider: Option<String>,
    preference: String,
    soon: bool,
    at_risk: bool,
}

async fn read_all(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Query(asked): Query<ListAsked>,
) -> Answer {
    let lead = visitor.is(RoleCode::Lead);
    // One's own stands on a page of one's own.
    if !lead && !visitor.is(RoleCode::Facilitator) {
        return Ok(see_other("/my-support"));
    }
    let all = asked.open.as_deref() == Some("false");
    let asked = OneToOnesAsked {
        open: (!all).then_some(true),
        after: asked.after,
        limit: None,
    };
    let found = pages.app.one_to_ones(&visitor.actor, &asked)?;
    let others = found.one_to_ones.iter().filter(|one| !is_own(one));
    let more = if all { "?open=false&after=" } else { "?after=" };
    let view = ListPage {
        lead,
        all,
        rows: others.map(row).collect(),
        next: found.next.map(|next| format!("{PATH}{more}{next}")),
    };
    Ok(pages.page(&visitor, &view))
}

/// Whoever asked is not shown if someone worries about them.
pub(super) const fn is_own(one: &OneToOneAnswer) -> bool {
    one.at_risk.is_none()
}

fn row(one: &OneToOneAnswer) -> Row {
    let (state, colour) = state(one.state);
    Row {
        href: format!("{PATH}/{}", one.one_to_one),
        asked: london::moment(one.asked_at),
        state,
        colour,
        since: london::moment(one.since),
        provider: one.provider.as_ref().and_then(|who| who.name.clone()),
        preference: sentence(one.preference.label()),
        soon: one.soon,
        at_risk: one.at_risk == Some(true),
    }
}

const fn state(state: StateCode) -> (&'static str, &'static str) {
    match state {
        StateCode::Asked => ("Waits for someone", "orange"),
        StateCode::Offered => ("Someone was asked", "blue"),
        StateCode::TakenUp => ("Taken up", "green"),
        StateCode::Declined => ("Declined", "grey"),
        StateCode::Ended => ("Ended", "grey"),
    }
}

#[derive(Serialize)]
struct OnePage {
    row: Row,
    /// What was asked and what came of it: only for whoever provides it.
    request: Option<Vec<(&'static str, String)>>,
    appointment: Option<Vec<String>>,
    link: Option<String>,
    outcome: Option<String>,
    actions: Vec<(&'static str, String)>,
}

impl View for OnePage {
    const TEMPLATE: &'static str = "people/one_to_one.html";

    fn title(&self) -> String {
        "One-to-one support".into()
    }
}

/// One of them, if they may see it.
pub(super) fn found(pages: &Pages, visitor: &Visitor, id: &str) -> Result<OneToOneAnswer, Instead> {
    let id: OneToOneId = id.parse().map_err(|_| Refusal::NotFound)?;
    Ok(pages.app.one_to_one(&visitor.actor, id)?)
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let one = found(&pages, &visitor, &id)?;
    if is_own(&one) {
        return Ok(see_other("/my-support"));
    }
    Ok(pages.page(&visitor, &page(one)))
}

fn page(one: OneToOneAnswer) -> OnePage {
    let row = row(&one);
    let path = &row.href;
    let words = |name: &&'static str| {
        let mut all = WORDS.iter();
        let (_, words) = all.find(|(command, _)| command == name)?;
        Some((*words, format!("{path}/{name}")))
    };
    let actions = one.next.iter().filter_map(words).collect();
    let request = one.request.map(|asked| {
        let lines = [
            ("Wants to be called", asked.call_me),
            ("Ring", asked.phone),
            ("Write to", asked.letters_to),
            ("Team", asked.team.map(|team| team.name)),
            ("Quoted", asked.reference),
            ("To know first", asked.note),
        ];
        let given = lines.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    });
    let appointment = one.appointment.as_ref().map(|next| {
        let when = london::moment(next.starts_at);
        let first = format!("{when}, {} minutes", next.minutes);
        [Some(first), next.site.clone()]
            .into_iter()
            .flatten()
            .collect()
    });
    OnePage {
        request,
        appointment,
        link: one.appointment.and_then(|next| next.link),
        outcome: one.outcome.map(|outcome| sentence(outcome.label())),
        actions,
        row,
    }
}
