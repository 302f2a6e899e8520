//! What is recorded of a follow-up: whom the lead asks, and three answers about the team as a whole.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::PersonId;

/// Which follow-up.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Milestone {
    FourWeeks,
    ThreeMonths,
    SixMonths,
    TwelveMonths,
}

impl Milestone {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::FourWeeks,
        Self::ThreeMonths,
        Self::SixMonths,
        Self::TwelveMonths,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::FourWeeks => "four weeks on",
            Self::ThreeMonths => "three months on",
            Self::SixMonths => "six months on",
            Self::TwelveMonths => "twelve months on",
        }
    }
}

/// Why nobody is asked. Only leads see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum NobodyReason {
    ManagerAffected,
    ManagerAbsent,
    ManagerImplicated,
    NoManager,
    DeclinedByTeam,
    AskedInAnotherWay,
    Other,
}

impl NobodyReason {
    /// Every code.
    pub const ALL: [Self; 7] = [
        Self::ManagerAffected,
        Self::ManagerAbsent,
        Self::ManagerImplicated,
        Self::NoManager,
        Self::DeclinedByTeam,
        Self::AskedInAnotherWay,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ManagerAffected => "the manager is affected themselves",
            Self::ManagerAbsent => "the manager is away",
            Self::ManagerImplicated => "the manager is implicated",
            Self::NoManager => "the team has no manager now",
            Self::DeclinedByTeam => "the team does not want to be asked",
            Self::AskedInAnotherWay => "the team was asked in another way",
            Self::Other => "another reason",
        }
    }
}

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// A manager of the team.
    Manager(PersonId),
    /// Nobody, and why.
    Nobody(NobodyReason),
}

/// `FollowUpConfirmed`: the lead said whom to ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FollowUpConfirmed {
    /// Which.
    pub follow_up: Milestone,
    /// Whom.
    pub ask: Ask,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum YesOrNo {
    Yes,
    No,
}

impl YesOrNo {
    /// Every code.
    pub const ALL: [Self; 2] = [Self::Yes, Self::No];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::No => "No",
        }
    }
}

/// How the team is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Going {
    Better,
    Same,
    Worse,
}

impl Going {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::Better, Self::Same, Self::Worse];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Same => "about the same",
            Self::Worse => "worse",
        }
    }
}

/// `FollowUpAnswered`: three answers about the team. Never who, never how many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FollowUpAnswered {
    /// Which.
    pub follow_up: Milestone,
    /// Has the team been reminded how to ask privately?
    pub reminded_how_to_ask: YesOrNo,
    /// How is the team doing?
    pub going: Going,
    /// Is more support for the team wanted?
    pub more_team_support: YesOrNo,
}
