//! What can happen to a team: two levels of codes, the parent being what is reported.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The reporting unit of incident types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "each is described by `label`")]
pub enum IncidentGroup {
    Vio,
    Dth,
    Hrm,
    Res,
    Saf,
    Org,
    Maj,
    Str,
    Pre,
    Oth,
}

impl IncidentGroup {
    /// Every code.
    pub const ALL: [Self; 10] = [
        Self::Vio,
        Self::Dth,
        Self::Hrm,
        Self::Res,
        Self::Saf,
        Self::Org,
        Self::Maj,
        Self::Str,
        Self::Pre,
        Self::Oth,
    ];

    /// In plain words, to stand in a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Vio => "violence or abuse",
            Self::Dth => "a death",
            Self::Hrm => "serious harm, or an attempt to save a life",
            Self::Res => "restraint or seclusion",
            Self::Saf => "safeguarding, or distressing material",
            Self::Org => "an inquest, an investigation or a change of the service",
            Self::Maj => "a major incident",
            Self::Str => "strain, without one incident that explains it",
            Self::Pre => "something that is going to happen",
            Self::Oth => "something else",
        }
    }

    /// Its name, as a heading or in a table.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Vio => "Violence and abuse",
            Self::Dth => "Death",
            Self::Hrm => "Serious harm",
            Self::Res => "Restrictive practice",
            Self::Saf => "Safeguarding",
            Self::Org => "Scrutiny and change",
            Self::Maj => "Major incident",
            Self::Str => "Strain",
            Self::Pre => "An expected event",
            Self::Oth => "Something else",
        }
    }
}

/// What happened, as precisely as a report needs it and no more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is described by its row")]
pub enum IncidentType {
    AssaultPhysical,
    ThreatVerbal,
    SexualAssault,
    SexualHarassment,
    OnlineAbuse,
    IdentityBasedAbuse,
    WeaponHostageFire,
    PatientSuicide,
    PatientDeathUnexpected,
    ChildDeath,
    ColleagueDeath,
    ColleagueSuicide,
    Homicide,
    ExpectedDeathDistressing,
    SelfHarmSerious,
    ResuscitationAttempt,
    SeriousInjury,
    PatientSafetyEvent,
    Restraint,
    SeclusionRapidTranq,
    SafeguardingChild,
    SafeguardingAdult,
    VicariousMaterial,
    InquestCourt,
    InvestigationComplaint,
    ServiceChange,
    MajorIncident,
    FireFloodEstate,
    CyberContinuity,
    CommunityEvent,
    RunOfIncidents,
    SustainedStrain,
    AnticipatedEvent,
    Other,
}

use IncidentGroup as G;
use IncidentType as T;

/// Every type with its group and its name in plain words.
pub const INCIDENT_TYPES: [(IncidentType, IncidentGroup, &str); 34] = [
    (T::AssaultPhysical, G::Vio, "physical assault"),
    (T::ThreatVerbal, G::Vio, "verbal abuse or threat"),
    (T::SexualAssault, G::Vio, "sexual assault"),
    (T::SexualHarassment, G::Vio, "sexual harassment"),
    (T::OnlineAbuse, G::Vio, "online abuse"),
    (
        T::IdentityBasedAbuse,
        G::Vio,
        "abuse because of who someone is",
    ),
    (
        T::WeaponHostageFire,
        G::Vio,
        "weapon, hostage or fire-setting",
    ),
    (T::PatientSuicide, G::Dth, "a patient died by suicide"),
    (
        T::PatientDeathUnexpected,
        G::Dth,
        "unexpected death of a patient",
    ),
    (T::ChildDeath, G::Dth, "death of a child"),
    (T::ColleagueDeath, G::Dth, "death of a colleague"),
    (T::ColleagueSuicide, G::Dth, "a colleague died by suicide"),
    (T::Homicide, G::Dth, "homicide"),
    (
        T::ExpectedDeathDistressing,
        G::Dth,
        "expected death that was distressing",
    ),
    (T::SelfHarmSerious, G::Hrm, "serious self-harm"),
    (T::ResuscitationAttempt, G::Hrm, "attempt at resuscitation"),
    (T::SeriousInjury, G::Hrm, "serious injury"),
    (T::PatientSafetyEvent, G::Hrm, "patient safety event"),
    (T::Restraint, G::Res, "restraint"),
    (
        T::SeclusionRapidTranq,
        G::Res,
        "seclusion or rapid tranquillisation",
    ),
    (T::SafeguardingChild, G::Saf, "safeguarding of a child"),
    (T::SafeguardingAdult, G::Saf, "safeguarding of an adult"),
    (T::VicariousMaterial, G::Saf, "distressing material"),
    (T::InquestCourt, G::Org, "inquest or court"),
    (
        T::InvestigationComplaint,
        G::Org,
        "investigation or complaint",
    ),
    (T::ServiceChange, G::Org, "change of the service"),
    (T::MajorIncident, G::Maj, "major incident"),
    (T::FireFloodEstate, G::Maj, "fire, flood or estate failure"),
    (T::CyberContinuity, G::Maj, "cyber or continuity incident"),
    (T::CommunityEvent, G::Maj, "event in the community"),
    (T::RunOfIncidents, G::Str, "a run of incidents"),
    (T::SustainedStrain, G::Str, "sustained strain"),
    (T::AnticipatedEvent, G::Pre, "an event that is expected"),
    (T::Other, G::Oth, "something else"),
];

impl IncidentType {
    /// The reporting unit it counts in.
    pub const fn group(self) -> IncidentGroup {
        INCIDENT_TYPES[self as usize].1
    }

    /// In plain words.
    pub const fn label(self) -> &'static str {
        INCIDENT_TYPES[self as usize].2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_finds_its_own_row() {
        for (n, row) in INCIDENT_TYPES.iter().enumerate() {
            assert_eq!(row.0 as usize, n);
        }
    }
}
