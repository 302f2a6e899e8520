//! Who holds which role: proposing it, and naming a deputy.

use std::sync::Arc;

use axum::extract::State;
use chrono::NaiveDate;
use pipss_api::grants::{GrantAnswer, GrantsAnswer, ProposalAnswer};
use pipss_api::intent::Intent;
use pipss_api::people::RoleCode;
use pipss_api::programs::ProgramAnswer;
use pipss_domain::directory_facts::Role;
use pipss_domain::policy::Act;
use serde::Serialize;
use serde_json::json;

use super::decisions;
use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::{Renderer, View};
use crate::routes::Routes;
use crate::tables::{Card, Cell, Link, Table};
use crate::visitor::{Posted, Visitor, see_other};

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    let routes = routes
        .page("/grants", &[], read)
        .form("/grants/propose", propose, proposed)
        .form("/grants/deputy", deputy, named);
    decisions::routes(routes)
}

#[derive(Serialize)]
struct GrantsPage {
    grants: Shown,
}

impl View for GrantsPage {
    const TEMPLATE: &'static str = "oversight/grants.html";

    fn title(&self) -> String {
        "Roles".into()
    }
}

/// Grants as they are drawn, here and for the auditor.
#[derive(Serialize)]
pub(super) struct Shown {
    proposed: Vec<String>,
    /// A table for each role.
    held: Vec<String>,
    may_propose: bool,
    /// For auditors: something waits that no lead may see.
    deputy_needed: bool,
}

/// Draws who holds what.
pub(super) fn shown(pages: &Pages, visitor: &Visitor, grants: &GrantsAnswer) -> Shown {
    let proposals = grants.proposed.iter();
    let may_propose = pages.app.allow(&visitor.actor, Act::ProposeGrant, None);
    Shown {
        proposed: proposals
            .map(|proposal| card(pages.renderer, proposal))
            .collect(),
        held: tables(pages.renderer, &grants.grants),
        may_propose: may_propose.is_ok(),
        deputy_needed: grants.deputy_needed == Some(true),
    }
}

fn card(renderer: &Renderer, proposal: &ProposalAnswer) -> String {
    let grant = &proposal.grant;
    let to = |name: &str, text: &str| Link::new(format!("/grants/{}/{name}", grant.person), text);
    let by = proposal.proposed_by.clone();
    let address = grant.email.clone();
    let mut rows: Vec<_> = address.map(|at| ("Address", at)).into_iter().collect();
    rows.extend([
        ("Until", until(grant.until)),
        ("Proposed by", by.unwrap_or_else(|| "Not known".into())),
    ]);
    if let Some(program) = &grant.program {
        rows.push(("It may", acts(program)));
        rows.push(("For", teams(program)));
    }
    let card = Card {
        heading: format!("{}: {}", name(grant), grant.role.label()),
        rows,
        actions: match proposal.may_approve {
            true => vec![to("approve", "Approve"), to("refuse", "Refuse")],
            false => Vec::new(),
        },
    };
    card.drawn(renderer)
}

/// So many of one role stand open on the page; more are folded away.
const OPEN: usize = 5;

/// Those who hold each role, by name.
fn tables(renderer: &Renderer, grants: &[GrantAnswer]) -> Vec<String> {
    let of_role = |role: Role| {
        let mut holders: Vec<_> = grants.iter().filter(|grant| grant.role == role).collect();
        holders.sort_by_key(|grant| (name(grant), grant.person));
        let table = Table {
            caption: role.label(),
            headed: holders.len() > OPEN,
            head: &["Who", "Until", "Change"],
            rows: holders.into_iter().map(row).collect(),
            numbers: false,
        };
        let words = format!("{}: {} people", role.label(), table.rows.len());
        let drawn = || match table.headed {
            true => renderer.component(
                "details",
                json!({ "summaryText": words, "html": table.drawn(renderer) }),
            ),
            false => table.drawn(renderer),
        };
        (!table.rows.is_empty()).then(drawn)
    };
    Role::ALL.into_iter().filter_map(of_role).collect()
}

fn row(grant: &GrantAnswer) -> Vec<Cell> {
    let end = || {
        let about = format!("{}: {}", name(grant), grant.role.label());
        Link::new(format!("/grants/{}/end", grant.person), "End").about(about)
    };
    vec![
        name(grant).into(),
        ends(grant).into(),
        match grant.may_end {
            true => Cell::Link(end()),
            false => "Auditors end this".into(),
        },
    ]
}

/// Who it is; before they first sign in, by their address.
pub(super) fn name(grant: &GrantAnswer) -> String {
    let name = grant.name.clone().or_else(|| grant.email.clone());
    name.unwrap_or_else(|| "Someone who has not signed in yet".into())
}

