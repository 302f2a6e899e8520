//! A case as it stands: what was asked for, decided, planned, held, and what is still open.

use chrono::{DateTime, Utc};

use crate::aftercare::Aftercare;
use crate::facts::SessionCancelled;
use crate::facts::{
    CaseClosed, CaseTriaged, HandoverCompleted, OfferEnd, OfferEnded, OfferPlanned, ReferralRaised,
    ScopingRecorded, SessionArranged, SessionNotHeld, SessionRecorded, Urgency,
};
use crate::history::{Event, Fact, Who};
use crate::ids::{CaseId, OfferId, PersonId, SessionId, UnitId};
use crate::offer::OfferRow;
use crate::stream::Stream;
use crate::tight;

/// One case: a fold of its `case/` stream, which never holds anything about one-to-one support but
/// that it was offered to all.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub case: CaseId,
    /// The version of its stream.
    pub version: u64,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// When anything about it was last recorded.
    pub changed_at: DateTime<Utc>,
    /// Who raised it.
    pub raised_by: Who,
    /// What was asked for, personal values sealed.
    pub request: ReferralRaised,
    /// When a person answered whoever asked.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it was first triaged.
    pub triaged_at: Option<DateTime<Utc>>,
    /// The last triage.
    pub triage: Option<CaseTriaged>,
    /// What scoping found, each time.
    pub scopings: Vec<ScopingRecorded>,
    /// The support plan.
    pub offers: Vec<Offer>,
    /// Who declared, or was declared, too close to it to be neutral.
    pub involved: Vec<PersonId>,
    /// How it was closed and when, while it is.
    pub closed: Option<(CaseClosed, DateTime<Utc>)>,
    /// What it gathers beside the plan.
    pub aftercare: Aftercare,
}

/// One offer of the plan.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What was planned.
    pub planned: OfferPlanned,
    /// Its sessions, in the order in which they were arranged.
    pub sessions: Vec<Session>,
    /// How it ended, if someone ended it.
    pub ended: Option<OfferEnded>,
    /// What became of it after it was handed over.
    pub completed: Option<HandoverCompleted>,
}

/// One session of an offer.
#[derive(Clone, Debug)]
pub struct Session {
    /// When, where, who; as it was last changed.
    pub arranged: SessionArranged,
    /// How often it was changed since it was arranged: the SEQUENCE of its invitations.
    pub changes: u32,
    /// Which facilitators answered for its present time, and how.
    pub answers: Vec<(PersonId, bool)>,
    /// What came of it.
    pub outcome: Option<SessionOutcome>,
}

/// What came of a session.
#[derive(Clone, Debug)]
pub enum SessionOutcome {
    /// It was held.
    Held {
        /// All that is kept of it.
        record: SessionRecorded,
        /// Who wrote the record.
        by: Who,
    },
    /// It was not.
    NotHeld(SessionNotHeld),
    /// It was called off before it began.
    Cancelled(SessionCancelled),
}

/// Where a case stands on the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has triaged it yet.
    Raised,
    /// Accepted and being worked on.
    Open,
    /// Closed.
    Closed,
    /// Merged into another case, in which the work goes on.
    Merged,
}

/// Where an offer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum OfferState {
    Planned,
    Arranged,
    Held,
    Done,
    NotNeeded,
    DeclinedByTeam,
    HandedOver,
    HandedOverAndDone,
}

impl OfferState {
    /// Does it hold the case open?
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Arranged)
    }
}

impl Offer {
    /// Its id.
    pub fn id(&self) -> OfferId {
        self.planned.offer
    }

    /// The table row of its kind.
    pub fn row(&self) -> &'static OfferRow {
        self.planned.kind.row()
    }

    /// Where it stands: its end if it has one, else what its sessions tell.
    pub fn state(&self) -> OfferState {
        match self.ended.as_ref().map(|ended| ended.how) {
            Some(OfferEnd::Done) => OfferState::Done,
            Some(OfferEnd::NotNeeded) => OfferState::NotNeeded,
            Some(OfferEnd::DeclinedByTeam) => OfferState::DeclinedByTeam,
            Some(OfferEnd::HandedOver) if self.completed.is_some() => OfferState::HandedOverAndDone,
            Some(OfferEnd::HandedOver) => OfferState::HandedOver,
            None if self.sessions.iter().any(|s| s.outcome.is_none()) => OfferState::Arranged,
            None if self.sessions.iter().any(Session::was_held) => OfferState::Held,
            None => OfferState::Planned,
        }
    }
}

