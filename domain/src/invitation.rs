//! What facilitators say: that they will come, that they cannot, that they are not neutral.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::calendar::day_in_london;
use crate::case::Case;
use crate::change_session::must_be_to_come;
use crate::directory_facts::Role;
use crate::facts::{FacilitatorAnswered, InvolvementDeclared};
use crate::history::{Event, Who};
use crate::ids::{PersonId, SessionId};
use crate::pathway::{CaseCommand, Context, Decision, Happened, must_be_open, out_of_step};
use crate::policy::Act;
use crate::refusal::Refusal;

/// Answers an invitation. A decline releases nothing by itself: the lead sees it and acts.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerInvitation {
    /// Which session.
    pub session: SessionId,
    /// Will you come?
    pub accept: bool,
}

impl CaseCommand for AnswerInvitation {
    const ACT: Act = Act::AnswerInvitation;
    const NAME: &'static str = "answer-invitation";

    fn session(&self) -> Option<SessionId> {
        Some(self.session)
    }

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let me = person(context)?;
        let mine = case
            .session(self.session)
            .filter(|(_, session)| session.arranged.facilitators.contains(&me));
        let Some((_, session)) = mine else {
            let sentence = "Choose a session that you are asked to hold.";
            return Err(Refusal::invalid("/session", sentence));
        };
        must_be_open(case)?;
        must_be_to_come(case, session)?;
        let answered = Event::FacilitatorAnswered(FacilitatorAnswered {
            session: self.session,
            facilitator: me,
            accept: self.accept,
        });
        Ok(vec![Happened::to_case(case.case, context.now, answered)])
    }
}

/// Declares a facilitator too close to what happened to be neutral.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareInvolved {
    /// Whom; yourself if absent. Only a lead can declare it of someone else.
    #[serde(default)]
    pub person: Option<PersonId>,
}

impl CaseCommand for DeclareInvolved {
    const ACT: Act = Act::DeclareInvolved;
    const NAME: &'static str = "declare-involved";

    fn decide(self, case: &Case, context: &Context<'_>) -> Decision {
        let me = person(context)?;
        let facilitator = self.person.unwrap_or(me);
        if facilitator != me && !context.every_session {
            let sentence = "You can declare this of yourself only.";
            return Err(Refusal::invalid("/person", sentence));
        }
        let today = day_in_london(context.now);
        if !context
            .directory
            .holds(facilitator, Role::Facilitator, today)
        {
            return Err(Refusal::invalid("/person", "Choose a facilitator."));
        }
        must_be_open(case)?;
        if case.involved.contains(&facilitator) {
            let sentence = "This was already declared.";
            return Err(out_of_step(case, "already_declared", sentence));
        }
        let declared = Event::InvolvementDeclared(InvolvementDeclared { facilitator });
        Ok(vec![Happened::to_case(case.case, context.now, declared)])
    }
}

fn person(context: &Context<'_>) -> Result<PersonId, Refusal> {
    match context.who {
        Who::Person(person) => Ok(person),
        Who::Operator | Who::Program => Err(Refusal::NotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arrange::ArrangeSession;
    use crate::given::sessions::{LEAD, ONE, OTHER, World, pointers};

    fn arranged() -> World {
        let mut world = World::new();
        let body = world.session(9, &[ONE]);
        world.when::<ArrangeSession>(LEAD, body).unwrap();
        world
    }

    #[test]
    fn only_whoever_is_asked_can_answer_and_the_last_answer_counts() {
        let mut world = arranged();
        let answer = |accept| json!({ "session": world.last(), "accept": accept });
        let (yes, no) = (answer(true), answer(false));
        let other = world.when::<AnswerInvitation>(OTHER, yes.clone());
        assert_eq!(pointers(&other), ["/session"]);
        for body in [yes, no] {
            world.when::<AnswerInvitation>(ONE, body).unwrap();
        }
        let (_, session) = world.case().session(world.last()).unwrap();
        assert_eq!(session.answers, [(ONE, false)]);
        assert!(
            !world.diaries.of(ONE).is_empty(),
            "a decline releases nothing"
        );
    }

    #[test]
    fn facilitators_declare_of_themselves_and_leads_of_anyone() {
        let mut world = arranged();
        let of_other = json!({ "person": OTHER });
        let refused = world.when::<DeclareInvolved>(ONE, of_other.clone());
        assert_eq!(pointers(&refused), ["/person"]);
        world.when::<DeclareInvolved>(ONE, json!({})).unwrap();
        world.when::<DeclareInvolved>(LEAD, of_other).unwrap();
        assert_eq!(world.case().involved, [ONE, OTHER]);
    }
}
