//! The roof: every command of the pathway, which right it needs, and which step answers it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::arrange::ArrangeSession;
use crate::case::{Case, Stage};
use crate::change_session::{CancelSession, MoveSession};
use crate::close::{CloseCase, ReopenCase};
use crate::diary::Diaries;
use crate::directory::Directory;
use crate::hand_over::HandOverSession;
use crate::history::{Event, Who};
use crate::ids::CaseId;
use crate::invitation::{AnswerInvitation, DeclareInvolved};
use crate::plan::{CompleteHandover, EndOffer, PlanOffer};
use crate::policy::Act;
use crate::raise::RaiseReferral;
use crate::refusal::{Fault, Refusal};
use crate::scope::RecordScoping;
use crate::session::{RecordSession, RecordSessionNotHeld};
use crate::stream::Stream;
use crate::triage::{AcknowledgeReferral, TriageCase};

/// What a decision may know besides the case: nothing else reaches a rule.
pub struct Context<'a> {
    /// The time.
    pub now: DateTime<Utc>,
    /// Who asks.
    pub who: Who,
    /// Does their right to this act reach every session of the case, or only those assigned to them?
    pub every_session: bool,
    /// The organisation.
    pub directory: &'a Directory,
    /// The facilitators' bookings.
    pub diaries: &'a Diaries,
    /// Random ids.
    pub fresh: &'a dyn Fn() -> Uuid,
}

/// A fact that a decision calls for: where it belongs, when it happened, what.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// The stream.
    pub stream: Stream,
    /// When it happened; recording has a time of its own.
    pub occurred_at: DateTime<Utc>,
    /// What.
    pub event: Event,
}

impl Happened {
    pub(crate) fn to_case(case: CaseId, occurred_at: DateTime<Utc>, event: Event) -> Self {
        Self {
            stream: Stream::Case(case),
            occurred_at,
            event,
        }
    }
}

/// What a rule answers.
pub type Decision = Result<Vec<Happened>, Refusal>;

/// A command to an existing case.
pub trait CaseCommand: for<'de> Deserialize<'de> + Send {
    /// The right it needs.
    const ACT: Act;
    /// Its name in the URL.
    const NAME: &'static str;

    /// The rule: what follows, or why not.
    ///
    /// # Errors
    /// A refusal of one of four shapes, with a sentence.
    fn decide(self, case: &Case, context: &Context<'_>) -> Decision;
}

/// The command that opens a case.
///
/// # Errors
/// `Invalid` with every fault at once.
pub fn raise(command: RaiseReferral, context: &Context<'_>) -> Decision {
    command.decide(context)
}

/// Every command to a case: its name and the right it needs.
pub const CASE_COMMANDS: [(&str, Act); 16] = [
    (AcknowledgeReferral::NAME, AcknowledgeReferral::ACT),
    (TriageCase::NAME, TriageCase::ACT),
    (RecordScoping::NAME, RecordScoping::ACT),
    (PlanOffer::NAME, PlanOffer::ACT),
    (ArrangeSession::NAME, ArrangeSession::ACT),
    (RecordSession::NAME, RecordSession::ACT),
    (RecordSessionNotHeld::NAME, RecordSessionNotHeld::ACT),
    (EndOffer::NAME, EndOffer::ACT),
    (CompleteHandover::NAME, CompleteHandover::ACT),
    (CloseCase::NAME, CloseCase::ACT),
    (ReopenCase::NAME, ReopenCase::ACT),
    (DeclareInvolved::NAME, DeclareInvolved::ACT),
    (MoveSession::NAME, MoveSession::ACT),
    (CancelSession::NAME, CancelSession::ACT),
    (HandOverSession::NAME, HandOverSession::ACT),
    (AnswerInvitation::NAME, AnswerInvitation::ACT),
];

pub(crate) fn out_of_step(case: &Case, code: &'static str, sentence: impl Into<String>) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: case.next_steps(),
        faults: Vec::new(),
    }
}

/// Nobody is in two places at once: never overridden.
pub(crate) fn booked_at_that_time(case: &Case, faults: Vec<Fault>) -> Refusal {
    Refusal::OutOfStep {
        code: "facilitator_busy",
        sentence: "One of the facilitators is already booked at that time. Choose another time or another facilitator.".into(),
        next: case.next_steps(),
        faults,
    }
}

/// Refuses unless the case was accepted and is not closed.
pub(crate) fn must_be_open(case: &Case) -> Result<(), Refusal> {
    match case.stage() {
        Stage::Open => Ok(()),
        Stage::Raised => Err(out_of_step(
            case,
            "not_triaged",
            "This case has not been triaged yet. Triage it first.",
        )),
        Stage::Closed => Err(out_of_step(
            case,
            "case_closed",
            "This case is closed. Reopen it first.",
        )),
    }
}
