//! What a case gathers beside its support plan, each kept by the file that decides it.

use chrono::{DateTime, Utc};

use crate::action;
use crate::case::Case;
use crate::facts::{
    ActionCompleted, Ask, DefusionLogged, FollowUpAnswered, FollowUpConfirmed, IncidentLinked,
};
use crate::follow_up;
use crate::history::{Event, Fact};
use crate::ids::CaseId;
use crate::tight;

/// Beside the plan.
#[derive(Clone, Debug, Default)]
pub struct Aftercare {
    /// Defusions that were logged after the fact, in the order of logging.
    pub defusions: Vec<DefusionLogged>,
    /// What of the things that sessions asked for was done.
    pub actions_done: Vec<ActionCompleted>,
    /// Whom the lead said to ask; of several for the same follow-up the last one counts.
    pub asked: Vec<FollowUpConfirmed>,
    /// Answers to follow-ups, and when they came.
    pub answers: Vec<(FollowUpAnswered, DateTime<Utc>)>,
    /// Incidents that other cases are about too.
    pub links: Vec<IncidentLinked>,
    /// The case in which the work goes on, while this one is merged into it.
    pub merged_into: Option<CaseId>,
    /// The cases whose work goes on in this one.
    pub took_in: Vec<CaseId>,
}

impl Aftercare {
    /// Takes in one fact of the case's stream; what is not its own leaves it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        match &fact.event {
            Event::DefusionLogged(logged) => tight::add(&mut self.defusions, logged.clone()),
            Event::ActionCompleted(done) => tight::add(&mut self.actions_done, done.clone()),
            Event::FollowUpConfirmed(confirmed) => tight::add(&mut self.asked, confirmed.clone()),
            Event::FollowUpAnswered(answered) => {
                tight::add(&mut self.answers, (answered.clone(), fact.occurred_at));
            }
            Event::IncidentLinked(linked) => tight::add(&mut self.links, linked.clone()),
            Event::IncidentUnlinked(un) => {
                let same = |link: &IncidentLinked| link.shared == un.shared && link.with == un.with;
                self.links.retain(|link| !same(link));
            }
            Event::CaseMerged(merged) => self.merged_into = Some(merged.into),
            Event::CaseUnmerged(_) => self.merged_into = None,
            Event::CaseTookIn(took_in) => self.took_in.push(took_in.case),
            Event::CaseGaveBack(gave) => self.took_in.retain(|case| *case != gave.case),
            _ => {}
        }
    }
}

impl Case {
    /// The commands beside the plan that can be given now.
    pub(crate) fn steps_beside(&self) -> Vec<&'static str> {
        let mut steps = Vec::new();
        if action::any_open(self) {
            steps.push("complete-action");
        }
        let open: Vec<_> = follow_up::of_case(self)
            .into_iter()
            .filter(|follow_up| follow_up.answered.is_none())
            .map(|follow_up| follow_up.confirmed.map(|confirmed| confirmed.ask))
            .collect();
        if open.contains(&None) {
            steps.push("confirm-follow-up");
        }
        if open.iter().any(|ask| matches!(ask, Some(Ask::Manager(_)))) {
            steps.push("answer-follow-up");
        }
        steps
    }
}
