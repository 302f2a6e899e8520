//! A fact as the log keeps it: what happened, when, recorded when, by whom, under which policy.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::directory_facts::{
    FacilitatorProfiled, GrantEnded, GrantGiven, GrantProposed, GrantRefused, LeaveCancelled,
    LeavePlanned, ManagerEnded, ManagerNamed, OrganisationFounded, PersonRecorded, PrivacyProved,
    UnitChanged, UnitClosed, UnitOpened,
};
use crate::emergency::EmergencyGranted;
use crate::facts::{
    self, ActionCompleted, CaseClosed, CaseGaveBack, CaseMerged, CaseReopened, CaseTookIn,
    CaseTriaged, CaseUnmerged, DefusionLogged, FollowUpAnswered, FollowUpConfirmed,
    HandoverCompleted, IncidentLinked, IncidentUnlinked, OfferEnded, OfferPlanned, Overridden,
    ReferralAcknowledged, ReferralRaised, ReflectiveGroupAgreed, ReflectiveGroupEnded,
    ScopingRecorded, See, SessionArranged, SessionBooked, SessionNotHeld, SessionRecorded,
    SessionReleased, see_each, see_one,
};
use crate::facts::{
    AppointmentBooked, AppointmentReleased, BarLifted, BarSet, DisclosureDecided, DisclosureMade,
    DisclosureRequested, OneToOneArranged, OneToOneAsked, OneToOneDeclined, OneToOneEnded,
    OneToOneOffered, OneToOneTakenUp, RiskFlagged,
};
use crate::facts::{DangerEscalated, EscalationHandled, Need, PracticalAction, RecordRead};
use crate::facts::{
    Erased, ErasureBegun, ErasureDecided, ErasureProposed, ErasureWithdrawn, HoldLifted, HoldSet,
    RetentionSet, SubjectAccessGiven,
};
use crate::facts::{
    FacilitatorAnswered, FeedbackGiven, InvolvementDeclared, SessionCancelled, SessionHandedOver,
    SessionMoved,
};
use crate::facts::{GlassAsked, GlassDecided, GlassReviewed};
use crate::facts::{SupervisionAnswered, SupervisionClosed, SupervisionRequested};
use crate::ids::{CommandId, FactId, PersonId};
use crate::letter::{LetterSent, LetterUndelivered};
use crate::personal::Personal;
use crate::program::{ProgramGranted, ProgramProposed};
use crate::stream::{LogId, Stream};

