//! Private requests for supervision: asked by facilitators and managers, seen by the supervision lead.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::directory_facts::Role;
use crate::facts::{
    SupervisionAfter, SupervisionAnswered, SupervisionClosed, SupervisionEnd, SupervisionOutcome,
    SupervisionRequested, SupervisionWish,
};
use crate::history::{Event, Fact, Who};
use crate::ids::SupervisionId;
use crate::pathway::{Context, Decision, Happened};
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::text::{Moment, Text};

/// Nobody arranges further ahead; a year typed wrongly is caught here.
const AHEAD_MAX: Duration = Duration::days(366);

/// One request.
#[derive(Clone, Debug)]
pub struct Supervision {
    /// Who asked: nobody but they and the supervision lead know of it.
    pub asked_by: Who,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// What was asked, the note sealed.
    pub requested: SupervisionRequested,
    /// What the supervision lead last said.
    pub answered: Option<SupervisionAnswered>,
    /// Why and when it was closed, once it was.
    pub closed: Option<(SupervisionEnd, DateTime<Utc>)>,
}

/// Every request: a fold of the `supervision/` streams.
#[derive(Default)]
pub struct Supervisions(BTreeMap<SupervisionId, Supervision>);

impl Supervisions {
    /// Takes in one fact; facts that are not about supervision leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Supervision(id) = fact.stream else {
            return;
        };
        match (&fact.event, self.0.get_mut(&id)) {
            (Event::SupervisionRequested(requested), None) => {
                let asked = Supervision {
                    asked_by: fact.who,
                    asked_at: fact.occurred_at,
                    requested: requested.clone(),
                    answered: None,
                    closed: None,
                };
                self.0.insert(id, asked);
            }
            (Event::SupervisionAnswered(answered), Some(request)) => {
                request.answered = Some(answered.clone());
            }
            (Event::SupervisionClosed(closed), Some(request)) => {
                request.closed = Some((closed.reason, fact.occurred_at));
            }
            _ => {}
        }
    }

    /// One request.
    pub fn get(&self, id: SupervisionId) -> Option<&Supervision> {
        self.0.get(&id)
    }

    /// Every request, in no order that tells anything.
    pub fn iter(&self) -> impl Iterator<Item = (&SupervisionId, &Supervision)> {
        self.0.iter()
    }
}

/// Asks for supervision. It says after what, not after which session of which case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskForSupervision {
    /// After what.
    pub after: SupervisionAfter,
    /// How soon.
    pub wish: SupervisionWish,
    /// Anything that helps to arrange it, in at most 300 characters. Only the supervision lead and you
    /// can read it.
    #[serde(default)]
    pub note: Option<Text<300>>,
}

impl AskForSupervision {
    /// The rule.
    ///
    /// # Errors
    /// None: whoever may ask is heard.
    pub fn decide(self, context: &Context<'_>) -> Decision {
        let requested = SupervisionRequested {
            after: self.after,
            wish: self.wish,
            note: self.note.map(Into::into),
        };
        Ok(vec![asked(requested, context)])
    }
}

/// Whoever recorded a session would like supervision: a fact of its own, which names no session.
pub(crate) fn after_session(context: &Context<'_>) -> Happened {
    let requested = SupervisionRequested {
        after: SupervisionAfter::Session,
        wish: SupervisionWish::WhenConvenient,
        note: None,
    };
    asked(requested, context)
}

fn asked(requested: SupervisionRequested, context: &Context<'_>) -> Happened {
    let id = SupervisionId::new((context.fresh)());
    in_request(id, Event::SupervisionRequested(requested), context)
}

/// Says what can be done. Can be said again until the request is closed; the last one counts.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSupervision {
    /// What.
    pub outcome: SupervisionOutcome,
    /// For `arranged`: when, in the future.
    #[serde(default)]
    pub at: Option<Moment>,
}

impl AnswerSupervision {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` with every fault, or `OutOfStep` if it was closed.
    pub fn decide(
        self,
        id: SupervisionId,
        request: &Supervision,
        context: &Context<'_>,
    ) -> Decision {
        let mut faults = Faults::default();
        faults.require(
            self.at.is_some() == (self.outcome == SupervisionOutcome::Arranged),
            "/at",
            "Give a time when, and only when, it is arranged.",
        );
        let to_come = |at: &Moment| at.0 > context.now && at.0 < context.now + AHEAD_MAX;
        faults.require(
            self.at.as_ref().is_none_or(to_come),
            "/at",
            "Give a time in the future, within a year.",
        );
        faults.settle()?;
        must_be_open(request)?;
        let answered = SupervisionAnswered {
            outcome: self.outcome,
            at: self.at.map(|at| at.0),
        };
        let event = Event::SupervisionAnswered(answered);
        Ok(vec![in_request(id, event, context)])
    }
}

/// Closes a request: whoever asked withdraws it, or the supervision lead says what became of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseSupervision {
    /// Why. `withdrawn` is for whoever asked, the others are for the supervision lead.
    pub reason: SupervisionEnd,
}

impl CloseSupervision {
    /// The rule.
    ///
    /// # Errors
    /// `Invalid` for a reason that is not theirs to give, `OutOfStep` if it was closed before.
    pub fn decide(
        self,
        id: SupervisionId,
        request: &Supervision,
        context: &Context<'_>,
    ) -> Decision {
        let fits = match self.reason {
            SupervisionEnd::Withdrawn => request.asked_by == context.who,
            SupervisionEnd::Held | SupervisionEnd::NotTakenUp => leads(context),
        };
        if !fits {
            let detail = "Whoever asked can withdraw it; the supervision lead says if it was held.";
            return Err(Refusal::invalid("/reason", detail));
        }
        must_be_open(request)?;
        let closed = SupervisionClosed {
            reason: self.reason,
        };
        let event = Event::SupervisionClosed(closed);
        Ok(vec![in_request(id, event, context)])
    }
}

fn leads(context: &Context<'_>) -> bool {
    let today = day_in_london(context.now);
    matches!(context.who, Who::Person(person)
        if context.directory.holds(person, Role::SupervisionLead, today))
}

fn must_be_open(request: &Supervision) -> Result<(), Refusal> {
    if request.closed.is_none() {
        return Ok(());
    }
    Err(Refusal::OutOfStep {
        code: "supervision_closed",
        sentence: "This request is already closed.".into(),
        next: Vec::new(),
        faults: Vec::new(),
    })
}

fn in_request(id: SupervisionId, event: Event, context: &Context<'_>) -> Happened {
    Happened {
        stream: Stream::Supervision(id),
        occurred_at: context.now,
        event,
    }
}

#[cfg(test)]
mod tests;
