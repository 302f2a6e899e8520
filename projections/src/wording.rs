//! The words of a letter: a reference and a link, and nothing that gives anyone away.
//!
//! Ward mailboxes are shared. No name, team, ward, incident, kind of support or date of an incident
//! stands in a subject or a body (product: "Letters").

use chrono::{DateTime, Utc};
use pipss_domain::calendar::weekday_in_words;
use pipss_domain::clocks::ClockCode;
use pipss_domain::letter::LetterKind;

use crate::digest::Counts;

/// One letter as it would leave, but for its addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

/// What one letter is about: its kind, the reference if there is one, and the link that needs sign-in.
pub struct About<'a> {
    /// The kind.
    pub kind: LetterKind,
    /// The reference of the case, if it is about one.
    pub reference: Option<&'a str>,
    /// The link.
    pub link: &'a str,
    /// The clock, if it is about one.
    pub clock: Option<ClockCode>,
    /// The numbers of a digest.
    pub counts: Option<Counts>,
    /// Until when nobody reads what was asked for, and whom to ring until then.
    pub until_then: Option<String>,
}

const END: &str = "\
This mailbox may be shared, so this message says no more. You sign in to see the rest.

PIPSS is not an emergency service. In danger, ring 999.
";

/// The words of a mail that carries one letter, or several to the same person.
pub fn words(letters: &[About<'_>]) -> Words {
    match letters {
        [one] => Words {
            subject: match one.reference {
                Some(reference) => format!("{} ({reference})", subject(one.kind)),
                None => subject(one.kind).into(),
            },
            text: format!("{}\n\n{}\n\n{END}", said(one), where_to(one)),
        },
        several => {
            let lines: Vec<_> = several
                .iter()
                .map(|letter| format!("{}\n{}", said(letter), where_to(letter)))
                .collect();
            Words {
                subject: format!("{} messages from PIPSS", several.len()),
                text: format!("{}\n\n{END}", lines.join("\n\n")),
            }
        }
    }
}

fn where_to(letter: &About<'_>) -> String {
    match letter.reference {
        Some(reference) => format!("Reference: {reference}\n{}", letter.link),
        None => letter.link.into(),
    }
}

/// What whoever asks is told when nobody is at work: no weekend is longer than a week.
pub fn nobody_reads_until(at_work_from: DateTime<Utc>) -> String {
    format!(
        "Nobody reads this until {}.",
        weekday_in_words(at_work_from)
    )
}

fn said(letter: &About<'_>) -> String {
    let sentence = match letter.clock {
        Some(clock) => of_clock(letter.kind, clock),
        None => sentence(letter.kind),
    };
    let more = letter
        .counts
        .map(numbers)
        .or_else(|| letter.until_then.clone());
    match more {
        Some(more) => format!("{sentence}\n\n{more}"),
        None => sentence.into(),
    }
}

fn numbers(counts: Counts) -> String {
    format!(
        "Waiting for triage: {}\nOpen: {}\nSessions this week: {}\nOverdue: {}",
        counts.to_triage, counts.open, counts.sessions, counts.overdue
    )
}

const fn subject(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Received => "We have received your request",
        LetterKind::Urgent | LetterKind::Danger => "Please look at this now",
        LetterKind::Assigned => "You are asked to help",
        LetterKind::Scheduled => "Something has been arranged",
        LetterKind::Closed => "A request has been closed",
        LetterKind::FollowUpDue => "Three short questions are waiting",
        LetterKind::Moved => "Something you are asked to help with has changed",
        LetterKind::Released => "You are no longer asked to help",
        LetterKind::Reminder => "You are asked to help soon",
        LetterKind::RecordOverdue => "Please record what came of it",
        LetterKind::Cancelled => "Something has been called off",
        LetterKind::News => "Something is waiting for you",
        LetterKind::DueSoon => "Something is due soon",
        LetterKind::Overdue => "Something is overdue",
        LetterKind::Undelivered => "A message did not arrive",
        LetterKind::Waiting => "More is waiting for you",
        LetterKind::Digest => "This week",
        LetterKind::OnDuty => "Please look at this now",
        LetterKind::Emergency => "A role was given in an emergency",
    }
}

