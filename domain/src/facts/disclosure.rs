//! What is recorded when someone from outside asks to be shown what is recorded, and what is decided.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{See, see_one};
use crate::ids::CaseId;
use crate::personal::Personal;

/// Who asks. None of them has a role here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum DisclosureSource {
    PersonConcerned,
    HumanResources,
    Investigator,
    Police,
    Coroner,
    Court,
    Solicitor,
    Regulator,
    Other,
}

impl DisclosureSource {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::PersonConcerned,
        Self::HumanResources,
        Self::Investigator,
        Self::Police,
        Self::Coroner,
        Self::Court,
        Self::Solicitor,
        Self::Regulator,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PersonConcerned => "The person concerned",
            Self::HumanResources => "Human resources",
            Self::Investigator => "An investigator",
            Self::Police => "The police",
            Self::Coroner => "A coroner",
            Self::Court => "A court",
            Self::Solicitor => "A solicitor",
            Self::Regulator => "A regulator",
            Self::Other => "Someone else",
        }
    }
}

/// On what they rest it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum LegalBasis {
    SubjectAccess,
    Consent,
    CourtOrder,
    StatutoryDuty,
    VitalInterests,
    NoneGiven,
}

impl LegalBasis {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::SubjectAccess,
        Self::Consent,
        Self::CourtOrder,
        Self::StatutoryDuty,
        Self::VitalInterests,
        Self::NoneGiven,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SubjectAccess => "Their own right to see what is kept of them (subject access)",
            Self::Consent => "The consent of the person concerned",
            Self::CourtOrder => "A court order",
            Self::StatutoryDuty => "A duty in law",
            Self::VitalInterests => "To protect someone's life",
            Self::NoneGiven => "No ground in law was given",
        }
    }
}

/// `DisclosureRequested`: someone asks to be shown what is recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DisclosureRequested {
    /// Who asks.
    pub by: DisclosureSource,
    /// On what they rest it.
    pub basis: LegalBasis,
    /// The case, if they ask about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// What they want to see, in their words.
    pub wanted: Personal<String>,
    /// What they quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_reference: Option<Personal<String>>,
}

impl DisclosureRequested {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see_one(Some(&mut self.wanted), "wanted", see);
        see_one(self.their_reference.as_mut(), "their_reference", see);
    }
}

/// A part of a case that can be shown. What someone did about one-to-one support is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum DisclosedPart {
    Dates,
    Request,
    Plan,
    Sessions,
    Themes,
    Actions,
}

impl DisclosedPart {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Dates,
        Self::Request,
        Self::Plan,
        Self::Sessions,
        Self::Themes,
        Self::Actions,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dates => "When things happened",
            Self::Request => "What was asked for",
            Self::Plan => "What was planned",
            Self::Sessions => "Which sessions were held",
            Self::Themes => "Themes of the sessions",
            Self::Actions => "Practical actions",
        }
    }
}

/// Are those concerned told?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// They are told at once.
    Told,
    /// The law forbids it.
    LawForbids,
}

impl Telling {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Told, Self::LawForbids];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Told => "Those concerned are told",
            Self::LawForbids => "The law forbids telling them",
        }
    }
}

/// `DisclosureDecided`: what may be shown, as little as answers the question; nothing if refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DisclosureDecided {
    /// The parts; none if it is refused.
    pub parts: Vec<DisclosedPart>,
    /// Why.
    pub reason: Personal<String>,
    /// Are those concerned told?
    pub telling: Telling,
}

/// `DisclosureMade`: it was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DisclosureMade {
    /// On that day.
    pub on: NaiveDate,
}
