//! Finding a case among those that whoever searches may see.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use chrono::NaiveTime;
use pipss_api::case_answer::CaseState;
use pipss_api::lists::{CaseLine, CasesAsked};
use pipss_api::people::TeamAnswer;
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::facts::Urgency;
use pipss_domain::text::{Line, Moment};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::as_known::past_moment;
use super::asked::{Turns, link, query, turns};
use super::table::{Cell, Table};
use super::words::{state, urgency};
use crate::fields::Fields;
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;

/// What can be searched by.
pub const ASKED: [&str; 7] = [
    "reference",
    "team",
    "incident_ref",
    "state",
    "urgency",
    "changed_after",
    "after",
];
/// What is folded away until someone wants it.
const MORE: [&str; 4] = ["incident_ref", "state", "urgency", "changed_after"];
/// So many a page, so that it stays light.
const CASES: usize = 25;
const COLUMNS: [&str; 5] = ["Case", "Team", "State", "Urgency", "Asked"];
const LINE: &str = "Write at most 60 characters on one line.";
const TEAM: &str = "No team has this name. Write it as the directory has it.";

#[derive(Serialize)]
struct SearchPage {
    /// The names of the teams, to choose from while typing.
    teams: Vec<String>,
    given: Given,
    states: Vec<Item>,
    urgencies: Vec<Item>,
    errors: Vec<Wrong>,
    /// Was anything asked for that is folded away at first?
    more: bool,
    /// Was anything asked for?
    searched: bool,
    found: Option<Table>,
    turns: Turns,
}

/// What stands in the boxes.
#[derive(Serialize)]
struct Given {
    reference: String,
    team: String,
    incident_ref: String,
    changed_after: String,
}

/// A choice of a list.
#[derive(Serialize)]
struct Item {
    value: String,
    text: &'static str,
    selected: bool,
}

/// What is wrong with one box.
#[derive(Serialize)]
struct Wrong {
    name: &'static str,
    href: String,
    text: &'static str,
}

impl View for SearchPage {
    const TEMPLATE: &'static str = "lists/search.html";

    fn title(&self) -> String {
        let error = if self.errors.is_empty() {
            ""
        } else {
            "Error: "
        };
        format!("{error}Search")
    }
}

/// The search and what it found.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let fields = query(&visitor);
    // Whoever has nothing to do with teams can still search by everything else.
    let teams = pages.app.teams(&visitor.actor);
    let teams = teams.map_or(Vec::new(), |answer| answer.teams);
    let mut errors = Vec::new();
    let asked = asked(&pages, &fields, &teams, &mut errors);
    let answer = match errors.is_empty() {
        true => Some(pages.app.cases(&visitor.actor, &asked)?),
        false => None,
    };
    let (cases, next) = answer.map_or((None, None), |answer| (Some(answer.cases), answer.next));
    let names = teams
        .into_iter()
        .filter(|unit| unit.level == UnitLevel::Team);
    let mut names: Vec<_> = names.map(|team| team.name).collect();
    names.sort();
    let view = SearchPage {
        teams: names,
        given: given(&fields),
        states: states(&fields),
        urgencies: urgencies(&fields),
        more: MORE.iter().any(|name| fields.get(name).is_some()),
        searched: fields.iter().any(|(_, value)| !value.is_empty()),
        found: cases
            .filter(|cases| !cases.is_empty())
            .map(|cases| table(&cases)),
        turns: turns(
            &fields,
            next,
            |cursor| onwards(&fields, cursor),
            ("The newest cases", "Older cases"),
        ),
        errors,
    };
    let status = match view.errors.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(pages.draw(status, &visitor.shell(&pages), &view))
}

fn asked(
    pages: &Pages,
    fields: &Fields,
    teams: &[TeamAnswer],
    errors: &mut Vec<Wrong>,
) -> CasesAsked {
    let now = pages.app.clock().now();
    let mut wrong = |name: &'static str, text| {
        errors.push(Wrong {
            name,
            href: format!("#{name}"),
            text,
        });
    };
    let mut line = |name| -> Option<Line<60>> {
        let text = fields.get(name)?;
        let line = serde_json::from_value(text.into());
        line.map_err(|_| wrong(name, LINE)).ok()
    };
    let (reference, incident_ref) = (line("reference"), line("incident_ref"));
    let team = fields.get("team").map(|name| found(teams, name));
    if let Some(None) = team {
        wrong("team", TEAM);
    }
    let since = |typed| past_moment(typed, now, NaiveTime::MIN).map(Moment);
    let changed_after = match fields.get("changed_after").map(since) {
        Some(Err(text)) => {
            wrong("changed_after", text);
            None
        }
        other => other.and_then(Result::ok),
    };
    CasesAsked {
        state: coded(fields, "state"),
        urgency: coded(fields, "urgency"),
        team: team.flatten(),
        reference,
        incident_ref,
        changed_after,
        after: fields.get("after").map(str::to_owned),
        limit: Some(CASES),
    }
}

/// A team by its id or its name.
fn found(teams: &[TeamAnswer], typed: &str) -> Option<pipss_domain::ids::UnitId> {
    if let Ok(id) = typed.parse() {
        return Some(id);
    }
    let same = |team: &&TeamAnswer| {
        team.level == UnitLevel::Team && team.name.to_lowercase() == typed.to_lowercase()
    };
    teams.iter().find(same).map(|team| team.team)
}

/// A code of the interface; one that is none asks for nothing.
fn coded<T: DeserializeOwned>(fields: &Fields, name: &str) -> Option<T> {
    let code = fields.get(name)?;
    serde_json::from_value(code.into()).ok()
}

fn given(fields: &Fields) -> Given {
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    Given {
        reference: text("reference"),
        team: text("team"),
        incident_ref: text("incident_ref"),
        changed_after: text("changed_after"),
    }
}

fn items<T: Copy + Serialize>(
    all: &[T],
    chosen: Option<&str>,
    words: impl Fn(T) -> &'static str,
) -> Vec<Item> {
    let any = Item {
        value: String::new(),
        text: "Any",
        selected: chosen.is_none(),
    };
    let item = |one: &T| {
        let value = crate::case_forms::code(one);
        Item {
            selected: chosen == Some(value.as_str()),
            text: words(*one),
            value,
        }
    };
    std::iter::once(any).chain(all.iter().map(item)).collect()
}

fn states(fields: &Fields) -> Vec<Item> {
    use CaseState as C;
    let all = [C::Raised, C::Open, C::Closed, C::Merged];
    items(&all, fields.get("state"), |one| state(one).text)
}

fn urgencies(fields: &Fields) -> Vec<Item> {
    use Urgency as U;
    let all = [U::U1, U::U2, U::U3, U::U4];
    items(&all, fields.get("urgency"), |one| urgency(one).text)
}

fn onwards(fields: &Fields, cursor: &str) -> String {
    let kept = ASKED.iter().filter(|name| **name != "after");
    let mut query: Vec<_> = kept
        .map(|name| (*name, fields.get(name).unwrap_or_default()))
        .collect();
    query.push(("after", cursor));
    link("/search", &query)
}

fn table(cases: &[CaseLine]) -> Table {
    let row = |line: &CaseLine| {
        vec![
            Cell::link(line.reference.clone(), format!("/cases/{}", line.case)),
            Cell::text(line.team.name.clone()),
            Cell::text(state(line.state).text),
            Cell::text(
                line.urgency
                    .map_or("Not shown to you", |one| urgency(one).text),
            ),
            Cell::text(london::moment(line.raised_at)),
        ]
    };
    Table::new(&COLUMNS, cases.iter().map(row).collect())
}