const fn sentence(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Received => {
            "Thank you. Your request has reached us. A person will read it and get back to you. \
             Please quote the reference if you ring."
        }
        LetterKind::Danger => "Something needs someone to look at it at once.",
        LetterKind::Urgent => "A new request needs someone to look at it at once.",
        LetterKind::Assigned => {
            "You are asked to help with something. When, where and with whom is on the page."
        }
        LetterKind::Scheduled => "Something has been arranged. When and where is on the page.",
        LetterKind::FollowUpDue => {
            "Three short questions are waiting for you. They take a minute and name nobody."
        }
        LetterKind::Closed => {
            "Nothing more is planned for this request. It can be opened again at any time."
        }
        LetterKind::Moved => {
            "Something you are asked to help with has changed. When, where and with whom is on the page."
        }
        LetterKind::Released => {
            "You are no longer asked to help with this, and need do nothing. Thank you."
        }
        LetterKind::Reminder => {
            "You are asked to help on the next working day. When, where and with whom is on the page."
        }
        LetterKind::RecordOverdue => {
            "Nothing has been recorded of what you were asked to help with. It takes two minutes on the page."
        }
        LetterKind::Cancelled => "Something that had been arranged will not take place.",
        LetterKind::News => "Something is waiting for you to read.",
        LetterKind::DueSoon => "Something is due soon. What it is stands on the page.",
        LetterKind::Overdue => "Something is overdue. What it is stands on the page.",
        LetterKind::Undelivered => {
            "A message about this could not be delivered. Please tell whoever it was for in another way. \
             The list of messages says who that is."
        }
        LetterKind::Waiting => {
            "More is waiting: due soon, overdue or undelivered. You get one message for all of it, and the page \
             shows what it is."
        }
        LetterKind::Digest => "This is what waits at the beginning of the week.",
        LetterKind::OnDuty => {
            "A new request needs someone to look at it at once, and nobody else is at work."
        }
        LetterKind::Emergency => {
            "Whoever runs the computer of this record gave someone a role for 24 hours, in an emergency. \
             Who, and which role, is on the page. If you do not know why, ask them. An auditor can end it there."
        }
    }
}

/// What is due, in words that do not say what kind of support it is about.
const fn of_clock(kind: LetterKind, clock: ClockCode) -> &'static str {
    match (kind, clock) {
        (LetterKind::DueSoon, ClockCode::K2) => {
            "An answer is due soon. Nobody has replied yet to whoever made this request."
        }
        (_, ClockCode::K2) => {
            "An answer is overdue. Nobody has replied yet to whoever made this request."
        }
        (LetterKind::DueSoon, ClockCode::K3) => {
            "A decision is due soon. Nobody has decided yet how to go on with this request."
        }
        (_, ClockCode::K3) => {
            "A decision is overdue. Nobody has decided yet how to go on with this request."
        }
        (LetterKind::DueSoon, ClockCode::K4) => {
            "A first contact is due soon. None is recorded for this request yet."
        }
        (_, ClockCode::K4) => "A first contact is overdue. None is recorded for this request yet.",
        (LetterKind::DueSoon, ClockCode::K5) => {
            "The time for something planned is running out. It has not been arranged yet."
        }
        (_, ClockCode::K5) => {
            "The time for something planned is over. It has not been arranged yet."
        }
        (LetterKind::DueSoon, ClockCode::K7) => {
            "The time for three short questions is running out. They have not been answered yet."
        }
        (_, ClockCode::K7) => {
            "The time for three short questions is over. They have not been answered yet."
        }
        (LetterKind::DueSoon, ClockCode::K1 | ClockCode::K6) => sentence(LetterKind::DueSoon),
        (_, ClockCode::K1 | ClockCode::K6) => sentence(LetterKind::Overdue),
    }
}
