//! Proposing what a program of the trust is granted: which acts, for which teams, until when.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::intent::Intent;
use pipss_domain::directory_facts::UnitLevel;
use pipss_domain::policy::Act;
use pipss_domain::program::ProgramAct;
use pipss_domain::refusal::Refusal;

use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// Its page.
pub fn routes(routes: Routes) -> Routes {
    routes.form("/grants/program", propose, proposed)
}

async fn propose(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let form = form(&pages, &visitor)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn proposed(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let form = form(&pages, &posted.visitor)?;
    let (visitor, _) = give(&pages, posted, &form, None, Intent::propose_program).await?;
    visitor.tell(&pages, "Proposed. An auditor decides.");
    Ok(see_other("/grants"))
}

fn form(pages: &Pages, visitor: &Visitor) -> Result<Form, Refusal> {
    pages.app.allow(&visitor.actor, Act::ProposeGrant, None)?;
    let mut teams = pages.app.teams(&visitor.actor)?.teams;
    teams.retain(|unit| unit.level == UnitLevel::Team);
    teams.sort_by(|a, b| a.name.cmp(&b.name));
    let teams = teams.into_iter();
    let teams = teams.map(|unit| Choice::new(unit.team.to_string(), unit.name));
    let acts = [
        ProgramAct::RaiseReferral,
        ProgramAct::LogDefusion,
        ProgramAct::FollowOwn,
    ];
    let acts = acts.map(|act| Choice::new(code(&act), act.label()));
    let questions = vec![
        Question::new("name", "What is the program called?", Kind::Line(200)),
        Question::new(
            "issuer",
            "Which sign-in service gives it its tokens?",
            Kind::Line(255),
        )
        .hint("As it stands in the tokens, for example https://sign-in.example/trust"),
        Question::new(
            "subject",
            "What does that service call it?",
            Kind::Line(255),
        )
        .hint("The subject of its tokens."),
        Question::new("acts", "What may it do?", Kind::Several(acts.into())),
        Question::new("until", "The last day", Kind::Day)
            .hint("At most a year away. For example, 27 3 2027."),
        Question::new("teams", "For which teams?", Kind::Several(teams.collect())),
    ];
    Ok(Form::new("Propose what a program may do", questions)
        .lead(
            "Another system of the trust may ask for support for teams that you list. It never sees one-to-one \
             support, and never who looked at what. Nothing changes until an auditor approves.",
        )
        .button("Propose")
        .back("/grants"))
}
