//! What is recorded of who may not know of a case, whatever their rights.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::PersonId;

/// Whom a bar keeps out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Barred {
    /// Whoever manages the case's team, now or later.
    TeamManagers,
    /// One person.
    Person(PersonId),
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BarReason {
    /// Whoever asked for support asked for it.
    Asked,
    /// They are implicated in what happened.
    Implicated,
    /// They stand too close to it.
    TooClose,
}

impl BarReason {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Implicated, Self::TooClose];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Asked => "whoever asked for support asked for it",
            Self::Implicated => "they are implicated in what happened",
            Self::TooClose => "they stand too close to it",
        }
    }
}

/// `BarSet` (in `bars/`): this beats every right they have to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BarSet {
    /// Whom.
    pub whom: Barred,
    /// Why.
    pub because: BarReason,
}

/// `BarLifted` (in `bars/`): their rights to the case are as everyone's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BarLifted {
    /// Whom.
    pub whom: Barred,
}
