//! Standing reflective groups: which there are, and for a lead agreeing one and ending one.

use std::sync::Arc;

use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use pipss_api::groups::{GroupLine, OfferToResolve};
use pipss_api::intent::Intent;
use pipss_domain::calendar::{day_in_london, day_in_words};
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::facts::GroupEndReason;
use pipss_domain::ids::GroupId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::words::counted;
use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Instead, Pages};
use crate::render::View;
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::sentence;

#[derive(Serialize)]
struct GroupsPage {
    may_agree: bool,
    meeting: Vec<Group>,
    ended: Vec<Group>,
}

#[derive(Serialize)]
struct Group {
    team: String,
    meets: String,
    /// Why and when it ended.
    ended: Option<String>,
    /// Where it is ended, for whoever may.
    end: Option<String>,
}

impl View for GroupsPage {
    const TEMPLATE: &'static str = "lists/groups.html";

    fn title(&self) -> String {
        "Reflective groups".into()
    }
}

/// The groups.
pub async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let groups = pages.app.groups(&visitor.actor)?.groups;
    let may = |act| pages.app.allow(&visitor.actor, act, None).is_ok();
    let may_end = may(Act::EndGroup);
    let now = pages.app.clock().now();
    let (mut meeting, mut ended): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|group| group.ended_at.is_none());
    meeting.sort_by_key(|group| (group.team.name.to_lowercase(), group.starts_on));
    ended.sort_by_key(|group| std::cmp::Reverse(group.ended_at));
    let shown = |groups: Vec<GroupLine>| {
        let each = groups.iter().map(|group| shown(group, may_end, now));
        each.collect()
    };
    let view = GroupsPage {
        may_agree: may(Act::AgreeGroup),
        meeting: shown(meeting),
        ended: shown(ended),
    };
    Ok(pages.page(&visitor, &view))
}

fn shown(group: &GroupLine, may_end: bool, now: DateTime<Utc>) -> Group {
    let every = match group.every_weeks {
        1 => "every week".to_owned(),
        weeks => format!("every {}", counted(weeks.into(), "week")),
    };
    let begun = group.starts_on <= day_in_london(now);
    let from = if begun { "since" } else { "from" };
    let ended = group.ended_at.zip(group.ended_because);
    Group {
        team: group.team.name.clone(),
        meets: format!("Meets {every}, {from} {}", day_in_words(group.starts_on)),
        ended: ended
            .map(|(at, why)| format!("Ended {}: {}", day_in_words(day_in_london(at)), why.label())),
        end: (may_end && group.ended_at.is_none()).then(|| format!("/groups/{}/end", group.group)),
    }
}

/// The form with which a lead agrees one.
pub async fn ask_agree(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let form = agreeing(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &form, None))
}

/// Agrees one.
pub async fn agree(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let form = agreeing(&pages, &posted.visitor)?;
    let (visitor, _) = give(&pages, posted, &form, None, Intent::agree_group).await?;
    visitor.tell(&pages, "The group is agreed.");
    Ok(see_other("/groups"))
}

fn agreeing(pages: &Pages, visitor: &Visitor) -> Result<Form, Instead> {
    let offers = pages.app.offers_for_groups(&visitor.actor)?;
    let teams = pages.app.teams(&visitor.actor)?.teams.into_iter();
    let mut teams: Vec<_> = teams
        .filter(|unit| unit.level == UnitLevel::Team)
        .map(|unit| Choice::new(unit.team.to_string(), unit.name))
        .collect();
    teams.sort_by_key(|team| team.label.to_lowercase());
    let mut questions = vec![
        Question::new("team", "Which team?", Kind::Select(teams)),
        Question::new("starts_on", "From which day on?", Kind::Day).hint("For example, 2 3 2026"),
        Question::new(
            "every_weeks",
            "How often does it meet?",
            Kind::Number("weeks"),
        )
        .hint("Every so many weeks: 4 is every four weeks"),
    ];
    if !offers.is_empty() {
        let offer = |offer: &OfferToResolve| {
            let words = format!("{}, {}", offer.team.name, offer.reference);
            Choice::new(format!("{}/{}", offer.case, offer.offer), words)
        };
        let offers = Kind::Select(offers.iter().map(offer).collect());
        let words = "Does it answer an offer of reflective practice?";
        questions.push(Question::new("resolves", words, offers).optional());
    }
    let form = Form::new("Agree a reflective group", questions)
        .lead("A standing group in which a team reflects on its work. It is part of no case, and coming is voluntary.")
        .back("/groups")
        .button("Agree")
        .reshape(resolving);
    Ok(form)
}

/// The offer is one choice on the page, and a case with an offer in the command.
fn resolving(body: &mut Map<String, Value>) {
    let chosen = body.get("resolves").and_then(Value::as_str);
    let parts = chosen.and_then(|chosen| chosen.split_once('/'));
    if let Some((case, offer)) = parts {
        let resolves = json!({ "case": case, "offer": offer });
        body.insert("resolves".into(), resolves);
    }
}

/// The form with which a lead ends one.
pub async fn ask_end(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(group): Path<String>,
) -> Answer {
    let (_, form) = ending(&pages, &visitor, &group)?;
    Ok(ask(&pages, &visitor, &form, None))
}

/// Ends one.
pub async fn end(
    State(pages): State<Arc<Pages>>,
    Path(group): Path<String>,
    posted: Posted,
) -> Answer {
    let (id, form) = ending(&pages, &posted.visitor, &group)?;
    let to = |asked| Intent::end_group(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, to).await?;
    visitor.tell(&pages, "The group has ended.");
    Ok(see_other("/groups"))
}

fn ending(pages: &Pages, visitor: &Visitor, group: &str) -> Result<(GroupId, Form), Instead> {
    pages.app.allow(&visitor.actor, Act::EndGroup, None)?;
    let id: GroupId = group.parse().map_err(|_| Refusal::NotFound)?;
    let groups = pages.app.groups(&visitor.actor)?.groups;
    let group = groups.into_iter().find(|one| one.group == id);
    let group = group.ok_or(Refusal::NotFound)?;
    let reasons = GroupEndReason::ALL.iter();
    let reasons = reasons.map(|one| Choice::new(code(one), sentence(one.label())));
    let why = Question::new(
        "reason",
        "Why does the group end?",
        Kind::Choice(reasons.collect()),
    );
    let form = Form::new("End a reflective group", vec![why])
        .caption(group.team.name)
        .back("/groups")
        .button("End the group");
    Ok((id, form))
}
