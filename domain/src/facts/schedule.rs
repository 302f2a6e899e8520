//! What is recorded when a session changes: moved, cancelled, handed over, answered, or not neutral.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::DepartureReason;
use crate::ids::{PersonId, SessionId};
use crate::personal::Personal;

/// What speaks against asking a facilitator for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `words`")]
pub enum Obstacle {
    NotAFacilitator,
    OfTheTeam,
    Involved,
    Untrained,
    OnLeave,
    OverLoad,
    Booked,
    Barred,
}

/// The lead asks a facilitator all the same, and says why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Overridden {
    /// Whom.
    pub facilitator: PersonId,
    /// What spoke against it.
    pub against: Vec<Obstacle>,
    /// Why it is right all the same.
    pub reason: Personal<String>,
}

/// `InvolvementDeclared`: this facilitator is too close to what happened to be neutral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvolvementDeclared {
    /// Who.
    pub facilitator: PersonId,
}

/// `SessionMoved`: another time, and another place where one is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionMoved {
    /// Which.
    pub session: SessionId,
    /// The new start.
    pub starts_at: DateTime<Utc>,
    /// The new length in minutes.
    pub minutes: u16,
    /// The new site; as before if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<Personal<String>>,
    /// The new link; as before if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Personal<String>>,
    /// Why the new time departs from what is usual, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departs_because: Option<DepartureReason>,
    /// Who is asked all the same, though something speaks against the new time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Overridden>,
}

/// Why a session is called off before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum CancelReason {
    TeamAskedForIt,
    ServicePressure,
    FacilitatorUnavailable,
    VenueUnavailable,
    NoLongerNeeded,
    ArrangedByMistake,
    Other,
}

impl CancelReason {
    /// Every code.
    pub const ALL: [Self; 7] = [
        Self::TeamAskedForIt,
        Self::ServicePressure,
        Self::FacilitatorUnavailable,
        Self::VenueUnavailable,
        Self::NoLongerNeeded,
        Self::ArrangedByMistake,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TeamAskedForIt => "the team asked for it",
            Self::ServicePressure => "the service is too busy",
            Self::FacilitatorUnavailable => "a facilitator cannot come",
            Self::VenueUnavailable => "the room is not available",
            Self::NoLongerNeeded => "it is no longer needed",
            Self::ArrangedByMistake => "it had been arranged by mistake",
            Self::Other => "for another reason",
        }
    }
}

/// `SessionCancelled`: it will not take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionCancelled {
    /// Which.
    pub session: SessionId,
    /// Why.
    pub reason: CancelReason,
}

/// `SessionHandedOver`: another facilitator takes one's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionHandedOver {
    /// Which.
    pub session: SessionId,
    /// Who no longer holds it.
    pub from: PersonId,
    /// Who holds it now.
    pub to: PersonId,
    /// Why they are asked, though something speaks against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Overridden>,
}

/// `FacilitatorAnswered`: a facilitator will come, or cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacilitatorAnswered {
    /// Which session.
    pub session: SessionId,
    /// Who.
    pub facilitator: PersonId,
    /// Will they come?
    pub accept: bool,
}
