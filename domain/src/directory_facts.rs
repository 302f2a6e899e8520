//! What is recorded about the organisation: its units, its people, and what they may do.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::facts::{See, see_one};
use crate::ids::{PersonId, UnitId};
use crate::offer::OfferKind;
use crate::personal::{Personal, Place};

/// `OrganisationFounded`: the trust's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OrganisationFounded {
    /// As people know it.
    pub name: String,
}

/// `PrivacyProved`: someone had it proved that a manager cannot see who asked. Neither figures nor how far
/// the record reached are kept: they grow with what is private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrivacyProved {
    /// Did it hold, and was every planted leak caught?
    pub holds: bool,
}

/// The level of a unit, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnitLevel {
    Directorate,
    Service,
    Team,
}

/// `UnitOpened`: a directorate, service or team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitOpened {
    /// What the trust calls it in its lists: stays when it is renamed.
    pub code: String,
    /// As people know it.
    pub name: String,
    /// Its level.
    pub level: UnitLevel,
    /// What it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// How many work there.
    pub headcount: u32,
    /// Does it belong to a partner agency?
    pub partner: bool,
}

/// `ManagerNamed`: this person manages this unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ManagerNamed {
    /// Who.
    pub person: PersonId,
}

/// `ManagerEnded`: this person no longer manages this unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ManagerEnded {
    /// Who.
    pub person: PersonId,
}

/// Who a token says someone is: the issuer and the subject it gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// The issuer.
    pub issuer: String,
    /// The subject.
    pub subject: String,
}

impl SignIn {
    /// The bytes by which a person is found, the same as those that are sealed.
    pub fn lookup(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("two strings are plain JSON")
    }
}

/// `PersonRecorded`: a person in their working capacity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PersonRecorded {
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// Where letters go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// How they sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<Personal<SignIn>>,
    /// The unit they work in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_unit: Option<UnitId>,
    /// Do they work for someone else?
    pub external: bool,
}

impl PersonRecorded {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see_one(self.name.as_mut(), "name", see);
        see_one(self.email.as_mut(), "email", see);
        if let Some(sign_in) = &mut self.sign_in {
            see(Place::of("sign_in"), sign_in);
        }
    }
}

/// What a person can be granted. Managing a unit is not a grant: it is a relation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "product.md \"Who uses it\" describes them")]
pub enum Role {
    Lead,
    Facilitator,
    SupervisionLead,
    Governance,
    Auditor,
    Administrator,
    Integration,
    DutyContact,
}

impl Role {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Lead,
        Self::Facilitator,
        Self::SupervisionLead,
        Self::Governance,
        Self::Auditor,
        Self::Administrator,
        Self::Integration,
        Self::DutyContact,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Lead => "PIPSS lead",
            Self::Facilitator => "Facilitator",
            Self::SupervisionLead => "Supervision lead",
            Self::Governance => "Governance",
            Self::Auditor => "Auditor",
            Self::Administrator => "Administrator",
            Self::Integration => "Integration (a program)",
            Self::DutyContact => "Duty contact",
        }
    }
}

/// `GrantGiven`: from now until a date, if one is set, this person has this role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GrantGiven {
    /// Which role.
    pub role: Role,
    /// The last day; deputies and external people always have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// `GrantProposed`: a lead proposes it; nothing is granted until an auditor approves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GrantProposed {
    /// Which role.
    pub role: Role,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}

/// `GrantRefused`: an auditor refused what was proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GrantRefused {
    /// Which role.
    pub role: Role,
}

/// `GrantEnded`: this person no longer has this role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GrantEnded {
    /// Which role.
    pub role: Role,
}

/// A model of session that a facilitator was trained in, and until when the training holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Training {
    /// The kind of offer.
    pub model: OfferKind,
    /// The last day.
    pub until: NaiveDate,
}

/// `FacilitatorProfiled` (in `person/`): what a facilitator can be asked for; each replaces the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FacilitatorProfiled {
    /// What they were trained in.
    pub trained: Vec<Training>,
    /// Sessions they may hold within 28 days; no bound if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions_max: Option<u16>,
}

/// `LeavePlanned` (in `diary/`): a facilitator is away, both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeavePlanned {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

/// `LeaveCancelled` (in `diary/`): the leave that begins on that day is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaveCancelled {
    /// The first day.
    pub from: NaiveDate,
}

/// `UnitChanged`: a unit has another name, parent or headcount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitChanged {
    /// As people know it.
    pub name: String,
    /// What it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// How many work there.
    pub headcount: u32,
}

/// `UnitClosed`: nothing can be asked for it any more; what happened stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitClosed {}
