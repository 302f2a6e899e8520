//! What is recorded when someone asks for help for a team.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{OnBehalf, See, Urgency, UrgencyReason, see_each, see_one};
use crate::ids::{IncidentId, UnitId};
use crate::incident::IncidentType;
use crate::offer::OfferKind;
use crate::personal::Personal;

/// An answer that may be unknown to the person who asks for help at three in the morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Answer {
    Yes,
    No,
    Unknown,
}

impl Answer {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Yes => "Yes",
            Self::No => "No",
            Self::Unknown => "Not known",
        }
    }
}

/// When an incident happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Occurred {
    /// At a known time.
    At(DateTime<Utc>),
    /// Over a period.
    Between {
        /// Its start.
        from: DateTime<Utc>,
        /// Its end: the clocks run from here.
        to: DateTime<Utc>,
    },
    /// Nobody knows when.
    Undated,
}

impl Occurred {
    /// The instant that clocks and windows run from.
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(*at),
            Self::Between { to, .. } => Some(*to),
            Self::Undated => None,
        }
    }
}

/// What kind of place it happened in. Never which ward: that is the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum PlaceClass {
    InpatientWard,
    Clinic,
    EmergencySetting,
    PatientHome,
    CommunitySite,
    PublicPlace,
    Online,
    Elsewhere,
}

impl PlaceClass {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::InpatientWard => "an inpatient ward",
            Self::Clinic => "a clinic",
            Self::EmergencySetting => "an emergency setting",
            Self::PatientHome => "a patient's home",
            Self::CommunitySite => "a community site",
            Self::PublicPlace => "a public place",
            Self::Online => "online",
            Self::Elsewhere => "somewhere else",
        }
    }
}

/// One incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    /// Its id.
    pub incident: IncidentId,
    /// What happened, coded.
    #[serde(rename = "type")]
    pub kind: IncidentType,
    /// When.
    pub occurred: Occurred,
    /// When it became known, if that was later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_at: Option<DateTime<Utc>>,
    /// Where, coded.
    pub place: PlaceClass,
    /// One line by whoever asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Personal<String>>,
    /// The reference of the local incident system; opaque to us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ref: Option<Personal<String>>,
}

/// What a pre-brief prepares for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnticipatedEvent {
    /// When it is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_on: Option<NaiveDate>,
    /// One line by whoever asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Personal<String>>,
}

/// Strain that no single incident explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Strain {
    /// A run of incidents or sustained strain.
    #[serde(rename = "type")]
    pub kind: IncidentType,
    /// One line by whoever asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<Personal<String>>,
}

/// A number of staff, as a band: never a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Band {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "1-5")]
    OneToFive,
    #[serde(rename = "6-10")]
    SixToTen,
    #[serde(rename = "11-20")]
    ElevenToTwenty,
    #[serde(rename = "over_20")]
    OverTwenty,
    #[serde(rename = "unknown")]
    Unknown,
}

impl Band {
    /// Every code.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::OneToFive,
        Self::SixToTen,
        Self::ElevenToTwenty,
        Self::OverTwenty,
        Self::Unknown,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "nobody",
            Self::OneToFive => "1 to 5",
            Self::SixToTen => "6 to 10",
            Self::ElevenToTwenty => "11 to 20",
            Self::OverTwenty => "more than 20",
            Self::Unknown => "not known",
        }
    }
}

/// Groups of staff that are easily forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum StaffGroup {
    Bank,
    Agency,
    Students,
    NightStaff,
    Volunteers,
    SupportServices,
}

impl StaffGroup {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Bank => "bank staff",
            Self::Agency => "agency staff",
            Self::Students => "students",
            Self::NightStaff => "night staff",
            Self::Volunteers => "volunteers",
            Self::SupportServices => "support services",
        }
    }
}

/// Who was affected, without naming anyone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Affected {
    /// Directly.
    pub directly: Band,
    /// Indirectly.
    pub indirectly: Band,
    /// Groups among them.
    #[serde(default)]
    pub groups: Vec<StaffGroup>,
}

