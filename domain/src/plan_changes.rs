//! How a support plan grows and comes to its ends: offers, their sessions, what came of each.

use crate::case::{Case, Offer, Session, SessionOutcome};
use crate::facts::{OfferPlanned, SessionArranged};
use crate::history::Event;
use crate::ids::SessionId;
use crate::tight;

impl Case {
    /// Takes in a fact that ends an offer, or what was handed over.
    pub(crate) fn offer_changed(&mut self, event: &Event) {
        match event {
            Event::OfferEnded(ended) => {
                if let Some(offer) = self.offer_mut(ended.offer) {
                    offer.ended = Some(ended.clone());
                }
            }
            Event::HandoverCompleted(completed) => {
                if let Some(offer) = self.offer_mut(completed.offer) {
                    offer.completed = Some(completed.clone());
                }
            }
            _ => {}
        }
    }

    pub(crate) fn planned(&mut self, planned: &OfferPlanned) {
        let offer = Offer {
            planned: planned.clone(),
            sessions: Vec::new(),
            ended: None,
            completed: None,
        };
        tight::add(&mut self.offers, offer);
    }

    pub(crate) fn arranged(&mut self, arranged: &SessionArranged) {
        if let Some(offer) = self.offer_mut(arranged.offer) {
            let session = Session {
                arranged: arranged.clone(),
                changes: 0,
                answers: Vec::new(),
                outcome: None,
            };
            tight::add(&mut offer.sessions, session);
        }
    }

    pub(crate) fn came_of(&mut self, id: SessionId, outcome: SessionOutcome) {
        if let Some(session) = self.session_mut(id) {
            session.changes += 1;
            session.outcome = Some(outcome);
        }
    }

    pub(crate) fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        let mut sessions = self.offers.iter_mut().flat_map(|o| &mut o.sessions);
        sessions.find(|session| session.id() == id)
    }
}
