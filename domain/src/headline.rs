//! What happened, in one plain sentence that anyone who may see the fact may read.
//!
//! Made of codes and dates only: no name, no headcount, nothing a person typed. What people typed
//! stands beside it where the reader may see it.

use crate::calendar::{day_in_words, in_words};
use crate::case::Case;
use crate::facts::{
    DefusionLogged, FollowUpAnswered, Going, Milestone, OfferEnd, OfferEnded, ReferralRaised,
    ScopingRecorded, SessionArranged, Urgency, YesOrNo,
};
use crate::history::Event;
use crate::ids::{OfferId, SessionId};
use crate::offer::OfferKind;

/// The sentence for a fact of a case's stream, the case being as it was after the fact.
/// Facts that tell a reader of the case nothing have none.
pub fn headline(event: &Event, case: &Case) -> Option<String> {
    Some(match event {
        Event::ReferralRaised(raised) => raised_words(raised),
        Event::ReferralAcknowledged(reply) => {
            format!("A person answered whoever asked, {}.", reply.by.label())
        }
        Event::CaseTriaged(triaged) => format!(
            "The PIPSS lead triaged the request: {}. Urgency {}.",
            triaged.outcome.label(),
            urgency_words(triaged.decided)
        ),
        Event::ScopingRecorded(scoping) => scoping_words(scoping),
        Event::OfferPlanned(planned) if planned.kind == OfferKind::OneToOne => {
            "Planned: one-to-one support will be made known to the whole team.".into()
        }
        Event::OfferPlanned(planned) => format!(
            "Planned: {}, by {}.",
            planned.kind.row().label,
            planned.owner.label()
        ),
        Event::SessionArranged(arranged) => arranged_words(arranged, case),
        Event::SessionRecorded(record) => format!(
            "Held: {}, {} minutes.",
            session_label(case, record.session),
            record.minutes
        ),
        Event::SessionNotHeld(not_held) => format!(
            "Not held: {}; {}.",
            session_label(case, not_held.session),
            not_held.reason.label()
        ),
        Event::OfferEnded(ended) => ended_words(ended, case),
        Event::HandoverCompleted(done) => {
            format!(
                "Done after it was handed over: {}.",
                label(case, done.offer)
            )
        }
        Event::CaseClosed(closed) => format!("The case was closed: {}.", closed.outcome.label()),
        Event::CaseReopened(reopened) => {
            format!("The case was opened again: {}.", reopened.reason.label())
        }
        _ => return changed_words(event, case).or_else(|| beside(event)),
    })
}

/// The sentence for what is recorded beside the support plan; a kind that is new stands here or above.
fn beside(event: &Event) -> Option<String> {
    Some(match event {
        Event::DefusionLogged(logged) => defusion_words(logged),
        Event::FollowUpConfirmed(_) => {
            "The PIPSS lead said whom to ask how the team is doing.".into()
        }
        Event::FollowUpAnswered(answered) => follow_up_words(answered),
        Event::IncidentLinked(_) => "An incident was linked with another case.".into(),
        Event::IncidentUnlinked(_) => "An incident is no longer linked with another case.".into(),
        Event::CaseMerged(_) => "The case was merged into another one.".into(),
        Event::CaseTookIn(_) => "Another case was merged into this one.".into(),
        Event::CaseUnmerged(_) => "The case stands by itself again.".into(),
        Event::CaseGaveBack(_) => {
            "A case that was merged into this one stands by itself again.".into()
        }
        Event::ActionCompleted(_) => "Something that a session asked for was done.".into(),
        Event::OrganisationFounded(_)
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
        | Event::EscalationHandled(_) => return None,
        Event::GlassAsked(_) | Event::GlassDecided(_) | Event::GlassReviewed(_) => return None,
        Event::RecordRead(_) | Event::FeedbackGiven(_) => return None,
        // Told above.
        Event::SessionMoved(_)
        | Event::SessionCancelled(_)
        | Event::SessionHandedOver(_)
        | Event::FacilitatorAnswered(_)
        | Event::InvolvementDeclared(_)
        | Event::ReferralRaised(_)
        | Event::ReferralAcknowledged(_)
        | Event::CaseTriaged(_)
        | Event::ScopingRecorded(_)
        | Event::OfferPlanned(_)
        | Event::SessionArranged(_)
        | Event::SessionRecorded(_)
        | Event::SessionNotHeld(_)
        | Event::OfferEnded(_)
        | Event::HandoverCompleted(_)
        | Event::CaseClosed(_)
        | Event::CaseReopened(_) => return None,
    })
}

fn raised_words(raised: &ReferralRaised) -> String {
    let asked: Vec<_> = raised.asked_for.iter().map(|kind| short(*kind)).collect();
    let mut reported: Vec<_> = raised.incidents.iter().map(|i| i.kind.label()).collect();
    reported.extend(
        raised
            .anticipated
            .as_ref()
            .map(|_| "an event that is expected"),
    );
    reported.extend(raised.strain.as_ref().map(|strain| strain.kind.label()));
    if asked.is_empty() {
        let what = reported.join("; ");
        return format!("The PIPSS lead was told: {what}. Nothing more was asked for yet.");
    }
    format!(
        "Support for the team was asked for: {}. Reported: {}.",
        asked.join("; "),
        reported.join("; ")
    )
}

