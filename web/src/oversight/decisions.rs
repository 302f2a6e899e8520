//! Approving, refusing and ending a role.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::grants::GrantAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::ids::PersonId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;

use super::grants::{home, name, terms};
use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::pages::{Answer, Pages};
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    DECISIONS.into_iter().fold(routes, |routes, decision| {
        routes.form(
            decision.path,
            move |State(pages): State<Arc<Pages>>, visitor: Visitor, Path(person): Path<String>| {
                decide(decision, pages, visitor, person)
            },
            move |State(pages): State<Arc<Pages>>, Path(person): Path<String>, posted: Posted| {
                decided(decision, pages, person, posted)
            },
        )
    })
}

/// A decision about one person's roles.
#[derive(Clone, Copy)]
struct Decision {
    path: &'static str,
    act: Act,
    title: &'static str,
    button: &'static str,
    intent: fn(PersonId, Asked) -> Intent<'static>,
    /// Is it about what was proposed, or about what holds?
    proposals: bool,
    done: &'static str,
}

const DECISIONS: [Decision; 3] = [
    Decision {
        path: "/grants/{person}/approve",
        act: Act::DecideGrant,
        title: "Which role do you approve?",
        button: "Approve",
        intent: Intent::approve_grant,
        proposals: true,
        done: "Approved. They have the role from now on.",
    },
    Decision {
        path: "/grants/{person}/refuse",
        act: Act::DecideGrant,
        title: "Which role do you refuse?",
        button: "Refuse",
        intent: Intent::refuse_grant,
        proposals: true,
        done: "Refused. It can be proposed again.",
    },
    Decision {
        path: "/grants/{person}/end",
        act: Act::EndGrant,
        title: "Which role do you end?",
        button: "End the role",
        intent: Intent::end_grant,
        proposals: false,
        done: "Ended. They no longer have the role.",
    },
];

async fn decide(decision: Decision, pages: Arc<Pages>, visitor: Visitor, person: String) -> Answer {
    let (_, form) = asked(decision, &pages, &visitor, &person)?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn decided(decision: Decision, pages: Arc<Pages>, person: String, posted: Posted) -> Answer {
    let (person, form) = asked(decision, &pages, &posted.visitor, &person)?;
    let intent = |asked: Asked| (decision.intent)(person, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, decision.done);
    Ok(see_other(home(&visitor)))
}

/// The question about one person: which of their roles. One that stands alone is chosen already.
fn asked(
    decision: Decision,
    pages: &Pages,
    visitor: &Visitor,
    person: &str,
) -> Result<(PersonId, Form), Refusal> {
    pages.app.allow(&visitor.actor, decision.act, None)?;
    let person: PersonId = person.parse().map_err(|_| Refusal::NotFound)?;
    let grants = pages.app.grants(&visitor.actor)?;
    let about: Vec<_> = match decision.proposals {
        true => grants
            .proposed
            .iter()
            .map(|proposal| &proposal.grant)
            .collect(),
        false => grants.grants.iter().filter(|grant| grant.may_end).collect(),
    };
    let theirs: Vec<_> = about
        .into_iter()
        .filter(|grant| grant.person == person)
        .collect();
    let first = theirs.first().ok_or(Refusal::NotFound)?;
    let choice = |grant: &&GrantAnswer| {
        let choice = Choice::new(code(&grant.role), grant.role.label());
        match terms(grant) {
            Some(terms) => choice.hint(terms),
            None => choice,
        }
    };
    let choices = theirs.iter().map(choice).collect();
    let mut which = Question::new("role", decision.title, Kind::Choice(choices));
    if let [only] = theirs[..] {
        which = which.given(code(&only.role));
    }
    let form = Form::new(decision.title, vec![which])
        .caption(
            match first.email.as_ref().filter(|_| first.name.is_some()) {
                Some(address) => format!("{}, {address}", name(first)),
                None => name(first),
            },
        )
        .button(decision.button)
        .back(home(visitor));
    Ok((person, form))
}
