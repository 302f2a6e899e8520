//! What is recorded of the support plan, until the case is closed.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::OfferId;
use crate::offer::{OfferKind, OwnerRole};
use crate::personal::Personal;

/// `OfferPlanned`: one offer of the support plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OfferPlanned {
    /// Its id.
    pub offer: OfferId,
    /// What is offered.
    pub kind: OfferKind,
    /// Which role owns it.
    pub owner: OwnerRole,
    /// What it is for, as agreed with the team; its managers can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aim: Option<Personal<String>>,
}

/// How an offer ended other than by being held, which its sessions tell by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum OfferEnd {
    /// What was offered was done; for one-to-one support: the team was told of it.
    Done,
    NotNeeded,
    DeclinedByTeam,
    /// Another role has it, with a due date; it no longer holds the case open.
    HandedOver,
}

impl OfferEnd {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::Done,
        Self::NotNeeded,
        Self::DeclinedByTeam,
        Self::HandedOver,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotNeeded => "no longer needed",
            Self::DeclinedByTeam => "declined by the team",
            Self::HandedOver => "handed over to someone else",
        }
    }
}

/// `OfferEnded`: an offer came to its own end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OfferEnded {
    /// Which.
    pub offer: OfferId,
    /// How.
    pub how: OfferEnd,
    /// To which role it was handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OwnerRole>,
    /// By when that role will have done it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    /// What was agreed; the team's managers can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
}

/// `HandoverCompleted`: what was handed over was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HandoverCompleted {
    /// Which offer.
    pub offer: OfferId,
    /// What changed; the team's managers can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_changed: Option<Personal<String>>,
}

/// With what a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum CaseOutcome {
    SupportProvided,
    SupportProvidedAndHandedOver,
    AdviceGiven,
    Redirected,
    DeclinedByTeam,
    NotNeeded,
}

impl CaseOutcome {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::SupportProvided,
        Self::SupportProvidedAndHandedOver,
        Self::AdviceGiven,
        Self::Redirected,
        Self::DeclinedByTeam,
        Self::NotNeeded,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SupportProvided => "support was provided",
            Self::SupportProvidedAndHandedOver => "support was provided and the rest handed over",
            Self::AdviceGiven => "advice was given",
            Self::Redirected => "another service took it on",
            Self::DeclinedByTeam => "the team decided not to go on",
            Self::NotNeeded => "it was no longer needed",
        }
    }
}

/// `CaseClosed`: nothing more is owed to the team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseClosed {
    /// With what.
    pub outcome: CaseOutcome,
}

/// Why a case is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ReopenReason {
    TeamAskedForMore,
    SomethingNewHappened,
    ClosedByMistake,
}

impl ReopenReason {
    /// Every code.
    pub const ALL: [Self; 3] = [
        Self::TeamAskedForMore,
        Self::SomethingNewHappened,
        Self::ClosedByMistake,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::TeamAskedForMore => "the team asked for more",
            Self::SomethingNewHappened => "something new happened",
            Self::ClosedByMistake => "it had been closed by mistake",
        }
    }
}

/// `CaseReopened`: more is needed after all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseReopened {
    /// Why.
    pub reason: ReopenReason,
}