/// Every kind of fact. Stored as `{"kind": …, "data": …}`; the version of its shape stands beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "data")]
#[allow(missing_docs, reason = "each is described by its payload")]
pub enum Event {
    OrganisationFounded(OrganisationFounded),
    UnitOpened(UnitOpened),
    ManagerNamed(ManagerNamed),
    ManagerEnded(ManagerEnded),
    PersonRecorded(PersonRecorded),
    GrantGiven(GrantGiven),
    GrantEnded(GrantEnded),
    FacilitatorProfiled(FacilitatorProfiled),
    LeavePlanned(LeavePlanned),
    LeaveCancelled(LeaveCancelled),
    UnitChanged(UnitChanged),
    UnitClosed(UnitClosed),
    PrivacyProved(PrivacyProved),
    ReferralRaised(Box<ReferralRaised>),
    ReferralAcknowledged(ReferralAcknowledged),
    CaseTriaged(CaseTriaged),
    ScopingRecorded(ScopingRecorded),
    OfferPlanned(OfferPlanned),
    SessionArranged(SessionArranged),
    SessionRecorded(SessionRecorded),
    SessionNotHeld(SessionNotHeld),
    OfferEnded(OfferEnded),
    HandoverCompleted(HandoverCompleted),
    CaseClosed(CaseClosed),
    CaseReopened(CaseReopened),
    DefusionLogged(DefusionLogged),
    ActionCompleted(ActionCompleted),
    FollowUpConfirmed(FollowUpConfirmed),
    FollowUpAnswered(FollowUpAnswered),
    IncidentLinked(IncidentLinked),
    IncidentUnlinked(IncidentUnlinked),
    CaseMerged(CaseMerged),
    CaseTookIn(CaseTookIn),
    CaseUnmerged(CaseUnmerged),
    CaseGaveBack(CaseGaveBack),
    ReflectiveGroupAgreed(ReflectiveGroupAgreed),
    ReflectiveGroupEnded(ReflectiveGroupEnded),
    SessionBooked(SessionBooked),
    SessionReleased(SessionReleased),
    InvolvementDeclared(InvolvementDeclared),
    SessionMoved(SessionMoved),
    SessionCancelled(SessionCancelled),
    SessionHandedOver(SessionHandedOver),
    FacilitatorAnswered(FacilitatorAnswered),
    OneToOneAsked(Box<OneToOneAsked>),
    OneToOneOffered(OneToOneOffered),
    OneToOneArranged(OneToOneArranged),
    OneToOneTakenUp(OneToOneTakenUp),
    OneToOneDeclined(OneToOneDeclined),
    OneToOneEnded(OneToOneEnded),
    RiskFlagged(RiskFlagged),
    AppointmentBooked(AppointmentBooked),
    AppointmentReleased(AppointmentReleased),
    BarSet(BarSet),
    BarLifted(BarLifted),
    DisclosureRequested(DisclosureRequested),
    DisclosureDecided(DisclosureDecided),
    DisclosureMade(DisclosureMade),
    GrantProposed(GrantProposed),
    GrantRefused(GrantRefused),
    EmergencyGranted(EmergencyGranted),
    ProgramProposed(ProgramProposed),
    ProgramGranted(ProgramGranted),
    RetentionSet(RetentionSet),
    HoldSet(HoldSet),
    HoldLifted(HoldLifted),
    ErasureProposed(ErasureProposed),
    ErasureDecided(ErasureDecided),
    ErasureWithdrawn(ErasureWithdrawn),
    ErasureBegun(ErasureBegun),
    Erased(Erased),
    SubjectAccessGiven(SubjectAccessGiven),
    LetterSent(LetterSent),
    LetterUndelivered(LetterUndelivered),
    SupervisionRequested(SupervisionRequested),
    SupervisionAnswered(SupervisionAnswered),
    SupervisionClosed(SupervisionClosed),
    DangerEscalated(DangerEscalated),
    EscalationHandled(EscalationHandled),
    GlassAsked(GlassAsked),
    GlassDecided(GlassDecided),
    GlassReviewed(GlassReviewed),
    RecordRead(RecordRead),
    FeedbackGiven(FeedbackGiven),
}

