//! Bars: who may not know of a case, whatever their rights; set when someone asks for it, or by a lead.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::Case;
use crate::facts::{BarLifted, BarReason, BarSet, Barred};
use crate::history::{Event, Fact};
use crate::ids::{CaseId, PersonId};
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::policy::Act;
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::text::Line;

/// So many people can be named at "should anyone not see this?".
pub const NAMED_MAX: usize = 5;

/// Every bar that holds: a fold of the `bars/` streams.
#[derive(Default)]
pub struct Bars(HashMap<CaseId, BTreeMap<Barred, BarReason>>);

impl Bars {
    pub(crate) fn evolve(&mut self, case: CaseId, fact: &Fact) {
        let bars = self.0.entry(case).or_default();
        match fact.event {
            Event::BarSet(set) => {
                bars.insert(set.whom, set.because);
            }
            Event::BarLifted(lifted) => {
                bars.remove(&lifted.whom);
            }
            _ => {}
        }
    }

    /// The bars of a case, in a stable order.
    pub fn of(&self, case: CaseId) -> impl Iterator<Item = (Barred, BarReason)> {
        let bars = self.0.get(&case).into_iter().flatten();
        bars.map(|(whom, because)| (*whom, *because))
    }

    /// Does a bar of this very kind hold?
    pub fn holds(&self, case: CaseId, whom: Barred) -> bool {
        self.0
            .get(&case)
            .is_some_and(|bars| bars.contains_key(&whom))
    }
}

/// Keeps someone from knowing of the case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetBar {
    /// Whom: `"team_managers"`, or `{"person": "…"}`.
    pub whom: Barred,
    /// Why.
    pub because: BarReason,
}

impl CaseCommand for SetBar {
    const ACT: Act = Act::SetBar;
    const NAME: &'static str = "set-bar";
    const WHILE_MERGED: bool = true;

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if let Barred::Person(person) = self.whom
            && !context.directory.people.contains_key(&person)
        {
            let detail = "Choose someone who is known here.";
            return Err(Refusal::invalid("/whom/person", detail));
        }
        if context.directory.bars.holds(case.case, self.whom) {
            let sentence = "This bar is set already.";
            return Err(out_of_step(case, "already_barred", sentence));
        }
        Ok(vec![set(case.case, self.whom, self.because, context)])
    }
}

/// Lets someone know of the case again, as far as their rights reach.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBar {
    /// Whom.
    pub whom: Barred,
}

impl CaseCommand for LiftBar {
    const ACT: Act = Act::LiftBar;
    const NAME: &'static str = "lift-bar";
    const WHILE_MERGED: bool = true;

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if !context.directory.bars.holds(case.case, self.whom) {
            let sentence = "There is no such bar.";
            return Err(out_of_step(case, "not_barred", sentence));
        }
        let lifted = Event::BarLifted(BarLifted { whom: self.whom });
        Ok(vec![to_bars(case.case, context, lifted)])
    }
}

/// What whoever asks for support says about who should not see it.
pub(crate) struct Wished<'a> {
    pub not_through_manager: bool,
    pub not_seen_by: &'a [Line<200>],
}

impl Wished<'_> {
    /// Notes a fault for every name that nobody here is known by: a bar that bars nobody would only
    /// seem to protect.
    pub fn check(&self, context: &Context<'_>, faults: &mut Faults) {
        faults.require(
            self.not_seen_by.len() <= NAMED_MAX,
            "/not_seen_by",
            format!("Name at most {NAMED_MAX} people."),
        );
        for (n, name) in self.not_seen_by.iter().take(NAMED_MAX).enumerate() {
            faults.require(
                !(context.known_as)(name.as_str()).is_empty(),
                format!("/not_seen_by/{n}"),
                "Nobody who could see this is known by that name. Give their address at work, or leave it out.",
            );
        }
    }

    /// The bars that follow, for a case that is being opened.
    pub fn bars(&self, case: CaseId, context: &Context<'_>) -> Vec<Happened> {
        let named = self.not_seen_by.iter();
        let mut whom: Vec<_> = named
            .flat_map(|name| (context.known_as)(name.as_str()))
            .map(Barred::Person)
            .chain(self.not_through_manager.then_some(Barred::TeamManagers))
            .collect();
        whom.sort();
        whom.dedup();
        whom.into_iter()
            .map(|whom| set(case, whom, BarReason::Asked, context))
            .collect()
    }
}

fn set(case: CaseId, whom: Barred, because: BarReason, context: &Context<'_>) -> Happened {
    to_bars(case, context, Event::BarSet(BarSet { whom, because }))
}

fn to_bars(case: CaseId, context: &Context<'_>, event: Event) -> Happened {
    Happened {
        stream: Stream::Bars(case),
        occurred_at: context.now,
        event,
    }
}

/// Is this person kept from knowing of a case? Whoever asked for support is not kept out of it by
/// asking that their manager is not told.
pub fn barred(bars: &Bars, person: PersonId, case: CaseId, manages: bool, own: bool) -> bool {
    bars.holds(case, Barred::Person(person))
        || (manages && !own && bars.holds(case, Barred::TeamManagers))
}
