//! What is recorded when someone is in serious danger: apart from the case, for the PIPSS lead alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::EscalationId;
use crate::personal::Personal;

/// What kind of danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Danger {
    RiskToSelf,
    RiskToOthers,
    SafeguardingChild,
    SafeguardingAdult,
    OtherSerious,
}

/// Whom whoever reports it has already turned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum RouteTaken {
    EmergencyServices,
    CrisisTeam,
    SafeguardingTeam,
    OnCallManager,
    OccupationalHealth,
    NoneYet,
}

/// `DangerEscalated`: someone is in serious danger, or is one to others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DangerEscalated {
    /// Its id.
    pub escalation: EscalationId,
    /// Which danger.
    pub danger: Danger,
    /// What was done about it already.
    pub route: RouteTaken,
    /// One line, if that is not enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Personal<String>>,
}

/// What a lead did about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum HandledHow {
    PassedOn,
    AlreadyInHand,
    NoDangerFound,
}

/// `EscalationHandled`: a lead has seen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EscalationHandled {
    /// Which.
    pub escalation: EscalationId,
    /// What was done.
    pub how: HandledHow,
}
