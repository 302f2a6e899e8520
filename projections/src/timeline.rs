//! The story of a case in plain words, in order, each sentence with the right it takes to read it.

use chrono::{DateTime, Utc};
use pipss_domain::case::Case;
use pipss_domain::facts::ReferralRaised;
use pipss_domain::headline::headline;
use pipss_domain::history::{Event, Fact};
use pipss_domain::ids::{CaseId, SessionId};
use pipss_domain::personal::Personal;
use pipss_domain::policy::Act;

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
    /// The session it is about, if any: who is assigned may see that session only.
    pub session: Option<SessionId>,
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
            let (part, session) = part(&fact.event);
            entries.push(Entry {
                case: case.case,
                occurred_at: fact.occurred_at,
                recorded_at: fact.recorded_at,
                kind: fact.event.kind(),
                headline: sentence,
                part,
                session,
                texts: texts(&fact.event),
            });
        }
    }
    entries
}

fn part(event: &Event) -> (Act, Option<SessionId>) {
    match event {
        Event::ReferralRaised(_) => (Act::SeeRequest, None),
        Event::CaseTriaged(_) => (Act::SeeTriage, None),
        Event::ScopingRecorded(_) => (Act::SeeNeeds, None),
        Event::OfferPlanned(_) | Event::OfferEnded(_) | Event::HandoverCompleted(_) => {
            (Act::SeePlan, None)
        }
        Event::SessionArranged(fact) => (Act::SeeSessions, Some(fact.session)),
        Event::SessionRecorded(fact) => (Act::SeeSessions, Some(fact.session)),
        Event::SessionNotHeld(fact) => (Act::SeeSessions, Some(fact.session)),
        // What is left says no more than that the case exists and whether it is closed.
        _ => (Act::SeeCase, None),
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
            texts
        }
        Event::SessionRecorded(fact) => {
            let actions = fact.actions.iter();
            actions
                .map(|action| ("to be done", action.what.clone(), Act::SeeSessionActions))
                .collect()
        }
        Event::OfferEnded(fact) => one("note", &fact.note, Act::SeePlan),
        Event::HandoverCompleted(fact) => one("what changed", &fact.what_changed, Act::SeePlan),
        _ => Vec::new(),
    }
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
