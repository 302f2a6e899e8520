//! Merging a case into another one, which can be undone; what happened stays where it happened.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::case::{Case, OfferState, Stage};
use crate::facts::{CaseGaveBack, CaseMerged, CaseTookIn, CaseUnmerged};
use crate::history::Event;
use crate::ids::CaseId;
use crate::link::other;
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;

/// Merges this case into another one, in which the work goes on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeCase {
    /// The case in which the work goes on.
    pub into: CaseId,
}

impl CaseCommand for MergeCase {
    const ACT: Act = Act::MergeCase;
    const NAME: &'static str = "merge";

    fn also(&self) -> Vec<CaseId> {
        vec![self.into]
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let into = other(case, self.into, context, "/into")?;
        if into.stage() == Stage::Merged {
            let sentence = "That case is itself merged into another one. Choose that one.";
            return Err(out_of_step(case, "into_merged", sentence));
        }
        if case
            .offers
            .iter()
            .any(|o| o.state() == OfferState::Arranged)
        {
            let sentence = "A session is still to come. Record it, or that it was not held, first.";
            return Err(out_of_step(case, "session_open", sentence));
        }
        let merged = Event::CaseMerged(CaseMerged { into: into.case });
        let took_in = Event::CaseTookIn(CaseTookIn { case: case.case });
        Ok(vec![
            Happened::to_case(case.case, context.now, merged),
            Happened::to_case(into.case, context.now, took_in),
        ])
    }
}

/// Undoes a merge: the case stands where it stood.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmergeCase {}

impl CaseCommand for UnmergeCase {
    const ACT: Act = Act::UnmergeCase;
    const NAME: &'static str = "unmerge";
    const WHILE_MERGED: bool = true;

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let Some(from) = case.aftercare.merged_into else {
            let sentence = "This case is not merged into another one.";
            return Err(out_of_step(case, "not_merged", sentence));
        };
        let unmerged = Event::CaseUnmerged(CaseUnmerged { from });
        let gave_back = Event::CaseGaveBack(CaseGaveBack { case: case.case });
        Ok(vec![
            Happened::to_case(case.case, context.now, unmerged),
            Happened::to_case(from, context.now, gave_back),
        ])
    }
}

/// Refuses what is asked of a merged case; names the other one only to whoever may see it.
pub(crate) fn merged(case: &Case, context: &Context<'_>) -> Refusal {
    let known = case.aftercare.merged_into.and_then(|id| context.other(id));
    let sentence = known.map_or("This case was merged into another one.".into(), |other| {
        format!("This case was merged into {}.", other.request.reference)
    });
    out_of_step(case, "case_merged", sentence)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::defusion::LogDefusion;
    use crate::given::cases::{Given, LEAD, at, team_case};

    #[test]
    fn a_merged_case_takes_nothing_but_being_unmerged_and_then_stands_where_it_stood() {
        let mut given = Given::at(at(1, 0));
        let case = team_case(&mut given, at(0, 0));
        let into = team_case(&mut given, at(0, 0));
        let before = given.case(case).stage();
        given
            .gives::<MergeCase>(LEAD, case, json!({ "into": into }))
            .unwrap();
        assert_eq!(given.case(case).stage(), Stage::Merged);
        let body = json!({ "held_at": at(0, 1), "led_by": "manager", "headcount": "1-5" });
        let refused = given.gives::<LogDefusion>(LEAD, case, body);
        assert!(matches!(
            refused,
            Err(Refusal::OutOfStep {
                code: "case_merged",
                ..
            })
        ));
        given.gives::<UnmergeCase>(LEAD, case, json!({})).unwrap();
        assert_eq!(given.case(case).stage(), before);
        assert!(given.case(into).aftercare.took_in.is_empty());
    }

    #[test]
    fn two_cases_are_never_merged_into_each_other() {
        let mut given = Given::at(at(1, 0));
        let case = team_case(&mut given, at(0, 0));
        let into = team_case(&mut given, at(0, 0));
        given
            .gives::<MergeCase>(LEAD, case, json!({ "into": into }))
            .unwrap();
        let back = given.gives::<MergeCase>(LEAD, into, json!({ "into": case }));
        assert!(matches!(
            back,
            Err(Refusal::OutOfStep {
                code: "into_merged",
                ..
            })
        ));
    }
}