impl Event {
    /// Its kind, as stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::OrganisationFounded(_) => "OrganisationFounded",
            Self::UnitOpened(_) => "UnitOpened",
            Self::ManagerNamed(_) => "ManagerNamed",
            Self::ManagerEnded(_) => "ManagerEnded",
            Self::PersonRecorded(_) => "PersonRecorded",
            Self::GrantGiven(_) => "GrantGiven",
            Self::GrantEnded(_) => "GrantEnded",
            Self::FacilitatorProfiled(_) => "FacilitatorProfiled",
            Self::LeavePlanned(_) => "LeavePlanned",
            Self::LeaveCancelled(_) => "LeaveCancelled",
            Self::UnitChanged(_) => "UnitChanged",
            Self::UnitClosed(_) => "UnitClosed",
            Self::PrivacyProved(_) => "PrivacyProved",
            Self::ReferralRaised(_) => "ReferralRaised",
            Self::ReferralAcknowledged(_) => "ReferralAcknowledged",
            Self::CaseTriaged(_) => "CaseTriaged",
            Self::ScopingRecorded(_) => "ScopingRecorded",
            Self::OfferPlanned(_) => "OfferPlanned",
            Self::SessionArranged(_) => "SessionArranged",
            Self::SessionRecorded(_) => "SessionRecorded",
            Self::SessionNotHeld(_) => "SessionNotHeld",
            Self::OfferEnded(_) => "OfferEnded",
            Self::HandoverCompleted(_) => "HandoverCompleted",
            Self::CaseClosed(_) => "CaseClosed",
            Self::CaseReopened(_) => "CaseReopened",
            Self::DefusionLogged(_) => "DefusionLogged",
            Self::ActionCompleted(_) => "ActionCompleted",
            Self::FollowUpConfirmed(_) => "FollowUpConfirmed",
            Self::FollowUpAnswered(_) => "FollowUpAnswered",
            Self::IncidentLinked(_) => "IncidentLinked",
            Self::IncidentUnlinked(_) => "IncidentUnlinked",
            Self::CaseMerged(_) => "CaseMerged",
            Self::CaseTookIn(_) => "CaseTookIn",
            Self::CaseUnmerged(_) => "CaseUnmerged",
            Self::CaseGaveBack(_) => "CaseGaveBack",
            Self::ReflectiveGroupAgreed(_) => "ReflectiveGroupAgreed",
            Self::ReflectiveGroupEnded(_) => "ReflectiveGroupEnded",
            Self::SessionBooked(_) => "SessionBooked",
            Self::SessionReleased(_) => "SessionReleased",
            Self::InvolvementDeclared(_) => "InvolvementDeclared",
            Self::SessionMoved(_) => "SessionMoved",
            Self::SessionCancelled(_) => "SessionCancelled",
            Self::SessionHandedOver(_) => "SessionHandedOver",
            Self::FacilitatorAnswered(_) => "FacilitatorAnswered",
            Self::OneToOneAsked(_) => "OneToOneAsked",
            Self::OneToOneOffered(_) => "OneToOneOffered",
            Self::OneToOneArranged(_) => "OneToOneArranged",
            Self::OneToOneTakenUp(_) => "OneToOneTakenUp",
            Self::OneToOneDeclined(_) => "OneToOneDeclined",
            Self::OneToOneEnded(_) => "OneToOneEnded",
            Self::RiskFlagged(_) => "RiskFlagged",
            Self::AppointmentBooked(_) => "AppointmentBooked",
            Self::AppointmentReleased(_) => "AppointmentReleased",
            Self::BarSet(_) => "BarSet",
            Self::BarLifted(_) => "BarLifted",
            Self::DisclosureRequested(_) => "DisclosureRequested",
            Self::DisclosureDecided(_) => "DisclosureDecided",
            Self::DisclosureMade(_) => "DisclosureMade",
            Self::GrantProposed(_) => "GrantProposed",
            Self::GrantRefused(_) => "GrantRefused",
            Self::EmergencyGranted(_) => "EmergencyGranted",
            Self::ProgramProposed(_) => "ProgramProposed",
            Self::ProgramGranted(_) => "ProgramGranted",
            Self::RetentionSet(_) => "RetentionSet",
            Self::HoldSet(_) => "HoldSet",
            Self::HoldLifted(_) => "HoldLifted",
            Self::ErasureProposed(_) => "ErasureProposed",
            Self::ErasureDecided(_) => "ErasureDecided",
            Self::ErasureWithdrawn(_) => "ErasureWithdrawn",
            Self::ErasureBegun(_) => "ErasureBegun",
            Self::Erased(_) => "Erased",
            Self::SubjectAccessGiven(_) => "SubjectAccessGiven",
            Self::LetterSent(_) => "LetterSent",
            Self::LetterUndelivered(_) => "LetterUndelivered",
            Self::SupervisionRequested(_) => "SupervisionRequested",
            Self::SupervisionAnswered(_) => "SupervisionAnswered",
            Self::SupervisionClosed(_) => "SupervisionClosed",
            Self::DangerEscalated(_) => "DangerEscalated",
            Self::EscalationHandled(_) => "EscalationHandled",
            Self::GlassAsked(_) => "GlassAsked",
            Self::GlassDecided(_) => "GlassDecided",
            Self::GlassReviewed(_) => "GlassReviewed",
            Self::RecordRead(_) => "RecordRead",
            Self::FeedbackGiven(_) => "FeedbackGiven",
        }
    }

    /// The version of the shape this program writes for a kind.
    pub fn shape_version(kind: &str) -> u16 {
        match kind {
            "SessionRecorded" => 2,
            _ => 1,
        }
    }

    /// Reads a stored fact of any version, climbing one version at a time.
    ///
    /// # Errors
    /// When the kind or its version is not known here, or the data do not fit: the log is newer than
    /// the program, or damaged.
    pub fn from_stored(kind: &str, version: u16, data: &str) -> Result<Self, UnknownShape> {
        let data = match (kind, version) {
            ("SessionRecorded", 1) => Cow::Owned(facts::actions_named(data).ok_or(UnknownShape)?),
            _ if version == Self::shape_version(kind) => Cow::Borrowed(data),
            _ => return Err(UnknownShape),
        };
        crate::stored::event(kind, &data).map_err(|_| UnknownShape)
    }

    /// Shows every personal value, with its place, so that the store can seal it or note where it stands.
    pub fn personals(&mut self, see: See<'_>) {
        match self {
            Self::ReferralRaised(fact) => fact.personals(see),
            Self::PersonRecorded(fact) => fact.personals(see),
            Self::CaseTriaged(fact) => see_one(fact.reason.as_mut(), "reason", see),
            Self::ScopingRecorded(fact) => see_notes(&mut fact.needs, see),
            Self::OfferPlanned(fact) => see_one(fact.aim.as_mut(), "aim", see),
            Self::SessionArranged(fact) => {
                see_place(&mut fact.site, &mut fact.link, see);
                see_reasons(&mut fact.overrides, see);
            }
            Self::SessionMoved(fact) => {
                see_place(&mut fact.site, &mut fact.link, see);
                see_reasons(&mut fact.overrides, see);
            }
            Self::SessionHandedOver(fact) => {
                let reason = fact.overridden.as_mut().map(|o| &mut o.reason);
                see_one(reason, "overridden.reason", see);
            }
            Self::SessionRecorded(fact) => see_actions(&mut fact.actions, see),
            Self::OfferEnded(fact) => see_one(fact.note.as_mut(), "note", see),
            Self::HandoverCompleted(fact) => {
                see_one(fact.what_changed.as_mut(), "what_changed", see);
            }
            Self::DangerEscalated(fact) => see_one(fact.line.as_mut(), "line", see),
            Self::SupervisionRequested(fact) => see_one(fact.note.as_mut(), "note", see),
            Self::ActionCompleted(fact) => see_one(fact.what_changed.as_mut(), "what_changed", see),
            Self::DisclosureRequested(fact) => fact.personals(see),
            Self::DisclosureDecided(fact) => see_one(Some(&mut fact.reason), "reason", see),
            Self::OneToOneAsked(fact) => fact.personals(see),
            Self::OneToOneArranged(fact) => fact.personals(see),
            Self::GlassAsked(fact) => see_one(Some(&mut fact.reason), "reason", see),
            Self::RecordRead(fact) => fact.personals(see),
            Self::HoldSet(fact) => fact.personals(see),
            Self::HoldLifted(fact) => see_one(Some(&mut fact.reason), "reason", see),
            Self::FeedbackGiven(fact) => fact.personals(see),
            Self::OrganisationFounded(_)
            | Self::UnitOpened(_)
            | Self::ManagerNamed(_)
            | Self::ManagerEnded(_)
            | Self::GrantGiven(_)
            | Self::GrantEnded(_)
            | Self::FacilitatorProfiled(_)
            | Self::LeavePlanned(_)
            | Self::LeaveCancelled(_)
            | Self::UnitChanged(_)
            | Self::UnitClosed(_)
            | Self::PrivacyProved(_)
            | Self::ReferralAcknowledged(_)
            | Self::SessionNotHeld(_)
            | Self::CaseClosed(_)
            | Self::CaseReopened(_)
            | Self::DefusionLogged(_)
            | Self::FollowUpConfirmed(_)
            | Self::FollowUpAnswered(_)
            | Self::IncidentLinked(_)
            | Self::IncidentUnlinked(_)
            | Self::CaseMerged(_)
            | Self::CaseTookIn(_)
            | Self::CaseUnmerged(_)
            | Self::CaseGaveBack(_)
            | Self::ReflectiveGroupAgreed(_)
            | Self::ReflectiveGroupEnded(_)
            | Self::SessionBooked(_)
            | Self::SessionReleased(_)
            | Self::InvolvementDeclared(_)
            | Self::SessionCancelled(_)
            | Self::FacilitatorAnswered(_)
            | Self::OneToOneOffered(_)
            | Self::OneToOneTakenUp(_)
            | Self::OneToOneDeclined(_)
            | Self::OneToOneEnded(_)
            | Self::RiskFlagged(_)
            | Self::AppointmentBooked(_)
            | Self::AppointmentReleased(_)
            | Self::BarSet(_)
            | Self::BarLifted(_)
            | Self::DisclosureMade(_)
            | Self::GrantProposed(_)
            | Self::GrantRefused(_)
            | Self::EmergencyGranted(_)
            | Self::ProgramProposed(_)
            | Self::ProgramGranted(_)
            | Self::RetentionSet(_)
            | Self::ErasureProposed(_)
            | Self::ErasureDecided(_)
            | Self::ErasureWithdrawn(_)
            | Self::ErasureBegun(_)
            | Self::Erased(_)
            | Self::SubjectAccessGiven(_)
            | Self::LetterSent(_)
            | Self::LetterUndelivered(_)
            | Self::SupervisionAnswered(_)
            | Self::SupervisionClosed(_)
            | Self::GlassDecided(_)
            | Self::GlassReviewed(_)
            | Self::EscalationHandled(_) => {}
        }
    }
}

