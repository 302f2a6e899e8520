//! What is recorded of a standing reflective group: for which team, how often, and that it ended.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::UnitId;

/// `ReflectiveGroupAgreed`: a team has a standing group. It belongs to no case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReflectiveGroupAgreed {
    /// The team.
    pub team: UnitId,
    /// From which day on.
    pub starts_on: NaiveDate,
    /// Every how many weeks it meets.
    pub every_weeks: u8,
}

/// Why a group ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum GroupEndReason {
    TeamAskedToEnd,
    CameToItsEnd,
    NoFacilitator,
    TeamChanged,
    Other,
}

impl GroupEndReason {
    /// Every code.
    pub const ALL: [Self; 5] = [
        Self::TeamAskedToEnd,
        Self::CameToItsEnd,
        Self::NoFacilitator,
        Self::TeamChanged,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TeamAskedToEnd => "the team asked to end it",
            Self::CameToItsEnd => "it came to its agreed end",
            Self::NoFacilitator => "there is nobody to facilitate it",
            Self::TeamChanged => "the team has changed",
            Self::Other => "another reason",
        }
    }
}

/// `ReflectiveGroupEnded`: it meets no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReflectiveGroupEnded {
    /// Why.
    pub reason: GroupEndReason,
}
