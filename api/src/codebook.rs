//! The words the program is made of, as data: kinds of offer, incident types, themes, reasons.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use pipss_domain::facts::{CaseOutcome, NotHeldReason, TriageOutcome, UrgencyReason};
use pipss_domain::incident::INCIDENT_TYPES;
use pipss_domain::offer::{Audience, FollowUpPlan, OFFERS, OwnerRole};
use pipss_domain::policy::Act;
use pipss_domain::refusal::Refusal;
use pipss_domain::theme::THEMES;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Named, Server};
use crate::problem::{Problem, Refused};

/// A codebook.
#[derive(Serialize, ToSchema)]
pub struct CodebookAnswer {
    /// Its codes.
    pub codes: Vec<Code>,
}

/// One code.
#[derive(Serialize, ToSchema)]
pub struct Code {
    /// As it stands in JSON.
    pub code: String,
    /// The code it belongs to: the reporting unit of an incident type, the parent of a theme, the
    /// question of a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// In plain words.
    pub label: String,
    /// Everything else about a kind of offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferCode>,
}

/// What the pathway knows of a kind of offer.
#[derive(Serialize, ToSchema)]
pub struct OfferCode {
    /// Whom it is for.
    pub audience: Audience,
    /// Who may own it.
    pub owners: Vec<OwnerRole>,
    /// Must its facilitators be neutral to the team?
    pub neutral: bool,
    /// Does it have sessions?
    pub has_sessions: bool,
    /// When it usually is.
    pub window: Option<&'static str>,
    /// Shortest usual length in minutes.
    pub minutes_min: Option<u16>,
    /// Usual length in minutes.
    pub minutes_usual: Option<u16>,
    /// Longest usual length in minutes.
    pub minutes_max: Option<u16>,
    /// Facilitators wanted.
    pub facilitators: u8,
    /// What follows.
    pub follow_ups: FollowUpPlan,
}

fn code(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("codes are plain JSON");
    value.as_str().unwrap_or_default().to_owned()
}

fn offers() -> Vec<Code> {
    let row = |row: &pipss_domain::offer::OfferRow| Code {
        code: code(&row.kind),
        label: row.label.into(),
        parent: None,
        offer: Some(OfferCode {
            audience: row.audience,
            owners: row.owners.to_vec(),
            neutral: row.neutral,
            has_sessions: row.has_sessions(),
            window: row.window.map(|window| window.words),
            minutes_min: row.minutes.map(|(min, _, _)| min),
            minutes_usual: row.minutes.map(|(_, usual, _)| usual),
            minutes_max: row.minutes.map(|(_, _, max)| max),
            facilitators: row.facilitators,
            follow_ups: row.follow_ups,
        }),
    };
    OFFERS.iter().map(row).collect()
}

fn incident_types() -> Vec<Code> {
    let row = |(kind, group, label): &(_, _, &str)| named(kind, code(group), label);
    INCIDENT_TYPES.iter().map(row).collect()
}

fn themes() -> Vec<Code> {
    let row = |(theme, parent, label): &(_, &str, &str)| named(theme, (*parent).into(), label);
    THEMES.iter().map(row).collect()
}

fn named(value: &impl Serialize, parent: String, label: &str) -> Code {
    Code {
        code: code(value),
        parent: Some(parent),
        label: label.into(),
        offer: None,
    }
}

fn reasons() -> Vec<Code> {
    let question = |question: &str, rows: Vec<(String, &str)>| {
        let row = |(code, label): (String, &str)| Code {
            code,
            parent: Some(question.into()),
            label: label.into(),
            offer: None,
        };
        rows.into_iter().map(row).collect::<Vec<_>>()
    };
    let books = [
        question(
            "owner",
            OwnerRole::ALL
                .iter()
                .map(|c| (code(c), c.label()))
                .collect(),
        ),
        question(
            "triage_outcome",
            TriageOutcome::ALL
                .iter()
                .map(|c| (code(c), c.label()))
                .collect(),
        ),
        question(
            "urgency_reason",
            UrgencyReason::ALL
                .iter()
                .map(|c| (code(c), c.label()))
                .collect(),
        ),
        question(
            "not_held",
            NotHeldReason::ALL
                .iter()
                .map(|c| (code(c), c.label()))
                .collect(),
        ),
        question(
            "case_outcome",
            CaseOutcome::ALL
                .iter()
                .map(|c| (code(c), c.label()))
                .collect(),
        ),
    ];
    books.into_iter().flatten().collect()
}

/// A codebook: `offers`, `incident-types`, `themes` or `reasons`.
#[utoipa::path(get, path = "/api/v1/codebook/{book}", tag = "codebook",
    params(("book" = String, Path, description = "offers, incident-types, themes or reasons")),
    responses((status = 200, body = CodebookAnswer), (status = 404, body = Problem)))]
pub async fn read(
    State(server): State<Arc<Server>>,
    Caller(actor): Caller,
    Named(book): Named<String>,
) -> Result<Json<CodebookAnswer>, Refused> {
    server.app.allow(&actor, Act::SeeCodebook, None)?;
    let codes = match book.as_str() {
        "offers" => offers(),
        "incident-types" => incident_types(),
        "themes" => themes(),
        "reasons" => reasons(),
        _ => return Err(Refusal::NotFound.into()),
    };
    Ok(Json(CodebookAnswer { codes }))
}
