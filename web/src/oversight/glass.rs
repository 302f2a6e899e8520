//! Breaking the glass: asking with a reason, another auditor's decision, what it opens, and the review.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::case_answer::PersonName;
use pipss_api::glass::{GlassAnswer, GlassStateCode};
use pipss_api::glass_content::GlassContentAnswer;
use pipss_api::intent::{Asked, Intent};
use pipss_domain::facts::{GlassFinding, GlassOver, GlassTelling};
use pipss_domain::ids::GlassId;
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use super::called::opened;
use super::which::{Meant, give_meant, place};
use crate::ask::{ask, give, go_on};
use crate::case_forms::code;
use crate::form::{Choice, Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::tables::{Card, Link};
use crate::visitor::{Posted, Visitor, see_other};
use crate::words::sentence;

const HOME: &str = "/oversight/break-glass";

/// Its pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page(HOME, &[], read)
        .page("/oversight/break-glass/new", &["object"], begin)
        .sent("/oversight/break-glass/new", begun)
        .form("/oversight/break-glass/{glass}/decide", decide, decided)
        .form("/oversight/break-glass/{glass}/review", review, reviewed)
        .page("/oversight/break-glass/{glass}/content", &[], content)
}

#[derive(Serialize)]
struct GlassesPage {
    audits: bool,
    cards: Vec<String>,
}

impl View for GlassesPage {
    const TEMPLATE: &'static str = "oversight/glass.html";

    fn title(&self) -> String {
        "Break the glass".into()
    }
}

async fn read(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    let asked = pages.app.glasses(&visitor.actor)?.asked;
    let act = Act::DecideBreakGlass;
    let audits = pages.app.allow(&visitor.actor, act, None).is_ok();
    let now = pages.app.clock().now();
    let card = |glass| card(&pages, &visitor, glass, (audits, now));
    let view = GlassesPage {
        audits,
        cards: asked.iter().map(card).collect(),
    };
    Ok(pages.page(&visitor, &view))
}

/// What an auditor has to do here, in words; nothing if nothing waits.
pub fn waiting(pages: &Pages, visitor: &Visitor) -> Option<String> {
    let asked = pages.app.glasses(&visitor.actor).ok()?.asked;
    let others = || asked.iter().filter(|glass| !glass.own);
    let decide = others().filter(|glass| glass.state == GlassStateCode::Waiting);
    let review = others().filter_map(|glass| glass.review_due);
    let overdue = review.clone().filter(|due| *due < pages.app.clock().now());
    let (decide, review, overdue) = (decide.count(), review.count(), overdue.count());
    (decide + review > 0)
        .then(|| format!("{decide} to decide, {review} to review ({overdue} overdue)"))
}

fn named(who: Option<&PersonName>) -> String {
    let name = who.and_then(|who| who.name.clone());
    name.unwrap_or_else(|| "Name not known".into())
}

fn card(
    pages: &Pages,
    visitor: &Visitor,
    glass: &GlassAnswer,
    (audits, now): (bool, chrono::DateTime<chrono::Utc>),
) -> String {
    let stands = match (glass.state, glass.open_until) {
        (GlassStateCode::Open, Some(until)) => format!("Open until {}", london::time(until)),
        (GlassStateCode::Waiting, _) => "Another auditor is to decide".into(),
        (GlassStateCode::Lapsed, _) => "Nobody decided within 24 hours".into(),
        (GlassStateCode::Refused, _) => "Refused".into(),
        (GlassStateCode::Open | GlassStateCode::Over, _) => "It was open for an hour".into(),
    };
    let mut rows = vec![
        ("Who asked", named(glass.asked_by.as_ref())),
        ("When", london::moment(glass.asked_at)),
        ("Which", opened(pages, visitor, (glass.what, glass.object))),
        (
            "Why",
            glass
                .reason
                .clone()
                .unwrap_or_else(|| "No longer readable".into()),
        ),
        ("Where it stands", stands),
        ("Whoever it is about", glass.telling.label().into()),
    ];
    let decided = glass.decided_by.as_ref();
    rows.extend(decided.map(|who| ("Decided by", named(Some(who)))));
    rows.extend(glass.review_due.map(|due| {
        let late = if due < now { ": overdue" } else { "" };
        (
            "To be reviewed by",
            format!("{}{late}", london::moment(due)),
        )
    }));
    rows.extend(
        glass
            .finding
            .map(|finding| ("Review", finding.label().into())),
    );
    let to = |name: &str, text: &str| Link::new(format!("{HOME}/{}/{name}", glass.glass), text);
    let mut actions = Vec::new();
    if glass.own && glass.state == GlassStateCode::Open {
        actions.push(to("content", "Open it"));
    }
    if audits && !glass.own && glass.state == GlassStateCode::Waiting {
        actions.push(to("decide", "Decide"));
    }
    if audits && !glass.own && glass.review_due.is_some() {
        actions.push(to("review", "Review"));
    }
    let risk = if glass.life_at_risk {
        ", a life at risk"
    } else {
        ""
    };
    let card = Card {
        heading: format!("{}{risk}", glass.what.label()),
        rows,
        actions,
    };
    card.drawn(pages.renderer)
}

