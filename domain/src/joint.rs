//! Sessions that are held for several teams together: led in one case, standing in every one of them.
//!
//! Each case has its own fact of everything, in the same append, so that each team's managers see the
//! session as theirs and nothing shows them that another team is there.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::arrange::SESSIONS_MAX;
use crate::case::{Case, Offer, Session, Stage};
use crate::facts::SessionArranged;
use crate::history::Event;
use crate::ids::{CaseId, OfferId, SessionId};
use crate::pathway::{Context, Decision, Happened, out_of_step};
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;

/// Other cases that one session can be held for.
pub(crate) const JOINED_MAX: usize = 5;

/// Another case that a session is held for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JointWith {
    /// The case; it must be open and linked with this one by an incident.
    pub case: CaseId,
    /// Its offer, of the same kind.
    pub offer: OfferId,
}

impl JointWith {
    /// What stands in this case of a session that another one leads.
    pub(crate) fn arranged(&self, arranged: &SessionArranged, led_in: CaseId) -> SessionArranged {
        SessionArranged {
            offer: self.offer,
            joined: Vec::new(),
            led_in: Some(led_in),
            ..arranged.clone()
        }
    }
}

/// The cases that were named, as far as they fit; whatever does not fit is a fault. A case that
/// whoever asks may not see looks like one that is not linked.
pub(crate) fn cases<'c>(
    named: &[JointWith],
    case: &Case,
    offer: &Offer,
    context: &Context<'c>,
    faults: &mut Faults,
) -> Vec<&'c Case> {
    let few = named.len() <= JOINED_MAX;
    let detail = format!("Name at most {JOINED_MAX} other cases.");
    faults.require(few, "/joint_with", detail);
    let mut found = Vec::new();
    for (n, one) in named.iter().take(JOINED_MAX).enumerate() {
        let once = named[..n].iter().all(|before| before.case != one.case);
        let other = context
            .other(one.case)
            .filter(|other| once && linked(case, other) && other.stage() == Stage::Open);
        faults.require(
            other.is_some(),
            format!("/joint_with/{n}/case"),
            "Choose another open case that is linked with this one by an incident, each once.",
        );
        faults.require(
            other.is_none_or(|other| fits(other, one.offer, offer)),
            format!("/joint_with/{n}/offer"),
            "Choose an offer of that case that is of the same kind and has not ended.",
        );
        found.extend(other);
    }
    found
}

fn linked(case: &Case, other: &Case) -> bool {
    let mut links = case.aftercare.links.iter();
    other.case != case.case && links.any(|link| link.with == other.case)
}

fn fits(other: &Case, id: OfferId, leading: &Offer) -> bool {
    other.offer(id).is_some_and(|offer| {
        offer.planned.kind == leading.planned.kind
            && offer.ended.is_none()
            && offer.sessions.len() < SESSIONS_MAX
    })
}

/// Of these cases, those that a session is held for besides the one that leads it.
pub(crate) fn among<'c>(session: &Session, cases: &[&'c Case]) -> Vec<&'c Case> {
    let cases = cases.iter().copied();
    cases
        .filter(|case| session.arranged.joined.contains(&case.case))
        .collect()
}

/// The other cases that a session is held for, as far as whoever asks may see them.
pub(crate) fn of_session<'c>(session: &Session, context: &Context<'c>) -> Vec<&'c Case> {
    among(session, context.others)
}

/// Refuses what is asked of a session in another case than the one that leads it, and names that one
/// only to whoever may see it. What could not be right anyway is refused as it would be elsewhere.
pub(crate) fn only_where_led(
    session: Option<SessionId>,
    case: &Case,
    context: &Context<'_>,
    decided: Decision,
) -> Decision {
    let session = session.and_then(|id| case.session(id));
    let led_in = session.and_then(|(_, session)| session.arranged.led_in);
    match (led_in, decided) {
        (Some(led_in), Ok(_) | Err(Refusal::OutOfStep { .. })) => {
            let sentence = context.other(led_in).map_or(
                "This session is led elsewhere. Ask the PIPSS lead.".into(),
                |led| {
                    let reference = &led.request.reference;
                    format!(
                        "This session is led in {reference}. Do it there: it counts for every team."
                    )
                },
            );
            Err(out_of_step(case, "joint_session", sentence))
        }
        (_, decided) => decided,
    }
}

/// What happened to a session where it is led happened in every case it is held for.
pub(crate) fn in_every_case(case: &Case, mut happened: Vec<Happened>) -> Vec<Happened> {
    let own = happened
        .iter()
        .filter(|one| one.stream == Stream::Case(case.case));
    let copies: Vec<_> = own
        .filter_map(|one| Some((one, case.session(changed(&one.event)?)?)))
        .flat_map(|(one, (_, session))| {
            let joined = session.arranged.joined.iter();
            joined.map(|other| Happened {
                stream: Stream::Case(*other),
                ..one.clone()
            })
        })
        .collect();
    happened.extend(copies);
    // What is private comes last, so that all that the cases are told has the same ids without it.
    happened.sort_by_key(|one| matches!(one.stream, Stream::Supervision(_)));
    happened
}

/// The session that a fact changes, or says the outcome of.
fn changed(event: &Event) -> Option<SessionId> {
    match event {
        Event::SessionMoved(fact) => Some(fact.session),
        Event::SessionCancelled(fact) => Some(fact.session),
        Event::SessionHandedOver(fact) => Some(fact.session),
        Event::FacilitatorAnswered(fact) => Some(fact.session),
        Event::SessionRecorded(fact) => Some(fact.session),
        Event::SessionNotHeld(fact) => Some(fact.session),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
