//! What is recorded of a private request for supervision: never in a case, a letter or a report.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::personal::Personal;

/// After what someone would like supervision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SupervisionAfter {
    Session,
    Defusion,
    Other,
}

impl SupervisionAfter {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Session, Self::Defusion, Self::Other];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Session => "after a session",
            Self::Defusion => "after a defusion",
            Self::Other => "something else",
        }
    }
}

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SupervisionWish {
    AsSoonAsPossible,
    WhenConvenient,
}

impl SupervisionWish {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::AsSoonAsPossible, Self::WhenConvenient];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AsSoonAsPossible => "as soon as possible",
            Self::WhenConvenient => "when it is convenient",
        }
    }
}

/// `SupervisionRequested`: whoever recorded this would like supervision. It names no case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SupervisionRequested {
    /// After what.
    pub after: SupervisionAfter,
    /// How soon.
    pub wish: SupervisionWish,
    /// In their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
}

/// What the supervision lead could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SupervisionOutcome {
    Arranged,
    ReferredOn,
    NotPossibleNow,
}

impl SupervisionOutcome {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Arranged, Self::ReferredOn, Self::NotPossibleNow];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Arranged => "A time is arranged",
            Self::ReferredOn => "Someone else will see to it",
            Self::NotPossibleNow => "It is not possible now",
        }
    }
}

/// `SupervisionAnswered`: the supervision lead saw to it; said again, the last one counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SupervisionAnswered {
    /// How.
    pub outcome: SupervisionOutcome,
    /// When it will take place, if it was arranged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
}

/// Why a request is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SupervisionEnd {
    Held,
    NotTakenUp,
    Withdrawn,
}

impl SupervisionEnd {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Held, Self::NotTakenUp, Self::Withdrawn];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Held => "It took place",
            Self::NotTakenUp => "It was not taken up",
            Self::Withdrawn => "Whoever asked withdrew it",
        }
    }
}

/// `SupervisionClosed`: nothing more is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SupervisionClosed {
    /// Why.
    pub reason: SupervisionEnd,
}