async fn begin(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Answer {
    pages
        .app
        .allow(&visitor.actor, Act::AskToBreakGlass, None)?;
    let mut draft = visitor.begin_draft(&pages, None);
    let meant = visitor.asked("object").and_then(|page| place(&page));
    let what = match meant.as_deref().and_then(|meant| meant.split_once('/')) {
        Some(("one-to-one", id)) => Some((GlassOver::OneToOne, id)),
        Some(("case", id)) => Some((GlassOver::Case, id)),
        _ => None,
    };
    if let Some((what, id)) = what {
        draft.answers.set("what", code(&what));
        draft.answers.set("object", id);
    }
    Ok(go_on(&pages, &visitor, &begin_form(), &draft))
}

async fn begun(State(pages): State<Arc<Pages>>, posted: Posted) -> Answer {
    let (by, act) = (&posted.visitor, Act::AskToBreakGlass);
    pages.app.allow(&by.actor, act, None)?;
    let form = begin_form();
    let meant = Meant {
        name: "object",
        act,
        id_only: true,
    };
    let intent = Intent::ask_to_break_glass;
    let (visitor, _) = give_meant(&pages, posted, &form, meant, intent).await?;
    visitor.tell(&pages, "Written down. The other auditors are told.");
    Ok(see_other(HOME))
}

fn begin_form() -> Form {
    let over = GlassOver::ALL.map(|what| Choice::new(code(&what), what.label()));
    let tellings = GlassTelling::ALL.map(|telling| Choice::new(code(&telling), telling.label()));
    Form::new(
        "Ask to see what you otherwise cannot",
        vec![
            Question::new("what", "What do you need to see?", Kind::Choice(over.into())),
            Question::new("object", "Which one?", Kind::Line(120))
                .hint("A case’s reference, such as PS-7K2QM-4XW9D, or the address of its page."),
            Question::new("reason", "Why?", Kind::Area(500)),
            Question::new(
                "life_at_risk",
                "A life is at risk: I need it at once",
                Kind::Tick,
            ),
            Question::new(
                "telling",
                "Is whoever it is about told?",
                Kind::Choice(tellings.into()),
            ),
        ],
    )
    .lead("It opens one thing, for you, for one hour. Another auditor decides; where a life is at risk it opens \
           at once, and another auditor reviews it within 24 hours.")
    .lead("The other auditors are told, and it stays in the record for ever.")
    .button("Ask")
    .back(HOME)
}

/// The one that a path names, for whoever decides or reviews it.
fn found(
    pages: &Pages,
    visitor: &Visitor,
    id: &str,
) -> Result<(GlassId, String, GlassAnswer), Refusal> {
    let act = Act::DecideBreakGlass;
    pages.app.allow(&visitor.actor, act, None)?;
    let id: GlassId = id.parse().map_err(|_| Refusal::NotFound)?;
    let glass = pages.app.glass(&visitor.actor, id)?;
    let which = opened(pages, visitor, (glass.what, glass.object));
    Ok((id, which, glass))
}

fn about(form: Form, which: &str, glass: &GlassAnswer) -> Form {
    let who = named(glass.asked_by.as_ref());
    let form = form.caption(format!("{}: {which}", glass.what.label()));
    let form = match &glass.reason {
        Some(reason) => form.lead(format!("{who} wrote: {reason}")),
        None => form.lead(format!("{who} asked.")),
    };
    let told = glass.telling.label();
    form.lead(format!("Whoever it is about: {told}."))
        .back(HOME)
}

async fn decide(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let (_, which, glass) = found(&pages, &visitor, &id)?;
    Ok(ask(&pages, &visitor, &decide_form(&which, &glass), None))
}

async fn decided(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let (id, which, glass) = found(&pages, &posted.visitor, &id)?;
    let form = decide_form(&which, &glass);
    let intent = |asked: Asked| Intent::decide_break_glass(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "Decided. Whoever asked is told.");
    Ok(see_other(HOME))
}

fn decide_form(which: &str, glass: &GlassAnswer) -> Form {
    let open = vec![
        Choice::new("true", "Open it for one hour"),
        Choice::new("false", "Refuse"),
    ];
    let open = Question::new("open", "What do you decide?", Kind::Choice(open));
    let form = Form::new("Decide whether the glass is broken", vec![open])
        .button("Record the decision")
        .reshape(|body| {
            if let Some(open) = body.get_mut("open") {
                *open = serde_json::json!(open == "true");
            }
        });
    about(form, which, glass)
}

async fn review(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    let (_, which, glass) = found(&pages, &visitor, &id)?;
    Ok(ask(&pages, &visitor, &review_form(&which, &glass), None))
}

async fn reviewed(
    State(pages): State<Arc<Pages>>,
    Path(id): Path<String>,
    posted: Posted,
) -> Answer {
    let (id, which, glass) = found(&pages, &posted.visitor, &id)?;
    let form = review_form(&which, &glass);
    let intent = |asked: Asked| Intent::review_break_glass(id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, intent).await?;
    visitor.tell(&pages, "The review is recorded.");
    Ok(see_other(HOME))
}

fn review_form(which: &str, glass: &GlassAnswer) -> Form {
    let findings = GlassFinding::ALL.map(|finding| Choice::new(code(&finding), finding.label()));
    let finding = Question::new(
        "finding",
        "What did you find?",
        Kind::Choice(findings.into()),
    );
    let form = Form::new("Review what was opened at once", vec![finding]);
    about(form.button("Record the review"), which, glass)
}

#[derive(Serialize)]
struct ContentPage {
    until: String,
    lines: Vec<(String, String)>,
}

impl View for ContentPage {
    const TEMPLATE: &'static str = "oversight/glass_content.html";

    fn title(&self) -> String {
        "What the broken glass opens".into()
    }
}

async fn content(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Answer {
    pages
        .app
        .allow(&visitor.actor, Act::AskToBreakGlass, None)?;
    let id: GlassId = id.parse().map_err(|_| Refusal::NotFound)?;
    let content = pages.app.glass_content(&visitor.actor, id)?;
    let view = ContentPage {
        until: london::time(content.open_until),
        lines: lines(&content),
    };
    Ok(pages.page(&visitor, &view))
}

fn lines(content: &GlassContentAnswer) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut say = |key: &str, value: Option<String>| {
        lines.extend(value.map(|value| (key.to_owned(), value)));
    };
    if let Some(one) = &content.one_to_one {
        let request = one.request.as_ref();
        let of = |text: fn(&pipss_api::one_to_one_answer::OneToOneRequest) -> &Option<String>| {
            request.and_then(|request| text(request).clone())
        };
        say("Asked", Some(london::moment(one.asked_at)));
        say("Wants to be called", of(|request| &request.call_me));
        say("Wrote", of(|request| &request.note));
        say("Number", of(|request| &request.phone));
        say("Private address", of(|request| &request.letters_to));
        say("Quotes", of(|request| &request.reference));
        let team = request.and_then(|request| request.team.as_ref());
        say("Team", team.map(|team| team.name.clone()));
        say(
            "Supported by",
            one.provider.as_ref().map(|who| named(Some(who))),
        );
        let next = one.appointment.as_ref();
        say("They meet", next.map(|next| london::moment(next.starts_at)));
    }
    for entry in content.case.iter().flatten() {
        let texts = entry
            .texts
            .iter()
            .map(|text| format!("{}: {}", sentence(text.label), text.text));
        let told = std::iter::once(entry.headline.clone()).chain(texts);
        let told: Vec<_> = told.collect();
        say(&london::moment(entry.at), Some(told.join(" ")));
    }
    if let Some(report) = &content.escalation {
        say("Reported", Some(london::moment(report.reported_at)));
        say(
            "By",
            report.reported_by.as_ref().map(|who| named(Some(who))),
        );
        say("Case", Some(report.reference.clone()));
        say("Wrote", report.line.clone());
    }
    lines
}
