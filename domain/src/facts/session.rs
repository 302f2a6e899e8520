//! What is recorded of a session: codes and numbers, never who came or what was said.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ids::{ActionId, CaseId, OfferId, PersonId, SessionId};
use crate::offer::{OfferKind, OwnerRole};
use crate::personal::Personal;
use crate::theme::{Polarity, Theme};

/// Whether managers attend, decided with the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ManagersAttend {
    No,
    Yes,
    FirstPart,
}

impl ManagersAttend {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::No, Self::Yes, Self::FirstPart];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::No => "managers do not attend",
            Self::Yes => "managers attend",
            Self::FirstPart => "managers attend the first part only",
        }
    }
}

/// Why a session departs from what is usual for its kind: its window, its length, its facilitators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum DepartureReason {
    TeamAskedForIt,
    NoFacilitatorSooner,
    StaffNotReady,
    IncidentFoundLate,
    LateReferral,
    Other,
}

impl DepartureReason {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::TeamAskedForIt,
        Self::NoFacilitatorSooner,
        Self::StaffNotReady,
        Self::IncidentFoundLate,
        Self::LateReferral,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TeamAskedForIt => "the team asked for it",
            Self::NoFacilitatorSooner => "no facilitator was free sooner",
            Self::StaffNotReady => "staff were not ready",
            Self::IncidentFoundLate => "the incident was found late",
            Self::LateReferral => "it was asked for late",
            Self::Other => "another reason",
        }
    }
}

/// `SessionArranged`: when, where, and who facilitates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionArranged {
    /// Its id.
    pub session: SessionId,
    /// The offer it belongs to.
    pub offer: OfferId,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
    /// The site, never the ward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<Personal<String>>,
    /// The link, if it is held by video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Personal<String>>,
    /// Who facilitates.
    pub facilitators: Vec<PersonId>,
    /// Whether managers attend.
    pub managers_attend: ManagersAttend,
    /// Why it departs from what is usual for its kind, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departs_because: Option<DepartureReason>,
    /// Who is asked all the same, though something speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<super::Overridden>,
    /// In the case that leads it: the cases it is held for together with this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<CaseId>,
    /// In a case that was joined: the case that leads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub led_in: Option<CaseId>,
}

/// How a session was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Mode {
    InPerson,
    Video,
    Mixed,
}

impl Mode {
    /// Every code.
    pub const ALL: [Self; 3] = [Self::InPerson, Self::Video, Self::Mixed];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InPerson => "in person",
            Self::Video => "by video",
            Self::Mixed => "in person and by video",
        }
    }
}

/// The phases of a facilitated reflection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Phase {
    Introduction,
    WhatHappened,
    Reactions,
    Coping,
    Information,
    NextSteps,
}

impl Phase {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::Introduction,
        Self::WhatHappened,
        Self::Reactions,
        Self::Coping,
        Self::Information,
        Self::NextSteps,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Introduction => "introduction",
            Self::WhatHappened => "what happened",
            Self::Reactions => "reactions",
            Self::Coping => "ways of coping",
            Self::Information => "information",
            Self::NextSteps => "next steps",
        }
    }
}

/// A theme of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeSeen {
    /// Which.
    pub theme: Theme,
    /// How it was present.
    pub polarity: Polarity,
}

/// Something practical that the session asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PracticalAction {
    /// Its id.
    pub action: ActionId,
    /// What is to be done; the team's managers can read it.
    pub what: Personal<String>,
    /// By which role.
    pub owner: OwnerRole,
    /// By when.
    pub due: NaiveDate,
}

/// `SessionRecorded`: all that is kept of a session. No attendee, no name, no account, no quote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionRecorded {
    /// Which.
    pub session: SessionId,
    /// The model that was used.
    pub model: OfferKind,
    /// When it really started.
    pub started_at: DateTime<Utc>,
    /// How long it really took, in minutes.
    pub minutes: u16,
    /// How.
    pub mode: Mode,
    /// How many were present.
    pub headcount: u16,
    /// Which phases were covered.
    pub phases: Vec<Phase>,
    /// One to five themes.
    pub themes: Vec<ThemeSeen>,
    /// What is to be done.
    pub actions: Vec<PracticalAction>,
}

/// Why a session was not held; each is normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum NotHeldReason {
    NobodyCame,
    TeamAskedToPostpone,
    ServicePressure,
    FacilitatorUnavailable,
    VenueUnavailable,
    NoLongerNeeded,
    Other,
}

impl NotHeldReason {
    /// Every code.
    pub const ALL: [Self; 7] = [
        Self::NobodyCame,
        Self::TeamAskedToPostpone,
        Self::ServicePressure,
        Self::FacilitatorUnavailable,
        Self::VenueUnavailable,
        Self::NoLongerNeeded,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NobodyCame => "nobody came, which is everyone's right",
            Self::TeamAskedToPostpone => "the team asked to postpone it",
            Self::ServicePressure => "the service was too busy",
            Self::FacilitatorUnavailable => "a facilitator could not come",
            Self::VenueUnavailable => "the room was not available",
            Self::NoLongerNeeded => "it was no longer needed",
            Self::Other => "for another reason",
        }
    }
}

/// `SessionNotHeld`: it did not take place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionNotHeld {
    /// Which.
    pub session: SessionId,
    /// Why.
    pub reason: NotHeldReason,
}

/// `SessionBooked` (in a facilitator's diary): this time is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionBooked {
    /// The session.
    pub session: SessionId,
    /// Its case.
    pub case: CaseId,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
}

/// `SessionReleased` (in a facilitator's diary): this time is free again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionReleased {
    /// The session.
    pub session: SessionId,
}

/// A record of version 1 as one of version 2: what it asked for had no ids. They follow from the
/// session, so that they are the same at every reading.
pub(crate) fn actions_named(data: &str) -> Option<String> {
    let mut data: Value = serde_json::from_str(data).ok()?;
    let session: Uuid = data["session"].as_str()?.parse().ok()?;
    for (number, action) in data["actions"].as_array_mut()?.iter_mut().enumerate() {
        let name = format!("action/{number}");
        action["action"] = Uuid::new_v5(&session, name.as_bytes()).to_string().into();
    }
    Some(data.to_string())
}
