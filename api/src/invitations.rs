//! What a facilitator's letter says to a calendar: when, where, a reference, and nothing more.

use chrono::{DateTime, Utc};
use pipss_domain::ids::SessionId;
use pipss_domain::letter::LetterKind;
use pipss_projections::letters::Letter;
use pipss_projections::session_letters::has_calendar_part;

use crate::leads::link;
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
