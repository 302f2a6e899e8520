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

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SupervisionWish {
    AsSoonAsPossible,
    WhenConvenient,
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

/// `SupervisionClosed`: nothing more is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SupervisionClosed {
    /// Why.
    pub reason: SupervisionEnd,
}
