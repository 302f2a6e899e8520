//! Requests from outside to be shown what is recorded: written down, decided by information governance.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::case::Case;
use crate::facts::{
    DisclosedPart, DisclosureDecided, DisclosureMade, DisclosureRequested, DisclosureSource,
    LegalBasis, Telling,
};
use crate::history::{Event, Fact, Who};
use crate::ids::{CaseId, DisclosureId};
use crate::pathway::{Context, Decision, Happened};
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::text::{Day, Line, Text};

/// One request: a fold of its `disclosure/` stream.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// When it was written down.
    pub asked_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: Who,
    /// What was asked.
    pub requested: DisclosureRequested,
    /// What was decided, and when.
    pub decided: Option<(DisclosureDecided, DateTime<Utc>)>,
    /// When it was handed over.
    pub made_on: Option<NaiveDate>,
}

impl Disclosure {
    /// Is whoever asked for the support told of it? Once it is decided, unless the law forbids.
    pub fn tells(&self, case: &Case, who: Who) -> bool {
        let told = matches!(&self.decided, Some((decided, _)) if decided.telling == Telling::Told);
        told && self.requested.case == Some(case.case) && case.raised_by == who
    }
}

/// Every request: a fold of the `disclosure/` streams.
#[derive(Default)]
pub struct Disclosures(BTreeMap<DisclosureId, Disclosure>);

impl Disclosures {
    /// Takes in one fact; facts that are not about a disclosure leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Disclosure(id) = fact.stream else {
            return;
        };
        match (&fact.event, self.0.get_mut(&id)) {
            (Event::DisclosureRequested(requested), None) => {
                let disclosure = Disclosure {
                    id,
                    asked_at: fact.occurred_at,
                    recorded_by: fact.who,
                    requested: requested.clone(),
                    decided: None,
                    made_on: None,
                };
                self.0.insert(id, disclosure);
            }
            (Event::DisclosureDecided(decided), Some(disclosure)) => {
                disclosure.decided = Some((decided.clone(), fact.occurred_at));
            }
            (Event::DisclosureMade(made), Some(disclosure)) => disclosure.made_on = Some(made.on),
            _ => {}
        }
    }

    /// One of them.
    pub fn get(&self, id: DisclosureId) -> Option<&Disclosure> {
        self.0.get(&id)
    }

    /// Every one, in a stable order.
    pub fn iter(&self) -> impl Iterator<Item = &Disclosure> {
        self.0.values()
    }
}

/// Writes down that someone from outside asks to be shown what is recorded.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestDisclosure {
    /// Who asks.
    pub by: DisclosureSource,
    /// On what they rest it.
    pub basis: LegalBasis,
    /// What people quote of the case, if they ask about one.
    #[serde(default)]
    pub reference: Option<Line<20>>,
    /// What they want to see; at most 500 characters.
    pub wanted: Text<500>,
    /// What they quote themselves.
    #[serde(default)]
    pub their_reference: Option<Line<60>>,
}

impl RequestDisclosure {
    /// The rule. `case` is what the reference means.
    ///
    /// # Errors
    /// `Invalid` if the reference means nothing.
    pub fn decide(self, case: Option<CaseId>, context: &Context<'_>) -> Decision {
        if self.reference.is_some() && case.is_none() {
            let detail = "No case has this reference.";
            return Err(Refusal::invalid("/reference", detail));
        }
        let requested = Event::DisclosureRequested(DisclosureRequested {
            by: self.by,
            basis: self.basis,
            case,
            wanted: self.wanted.into(),
            their_reference: self.their_reference.map(Into::into),
        });
        let id = DisclosureId::new((context.fresh)());
        Ok(vec![to_disclosure(id, context, requested)])
    }
}

/// Decides what may be shown: as little as answers the question. Not by whoever wrote the request down.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideDisclosure {
    /// The parts that may be shown, each once; none to refuse.
    pub parts: Vec<DisclosedPart>,
    /// Why; at most 500 characters.
    pub reason: Text<500>,
    /// Are those concerned told? They are, unless the law forbids it.
    pub telling: Telling,
}

impl DecideDisclosure {
    /// The rule.
    ///
    /// # Errors
    /// `NotAllowed` for whoever wrote it down, `OutOfStep` if it is decided, `Invalid` for parts named twice.
    pub fn decide(mut self, disclosure: &Disclosure, context: &Context<'_>) -> Decision {
        if disclosure.recorded_by == context.who {
            return Err(Refusal::NotAllowed);
        }
        if disclosure.decided.is_some() {
            return Err(out_of_step("already_decided", "This is decided already."));
        }
        let named = self.parts.len();
        self.parts.sort();
        self.parts.dedup();
        let mut faults = Faults::default();
        faults.require(self.parts.len() == named, "/parts", "Name each part once.");
        let nothing_given = disclosure.requested.basis == LegalBasis::NoneGiven;
        faults.require(
            self.parts.is_empty() || !nothing_given,
            "/parts",
            "Nothing is shown to whoever gives no ground for it in law.",
        );
        faults.settle()?;
        let decided = Event::DisclosureDecided(DisclosureDecided {
            parts: self.parts,
            reason: self.reason.into(),
            telling: self.telling,
        });
        Ok(vec![to_disclosure(disclosure.id, context, decided)])
    }
}

/// Records that what was decided was handed over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeDisclosure {
    /// On that day.
    pub on: Day,
}

impl MakeDisclosure {
    /// The rule.
    ///
    /// # Errors
    /// `OutOfStep` unless something was decided to be shown and was not yet; `Invalid` for a wrong day.
    pub fn decide(self, disclosure: &Disclosure, context: &Context<'_>) -> Decision {
        let decided = disclosure.decided.as_ref();
        let Some((_, at)) = decided.filter(|(decided, _)| !decided.parts.is_empty()) else {
            let sentence = "Nothing was decided to be shown.";
            return Err(out_of_step("nothing_to_show", sentence));
        };
        if disclosure.made_on.is_some() {
            return Err(out_of_step("already_made", "This is recorded already."));
        }
        if self.on.0 > day_in_london(context.now) || self.on.0 < day_in_london(*at) {
            let detail = "Give a day from the decision on, not in the future.";
            return Err(Refusal::invalid("/on", detail));
        }
        let made = Event::DisclosureMade(DisclosureMade { on: self.on.0 });
        Ok(vec![to_disclosure(disclosure.id, context, made)])
    }
}

fn to_disclosure(id: DisclosureId, context: &Context<'_>, event: Event) -> Happened {
    Happened {
        stream: Stream::Disclosure(id),
        occurred_at: context.now,
        event,
    }
}

fn out_of_step(code: &'static str, sentence: &str) -> Refusal {
    Refusal::OutOfStep {
        code,
        sentence: sentence.into(),
        next: Vec::new(),
        faults: Vec::new(),
    }
}
