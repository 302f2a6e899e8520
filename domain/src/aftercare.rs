//! What a case gathers beside its support plan, each kept by the file that decides it.

use crate::facts::DefusionLogged;
use crate::history::{Event, Fact};

/// Beside the plan.
#[derive(Clone, Debug, Default)]
pub struct Aftercare {
    /// Defusions that were logged after the fact, in the order of logging.
    pub defusions: Vec<DefusionLogged>,
}

impl Aftercare {
    /// Takes in one fact of the case's stream; what is not its own leaves it as it is.
    pub fn evolve(&mut self, fact: &Fact) {
        if let Event::DefusionLogged(logged) = &fact.event {
            self.defusions.push(logged.clone());
        }
    }
}
