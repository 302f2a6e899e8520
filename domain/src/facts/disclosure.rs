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

/// Are those concerned told?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// They are told at once.
    Told,
    /// The law forbids it.
    LawForbids,
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
