//! Requests for supervision, private between whoever asked and the supervision lead.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::intent::{Asked, Intent};
use pipss_api::people::RoleCode;
use pipss_api::supervision::{SupervisionLine, SupervisionState};
use pipss_domain::facts::{SupervisionEnd, SupervisionOutcome};
use pipss_domain::ids::SupervisionId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use crate::ask::{ask, give};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::{Renderer, View};
use crate::routes::Routes;
use crate::tables::{Card, Link};
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::sentence;

const HOME: &str = "/supervision";

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page(HOME, &[], read)
        .form("/supervision/{supervision}/answer", answer, answered)
        .form("/supervision/{supervision}/close", close, closed)
}

#[derive(Serialize)]
struct SupervisionPage {
    /// Does the supervision lead look at all of them?
    all: bool,
    may_ask: bool,
    waiting: Vec<String>,
    closed: Vec<String>,
}

impl View for SupervisionPage {
    const TEMPLATE: &'static str = "oversight/supervision.html";

    fn title(&self) -> String {
        "Supervision".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let requests = pages.app.supervisions(&visitor.actor)?.requests;
    let (closed, waiting): (Vec<_>, Vec<_>) = requests
        .iter()
        .partition(|request| matches!(request.state, SupervisionState::Closed));
    let may_ask = pages
        .app
        .allow(&visitor.actor, Act::AskForSupervision, None);
    let cards = |requests: Vec<&SupervisionLine>| {
        let each = requests.into_iter();
        each.map(|request| card(pages.renderer, &visitor, request))
            .collect()
    };
    let view = SupervisionPage {
        all: visitor.is(RoleCode::SupervisionLead),
        may_ask: may_ask.is_ok(),
        waiting: cards(waiting),
        closed: cards(closed),
    };
    Ok(pages.page(&visitor, &view))
}

fn card(renderer: &Renderer, visitor: &Visitor, request: &SupervisionLine) -> String {
    let leads = visitor.is(RoleCode::SupervisionLead);
    let mut rows = vec![
        ("Asked", london::moment(request.asked_at)),
        ("After what", sentence(request.after.label())),
        ("How soon", sentence(request.wish.label())),
    ];
    rows.extend(request.note.clone().map(|note| ("Note", note)));
    rows.push(("Where it stands", stands(request)));
    let to =
        |name: &str, text: &str| Link::new(format!("{HOME}/{}/{name}", request.supervision), text);
    let actions = match request.state {
        SupervisionState::Closed => Vec::new(),
        SupervisionState::Asked if leads => vec![to("answer", "Answer"), to("close", "Close")],
        SupervisionState::Answered if leads => {
            vec![to("answer", "Answer again"), to("close", "Close")]
        }
        SupervisionState::Asked | SupervisionState::Answered => vec![to("close", "Withdraw")],
    };
    let card = Card {
        heading: match leads {
            true => who(request),
            false => format!("Your request of {}", london::day(request.asked_at)),
        },
        rows,
        actions,
    };
    card.drawn(renderer)
}

fn who(request: &SupervisionLine) -> String {
    let name = request.asked_by.as_ref().and_then(|who| who.name.clone());
    name.unwrap_or_else(|| "Someone whose name is not known yet".into())
}

fn stands(request: &SupervisionLine) -> String {
    let outcome = request.outcome.map(SupervisionOutcome::label);
    match (request.closed_because, outcome, request.at) {
        (Some(reason), ..) => format!("Closed: {}", lower(reason.label())),
        (None, None, _) => "Waits for an answer".into(),
        (None, Some(outcome), None) => outcome.into(),
        (None, Some(outcome), Some(at)) => format!("{outcome}: {}", london::moment(at)),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// The request that a path names, if they may do this to it.
fn named(
    pages: &Pages,
    visitor: &Visitor,
    act: Act,
    id: &str,
) -> Result<(SupervisionId, SupervisionLine), Refusal> {
    let id: SupervisionId = id.parse().map_err(|_| Refusal::NotFound)?;
    Ok((id, pages.app.supervision(&visitor.actor, (act, id))?))
}

async fn answer(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let (_, request) = named(&pages, &visitor, Act::AnswerSupervision, &id)?;
    Ok(ask(&pages, &visitor, &answer_form(&request), None))
}

async fn answered(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let (id, request) = named(&pages, &posted.visitor, Act::AnswerSupervision, &id)?;
    let form = answer_form(&request);
    let intent = |asked: Asked| Intent::answer_supervision(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Your answer is recorded. They can see it here.");
    Ok(see_other(HOME))
}

fn answer_form(request: &SupervisionLine) -> Form {
    let choice = |outcome: SupervisionOutcome| {
        let choice = Choice::new(code(&outcome), outcome.label());
        match outcome {
            SupervisionOutcome::Arranged => {
                let when = Question::new("at", "When will it be?", Kind::Moment);
                choice.reveals(vec![when])
            }
            _ => choice,
        }
    };
    let outcomes = SupervisionOutcome::ALL.map(choice);
    let what = Question::new("outcome", "What can you do?", Kind::Choice(outcomes.into()))
        .hint("You can answer again until you close it. The last answer counts.");
    Form::new("Answer", vec![what])
        .caption(format!("Supervision for {}", who(request)))
        .back(HOME)
}

async fn close(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let (_, request) = named(&pages, &visitor, Act::CloseSupervision, &id)?;
    Ok(ask(&pages, &visitor, &close_form(&visitor, &request), None))
}

async fn closed(State(pages): State<Arc<Pages>>, Path(id): Path<String>, posted: Posted) -> Answer {
    let (id, request) = named(&pages, &posted.visitor, Act::CloseSupervision, &id)?;
    let form = close_form(&posted.visitor, &request);
    let intent = |asked: Asked| Intent::close_supervision(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "The request is closed.");
    Ok(see_other(HOME))
}

fn close_form(visitor: &Visitor, request: &SupervisionLine) -> Form {
    let own = request.asked_by.as_ref().map(|who| who.person) == visitor.me.person;
    let leads = visitor.is(RoleCode::SupervisionLead);
    let theirs = |reason: &SupervisionEnd| match reason {
        SupervisionEnd::Withdrawn => own,
        SupervisionEnd::Held | SupervisionEnd::NotTakenUp => leads,
    };
    let reasons = SupervisionEnd::ALL.into_iter().filter(theirs);
    let reasons: Vec<_> = reasons
        .map(|reason| match reason {
            SupervisionEnd::Withdrawn => Choice::new(code(&reason), "I no longer need it"),
            _ => Choice::new(code(&reason), reason.label()),
        })
        .collect();
    let why = Question::new("reason", "What became of it?", Kind::Choice(reasons))
        .hint("It cannot be opened again. Anyone can ask again.");
    let caption = match leads {
        true => format!("Supervision for {}", who(request)),
        false => "Your request for supervision".into(),
    };
    Form::new("Close", vec![why])
        .caption(caption)
        .button("Close the request")
        .back(HOME)
}
