//! What stands beside the plan on the page: defusions, follow-ups, and the cases that belong to this one.

use pipss_api::aftercare_answer::{CaseNamed, FollowUpAnswer};
use pipss_api::case_answer::CaseAnswer;
use pipss_domain::facts::Ask;
use pipss_domain::follow_up::FollowUpState;
use serde::Serialize;

use super::plan::tag;
use super::steps::Can;
use super::{Link, Row, Tag, capital, row};
use crate::london;

/// A follow-up.
#[derive(Serialize)]
pub struct FollowUp {
    name: String,
    state: Tag,
    facts: Vec<Row>,
    link: Option<Link>,
}

/// Another case.
#[derive(Serialize)]
pub struct Other {
    what: &'static str,
    reference: String,
    href: String,
    link: Option<Link>,
}

/// Defusions that were logged.
pub fn defusions(case: &CaseAnswer) -> Vec<Row> {
    let all = case.aftercare.defusions.iter().flatten();
    let each = all.map(|held| {
        let mut values = vec![format!("Led by {}", held.led_by.label())];
        values.extend(held.minutes.map(|minutes| format!("{minutes} minutes")));
        if held.outside_window {
            values.push("Later than usual after what happened, or before it".into());
        }
        values.extend(
            held.headcount
                .map(|band| format!("Present: {}", band.label())),
        );
        let themes = held.themes.iter().flatten();
        values.extend(
            themes
                .map(|seen| format!("{}: {}", capital(seen.theme.label()), seen.polarity.label())),
        );
        values.insert(0, london::moment(held.held_at));
        Row {
            key: "Held",
            values,
        }
    });
    each.collect()
}

/// The follow-ups that what was held calls for.
pub fn follow_ups(case: &CaseAnswer, can: &Can) -> Vec<FollowUp> {
    let all = case.aftercare.follow_ups.iter().flatten();
    all.map(|one| follow_up(one, can)).collect()
}

fn follow_up(one: &FollowUpAnswer, can: &Can) -> FollowUp {
    let code = crate::case_forms::code(&one.follow_up);
    let label = one.follow_up.label();
    let (state, link) = match one.state {
        FollowUpState::ToConfirm => {
            let to = format!("confirm-follow-up?follow_up={code}");
            let link = can.link("confirm-follow-up", "Say whom to ask", &to);
            (tag("Whom to ask is not said", "yellow"), link)
        }
        FollowUpState::Confirmed => (tag("To come", "blue"), None),
        FollowUpState::Due => {
            let link = can.link(
                "answer-follow-up",
                "Say how the team is doing",
                "answer-follow-up",
            );
            (
                tag("Waits for the answer", "orange"),
                link.filter(|_| one.yours),
            )
        }
        FollowUpState::NobodyAsked => (tag("Nobody is asked", "grey"), None),
        FollowUpState::Answered => (tag("Answered", "green"), None),
    };
    let change = || {
        let to = format!("confirm-follow-up?follow_up={code}");
        let still = matches!(
            one.state,
            FollowUpState::Confirmed | FollowUpState::Due | FollowUpState::NobodyAsked
        );
        can.link("confirm-follow-up", "Change whom to ask", &to)
            .filter(|_| still)
    };
    FollowUp {
        name: capital(label),
        state,
        facts: follow_up_facts(one),
        link: link.or_else(change).map(|link| link.about(label)),
    }
}

fn follow_up_facts(one: &FollowUpAnswer) -> Vec<Row> {
    let mut facts = vec![row("To be asked from", london::moment(one.due))];
    match one.ask {
        Some(Ask::Nobody(reason)) => {
            facts.push(row("Nobody is asked because", capital(reason.label())))
        }
        Some(Ask::Manager(_)) => facts.push(row("Asked", "A manager of the team")),
        None => {}
    }
    if let Some(answer) = &one.answer {
        facts.push(row("How the team is doing", capital(answer.going.label())));
        facts.push(row(
            "Reminded how to ask privately",
            answer.reminded_how_to_ask.label(),
        ));
        facts.push(row(
            "More support for the team wanted",
            answer.more_team_support.label(),
        ));
    }
    facts
}

/// Cases that are linked or merged with this one.
pub fn others(case: &CaseAnswer, can: &Can) -> Vec<Other> {
    let other = |what, named: &CaseNamed| Other {
        what,
        reference: named.reference.clone(),
        href: format!("/cases/{}", named.case),
        link: None,
    };
    let beside = &case.aftercare;
    let mut all: Vec<_> = beside
        .merged_into
        .iter()
        .map(|named| other("The work goes on in", named))
        .collect();
    let took_in = beside.took_in.iter().flatten();
    all.extend(took_in.map(|named| other("Its work goes on here", named)));
    let links = beside.links.iter().flatten();
    all.extend(links.map(|link| {
        let to = format!("{}/{}", can.path, crate::case_forms::unlink_query(link));
        let undo = Link::new("Undo the link", to).about(link.with.reference.clone());
        Other {
            link: can.unlink().then_some(undo),
            ..other("About the same incident", &link.with)
        }
    }));
    all
}