fn defusion_words(logged: &DefusionLogged) -> String {
    let led_by = logged.led_by.label();
    let marked = if logged.outside_window {
        " It was later than usual after what happened, or before it."
    } else {
        ""
    };
    let when = in_words(logged.held_at);
    format!("A defusion was held on {when}, led by {led_by}.{marked}")
}

fn follow_up_words(answered: &FollowUpAnswered) -> String {
    let when = match answered.follow_up {
        Milestone::FourWeeks => "Four weeks on",
        Milestone::ThreeMonths => "Three months on",
        Milestone::SixMonths => "Six months on",
        Milestone::TwelveMonths => "Twelve months on",
    };
    let going = match answered.going {
        Going::Better => "the team is doing better",
        Going::Same => "the team is doing as before",
        Going::Worse => "the team is doing worse",
    };
    let reminded = match answered.reminded_how_to_ask {
        YesOrNo::Yes => "It was reminded how to ask privately.",
        YesOrNo::No => "It was not yet reminded how to ask privately.",
    };
    let more = match answered.more_team_support {
        YesOrNo::Yes => "More support for the team is wanted.",
        YesOrNo::No => "No more support for the team is wanted now.",
    };
    format!("{when}, {going}. {reminded} {more}")
}

fn scoping_words(scoping: &ScopingRecorded) -> String {
    let with: Vec<_> = scoping.with.iter().map(|with| with.label()).collect();
    let needs: Vec<_> = scoping
        .needs
        .iter()
        .map(|need| need.theme.label())
        .collect();
    format!(
        "The PIPSS lead asked {} what the team needs. Found: {}.",
        with.join(" and "),
        needs.join("; ")
    )
}

fn arranged_words(arranged: &SessionArranged, case: &Case) -> String {
    format!(
        "Arranged: {} on {}, {} minutes. Coming is voluntary.",
        label(case, arranged.offer),
        in_words(arranged.starts_at),
        arranged.minutes
    )
}

/// How a session changed.
fn changed_words(event: &Event, case: &Case) -> Option<String> {
    Some(match event {
        Event::SessionMoved(moved) => format!(
            "Moved: {} to {}, {} minutes. Coming is voluntary.",
            session_label(case, moved.session),
            in_words(moved.starts_at),
            moved.minutes
        ),
        Event::SessionCancelled(cancelled) => format!(
            "Cancelled: {}; {}.",
            session_label(case, cancelled.session),
            cancelled.reason.label()
        ),
        Event::SessionHandedOver(handed_over) => format!(
            "Another facilitator takes the place of one: {}.",
            session_label(case, handed_over.session)
        ),
        Event::FacilitatorAnswered(answer) if answer.accept => format!(
            "A facilitator will come: {}.",
            session_label(case, answer.session)
        ),
        Event::FacilitatorAnswered(answer) => format!(
            "A facilitator cannot come: {}.",
            session_label(case, answer.session)
        ),
        Event::InvolvementDeclared(_) => {
            "A facilitator was declared too close to this to be neutral.".into()
        }
        _ => return None,
    })
}

fn ended_words(ended: &OfferEnded, case: &Case) -> String {
    let what = label(case, ended.offer);
    let one_to_one = case
        .offer(ended.offer)
        .is_some_and(|offer| offer.planned.kind == OfferKind::OneToOne);
    match ended.how {
        OfferEnd::Done if one_to_one => "One-to-one support was made known to the whole team. \
             Who asks for it, and whether anyone does, stays private."
            .into(),
        OfferEnd::Done => format!("Done: {what}."),
        OfferEnd::NotNeeded => format!("Not needed: {what}."),
        OfferEnd::DeclinedByTeam => format!("Declined by the team: {what}."),
        OfferEnd::HandedOver => {
            let to = ended.owner.map_or("another service", |owner| owner.label());
            let due = ended
                .due
                .map_or(String::new(), |day| format!(", due {}", day_in_words(day)));
            format!("Handed over to {to}{due}: {what}.")
        }
    }
}

fn label(case: &Case, offer: OfferId) -> &'static str {
    case.offer(offer)
        .map_or("an offer", |offer| offer.row().label)
}

fn session_label(case: &Case, session: SessionId) -> &'static str {
    case.session(session)
        .map_or("a session", |(offer, _)| offer.row().label)
}

const fn short(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::OneToOne => "one-to-one support made known to the team",
        other => other.row().label,
    }
}

/// How urgent, in words that follow "Urgency".
pub const fn urgency_words(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::U1 => "U1, someone acts at once",
        Urgency::U2 => "U2, urgent",
        Urgency::U3 => "U3, routine",
        Urgency::U4 => "U4, planned ahead",
    }
}
