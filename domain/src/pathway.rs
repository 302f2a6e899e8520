//! The roof: every command of the pathway, which right it needs, and which step answers it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::action::CompleteAction;
use crate::arrange::ArrangeSession;
use crate::bar::{LiftBar, SetBar};
use crate::calendar::day_in_london;
use crate::case::{Case, Stage};
use crate::change_session::{CancelSession, MoveSession};
use crate::close::{CloseCase, ReopenCase};
use crate::defusion::{LogDefusion, OpenWithDefusion};
use crate::diary::Diaries;
use crate::directory::Directory;
use crate::directory_facts::Role;
use crate::follow_up::{AnswerFollowUp, ConfirmFollowUp};
use crate::hand_over::HandOverSession;
use crate::history::{Event, Who};
use crate::ids::{CaseId, PersonId, SessionId};
use crate::invitation::{AnswerInvitation, DeclareInvolved};
use crate::joint;
use crate::link::LinkIncident;
use crate::merge::{MergeCase, UnmergeCase, merged};
use crate::plan::{CompleteHandover, EndOffer, PlanOffer};
use crate::policy::Act;
use crate::raise::RaiseReferral;
use crate::refusal::{Fault, Refusal};
use crate::scope::RecordScoping;
use crate::session::{RecordSession, RecordSessionNotHeld};
use crate::stream::Stream;
use crate::triage::{AcknowledgeReferral, TriageCase};
use crate::unlink::UnlinkIncident;

/// What a decision may know besides the case: nothing else reaches a rule.
#[derive(Clone, Copy)]
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
    /// Whom of those who could see a case a name or an address means.
    pub known_as: &'a dyn Fn(&str) -> Vec<PersonId>,
    /// The other cases that the command or the case is about, those that whoever asks may see.
    pub others: &'a [&'a Case],
}

impl<'a> Context<'a> {
    /// Another case, if whoever asks may see it.
    pub(crate) fn other(&self, id: CaseId) -> Option<&'a Case> {
        self.others.iter().copied().find(|case| case.case == id)
    }

    /// Is whoever asks a PIPSS lead or deputy today?
    pub(crate) fn is_lead(&self) -> bool {
        match self.who {
            Who::Person(person) => {
                let today = day_in_london(self.now);
                self.directory.holds(person, Role::Lead, today)
            }
            Who::Operator | Who::Program => false,
        }
    }
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
    /// Can it be given to a case that was merged into another one?
    const WHILE_MERGED: bool = false;

    /// The other cases it is about.
    fn also(&self) -> Vec<CaseId> {
        Vec::new()
    }

    /// The session it is about, if it is about one that was arranged.
    fn session(&self) -> Option<SessionId> {
        None
    }

    /// The rule: what follows, or why not.
    ///
    /// # Errors
    /// A refusal of one of four shapes, with a sentence.
    fn decide(self, case: &Case, context: &Context<'_>) -> Decision;
}

/// Gives a command to a case. One that was merged into another takes hardly any.
///
/// # Errors
/// `OutOfStep` for a merged case, else what the rule answers.
pub fn to_case<C: CaseCommand>(command: C, case: &Case, context: &Context<'_>) -> Decision {
    if case.stage() == Stage::Merged && !C::WHILE_MERGED {
        return Err(merged(case, context));
    }
    let session = command.session();
    let decided = command.decide(case, context);
    let happened = joint::only_where_led(session, case, context, decided)?;
    Ok(joint::in_every_case(case, happened))
}

/// The other cases that a command to a case may have to look at.
pub fn concerned<C: CaseCommand>(command: &C, case: &Case) -> Vec<CaseId> {
    let mut others = command.also();
    others.extend(case.aftercare.merged_into);
    if let Some((_, session)) = command.session().and_then(|id| case.session(id)) {
        others.extend(session.arranged.led_in);
        others.extend(&session.arranged.joined);
    }
    others
}

/// The command that opens a case.
///
/// # Errors
/// `Invalid` with every fault at once.
pub fn raise(command: RaiseReferral, context: &Context<'_>) -> Decision {
    command.decide(context)
}

/// The command that opens a case by logging a defusion that was held.
///
/// # Errors
/// `Invalid` with every fault at once.
pub fn open_with_defusion(command: OpenWithDefusion, context: &Context<'_>) -> Decision {
    command.decide(context)
}

/// Every command to a case: its name and the right it needs.
pub const CASE_COMMANDS: [(&str, Act); 26] = [
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
    (LogDefusion::NAME, LogDefusion::ACT),
    (CompleteAction::NAME, CompleteAction::ACT),
    (ConfirmFollowUp::NAME, ConfirmFollowUp::ACT),
    (AnswerFollowUp::NAME, AnswerFollowUp::ACT),
    (LinkIncident::NAME, LinkIncident::ACT),
    (MergeCase::NAME, MergeCase::ACT),
    (UnmergeCase::NAME, UnmergeCase::ACT),
    (DeclareInvolved::NAME, DeclareInvolved::ACT),
    (MoveSession::NAME, MoveSession::ACT),
    (CancelSession::NAME, CancelSession::ACT),
    (HandOverSession::NAME, HandOverSession::ACT),
    (AnswerInvitation::NAME, AnswerInvitation::ACT),
    (SetBar::NAME, SetBar::ACT),
    (LiftBar::NAME, LiftBar::ACT),
    (UnlinkIncident::NAME, UnlinkIncident::ACT),
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
        Stage::Merged => Err(out_of_step(
            case,
            "case_merged",
            "This case was merged into another one.",
        )),
    }
}

#[cfg(test)]
mod tests;
