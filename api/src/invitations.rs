//! What a facilitator's letter says to a calendar: when, where, a reference, and nothing more.

use chrono::{DateTime, Utc};
use pipss_domain::history::Who;
use pipss_domain::ids::SessionId;
use pipss_domain::letter::LetterKind;
use pipss_domain::stream::Stream;
use pipss_projections::letters::Letter;
use pipss_projections::session_letters::has_calendar_part;

use crate::view::View;

/// An invitation to one facilitator, or its cancellation.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// The session: its random id is what calendars know it by.
    pub session: SessionId,
    /// Is it off for them?
    pub cancelled: bool,
    /// Rises with each change of the session.
    pub sequence: u32,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// Length in minutes.
    pub minutes: u16,
    /// The site, or the link; never the ward, and nothing once it is off.
    pub location: Option<String>,
    /// The case's reference.
    pub reference: String,
    /// The link that needs sign-in.
    pub link: String,
}

/// What this letter says to a calendar, as the session stands now.
pub(crate) fn of_letter(view: &View<'_>, letter: &Letter, base: &str) -> Option<Invitation> {
    let kind = letter.id.1;
    if !has_calendar_part(kind) {
        return None;
    }
    let case = view.views.cases.get(letter.case()?)?;
    let (_, session) = case.session(letter.session?)?;
    let cancelled = kind == LetterKind::Released;
    let arranged = &session.arranged;
    let place = arranged.site.as_ref().or(arranged.link.as_ref());
    Some(Invitation {
        session: session.id(),
        cancelled,
        sequence: session.changes,
        starts_at: arranged.starts_at,
        minutes: arranged.minutes,
        location: place
            .filter(|_| !cancelled)
            .and_then(|place| view.app.open_text(place)),
        reference: case.request.reference.clone(),
        link: link(view, base, letter)?,
    })
}

/// The page that a letter leads to; signing in comes first. Whoever was released may no longer see the case.
pub(crate) fn link(view: &View<'_>, base: &str, letter: &Letter) -> Option<String> {
    use LetterKind as Kind;
    let page = match (letter.id.1, letter.about, letter.session) {
        (Kind::Assigned | Kind::Moved | Kind::Reminder | Kind::Released, Stream::Case(_), _) => {
            "sessions".into()
        }
        (Kind::Undelivered, ..) => "letters".into(),
        (Kind::RecordOverdue, Stream::Case(case), Some(session)) => {
            format!("cases/{case}/sessions/{session}/record")
        }
        (Kind::FollowUpDue, Stream::Case(case), _) => format!("cases/{case}/answer-follow-up"),
        (_, Stream::Policy, _) => "queue".into(),
        (_, Stream::Case(case), _) => format!("cases/{case}"),
        // The same link for whoever asked and whoever helps would be no good: each has a page of theirs.
        (_, Stream::Support(id), _) => {
            let one = view.views.one_to_ones.get(id)?;
            if one.asker == Who::Person(letter.id.2) {
                "my-support".into()
            } else {
                format!("one-to-ones/{id}")
            }
        }
        (_, Stream::Supervision(_), _) => "supervision".into(),
        (_, Stream::Restricted(case), _) => format!("cases/{case}/escalations"),
        (_, Stream::Disclosure(_), _) => "oversight/disclosures".into(),
        // Whatever else calls for letters says here where they lead.
        _ => return None,
    };
    Some(format!("{base}/{page}"))
}
