//! Closing a case when nothing more is owed to the team, and opening it again.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::{Case, Stage};
use crate::facts::{CaseClosed, CaseOutcome, CaseReopened, ReopenReason};
use crate::history::Event;
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;

/// Closes a case. Every offer must have come to its end or been handed over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseCase {
    /// With what it ends.
    pub outcome: CaseOutcome,
}

impl CaseCommand for CloseCase {
    const ACT: Act = Act::CloseCase;
    const NAME: &'static str = "close";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let provided = matches!(
            self.outcome,
            CaseOutcome::SupportProvided | CaseOutcome::SupportProvidedAndHandedOver
        );
        if provided && case.offers.is_empty() {
            return Err(Refusal::invalid(
                "/outcome",
                "No support was planned. Choose another outcome.",
            ));
        }
        must_be_open(case)?;
        let open: Vec<_> = case
            .offers
            .iter()
            .filter(|offer| offer.state().is_open())
            .map(|offer| offer.row().label)
            .collect();
        if !open.is_empty() {
            let sentence = format!(
                "Still open: {}. Record, end or hand over each before closing.",
                open.join("; ")
            );
            return Err(out_of_step(case, "offers_open", sentence));
        }
        let event = Event::CaseClosed(CaseClosed {
            outcome: self.outcome,
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

/// Opens a closed case again. What happened stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReopenCase {
    /// Why.
    pub reason: ReopenReason,
}

impl CaseCommand for ReopenCase {
    const ACT: Act = Act::ReopenCase;
    const NAME: &'static str = "reopen";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if case.stage() != Stage::Closed {
            return Err(out_of_step(case, "not_closed", "This case is not closed."));
        }
        let event = Event::CaseReopened(CaseReopened {
            reason: self.reason,
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}