impl Session {
    /// Its id.
    pub fn id(&self) -> SessionId {
        self.arranged.session
    }

    /// Was it held?
    pub fn was_held(&self) -> bool {
        matches!(self.outcome, Some(SessionOutcome::Held { .. }))
    }

    /// Is it led in this case? One that is held for several teams together is led in one of theirs.
    pub fn is_led_here(&self) -> bool {
        self.arranged.led_in.is_none()
    }

    /// Is it still to come, or at least not recorded?
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Is, or was within 30 days before, this person assigned to it? (product: "Who may do and see
    /// what": assigned, while assigned and 30 days after.)
    pub fn assigned(&self, person: PersonId, now: DateTime<Utc>) -> bool {
        let ends =
            self.arranged.starts_at + chrono::Duration::minutes(self.arranged.minutes.into());
        let still = self.outcome.is_none() || now <= ends + chrono::Duration::days(30);
        still && self.arranged.facilitators.contains(&person)
    }
}

impl Case {
    /// Begins a case with the fact that opens it; any other fact opens none.
    pub fn begin(fact: &Fact) -> Option<Self> {
        let (Stream::Case(case), Event::ReferralRaised(request)) = (fact.stream, &fact.event)
        else {
            return None;
        };
        Some(Self {
            case,
            version: fact.version,
            raised_at: fact.occurred_at,
            changed_at: fact.recorded_at,
            raised_by: fact.who,
            request: (**request).clone(),
            acknowledged_at: None,
            triaged_at: None,
            triage: None,
            scopings: Vec::new(),
            offers: Vec::new(),
            involved: Vec::new(),
            closed: None,
            aftercare: Aftercare::default(),
        })
    }

