//! Standing reflective groups: agreed with a team, ended one day, part of no case.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::OfferState;
use crate::facts::{
    GroupEndReason, OfferEnd, OfferEnded, ReflectiveGroupAgreed, ReflectiveGroupEnded,
};
use crate::history::{Event, Fact};
use crate::ids::{CaseId, GroupId, OfferId, UnitId};
use crate::offer::OfferKind;
use crate::pathway::{Context, Decision, Happened, must_be_open, out_of_step};
use crate::refusal::{Faults, Refusal};
use crate::stream::Stream;
use crate::text::Day;

const WEEKS: std::ops::RangeInclusive<u8> = 1..=26;

/// One group.
#[derive(Clone, Debug)]
pub struct Group {
    /// What was agreed.
    pub agreed: ReflectiveGroupAgreed,
    /// Why and when it ended, once it did.
    pub ended: Option<(GroupEndReason, DateTime<Utc>)>,
}

/// Every group: a fold of the `group/` streams.
#[derive(Default)]
pub struct Groups(BTreeMap<GroupId, Group>);

impl Groups {
    /// Takes in one fact; facts that are not about a group leave it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        let Stream::Group(id) = fact.stream else {
            return;
        };
        match (&fact.event, self.0.get_mut(&id)) {
            (Event::ReflectiveGroupAgreed(agreed), None) => {
                let agreed = agreed.clone();
                self.0.insert(
                    id,
                    Group {
                        agreed,
                        ended: None,
                    },
                );
            }
            (Event::ReflectiveGroupEnded(ended), Some(group)) => {
                group.ended = Some((ended.reason, fact.occurred_at));
            }
            _ => {}
        }
    }

    /// One group.
    pub fn get(&self, id: GroupId) -> Option<&Group> {
        self.0.get(&id)
    }

    /// Every group, in a stable order.
    pub fn iter(&self) -> impl Iterator<Item = (&GroupId, &Group)> {
        self.0.iter()
    }
}

/// Agrees a standing group with a team.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreeGroup {
    /// The team: the id of a unit of level `team`.
    pub team: UnitId,
    /// From which day on.
    pub starts_on: Day,
    /// Every how many weeks it meets (1 to 26).
    pub every_weeks: u8,
    /// The offer of reflective practice that this resolves, if any.
    #[serde(default)]
    pub resolves: Option<Resolves>,
}

/// An offer of a case of that team.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolves {
    /// The case.
    pub case: CaseId,
    /// The offer.
    pub offer: OfferId,
}

impl AgreeGroup {
    /// The rule. `context.others` has the case whose offer it resolves, if it may be seen.
    ///
    /// # Errors
    /// `Invalid` with every fault, or `OutOfStep` if that offer cannot end now.
    pub fn decide(self, context: &Context<'_>) -> Decision {
        let mut faults = Faults::default();
        faults.require(
            context.directory.team(self.team).is_some(),
            "/team",
            "Choose a team from the list of teams.",
        );
        faults.require(
            WEEKS.contains(&self.every_weeks),
            "/every_weeks",
            format!("Give {} to {} weeks.", WEEKS.start(), WEEKS.end()),
        );
        faults.settle()?;
        let group = GroupId::new((context.fresh)());
        let agreed = ReflectiveGroupAgreed {
            team: self.team,
            starts_on: self.starts_on.0,
            every_weeks: self.every_weeks,
        };
        let mut happened = vec![Happened {
            stream: Stream::Group(group),
            occurred_at: context.now,
            event: Event::ReflectiveGroupAgreed(agreed),
        }];
        if let Some(resolves) = self.resolves {
            happened.push(resolved(self.team, resolves, context)?);
        }
        Ok(happened)
    }
}

fn resolved(team: UnitId, resolves: Resolves, context: &Context<'_>) -> Result<Happened, Refusal> {
    let case = context
        .other(resolves.case)
        .filter(|case| case.team() == team)
        .ok_or_else(|| Refusal::invalid("/resolves/case", "Choose a case of this team."))?;
    let offer = case
        .offer(resolves.offer)
        .filter(|offer| offer.planned.kind == OfferKind::ReflectivePractice)
        .ok_or_else(|| {
            let detail = "Choose an offer of reflective practice of that case.";
            Refusal::invalid("/resolves/offer", detail)
        })?;
    must_be_open(case)?;
    if offer.state() != OfferState::Planned {
        let sentence = "This offer has already ended.";
        return Err(out_of_step(case, "offer_ended", sentence));
    }
    let ended = Event::OfferEnded(OfferEnded {
        offer: resolves.offer,
        how: OfferEnd::Done,
        owner: None,
        due: None,
        note: None,
    });
    Ok(Happened::to_case(case.case, context.now, ended))
}

/// Ends a group.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndGroup {
    /// Why.
    pub reason: GroupEndReason,
}

impl EndGroup {
    /// The rule.
    ///
    /// # Errors
    /// `OutOfStep` if it has already ended.
    pub fn decide(self, id: GroupId, group: &Group, context: &Context<'_>) -> Decision {
        if group.ended.is_some() {
            return Err(Refusal::OutOfStep {
                code: "group_ended",
                sentence: "This group has already ended.".into(),
                next: Vec::new(),
                faults: Vec::new(),
            });
        }
        let ended = ReflectiveGroupEnded {
            reason: self.reason,
        };
        Ok(vec![Happened {
            stream: Stream::Group(id),
            occurred_at: context.now,
            event: Event::ReflectiveGroupEnded(ended),
        }])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::given::cases::{Given, LEAD, OTHER_TEAM, TEAM, at, held_case};
    use crate::plan::PlanOffer;

    fn given_an_offer() -> (Given, CaseId, OfferId) {
        let mut given = Given::at(at(1, 0));
        let case = held_case(&mut given, "petr_debrief", at(0, 0), 9);
        let plan = json!({ "kind": "reflective_practice", "owner": "pipss_lead" });
        given.gives::<PlanOffer>(LEAD, case, plan).unwrap();
        let offer = given.case(case).offers.last().unwrap().id();
        (given, case, offer)
    }

    #[test]
    fn agreeing_a_group_ends_the_offer_it_resolves_once() {
        let (mut given, case, offer) = given_an_offer();
        let body = json!({ "team": TEAM, "starts_on": "2026-02-02", "every_weeks": 4,
                           "resolves": { "case": case, "offer": offer } });
        given.agrees_group(LEAD, case, body.clone()).unwrap();
        let ended = given.case(case).offer(offer).unwrap().state();
        assert_eq!(ended, OfferState::Done);
        let again = given.agrees_group(LEAD, case, body);
        assert!(matches!(
            again,
            Err(Refusal::OutOfStep {
                code: "offer_ended",
                ..
            })
        ));
    }

    #[test]
    fn a_group_of_another_team_does_not_resolve_it() {
        let (mut given, case, offer) = given_an_offer();
        let body = json!({ "team": OTHER_TEAM, "starts_on": "2026-02-02", "every_weeks": 4,
                           "resolves": { "case": case, "offer": offer } });
        let refused = given.agrees_group(LEAD, case, body);
        assert!(matches!(refused, Err(Refusal::Invalid(_))));
    }
}
