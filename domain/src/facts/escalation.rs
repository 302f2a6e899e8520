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

impl Danger {
    /// Every code.
    pub const ALL: [Self; 5] = [
        Self::RiskToSelf,
        Self::RiskToOthers,
        Self::SafeguardingChild,
        Self::SafeguardingAdult,
        Self::OtherSerious,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::RiskToSelf => "someone may harm themselves",
            Self::RiskToOthers => "someone may harm others",
            Self::SafeguardingChild => "a child may be at risk",
            Self::SafeguardingAdult => "an adult at risk may be harmed",
            Self::OtherSerious => "another serious danger",
        }
    }
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

impl RouteTaken {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::EmergencyServices,
        Self::CrisisTeam,
        Self::SafeguardingTeam,
        Self::OnCallManager,
        Self::OccupationalHealth,
        Self::NoneYet,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::EmergencyServices => "emergency services (999)",
            Self::CrisisTeam => "the crisis team",
            Self::SafeguardingTeam => "the safeguarding team",
            Self::OnCallManager => "the on-call manager",
            Self::OccupationalHealth => "occupational health",
            Self::NoneYet => "nobody yet",
        }
    }
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

impl HandledHow {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::PassedOn, Self::AlreadyInHand, Self::NoDangerFound];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PassedOn => "it was passed on",
            Self::AlreadyInHand => "it was already in hand",
            Self::NoDangerFound => "no danger was found",
        }
    }
}

/// `EscalationHandled`: a lead has seen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EscalationHandled {
    /// Which.
    pub escalation: EscalationId,
    /// What was done.
    pub how: HandledHow,
}
