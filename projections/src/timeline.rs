//! The story of a case in plain words, in order, each sentence with the right it takes to read it.

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::facts::{Overridden, ReferralRaised};
use pipss_domain::headline::headline;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::CaseId;
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;

use crate::cases::About;

/// One entry of a timeline.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The case.
    pub case: CaseId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The kind of the fact.
    pub kind: &'static str,
    /// What happened, in one sentence.
    pub headline: String,
    /// The right it takes to see it.
    pub part: Act,
    /// The offer or session it is about, if any: whoever is assigned to a session sees that one only.
    pub about: About,
    /// What people typed, sealed: a label, the text, and the right it takes to read it.
    pub texts: Vec<(&'static str, Personal<String>, Act)>,
}

/// The timeline of one case from the facts of its stream, in their order.
pub fn of_case(facts: &[Fact]) -> Vec<Entry> {
    let mut case: Option<Case> = None;
    let mut entries = Vec::with_capacity(facts.len());
    for fact in facts {
        match &mut case {
            Some(case) => case.evolve(fact),
            None => case = Case::begin(fact),
        }
        let Some(case) = &case else { continue };
        if let Some(sentence) = headline(&fact.event, case) {
            let (part, about) = part(&fact.event);
            entries.push(Entry {
                case: case.case,
                occurred_at: fact.occurred_at,
                recorded_at: fact.recorded_at,
                kind: fact.event.kind(),
                headline: sentence,
                part,
                about,
                texts: texts(&fact.event),
            });
        }
    }
    entries
}

fn part(event: &Event) -> (Act, About) {
    match event {
        Event::ReferralRaised(_) => (Act::SeeRequest, About::Case),
        Event::CaseTriaged(_) => (Act::SeeTriage, About::Case),
        Event::ScopingRecorded(_) => (Act::SeeNeeds, About::Case),
        Event::OfferPlanned(fact) => (Act::SeePlan, About::Offer(fact.offer)),
        Event::OfferEnded(fact) => (Act::SeePlan, About::Offer(fact.offer)),
        Event::HandoverCompleted(fact) => (Act::SeePlan, About::Offer(fact.offer)),
        Event::SessionArranged(fact) => (Act::SeeSessions, About::Session(fact.session)),
        Event::SessionRecorded(fact) => (Act::SeeSessions, About::Session(fact.session)),
        Event::SessionNotHeld(fact) => (Act::SeeSessions, About::Session(fact.session)),
        Event::DefusionLogged(_) => (Act::SeeDefusions, About::Case),
        Event::ActionCompleted(_) => (Act::SeeActions, About::Case),
        Event::FollowUpConfirmed(_) => (Act::SeeFollowUpWorking, About::Case),
        Event::FollowUpAnswered(_) => (Act::SeeFollowUps, About::Case),
        Event::IncidentLinked(_)
        | Event::IncidentUnlinked(_)
        | Event::CaseTookIn(_)
        | Event::CaseGaveBack(_) => (Act::SeeLinks, About::Case),
        Event::SessionMoved(fact) => (Act::SeeSessions, About::Session(fact.session)),
        Event::SessionCancelled(fact) => (Act::SeeSessions, About::Session(fact.session)),
        Event::SessionHandedOver(fact) => (Act::SeeSessions, About::Session(fact.session)),
        Event::FacilitatorAnswered(fact) => (Act::SeeStaffing, About::Session(fact.session)),
        Event::InvolvementDeclared(_) => (Act::SeeStaffing, About::Case),
        // What is left says no more than that the case exists and whether it is closed.
        _ => (Act::SeeCase, About::Case),
    }
}

fn texts(event: &Event) -> Vec<(&'static str, Personal<String>, Act)> {
    let one = |label, text: &Option<Personal<String>>, act| {
        text.iter().map(|text| (label, text.clone(), act)).collect()
    };
    match event {
        Event::ReferralRaised(raised) => raised_texts(raised),
        Event::CaseTriaged(fact) => one("reason", &fact.reason, Act::SeeTriageWorking),
        Event::ScopingRecorded(fact) => {
            let notes = fact.needs.iter().filter_map(|need| need.note.clone());
            notes
                .map(|note| ("note", note, Act::SeeNeedNotes))
                .collect()
        }
        Event::OfferPlanned(fact) => one("aim", &fact.aim, Act::SeePlan),
        Event::SessionArranged(fact) => {
            let mut texts: Vec<_> = one("site", &fact.site, Act::SeeVenue);
            texts.extend::<Vec<_>>(one("link", &fact.link, Act::SeeVenue));
            texts.extend(overrides(&fact.overrides));
            texts
        }
        Event::SessionMoved(fact) => {
            let mut texts: Vec<_> = one("site", &fact.site, Act::SeeVenue);
            texts.extend::<Vec<_>>(one("link", &fact.link, Act::SeeVenue));
            texts.extend(overrides(&fact.overrides));
            texts
        }
        Event::SessionHandedOver(fact) => overrides(fact.overridden.as_slice()).collect(),
        Event::SessionRecorded(fact) => {
            let actions = fact.actions.iter();
            actions
                .map(|action| ("to be done", action.what.clone(), Act::SeeSessionActions))
                .collect()
        }
        Event::OfferEnded(fact) => one("note", &fact.note, Act::SeePlan),
        Event::HandoverCompleted(fact) => one("what changed", &fact.what_changed, Act::SeePlan),
        Event::ActionCompleted(fact) => one("what changed", &fact.what_changed, Act::SeeActions),
        _ => Vec::new(),
    }
}

/// Why someone was asked although something spoke against it: for leads.
fn overrides(
    overridden: &[Overridden],
) -> impl Iterator<Item = (&'static str, Personal<String>, Act)> {
    let reasons = overridden.iter().map(|each| each.reason.clone());
    reasons.map(|reason| ("asked all the same", reason, Act::SeeStaffing))
}

fn raised_texts(raised: &ReferralRaised) -> Vec<(&'static str, Personal<String>, Act)> {
    let lines = raised
        .incidents
        .iter()
        .filter_map(|incident| incident.line.as_ref());
    let other = [
        raised.anticipated.as_ref().and_then(|a| a.line.as_ref()),
        raised.strain.as_ref().and_then(|s| s.line.as_ref()),
    ];
    lines
        .chain(other.into_iter().flatten())
        .map(|line| {
            (
                "in the words of whoever asked",
                line.clone(),
                Act::SeeRequestText,
            )
        })
        .collect()
}
