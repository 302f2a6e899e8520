//! Letters: what is owed to whom follows from the facts; that one was sent is itself a fact.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kinds of letter that exist so far (product: "Letters").
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// To whoever asked: it arrived.
    Received,
    /// To the leads: someone must look at once.
    Urgent,
    /// To a facilitator: you are asked to hold a session.
    Assigned,
    /// To the managers: something was arranged.
    Scheduled,
    /// To the managers: the case was closed.
    Closed,
    /// To the manager whom the lead confirmed: a follow-up is due.
    FollowUpDue,
    /// To a facilitator: the session you are asked for has changed.
    Moved,
    /// To a facilitator: you are no longer asked.
    Released,
    /// To a facilitator, the working day before: a session comes.
    Reminder,
    /// To a facilitator: nothing has been recorded of your session.
    RecordOverdue,
    /// To the managers: what was arranged is called off.
    Cancelled,
    /// To whoever is concerned: something that is told to nobody else waits to be read.
    News,
    /// To the leads: someone reported serious danger.
    Danger,
    /// To the lead, then the deputy: a due time comes near.
    DueSoon,
    /// To the lead, then the deputy: a due time has passed.
    Overdue,
    /// To the lead or the deputy: a letter did not reach whom it was for.
    Undelivered,
    /// To a lead or deputy who was told of much already: more waits.
    Waiting,
    /// To the lead, on Monday morning: how much waits.
    Digest,
    /// To the duty contact: someone must look at once, and nobody else is at work.
    OnDuty,
    /// To every lead and auditor: whoever runs the machine named someone in an emergency.
    Emergency,
}

impl LetterKind {
    /// What it is about, in plain words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Received => "Receipt to whoever asked",
            Self::Urgent => "An urgent request",
            Self::Assigned => "Asked to facilitate a session",
            Self::Scheduled => "Something was arranged",
            Self::Closed => "The case was closed",
            Self::FollowUpDue => "Follow-up questions",
            Self::Moved => "A session was changed",
            Self::Released => "No longer asked to facilitate a session",
            Self::Reminder => "Reminder of a session",
            Self::RecordOverdue => "A session is not recorded yet",
            Self::Cancelled => "A session was called off",
            Self::News => "Something private to read",
            Self::Danger => "Serious danger was reported",
            Self::DueSoon => "Something is due soon",
            Self::Overdue => "Something is overdue",
            Self::Undelivered => "A letter did not arrive",
            Self::Waiting => "More is waiting",
            Self::Digest => "What waits this week",
            Self::OnDuty => "An urgent request, to the duty contact",
            Self::Emergency => "A role was given in an emergency",
        }
    }
}

/// `LetterSent`: the mail server took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LetterSent {
    /// Which letter.
    pub letter: LetterKind,
    /// The Message-ID it carried; a resend carries the same.
    pub message_id: String,
    /// The SEQUENCE of the invitation it carried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
}

/// `LetterUndelivered`: the program stopped trying after 72 hours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LetterUndelivered {
    /// Which letter.
    pub letter: LetterKind,
}