    /// Takes in one fact of its stream. Cannot fail: what does not concern it leaves it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        self.version = fact.version;
        self.changed_at = fact.recorded_at;
        match &fact.event {
            Event::ReferralAcknowledged(_) => self.acknowledged_at = Some(fact.occurred_at),
            Event::CaseTriaged(triaged) => {
                self.triaged_at.get_or_insert(fact.occurred_at);
                self.triage = Some(triaged.clone());
            }
            Event::ScopingRecorded(scoping) => tight::add(&mut self.scopings, scoping.clone()),
            Event::OfferPlanned(planned) => self.planned(planned),
            Event::SessionArranged(arranged) => self.arranged(arranged),
            Event::SessionRecorded(record) => {
                let held = SessionOutcome::Held {
                    record: record.clone(),
                    by: fact.who,
                };
                self.came_of(record.session, held);
            }
            Event::SessionNotHeld(not_held) => {
                let outcome = SessionOutcome::NotHeld(not_held.clone());
                self.came_of(not_held.session, outcome);
            }
            Event::SessionCancelled(_)
            | Event::SessionMoved(_)
            | Event::SessionHandedOver(_)
            | Event::FacilitatorAnswered(_) => self.session_changed(&fact.event),
            Event::InvolvementDeclared(declared) => {
                tight::add(&mut self.involved, declared.facilitator)
            }
            Event::OfferEnded(_) | Event::HandoverCompleted(_) => self.offer_changed(&fact.event),
            Event::CaseClosed(closed) => {
                self.closed = Some((closed.clone(), fact.occurred_at));
            }
            Event::CaseReopened(_) => self.closed = None,
            Event::DefusionLogged(_)
            | Event::ActionCompleted(_)
            | Event::FollowUpConfirmed(_)
            | Event::FollowUpAnswered(_)
            | Event::IncidentLinked(_)
            | Event::IncidentUnlinked(_)
            | Event::CaseMerged(_)
            | Event::CaseTookIn(_)
            | Event::CaseUnmerged(_)
            | Event::CaseGaveBack(_) => self.aftercare.evolve(fact),
            Event::ReferralRaised(_)
            | Event::OrganisationFounded(_)
            | Event::UnitOpened(_)
            | Event::ManagerNamed(_)
            | Event::ManagerEnded(_)
            | Event::PersonRecorded(_)
            | Event::GrantGiven(_)
            | Event::GrantEnded(_)
            | Event::FacilitatorProfiled(_)
            | Event::LeavePlanned(_)
            | Event::LeaveCancelled(_)
            | Event::UnitChanged(_)
            | Event::ReflectiveGroupAgreed(_)
            | Event::ReflectiveGroupEnded(_)
            | Event::UnitClosed(_)
            | Event::PrivacyProved(_)
            | Event::SessionBooked(_)
            | Event::SessionReleased(_)
            | Event::OneToOneAsked(_)
            | Event::OneToOneOffered(_)
            | Event::OneToOneArranged(_)
            | Event::OneToOneTakenUp(_)
            | Event::OneToOneDeclined(_)
            | Event::OneToOneEnded(_)
            | Event::RiskFlagged(_)
            | Event::AppointmentBooked(_)
            | Event::AppointmentReleased(_)
            | Event::BarSet(_)
            | Event::BarLifted(_)
            | Event::DisclosureRequested(_)
            | Event::DisclosureDecided(_)
            | Event::DisclosureMade(_)
            | Event::GrantProposed(_)
            | Event::GrantRefused(_)
            | Event::EmergencyGranted(_)
            | Event::ProgramProposed(_)
            | Event::ProgramGranted(_)
            | Event::RetentionSet(_)
            | Event::HoldSet(_)
            | Event::HoldLifted(_)
            | Event::ErasureProposed(_)
            | Event::ErasureDecided(_)
            | Event::ErasureWithdrawn(_)
            | Event::ErasureBegun(_)
            | Event::Erased(_)
            | Event::SubjectAccessGiven(_)
            | Event::LetterSent(_)
            | Event::LetterUndelivered(_)
            | Event::SupervisionRequested(_)
            | Event::SupervisionAnswered(_)
            | Event::SupervisionClosed(_)
            | Event::DangerEscalated(_)
            | Event::EscalationHandled(_) => {}
            Event::GlassAsked(_) | Event::GlassDecided(_) | Event::GlassReviewed(_) => {}
            Event::RecordRead(_) | Event::FeedbackGiven(_) => {}
        }
    }

    pub(crate) fn offer_mut(&mut self, id: OfferId) -> Option<&mut Offer> {
        self.offers.iter_mut().find(|offer| offer.id() == id)
    }

    /// When it was closed, while it is.
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.closed.as_ref().map(|(_, at)| *at)
    }

    /// The team.
    pub fn team(&self) -> UnitId {
        self.request.team
    }

    /// Where it stands.
    pub fn stage(&self) -> Stage {
        if self.aftercare.merged_into.is_some() {
            return Stage::Merged;
        }
        match (&self.closed, &self.triage) {
            (Some(_), _) => Stage::Closed,
            (None, Some(triage)) if triage.outcome.goes_on() => Stage::Open,
            (None, _) => Stage::Raised,
        }
    }

    /// How urgent it is: as decided, until then as suggested.
    pub fn urgency(&self) -> Urgency {
        self.triage
            .as_ref()
            .map_or(self.request.suggested, |triage| triage.decided)
    }

    /// An offer by its id.
    pub fn offer(&self, id: OfferId) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.id() == id)
    }

    /// Every session with its offer.
    pub fn sessions(&self) -> impl Iterator<Item = (&Offer, &Session)> {
        self.offers
            .iter()
            .flat_map(|offer| offer.sessions.iter().map(move |session| (offer, session)))
    }

    /// A session with its offer.
    pub fn session(&self, id: SessionId) -> Option<(&Offer, &Session)> {
        self.sessions().find(|(_, session)| session.id() == id)
    }
}

#[cfg(test)]
mod tests;