/// Are people safe now? Asked before anything else is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SafetyNow {
    /// Does the threat continue?
    pub threat_continuing: Answer,
    /// Is the area safe?
    pub area_safe: Answer,
    /// Is someone at immediate risk?
    pub someone_at_immediate_risk: Answer,
}

impl SafetyNow {
    /// Does any answer call for someone at once?
    pub fn flagged(&self) -> bool {
        self.threat_continuing == Answer::Yes
            || self.area_safe == Answer::No
            || self.someone_at_immediate_risk == Answer::Yes
    }
}

/// Who led a defusion that was already held: a role, never a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum DefusionLedBy {
    NurseInCharge,
    Manager,
    Facilitator,
    Other,
}

impl DefusionLedBy {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::NurseInCharge,
        Self::Manager,
        Self::Facilitator,
        Self::Other,
    ];

    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NurseInCharge => "the nurse in charge",
            Self::Manager => "a manager",
            Self::Facilitator => "a facilitator",
            Self::Other => "someone else",
        }
    }
}

/// A defusion that was held before anyone asked for more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DefusionHeld {
    /// When.
    pub at: DateTime<Utc>,
    /// Led by which role.
    pub led_by: DefusionLedBy,
}

/// How the team works its shifts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ShiftPattern {
    OfficeHours,
    LongDays,
    DaysAndNights,
    NightsOnly,
    Mixed,
}

impl ShiftPattern {
    /// In plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OfficeHours => "office hours",
            Self::LongDays => "long days",
            Self::DaysAndNights => "days and nights",
            Self::NightsOnly => "nights only",
            Self::Mixed => "mixed",
        }
    }
}

/// `ReferralRaised`: someone asked for help for a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReferralRaised {
    /// What people quote; random.
    pub reference: String,
    /// The team.
    pub team: UnitId,
    /// What happened, if anything did.
    pub incidents: Vec<Incident>,
    /// What is expected, for a pre-brief.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anticipated: Option<AnticipatedEvent>,
    /// Strain without an incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strain: Option<Strain>,
    /// Who was affected.
    pub affected: Affected,
    /// Was anyone hurt?
    pub injuries: Answer,
    /// Is a member of staff in hospital?
    pub staff_in_hospital: Answer,
    /// Is anyone absent because of it?
    pub absence: Answer,
    /// Are signs getting worse?
    pub signs_worsening: Answer,
    /// Safety now.
    pub safety: SafetyNow,
    /// What was done already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defusion_held: Option<DefusionHeld>,
    /// What is asked for; kept beside what scoping finds.
    pub asked_for: Vec<OfferKind>,
    /// Does the team know that this was asked for?
    pub team_aware: Answer,
    /// Times that would suit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_times: Option<Personal<String>>,
    /// A place that would suit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_venue: Option<Personal<String>>,
    /// How the team works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift_pattern: Option<ShiftPattern>,
    /// Whom to ring out of hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_out_of_hours: Option<Personal<String>>,
    /// For whom the lead raised it, if they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf: Option<OnBehalf>,
    /// What the program would suggest, by the rules of that day.
    pub suggested: Urgency,
    /// Why.
    pub because: Vec<UrgencyReason>,
}

impl ReferralRaised {
    pub(crate) fn personals(&mut self, see: See<'_>) {
        see_each(&mut self.incidents, "incidents[].line", see, |i| {
            i.line.as_mut()
        });
        see_each(&mut self.incidents, "incidents[].local_ref", see, |i| {
            i.local_ref.as_mut()
        });
        if let Some(anticipated) = &mut self.anticipated {
            see_one(anticipated.line.as_mut(), "anticipated.line", see);
        }
        if let Some(strain) = &mut self.strain {
            see_one(strain.line.as_mut(), "strain.line", see);
        }
        see_one(self.preferred_times.as_mut(), "preferred_times", see);
        see_one(self.preferred_venue.as_mut(), "preferred_venue", see);
        see_one(
            self.contact_out_of_hours.as_mut(),
            "contact_out_of_hours",
            see,
        );
        if let Some(on_behalf) = &mut self.on_behalf {
            on_behalf.personals(see);
        }
    }
}
