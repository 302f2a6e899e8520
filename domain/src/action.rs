//! What is to be done by a role by a day: agreed in a session, or an offer that was handed over.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::case::{Case, Offer, OfferState, Session, SessionOutcome};
use crate::facts::{ActionCompleted, PracticalAction};
use crate::history::Event;
use crate::ids::ActionId;
use crate::offer::OwnerRole;
use crate::pathway::{CaseCommand, Context, Decision, Happened, out_of_step};
use crate::personal::Personal;
use crate::policy::Act;
use crate::refusal::Refusal;
use crate::text::Text;

/// Where an action stands; being overdue is computed, never recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum ActionState {
    Open,
    Overdue,
    Done,
}

/// Where an action comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source<'c> {
    /// A session asked for it.
    Session(&'c Session, &'c PracticalAction),
    /// An offer was handed over.
    HandedOver(&'c Offer),
}

/// One action of a case.
#[derive(Clone, Debug)]
pub struct Action<'c> {
    /// Where it comes from.
    pub source: Source<'c>,
    /// Which role does it.
    pub owner: OwnerRole,
    /// By when.
    pub due: NaiveDate,
    /// Where it stands.
    pub state: ActionState,
    /// What changed, once it was done.
    pub what_changed: Option<&'c Personal<String>>,
}

/// Every action of a case: those of its sessions, then the offers that were handed over.
pub fn of_case(case: &Case, now: DateTime<Utc>) -> Vec<Action<'_>> {
    let today = day_in_london(now);
    let state = |done: bool, due: NaiveDate| match done {
        true => ActionState::Done,
        false if due < today => ActionState::Overdue,
        false => ActionState::Open,
    };
    let agreed = agreed(case).map(|(session, action)| {
        let done = done(case, action.action);
        Action {
            source: Source::Session(session, action),
            owner: action.owner,
            due: action.due,
            state: state(done.is_some(), action.due),
            what_changed: done.and_then(|done| done.what_changed.as_ref()),
        }
    });
    let handed_over = case.offers.iter().filter_map(|offer| {
        let ended = offer.ended.as_ref()?;
        let (owner, due) = (ended.owner?, ended.due?);
        let done = offer.state() == OfferState::HandedOverAndDone;
        Some(Action {
            source: Source::HandedOver(offer),
            owner,
            due,
            state: state(done, due),
            what_changed: offer
                .completed
                .as_ref()
                .and_then(|done| done.what_changed.as_ref()),
        })
    });
    agreed.chain(handed_over).collect()
}

/// Is anything that a session asked for still to be done?
pub(crate) fn any_open(case: &Case) -> bool {
    agreed(case).any(|(_, action)| done(case, action.action).is_none())
}

/// What became of an action that a session asked for, once it was done.
pub fn done(case: &Case, action: ActionId) -> Option<&ActionCompleted> {
    let completed = &case.aftercare.actions_done;
    completed.iter().find(|done| done.action == action)
}

fn agreed(case: &Case) -> impl Iterator<Item = (&Session, &PracticalAction)> {
    case.sessions().flat_map(|(_, session)| {
        let actions = match &session.outcome {
            Some(SessionOutcome::Held { record, .. }) => record.actions.as_slice(),
            _ => &[],
        };
        actions.iter().map(move |action| (session, action))
    })
}

/// Records that something a session asked for was done. Possible after the case was closed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteAction {
    /// Which action.
    pub action: ActionId,
    /// What changed, in at most 300 characters. The team's managers read it. Please name nobody.
    #[serde(default)]
    pub what_changed: Option<Text<300>>,
}

impl CaseCommand for CompleteAction {
    const ACT: Act = Act::CompleteAction;
    const NAME: &'static str = "complete-action";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        if !agreed(case).any(|(_, action)| action.action == self.action) {
            return Err(Refusal::invalid(
                "/action",
                "Choose an action of this case.",
            ));
        }
        if done(case, self.action).is_some() {
            let sentence = "This action is already done.";
            return Err(out_of_step(case, "action_done", sentence));
        }
        let event = Event::ActionCompleted(ActionCompleted {
            action: self.action,
            what_changed: self.what_changed.map(Into::into),
        });
        Ok(vec![Happened::to_case(case.case, context.now, event)])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::given::cases::{Given, LEAD, MANAGER, at, held_case};
    use crate::ids::CaseId;

    fn given_an_action() -> (Given, CaseId, ActionId) {
        let mut given = Given::at(at(1, 0));
        let case = held_case(&mut given, "petr_debrief", at(0, 0), 9);
        let action = agreed(given.case(case)).next().unwrap().1.action;
        (given, case, action)
    }

    #[test]
    fn an_action_is_overdue_the_day_after_it_was_due_and_not_before() {
        let (mut given, case, _) = given_an_action();
        let state = |given: &Given| of_case(given.case(case), given.now)[0].state;
        given.now = at(20, 10);
        assert_eq!(state(&given), ActionState::Open);
        given.now = at(21, 0);
        assert_eq!(state(&given), ActionState::Overdue);
    }

    #[test]
    fn a_manager_completes_an_action_once_and_says_what_changed() {
        let (mut given, case, action) = given_an_action();
        let body = json!({ "action": action, "what_changed": "The number is on the wall." });
        given
            .gives::<CompleteAction>(MANAGER, case, body.clone())
            .unwrap();
        let done = &of_case(given.case(case), given.now)[0];
        assert_eq!(done.state, ActionState::Done);
        assert!(done.what_changed.is_some());
        let again = given.gives::<CompleteAction>(LEAD, case, body);
        assert!(matches!(
            again,
            Err(Refusal::OutOfStep {
                code: "action_done",
                ..
            })
        ));
    }

    #[test]
    fn an_action_of_no_session_of_the_case_is_refused() {
        let (mut given, case, _) = given_an_action();
        let body = json!({ "action": "00000000-0000-4000-8000-000000000001" });
        let refused = given.gives::<CompleteAction>(LEAD, case, body);
        assert!(matches!(refused, Err(Refusal::Invalid(_))));
    }
}
