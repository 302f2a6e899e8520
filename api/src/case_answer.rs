//! What is answered about a case: every part it can have, each named as in the commands.

use chrono::{DateTime, NaiveDate, Utc};
use pipss_domain::clocks::Clock;
use pipss_domain::facts::CancelReason;
use pipss_domain::facts::{
    Affected, Answer, CaseOutcome, Contraindications, DefusionHeld, ManagersAttend, Mode,
    NotHeldReason, Occurred, Phase, PlaceClass, SafetyNow, ScopedWith, ShiftPattern, ThemeSeen,
    TriageOutcome, Urgency, UrgencyReason,
};
use pipss_domain::ids::{ActionId, CaseId, IncidentId, OfferId, PersonId, SessionId, UnitId};
use pipss_domain::incident::IncidentType;
use pipss_domain::offer::{OfferKind, OwnerRole};
use pipss_domain::theme::Theme;
use serde::Serialize;
use utoipa::ToSchema;

use crate::aftercare_answer::AftercareAnswer;
use crate::joint::JointCase;
use crate::staffing::StaffingAnswer;

/// A case. A part that is absent is one that whoever asks may not see, or that does not exist yet.
#[derive(Serialize, ToSchema)]
pub struct CaseAnswer {
    /// Its id.
    pub case: CaseId,
    /// What people quote.
    pub reference: String,
    /// Its version. `ETag` says it too, as `If-Match` takes it.
    pub version: u64,
    /// Where it stands.
    pub state: CaseState,
    /// The team.
    pub team: TeamName,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// When a person answered whoever asked.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// With what it was closed.
    pub outcome: Option<CaseOutcome>,
    /// About one-to-one support: the same in every case.
    pub one_to_one: &'static str,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestAnswer>,
    /// What triage decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triage: Option<TriageAnswer>,
    /// For leads: how urgent the program suggests that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested_urgency: Option<Urgency>,
    /// For leads: why it suggests that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested_because: Option<Vec<UrgencyReason>>,
    /// What scoping found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scoping: Option<Vec<ScopingAnswer>>,
    /// The clocks, each with the working of its due time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clocks: Option<Vec<Clock>>,
    /// The support plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offers: Option<Vec<OfferAnswer>>,
    /// What the case gathers beside its plan.
    #[serde(flatten)]
    pub aftercare: AftercareAnswer,
    /// Facilitators who are not neutral to it: for leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub involved: Option<Vec<PersonName>>,
    /// The commands that whoever asks can give now.
    pub next: Vec<&'static str>,
}

/// Where a case stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum CaseState {
    Raised,
    Open,
    Closed,
    Merged,
}

/// A team by name.
#[derive(Serialize, ToSchema)]
pub struct TeamName {
    /// Its id.
    pub team: UnitId,
    /// As people know it.
    pub name: String,
}

/// A person by name.
#[derive(Serialize, ToSchema)]
pub struct PersonName {
    /// Their id.
    pub person: PersonId,
    /// As people know them; absent if nobody told us, or if it was erased.
    pub name: Option<String>,
}

/// What was asked for. Texts are there for whoever wrote them and for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct RequestAnswer {
    pub incidents: Vec<IncidentAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anticipated: Option<AnticipatedAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strain: Option<StrainAnswer>,
    pub affected: Affected,
    pub injuries: Answer,
    pub staff_in_hospital: Answer,
    pub absence: Answer,
    pub signs_worsening: Answer,
    pub safety: SafetyNow,
    pub defusion_held: Option<DefusionHeld>,
    pub asked_for: Vec<OfferKind>,
    pub team_aware: Answer,
    pub shift_pattern: Option<ShiftPattern>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_times: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_venue: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_out_of_hours: Option<String>,
}

/// One incident.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct IncidentAnswer {
    pub incident: IncidentId,
    #[serde(rename = "type")]
    pub kind: IncidentType,
    pub occurred: Occurred,
    pub known_at: Option<DateTime<Utc>>,
    pub place: PlaceClass,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ref: Option<String>,
}

/// What is expected.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct AnticipatedAnswer {
    pub expected_on: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// Strain without an incident.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the request")]
pub struct StrainAnswer {
    #[serde(rename = "type")]
    pub kind: IncidentType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// What triage decided; how it came to that is for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct TriageAnswer {
    pub urgency: Urgency,
    pub outcome: TriageOutcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<Urgency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Vec<UrgencyReason>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contraindications: Option<Contraindications>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What one scoping conversation found.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct ScopingAnswer {
    pub held_at: DateTime<Utc>,
    pub with: Vec<ScopedWith>,
    pub needs: Vec<NeedAnswer>,
}

/// One need; the note is for leads.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct NeedAnswer {
    pub theme: Theme,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One offer of the plan. One-to-one support has no sessions, no text and no numbers here, ever.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the commands")]
pub struct OfferAnswer {
    pub offer: OfferId,
    pub kind: OfferKind,
    pub owner: OwnerRole,
    pub state: OfferStateCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aim: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_over_to: Option<OwnerRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_changed: Option<String>,
    pub sessions: Vec<SessionAnswer>,
}

/// Where an offer stands.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum OfferStateCode {
    Planned,
    Arranged,
    Held,
    Done,
    NotNeeded,
    DeclinedByTeam,
    HandedOver,
    HandedOverAndDone,
}

/// One session. The record is for leads and for whoever was assigned to it.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the commands")]
pub struct SessionAnswer {
    pub session: SessionId,
    pub starts_at: DateTime<Utc>,
    pub minutes: u16,
    pub facilitators: Vec<PersonName>,
    pub managers_attend: ManagersAttend,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    pub state: SessionState,
    /// The other cases it is held for, those that whoever asks may see too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joint_with: Vec<JointCase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_held_because: Option<NotHeldReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<CancelReason>,
    /// Who answered and who was asked all the same: for leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staffing: Option<StaffingAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<ActionAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordAnswer>,
}

/// Where a session stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum SessionState {
    Arranged,
    Held,
    NotHeld,
    Cancelled,
}

/// Something practical that was agreed.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct ActionAnswer {
    pub action: ActionId,
    pub done: bool,
    pub what: Option<String>,
    pub owner: OwnerRole,
    pub due: NaiveDate,
}

/// All that is kept of a session that was held.
#[derive(Serialize, ToSchema)]
#[allow(missing_docs, reason = "as in the command")]
pub struct RecordAnswer {
    pub model: OfferKind,
    pub started_at: DateTime<Utc>,
    pub minutes: u16,
    pub mode: Mode,
    pub headcount: u16,
    pub phases: Vec<Phase>,
    pub themes: Vec<ThemeSeen>,
}
