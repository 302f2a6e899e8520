//! What is recorded about a case: the facts, as they stand in the log for ever.
//!
//! Whatever a person typed is [`Personal`]; everything else is a code, a date or a number. The field
//! table (`fields.txt`) has a row for each field here, and a test that says so.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{CaseId, IncidentId, OfferId, PersonId, SessionId, UnitId};
use crate::incident::IncidentType;
use crate::offer::{OfferKind, OwnerRole};
use crate::personal::{Personal, Place, Sealable};
use crate::theme::{Polarity, Theme};

/// Shows every personal value of a fact to `see`, with the field it stands in.
pub type See<'a> = &'a mut dyn FnMut(Place, &mut dyn Sealable);

pub(crate) fn see_each<T>(
    list: &mut [T],
    path: &'static str,
    see: See<'_>,
    field: impl Fn(&mut T) -> Option<&mut Personal<String>>,
) {
    for (index, item) in (0u32..).zip(list) {
        if let Some(value) = field(item) {
            see(Place { path, index }, value);
        }
    }
}

pub(crate) fn see_one(value: Option<&mut Personal<String>>, path: &'static str, see: See<'_>) {
    if let Some(value) = value {
        see(Place::of(path), value);
    }
}

/// An answer that may be unknown to the person who asks for help at three in the morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Answer {
    Yes,
    No,
    Unknown,
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
    }
}

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

/// Whether managers attend, decided with the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ManagersAttend {
    No,
    Yes,
    FirstPart,
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

/// `CaseReopened`: more is needed after all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseReopened {
    /// Why.
    pub reason: ReopenReason,
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
