//! An invitation as calendars read it (iMIP, RFC 6047). The one file that knows the icalendar crate.

use chrono::{DateTime, Duration, Utc};
use icalendar::{Calendar, Class, Component, Event, EventLike, EventStatus, Property};
use pipss_api::invitations::Invitation;

use crate::mail::CalendarPart;

/// Writes the calendar part of a letter.
///
/// Times are in UTC: a session is one meeting at one instant, so every calendar shows it at the right
/// local hour on both sides of both clock changes, also in the hour that happens twice, and nothing
/// depends on how a mail program reads a VTIMEZONE. Local time would matter only for what recurs.
pub fn written(
    invitation: &Invitation,
    (organiser, attendee): (&str, &str),
    domain: &str,
    now: DateTime<Utc>,
) -> CalendarPart {
    let (method, status, summary) = if invitation.cancelled {
        let summary = "PIPSS: you are no longer asked to help";
        ("CANCEL", EventStatus::Cancelled, summary)
    } else {
        let summary = "PIPSS: you are asked to help";
        ("REQUEST", EventStatus::Confirmed, summary)
    };
    let ends_at = invitation.starts_at + Duration::minutes(invitation.minutes.into());
    let (reference, link) = (&invitation.reference, &invitation.link);
    let mut event = Event::new();
    event
        .uid(&format!("{}@{domain}", invitation.session))
        .sequence(invitation.sequence)
        .timestamp(now)
        .starts(invitation.starts_at)
        .ends(ends_at)
        .summary(&format!("{summary} ({reference})"))
        .description(&format!(
            "{reference}\n{link}\nYou sign in to see the rest."
        ))
        .class(Class::Private)
        .status(status)
        .append_property(Property::new("ORGANIZER", format!("mailto:{organiser}")))
        .append_property(attending(attendee));
    if let Some(place) = &invitation.location {
        event.location(place);
    }
    let calendar = Calendar::empty()
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//PIPSS//Staff support//EN"))
        .append_property(Property::new("METHOD", method))
        .push(event.done())
        .done();
    CalendarPart {
        method,
        text: calendar.to_string(),
    }
}

/// No answer by mail: the link in the letter takes it, behind sign-in.
fn attending(attendee: &str) -> Property {
    Property::new("ATTENDEE", format!("mailto:{attendee}"))
        .add_parameter("RSVP", "FALSE")
        .add_parameter("ROLE", "REQ-PARTICIPANT")
        .add_parameter("PARTSTAT", "NEEDS-ACTION")
        .done()
}
