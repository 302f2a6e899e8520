//! Serious danger that came up in a case: reporting it, and for leads what was reported and seen to.

use std::sync::Arc;

use axum::extract::{Path, State};
use pipss_api::case_answer::CaseAnswer;
use pipss_api::escalations::{EscalationLine, RECEIVED};
use pipss_api::intent::Intent;
use pipss_domain::facts::{Danger, HandledHow, RouteTaken};
use pipss_domain::ids::{CaseId, EscalationId};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use serde::Serialize;

use super::{Row, capital, name, row};
use crate::ask::{ask, give};
use crate::case_forms::{above, choices, seen};
use crate::form::{Form, Kind, Question};
use crate::london;
use crate::pages::{Answer, Instead, Pages};
use crate::render::View;
use crate::routes::Routes;
use crate::visitor::{Posted, Visitor, see_other};

/// These pages.
pub fn routes(routes: Routes) -> Routes {
    routes
        .page("/cases/{case}/escalations", &[], read)
        .form("/cases/{case}/escalate", report, reported)
        .form("/cases/{case}/escalations/{escalation}", handle, handled)
}

#[derive(Serialize)]
struct DangerPage {
    caption: String,
    back: String,
    report: String,
    reports: Vec<Report>,
}

/// One report.
#[derive(Serialize)]
struct Report {
    danger: String,
    when: String,
    facts: Vec<Row>,
    handle: Option<String>,
}

impl View for DangerPage {
    const TEMPLATE: &'static str = "danger.html";

    fn title(&self) -> String {
        format!("Serious danger, {}", self.caption)
    }
}

async fn read(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let case = known(&pages, &visitor, Act::SeeEscalations, &case)?;
    let reports = pages.app.escalations(&visitor.actor, Some(case.case))?;
    let reports = reports.escalations.iter();
    let view = DangerPage {
        caption: format!("{}, {}", case.team.name, case.reference),
        back: format!("/cases/{}", case.case),
        report: format!("/cases/{}/escalate", case.case),
        reports: reports.map(line).collect(),
    };
    Ok(pages.page(&visitor, &view))
}

/// Whoever may not is told that there is nothing here.
fn known(pages: &Pages, visitor: &Visitor, act: Act, case: &str) -> Result<CaseAnswer, Instead> {
    seen(pages, visitor, act, case).map_err(|_| Refusal::NotFound.into())
}

fn line(line: &EscalationLine) -> Report {
    let mut facts = vec![row("Turned to", capital(line.route.label()))];
    facts.extend(line.line.clone().map(|text| row("What was written", text)));
    facts.extend(
        line.reported_by
            .as_ref()
            .map(|who| row("Reported by", name(who))),
    );
    if let (Some(how), Some(at)) = (line.handled_how, line.handled_at) {
        let who = line
            .handled_by
            .as_ref()
            .map_or_else(|| "a lead".into(), name);
        let words = format!("{}: by {who}, {}", capital(how.label()), london::moment(at));
        facts.push(row("Seen to", words));
    }
    let to = format!("/cases/{}/escalations/{}", line.case, line.escalation);
    Report {
        danger: capital(line.danger.label()),
        when: london::moment(line.reported_at),
        facts,
        handle: line.handled_at.is_none().then_some(to),
    }
}

fn questions(pages: &Pages, case: &CaseAnswer) -> Form {
    let help = pages.app.urgent_help().iter();
    let help: Vec<_> = help
        .map(|line| format!("{}: {}", line.name, line.number))
        .collect();
    let form = Form::new(
        "Report serious danger",
        vec![
            Question::new(
                "danger",
                "What is the danger?",
                Kind::Choice(choices(&Danger::ALL, Danger::label)),
            ),
            Question::new(
                "route",
                "Whom have you already turned to?",
                Kind::Choice(choices(&RouteTaken::ALL, RouteTaken::label)),
            ),
            Question::new("line", "One line, if it is needed", Kind::Line(200))
                .hint("Only PIPSS leads read it. Name nobody.")
                .optional(),
        ],
    );
    let form = form
        .lead("This alerts nobody by itself. If someone is in danger now, ring first.")
        .lead(help.join(" · "))
        .lead("Only the PIPSS lead sees what you write here. The case shows nothing of it.")
        .button("Report it");
    above(case, form)
}

async fn report(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path(case): Path<String>,
) -> Answer {
    let case = known(&pages, &visitor, Act::EscalateDanger, &case)?;
    Ok(ask(&pages, &visitor, &questions(&pages, &case), None))
}

async fn reported(
    State(pages): State<Arc<Pages>>,
    Path(case): Path<String>,
    posted: Posted,
) -> Answer {
    let case = known(&pages, &posted.visitor, Act::EscalateDanger, &case)?;
    let to = |asked| Intent::escalate(case.case, asked);
    let form = questions(&pages, &case);
    let (visitor, _) = give(&pages, posted, &form, None, to).await?;
    visitor.tell(&pages, RECEIVED);
    Ok(see_other(&format!("/cases/{}", case.case)))
}

/// The report, if it is one that they may see and that waits.
fn waiting(
    pages: &Pages,
    visitor: &Visitor,
    (case, id): (&str, &str),
) -> Result<(CaseId, EscalationId, Form), Instead> {
    let case = known(pages, visitor, Act::HandleEscalation, case)?;
    let id: EscalationId = id.parse().map_err(|_| Refusal::NotFound)?;
    let reports = pages.app.escalations(&visitor.actor, Some(case.case))?;
    let mut reports = reports.escalations.iter();
    let found = reports
        .find(|one| one.escalation == id)
        .ok_or(Refusal::NotFound)?;
    let how = choices(&HandledHow::ALL, HandledHow::label);
    let form = Form::new(
        "See to a report of serious danger",
        vec![Question::new(
            "how",
            "What was done about it?",
            Kind::Choice(how),
        )],
    )
    .lead(format!(
        "{}, reported {}.",
        capital(found.danger.label()),
        london::moment(found.reported_at)
    ))
    .button("Save");
    let form = above(&case, form).back(format!("/cases/{}/escalations", case.case));
    Ok((case.case, id, form))
}

async fn handle(
    State(pages): State<Arc<Pages>>,
    visitor: Visitor,
    Path((case, id)): Path<(String, String)>,
) -> Answer {
    let (_, _, form) = waiting(&pages, &visitor, (&case, &id))?;
    Ok(ask(&pages, &visitor, &form, None))
}

async fn handled(
    State(pages): State<Arc<Pages>>,
    Path((case, id)): Path<(String, String)>,
    posted: Posted,
) -> Answer {
    let (case, id, form) = waiting(&pages, &posted.visitor, (&case, &id))?;
    let to = |asked| Intent::handle_escalation(case, id, asked);
    let (visitor, _) = give(&pages, posted, &form, None, to).await?;
    visitor.tell(&pages, "It is recorded that this was seen to.");
    Ok(see_other(&format!("/cases/{case}/escalations")))
}
