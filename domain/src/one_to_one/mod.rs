//! One-to-one support of one person: asked for, offered, taken up or declined, ended; part of no case.

mod ask;
mod help;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

pub use ask::AskForOneToOne;
pub use help::{
    ArrangeOneToOne, DeclineOneToOne, EndOneToOne, FlagRisk, OfferOneToOne, TakeUpOneToOne,
};

use crate::facts::{OneToOneArranged, OneToOneAsked, OneToOneOutcome};
use crate::history::{Event, Fact, Who};
use crate::ids::{OneToOneId, PersonId};
use crate::pathway::{Context, Decision, Happened};
use crate::policy::Act;
use crate::refusal::Refusal;
use crate::stream::Stream;

/// So long the provider reads it after it ended (product: "while assigned and 30 days after").
const READ_AFTER: Duration = Duration::days(30);

/// One one-to-one: a fold of its `support/` stream.
#[derive(Clone, Debug)]
pub struct OneToOne {
    /// Its id.
    pub id: OneToOneId,
    /// The version of its stream.
    pub version: u64,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// The id drawn for whoever asked: means nothing outside this stream.
    pub asker: Who,
    /// What they asked, sealed.
    pub asked: OneToOneAsked,
    /// Who was asked to provide it, and when.
    pub provider: Option<(PersonId, DateTime<Utc>)>,
    /// When they meet next, or last met.
    pub arranged: Option<OneToOneArranged>,
    /// Where it stands.
    pub state: OneToOneState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Is the provider worried that someone is in danger?
    pub at_risk: bool,
}

/// Where a one-to-one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OneToOneState {
    /// Nobody was asked to provide it yet.
    Asked,
    /// Someone was, and gets in touch.
    Offered,
    /// They spoke.
    TakenUp,
    /// Whoever asked does not want it.
    Declined,
    /// It ended.
    Ended(OneToOneOutcome),
}

impl OneToOneState {
    /// Does anyone still have something to do?
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Offered | Self::TakenUp)
    }
}

impl OneToOne {
    fn begin(id: OneToOneId, fact: &Fact) -> Option<Self> {
        let Event::OneToOneAsked(asked) = &fact.event else {
            return None;
        };
        Some(Self {
            id,
            version: fact.version,
            asked_at: fact.occurred_at,
            asker: fact.who,
            asked: (**asked).clone(),
            provider: None,
            arranged: None,
            state: OneToOneState::Asked,
            since: fact.occurred_at,
            at_risk: false,
        })
    }

    fn evolve(&mut self, fact: &Fact) {
        self.version = fact.version;
        let state = match &fact.event {
            Event::OneToOneOffered(offered) => {
                self.provider = Some((offered.provider, fact.occurred_at));
                self.arranged = None;
                OneToOneState::Offered
            }
            Event::OneToOneArranged(arranged) => {
                self.arranged = Some(arranged.clone());
                self.state
            }
            Event::OneToOneTakenUp(_) => OneToOneState::TakenUp,
            Event::OneToOneDeclined(_) => OneToOneState::Declined,
            Event::OneToOneEnded(ended) => OneToOneState::Ended(ended.outcome),
            Event::RiskFlagged(flagged) => {
                self.at_risk = flagged.at_risk;
                self.state
            }
            _ => self.state,
        };
        if state != self.state {
            self.since = fact.occurred_at;
        }
        self.state = state;
    }

    /// Is this its provider, and may they still read it?
    pub fn assigned(&self, person: PersonId, now: DateTime<Utc>) -> bool {
        let still = self.state.is_open() || now <= self.since + READ_AFTER;
        still
            && self
                .provider
                .is_some_and(|(provider, _)| provider == person)
    }

    /// The commands that can be given now, in the order of the path.
    pub fn next_steps(&self) -> Vec<&'static str> {
        match self.state {
            OneToOneState::Asked => vec![OfferOneToOne::NAME, DeclineOneToOne::NAME],
            OneToOneState::Offered => vec![
                OfferOneToOne::NAME,
                ArrangeOneToOne::NAME,
                TakeUpOneToOne::NAME,
                DeclineOneToOne::NAME,
                EndOneToOne::NAME,
                FlagRisk::NAME,
            ],
            OneToOneState::TakenUp => vec![
                OfferOneToOne::NAME,
                ArrangeOneToOne::NAME,
                DeclineOneToOne::NAME,
                EndOneToOne::NAME,
                FlagRisk::NAME,
            ],
            OneToOneState::Declined | OneToOneState::Ended(_) => Vec::new(),
        }
    }
}

/// Every one-to-one: a fold of the `support/` streams. Nothing but its own windows looks into it.
#[derive(Default)]
pub struct OneToOnes {
    /// In boxes: a tree has room for more than it holds.
    all: BTreeMap<OneToOneId, Box<OneToOne>>,
    askers: HashMap<PersonId, OneToOneId>,
}

impl OneToOnes {
    /// Takes in one fact; facts that are not about a one-to-one leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Support(id) = fact.stream else {
            return;
        };
        if let Some(one) = self.all.get_mut(&id) {
            one.evolve(fact);
        } else if let Some(one) = OneToOne::begin(id, fact) {
            if let Who::Person(asker) = one.asker {
                self.askers.insert(asker, id);
            }
            self.all.insert(id, Box::new(one));
        }
    }

    /// One of them.
    pub fn get(&self, id: OneToOneId) -> Option<&OneToOne> {
        self.all.get(&id).map(Box::as_ref)
    }

    /// Every one, in a stable order that tells nothing.
    pub fn iter(&self) -> impl Iterator<Item = &OneToOne> {
        self.all.values().map(Box::as_ref)
    }

    /// The one that was asked for under this id, which means nothing anywhere else.
    pub fn asked_by(&self, asker: PersonId) -> Option<&OneToOne> {
        self.get(*self.askers.get(&asker)?)
    }
}

/// What a decision about a one-to-one may know besides it.
pub struct Around<'a> {
    /// The rest.
    pub context: Context<'a>,
    /// Could this person provide it: would no bar keep them from knowing of it?
    pub may_know: &'a dyn Fn(PersonId) -> bool,
}

/// A command to a one-to-one that exists.
pub trait OneToOneCommand: for<'de> Deserialize<'de> + Send {
    /// The right it needs.
    const ACT: Act;
    /// Its name in the URL.
    const NAME: &'static str;

    /// The rule: what follows, or why not.
    ///
    /// # Errors
    /// A refusal of one of four shapes, with a sentence.
    fn decide(self, one: &OneToOne, around: &Around<'_>) -> Decision;
}

/// Every command to a one-to-one: its name and the right it needs.
pub const ONE_TO_ONE_COMMANDS: [(&str, Act); 6] = [
    (OfferOneToOne::NAME, OfferOneToOne::ACT),
    (ArrangeOneToOne::NAME, ArrangeOneToOne::ACT),
    (TakeUpOneToOne::NAME, TakeUpOneToOne::ACT),
    (DeclineOneToOne::NAME, DeclineOneToOne::ACT),
    (EndOneToOne::NAME, EndOneToOne::ACT),
    (FlagRisk::NAME, FlagRisk::ACT),
];

fn to_support(id: OneToOneId, occurred_at: DateTime<Utc>, event: Event) -> Happened {
    Happened {
        stream: Stream::Support(id),
        occurred_at,
        event,
    }
}

fn out_of_step(one: &OneToOne, code: &'static str, sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: one.next_steps(),
        faults: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
