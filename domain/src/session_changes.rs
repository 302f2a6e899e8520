//! How a session that was arranged changes: another time, another place, another facilitator.

use crate::case::{Case, Session, SessionOutcome};
use crate::facts::{Obstacle, Overridden, SessionHandedOver, SessionMoved};
use crate::history::Event;
use crate::ids::PersonId;
use crate::tight;

impl Case {
    /// Takes in a fact that changes a session.
    pub(crate) fn session_changed(&mut self, event: &Event) {
        match event {
            Event::SessionCancelled(cancelled) => {
                self.came_of(cancelled.session, SessionOutcome::Cancelled(*cancelled));
            }
            Event::SessionMoved(moved) => {
                if let Some(session) = self.session_mut(moved.session) {
                    session.moved(moved);
                }
            }
            Event::SessionHandedOver(handed_over) => {
                if let Some(session) = self.session_mut(handed_over.session) {
                    session.handed_over(handed_over);
                }
            }
            Event::FacilitatorAnswered(answer) => {
                if let Some(session) = self.session_mut(answer.session) {
                    session
                        .answers
                        .retain(|(who, _)| *who != answer.facilitator);
                    tight::add(&mut session.answers, (answer.facilitator, answer.accept));
                }
            }
            _ => {}
        }
    }
}

impl Session {
    /// What the lead has already overridden for this facilitator.
    pub fn settled(&self, facilitator: PersonId) -> Vec<Obstacle> {
        let overrides = self.arranged.overrides.iter();
        overrides
            .filter(|overridden| overridden.facilitator == facilitator)
            .flat_map(|overridden| overridden.against.iter().copied())
            .collect()
    }

    fn moved(&mut self, moved: &SessionMoved) {
        let arranged = &mut self.arranged;
        arranged.starts_at = moved.starts_at;
        arranged.minutes = moved.minutes;
        // What was sealed for the fact that said it stays as it is where nothing new was said.
        arranged.site = moved.site.clone().or(arranged.site.take());
        arranged.link = moved.link.clone().or(arranged.link.take());
        arranged.departs_because = moved.departs_because.or(arranged.departs_because);
        arranged.overrides.extend(moved.overrides.iter().cloned());
        self.answers.clear();
        self.changes += 1;
    }

    fn handed_over(&mut self, handed_over: &SessionHandedOver) {
        let (from, to) = (handed_over.from, handed_over.to);
        for facilitator in &mut self.arranged.facilitators {
            if *facilitator == from {
                *facilitator = to;
            }
        }
        let overrides: &mut Vec<Overridden> = &mut self.arranged.overrides;
        overrides.retain(|overridden| overridden.facilitator != from);
        overrides.extend(handed_over.overridden.clone());
        self.answers.retain(|(who, _)| *who != from);
        self.changes += 1;
    }
}
