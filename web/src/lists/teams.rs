//! A team's story in plain words, and the list of one's teams that leads there.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveDate;
use pipss_api::people::RoleCode;
use pipss_api::timelines::{EntryAnswer, TimelineAsked};
use pipss_domain::calendar::day_in_london;
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::ids::UnitId;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use super::as_known::AsKnown;
use super::asked::{Turns, link, page, query, turns};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::visitor::Visitor;
use crate::words::sentence;

const TEAMS: usize = 50;
/// What someone wrote in asking stands in quotation marks.
const OWN_WORDS: &str = "in the words of whoever asked";

#[derive(Serialize)]
struct TeamsPage {
    /// Does a lead look at all of them?
    all: bool,
    teams: Vec<TeamLink>,
    turns: Turns,
}

#[derive(Serialize)]
struct TeamLink {
    href: String,
    name: String,
}

impl View for TeamsPage {
    const TEMPLATE: &'static str = "lists/teams.html";

    fn title(&self) -> String {
        if self.all { "Teams" } else { "My teams" }.into()
    }
}

#[derive(Serialize)]
struct TeamPage {
    id: UnitId,
    name: String,
    one_to_one: &'static str,
    known: AsKnown,
    /// Follow-ups that wait for whoever looks: where each is answered.
    questions: Vec<String>,
    days: Vec<Day>,
    begins_here: bool,
    turns: Turns,
}

/// What happened on one day.
#[derive(Serialize)]
struct Day {
    day: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    time: String,
    machine: String,
    headline: String,
    texts: Vec<Text>,
    /// The day on which it was written down, if that was later.
    recorded: Option<String>,
    /// The case, where another begins to be told of.
    case: Option<CaseLink>,
}

#[derive(Serialize)]
struct Text {
    label: String,
    text: String,
}

#[derive(Serialize)]
struct CaseLink {
    href: String,
    reference: String,
}

impl View for TeamPage {
    const TEMPLATE: &'static str = "lists/team.html";

    fn title(&self) -> String {
        let error = if self.known.error.is_some() {
            "Error: "
        } else {
            ""
        };
        format!("{error}{}: what happened", self.name)
    }
}

/// One's teams; for a lead every team.
pub async fn read_all(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let own: HashSet<_> = visitor.me.manages.iter().map(|team| team.team).collect();
    let all = visitor.is(RoleCode::Lead);
    if !all && !visitor.is(RoleCode::Manager) {
        return Err(Refusal::NotAllowed.into());
    }
    let known = pages.app.teams(&visitor.actor)?.teams.into_iter();
    let known = known.filter(|unit| unit.level == UnitLevel::Team);
    let mut teams: Vec<_> = known
        .filter(|unit| all || own.contains(&unit.team))
        .map(|unit| TeamLink {
            href: format!("/teams/{}", unit.team),
            name: unit.name,
        })
        .collect();
    teams.sort_by_key(|team| team.name.to_lowercase());
    let to = |n: &str| link("/teams", &[("page", n)]);
    let (teams, turns) = page(
        teams,
        TEAMS,
        &query(&visitor),
        to,
        (
            "Teams earlier in the alphabet",
            "Teams later in the alphabet",
        ),
    );
    Ok(pages.page(&visitor, &TeamsPage { all, teams, turns }))
}

/// A team's story.
pub async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(team): Path<String>,
) -> Answer {
    let id: UnitId = team.parse().map_err(|_| Refusal::NotFound)?;
    let asked = query(&visitor);
    let known = AsKnown::asked(&pages, &asked, &format!("/teams/{id}"));
    let timeline = TimelineAsked {
        after: asked.get("after").map(str::to_owned),
        limit: None,
        as_of: known.moment(),
    };
    let begins_here = timeline.after.is_none();
    let story = pages.app.team_timeline(&visitor.actor, id, &timeline)?;
    let view = TeamPage {
        id,
        questions: questions(&pages, &visitor, id),
        name: story.team.name,
        one_to_one: story.one_to_one,
        days: days(story.entries),
        begins_here,
        turns: turns(
            &asked,
            story.next,
            |cursor| known.link("after", cursor),
            ("From the beginning", "What happened next"),
        ),
        known,
    };
    let status = match view.known.error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(pages.draw(status, &visitor.shell(&pages), &view))
}

fn questions(pages: &Pages, visitor: &Visitor, team: UnitId) -> Vec<String> {
    // Whoever is never asked has none.
    let waiting = pages.app.follow_ups_to_answer(&visitor.actor);
    let of_team = waiting.unwrap_or_default().into_iter();
    let of_team = of_team.filter(|task| task.team.team == team);
    let to = |task: pipss_api::tasks::TaskLine| format!("/cases/{}/answer-follow-up", task.case);
    of_team.map(to).collect()
}

/// The story by days; a case is named where the story turns to it.
fn days(entries: Vec<EntryAnswer>) -> Vec<Day> {
    let mut days: Vec<(NaiveDate, Day)> = Vec::new();
    let mut before = None;
    for entry in entries {
        let day = day_in_london(entry.at);
        let turned = before.replace(entry.case) != Some(entry.case);
        let shown = shown(&entry, turned);
        match days.last_mut() {
            Some((last, of_day)) if *last == day => of_day.entries.push(shown),
            _ => days.push((
                day,
                Day {
                    day: london::day(entry.at),
                    entries: vec![shown],
                },
            )),
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

fn shown(entry: &EntryAnswer, turned: bool) -> Entry {
    let later = day_in_london(entry.recorded_at) != day_in_london(entry.at);
    let texts = entry.texts.iter().map(|text| Text {
        label: sentence(text.label),
        text: match text.label {
            OWN_WORDS => format!("“{}”", text.text),
            _ => text.text.clone(),
        },
    });
    Entry {
        time: london::time(entry.at),
        machine: london::machine(entry.at),
        headline: entry.headline.clone(),
        texts: texts.collect(),
        recorded: later.then(|| london::day(entry.recorded_at)),
        case: turned.then(|| CaseLink {
            href: format!("/cases/{}", entry.case),
            reference: entry.reference.clone(),
        }),
    }
}
