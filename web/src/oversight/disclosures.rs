//! Requests from outside to be shown what is recorded: written down, decided, handed over.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::disclosures::DisclosureAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::facts::{DisclosedPart, DisclosureSource, LegalBasis, Telling};
use pipss_domain::ids::DisclosureId;
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

const HOME: &str = "/oversight/disclosures";

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page(HOME, &[], read)
        .form("/oversight/disclosures/new", request, requested)
        .form(
            "/oversight/disclosures/{disclosure}/decide",
            decide,
            decided,
        )
        .form("/oversight/disclosures/{disclosure}/made", make, made)
}

#[derive(Serialize)]
struct DisclosuresPage {
    decides: bool,
    may_request: bool,
    undecided: Vec<String>,
    decided: Vec<String>,
}

impl View for DisclosuresPage {
    const TEMPLATE: &'static str = "oversight/disclosures.html";

    fn title(&self) -> String {
        "Requests from outside".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let disclosures = pages.app.disclosures(&visitor.actor)?.disclosures;
    let may = |act| pages.app.allow(&visitor.actor, act, None).is_ok();
    let decides = may(Act::DecideDisclosure);
    let (decided, undecided): (Vec<_>, Vec<_>) = disclosures
        .iter()
        .partition(|disclosure| disclosure.parts.is_some());
    let cards = |each: Vec<&DisclosureAnswer>| {
        let each = each.into_iter();
        each.map(|disclosure| card(pages.renderer, disclosure, decides))
            .collect()
    };
    let view = DisclosuresPage {
        decides,
        may_request: may(Act::RequestDisclosure),
        undecided: cards(undecided),
        decided: cards(decided),
    };
    Ok(pages.page(&visitor, &view))
}

fn card(renderer: &Renderer, disclosure: &DisclosureAnswer, decides: bool) -> String {
    let mut rows = vec![
        ("Written down", london::moment(disclosure.asked_at)),
        ("On what ground", disclosure.basis.label().into()),
    ];
    let texts = [
        ("About the case", &disclosure.reference),
        ("What they want to see", &disclosure.wanted),
        ("Their reference", &disclosure.their_reference),
    ];
    rows.extend(
        texts
            .into_iter()
            .filter_map(|(key, text)| Some((key, text.clone()?))),
    );
    if let Some(parts) = &disclosure.parts {
        rows.push(("May be shown", listed(parts)));
    }
    rows.extend(disclosure.reason.clone().map(|reason| ("Why", reason)));
    rows.extend(
        disclosure
            .telling
            .map(|telling| ("Telling", telling.label().into())),
    );
    let day = disclosure
        .made_on
        .map(|on| on.format("%-d %B %Y").to_string());
    rows.extend(day.map(|day| ("Handed over on", day)));
    let to = |name: &str, text: &str| {
        let about = disclosure.by.label().to_lowercase();
        Link::new(format!("{HOME}/{}/{name}", disclosure.disclosure), text).about(about)
    };
    let to_be_made = disclosure
        .parts
        .as_ref()
        .is_some_and(|parts| !parts.is_empty());
    let actions = match (&disclosure.parts, disclosure.made_on) {
        (None, _) if decides => vec![to("decide", "Decide")],
        (Some(_), None) if decides && to_be_made => vec![to("made", "Record the handing over")],
        _ => Vec::new(),
    };
    let card = Card {
        heading: disclosure.by.label().into(),
        rows,
        actions,
    };
    card.drawn(renderer)
}

fn listed(parts: &[DisclosedPart]) -> String {
    match parts {
        [] => "Nothing: it was refused".into(),
        parts => {
            let labels = parts.iter().map(|part| part.label());
            labels.collect::<Vec<_>>().join("; ")
        }
    }
}

async fn request(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow(&visitor.actor, Act::RequestDisclosure, None)?;
    Ok(ask(&pages, &visitor, &request_form(), None))
}

async fn requested(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let actor = &posted.visitor.actor;
    pages.app.allow(actor, Act::RequestDisclosure, None)?;
    let form = request_form();
    let (visitor, _) = give(&pages, posted, &form, None, Intent::request_disclosure).await?;
    visitor.tell(
        &pages,
        "Written down. An auditor who did not write it down decides.",
    );
    Ok(see_other(HOME))
}

fn request_form() -> Form {
    let sources = DisclosureSource::ALL.map(|by| Choice::new(code(&by), by.label()));
    let bases = LegalBasis::ALL.map(|basis| Choice::new(code(&basis), basis.label()));
    Form::new(
        "Write down a request from outside",
        vec![
            Question::new("by", "Who asks?", Kind::Choice(sources.into())),
            Question::new(
                "basis",
                "On what ground in law?",
                Kind::Choice(bases.into()),
            ),
            Question::new("reference", "The reference of the case", Kind::Line(20))
                .hint("If they ask about one.")
                .optional(),
            Question::new("wanted", "What do they want to see?", Kind::Area(500)),
            Question::new("their_reference", "Their own reference", Kind::Line(60)).optional(),
        ],
    )
    .lead("Nothing is shown to anyone outside before it is decided here.")
    .button("Write it down")
    .back(HOME)
}

/// The request that a path names, for whoever decides it.
fn named(
    pages: &Pages,
    visitor: &Visitor,
    id: &str,
) -> Result<(DisclosureId, DisclosureAnswer), Refusal> {
    pages
        .app
        .allow(&visitor.actor, Act::DecideDisclosure, None)?;
    let id: DisclosureId = id.parse().map_err(|_| Refusal::NotFound)?;
    Ok((id, pages.app.disclosure(&visitor.actor, id)?))
}

async fn decide(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let (_, disclosure) = named(&pages, &visitor, &id)?;
    Ok(ask(&pages, &visitor, &decide_form(&disclosure), None))
}

async fn decided(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let (id, disclosure) = named(&pages, &posted.visitor, &id)?;
    let form = decide_form(&disclosure);
    let intent = |asked: Asked| Intent::decide_disclosure(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Decided.");
    Ok(see_other(HOME))
}

fn decide_form(disclosure: &DisclosureAnswer) -> Form {
    let parts = DisclosedPart::ALL.map(|part| Choice::new(code(&part), part.label()));
    let tellings = Telling::ALL.map(|telling| Choice::new(code(&telling), telling.label()));
    let form = Form::new(
        "Decide what may be shown",
        vec![
            Question::new("parts", "What may be shown?", Kind::Several(parts.into()))
                .hint("As little as answers the question. To refuse, tick nothing.")
                .optional(),
            Question::new("reason", "Why?", Kind::Area(500)),
            Question::new(
                "telling",
                "Are those concerned told?",
                Kind::Choice(tellings.into()),
            ),
        ],
    )
    .lead("What someone did about one-to-one support is never shown.")
    .caption(disclosure.by.label())
    .button("Record the decision")
    .back(HOME)
    .reshape(|body| {
        body.entry("parts").or_insert_with(|| serde_json::json!([]));
    });
    match &disclosure.wanted {
        Some(wanted) => form.lead(format!("They want to see: {wanted}")),
        None => form,
    }
}

async fn make(State(pages): State<Arc<Pages>>, visitor: Visitor, Path(id): Path<String>) -> Answer {
    let (_, disclosure) = named(&pages, &visitor, &id)?;
    Ok(ask(&pages, &visitor, &make_form(&disclosure), None))
}

async fn made(State(pages): State<Arc<Pages>>, Path(id): Path<String>, posted: Posted) -> Answer {
    let (id, disclosure) = named(&pages, &posted.visitor, &id)?;
    let form = make_form(&disclosure);
    let intent = |asked: Asked| Intent::make_disclosure(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Recorded.");
    Ok(see_other(HOME))
}

fn make_form(disclosure: &DisclosureAnswer) -> Form {
    let on =
        Question::new("on", "When was it handed over?", Kind::Day).hint("For example, 27 3 2027.");
    Form::new("Record the handing over", vec![on])
        .caption(disclosure.by.label())
        .back(HOME)
}