/// Until when it holds and what it allows, for whoever decides.
pub(super) fn terms(grant: &GrantAnswer) -> Option<String> {
    let until = grant.until.map(|day| format!("Until {}", until(Some(day))));
    let program = grant.program.as_ref();
    let may = program.map(|program| format!("It may: {}. For: {}", acts(program), teams(program)));
    let terms: Vec<_> = until.into_iter().chain(may).collect();
    (!terms.is_empty()).then(|| terms.join(". "))
}

/// When it ends, and what a program may do until then.
fn ends(grant: &GrantAnswer) -> String {
    match (grant.emergency_until, &grant.program) {
        (Some(at), _) => format!("{}, given in an emergency", london::moment(at)),
        (None, Some(program)) => format!(
            "{}. It may: {}. For: {}",
            until(grant.until),
            acts(program),
            teams(program)
        ),
        (None, None) => until(grant.until),
    }
}

fn acts(program: &ProgramAnswer) -> String {
    let acts: Vec<_> = program
        .acts
        .iter()
        .map(|act| act.label().to_lowercase())
        .collect();
    acts.join(", ")
}

fn teams(program: &ProgramAnswer) -> String {
    let teams: Vec<_> = program
        .teams
        .iter()
        .map(|team| team.name.as_str())
        .collect();
    teams.join(", ")
}

fn until(day: Option<NaiveDate>) -> String {
    day.map_or_else(
        || "No end".into(),
        |day| day.format("%-d %B %Y").to_string(),
    )
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let grants = pages.app.grants(&visitor.actor)?;
    let view = GrantsPage {
        grants: shown(&pages, &visitor, &grants),
    };
    Ok(pages.page(&visitor, &view))
}

/// Where whoever looks after grants sees them.
pub(super) fn home(visitor: &Visitor) -> &'static str {
    match visitor.is(RoleCode::Auditor) {
        true => "/oversight",
        false => "/grants",
    }
}

async fn propose(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages.app.allow(&visitor.actor, Act::ProposeGrant, None)?;
    Ok(ask(&pages, &visitor, &propose_form(&visitor), None))
}

async fn proposed(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let visitor = &posted.visitor;
    pages.app.allow(&visitor.actor, Act::ProposeGrant, None)?;
    let form = propose_form(visitor);
    let (visitor, _) = give(&pages, posted, &form, None, Intent::propose_grant).await?;
    visitor.tell(&pages, "Proposed. An auditor decides.");
    Ok(see_other(home(&visitor)))
}

fn propose_form(visitor: &Visitor) -> Form {
    // A program is proposed on a page of its own.
    let roles = Role::ALL
        .into_iter()
        .filter(|role| *role != Role::Integration);
    let roles = roles.map(|role| {
        let choice = Choice::new(code(&role), role.label());
        match role {
            Role::Lead => choice.hint("A deputy of the lead, until a date"),
            Role::DutyContact => choice.hint("Sees what cannot wait while nobody else is at work"),
            _ => choice,
        }
    });
    Form::new(
        "Propose a role",
        vec![
            email(),
            Question::new("role", "Which role?", Kind::Choice(roles.collect())),
            last_day("Deputies and people who work elsewhere need one, at most a year away.")
                .optional(),
        ],
    )
    .lead("Nothing changes until an auditor approves. Nobody proposes a role for themselves.")
    .button("Propose")
    .back(home(visitor))
}

fn email() -> Question {
    Question::new("email", "Their e-mail address at work", Kind::Line(200))
}

fn last_day(hint: &str) -> Question {
    Question::new("until", "The last day", Kind::Day)
        .hint(format!("{hint} For example, 27 3 2027."))
}

async fn deputy(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages.app.allow(&visitor.actor, Act::NameDeputy, None)?;
    Ok(ask(&pages, &visitor, &deputy_form(&visitor), None))
}

async fn named(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let visitor = &posted.visitor;
    pages.app.allow(&visitor.actor, Act::NameDeputy, None)?;
    let form = deputy_form(visitor);
    let (visitor, _) = give(&pages, posted, &form, None, Intent::name_deputy).await?;
    visitor.tell(&pages, "They are a deputy of the lead from now on.");
    Ok(see_other(home(&visitor)))
}

fn deputy_form(visitor: &Visitor) -> Form {
    Form::new(
        "Name a deputy",
        vec![email(), last_day("At most 90 days away.")],
    )
    .lead(
        "Where something waits that no lead may know of, you name someone who may. You are not told what it is, \
         and they see it with everything else that a lead sees.",
    )
    .button("Name them")
    .back(home(visitor))
}
