//! What is recorded when a request is answered, triaged and scoped.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::personal::Personal;
use crate::theme::Theme;

/// How soon someone must act (product: "Triage").
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[allow(missing_docs, reason = "the levels are described in product.md")]
pub enum Urgency {
    U1,
    U2,
    U3,
    U4,
}

impl Urgency {
    /// Every code.
    pub const ALL: [Self; 4] = [Self::U1, Self::U2, Self::U3, Self::U4];

    /// In plain words, to stand by itself.
    pub const fn label(self) -> &'static str {
        match self {
            Self::U1 => "U1: someone acts at once",
            Self::U2 => "U2: urgent",
            Self::U3 => "U3: routine",
            Self::U4 => "U4: planned ahead",
        }
    }
}

/// Why an urgency was suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum UrgencyReason {
    SafetyFlag,
    Homicide,
    Hostage,
    StaffInHospital,
    Suicide,
    ColleagueDeath,
    SeriousAssault,
    SignsWorsening,
    Anticipated,
    Strain,
    Reflective,
    NothingUrgentSaid,
}

impl UrgencyReason {
    /// Every code.
    pub const ALL: [Self; 12] = [
        Self::SafetyFlag,
        Self::Homicide,
        Self::Hostage,
        Self::StaffInHospital,
        Self::Suicide,
        Self::ColleagueDeath,
        Self::SeriousAssault,
        Self::SignsWorsening,
        Self::Anticipated,
        Self::Strain,
        Self::Reflective,
        Self::NothingUrgentSaid,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SafetyFlag => "people may not be safe now",
            Self::Homicide => "a homicide",
            Self::Hostage => "a weapon, hostage or fire-setting incident",
            Self::StaffInHospital => "a member of staff is in hospital",
            Self::Suicide => "a death by suicide",
            Self::ColleagueDeath => "a colleague died",
            Self::SeriousAssault => "a serious assault",
            Self::SignsWorsening => "signs are getting worse",
            Self::Anticipated => "it prepares for something expected",
            Self::Strain => "it is about strain over time",
            Self::Reflective => "only reflective practice was asked for",
            Self::NothingUrgentSaid => "nothing that calls for more was said",
        }
    }
}

/// `ReferralAcknowledged`: a person, not a machine, answered whoever asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReferralAcknowledged {
    /// How.
    pub by: ReplyRoute,
}

/// How a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ReplyRoute {
    Telephone,
    Email,
    InPerson,
    VideoCall,
}

impl ReplyRoute {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::Telephone,
        Self::Email,
        Self::InPerson,
        Self::VideoCall,
    ];

    /// In plain words, to stand in a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Telephone => "by telephone",
            Self::Email => "by e-mail",
            Self::InPerson => "in person",
            Self::VideoCall => "by video call",
        }
    }
}

/// What triage decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum TriageOutcome {
    Accept,
    AcceptModified,
    ConsultationOnly,
    AdviseAndClose,
    RedirectOccupationalHealth,
    RedirectPatientSafety,
    RedirectHumanResources,
    RedirectFreedomToSpeakUp,
    RedirectSafeguarding,
    RedirectEmergencyPreparedness,
    DeclinedByTeam,
}

impl TriageOutcome {
    /// Every code.
    pub const ALL: [Self; 11] = [
        Self::Accept,
        Self::AcceptModified,
        Self::ConsultationOnly,
        Self::AdviseAndClose,
        Self::RedirectOccupationalHealth,
        Self::RedirectPatientSafety,
        Self::RedirectHumanResources,
        Self::RedirectFreedomToSpeakUp,
        Self::RedirectSafeguarding,
        Self::RedirectEmergencyPreparedness,
        Self::DeclinedByTeam,
    ];

    /// Does the case go on?
    pub const fn goes_on(self) -> bool {
        matches!(
            self,
            Self::Accept | Self::AcceptModified | Self::ConsultationOnly
        )
    }

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::AcceptModified => "accepted, with changes to what was asked for",
            Self::ConsultationOnly => "accepted as a consultation for the managers",
            Self::AdviseAndClose => "advice was given and the case was closed",
            Self::RedirectOccupationalHealth => "passed to occupational health",
            Self::RedirectPatientSafety => "passed to the patient safety team",
            Self::RedirectHumanResources => "passed to human resources",
            Self::RedirectFreedomToSpeakUp => "passed to the Freedom to Speak Up Guardian",
            Self::RedirectSafeguarding => "passed to safeguarding",
            Self::RedirectEmergencyPreparedness => "passed to emergency preparedness",
            Self::DeclinedByTeam => "the team decided not to go on",
        }
    }
}

/// Reasons to think twice before bringing a group together: each asked, each answer kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contraindications {
    /// Does the threat continue?
    pub threat_continuing: bool,
    /// Are staff not yet safe or rested?
    pub staff_not_safe_or_rested: bool,
    /// Is it unsettled who will be a witness?
    pub witness_position_unsettled: bool,
    /// Was exposure very different, or is there conflict in the group? Then split the sessions.
    pub very_different_exposure_or_conflict: bool,
    /// Is a manager implicated?
    pub manager_implicated: bool,
    /// Is this really an investigation?
    pub really_an_investigation: bool,
}

/// `CaseTriaged`: what the program suggested and what a person decided, both with reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseTriaged {
    /// What the program suggested.
    pub suggested: Urgency,
    /// Why.
    pub because: Vec<UrgencyReason>,
    /// What the lead decided.
    pub decided: Urgency,
    /// What becomes of it.
    pub outcome: TriageOutcome,
    /// The prompts and their answers.
    pub contraindications: Contraindications,
    /// The lead's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Personal<String>>,
}

/// Whom scoping was done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ScopedWith {
    Managers,
    OperationalLeads,
    Team,
    StaffSide,
}

impl ScopedWith {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::Managers,
        Self::OperationalLeads,
        Self::Team,
        Self::StaffSide,
    ];

    /// In plain words, to stand in a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Managers => "the managers",
            Self::OperationalLeads => "the operational leads",
            Self::Team => "the team",
            Self::StaffSide => "staff side",
        }
    }
}

/// A need that scoping found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Need {
    /// Coded by the theme codebook.
    pub theme: Theme,
    /// The lead's note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
}

/// `ScopingRecorded`: what the team needs, found by asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScopingRecorded {
    /// When the conversation was.
    pub held_at: DateTime<Utc>,
    /// With whom.
    pub with: Vec<ScopedWith>,
    /// What was found.
    pub needs: Vec<Need>,
}
