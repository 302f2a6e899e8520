//! The support plan: several offers for one case, each with its own owner and its own end.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::case::{Case, Offer, OfferState};
use crate::facts::{HandoverCompleted, OfferEnd, OfferEnded, OfferPlanned};
use crate::history::Event;
use crate::ids::OfferId;
use crate::offer::{OfferKind, OwnerRole};
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open, out_of_step};
use crate::policy::Act;
use crate::refusal::{Faults, Refusal};
use crate::text::{Day, Text};

const OFFERS_MAX: usize = 30;

/// Adds an offer to the plan.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanOffer {
    /// What is offered.
    pub kind: OfferKind,
    /// Which role owns it; the codebook says which roles may.
    pub owner: OwnerRole,
    /// What it is for, in at most 300 characters. The team's managers read it. Not for `one_to_one`.
    #[serde(default)]
    pub aim: Option<Text<300>>,
}

impl CaseCommand for PlanOffer {
    const ACT: Act = Act::PlanOffer;
    const NAME: &'static str = "plan-offer";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let mut faults = Faults::default();
        faults.require(
            self.kind.row().owners.contains(&self.owner),
            "/owner",
            "This role cannot own an offer of this kind.",
        );
        faults.require(
            self.kind != OfferKind::OneToOne || self.aim.is_none(),
            "/aim",
            ONE_TO_ONE_HAS_NO_TEXT,
        );
        faults.settle()?;
        must_be_open(case)?;
        if case.offers.len() >= OFFERS_MAX {
            let sentence = format!("A case has at most {OFFERS_MAX} offers.");
            return Err(out_of_step(case, "too_many_offers", sentence));
        }
        let event = Event::OfferPlanned(OfferPlanned {
            offer: OfferId::new((context.fresh)()),
            kind: self.kind,
            owner: self.owner,
            aim: self.aim.map(Into::into),
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

const ONE_TO_ONE_HAS_NO_TEXT: &str = "In a case, one-to-one support is only made known to the whole team; nothing else is kept of it.";

/// Ends an offer, or hands it over. An offer with sessions counts as held by itself once they were.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOffer {
    /// Which.
    pub offer: OfferId,
    /// How. `done` for `one_to_one` means: made known to the whole team.
    pub how: OfferEnd,
    /// For `handed_over`: the role that takes it on.
    #[serde(default)]
    pub owner: Option<OwnerRole>,
    /// For `handed_over`: by when.
    #[serde(default)]
    pub due: Option<Day>,
    /// What was agreed, in at most 300 characters. The team's managers read it. Not for `one_to_one`.
    #[serde(default)]
    pub note: Option<Text<300>>,
}

impl CaseCommand for EndOffer {
    const ACT: Act = Act::EndOffer;
    const NAME: &'static str = "end-offer";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let offer = known_offer(case, self.offer)?;
        self.check(offer, context)?;
        must_be_open(case)?;
        match offer.state() {
            OfferState::Planned => {}
            OfferState::Held => {
                let sentence = "This offer was held. Nothing more needs to be done to end it.";
                return Err(out_of_step(case, "offer_held", sentence));
            }
            OfferState::Arranged => {
                let sentence = "A session of this offer is still to come. Record it, or that it was not held, first.";
                return Err(out_of_step(case, "session_open", sentence));
            }
            _ => {
                return Err(out_of_step(
                    case,
                    "offer_ended",
                    "This offer has already ended.",
                ));
            }
        }
        let event = Event::OfferEnded(OfferEnded {
            offer: self.offer,
            how: self.how,
            owner: self.owner,
            due: self.due.map(|day| day.0),
            note: self.note.map(Into::into),
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

impl EndOffer {
    fn check(&self, offer: &Offer, context: &Context<'_>) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        let one_to_one = offer.planned.kind == OfferKind::OneToOne;
        let handed_over = self.how == OfferEnd::HandedOver;
        faults.require(
            !(one_to_one && (handed_over || self.how == OfferEnd::DeclinedByTeam)),
            "/how",
            "One-to-one support is either made known to the team (`done`) or not needed.",
        );
        faults.require(
            !(one_to_one && self.note.is_some()),
            "/note",
            ONE_TO_ONE_HAS_NO_TEXT,
        );
        faults.require(
            !(self.how == OfferEnd::Done && offer.row().has_sessions()),
            "/how",
            "An offer of this kind is done when a session of it was held and recorded.",
        );
        faults.require(
            self.owner.is_some() == handed_over,
            "/owner",
            "Give the role that takes it on when, and only when, it is handed over.",
        );
        faults.require(
            self.due.is_some() == handed_over,
            "/due",
            "Give a due date when, and only when, it is handed over.",
        );
        let today = day_in_london(context.now);
        faults.require(
            self.due.is_none_or(|due| due.0 >= today),
            "/due",
            "Give a day that is not in the past.",
        );
        faults.settle()
    }
}

/// Records that what was handed over was done. Possible after the case was closed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteHandover {
    /// Which offer.
    pub offer: OfferId,
    /// What changed, in at most 300 characters. The team's managers read it.
    #[serde(default)]
    pub what_changed: Option<Text<300>>,
}

impl CaseCommand for CompleteHandover {
    const ACT: Act = Act::CompleteHandover;
    const NAME: &'static str = "complete-handover";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let offer = known_offer(case, self.offer)?;
        if offer.state() != OfferState::HandedOver {
            let sentence = "This offer is not handed over and waiting.";
            return Err(out_of_step(case, "not_handed_over", sentence));
        }
        let event = Event::HandoverCompleted(HandoverCompleted {
            offer: self.offer,
            what_changed: self.what_changed.map(Into::into),
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

pub(crate) fn known_offer(case: &Case, id: OfferId) -> Result<&Offer, Refusal> {
    case.offer(id)
        .ok_or_else(|| Refusal::invalid("/offer", "Choose an offer of this case."))
}

#[cfg(test)]
mod tests;