fn see_place(
    site: &mut Option<Personal<String>>,
    link: &mut Option<Personal<String>>,
    see: See<'_>,
) {
    see_one(site.as_mut(), "site", see);
    see_one(link.as_mut(), "link", see);
}

fn see_notes(needs: &mut [Need], see: See<'_>) {
    see_each(needs, "needs[].note", see, |n| n.note.as_mut());
}

fn see_actions(actions: &mut [PracticalAction], see: See<'_>) {
    see_each(actions, "actions[].what", see, |a| Some(&mut a.what));
}

fn see_reasons(overrides: &mut [Overridden], see: See<'_>) {
    see_each(overrides, "overrides[].reason", see, |o| {
        Some(&mut o.reason)
    });
}

/// The log holds a fact this program cannot read.
#[derive(Debug)]
pub struct UnknownShape;

impl fmt::Display for UnknownShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fact of a kind or version that this program does not know")
    }
}

impl std::error::Error for UnknownShape {}

/// Who recorded a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// A person in one capacity.
    Person(PersonId),
    /// Whoever runs the machine, at its console.
    Operator,
    /// The program, doing what a fact owes.
    Program,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => id.fmt(f),
            Self::Operator => f.write_str("operator"),
            Self::Program => f.write_str("program"),
        }
    }
}

impl FromStr for Who {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "operator" => Ok(Self::Operator),
            "program" => Ok(Self::Program),
            id => id.parse().map(Self::Person),
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::ids::spelled(deserializer)
    }
}

/// One recorded fact, its personal values sealed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The log.
    pub log: LogId,
    /// Its place in the log: 1, 2, 3 … without gaps.
    pub position: u64,
    /// The stream.
    pub stream: Stream,
    /// Its place in the stream: 1, 2, 3 …
    pub version: u64,
    /// The command that caused it.
    pub command: CommandId,
    /// Its number under that command, from 0.
    pub number: u32,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded: never before the fact before it.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub who: Who,
    /// The policy version it was decided under.
    pub policy: u32,
    /// What happened.
    pub event: Event,
}

impl Fact {
    /// Its id: the same for ever.
    pub fn id(&self) -> FactId {
        FactId::of(self.command, self.number)
    }
}
