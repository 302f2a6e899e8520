//! What a case gathers beside its support plan, each kept by the file that decides it.

use crate::action;
use crate::case::Case;
use crate::facts::{ActionCompleted, DefusionLogged};
use crate::history::{Event, Fact};

/// Beside the plan.
#[derive(Clone, Debug, Default)]
pub struct Aftercare {
    /// Defusions that were logged after the fact, in the order of logging.
    pub defusions: Vec<DefusionLogged>,
    /// What of the things that sessions asked for was done.
    pub actions_done: Vec<ActionCompleted>,
}

impl Aftercare {
    /// Takes in one fact of the case's stream; what is not its own leaves it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        match &fact.event {
            Event::DefusionLogged(logged) => self.defusions.push(logged.clone()),
            Event::ActionCompleted(done) => self.actions_done.push(done.clone()),
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
        steps
    }
}
