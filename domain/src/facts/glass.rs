//! What is recorded when someone asks to see what they otherwise could not, and what becomes of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::ThingId;
use crate::personal::Personal;

/// What kind of thing is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum GlassOver {
    OneToOne,
    Case,
    Escalation,
}

impl GlassOver {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::OneToOne, Self::Case, Self::Escalation];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OneToOne => "A one-to-one",
            Self::Case => "A case",
            Self::Escalation => "A report of danger",
        }
    }
}

/// Is whoever it is about told?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GlassTelling {
    /// They are told at once.
    Told,
    /// It would put someone in danger.
    Unsafe,
}

impl GlassTelling {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Told, Self::Unsafe];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Told => "They are told",
            Self::Unsafe => "Telling them would put someone in danger",
        }
    }
}

/// What a review found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum GlassFinding {
    Justified,
    NotJustified,
}

impl GlassFinding {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Justified, Self::NotJustified];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Justified => "There was a good reason",
            Self::NotJustified => "There was no good reason",
        }
    }
}

/// `GlassAsked`: someone asks to see one thing that they otherwise could not. Where a life is at risk it
/// is open from then on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GlassAsked {
    /// What kind of thing.
    pub what: GlassOver,
    /// Which.
    pub object: ThingId,
    /// Why.
    pub reason: Personal<String>,
    /// Is a life at risk?
    pub life_at_risk: bool,
    /// Is whoever it is about told?
    pub telling: GlassTelling,
}

/// `GlassDecided`: another auditor opened it, or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlassDecided {
    /// Is it open from now on?
    pub open: bool,
}

/// `GlassReviewed`: another auditor looked at it afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlassReviewed {
    /// What they found.
    pub finding: GlassFinding,
}
