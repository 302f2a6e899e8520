//! How long things are kept, what is due, what the law holds, and every erasure with its certificate.

use std::sync::Arc;

use axum::extract::State;
use pipss_api::intent::Intent;
use pipss_api::retention_answer::{ClassAnswer, ErasureAnswer, HoldAnswer, RetentionAnswer};
use pipss_domain::facts::RetentionClass;
use pipss_domain::policy::Act;
use serde::Serialize;

use super::called::{listed, words};
use super::{erasures, holds, subject_access};
use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::{Renderer, View};
use crate::routes::Routes;
use crate::tables::{Card, Cell, Link, Table};
use crate::visitor::{Posted, Visitor, see_other};

pub(super) const HOME: &str = "/oversight/retention";

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    let routes =
        routes
            .page(HOME, &[], read)
            .form("/oversight/retention/policy", policy, policy_set);
    subject_access::routes(erasures::routes(holds::routes(routes)))
}

#[derive(Serialize)]
struct RetentionPage {
    classes: String,
    any_due: bool,
    holds: Vec<String>,
    open: Vec<String>,
    done: Vec<String>,
    given: usize,
}

impl View for RetentionPage {
    const TEMPLATE: &'static str = "oversight/retention.html";

    fn title(&self) -> String {
        "What is kept and erased".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let kept = pages.app.retention(&visitor.actor)?;
    let open =
        |erasure: &&ErasureAnswer| ["proposed", "approved", "begun"].contains(&erasure.state);
    let (open, done): (Vec<_>, Vec<_>) = kept.erasures.iter().partition(open);
    let cards = |each: Vec<&ErasureAnswer>| {
        let drawn = each
            .into_iter()
            .map(|one| erasure_card(&pages, &visitor, one));
        drawn.collect()
    };
    let view = RetentionPage {
        classes: classes(pages.renderer, &kept),
        any_due: kept.classes.iter().any(|class| !class.subjects.is_empty()),
        holds: kept
            .holds
            .iter()
            .map(|one| hold_card(&pages, &visitor, one))
            .collect(),
        open: cards(open),
        done: cards(done),
        given: kept.subject_access.len(),
    };
    Ok(pages.page(&visitor, &view))
}

fn classes(renderer: &Renderer, kept: &RetentionAnswer) -> String {
    let row = |class: &ClassAnswer| {
        let years = match class.years {
            Some(1) => "1 year".into(),
            Some(years) => format!("{years} years"),
            None => "Until somebody erases them".into(),
        };
        vec![
            Cell::from(class.class.label()),
            years.as_str().into(),
            class.due.to_string().as_str().into(),
            class.held.to_string().as_str().into(),
        ]
    };
    let table = Table {
        caption: "How long things are kept",
        headed: false,
        head: &[
            "What",
            "Kept for",
            "Due to be erased",
            "Of these held by law",
        ],
        rows: kept.classes.iter().map(row).collect(),
        numbers: false,
    };
    table.drawn(renderer)
}

fn hold_card(pages: &Pages, visitor: &Visitor, hold: &HoldAnswer) -> String {
    let what = words(pages, visitor, hold.subject);
    let mut rows = vec![
        ("Why", hold.ground.label().into()),
        ("Since", london::moment(hold.since)),
    ];
    rows.extend(hold.reason.clone().map(|reason| ("In words", reason)));
    rows.extend(hold.lifted_at.map(|at| ("Lifted", london::moment(at))));
    rows.extend(
        hold.lifted_because
            .clone()
            .map(|why| ("Lifted because", why)),
    );
    let lift = Link::new(format!("/oversight/holds/{}/lift", hold.hold), "Lift");
    let card = Card {
        heading: what.clone(),
        rows,
        actions: hold
            .may_lift
            .then(|| lift.about(what))
            .into_iter()
            .collect(),
    };
    card.drawn(pages.renderer)
}

fn erasure_card(pages: &Pages, visitor: &Visitor, erasure: &ErasureAnswer) -> String {
    let what = listed(pages, visitor, &erasure.subjects);
    let mut rows = vec![
        ("Where it stands", state(erasure).into()),
        ("What", what.clone()),
        ("Why", erasure.ground.label().into()),
        ("Proposed", london::moment(erasure.proposed_at)),
    ];
    let awaited = erasure.from.filter(|_| erasure.state == "approved");
    rows.extend(awaited.map(|from| ("To be erased on", london::moment(from))));
    if let Some(done) = &erasure.certificate {
        rows.push(("Erased", london::moment(done.erased_at)));
        let counts = done.destroyed.iter();
        let counts = counts.map(|one| format!("{}: {}", one.class.label(), one.keys));
        rows.push(("Keys destroyed", counts.collect::<Vec<_>>().join("; ")));
        rows.push(("In backups until", london::moment(done.in_backups_until)));
        rows.push(("What remains", done.remains.join(" ")));
    }
    let to = |name: &str, text: &str| {
        let href = format!("/oversight/erasures/{}/{name}", erasure.erasure);
        Link::new(href, text).about(what.clone())
    };
    let decide = erasure.may_decide.then(|| to("decide", "Decide"));
    let withdraw = erasure.may_withdraw.then(|| to("withdraw", "Withdraw"));
    let card = Card {
        heading: match erasure.certificate {
            Some(_) => "Certificate of erasure".into(),
            None => "Erasure".into(),
        },
        rows,
        actions: decide.into_iter().chain(withdraw).collect(),
    };
    card.drawn(pages.renderer)
}

fn state(erasure: &ErasureAnswer) -> &'static str {
    match (erasure.state, erasure.held) {
        ("proposed", _) => "Waits for somebody else to decide",
        ("refused", _) => "Refused",
        ("withdrawn", _) => "Withdrawn",
        ("approved", true) => "Approved, but held by law",
        ("approved", false) => "Approved, and waits for its time",
        ("begun", _) => "Being erased",
        _ => "Erased",
    }
}

async fn policy(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow_retention(&visitor.actor, Act::SetRetention)?;
    Ok(ask(&pages, &visitor, &policy_form(), None))
}

async fn policy_set(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    pages
        .app
        .allow_retention(&posted.visitor.actor, Act::SetRetention)?;
    let (visitor, _) = give(&pages, posted, &policy_form(), None, Intent::set_retention).await?;
    visitor.tell(&pages, "Recorded. It counts from now on.");
    Ok(see_other(HOME))
}

fn policy_form() -> Form {
    let timed = RetentionClass::ALL
        .into_iter()
        .filter(|class| class.years().is_some());
    let timed = timed.map(|class| Choice::new(code(&class), class.label()));
    Form::new(
        "Say for how long something is kept",
        vec![
            Question::new("class", "What?", Kind::Choice(timed.collect())),
            Question::new("years", "For how many years?", Kind::Number("years")).hint("1 to 30."),
        ],
    )
    .back(HOME)
}

pub(super) const NAMED_SO: &str = "A case’s reference, such as PS-7K2QM-4XW9D; an e-mail address at work; or the address of a page. A month of feedback is feedback/2026-11.";

/// A lead proposes and holds, but does not see the list.
pub(super) fn back(pages: &Pages, visitor: &Visitor) -> &'static str {
    let sees = pages.app.allow_retention(&visitor.actor, Act::SeeRetention);
    if sees.is_ok() { HOME } else { "/" }
}
