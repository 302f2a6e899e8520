//! What can be offered to a team: one row a kind; adding a kind is adding its row.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of offer (product: "Words").
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by its row")]
pub enum OfferKind {
    PetrDebrief,
    PetrPreBrief,
    Defusion,
    OneToOne,
    ManagerConsultation,
    Liaison,
    Training,
    ProcessChange,
    ReflectivePractice,
    Postvention,
    Signposting,
}

/// Whom an offer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Audience {
    Team,
    Managers,
    Individual,
}

/// A role that owns an offer or an action. Never a person's name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum OwnerRole {
    PipssLead,
    Facilitator,
    WardManagement,
    ServiceManagement,
    SecurityAdviser,
    Estates,
    Safeguarding,
    TrainingDepartment,
    OccupationalHealth,
    CounsellingService,
    HumanResources,
    PatientSafety,
    Chaplaincy,
    Other,
}

impl OwnerRole {
    /// Every role.
    pub const ALL: [Self; 14] = [
        Self::PipssLead,
        Self::Facilitator,
        Self::WardManagement,
        Self::ServiceManagement,
        Self::SecurityAdviser,
        Self::Estates,
        Self::Safeguarding,
        Self::TrainingDepartment,
        Self::OccupationalHealth,
        Self::CounsellingService,
        Self::HumanResources,
        Self::PatientSafety,
        Self::Chaplaincy,
        Self::Other,
    ];

    /// In plain words, to stand in a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::PipssLead => "the PIPSS lead",
            Self::Facilitator => "a facilitator",
            Self::WardManagement => "ward management",
            Self::ServiceManagement => "service management",
            Self::SecurityAdviser => "the security management adviser",
            Self::Estates => "estates",
            Self::Safeguarding => "safeguarding",
            Self::TrainingDepartment => "the training department",
            Self::OccupationalHealth => "occupational health",
            Self::CounsellingService => "the counselling service",
            Self::HumanResources => "human resources",
            Self::PatientSafety => "patient safety",
            Self::Chaplaincy => "the chaplaincy",
            Self::Other => "another service",
        }
    }
}

/// When a session helps, counted from the incident. Outside it the program asks for a reason and
/// never blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Earliest.
    pub from: Duration,
    /// Latest.
    pub to: Duration,
    /// The same in words.
    pub words: &'static str,
}

/// What follows a held offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum FollowUpPlan {
    None,
    FourWeeks,
    FourWeeksAndMonths3612,
}

/// One kind of offer: everything the pathway needs to know of it.
pub struct OfferRow {
    /// Its code.
    pub kind: OfferKind,
    /// Its name in plain words.
    pub label: &'static str,
    /// Whom it is for.
    pub audience: Audience,
    /// Who may own it.
    pub owners: &'static [OwnerRole],
    /// Must its facilitators be neutral to the team?
    pub neutral: bool,
    /// When it helps.
    pub window: Option<Window>,
    /// Shortest, usual and longest length in minutes, where it has sessions.
    pub minutes: Option<(u16, u16, u16)>,
    /// Facilitators wanted for a session.
    pub facilitators: u8,
    /// What follows.
    pub follow_ups: FollowUpPlan,
}

impl OfferRow {
    /// Does this kind have sessions that are arranged, held or not held?
    pub const fn has_sessions(&self) -> bool {
        self.minutes.is_some()
    }
}

/// The policy version these rows belong to; it stands in every fact.
pub const POLICY_VERSION: u32 = 1;

use OwnerRole as R;

const SUPPORT: &[OwnerRole] = &[R::PipssLead, R::Facilitator, R::CounsellingService];
const LED: &[OwnerRole] = &[R::PipssLead, R::Facilitator];

const DEFUSION_WINDOW: Window = Window {
    from: Duration::zero(),
    to: Duration::hours(12),
    words: "within 12 hours of the incident",
};
const PETR_WINDOW: Window = Window {
    from: Duration::days(3),
    to: Duration::days(28),
    words: "between day 3 and day 28 after the incident",
};

/// Every kind of offer.
#[rustfmt::skip] // a table is read by its columns
pub const OFFERS: [OfferRow; 11] = [
    OfferRow { kind: OfferKind::PetrDebrief, label: "PETR debrief", audience: Audience::Team, owners: SUPPORT,
        neutral: true, window: Some(PETR_WINDOW), minutes: Some((60, 75, 90)), facilitators: 2, follow_ups: FollowUpPlan::FourWeeks },
    OfferRow { kind: OfferKind::PetrPreBrief, label: "PETR pre-brief", audience: Audience::Team, owners: SUPPORT,
        neutral: true, window: None, minutes: Some((30, 60, 90)), facilitators: 2, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::Defusion, label: "defusion", audience: Audience::Team, owners: &[R::PipssLead, R::Facilitator, R::WardManagement, R::ServiceManagement],
        neutral: false, window: Some(DEFUSION_WINDOW), minutes: Some((30, 45, 60)), facilitators: 1, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::OneToOne, label: "one-to-one support, made known to the whole team", audience: Audience::Individual, owners: &[R::PipssLead, R::CounsellingService, R::OccupationalHealth],
        neutral: false, window: None, minutes: None, facilitators: 0, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::ManagerConsultation, label: "consultation for the managers", audience: Audience::Managers, owners: SUPPORT,
        neutral: false, window: None, minutes: Some((30, 60, 90)), facilitators: 1, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::Liaison, label: "liaison with another service", audience: Audience::Team, owners: &R::ALL,
        neutral: false, window: None, minutes: None, facilitators: 0, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::Training, label: "training", audience: Audience::Team, owners: &R::ALL,
        neutral: false, window: None, minutes: None, facilitators: 0, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::ProcessChange, label: "a change in how things are done", audience: Audience::Team, owners: &R::ALL,
        neutral: false, window: None, minutes: None, facilitators: 0, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::ReflectivePractice, label: "reflective practice", audience: Audience::Team, owners: LED,
        neutral: false, window: None, minutes: None, facilitators: 0, follow_ups: FollowUpPlan::None },
    OfferRow { kind: OfferKind::Postvention, label: "postvention", audience: Audience::Team, owners: SUPPORT,
        neutral: true, window: None, minutes: Some((45, 75, 120)), facilitators: 2, follow_ups: FollowUpPlan::FourWeeksAndMonths3612 },
    OfferRow { kind: OfferKind::Signposting, label: "signposting to other support", audience: Audience::Team, owners: &R::ALL,
        neutral: false, window: None, minutes: None, facilitators: 0, follow_ups: FollowUpPlan::None },
];

impl OfferKind {
    /// Everything about this kind.
    pub const fn row(self) -> &'static OfferRow {
        &OFFERS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_finds_its_own_row() {
        for row in &OFFERS {
            assert_eq!(row.kind.row().kind, row.kind);
        }
    }
}
