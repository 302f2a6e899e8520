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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::given::*;
    use crate::plan::EndOffer;
    use crate::session::RecordSession;

    fn with(outcome: &str) -> Value {
        json!({ "outcome": outcome })
    }

    #[test]
    fn a_case_without_offers_closes_with_anything_but_support() {
        for outcome in [
            "advice_given",
            "redirected",
            "declined_by_team",
            "not_needed",
        ] {
            events(Given::an_open_case().when::<CloseCase>(with(outcome)));
        }
        for outcome in ["support_provided", "support_provided_and_handed_over"] {
            let decision = Given::an_open_case().when::<CloseCase>(with(outcome));
            assert_eq!(faults(decision), ["/outcome"]);
        }
    }

    #[test]
    fn every_offer_that_is_open_is_named_before_closing() {
        let (given, ..) = Given::a_session();
        let Err(Refusal::OutOfStep {
            code,
            sentence,
            next,
            ..
        }) = given.when::<CloseCase>(with("support_provided"))
        else {
            panic!("it closed");
        };
        assert_eq!(code, "offers_open");
        assert!(sentence.contains("PETR debrief"), "{sentence}");
        assert_eq!(next, given.case().next_steps());
    }

    #[test]
    fn given_offers_that_came_to_their_end_when_it_is_closed_then_it_is() {
        let (given, _, session) = Given::a_session();
        let given = given.on_day(5).after::<RecordSession>(record(&session));
        let given = given.after::<CloseCase>(with("support_provided"));
        assert_eq!(given.case().stage(), Stage::Closed);
        assert_eq!(
            code_of(given.when::<CloseCase>(with("support_provided"))),
            "case_closed"
        );
    }

    #[test]
    fn what_was_handed_over_holds_no_case_open() {
        let (given, offer) = Given::an_offer("liaison");
        let given = given.after::<EndOffer>(json!({
            "offer": offer, "how": "handed_over", "owner": "estates", "due": "2026-04-01"
        }));
        events(given.when::<CloseCase>(with("support_provided_and_handed_over")));
    }

    #[test]
    fn a_case_that_nobody_triaged_is_not_closed() {
        let decision = Given::a_case().when::<CloseCase>(with("not_needed"));
        assert_eq!(code_of(decision), "not_triaged");
    }

    #[test]
    fn only_a_closed_case_is_opened_again_and_what_happened_stays() {
        let reopen = json!({ "reason": "something_new_happened" });
        let (given, offer) = Given::an_offer("training");
        assert_eq!(
            code_of(given.when::<ReopenCase>(reopen.clone())),
            "not_closed"
        );
        let given = given.after::<EndOffer>(json!({ "offer": offer, "how": "done" }));
        let given = given.after::<CloseCase>(with("support_provided"));
        let given = given.after::<ReopenCase>(reopen);
        assert_eq!(given.case().stage(), Stage::Open);
        assert_eq!(given.case().offers.len(), 1);
    }
}
