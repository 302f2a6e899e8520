//! What is sealed in a fact of the log, put back in the clear, so that it can be sealed anew elsewhere.

use pipss_domain::history::Event;
use pipss_domain::personal::Personal;
use pipss_store::{EventStore, SledStore};
use serde_json::Value;

/// Every sealed value of an event as JSON, in the order in which the event shows them.
pub fn opened(event: &Event, store: &SledStore) -> Option<Vec<String>> {
    let mut plain = Vec::new();
    event.clone().personals(&mut |_, value| {
        let sealed = value.sealed_mut().cloned();
        let opened = sealed.map(|sealed| store.open(&Personal::<Value>::Sealed(Box::new(sealed))));
        plain.push(opened.and_then(|opened| opened.known().map(Value::to_string)));
    });
    plain.into_iter().collect()
}

/// Puts such values in their places. Answers whether that is all of them: of kinds that a demonstration
/// does not tell, none is put back.
pub fn put(event: &mut Event, plain: &[String]) -> bool {
    let mut plain = Plain(plain);
    let next = &mut plain;
    match event {
        Event::ReferralRaised(fact) => {
            let lines = fact.incidents.iter_mut().filter_map(|i| i.line.as_mut());
            lines.for_each(|line| next.into(line));
            let references = fact
                .incidents
                .iter_mut()
                .filter_map(|i| i.local_ref.as_mut());
            references.for_each(|reference| next.into(reference));
            next.maybe(fact.anticipated.as_mut().and_then(|a| a.line.as_mut()));
            next.maybe(fact.strain.as_mut().and_then(|s| s.line.as_mut()));
            next.maybe(fact.preferred_times.as_mut());
            next.maybe(fact.preferred_venue.as_mut());
            next.maybe(fact.contact_out_of_hours.as_mut());
            next.maybe(fact.on_behalf.as_mut().and_then(|o| o.note.as_mut()));
        }
        Event::PersonRecorded(fact) => {
            next.maybe(fact.name.as_mut());
            next.maybe(fact.email.as_mut());
            next.maybe(fact.sign_in.as_mut());
        }
        Event::CaseTriaged(fact) => next.maybe(fact.reason.as_mut()),
        Event::ScopingRecorded(fact) => {
            let notes = fact.needs.iter_mut().filter_map(|need| need.note.as_mut());
            notes.for_each(|note| next.into(note));
        }
        Event::OfferPlanned(fact) => next.maybe(fact.aim.as_mut()),
        Event::SessionArranged(fact) => {
            next.maybe(fact.site.as_mut());
            next.maybe(fact.link.as_mut());
            fact.overrides
                .iter_mut()
                .for_each(|o| next.into(&mut o.reason));
        }
        Event::SessionMoved(fact) => {
            next.maybe(fact.site.as_mut());
            next.maybe(fact.link.as_mut());
            fact.overrides
                .iter_mut()
                .for_each(|o| next.into(&mut o.reason));
        }
        Event::SessionHandedOver(fact) => {
            next.maybe(fact.overridden.as_mut().map(|o| &mut o.reason));
        }
        Event::SessionRecorded(fact) => {
            fact.actions.iter_mut().for_each(|a| next.into(&mut a.what));
        }
        Event::OfferEnded(fact) => next.maybe(fact.note.as_mut()),
        Event::HandoverCompleted(fact) => next.maybe(fact.what_changed.as_mut()),
        Event::ActionCompleted(fact) => next.maybe(fact.what_changed.as_mut()),
        Event::OneToOneAsked(fact) => {
            next.into(&mut fact.sign_in);
            next.into(&mut fact.call_me);
            next.maybe(fact.team.as_mut());
            next.maybe(fact.reference.as_mut());
            next.maybe(fact.note.as_mut());
            next.maybe(fact.letters_to.as_mut());
            next.maybe(fact.phone.as_mut());
            fact.not_seen_by
                .iter_mut()
                .for_each(|n| next.into(&mut n.person));
        }
        Event::OneToOneArranged(fact) => {
            next.maybe(fact.site.as_mut());
            next.maybe(fact.link.as_mut());
        }
        _ => {}
    }
    let mut known = true;
    event.personals(&mut |_, value| known &= value.known_json().is_some());
    known && plain.0.is_empty()
}

/// Values that wait to be put back.
struct Plain<'a>(&'a [String]);

impl Plain<'_> {
    fn into<T: serde::de::DeserializeOwned>(&mut self, value: &mut Personal<T>) {
        if let Some((first, rest)) = self.0.split_first() {
            *value = Personal::from_json(first.as_bytes());
            self.0 = rest;
        }
    }

    fn maybe<T: serde::de::DeserializeOwned>(&mut self, value: Option<&mut Personal<T>>) {
        if let Some(value) = value {
            self.into(value);
        }
    }
}
